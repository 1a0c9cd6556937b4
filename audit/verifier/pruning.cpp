#include "audit/verifier/pruning.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "audit/verifier/dsse.hpp"
#include "audit/verifier/key_history.hpp"

namespace hangu_verify {
namespace {

using nlohmann::json;

constexpr std::string_view kOrderType = "application/vnd.hangu.audit-order+json";

bool orders(std::string_view text, const Pruning& pruning, const std::string& origin) {
  const json order = parse_entry(text);
  const json act = order.is_object() ? order.value("act", json()) : json();
  return text_in(order, "order") == "prune" && text_in(order, "origin") == origin &&
         number_in(act, "before") == pruning.before && text_in(act, "archive") == pruning.archive;
}

}  // namespace

std::size_t count_auditors(const Pruning& pruning, const std::string& origin,
                           const StageKeys& auditors) {
  const auto envelope = read_envelope(pruning.order);
  if (!envelope || envelope->type != kOrderType || !orders(envelope->payload, pruning, origin))
    return 0;
  std::set<std::string> points;  // one key under two names is one auditor
  for (const auto& [name, point] : auditors)
    if (std::ranges::any_of(envelope->signatures, [&](const std::string& signature) {
          return verify_ed25519(point, envelope->signed_text(), signature);
        }))
      points.insert(point);
  return points.size();
}

std::optional<Pruning> read_pruning(std::uint64_t index, std::string_view entry) {
  const json event = event_of(entry);
  const auto before = number_in(event, "before");
  const json epoch = event.is_object() ? event.value("epoch", json()) : json();
  const auto number = number_in(epoch, "number");
  const auto first = number_in(epoch, "first");
  const auto key = key_in(epoch, "vkey", KeyKind::ed25519);
  const auto chain = hash_from_hex(text_in(event, "sm3"));
  const std::string last_time = text_in(event, "lastTime");
  LogKeys log_keys = log_keys_in(event, "vkey", "gmVkey");
  if (!before || *before % kTileWidth != 0 || *before == 0 || *before > index || !number ||
      !first || *first > *before || !key || !chain || !log_keys.key || last_time.empty())
    return std::nullopt;
  std::string order;
  (void)from_base64(text_in(event, "order"), order);
  return Pruning{.index = index,
                 .before = *before,
                 .last_time = last_time,
                 .archive = text_in(event, "archive"),
                 .order = order,
                 .epoch = {.number = *number,
                           .first = *first,
                           .key = *key,
                           .log_keys = std::move(log_keys),
                           .told_by = Remark{{}, index},
                           .chain = {*chain, *before}}};
}

std::optional<Pruning> find_pruning(const LogFiles& files, const FileIndex& index,
                                    std::uint64_t size) {
  const std::uint64_t bundles = (size + kTileWidth - 1) / kTileWidth;
  const auto is_there = [&](std::uint64_t number) {
    return files.has_tile({"entries", number, std::min(kTileWidth, size - number * kTileWidth)});
  };
  std::uint64_t kept = bundles;  // the first of those that are there to the end
  while (kept > 0 && is_there(kept - 1)) --kept;
  if (kept == 0) return std::nullopt;
  const StageKeys none;
  const BundleReader reader(files, index, size, none);
  for (std::uint64_t number = bundles; number-- > kept;) {
    const Bundle bundle = reader.read_entries(number);
    for (std::size_t i = bundle.entries.size(); i-- > 0;) {
      if (read_facts(bundle.entries[i], none).type != "log.pruned") continue;
      auto found = read_pruning(bundle.first + i, bundle.entries[i]);
      return found && found->before >= kept * kTileWidth ? found : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace hangu_verify
