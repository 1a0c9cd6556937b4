#include "audit/verifier/log_check.hpp"

#include <algorithm>

#include "audit/verifier/chains.hpp"
#include "audit/verifier/folder_notes.hpp"
#include "audit/verifier/head.hpp"
#include "audit/verifier/journal.hpp"
#include "audit/verifier/pruning.hpp"

namespace hangu_verify {
namespace {

/// One run of the check; collects findings as it goes.
class Check {
 public:
  Check(const Request& request, Listing listing)
      : request_(request), files_(request.folder), lister_(listing) {}

  Report run() {
    const auto head = read_head(request_, files_, report_);
    if (!head) return std::move(report_);
    if (request_.stage_keys.empty()) report_.look("stages-missing");
    size_ = head->note.checkpoint.size;
    const FileIndex index(files_.all());
    Walk walk(request_, report_, files_, size_);
    FolderNotes notes(request_, report_, files_);
    notes.read(index, *head, walk);
    const auto segments = journal_segments(index, report_);
    if (!segments.empty()) walk.want(segments.front());
    if (const auto pruning = find_pruning(files_, index, size_))
      go_behind(*pruning, head->note.checkpoint.origin, walk);
    FutureWatch future(notes.quorum().all());
    walk.watch([&](const Walked& entry) {
      future.see(entry);
      lister_.see(entry);
    });
    whole_ = walk.run(index);
    report_.worsen_all(Finding::tampered,
                       walk.epochs().check_note(head->note, "checkpoint", walk.tree().size()));
    check_chains(files_, size_, walk.epochs(), request_.threads, report_);
    if (whole_) check_rest(head->note, index, walk, notes);
    notes.check_pins(walk);
    walk.epochs().keys().judge_given(whole_, report_);
    check_journal(
        files_, segments, head->note.checkpoint, walk.epochs().keys(),
        [&](std::uint64_t size) { return walk.tree_of(size); }, report_);
    notes.quorum().judge(request_, files_, size_, report_);
    walk.entries().tell_gaps();
    lister_.finish(walk.epochs(), report_);
    tell_since(files_, size_, report_);
    return std::move(report_);
  }

 private:
  void go_behind(const Pruning& pruning, const std::string& origin, Walk& walk) {
    const std::size_t auditors = count_auditors(pruning, origin, request_.auditors);
    if (request_.auditors.empty()) {
      report_.worsen(Finding::cannot_tell, {"prune-unproven", pruning.index});
    } else if (auditors < kAuditorsWanted) {
      report_.worsen(Finding::tampered,
                     {"prune-unsigned", pruning.index, {std::to_string(auditors)}});
    }
    walk.take_hashes_below(pruning.before / kTileWidth);
    walk.entries().begin_at(pruning.before, pruning.last_time);
    walk.epochs().begin_at(pruning.epoch);
    report_.pruned = pruning.before;
    report_.look("pruned", {std::to_string(pruning.before), pruning.last_time, pruning.archive},
                 pruning.index);
  }

  /// What can be told when all entries were there.
  void check_rest(const Note& head, const FileIndex& index, const Walk& walk, FolderNotes& notes) {
    report_.root = to_hex(walk.tree().root());
    check_tiles(index, walk);
    notes.check(walk, size_);
    if (walk.tree().root() == head.checkpoint.root) return;
    if (walk.told() && walk.told()->root() == head.checkpoint.root && walk.first_difference()) {
      const Remark& changed = *walk.first_difference();
      report_.bad_entry(*changed.entry, changed.code, {}, changed.path, changed.offset);
    } else {
      report_.not_from(notes.matched_below(size_));
    }
    report_.worsen(Finding::tampered, {"root-wrong", {}, {"checkpoint"}, "checkpoint"});
  }

  /// Every hash tile and bundle that there is, and those that the size needs.
  void check_tiles(const FileIndex& index, const Walk& walk) {
    std::vector<Remark> wrong = walk.wrong();
    std::vector<Remark> beyond = walk.beyond();
    report_.worsen_all(Finding::truncated, walk.gone());
    std::vector<std::vector<Hash>> levels{walk.bundle_roots()};  // from level 1 on
    while (levels.back().size() >= kTileWidth) levels.push_back(above(levels.back()));
    for (std::size_t i = 0; i < levels.size(); ++i) check_needed(i + 1, levels[i].size());
    for (const std::string& path : index.paths) {
      if (!path.starts_with("tile/")) continue;
      const auto name = parse_tile_path(path);
      if (!name) {
        report_.look("stray", {path});
      } else if (name->level != "0" && name->level != "entries") {
        const std::size_t level = std::stoul(name->level) - 1;
        compare_hash_tile(files_, *name, rest_of(levels, level, name->number), wrong, beyond);
      } else if (name->number * kTileWidth >= size_) {
        compare_beyond(*name, wrong, beyond);
      }
    }
    report_.worsen_all(Finding::tampered, std::move(wrong));
    for (Remark& remark : beyond) report_.worth_a_look.push_back(std::move(remark));
  }

  static std::vector<Hash> above(const std::vector<Hash>& below) {
    std::vector<Hash> out;
    for (std::size_t at = 0; at + kTileWidth <= below.size(); at += kTileWidth)
      out.push_back(root_of(std::span(below).subspan(at, kTileWidth)));
    return out;
  }

  static std::span<const Hash> rest_of(const std::vector<std::vector<Hash>>& levels,
                                       std::size_t level, std::uint64_t number) {
    if (level >= levels.size()) return {};
    const std::span<const Hash> hashes(levels[level]);
    return number >= hashes.size() ? std::span<const Hash>()
                                   : hashes.subspan(std::min(number * kTileWidth, hashes.size()));
  }

  void check_needed(std::size_t level, std::uint64_t hashes) {
    for (std::uint64_t start = 0; start < hashes; start += kTileWidth) {
      const TileName name{std::to_string(level), start / kTileWidth,
                          std::min(kTileWidth, hashes - start)};
      if (!files_.has_tile(name))
        report_.worsen(Finding::truncated, {"file-missing", {}, {name.path()}, name.path()});
    }
  }

  void compare_beyond(const TileName& name, std::vector<Remark>& wrong,
                      std::vector<Remark>& beyond) {
    if (name.level == "0") return compare_hash_tile(files_, name, {}, wrong, beyond);
    beyond.push_back({"beyond", {}, {name.path()}, name.path()});
  }

  const Request& request_;
  LogFiles files_;
  Report report_;
  Lister lister_;
  std::uint64_t size_ = 0;
  bool whole_ = false;
};

}  // namespace

Report check_log(const Request& request, Listing listing) { return Check(request, listing).run(); }

}  // namespace hangu_verify
