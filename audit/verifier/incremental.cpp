#include "audit/verifier/incremental.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <nlohmann/json.hpp>

#include "audit/verifier/chains.hpp"
#include "audit/verifier/folder_notes.hpp"
#include "audit/verifier/prefix.hpp"
#include "audit/verifier/pruning.hpp"
#include "audit/verifier/tiled_keys.hpp"

namespace hangu_verify {
namespace {

using nlohmann::json;

/// The epoch that begins behind the entry `index`: genesis or an end.
std::optional<EpochState> read_epoch(std::uint64_t index, std::string_view entry) {
  const json event = event_of(entry);
  const bool begins = index == 0;
  const auto key = key_in(event, begins ? "epochVkey" : "nextVkey", KeyKind::ed25519);
  if (!key) return std::nullopt;
  EpochState out;
  out.key = *key;
  if (begins) {
    out.log_keys = log_keys_in(event, "vkey", "gmVkey");
    return out;
  }
  const auto number = number_in(event, "epoch");
  const auto chain = hash_from_hex(text_in(event, "sm3"));
  if (!number || !chain) return std::nullopt;
  out.number = *number + 1;
  out.first = index + 1;
  out.chain = {*chain, index};
  return out;
}

class Check {
 public:
  explicit Check(const Request& request) : request_(request), files_(request.folder) {}

  Report run() {
    const auto head = read_head(request_, files_, report_);
    pin_ = head ? read_note(request_.pins.front()) : std::nullopt;
    if (!head || !is_pin(*head)) return std::move(report_);
    size_ = head->note.checkpoint.size;
    pinned_ = pin_->checkpoint.size;
    if (pinned_ > size_) {
      report_.worsen(Finding::truncated, {"pin-ahead", {}, {std::to_string(pinned_)}});
      return std::move(report_);
    }
    const FileIndex index(files_.all());
    const std::uint64_t start = pinned_ / kTileWidth * kTileWidth;
    if (const auto pruning = find_pruning(files_, index, size_);
        pruning && pruning->before > start) {
      report_.worsen(Finding::cannot_tell, {"pin-pruned", {}, {std::to_string(pruning->before)}});
      return std::move(report_);
    }
    TileTree tiles(files_, size_);
    Walk walk(request_, report_, files_, size_);
    FolderNotes notes(request_, report_, files_);
    if (begin(tiles, walk)) {
      notes.read(new_notes(walk.epochs().number()), *head, walk);
      go(head->note, walk, notes);
      if (head->witnessed && head->witnessed->checkpoint.size < start)
        check_witnessed(*head->witnessed, {head->note.checkpoint, tiles}, report_);
    }
    notes.quorum().judge(request_, files_, size_, report_);
    tell_since(files_, size_, report_);
    return std::move(report_);
  }

 private:
  /// Whether it can be a pin of this log. Which key must have signed it the entries tell, and those
  /// before them where another than the given one has signed it or what is at hand.
  bool is_pin(const Head& head) {
    const KeyHistory keys = keys_by_tiles(request_, {{files_, head}});
    rolls_ = keys.rolls();
    return keys.read_pin(request_.pins.front(), report_).has_value();
  }

  /// The checkpoints that may stand behind the pin: of the epochs that end there.
  FileIndex new_notes(std::uint64_t epoch) const {
    std::vector<std::string> paths = files_.all();
    std::erase_if(paths, [&](const std::string& path) {
      std::uint64_t number = 0;
      constexpr std::string_view kFolder = "epoch/";
      if (!path.starts_with(kFolder)) return true;
      const auto [end, problem] =
          std::from_chars(path.data() + kFolder.size(), path.data() + path.size(), number);
      return problem != std::errc{} || number < epoch;
    });
    return FileIndex(std::move(paths));
  }

  /// The tree behind the last whole bundle of the pin, and what the entry and epoch before are.
  bool begin(TileTree& tiles, Walk& walk) {
    const std::uint64_t start = pinned_ / kTileWidth * kTileWidth;
    const auto tree = tiles.frontier(start);
    if (!tree) {
      report_.not_from(0);
      report_.worsen(Finding::truncated, {"file-missing", {}, {tiles.unread()}, tiles.unread()});
      return false;
    }
    walk.begin_behind(*tree);
    if (start == 0) return true;
    return find_epoch(start, *tree, walk);
  }

