#pragma once
// Makes logs that tell of transfers as a gateway's stages do, for tests and benchmarks of those who
// read logs.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "audit/entry.hpp"
#include "audit/log.hpp"
#include "flow/step.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

/// One transfer, from its arrival to its end.
struct StoryTransfer {
  std::string id;  ///< 32 hex digits
  std::string node = "survey";
  std::string from = "internet";
  std::string to = "egov";
  std::vector<std::string> recipients{"portal"};
  std::string dataset = "world-map";
  std::vector<std::string> areas{"110105"};
  std::string secrecy = "internal";
  std::string grade = "general";
  std::string owner = "Survey Institute";
  std::vector<std::string> objects{"world_map.gpkg"};
  std::vector<std::string> actions{"drop-field owner_phone"};
  std::string refused_because{};  ///< by policy, with this reason; empty: allowed
  std::string rule = "allow-import";
  std::string approver = "lina";
  std::string approver_words = "ok";
  bool fetched = false;  ///< told before it is acknowledged
  bool acknowledged = true;
};

/// A log in `folder` by the key of signer_from(0). A second passes between entries. Throws when
/// the log fails.
class StoryLog {
 public:
  enum class Signing : std::uint8_t {
    each,  ///< every statement by its stage's key
    once,  ///< one signature under all of them, for logs of millions that nobody checks them in
  };
  explicit StoryLog(const std::filesystem::path& folder, Signing signing = Signing::each);

  void tell(const StoryTransfer& story);
  /// Single entries; `transfer` empty: about the gateway. The entry's index.
  std::uint64_t add_event(const std::string& type, const std::string& transfer,
                          const wire::JsonObject& event, const std::string& program = "custodian");
  std::uint64_t add_statement(const std::string& type, const std::string& transfer,
                              const flow::Statement& statement, const std::string& program);
  /// An entry of any bytes.
  std::uint64_t add_raw(const std::string& text);

  /// Everything so far is in the published files when it returns.
  void publish();
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] WallTime now() const { return now_; }
  void advance(std::chrono::milliseconds by) { now_ = now_ + by; }
  /// The next entry of `transfer` follows on entry `last`, of an earlier run.
  void go_on(const std::string& transfer, std::uint64_t last) {
    last_transfer_ = transfer;
    last_index_ = last;
  }

 private:
  StoryLog(OpenedLog opened, Signing signing);
  std::uint64_t add(Entry entry, const std::string& type, const std::string& transfer,
                    const std::string& program);
  void step(const StoryTransfer& story, flow::Stage stage, flow::Verdict verdict,
            const std::string& reason);
  void filter(const StoryTransfer& story, const std::string& type, bool acts);
  void approval(const StoryTransfer& story);
  void commit();

  Log log_;
  Publisher publisher_;
  Signing signing_;
  crypto::SigningKey key_;
  Bytes one_signature_;
  SeededEntropy entropy_{7};
  WallTime now_ = *WallTime::parse("2026-03-01T08:00:00.000Z");
  std::uint64_t size_;
  EntryBatch batch_;
  std::size_t unpublished_ = 0;
  std::string last_transfer_;
  std::optional<std::uint64_t> last_index_;  ///< of last_transfer_
};

/// "000…0n": a transfer's id from a number.
[[nodiscard]] std::string transfer_id(std::uint64_t number);

}  // namespace hangu::audit::test
