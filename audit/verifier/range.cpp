#include "audit/verifier/range.hpp"

#include <algorithm>

#include "audit/verifier/entries.hpp"
#include "audit/verifier/head.hpp"
#include "audit/verifier/parallel.hpp"
#include "audit/verifier/prefix.hpp"
#include "audit/verifier/tiled_keys.hpp"

namespace hangu_verify {
namespace {

class Check {
 public:
  explicit Check(const Request& request)
      : request_(request), files_(request.folder), quorum_(request.policy), entries_(report_) {}

  Report run(std::uint64_t from, std::uint64_t to) {
    const auto head = read_head(request_, files_, report_);
    if (!head) return std::move(report_);
    const Checkpoint& checkpoint = head->note.checkpoint;
    size_ = checkpoint.size;
    root_ = checkpoint.root;
    TileTree tiles(files_, size_);
    const KeyHistory keys = keys_by_tiles(request_, {{files_, *head}});
    check_beside(request_, *head, {checkpoint, tiles}, keys, quorum_, report_);
    keys.judge_given(true, report_);
    quorum_.judge(request_, files_, size_, report_);
    if (from >= to || to > size_) {
      report_.worsen(
          to > size_ && from < to ? Finding::truncated : Finding::cannot_tell,
          {"range-outside", {}, {std::to_string(from), std::to_string(to), std::to_string(size_)}});
      return std::move(report_);
    }
    walk(from / kTileWidth, (to + kTileWidth - 1) / kTileWidth, tiles);
    report_.root = to_hex(root_);
    tell_since(files_, size_, report_);
    return std::move(report_);
  }

 private:
  void walk(std::uint64_t first, std::uint64_t end, TileTree& tiles) {
    const FileIndex no_files({});
    const BundleReader reader(files_, no_files, size_, request_.stage_keys);
    entries_.begin_at(first * kTileWidth, {});
    const auto read = [&](std::uint64_t i) {
      Bundle bundle = reader.read_entries(first + i);
      for (const std::string_view entry : bundle.entries)
        bundle.facts.push_back(read_facts(entry, request_.stage_keys));
      return bundle;
    };
    in_order(end - first, std::max(request_.threads, 1U), read,
             [&](std::uint64_t i, Bundle&& bundle) { return take(first + i, bundle, tiles); });
  }

  bool take(std::uint64_t number, const Bundle& bundle, TileTree& tiles) {
    const auto missing = [&](const std::string& path) {
      report_.not_from(bundle.first);
      report_.worsen(Finding::truncated, {"file-missing", {}, {path}, path});
      return false;
    };
    if (bundle.state == Bundle::State::missing) return missing(bundle.path);
    if (bundle.state == Bundle::State::ends_early) {
      report_.bad_entry(bundle.first + bundle.entries.size(), "bundle-short", {bundle.path},
                        bundle.path, bundle.offset_of(bundle.entries.size()));
      return false;
    }
    if (bundle.has_rest)
      report_.bad_entry(bundle.first + bundle.entries.size() - 1, "bundle-long", {bundle.path},
                        bundle.path, bundle.offset_of(bundle.entries.size()));
    const auto path = tiles.path_of_bundle(number);
    if (!path) return missing(tiles.unread());
    const std::uint64_t bundles = (size_ + kTileWidth - 1) / kTileWidth;
    if (!leads_to(bundle.root, number, bundles, *path, root_))
      report_.bad_entry(bundle.first, "range-wrong", {bundle.path}, bundle.path, 0);
    for (std::size_t i = 0; i < bundle.entries.size(); ++i) entries_.see({bundle, i, report_});
    report_.entries += bundle.entries.size();
    return true;
  }

  const Request& request_;
  LogFiles files_;
  Report report_;
  Quorum quorum_;
  Entries entries_;
  std::uint64_t size_ = 0;
  Hash root_{};
};

}  // namespace

Report check_range(const Request& request, std::uint64_t from, std::uint64_t to) {
  return Check(request).run(from, to);
}

}  // namespace hangu_verify
