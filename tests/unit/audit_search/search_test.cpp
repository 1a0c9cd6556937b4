// Every question that can be asked, answered by the index and by the proved entries alike.

#include "audit/search/saved_queries.hpp"
#include "tests/unit/audit_search/support.hpp"

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::search;
using namespace hangu::audit::search::test;

namespace {

using Hits = std::vector<std::uint64_t>;

/// Two transfers that differ in everything, and some entries about the gateway.
/// 0..16 the first (17 entries), 17..23 the second (7, refused), 24 a heartbeat, 25 quarantine.
void fill(const std::filesystem::path& folder) {
  StoryLog log(folder);
  log.tell({.id = transfer_id(1), .approver_words = "看过,可以放行"});
  REQUIRE(log.size() == 17);
  log.tell({.id = transfer_id(2),
            .node = "ministry",
            .from = "classified",
            .to = "internet",
            .recipients = {"press"},
            .dataset = "dem-grid",
            .areas = {"31", "440300"},
            .secrecy = "secret",
            .grade = "important",
            .owner = "测绘院",
            .objects = {"上海市地形图.tif"},
            .refused_because = "policy-no-permit",
            .rule = "deny-secret"});
  REQUIRE(log.size() == 24);
  (void)log.add_event("heartbeat", "", {{"size", 24}}, "audit");
  (void)log.add_event("transfer.quarantined", transfer_id(1), {{"reason", "stage-crashed"}});
  log.publish();
}

Hits range(std::uint64_t first, std::uint64_t end) {
  Hits hits;
  for (; first < end; ++first) hits.push_back(first);
  return hits;
}

}  // namespace

TEST_CASE("each criterion finds what it names, and nothing else", "[audit]") {
  Archive archive;
  fill(archive.log());
  archive.update();
  // What a transfer was stated to be holds from that entry on: not for its step.receive.
  Hits first = range(1, 17);
  first.push_back(25);
  const Hits second = range(18, 24);

  const std::vector<std::tuple<std::string, std::string, Hits>> cases{
      {"node", "survey", first},
      {"node", "press", second},  // as a recipient
      {"node", "nobody", {}},
      {"node", "surve", {}},
      {"node", "surv*", first},
      {"dataset", "world-map", first},
      {"dataset", "dem-grid", second},
      {"dataset", "world", {}},
      {"area", "11", first},
      {"area", "110105", first},
      {"area", "1101", first},
      {"area", "110106", {}},
      {"area", "310115", second},  // 31 contains it
      {"area", "4403", second},
      {"area", "12", {}},
      {"secrecy", "秘密", second},
      {"secrecy", "confidential", {}},
      {"grade", "important", second},
      {"grade", "core", {}},
      {"from", "classified", second},
      {"from", "egov", {}},
      {"to", "internet", second},
      {"to", "egov", first},
      {"decision", "hold", {25}},
      {"decision", "error", {}},
      {"rule", "deny-secret", {22}},
      {"rule", "deny", {}},
      {"rule", "deny*", {22}},
      {"type", "transfer.stated", {1, 18}},
      {"type", "filter.*", {3, 7, 9, 20}},
      {"type", "filter", {}},
      {"stage", "clear", {13, 14}},
      {"stage", "deliver", {}},
      {"reason", "policy-no-permit", {22, 23}},
      {"reason", "policy-*", {22, 23}},
      {"reason", "policy", {}},
      {"actor", "lina", {11}},
      {"actor", "audit", {24}},  // a program
      {"actor", "portal", {16}},
      {"actor", "hanmei", {}},
      {"transfer", transfer_id(2), range(17, 24)},
      {"transfer", transfer_id(3), {}},
  };
  for (const auto& [name, wanted, expected] : cases) {
    CAPTURE(name, wanted);
    CHECK(archive.hits(query_of({{name, wanted}})) == expected);
  }
}

TEST_CASE("packages are found by their digest, whole or its root", "[audit]") {
  Archive archive;
  fill(archive.log());
  archive.update();
  const auto digest =
      crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("submission " + transfer_id(2)));
  CHECK(archive.hits(query_of({{"package", digest.to_text()}})) == range(18, 24));
  CHECK(archive.hits(query_of({{"package", to_hex(digest.root)}})) == range(18, 24));
  CHECK(archive.hits(query_of({{"package", to_hex(digest.root).substr(0, 10) + "*"}})) ==
        range(18, 24));
  CHECK(archive.hits(query_of({{"package", std::string(64, '0')}})).empty());
}

TEST_CASE("who was turned away, and each who signed an order, is found", "[audit]") {
  Archive archive;
  {
    StoryLog log(archive.log());
    (void)log.add_event(
        "edge.access", "",
        {{"refusals",
          wire::JsonArray{wire::JsonObject{
              {"zone", "egov"}, {"node", "portal"}, {"reason", "node-quota"}, {"count", 2}}}}},
        "receive.egov");
    (void)log.add_event("counter.released", "", {{"signers", wire::JsonArray{"anna", "bo"}}},
                        "audit");
    log.publish();
  }
  archive.update();
  CHECK(archive.hits(query_of({{"node", "portal"}, {"from", "egov"}, {"decision", "deny"}})) ==
        Hits{0});
  CHECK(archive.hits(query_of({{"reason", "node-quota"}})) == Hits{0});
  CHECK(archive.hits(query_of({{"actor", "bo"}})) == Hits{1});
}

