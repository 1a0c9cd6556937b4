#pragma once
// Pruner: carries out a prune order beside the log's work, a piece at a time: read what is to go,
// keep what it told, write "log.pruned", and delete once that is published.
// docs/protocols/audit-log.md §11.

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "audit/order_desk.hpp"
#include "audit/pruning.hpp"
#include "audit/witnessing.hpp"
#include "audit/writer.hpp"

namespace hangu::audit {

/// Thread: one, the writer's. What is kept of the entries is sorted, written and synced by a thread
/// of its own, because it may take a minute; the destructor waits for it.
class Pruner {
 public:
  /// `log` is the log's folder. Entries younger than `months` stay.
  Pruner(std::unique_ptr<Folder> log, unsigned months, std::uint64_t keys_max = kPrunedKeysMax)
      : log_(std::move(log)), months_(months), keys_max_(keys_max) {}

  /// Begins to carry out `order`.
  /// Errors: Forbidden "prune-too-young" (inside the retention, by the proved time of the last
  /// entry that would go), "prune-too-far" (not published, or of the present epoch),
  /// "prune-unwitnessed" (the policy demands witnesses, and no quorum saw it), "prune-needless"
  /// (the entries are gone already); Unavailable "prune-busy" (with another order); those of the
  /// log.
  [[nodiscard]] Done take(const GivenOrder& order, const Writer& writer, WallTime now,
                          const Witnessed& witnessed = {});
  /// The next piece; does nothing when there is none. Errors: those of writer, log and files, and
  /// of PruneReading; Exhausted "prune-no-room" (the disk has no room for what is kept): what is
  /// half done is taken up at the next start.
  [[nodiscard]] Done step(Writer& writer);
  [[nodiscard]] bool busy() const { return reading_ || keeping_.valid() || removing_; }
  /// True while what is kept is written beside.
  [[nodiscard]] bool keeps() const { return keeping_.valid(); }
  /// True when step() has work now, and need not wait for anybody.
  [[nodiscard]] bool ready(const Writer& writer) const;
  /// What this pruner and the log know of an order.
  [[nodiscard]] OrderStanding standing_of(std::string_view envelope, const Writer& writer) const;

 private:
  /// Bundles below `before` go, once `told` entries are published.
  struct Removing {
    std::uint64_t before = 0;
    std::uint64_t at = 0;
    std::uint64_t told = 0;
  };
  [[nodiscard]] Done read_on(const Writer& writer);
  [[nodiscard]] Done begin_removing(Writer& writer);
  [[nodiscard]] Done remove_on(Writer& writer);

  std::unique_ptr<Folder> log_;
  unsigned months_;
  std::uint64_t keys_max_;
  std::string order_;  ///< the envelope of what is read or kept
  std::optional<PruneReading> reading_;
  std::future<Result<Pruned>> keeping_;
  std::optional<Removing> removing_;
};

}  // namespace hangu::audit
