#pragma once
// Pruner: carries out a prune order beside the log's work, a piece at a time: read what is to go,
// keep what it told, write "log.pruned", and delete once that is published.
// docs/protocols/audit-log.md §11.

#include <memory>
#include <optional>
#include <string>

#include "audit/pruning.hpp"
#include "audit/writer.hpp"

namespace hangu::audit {

/// Thread: one, the writer's.
class Pruner {
 public:
  /// `log` is the log's folder. Entries younger than `months` stay.
  Pruner(std::unique_ptr<Folder> log, unsigned months) : log_(std::move(log)), months_(months) {}

  /// Begins to carry out `order`. One whose entries are gone already is done.
  /// Errors: Forbidden "prune-too-young" (inside the retention), "prune-too-far" (not published, or
  /// of the present epoch); Unavailable "prune-busy"; those of the log.
  [[nodiscard]] Done take(const GivenOrder& order, const Writer& writer, WallTime now);
  /// The next piece; does nothing when there is none. Errors: those of writer, log and files: what
  /// is half done is taken up at the next start.
  [[nodiscard]] Done step(Writer& writer);
  [[nodiscard]] bool busy() const { return reading_ || removing_; }
  /// True when step() has work now, and need not wait for anybody.
  [[nodiscard]] bool ready(const Writer& writer) const;

 private:
  /// Bundles below `before` go, once `told` entries are published.
  struct Removing {
    std::uint64_t before = 0;
    std::uint64_t at = 0;
    std::uint64_t told = 0;
  };
  std::unique_ptr<Folder> log_;
  unsigned months_;
  std::optional<PruneReading> reading_;
  std::optional<Removing> removing_;
};

}  // namespace hangu::audit
