// hangu audit archive: a copy of the published log on other media, read back and proved, with a
// manifest that a prune order can name.

#include <unistd.h>

#include <algorithm>

#include "audit/disk_folder.hpp"
#include "audit/reading/pruning_notice.hpp"
#include "audit/tile.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "cli/published_log.hpp"
#include "crypto/hash.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kNamesMax = 1'000'000;
constexpr std::size_t kFileBytesMax = audit::kBundleBytesMax;
constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
constexpr std::string_view kKept = "pruned/";  ///< the taken keys of millions of entries
constexpr unsigned kFileMode = 0444;
constexpr unsigned kFolderMode = 0755;
constexpr Bilingual kCopying = both("复制日志", "copying the log");
constexpr Bilingual kProving = both("核验副本", "proving the copy");
constexpr Bilingual kArchived = both("已归档并核验", "archived, read back and proved");
constexpr Bilingual kEntries = both("条目", "entries");
constexpr Bilingual kManifest = both("清单的 SHA-256", "SHA-256 of the manifest");

/// The files of a log of `size` whose first entry is `first`, but the checkpoint.
std::vector<std::string> files_of(std::uint64_t first, std::uint64_t size) {
  std::vector<std::string> out;
  for (std::uint64_t n = first / audit::kTileWidth; n < size / audit::kTileWidth; ++n)
    out.push_back(audit::Tile{.level = std::nullopt, .number = n}.path());
  for (unsigned level = 0; level <= audit::kTileLevelMax; ++level)
    for (std::uint64_t n = 0; n < audit::hashes_at(size, level) / audit::kTileWidth; ++n)
      out.push_back(audit::Tile{.level = level, .number = n}.path());
  for (const audit::Tile& tile : audit::partial_tiles_of(size)) out.push_back(tile.path());
  return out;
}

/// What is below the folder `name`, if there is one.
Result<std::vector<std::string>> files_below(const audit::Folder& log, const std::string& name) {
  HANGU_TRY(const bool there, log.has(name));
  if (!there) return std::vector<std::string>();
  HANGU_TRY(const auto folder, log.subfolder(name));
  HANGU_TRY(std::vector<std::string> names, folder->names(kNamesMax));
  std::erase_if(names, [](const std::string& one) { return one.ends_with(audit::kTemporaryName); });
  for (std::string& one : names) one.insert(0, name + "/");
  return names;
}

/// A file of the log: a partial one may have become part of the full one meanwhile.
Result<Bytes> read_one(const audit::Folder& log, const std::string& path) {
  auto bytes = log.read(path, kFileBytesMax);
  const std::size_t partial = path.rfind(".p/");
  if (bytes || partial == std::string::npos || bytes.error().reason() != "file-missing")
    return bytes;
  HANGU_TRY(Bytes whole, log.read(path.substr(0, partial), kFileBytesMax));
  const std::size_t width = std::stoul(path.substr(partial + 3));
  if (!path.starts_with("tile/entries/")) {
    whole.resize(width * sizeof(audit::Hash));
    return whole;
  }
  HANGU_TRY(const auto entries, audit::parse_bundle(whole, audit::kTileWidth));
  Bytes out;
  for (std::size_t i = 0; i < width; ++i) audit::append_to_bundle(out, entries[i]);
  return out;
}

class Archive {
 public:
  explicit Archive(std::string folder) : folder_(std::move(folder)) {}

  Done put(const std::string& path, ByteView bytes) {
    const std::string full = folder_ + "/" + path;
    HANGU_CHECK(os::make_folders(parent_folder(full), kFolderMode));
    HANGU_TRY(const os::UniqueFd file, os::create_file(full, kFileMode));
    HANGU_CHECK(os::write_all(file.view(), bytes));
    files_.emplace_back(
        wire::JsonObject{{"path", path},
                         {"bytes", bytes.size()},
                         {"sha256", to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes))}});
    return {};
  }
  /// A file of any size, in pieces. Errors: of files.
  Result<std::uint64_t> copy(const audit::Folder& log, const std::string& path) {
    const std::string full = folder_ + "/" + path;
    HANGU_CHECK(os::make_folders(parent_folder(full), kFolderMode));
    HANGU_TRY(const auto from, log.open_read(path));
    HANGU_TRY(const std::uint64_t size, from->size());
    HANGU_TRY(const os::UniqueFd to, os::create_file(full, kFileMode));
    crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
    for (std::uint64_t at = 0; at < size; at += kPieceBytes) {
      Bytes piece(static_cast<std::size_t>(std::min(kPieceBytes, size - at)));
      HANGU_CHECK(from->read_at(at, piece));
      HANGU_CHECK(os::write_all(to.view(), piece));
      hasher.update(piece);
    }
    files_.emplace_back(
        wire::JsonObject{{"path", path}, {"bytes", size}, {"sha256", to_hex(hasher.finish())}});
    return size;
  }
  /// Durable; the digest of the manifest.
  Result<std::string> finish(const audit::LogReader& reader) {
    const audit::Checkpoint& checkpoint = reader.checkpoint();
    const std::string text = wire::Json(wire::JsonObject{{"origin", checkpoint.origin},
                                                         {"size", checkpoint.head.size},
                                                         {"root", to_hex(checkpoint.head.root)},
                                                         {"first", reader.first()},
                                                         {"files", std::move(files_)}})
                                 .to_text() +
                             "\n";
    HANGU_CHECK(os::write_file_durably(folder_ + "/manifest.json", bytes_of(text), kFileMode));
    HANGU_TRY(const os::UniqueFd folder, os::open_folder(folder_));
    if (::syncfs(folder.get()) != 0)
      return fail(ErrorCode::internal, "sync-failed", printable(folder_), errno);
    return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(text)));
  }

 private:
  std::string folder_;
  wire::JsonArray files_;
};

