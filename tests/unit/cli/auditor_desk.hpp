#pragma once
// An auditor's desk: a gateway's folder with a log of three transfers, people who sign, and the
// commands as a person calls them.

#include <filesystem>

#include <catch2/catch.hpp>

#include "audit/search/index.hpp"
#include "tests/support/story_log.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

namespace hangu::test {

using audit::test::StoryLog;
using audit::test::transfer_id;

/// A gateway's folder with a log of three transfers, and an auditor's.
class Desk {
 public:
  Desk() {
    {
      StoryLog log(gateway() + "/audit");
      log.tell({.id = transfer_id(1), .approver_words = "看过,可以放行"});
      log.tell({.id = transfer_id(2), .node = "ministry", .refused_because = "policy-no-permit"});
      log.tell(
          {.id = transfer_id(3), .objects = {"上海市地形图.tif"}, .actions = {"coarsen 30 m"}});
      log.publish();
    }
    audit::test::write_bytes(gateway() + "/anchors/log.vkey",
                             bytes_of(audit::test::signer_from(0).key().to_text() + "\n"));
    REQUIRE(invoke({"pki", "init", pki()}).status == 0);
    for (const char* name : {"lina", "wei"})
      REQUIRE(invoke({"pki", "issue", "person", name, "--pki", pki(), "--human", name,
                      "--organisation", "audit office", "--role", "auditor"})
                  .status == 0);
  }
  [[nodiscard]] std::string gateway() const { return folder_.path() + "/gateway"; }
  [[nodiscard]] std::string pki() const { return folder_.path() + "/pki"; }
  [[nodiscard]] std::string person(const std::string& name) const {
    return pki() + "/people/" + name;
  }
  [[nodiscard]] std::string state() const { return folder_.path() + "/state"; }
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  [[nodiscard]] std::string key() const { return gateway() + "/anchors/log.vkey"; }

  /// `hangu audit …` over this log, by its key.
  [[nodiscard]] Invoked audit(std::vector<std::string> words) const {
    words.insert(words.end(), {"--key", key()});
    return without_key(std::move(words));
  }
  [[nodiscard]] Invoked without_key(std::vector<std::string> words) const {
    words.insert(words.begin(), "audit");
    words.insert(words.end(), {"--folder", gateway()});
    return invoke(std::move(words));
  }
  [[nodiscard]] Invoked with_state(std::vector<std::string> words) const {
    words.insert(words.end(), {"--state", state()});
    return audit(std::move(words));
  }
  [[nodiscard]] std::string index_file() const {
    for (const auto& item : std::filesystem::recursive_directory_iterator(state()))
      if (item.path().filename() == "index.sqlite") return item.path();
    return {};
  }
  void spoil_index(const char* sql) const {
    auto index = audit::search::SearchIndex::open(index_file());
    REQUIRE(index);
    REQUIRE(index->database().execute(sql));
  }

 private:
  TemporaryFolder folder_;
};

/// The indices of "entry" events, in order.
inline std::vector<std::int64_t> entries_of(const Invoked& invoked) {
  std::vector<std::int64_t> out;
  for (const wire::Json& event : invoked.events())
    if (event.find("event")->as_string() != nullptr && *event.find("event")->as_string() == "entry")
      out.push_back(*event.find("index")->as_integer());
  return out;
}

inline std::int64_t number(const Invoked& invoked, std::string_view event_name,
                           std::string_view member) {
  for (const wire::Json& event : invoked.events())
    if (*event.find("event")->as_string() == event_name && event.find(member) != nullptr)
      return *event.find(member)->as_integer();
  return -1;
}

}  // namespace hangu::test
