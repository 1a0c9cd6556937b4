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

}  // namespace

std::string Cursor::to_text() const {
  return wire::Json(wire::JsonObject{{"v", 1}, {"origin", origin}, {"next", next}, {"leaf", leaf}})
      .to_text();
}

Result<Cursor> Cursor::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kCursorBytesMax));
  wire::Fields f(json, "cursor");
  (void)f.integer("v", 1, 1);
  Cursor out;
  out.origin = f.text("origin", kOriginBytesMax);
  out.next = static_cast<std::uint64_t>(f.integer("next", 0, kIndexMax));
  out.leaf = f.text("leaf", kLeafDigits);
  HANGU_CHECK(f.finish());
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
