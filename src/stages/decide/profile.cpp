#include "stages/decide/profile.hpp"

namespace hangu::stages {

os::Profile decide_profile(const line::StageContext& context, bool asks_directory) {
  os::Profile profile = line::stage_profile(context);
  profile.paths.push_back({context.layout.policy(), os::PathUse::read});
  profile.paths.push_back({context.layout.socket("mosaic", "decide"), os::PathUse::connect});
  if (asks_directory)
    profile.paths.push_back({context.layout.socket("directory", "decide"), os::PathUse::connect});
  return profile;
}

}  // namespace hangu::stages
