#include "flow/object_table.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "wire/codec.hpp"

namespace hangu::flow {
namespace {

constexpr std::size_t kNameSegmentsMax = 8;
constexpr std::size_t kMediaTypeBytesMax = 100;
constexpr std::uint8_t kTableVersion = 1;

auto bad_name(std::string_view reason, std::string_view name) {
  return fail(ErrorCode::malformed, reason, printable(name, 100));
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-';
  });
}

}  // namespace

Done check_object_name(std::string_view name) {
  if (name.empty()) return bad_name("name-empty", name);
  if (name.size() > kObjectNameBytesMax) return bad_name("name-too-long", name);
  if (!is_utf8(name)) return bad_name("name-not-utf8", name);
  HANGU_TRY(const std::string composed, to_nfc(name));
  if (composed != name) return bad_name("name-not-nfc", name);
  if (name.front() == '/') return bad_name("name-absolute", name);
  if (name.find_first_of("\\:") != std::string_view::npos ||
      printable(name, kObjectNameBytesMax + 1) != name)
    return bad_name("name-character", name);
  const std::vector<std::string_view> segments = split(name, '/');
  if (segments.size() > kNameSegmentsMax) return bad_name("name-too-deep", name);
  for (const std::string_view segment : segments) {
    if (segment == "." || segment == "..") return bad_name("name-dot-dot", name);
    if (segment.empty() || segment.back() == '.' || segment.back() == ' ' || segment.front() == ' ')
      return bad_name("name-character", name);
  }
  return {};
}

Done check_media_type(std::string_view media_type) {
  const std::size_t slash = media_type.find('/');
  if (media_type.size() > kMediaTypeBytesMax || slash == std::string_view::npos ||
      !is_token(media_type.substr(0, slash)) || !is_token(media_type.substr(slash + 1)))
    return fail(ErrorCode::malformed, "media-type-invalid", printable(media_type, 60));
  return {};
}

Result<ObjectTable> ObjectTable::create(std::vector<ObjectRow> rows) {
  if (rows.size() > kObjectsMax)
    return fail(ErrorCode::malformed, "objects-too-many", std::to_string(rows.size()));
  std::unordered_set<std::string> keys;
  for (const ObjectRow& row : rows) {
    HANGU_CHECK(check_object_name(row.name));
    HANGU_CHECK(check_media_type(row.media_type));
    if (row.digest.size > kObjectBytesMax)
      return fail(ErrorCode::malformed, "object-too-large", printable(row.name, 100));
    HANGU_TRY(std::string key, to_collision_key(row.name));
    if (!keys.insert(std::move(key)).second) return bad_name("name-collision", row.name);
  }
  // A name that is also a folder of another name could not be written to a file system.
  for (const ObjectRow& row : rows)
    for (std::size_t at = row.name.find('/'); at != std::string::npos;
         at = row.name.find('/', at + 1)) {
      HANGU_TRY(const std::string folder,
                to_collision_key(std::string_view(row.name).substr(0, at)));
      if (keys.contains(folder)) return bad_name("name-collision", row.name);
    }
  return ObjectTable(std::move(rows));
}

Bytes ObjectTable::to_bytes() const {
  wire::Writer w;
  w.u8(kTableVersion).count(rows_.size());
  for (const ObjectRow& row : rows_)
    w.text(row.name)
        .text(row.media_type)
        .enumerated(row.digest.algorithm)
        .u64(row.digest.size)
        .raw(row.digest.root);
  return std::move(w).take();
}

Result<ObjectTable> ObjectTable::parse(ByteView bytes) {
  wire::Reader r(bytes);
  if (r.u8() != kTableVersion) r.reject("table-version");
  std::vector<ObjectRow> rows(r.count(kObjectsMax));
  for (ObjectRow& row : rows) {
    if (r.failed()) break;
    row.name = r.text(kObjectNameBytesMax);
    row.media_type = r.text(kMediaTypeBytesMax);
    row.digest.algorithm = r.enumerated(crypto::HashAlgorithm::sm3);
    row.digest.size = r.u64();
    const ByteView root = r.raw(row.digest.root.size());
    std::ranges::copy(root, row.digest.root.begin());
  }
  HANGU_CHECK(r.finish());
  return create(std::move(rows));
}

crypto::ObjectDigest ObjectTable::digest(crypto::HashAlgorithm algorithm) const {
  return crypto::digest_of(algorithm, to_bytes());
}

const ObjectRow* ObjectTable::find(std::string_view name) const {
  const auto at = std::ranges::find(rows_, name, &ObjectRow::name);
  return at == rows_.end() ? nullptr : &*at;
}

std::uint64_t ObjectTable::total_bytes() const {
  std::uint64_t total = 0;
  for (const ObjectRow& row : rows_) total += row.digest.size;
  return total;
}

}  // namespace hangu::flow
