#include "audit/verifier/walk.hpp"

#include <algorithm>
#include <iterator>

#include "audit/verifier/parallel.hpp"

namespace hangu_verify {
namespace {

void move_all(std::vector<Remark>& from, std::vector<Remark>& to) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

bool Walk::run(const FileIndex& index) {
  const BundleReader reader(files_, index, size_, request_.stage_keys);
  const std::uint64_t first = tree_.size() / kTileWidth;
  const std::uint64_t count = (size_ + kTileWidth - 1) / kTileWidth - first;
  told_ = tree_;
  keep_tree();
  bool whole = true;
  in_order(
      count, std::max(request_.threads, 1U),
      [&](std::uint64_t i) {
        return first + i < hashes_below_ ? reader.read_hashes(first + i) : reader.read(first + i);
      },
      [&](std::uint64_t, Bundle&& bundle) { return whole = take(std::move(bundle)); });
  return whole;
}

bool Walk::take(Bundle&& bundle) {
  if (bundle.state == Bundle::State::missing) {
    report_.not_from(bundle.first);
    report_.worsen(Finding::truncated, {"file-missing", {}, {bundle.path}, bundle.path});
    return false;
  }
  add(bundle);
  report_.entries += bundle.entries.size();
  if (bundle.state == Bundle::State::ends_early) {
    report_.bad_entry(tree_.size(), "bundle-short", {bundle.path}, bundle.path,
                      bundle.offset_of(bundle.entries.size()));
    return false;
  }
  if (bundle.has_rest)
    report_.bad_entry(tree_.size() - 1, "bundle-long", {bundle.path}, bundle.path,
                      bundle.offset_of(bundle.entries.size()));
  if (bundle.leaves.size() == kTileWidth) bundle_roots_.push_back(bundle.root);
  follow_told(bundle);
  move_all(bundle.wrong, wrong_);
  move_all(bundle.gone, gone_);
  move_all(bundle.beyond, beyond_);
  return true;
}

/// Entry by entry where a tree between two of them is asked for, else at once.
void Walk::add(const Bundle& bundle) {
  const bool has_entries = !bundle.facts.empty();
  const auto asks = [](const Facts& facts) { return facts.type == "epoch.close"; };
  const bool at_once = bundle.leaves.size() == kTileWidth &&
                       !is_wanted_within(bundle.first, bundle.first + kTileWidth) &&
                       std::ranges::none_of(bundle.facts, asks);
  for (std::size_t i = 0; i < bundle.leaves.size(); ++i) {
    if (has_entries) see(bundle, i);
    if (at_once) continue;
    tree_.add(bundle.leaves[i]);
    keep_tree();
  }
  if (at_once) tree_.add_subtree(bundle.root, kTileWidth);
  keep_tree();
}

void Walk::see(const Bundle& bundle, std::size_t place) {
  const Walked entry{bundle, place, report_};
  entries_.see(entry);
  if (entry.facts().is_entry) epochs_.see(entry, tree_);
  if (watcher_) watcher_(entry);
}

void Walk::follow_told(const Bundle& bundle) {
  if (bundle.told.size() != bundle.leaves.size()) told_.reset();
  if (told_ && bundle.told == bundle.leaves && bundle.leaves.size() == kTileWidth) {
    told_->add_subtree(bundle.root, kTileWidth);
  } else if (told_) {
    for (const Hash& hash : bundle.told) told_->add(hash);
  }
  if (first_difference_ || bundle.state != Bundle::State::whole) return;
  const auto [one, other] = std::ranges::mismatch(bundle.leaves, bundle.told);
  if (one == bundle.leaves.end() || other == bundle.told.end()) return;
  const auto place = static_cast<std::size_t>(one - bundle.leaves.begin());
  first_difference_ =
      Remark{"entry-changed", bundle.first + place, {}, bundle.path, bundle.offset_of(place)};
}

bool Walk::is_wanted_within(std::uint64_t from, std::uint64_t to) const {
  const auto next = wanted_.upper_bound(from);
  return next != wanted_.end() && next->first < to;
}

void Walk::keep_tree() {
  const auto wanted = wanted_.find(tree_.size());
  if (wanted != wanted_.end()) wanted->second = tree_;
}

const Frontier* Walk::tree_of(std::uint64_t size) const {
  const auto found = wanted_.find(size);
  return found == wanted_.end() || !found->second ? nullptr : &*found->second;
}

}  // namespace hangu_verify
