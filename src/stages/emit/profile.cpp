#include "stages/emit/profile.hpp"

namespace hangu::stages {

os::Profile emit_profile(const line::StageContext& context,
                         const std::map<ZoneId, Outbox>& outboxes) {
  os::Profile profile = line::stage_profile(context);
  for (const auto& [zone, outbox] : outboxes)
    profile.paths.push_back({context.layout.outbox(zone), os::PathUse::read_write});
  return profile;
}

}  // namespace hangu::stages
