#include "audit/verifier/log_check.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "audit/verifier/entries.hpp"
#include "audit/verifier/epochs.hpp"
#include "audit/verifier/log_files.hpp"

namespace hangu_verify {
namespace {

using nlohmann::json;

constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 32;
constexpr std::string_view kCheckpoint = "checkpoint";

std::string_view text_of(const Hash& hash) {
  const void* start = hash.data();
  return {static_cast<const char*>(start), hash.size()};
}

/// One run of the check; collects findings as it goes.
class Check {
 public:
  explicit Check(const Request& request)
      : request_(request),
        files_(request.folder),
        entries_(request, report_),
        epochs_(request, report_) {}

  Report run() {
    const auto bytes = files_.read(std::string(kCheckpoint));
    if (!bytes) return stop(Finding::cannot_tell, "checkpoint-missing", request_.folder);
    const auto head = read_note(*bytes);
    if (!head) return stop(Finding::tampered, "note-malformed", std::string(kCheckpoint));
    if (head->checkpoint.size > kEntriesMax)
      return stop(Finding::cannot_tell, "log-too-large", std::to_string(head->checkpoint.size));
    if (!request_.key) report_.worsen(Finding::cannot_tell, {"key-missing", {}, {}});
    if (request_.stage_keys.empty()) report_.worth_a_look.push_back({"stages-missing", {}, {}});
    size_ = head->checkpoint.size;
    paths_ = files_.all();
    read_notes();
    read_entries();
    report_.entries = leaves_.size();
    epochs_.check_note(*head, std::string(kCheckpoint));
    if (leaves_.size() == size_) {
      report_.root = to_hex(frontier_.root());
      compare_root(head->checkpoint, std::string(kCheckpoint), frontier_.root());
      compare_tiles();
      compare_notes();
    }
    compare_pins();
    entries_.tell_gaps();
    return std::move(report_);
  }

 private:
  Report stop(Finding finding, const char* code, const std::string& word) {
    report_.worsen(finding, {code, {}, {word}});
    return std::move(report_);
  }

  /// Old checkpoints in the folder, and those that were kept elsewhere: their sizes say which roots
  /// are wanted.
  void read_notes() {
    for (const std::string& path : paths_) {
      if (!path.starts_with("checkpoints/") && !path.starts_with("epoch/")) continue;
      const auto bytes = files_.read(path);
      const auto note = bytes ? read_note(*bytes) : std::nullopt;
      if (!note) {
        report_.worsen(Finding::tampered, {"note-malformed", {}, {path}});
        continue;
      }
      roots_.emplace(note->checkpoint.size, Hash{});
      notes_.emplace(path, *note);
    }
    for (const std::string& pin : request_.pins)
      if (const auto note = read_note(pin)) roots_.emplace(note->checkpoint.size, Hash{});
  }

  void read_entries() {
    note_root();
    for (std::uint64_t start = 0; start < size_; start += kTileWidth) {
      TileName name{"entries", start / kTileWidth, std::min(kTileWidth, size_ - start)};
      const std::uint64_t width = name.width;
      const std::string wanted = name.path();
      const auto bundle = files_.read_tile(name);
      if (!bundle) {
        report_.first_bad = start;
        report_.worsen(Finding::truncated, {"file-missing", {}, {wanted}});
        return;
      }
      std::vector<std::string_view> entries;
      std::string_view rest;
      if (!read_bundle(*bundle, width, entries, rest))
        return report_.bad_entry(start + entries.size(), "bundle-short", {name.path()});
      for (std::uint64_t i = 0; i < width; ++i) read_entry(start + i, entries[i]);
      hashed_.insert(name.path());
      if (!rest.empty() && name.width == width)
        report_.bad_entry(start + width - 1, "bundle-long", {name.path()});
    }
  }

  void read_entry(std::uint64_t index, std::string_view text) {
    const json entry = json::parse(text, nullptr, false);
    if (const auto type = entries_.see(index, entry))
      epochs_.see(index, text, *type, entry.value("event", json()), frontier_);
    leaves_.push_back(hash_leaf(text));
    frontier_.add(leaves_.back());
    note_root();
  }

  void note_root() {
    const auto wanted = roots_.find(frontier_.size());
    if (wanted != roots_.end()) wanted->second = frontier_.root();
  }

  void compare_root(const Checkpoint& checkpoint, const std::string& path, const Hash& root) {
    if (checkpoint.root == text_of(root)) return;
    if (!report_.first_bad) report_.first_bad = 0;
    report_.worsen(Finding::tampered, {"root-wrong", {}, {path}});
  }

  /// Every hash tile and bundle that there is, and those that the size needs.
  void compare_tiles() {
    const std::vector<std::vector<Hash>> levels = tile_levels(leaves_);
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const std::uint64_t hashes = levels[level].size();
      for (std::uint64_t start = 0; start < hashes; start += kTileWidth) {
        const TileName name{std::to_string(level), start / kTileWidth,
                            std::min(kTileWidth, hashes - start)};
        if (!files_.has_tile(name))
          report_.worsen(Finding::truncated, {"file-missing", {}, {name.path()}});
      }
    }
    for (const std::string& path : paths_) {
      if (!path.starts_with("tile/")) continue;
      const auto name = parse_tile_path(path);
      if (!name) {
        report_.worth_a_look.push_back({"stray", {}, {path}});
      } else if (name->level == "entries") {
        compare_bundle(*name);
      } else {
        compare_hashes(*name, levels);
      }
    }
  }

