#include "stages/transform/profile.hpp"

namespace hangu::stages {

std::string transform_worker_socket(const line::StageContext& context) {
  return context.layout.socket("worker", context.program);
}

os::Profile transform_profile(const line::StageContext& context) {
  os::Profile profile = line::stage_profile(context);
  profile.paths.push_back({transform_worker_socket(context), os::PathUse::connect});
  return profile;
}

}  // namespace hangu::stages
