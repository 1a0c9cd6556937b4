#pragma once
// Spool: where a zone's uploads lie until the custodian has them. Named files, so that what was
// acknowledged survives a restart. docs/protocols/http.md §5.
//
//   <id>.part   bytes so far (id: 32 hex digits)
//   <id>.json   {"owner":…,"length":…,"metadata":{…},"transfer":null|"…","known":…,"created":…}
//   whole-<id>  a whole upload under way; of no meaning after a restart

#include <map>
#include <mutex>
#include <set>

#include "base/entropy.hpp"
#include "crypto/file_tree.hpp"
#include "net/tus_routes.hpp"
#include "os/write_behind.hpp"
#include "zone/receive/disk_room.hpp"

namespace hangu::zone {

/// Bounds of one spool.
struct SpoolLimits {
  std::uint64_t package_bytes_max = 0;
  std::uint64_t node_bytes_max = 0;    ///< one node's unfinished uploads together
  std::uint32_t node_uploads_max = 0;  ///< and their number
  std::uint32_t node_open_max = 0;     ///< the same, with a reason of its own
  std::chrono::milliseconds age_max = std::chrono::hours(72);  ///< unfinished ones end after
  /// Unfinished ones to which nothing came for so long make way when their place is needed.
  std::chrono::milliseconds idle_max = std::chrono::hours(1);
};

/// A whole upload under way.
struct WholeFile {
  std::string name;
  os::UniqueFd file;
};

/// Spool implements resumable uploads over its folder. Bytes are hashed as they come; they are made
/// durable before a node is told that they are held, and not at all when the custodian has them
/// before that. A file is open only while bytes come. Thread: any (one lock).
/// Errors that senders see, besides UploadStore's: Exhausted "disk-full" (507), "node-quota" and
/// "node-uploads-open" (429).
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

  /// A file with room for a whole upload, removed by discard_whole().
  [[nodiscard]] Result<WholeFile> begin_whole(std::uint64_t length);
  /// Writes behind the `held` bytes that it has.
  [[nodiscard]] Done append_whole(const WholeFile& whole, std::uint64_t held, ByteView bytes);
  [[nodiscard]] Done discard_whole(const std::string& name);
  [[nodiscard]] const SpoolLimits& limits() const { return limits_; }

 private:
  struct Upload {
    std::string owner;
    std::uint64_t length = 0;
    std::uint64_t offset = 0;
    net::UploadMetadata metadata;
    WallTime created;
    WallTime touched;                    ///< made, or the last bytes came
    std::optional<TransferId> transfer;  ///< set when the custodian has it
    bool known = false;                  ///< and had had before
    os::UniqueFd file;                   ///< open while a PATCH runs
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
        entropy_(entropy),
        room_(folder_fd_.view(), intake) {}
  Done load();
  Done load_one(const std::string& id);
  Done open_file(std::string_view id, Upload& upload) const;
  static void close_file(Upload& upload);
  Result<Upload*> find(std::string_view id, std::string_view owner);
  Done settle(std::string_view id, Upload& upload);
  Result<net::OutHeaders> hand_on(const std::string& id, Upload& upload);
  Done check_quota(std::uint64_t length, std::string_view owner) const;
  Done claim_room(const std::string& id, std::uint64_t length, std::uint64_t held, WallTime now);
  bool drop_idle(WallTime now, std::string_view owner, std::string_view but);
  void remove(std::string_view id);
  Done save(const std::string& id, const Upload& upload) const;
  void drop_expired(WallTime now);
  std::string fresh_id();

  std::string folder_;
  os::UniqueFd folder_fd_;
  SpoolLimits limits_;
  Intake& intake_;
  const Clock& clock_;
  Entropy& entropy_;
  DiskRoom room_;
  std::mutex mutex_;
  std::map<std::string, Upload, std::less<>> uploads_;
};

/// What a finished upload's answer says besides its body.
[[nodiscard]] net::OutHeaders arrival_headers(const Arrived& arrived);

}  // namespace hangu::zone
