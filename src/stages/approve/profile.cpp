#include "stages/approve/profile.hpp"

namespace hangu::stages {

os::Profile approve_profile(const line::StageContext& context) {
  os::Profile profile = line::stage_profile(context);
  profile.accepts = true;
  return profile;
}

}  // namespace hangu::stages