  /// How many of `there` items from its first on a tile of this name can hold; remarked when it
  /// lies beyond them.
  std::uint64_t within(const TileName& name, std::uint64_t there) {
    const std::uint64_t first = name.number * kTileWidth;
    const std::uint64_t width = first >= there ? 0 : std::min(name.width, there - first);
    if (width < name.width) report_.worth_a_look.push_back({"beyond", {}, {name.path()}});
    return width;
  }

  void compare_bundle(const TileName& name) {
    const std::uint64_t width = within(name, leaves_.size());
    if (hashed_.contains(name.path()) && width == name.width) return;  // the root is of its entries
    const auto bundle = files_.read(name.path());
    std::vector<std::string_view> entries;
    std::string_view rest;
    if (!bundle || !read_bundle(*bundle, width, entries, rest))
      return report_.worsen(Finding::tampered, {"bundle-short", {}, {name.path()}});
    if (width == name.width && !rest.empty())
      report_.worsen(Finding::tampered, {"bundle-long", {}, {name.path()}});
    for (std::uint64_t i = 0; i < width; ++i)
      if (hash_leaf(entries[i]) != leaves_[name.number * kTileWidth + i])
        report_.worsen(Finding::tampered, {"tile-wrong", {}, {name.path(), std::to_string(i)}});
  }

  void compare_hashes(const TileName& name, const std::vector<std::vector<Hash>>& levels) {
    const auto bytes = files_.read(name.path());
    const std::size_t level = std::min<std::size_t>(std::stoull(name.level), levels.size());
    const std::vector<Hash> none;
    const std::vector<Hash>& hashes = level < levels.size() ? levels[level] : none;
    const std::uint64_t width = within(name, hashes.size());
    if (!bytes || bytes->size() != name.width * sizeof(Hash))
      return report_.worsen(Finding::tampered, {"tile-size", {}, {name.path()}});
    for (std::uint64_t i = 0; i < width; ++i)
      if (std::string_view(*bytes).substr(i * sizeof(Hash), sizeof(Hash)) !=
          text_of(hashes[name.number * kTileWidth + i]))
        report_.worsen(Finding::tampered, {"tile-wrong", {}, {name.path(), std::to_string(i)}});
  }

  /// checkpoints/<size>, and epoch/<n>.checkpoint of every epoch that the entries closed.
  void compare_notes() {
    for (const auto& [path, note] : notes_) {
      if (note.checkpoint.size > size_) {
        report_.worth_a_look.push_back({"beyond", {}, {path}});
        continue;
      }
      epochs_.check_note(note, path);
      compare_root(note.checkpoint, path, roots_.at(note.checkpoint.size));
      if (path.starts_with("checkpoints/") &&
          path != "checkpoints/" + std::to_string(note.checkpoint.size))
        report_.worsen(
            Finding::tampered,
            {"note-size", {}, {path, std::to_string(note.checkpoint.size), path.substr(12)}});
    }
    for (std::size_t n = 0; n < epochs_.closed().size(); ++n) {
      const std::string path = "epoch/" + std::to_string(n) + ".checkpoint";
      const auto note = notes_.find(path);
      const std::uint64_t size = epochs_.closed()[n].size;
      if (note == notes_.end()) {
        report_.worsen(Finding::truncated, {"file-missing", {}, {path}});
      } else if (note->second.checkpoint.size != size) {
        report_.worsen(Finding::tampered, {"note-size",
                                           {},
                                           {path, std::to_string(note->second.checkpoint.size),
                                            std::to_string(size)}});
      }
    }
    report_.epochs = epochs_.closed().size();
  }

  /// Each earlier checkpoint must be a prefix of this log.
  void compare_pins() {
    for (const std::string& pin : request_.pins) {
      const auto note = read_note(pin);
      const bool ours =
          note && (!request_.key || (note->checkpoint.origin == request_.key->name &&
                                     check_line(*note, *request_.key) == LineVerdict::good));
      if (!ours) {
        report_.worsen(Finding::cannot_tell, {"pin-unreadable", {}, {}});
        continue;
      }
      const std::string size = std::to_string(note->checkpoint.size);
      if (note->checkpoint.size > leaves_.size()) {
        report_.worsen(Finding::truncated, {"pin-ahead", {}, {size}});
      } else if (note->checkpoint.root != text_of(roots_.at(note->checkpoint.size))) {
        report_.worsen(Finding::tampered, {"pin-wrong", {}, {size}});
      }
    }
  }

  const Request& request_;
  Report report_;
  LogFiles files_;
  Entries entries_;
  Epochs epochs_;
  std::uint64_t size_ = 0;
  std::vector<std::string> paths_;
  std::set<std::string> hashed_;         ///< bundles whose entries are the leaves
  std::map<std::string, Note> notes_;    ///< by path
  std::map<std::uint64_t, Hash> roots_;  ///< of the sizes that are wanted
  std::vector<Hash> leaves_;
  Frontier frontier_;
};

}  // namespace

void Report::worsen(Finding what, Remark remark) {
  if (finding == Finding::good || what < finding) finding = what;
  remarks.push_back(std::move(remark));
}

void Report::bad_entry(std::uint64_t index, std::string code, std::vector<std::string> words) {
  if (!first_bad || index < *first_bad) first_bad = index;
  worsen(Finding::tampered, {std::move(code), index, std::move(words)});
}

Report check_log(const Request& request) { return Check(request).run(); }

}  // namespace hangu_verify
