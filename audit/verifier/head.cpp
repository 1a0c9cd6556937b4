#include "audit/verifier/head.hpp"

#include <algorithm>

namespace hangu_verify {
namespace {

constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 32;

}  // namespace

std::optional<Head> read_head(const Request& request, const LogFiles& files, Report& report,
                              const std::string& place) {
  const auto note_at = [&](const char* path, std::optional<std::string>& bytes) {
    bytes = files.read(path);
    auto note = bytes ? read_note(*bytes) : std::nullopt;
    if (bytes && !note)
      report.worsen(Finding::tampered, {"note-malformed", {}, {place + path}, place + path});
    return note;
  };
  std::optional<std::string> bytes;
  const auto witnessed = note_at(kWitnessed, bytes);
  auto head = note_at("checkpoint", bytes);
  if (!bytes) {
    report.worsen(Finding::cannot_tell, {"checkpoint-missing", {}, {files.folder()}});
    return std::nullopt;
  }
  if (!head) return std::nullopt;
  if (head->checkpoint.size > kEntriesMax) {
    report.worsen_all(Finding::tampered, check_log_line(request.key, *head, place + "checkpoint"));
    report.worsen(Finding::cannot_tell,
                  {"log-too-large", {}, {std::to_string(head->checkpoint.size)}});
    return std::nullopt;
  }
  if (!request.key) report.worsen(Finding::cannot_tell, {"key-missing"});
  report.checkpoint = *bytes;
  return Head{*std::move(head), witnessed};
}

std::vector<Remark> check_line_by(const LogKey& key, const Note& note, const std::string& path) {
  switch (check_line(note, key)) {
    case LineVerdict::good: return {};
    case LineVerdict::missing: return {{"line-missing", {}, {path, key.name}, path}};
    case LineVerdict::bad: break;
  }
  return {{"line-bad", {}, {path, key.name}, path}};
}

std::vector<Remark> check_log_line(const std::optional<LogKey>& key, const Note& note,
                                   const std::string& path) {
  if (!key) return {};
  if (note.checkpoint.origin != key->name)
    return {{"origin-other", {}, {path, note.checkpoint.origin}, path}};
  return check_line_by(*key, note, path);
}

std::string time_of(const LogFiles& files, std::uint64_t size, std::uint64_t entry) {
  if (entry >= size) return {};
  const std::uint64_t number = entry / kTileWidth;
  TileName name{"entries", number, std::min(kTileWidth, size - number * kTileWidth)};
  const std::uint64_t width = name.width;
  const auto bytes = files.read_tile(name);
  std::vector<std::string_view> entries;
  std::string_view rest;
  if (bytes) (void)read_bundle(*bytes, width, entries, rest);
  const std::uint64_t place = entry % kTileWidth;
  return place < entries.size() ? read_facts(entries[place], {}).time : std::string();
}

void tell_since(const LogFiles& files, std::uint64_t size, Report& report) {
  if (report.first_bad && *report.first_bad > 0)
    report.since = time_of(files, std::max(size, *report.first_bad), *report.first_bad - 1);
}

}  // namespace hangu_verify
