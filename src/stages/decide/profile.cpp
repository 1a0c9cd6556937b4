#include "stages/decide/profile.hpp"

namespace hangu::stages {

os::Profile decide_profile(const line::StageContext& context) {
  os::Profile profile = line::stage_profile(context);
  profile.paths.push_back({context.layout.policy(), os::PathUse::read});
  profile.paths.push_back({context.layout.socket("mosaic", "decide"), os::PathUse::connect});
  return profile;
}

}  // namespace hangu::stages
