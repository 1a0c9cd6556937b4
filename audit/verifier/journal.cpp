#include "audit/verifier/journal.hpp"

#include <algorithm>
#include <charconv>

#include "audit/verifier/journal_records.hpp"

namespace hangu_verify {
namespace {

constexpr std::string_view kFolder = "journal/";
constexpr std::string_view kSuffix = ".wal";
constexpr std::size_t kNameDigits = 20;

std::string segment_path(std::uint64_t first) {
  const std::string digits = std::to_string(first);
  return std::string(kFolder) + std::string(kNameDigits - digits.size(), '0') + digits +
         std::string(kSuffix);
}

/// One check of a journal; stops at the first thing that is wrong.
class Check {
 public:
  Check(const LogFiles& files, const Checkpoint& head, const KeyHistory& keys, Report& report)
      : files_(files), head_(head), keys_(keys), report_(report) {}

  bool begin(std::uint64_t first, const Frontier* tree) {
    if (first > head_.size) return halt(Finding::truncated, "journal-gap", segment_path(first), {});
    if (tree == nullptr) return false;  // the published log ends before; told already
    tree_ = *tree;
    return true;
  }

  bool segment(std::uint64_t first, bool is_last) {
    path_ = segment_path(first);
    const auto bytes = files_.read(path_, kSegmentBytesMax);
    if (!bytes || bytes->size() > kSegmentBytesMax) return unread();
    JournalRecords records(*bytes);
    const auto start = records.start();
    if (!start || start->size != first) return halt(Finding::tampered, "journal-start", path_, 0);
    if (first != tree_.size()) return halt(Finding::truncated, "journal-gap", path_, 0);
    const bool chained = !previous_ || start->previous == *previous_;
    if (start->root != tree_.root() || start->origin != head_.origin || !chained)
      return halt(Finding::tampered, "journal-start", path_, 0);
    previous_ = start->previous;
    offset_ = records.offset();
    while (const auto batch = records.next()) {
      if (!add(*batch)) return false;
      offset_ = records.offset();
    }
    return end_of(records, is_last);
  }

  void finish() {
    report_.committed = tree_.size();
    if (tree_.size() < head_.size) {
      halt(Finding::truncated, "journal-behind", path_, offset_);
      return;
    }
    if (note_.empty()) return;
    const auto note = read_note(note_);
    const bool ours = note && note->checkpoint.size == tree_.size() &&
                      note->checkpoint.root == tree_.root() &&
                      note->checkpoint.origin == head_.origin;
    if (!ours || !keys_.check_log_line(*note, path_).empty())
      halt(Finding::tampered, "journal-note", path_, offset_);
  }

 private:
  bool unread() {
    report_.look("journal-unread", {path_});
    return false;
  }

  bool halt(Finding finding, const char* code, const std::string& path,
            std::optional<std::uint64_t> offset) {
    const std::uint64_t index = tree_.size();
    if (finding == Finding::tampered) report_.not_from(index);
    report_.worsen(finding, {code, index, {path}, path, offset});
    return false;
  }

  bool add(const JournalBatch& batch) {
    std::vector<std::string_view> entries;
    std::string_view rest;
    const bool whole = read_bundle(batch.bundle, batch.count, entries, rest) && rest.empty();
    if (!whole || batch.first != tree_.size() || batch.previous != *previous_)
      return halt(Finding::tampered, "journal-batch", path_, offset_);
    Frontier after = tree_;
    for (const std::string_view entry : entries) after.add(hash_leaf(entry));
    const Hash root = after.root();
    if (batch.size != after.size() || batch.root != root)
      return halt(Finding::tampered, "journal-batch", path_, offset_);
    if (after.size() == head_.size && root != head_.root)
      return halt(Finding::tampered, "journal-other", path_, offset_);
    tree_ = std::move(after);
    previous_ = batch.commit;
    note_ = batch.note;
    return true;
  }

  bool end_of(const JournalRecords& records, bool is_last) {
    if (records.left() > 0) {
      if (!is_last || !records.is_torn())
        return halt(Finding::tampered, "journal-batch", path_, offset_);
      report_.look("journal-torn", {path_, std::to_string(records.left())});
    }
    return true;
  }

  const LogFiles& files_;
  const Checkpoint& head_;
  const KeyHistory& keys_;
  Report& report_;
  Frontier tree_;
  std::optional<Hash> previous_;  ///< hash of the last COMMIT
  std::string note_;              ///< of that
  std::string path_;
  std::uint64_t offset_ = 0;  ///< of the batch that is looked at
};

}  // namespace

std::vector<std::uint64_t> journal_segments(const FileIndex& index, Report& report) {
  std::vector<std::uint64_t> firsts;
  for (const std::string& path : index.paths) {
    if (!path.starts_with(kFolder)) continue;
    const std::string_view digits = std::string_view(path).substr(
        kFolder.size(), std::min(kNameDigits, path.size() - kFolder.size()));
    std::uint64_t first = 0;
    const auto [stop, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), first);
    if (problem != std::errc{} || stop != digits.data() + digits.size() ||
        segment_path(first) != path) {
      report.look("stray", {path});
      continue;
    }
    firsts.push_back(first);
  }
  return firsts;  // by name is by number
}

void check_journal(const LogFiles& files, const std::vector<std::uint64_t>& segments,
                   const Checkpoint& head, const KeyHistory& keys,
                   const std::function<const Frontier*(std::uint64_t)>& tree_of, Report& report) {
  if (segments.empty()) return;
  Check check(files, head, keys, report);
  if (!check.begin(segments.front(), tree_of(segments.front()))) return;
  for (const std::uint64_t first : segments)
    if (!check.segment(first, first == segments.back())) return;
  check.finish();
}

}  // namespace hangu_verify
