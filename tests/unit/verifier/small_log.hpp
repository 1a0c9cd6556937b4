#pragma once
// Logs made by the writer, for the tests of who checks it.

#include <filesystem>

#include "audit/verifier/log_check.hpp"
#include "audit/writer.hpp"
#include "tests/support/log_maker.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

/// A folder with `log/`, as published, and `anchors/`, as make_log() makes them.
class SmallLog {
 public:
  SmallLog(int starts, int entries) { make_log(folder_.path(), starts, entries); }

  [[nodiscard]] std::filesystem::path path() const { return folder_ / "log"; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path() / name;
  }
  [[nodiscard]] hangu_verify::Request request() const {
    hangu_verify::Request request;
    request.folder = path().string();
    request.key = hangu_verify::parse_key(log_vkey());
    for (const unsigned seed : kAuditorSeeds)
      request.auditors.emplace(std::to_string(seed), text_of(key_from(seed).verify_key().point()));
    request.threads = 2;
    return request;
  }

 private:
  TestFolder folder_;
};

}  // namespace hangu::audit::test