TEST_CASE("criteria must all hold, alternatives any", "[audit]") {
  Archive archive;
  fill(archive.log());
  archive.update();
  CHECK(archive.hits(query_of({{"node", "ministry"}, {"decision", "deny"}})) == Hits{22, 23});
  CHECK(archive.hits(query_of({{"node", "survey"}, {"decision", "deny"}})).empty());
  CHECK(archive.hits(query_of({{"decision", "hold"}, {"decision", "deny"}})) == Hits{22, 23, 25});
  CHECK(archive.hits(query_of({})) == range(0, 26));
}

TEST_CASE("words are found in Chinese of one, two and three characters, and in English",
          "[audit]") {
  Archive archive;
  fill(archive.log());
  archive.update();
  const std::vector<std::pair<std::string, Hits>> cases{
      {"看", {11}},
      {"放行", {11, 13, 14}},
      {"地形图", {20}},
      {"上海市地形图", {20}},
      {"海市地", {20}},
      {"地图", {}},
      {"形", {20}},
      {"测绘院", range(18, 24)},
      {"测院", {}},
      {"隔离", {25}},
      {"秘密", range(18, 24)},
      {"owner phone", {7}},
      {"tif", {20}},
      {"ti", {}},
      {"ti*", {20}},
      {"stage crashed", {25}},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(archive.hits(query_of({{"text", text}})) == expected);
  }
  CHECK(archive.hits(query_of({{"text", "地形图"}, {"text", "测绘院"}})) == Hits{20});
  CHECK(archive.hits(query_of({{"text", "地形图"}, {"text", "放行"}})).empty());
}

TEST_CASE("a time is at or after its start, and before its end", "[audit]") {
  Archive archive;
  fill(archive.log());
  archive.update();
  const WallTime start = *WallTime::parse("2026-03-01T08:00:00.000Z");
  const auto between = [&](int since, int until) {
    SearchQuery query;
    query.since = start + std::chrono::seconds(since);
    query.until = start + std::chrono::seconds(until);
    return archive.hits(query);
  };
  CHECK(between(3, 6) == range(3, 6));
  CHECK(between(-10, 1) == Hits{0});
  CHECK(between(25, 100) == Hits{25});
  CHECK(between(26, 100).empty());
  CHECK(between(6, 3).empty());
  SearchQuery both = query_of({{"decision", "deny"}});
  both.since = start + std::chrono::seconds(23);
  CHECK(archive.hits(both) == Hits{23});
}

TEST_CASE("answers come in the order asked for, and no more than asked for", "[audit]") {
  Archive archive;
  fill(archive.log());
  archive.update();
  SearchIndex index = archive.index();
  const SearchQuery query = query_of({{"transfer", transfer_id(2)}});
  const Asking asking = must(Asking::prepare(index, query));
  const Answer newest = must(asking.answer(must(asking.span(kLogSizeMax)), 3, Order::newest_first));
  CHECK(newest.count == 7);
  CHECK(newest.shown == Hits{23, 22, 21});
  CHECK(must(asking.answer(must(asking.span(kLogSizeMax)), 2, Order::oldest_first)).shown ==
        Hits{17, 18});
  CHECK(must(asking.answer(must(asking.span(kLogSizeMax)), 0, Order::oldest_first)).shown.empty());
}

TEST_CASE("saved queries come back as they were", "[audit]") {
  Archive archive;
  const std::string path = (archive / "queries.json").string();
  CHECK(must(load_saved_queries(path)).empty());
  SavedQueries queries;
  queries["外网拒绝"] = query_of({{"to", "internet"}, {"decision", "deny"}, {"text", "地图"}});
  queries["second"] = query_of({{"node", "survey"}});
  REQUIRE(save_queries(path, queries));
  const SavedQueries again = must(load_saved_queries(path));
  REQUIRE(again.size() == 2);
  CHECK(again.at("外网拒绝").to_json() == queries.at("外网拒绝").to_json());

  CHECK_FALSE(save_queries(path, {{"", SearchQuery()}}));
  CHECK_FALSE(save_queries(path, {{"a\nb", SearchQuery()}}));
  CHECK(must(load_saved_queries(path)).size() == 2);  // a refusal changes nothing
  SavedQueries many;
  for (std::size_t i = 0; i <= kSavedQueriesMax; ++i) many[std::to_string(i)] = SearchQuery();
  CHECK_FALSE(save_queries(path, many));
  many.erase(many.begin());
  CHECK(save_queries(path, many));
  REQUIRE(os::write_file_durably(path, bytes_of("{\"v\":2,\"queries\":{}}")));
  CHECK_FALSE(load_saved_queries(path));
}
