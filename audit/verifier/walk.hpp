#pragma once
// A walk over a log's bundles in order: entries hashed on many threads, judged one after the other.

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "audit/verifier/bundles.hpp"
#include "audit/verifier/entries.hpp"
#include "audit/verifier/epochs.hpp"

namespace hangu_verify {

/// Thread: one.
class Walk {
 public:
  Walk(const Request& request, Report& report, const LogFiles& files, std::uint64_t size)
      : request_(request),
        report_(report),
        files_(files),
        size_(size),
        entries_(report),
        epochs_(request, report) {}

  /// The tree of this size will be asked for.
  void want(std::uint64_t size) { wanted_.try_emplace(size); }
  /// Called with each entry as it is seen.
  void watch(std::function<void(const Walked&)> watcher) { watcher_ = std::move(watcher); }
  /// Goes on behind `tree` (whole bundles), with nothing known of what lies before.
  void begin_behind(Frontier tree) { tree_ = std::move(tree); }
  /// Bundles below `number` are read by their hash tiles alone.
  void take_hashes_below(std::uint64_t number) { hashes_below_ = number; }

  /// All bundles from where it stands on; false when one is missing or ends early.
  bool run(const FileIndex& index);

  [[nodiscard]] Entries& entries() { return entries_; }
  [[nodiscard]] Epochs& epochs() { return epochs_; }
  [[nodiscard]] const Epochs& epochs() const { return epochs_; }
  [[nodiscard]] const Frontier& tree() const { return tree_; }
  /// The tree of a wanted size, if the walk came so far.
  [[nodiscard]] const Frontier* tree_of(std::uint64_t size) const;
  /// The roots of the full bundles, from the beginning or where it began.
  [[nodiscard]] const std::vector<Hash>& bundle_roots() const { return bundle_roots_; }
  /// The tree of the hash tiles beside the entries; none when one of them was not there.
  [[nodiscard]] const std::optional<Frontier>& told() const { return told_; }
  /// Where an entry first differs from its hash tile.
  [[nodiscard]] const std::optional<Remark>& first_difference() const { return first_difference_; }
  /// What is wrong with other files of the bundles, missing, or beyond.
  [[nodiscard]] const std::vector<Remark>& wrong() const { return wrong_; }
  [[nodiscard]] const std::vector<Remark>& gone() const { return gone_; }
  [[nodiscard]] const std::vector<Remark>& beyond() const { return beyond_; }

 private:
  bool take(Bundle&& bundle);
  void see(const Bundle& bundle, std::size_t place);
  void add(const Bundle& bundle);
  void follow_told(const Bundle& bundle);
  [[nodiscard]] bool is_wanted_within(std::uint64_t from, std::uint64_t to) const;
  void keep_tree();

  const Request& request_;
  Report& report_;
  const LogFiles& files_;
  std::uint64_t size_;
  Entries entries_;
  Epochs epochs_;
  std::function<void(const Walked&)> watcher_;
  Frontier tree_;
  std::uint64_t hashes_below_ = 0;
  std::map<std::uint64_t, std::optional<Frontier>> wanted_;
  std::vector<Hash> bundle_roots_;
  std::optional<Frontier> told_;
  std::optional<Remark> first_difference_;
  std::vector<Remark> wrong_;
  std::vector<Remark> gone_;
  std::vector<Remark> beyond_;
};

}  // namespace hangu_verify
