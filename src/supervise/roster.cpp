#include "supervise/roster.hpp"

#include <array>

namespace hangu::supervise {
namespace {

constexpr std::array<std::string_view, 10> kMiddle{"audit",   "custodian", "worker",    "verify",
                                                   "inspect", "decide",    "transform", "check",
                                                   "approve", "emit"};
constexpr std::string_view kFirstStage = "verify";
constexpr std::array<std::string_view, 2> kHalves{"receive", "deliver"};
/// The feeder's, behind the halves of as many zones as there may be, so that no uid moves when a
/// gateway gets witnesses, or a zone.
constexpr std::uint32_t kFeederPlace = kMiddle.size() + kHalves.size() * config::kZonesMax;
/// Stages that claim work and log steps.
constexpr std::array<std::string_view, 7> kStages{"verify", "inspect", "decide", "transform",
                                                  "check",  "approve", "emit"};

/// Behind every zone half: uids of the others stay what they are.
constexpr std::uint32_t kForwardPlace = 40;
constexpr std::uint32_t kLogReadersPlace = 41;
constexpr std::uint32_t kDirectoryPlace = 42;
constexpr std::uint32_t kMosaicPlace = 43;
static_assert(kForwardPlace >= kMiddle.size() + config::kZonesMax * kHalves.size());

}  // namespace

std::vector<Member> roster(const config::Gateway& gateway) {
  std::vector<Member> out;
  std::uint32_t place = 0;
  for (const std::string_view name : kMiddle) {
    if (name == kFirstStage && gateway.directory)  // whom decide asks
      out.push_back({"directory", "hangu-directory", std::nullopt, kDirectoryPlace});
    if (name == "decide")  // its server starts before it
      out.push_back({"mosaic", "hangu-mosaic", std::nullopt, kMosaicPlace});
    out.push_back({std::string(name), "hangu-" + std::string(name), std::nullopt, place++});
  }
  for (const config::Zone& zone : gateway.zones)
    for (const std::string_view half : kHalves)
      out.push_back({std::string(half) + "." + zone.id.text(), "hangu-" + std::string(half),
                     zone.id, place++});
  if (gateway.forward)
    out.push_back({"forward", "hangu-forward", std::nullopt, kForwardPlace, true});
  if (gateway.witness)
    out.push_back(
        {"feeder", "hangu-feeder", std::nullopt, kFeederPlace, true, gateway.witness->zone});
  return out;
}

std::vector<LocalSocket> local_sockets(const config::Gateway& gateway) {
  std::vector<LocalSocket> out;
  for (const std::string_view stage : kStages) {
    out.push_back({"custodian", std::string(stage)});
    out.push_back({"audit", std::string(stage)});
  }
  out.push_back({"audit", "custodian"});
  if (gateway.witness) out.push_back({"audit", "feeder"});
  if (gateway.directory) {
    out.push_back({"audit", "directory"});
    out.push_back({"directory", "decide"});
  }
  out.push_back({"custodian", "admin"});
  out.push_back({"mosaic", "decide"});
  out.push_back({"worker", "inspect"});
  out.push_back({"worker", "transform"});
  out.push_back({"approve", "people"});
  for (const config::Zone& zone : gateway.zones) {
    out.push_back({"custodian", "receive." + zone.id.text()});
    out.push_back({"audit", "receive." + zone.id.text()});
    out.push_back({"custodian", "deliver." + zone.id.text()});
    out.push_back({"audit", "deliver." + zone.id.text()});
  }
  return out;
}

std::optional<std::uint32_t> uid_of(const config::Gateway& gateway, const std::string& member) {
  if (const auto set = gateway.uids.find(member); set != gateway.uids.end()) return set->second;
  if (gateway.uid_base == 0) return std::nullopt;
  if (member == kLogReaders) return gateway.uid_base + kLogReadersPlace;
  for (const Member& one : roster(gateway))
    if (one.name == member) return gateway.uid_base + one.place;
  return std::nullopt;  // people and administrators are the caller
}

}  // namespace hangu::supervise
