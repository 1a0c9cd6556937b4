#include "audit/verifier/folder_notes.hpp"

#include <algorithm>

#include "audit/verifier/parallel.hpp"

namespace hangu_verify {
namespace {

constexpr std::string_view kOld = "checkpoints/";
constexpr std::string_view kEpoch = "epoch/";
constexpr const char* kLineFormer = "line-former";

std::string epoch_path(std::uint64_t number) {
  return std::string(kEpoch) + std::to_string(number) + ".checkpoint";
}

}  // namespace

void FolderNotes::read(const FileIndex& index, const Head& head, Walk& walk) {
  for (const std::string& path : index.paths) {
    if (!path.starts_with(kOld) && !path.starts_with(kEpoch)) continue;
    const auto bytes = files_.read(path);
    if (const auto note = bytes ? read_note(*bytes) : std::nullopt) {
      notes_.emplace(path, *note);
    } else if (bytes || !files_.is_gone(path)) {
      report_.worsen(Finding::tampered, {"note-malformed", {}, {path}, path});
    }
  }
  quorum_.add(head.note, "checkpoint", report_);
  if (head.witnessed) {
    quorum_.add(*head.witnessed, kWitnessed, report_);
    notes_.emplace(kWitnessed, *head.witnessed);
  }
  for (const auto& [path, note] : notes_) walk.want(note.checkpoint.size);
  for (const std::string& pin : request_.pins)
    if (const auto note = read_note(pin)) walk.want(note->checkpoint.size);
}

/// A checkpoint of more entries than the log has.
void FolderNotes::check_ahead(const std::string& path, const Note& note, const KeyHistory& keys) {
  if (path != kWitnessed) return report_.look("beyond", {path});
  auto wrong = keys.check_log_line(note, path);
  if (wrong.empty())
    report_.worsen(Finding::truncated,
                   {"witness-ahead", {}, {path, std::to_string(note.checkpoint.size)}, path});
  report_.worsen_all(Finding::tampered, std::move(wrong));
}

void FolderNotes::check(const Walk& walk, std::uint64_t size, bool all) {
  const KeyHistory& keys = walk.epochs().keys();
  std::vector<const std::pair<const std::string, Note>*> within;
  for (const auto& one : notes_) {
    if (one.second.checkpoint.size > size) {
      check_ahead(one.first, one.second, keys);
    } else {
      within.push_back(&one);
    }
  }
  std::set<std::string> good;
  const auto lines = [&](std::uint64_t i) {
    const auto& [path, note] = *within[i];
    if (keys.is_before_all(note)) return std::vector<Remark>{{kLineFormer, {}, {path}, path}};
    return walk.epochs().check_note(note, path, size, path == kWitnessed);
  };
  const auto take = [&](std::uint64_t i, std::vector<Remark>&& wrong) {
    if (wrong.empty()) good.insert(within[i]->first);
    const bool untold = !wrong.empty() && wrong.front().code == kLineFormer;
    report_.worsen_all(untold ? Finding::cannot_tell : Finding::tampered, std::move(wrong));
    return true;
  };
  in_order(within.size(), std::max(request_.threads, 1U), lines, take);
  for (const auto* one : within) {
    const std::uint64_t at = one->second.checkpoint.size;
    const Frontier* tree = walk.tree_of(at);
    if (good.contains(one->first) && tree != nullptr && tree->root() == one->second.checkpoint.root)
      matched_.insert(at);
  }
  for (const auto* one : within) compare(one->first, one->second, walk);
  check_epochs(walk, all);
}

void FolderNotes::compare(const std::string& path, const Note& note, const Walk& walk) {
  const std::uint64_t size = note.checkpoint.size;
  const Frontier* tree = walk.tree_of(size);
  if (tree != nullptr && tree->root() != note.checkpoint.root) {
    report_.not_from(matched_below(size));
    report_.worsen(Finding::tampered, {"root-wrong", {}, {path}, path});
  }
  if (!path.starts_with(kOld) || path.substr(kOld.size()) == std::to_string(size)) return;
  report_.worsen(Finding::tampered,
                 {"note-size", {}, {path, std::to_string(size), path.substr(kOld.size())}, path});
}

/// epoch/<n>.checkpoint of every epoch that the entries closed; of those that were pruned, that
/// they are there.
void FolderNotes::check_epochs(const Walk& walk, bool all) {
  const std::vector<ClosedEpoch>& closed = walk.epochs().closed();
  const std::uint64_t first_seen = walk.epochs().number() - closed.size();
  for (std::uint64_t number = all ? 0 : first_seen; number < walk.epochs().number(); ++number) {
    const std::string path = epoch_path(number);
    const auto note = notes_.find(path);
    if (note == notes_.end()) {
      report_.worsen(Finding::truncated, {"file-missing", {}, {path}, path});
      continue;
    }
    if (number < first_seen) continue;
    const std::uint64_t wanted = closed[number - first_seen].size;
    const std::uint64_t size = note->second.checkpoint.size;
    if (size != wanted)
      report_.worsen(Finding::tampered,
                     {"note-size", {}, {path, std::to_string(size), std::to_string(wanted)}, path});
  }
}

void FolderNotes::check_pins(const Walk& walk) {
  for (const std::string& pin : request_.pins) {
    const auto note = walk.epochs().keys().read_pin(pin, report_);
    if (!note) continue;
    const std::uint64_t size = note->checkpoint.size;
    const Frontier* tree = walk.tree_of(size);
    if (tree == nullptr) {
      report_.worsen(Finding::truncated, {"pin-ahead", {}, {std::to_string(size)}});
    } else if (note->checkpoint.root != tree->root()) {
      report_.not_from(matched_below(size));
      report_.worsen(Finding::tampered, {"pin-wrong", {}, {std::to_string(size)}});
    } else {
      matched_.insert(size);
    }
  }
}

std::uint64_t FolderNotes::matched_below(std::uint64_t size) const {
  const auto next = matched_.lower_bound(size);
  return next == matched_.begin() ? 0 : *std::prev(next);
}

}  // namespace hangu_verify
