// search_bench: an auditor's index over a log of many entries: how quickly it is made, and how
// quickly it answers, beside the limit of a second.
//
// usage: search_bench [ENTRIES] [FOLDER]   (default: 1000000, a folder below the temporary one)
//
// A log that stands in FOLDER/log already is used as it is, and kept.
//
// Cold: the pages of the index were dropped from the kernel's cache (posix_fadvise) and SQLite's
// own cache is empty. Warm: the same question again. The log needs about 1.1 KB an entry and the
// index 150 bytes; both are removed at the end.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "audit/search/builder.hpp"
#include "audit/search/verified.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "tests/support/story_log.hpp"

namespace {

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::search;
using audit::test::StoryLog;

constexpr double kLimitMilliseconds = 1000;
constexpr std::uint64_t kEntriesDefault = 1'000'000;
constexpr std::size_t kShown = 50;

[[noreturn]] void stop_with(const Error& error) {
  std::fprintf(stderr, "search_bench: %s\n", error.message().c_str());
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  if (!result) stop_with(result.error());
  return *std::move(result);
}
void must(const Done& done) {
  if (!done) stop_with(done.error());
}

double milliseconds_of(const auto& act) {
  const auto start = std::chrono::steady_clock::now();
  act();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  return took.count();
}

/// Processor time of all threads so far.
double processor_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

const std::string& pick(const std::vector<std::string>& from, std::uint64_t number) {
  return from[number % from.size()];
}

/// Transfers of 40 nodes and 25 datasets over the country, one in 20 refused, one in 50 with a gap
/// before it, and a heartbeat now and then.
void make_log(const std::string& folder, std::uint64_t entries) {
  static const std::vector<std::string> kZones{"internet", "egov", "classified"};
  static const std::vector<std::string> kSecrecy{"open", "internal", "internal", "secret"};
  static const std::vector<std::string> kGrades{"general", "general", "important"};
  static const std::vector<std::string> kAreas{"110105", "310115", "440300",
                                               "510100", "65",     "3201"};
  static const std::vector<std::string> kNames{"地形图", "影像", "路网", "地名", "管线", "宗地"};
  static const std::vector<std::string> kPlaces{"北京", "上海", "深圳", "成都", "新疆", "南京"};
  static const std::vector<std::string> kReasons{"policy-no-permit", "label-too-high",
                                                 "product-unknown"};
  StoryLog log(folder, StoryLog::Signing::once);
  for (std::uint64_t n = 1; log.size() < entries; ++n) {
    audit::test::StoryTransfer story{.id = audit::test::transfer_id(n)};
    story.node = "node-" + std::to_string(n * 7 % 40);
    story.recipients = {"node-" + std::to_string(n * 11 % 40)};
    story.dataset = "dataset-" + std::to_string(n * 13 % 25);
    story.from = pick(kZones, n);
    story.to = pick(kZones, n / 3 + 1);
    story.areas = {pick(kAreas, n / 5)};
    story.secrecy = pick(kSecrecy, n / 7);
    story.grade = pick(kGrades, n / 11);
    story.objects = {pick(kPlaces, n / 5) + pick(kNames, n / 4) + "-" + std::to_string(n) +
                     ".gpkg"};
    story.actions = {"coarsen " + std::to_string(10 + n % 90) + " m"};
    story.approver = "person-" + std::to_string(n % 60);
    story.rule = "rule-" + std::to_string(n % 80);
    if (n % 20 == 0) story.refused_because = pick(kReasons, n / 20);
    if (n % 1000 == 1) story.approver_words = "应急,先行放行,事后补件";
    log.tell(story);
    if (n % 50 == 0)
      (void)log.add_event("sequence.gap", story.id, {{"node", story.node}, {"missing", n}},
                          "verify");
    if (n % 3 == 0) (void)log.add_event("heartbeat", "", {{"size", log.size()}}, "audit");
  }
  log.publish();
}

std::uint64_t bytes_below(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder))
    if (item.is_regular_file()) bytes += item.file_size();
  return bytes;
}

LogReader reader_of(const std::string& folder) {
  return must(LogReader::open(audit::test::folder_at(folder), audit::test::signer_from(0).key()));
}

/// Writes the file's pages out and drops them.
void drop_from_cache(const std::string& path) {
  const os::UniqueFd file = must(os::open_read(path));
  must(os::sync_data(file.view()));
  if (::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) != 0) std::exit(1);
}

struct Question {
  const char* name;
  std::vector<std::pair<const char*, std::string>> asked;
  bool last_day = false;
};

std::uint64_t answer(const std::string& path, const SearchQuery& query) {
  SearchIndex index = must(SearchIndex::open_made(path));
  const Asking asking = must(Asking::prepare(index, query));
  return must(asking.answer(must(asking.span(kLogSizeMax)), kShown, Order::newest_first)).count;
}