Result<std::string> copy_log(Session& session, const PublishedLog& log, const std::string& to) {
  HANGU_TRY(const auto folder, audit::open_disk_folder(log.folder));
  std::vector<std::string> files = files_of(log.reader.first(), log.reader.size());
  for (const char* name : {"checkpoints", "epoch", "pruned", "witness"}) {
    HANGU_TRY(const std::vector<std::string> more, files_below(*folder, name));
    files.insert(files.end(), more.begin(), more.end());
  }
  Archive archive(to);
  HANGU_CHECK(archive.put("checkpoint", bytes_of(log.reader.note())));
  ProgressLine progress(session.console, kCopying);
  std::uint64_t done = 0;
  for (const std::string& file : files) {
    if (file.starts_with(kKept)) {
      HANGU_TRY(const std::uint64_t copied, archive.copy(*folder, file));
      progress.show(done += copied, 0);
      continue;
    }
    HANGU_TRY(const Bytes bytes, read_one(*folder, file));
    HANGU_CHECK(archive.put(file, bytes));
    progress.show(done += bytes.size(), 0);
  }
  return archive.finish(log.reader);
}

/// Every entry of the copy, read back and led to the signed root.
Done prove_copy(Session& session, const audit::LogReader& original, const std::string& to) {
  HANGU_TRY(auto folder, audit::open_disk_folder(to));
  HANGU_TRY(const audit::LogReader copy, audit::LogReader::open(std::move(folder), original.key()));
  if (copy.note() != original.note()) return fail(ErrorCode::corrupt, "log-root-differs", to);
  ProgressLine progress(session.console, kProving);
  std::uint64_t done = 0;
  return copy.authenticate(copy.first(), copy.size(), [&](const audit::StoredEntry& entry) {
    progress.show(done += entry.text.size(), 0);
    return Done();
  });
}

Result<Exit> run_archive(Session& session, const Arguments& arguments) {
  const std::string to = arguments.text("out");
  HANGU_TRY(const PublishedLog log, open_published_log(session, arguments));
  HANGU_CHECK(audit::check_pruning(log.reader));
  HANGU_CHECK(check_outside(log, "--out", to));
  if (path_exists(to)) return fail(ErrorCode::forbidden, "file-exists", printable(to));
  const std::string draft = to + ".part";
  if (path_exists(draft)) return fail(ErrorCode::forbidden, "file-exists", printable(draft));
  HANGU_TRY(const std::string digest, copy_log(session, log, draft));
  HANGU_CHECK(prove_copy(session, log.reader, draft));
  HANGU_CHECK(rename_anew(draft, to));
  session.console.event("archived", {{"folder", to},
                                     {"size", log.reader.size()},
                                     {"first", log.reader.first()},
                                     {"manifest", digest}});
  session.console.line(std::string(session.console.say(kArchived)) + ": " + printable(to));
  session.console.line(std::string(session.console.say(kEntries)) + ": " +
                       std::to_string(log.reader.first()) + ".." +
                       std::to_string(log.reader.size()));
  session.console.line(std::string(session.console.say(kManifest)) + ": " + digest);
  return Exit::done;
}

}  // namespace

CommandSpec audit_archive_command() {
  std::vector<OptionSpec> options = published_log_options();
  options.push_back({"--out", "DIR", both("新建的归档文件夹", "the archive's folder, made anew"),
                     OptionKind::value, true});
  return {"archive",
          both("把已发布的日志复制到别的介质,读回并逐条核验",
               "copy the published log to other media, read it back and prove every entry"),
          std::move(options),
          run_archive,
          {}};
}

}  // namespace hangu::cli
