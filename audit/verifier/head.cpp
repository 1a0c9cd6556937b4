#include "audit/verifier/head.hpp"

#include <algorithm>

namespace hangu_verify {
namespace {

constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 32;

}  // namespace

std::optional<Note> read_head(const Request& request, const LogFiles& files, Report& report) {
  const auto bytes = files.read("checkpoint");
  if (!bytes) {
    report.worsen(Finding::cannot_tell, {"checkpoint-missing", {}, {request.folder}});
    return std::nullopt;
  }
  auto head = read_note(*bytes);
  if (!head) {
    report.worsen(Finding::tampered, {"note-malformed", {}, {"checkpoint"}, "checkpoint"});
    return std::nullopt;
  }
  if (head->checkpoint.size > kEntriesMax) {
    report.worsen(Finding::cannot_tell,
                  {"log-too-large", {}, {std::to_string(head->checkpoint.size)}});
    return std::nullopt;
  }
  if (!request.key) report.worsen(Finding::cannot_tell, {"key-missing"});
  report.checkpoint = *bytes;
  return head;
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
