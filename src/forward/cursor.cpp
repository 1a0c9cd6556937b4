#include "forward/cursor.hpp"

#include "base/bytes.hpp"
#include "forward/limits.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"

namespace hangu::forward {
namespace {

constexpr std::size_t kOriginBytesMax = 255;
constexpr std::size_t kLeafDigits = 64;
constexpr std::int64_t kIndexMax = std::int64_t{1} << 40;
constexpr unsigned kMode = 0644;
constexpr std::int64_t kVersion = 2;

}  // namespace

std::string Cursor::to_text() const {
  return wire::Json(wire::JsonObject{{"v", kVersion},
                                     {"origin", origin},
                                     {"next", next},
                                     {"leaf", leaf},
                                     {"size", head.size},
                                     {"root", head.root}})
      .to_text();
}

Result<Cursor> Cursor::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kCursorBytesMax));
  wire::Fields f(json, "cursor");
  const std::int64_t version = f.integer("v", 1, kVersion);
  Cursor out;
  out.origin = f.text("origin", kOriginBytesMax);
  out.next = static_cast<std::uint64_t>(f.integer("next", 0, kIndexMax));
  out.leaf = f.text("leaf", kLeafDigits);
  if (version == kVersion) {
    out.head.size = static_cast<std::uint64_t>(f.integer("size", 0, kIndexMax));
    out.head.root = f.text("root", kLeafDigits);
  }
  HANGU_CHECK(f.finish());
  if (out.head.root.empty() != (out.head.size == 0) ||
      (out.head.size != 0 && out.head.root.size() != kLeafDigits) ||
      (version == kVersion && out.head.size < out.next))
    return fail(ErrorCode::malformed, "forward-cursor-invalid", "size and root do not fit");
  if (out.leaf.empty() != (out.next == 0) || (out.next != 0 && out.leaf.size() != kLeafDigits))
    return fail(ErrorCode::malformed, "forward-cursor-invalid", "next and leaf do not fit");
  return out;
}

Result<Cursor> Cursor::load(const std::string& path, const std::string& origin) {
  const Result<Bytes> bytes = os::read_file(path, kCursorBytesMax);
  if (!bytes && bytes.error().reason() == "file-missing") return Cursor{origin, 0, ""};
  if (!bytes) return std::unexpected(bytes.error());
  HANGU_TRY(Cursor out, parse(text_of(*bytes)));
  if (out.origin != origin)
    return fail(ErrorCode::forbidden, "forward-cursor-other-log", out.origin + ", not " + origin);
  return out;
}

Done Cursor::save(const std::string& path) const {
  return os::write_file_durably(path, bytes_of(to_text()), kMode);
}

}  // namespace hangu::forward
