#pragma once
// Workshop: a PKI with two nodes and a gateway, and files to pack, in a folder of one test.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "cli/pki.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

namespace hangu::test {

class Workshop {
 public:
  Workshop() {
    Result<cli::Pki> made = cli::Pki::init(path("pki"), clock_, entropy_);
    REQUIRE(made);
    REQUIRE(made->issue_node(*NodeId::create("survey"), {"egov"}, "bureau"));
    REQUIRE(made->issue_node(*NodeId::create("portal"), {"internet"}, "portal office"));
    REQUIRE(made->issue_gateway("gw"));
    REQUIRE(made->issue_zone(*ZoneId::create("egov"), {"ip:127.0.0.1"}));
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  [[nodiscard]] std::string node(const std::string& name) const {
    return path("pki/nodes/" + name);
  }
  [[nodiscard]] std::string gateway() const { return path("pki/gateways/gw"); }

  std::string file(const std::string& name, std::string_view text) const {
    REQUIRE(os::write_file_durably(path(name), bytes_of(text)));
    return path(name);
  }
  [[nodiscard]] std::string text_at(const std::string& file_path) const {
    const auto bytes = os::read_file(file_path, std::size_t{64} << 20);
    REQUIRE(bytes);
    return std::string(text_of(*bytes));
  }
  /// Packs `files` as the node survey; more words are added behind.
  [[nodiscard]] Invoked pack(const std::string& out, const std::vector<std::string>& files,
                             const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"pack", path(out)};
    words.insert(words.end(), files.begin(), files.end());
    for (const char* word : {"--to", "internet", "--to-node", "portal", "--product", "table"})
      words.emplace_back(word);
    words.insert(words.end(),
                 {"--identity", node("survey"), "--gateway-cert", gateway(), "--json"});
    words.insert(words.end(), more.begin(), more.end());
    return invoke(words);
  }

 private:
  TemporaryFolder folder_;
  os::SystemClock clock_;
  crypto::SystemEntropy entropy_;
};

}  // namespace hangu::test
