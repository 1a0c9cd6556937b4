#include "stages/verify/profile.hpp"

#include "config/directory_paths.hpp"
#include "os/file.hpp"

namespace hangu::stages {

os::Profile verify_profile(const line::StageContext& context) {
  os::Profile profile = line::stage_profile(context);
  profile.paths.push_back({context.layout.anchors(), os::PathUse::read});
  // Which is there where a directory is configured, and keeps the node register.
  const std::string directory = config::directory_folder(context.layout);
  if (os::open_folder(directory)) profile.paths.push_back({directory, os::PathUse::read});
  return profile;
}

}  // namespace hangu::stages
