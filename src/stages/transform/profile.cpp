#include "stages/transform/profile.hpp"

namespace hangu::stages {

os::Profile transform_profile(const line::StageContext& context) {
  os::Profile profile = line::stage_profile(context);
  profile.paths.push_back({context.worker_socket(), os::PathUse::connect});
  return profile;
}

}  // namespace hangu::stages