  /// Back from `start` to the entry that began the epoch; each bundle must be of `tree`.
  bool find_epoch(std::uint64_t start, const Frontier& tree, Walk& walk) {
    TileTree before(files_, start);
    const StageKeys none;
    const FileIndex no_files({});
    const BundleReader reader(files_, no_files, start, none);
    std::string last_time;
    for (std::uint64_t number = start / kTileWidth; number-- > 0;) {
      const Bundle bundle = reader.read_entries(number);
      const auto path = before.path_of_bundle(number);
      if (bundle.state != Bundle::State::whole || !path) {
        if (path) break;
        report_.worsen(Finding::truncated,
                       {"file-missing", {}, {before.unread()}, before.unread()});
        return false;
      }
      if (!leads_to(bundle.root, number, start / kTileWidth, *path, tree.root())) {
        report_.bad_entry(bundle.first, "range-wrong", {bundle.path}, bundle.path, 0);
        return false;
      }
      report_.entries += bundle.entries.size();
      for (std::size_t i = bundle.entries.size(); i-- > 0;) {
        const Facts facts = read_facts(bundle.entries[i], none);
        if (last_time.empty()) last_time = facts.time;
        if (facts.type != "epoch.close" && bundle.first + i > 0) continue;
        auto state = read_epoch(bundle.first + i, bundle.entries[i]);
        if (!state) break;
        const auto is_before = [&](const KeyRoll& roll) { return roll.size <= state->first; };
        std::ranges::copy_if(rolls_, std::back_inserter(state->rolls), is_before);
        walk.entries().begin_at(start, last_time);
        walk.epochs().begin_at(*std::move(state));
        return true;
      }
    }
    report_.worsen(Finding::cannot_tell, {"epoch-unknown"});
    return false;
  }

  void go(const Note& head, Walk& walk, FolderNotes& notes) {
    walk.want(pinned_);
    walk.want(size_);
    FutureWatch future(notes.quorum().all());
    walk.watch([&](const Walked& entry) { future.see(entry); });
    const bool whole = walk.run(FileIndex(new_tiles()));
    compare_pin(walk);
    report_.worsen_all(Finding::tampered,
                       walk.epochs().check_note(head, "checkpoint", walk.tree().size()));
    check_chains(files_, size_, walk.epochs(), request_.threads, report_);
    walk.epochs().keys().judge_given(whole, report_);
    walk.entries().tell_gaps();
    if (!whole) return;
    report_.root = to_hex(walk.tree().root());
    report_.worsen_all(Finding::truncated, walk.gone());
    report_.worsen_all(Finding::tampered, walk.wrong());
    for (const Remark& remark : walk.beyond()) report_.worth_a_look.push_back(remark);
    notes.check(walk, size_, false);
    if (walk.tree().root() == head.checkpoint.root) return;
    report_.not_from(walk.first_difference() ? *walk.first_difference()->entry : pinned_);
    report_.worsen(Finding::tampered, {"root-wrong", {}, {"checkpoint"}, "checkpoint"});
  }

  void compare_pin(const Walk& walk) {
    const Frontier* tree = walk.tree_of(pinned_);
    if (!walk.epochs().keys().read_pin(request_.pins.front(), report_) || tree == nullptr ||
        tree->root() == pin_->checkpoint.root)
      return;
    report_.not_from(0);
    report_.worsen(Finding::tampered, {"pin-wrong", {}, {std::to_string(pinned_)}});
  }

  /// The tiles of the bundles that are read.
  std::vector<std::string> new_tiles() const {
    std::vector<std::string> paths = files_.all();
    std::erase_if(paths, [&](const std::string& path) {
      const auto name = parse_tile_path(path);
      return !name || name->number < pinned_ / kTileWidth;
    });
    return paths;
  }

  const Request& request_;
  LogFiles files_;
  Report report_;
  std::optional<Note> pin_;
  std::vector<KeyRoll> rolls_;  ///< as far as they had to be read before
  std::uint64_t size_ = 0;
  std::uint64_t pinned_ = 0;
};

}  // namespace

Report check_since_pin(const Request& request) { return Check(request).run(); }

}  // namespace hangu_verify