/// Asks cold and warm; true when both stay below the limit.
bool ask(const std::string& path, const Question& question, WallTime last) {
  SearchQuery query;
  for (const auto& [name, wanted] : question.asked)
    must(std::string_view(name) == "text" ? query.add_text(wanted) : query.add(name, wanted));
  if (question.last_day) query.since = last + -std::chrono::hours(24);
  std::uint64_t hits = 0;
  drop_from_cache(path);
  const double cold = milliseconds_of([&] { hits = answer(path, query); });
  const double warm = milliseconds_of([&] { hits = answer(path, query); });
  const bool met = std::max(cold, warm) < kLimitMilliseconds;
  std::printf("  %-44s %9lu hits  cold %7.1f ms (%.3f of the limit)  warm %7.1f ms (%.3f)%s\n",
              question.name, static_cast<unsigned long>(hits), cold, cold / kLimitMilliseconds,
              warm, warm / kLimitMilliseconds, met ? "" : "  MISSED");
  return met;
}

bool ask_all(const std::string& path, std::uint64_t transfers, WallTime last) {
  const std::vector<Question> questions{
      {"all refusals of one node", {{"node", "node-20"}, {"decision", "deny"}}},
      {"one transfer", {{"transfer", audit::test::transfer_id(transfers / 2)}}},
      {"one dataset into one zone, last day", {{"dataset", "dataset-3"}, {"to", "internet"}}, true},
      {"an area (a district, also what contains it)", {{"area", "651200"}}},
      {"secret and important", {{"secrecy", "secret"}, {"grade", "important"}}},
      {"one person's approvals", {{"actor", "person-17"}, {"type", "approval.given"}}},
      {"all of one type (heartbeats)", {{"type", "heartbeat"}}},
      {"one rule's refusals", {{"rule", "rule-20"}, {"decision", "deny"}}},
      {"a family of reasons", {{"reason", "policy-*"}}},
      {"Chinese, one character", {{"text", "管"}}},
      {"Chinese, two characters", {{"text", "地名"}}},
      {"Chinese, three characters, one zone pair",
       {{"text", "地形图"}, {"from", "classified"}, {"to", "internet"}}},
      {"two words, far apart", {{"text", "深圳"}, {"text", "影像"}}},
      {"rare words of a person", {{"text", "事后补件"}}},
      {"a file's name",
       {{"text", "宗地 " + std::to_string(transfers / 2 / 24 * 24 + 21) + " gpkg"}}},
      {"every entry", {}},
  };
  bool met = true;
  for (const Question& question : questions) met = ask(path, question, last) && met;
  return met;
}

void prove(const LogReader& reader, WallTime last) {
  SearchQuery query;
  must(query.add("decision", "deny"));
  for (const bool whole : {false, true}) {
    if (!whole) query.since = last + -std::chrono::hours(24);
    if (whole) query.since.reset();
    std::uint64_t scanned = 0;
    const double processor = processor_seconds();
    const double took = milliseconds_of(
        [&] { scanned = must(search_entries(reader, query, reader.size())).scanned(); });
    std::printf("verified, %s: %lu entries in %.2f s, %.0f/s, %.1f us of processor an entry\n",
                whole ? "all" : "the last day", static_cast<unsigned long>(scanned), took / 1000,
                static_cast<double>(scanned) / took * 1000,
                (processor_seconds() - processor) / static_cast<double>(scanned) * 1e6);
  }
}

int run(std::uint64_t entries, const std::filesystem::path& folder, const std::string& kept) {
  const std::string log = kept.empty() ? (folder / "log").string() : kept;
  const std::string path = (folder / "index.sqlite").string();
  const double making = milliseconds_of([&] {
    if (kept.empty()) make_log(log, entries);
  });
  const LogReader reader = reader_of(log);
  std::printf("log: %lu entries, %.0f MB, made in %.0f s\n",
              static_cast<unsigned long>(reader.size()),
              static_cast<double>(bytes_below(log)) / 1e6, making / 1000);
  const double processor = processor_seconds();
  const double building = milliseconds_of([&] {
    SearchIndex index = must(SearchIndex::open(path));
    (void)must(update_index(index, reader));
  });
  const auto index_bytes = static_cast<double>(std::filesystem::file_size(path));
  const auto count = static_cast<double>(reader.size());
  std::printf(
      "index: %.0f s, %.0f entries/s, %.1f us of processor an entry, %.0f MB, %.0f bytes an "
      "entry\n",
      building / 1000, count / building * 1000, (processor_seconds() - processor) / count * 1e6,
      index_bytes / 1e6, index_bytes / count);
  const Bundle end = must(reader.bundle(reader.bundles() - 1));
  const EntryFacts last = facts_of(end.entries().back());
  std::printf("questions (the %zu newest hits and the count of all; limit %.0f ms):\n", kShown,
              kLimitMilliseconds);
  const bool met = ask_all(path, reader.size() / 18, last.time);
  prove(reader, last.time);
  std::printf("every question within a second, cold and warm: %s\n", met ? "met" : "MISSED");
  return met ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t entries = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kEntriesDefault;
  if (entries == 0 || entries > 100'000'000) {
    std::fprintf(stderr, "usage: search_bench [ENTRIES] [FOLDER]\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::string folder = argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string();
  std::string kept = folder + "/log";
  if (argc <= 2 || !std::filesystem::exists(kept + "/checkpoint")) kept.clear();
  folder += "/search-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const int status = run(entries, folder, kept);
  std::filesystem::remove_all(folder);
  return status;
}
