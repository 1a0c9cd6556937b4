#pragma once
// Spool: where a zone's uploads lie until the custodian has them. Named files, so that what was
// acknowledged survives a restart. docs/protocols/http.md §5.
//
//   <id>.part   bytes so far (id: 32 hex digits)
//   <id>.json   {"owner":…,"length":…,"metadata":{…},"transfer":null|"…","created":…}
//   whole-<id>  a whole upload under way; of no meaning after a restart

#include <map>
#include <mutex>
#include <set>

#include "base/entropy.hpp"
#include "crypto/file_tree.hpp"
#include "net/tus_routes.hpp"
#include "os/write_behind.hpp"
#include "zone/receive/intake.hpp"

namespace hangu::zone {

/// Bounds of one spool.
struct SpoolLimits {
  std::uint64_t package_bytes_max = 0;
  std::uint64_t node_bytes_max = 0;    ///< one node's unfinished uploads together
  std::uint32_t node_uploads_max = 0;  ///< and their number
  std::chrono::milliseconds age_max = std::chrono::hours(72);  ///< unfinished ones end after
};

/// Spool implements resumable uploads over its folder. Bytes are hashed as they come; they are made
/// durable before a node is told that they are held, and not at all when the custodian has them
/// before that. Thread: any (one lock).
class Spool final : public net::UploadStore {
 public:
  /// Reads what is there; whole uploads of before are removed.
  [[nodiscard]] static Result<std::unique_ptr<Spool>> open(std::string folder, SpoolLimits limits,
                                                           Intake& intake, const Clock& clock,
                                                           Entropy& entropy);

  Result<std::string> create(std::uint64_t length, const net::UploadMetadata& metadata,
                             std::string_view owner) override;
  Result<net::UploadState> state(std::string_view id, std::string_view owner) override;
  Done append(std::string_view id, std::string_view owner, std::uint64_t offset,
              ByteView bytes) override;
  Done settle(std::string_view id, std::string_view owner) override;
  Result<net::OutHeaders> finished(std::string_view id, std::string_view owner) override;
  Done terminate(std::string_view id, std::string_view owner) override;

  /// A file for a whole upload, removed by discard_whole().
  [[nodiscard]] Result<std::pair<std::string, os::UniqueFd>> begin_whole();
  [[nodiscard]] Done discard_whole(const std::string& name);
  [[nodiscard]] const SpoolLimits& limits() const { return limits_; }

 private:
  struct Upload {
    std::string owner;
    std::uint64_t length = 0;
    std::uint64_t offset = 0;
    net::UploadMetadata metadata;
    WallTime created;
    std::optional<TransferId> transfer;  ///< set when the custodian has it
    os::UniqueFd file;
    crypto::FileTree tree{crypto::HashAlgorithm::sha256};
    std::optional<os::WriteBehind> behind;  ///< of an open file
    bool settled = false;                   ///< all bytes up to `offset` are durable
  };

  Spool(std::string folder, os::UniqueFd folder_fd, SpoolLimits limits, Intake& intake,
        const Clock& clock, Entropy& entropy)
      : folder_(std::move(folder)),
        folder_fd_(std::move(folder_fd)),
        limits_(limits),
        intake_(intake),
        clock_(clock),
        entropy_(entropy) {}
  Done load();
  Done load_one(const std::string& id);
  Result<Upload*> find(std::string_view id, std::string_view owner);
  static Done settle(Upload& upload);
  Done check_quota(std::uint64_t length, std::string_view owner) const;
  Done save(const std::string& id, const Upload& upload) const;
  void drop_expired(WallTime now);
  std::string fresh_id();

  std::string folder_;
  os::UniqueFd folder_fd_;
  SpoolLimits limits_;
  Intake& intake_;
  const Clock& clock_;
  Entropy& entropy_;
  std::mutex mutex_;
  std::map<std::string, Upload, std::less<>> uploads_;
};

/// What a finished upload's answer says besides its body.
[[nodiscard]] net::OutHeaders arrival_headers(const Arrived& arrived);

}  // namespace hangu::zone
