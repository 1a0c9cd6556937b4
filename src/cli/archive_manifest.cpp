#include "cli/archive_manifest.hpp"

#include <algorithm>
#include <set>

#include "audit/disk_folder.hpp"
#include "audit/tile.hpp"
#include "base/text.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "crypto/hash.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kPathBytesMax = 200;
constexpr std::int64_t kFileBytesMax = std::int64_t{1} << 40;
constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
constexpr std::size_t kDigestDigits = 64;
constexpr Bilingual kReading = both("核验归档", "checking the archive");

Result<ArchivedFile> parse_file(const wire::Json& json) {
  wire::Fields f(json, "file");
  ArchivedFile out;
  out.path = f.text("path", kPathBytesMax);
  out.bytes = static_cast<std::uint64_t>(f.integer("bytes", 0, kFileBytesMax));
  out.sha256 = f.text("sha256", kDigestDigits);
  HANGU_CHECK(f.finish());
  return out;
}

/// A path that leads nowhere but below the archive.
bool is_below(const std::string& path) {
  const auto parts = split(path, '/');
  return !path.empty() && std::ranges::none_of(parts, [](std::string_view part) {
    return part.empty() || part == "." || part == "..";
  });
}

Done check_file(const audit::Folder& archive, const ArchivedFile& file) {
  const auto damaged = [&file](const char* why) {
    return fail(ErrorCode::corrupt, "archive-damaged", printable(file.path) + ": " + why);
  };
  if (!is_below(file.path)) return damaged("no path of an archive");
  const auto opened = archive.open_read(file.path);
  if (!opened && opened.error().reason() == "file-missing") return damaged("missing");
  if (!opened) return std::unexpected(opened.error());
  HANGU_TRY(const std::uint64_t size, (*opened)->size());
  if (size != file.bytes) return damaged("not as long as the manifest says");
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  for (std::uint64_t at = 0; at < size; at += kPieceBytes) {
    Bytes piece(static_cast<std::size_t>(std::min(kPieceBytes, size - at)));
    HANGU_CHECK((*opened)->read_at(at, piece));
    hasher.update(piece);
  }
  if (to_hex(hasher.finish()) != file.sha256) return damaged("not what the manifest says");
  return {};
}

}  // namespace

Result<ArchiveManifest> ArchiveManifest::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kManifestBytesMax));
  wire::Fields f(json, "manifest");
  ArchiveManifest out;
  out.origin = f.text("origin", audit::kOriginBytesMax);
  out.head.size = static_cast<std::uint64_t>(f.integer("size", 0, audit::kLogSizeMax));
  const std::string root = f.text("root", kDigestDigits);
  out.first = static_cast<std::uint64_t>(f.integer("first", 0, audit::kLogSizeMax));
  const wire::JsonArray files = f.array("files", kArchiveFilesMax);
  HANGU_CHECK(f.finish());
  HANGU_TRY(out.head.root, audit::hash_from_hex(root));
  for (const wire::Json& one : files) {
    HANGU_TRY(ArchivedFile file, parse_file(one));
    out.files.push_back(std::move(file));
  }
  return out;
}

Result<std::string> check_archive(Session& session, const audit::LogReader& reader,
                                  const std::string& folder, std::uint64_t before) {
  const std::string path = folder + "/manifest.json";
  HANGU_TRY(const Bytes text, os::read_file(path, kManifestBytesMax));
  HANGU_TRY(const ArchiveManifest manifest, ArchiveManifest::parse(text_of(text)));
  const auto other = [](const std::string& what) {
    return fail(ErrorCode::forbidden, "archive-other", printable(what));
  };
  if (manifest.origin != reader.checkpoint().origin || manifest.head.size < before ||
      manifest.first > reader.first())
    return other(path);
  HANGU_CHECK(reader.check_root(manifest.head.size, manifest.head.root));
  std::set<std::string, std::less<>> held;
  for (const ArchivedFile& file : manifest.files) held.insert(file.path);
  for (std::uint64_t at = reader.first(); at < before; at += audit::kTileWidth) {
    const audit::Tile bundle{.level = std::nullopt, .number = at / audit::kTileWidth};
    if (!held.contains(bundle.path())) return other(path + ": no " + bundle.path());
  }
  HANGU_TRY(const auto archive, audit::open_disk_folder(folder));
  ProgressLine progress(session.console, kReading);
  std::uint64_t done = 0;
  for (const ArchivedFile& file : manifest.files) {
    HANGU_CHECK(check_file(*archive, file));
    progress.show(done += file.bytes, 0);
  }
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, text));
}

}  // namespace hangu::cli
