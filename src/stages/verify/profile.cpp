#include "stages/verify/profile.hpp"

namespace hangu::stages {

os::Profile verify_profile(const line::StageContext& context) {
  os::Profile profile = line::stage_profile(context);
  profile.paths.push_back({context.layout.anchors(), os::PathUse::read});
  return profile;
}

}  // namespace hangu::stages
