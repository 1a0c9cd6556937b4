#include "cli/witness_health.hpp"

#include "audit/disk_folder.hpp"
#include "audit/witness/files.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "cli/log_keys.hpp"
#include "config/gateway.hpp"

namespace hangu::cli {

std::string_view to_text(WitnessLevel level) {
  switch (level) {
    case WitnessLevel::fine: return "fine";
    case WitnessLevel::late: return "late";
    case WitnessLevel::alarm: return "alarm";
  }
  return "alarm";
}

wire::Json WitnessHealth::to_json() const {
  return wire::JsonObject{{"size", size},
                          {"time", time ? wire::Json(time->to_text()) : wire::Json(nullptr)},
                          {"ageSeconds", time ? wire::Json(age.count()) : wire::Json(nullptr)},
                          {"level", cli::to_text(level)}};
}

std::string WitnessHealth::to_text() const {
  if (!time) return "never";
  return "size " + std::to_string(size) + " at " + time->to_text() + ", " +
         std::to_string(age.count()) + " s ago";
}

Result<std::optional<WitnessHealth>> witness_health(const config::Layout& layout,
                                                    const Clock& clock) {
  HANGU_TRY(const config::Gateway gateway, config::Gateway::load(layout.configuration()));
  if (!gateway.witness) return std::optional<WitnessHealth>();
  HANGU_TRY(const audit::WitnessPolicy policy,
            audit::load_witness_policy(gateway.witness_policy_file()));
  if (!policy.demands_witnesses()) return std::optional<WitnessHealth>();
  HANGU_TRY(const auto keys, load_log_keys("--folder", layout.log_key()));
  HANGU_TRY(const auto folder, audit::open_disk_folder(layout.audit()));
  HANGU_TRY(const WallTime now, clock.now());
  HANGU_TRY(const auto quorum, audit::kept_quorum(*folder, policy, keys, clock));
  WitnessHealth out;
  if (!quorum) return std::optional(out);
  out.size = quorum->head.size;
  out.time = WallTime(quorum->time);
  out.age = audit::age_of(quorum->time, now);
  out.level = audit::level_of(out.age);
  return std::optional(out);
}

}  // namespace hangu::cli
