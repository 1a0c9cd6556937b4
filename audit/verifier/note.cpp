#include "audit/verifier/note.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <vector>

#include <botan/ed25519.h>
#include <botan/hash.h>
#include <botan/pubkey.h>
#include <nlohmann/json.hpp>

#include "audit/verifier/sm.hpp"

namespace hangu_verify {
namespace {

constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kPointBytes = 32;
constexpr std::size_t kSm2PointBytes = 65;
constexpr std::size_t kLinesMax = 32;
constexpr std::string_view kDash = "\xe2\x80\x94 ";
constexpr char kEd25519Type = '\x01';
constexpr char kCosignatureType = '\x04';
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::string_view kSm2Start = "\xffgm/sm2-sm3/v1";

std::vector<std::uint8_t> vector_of(std::string_view text) { return {text.begin(), text.end()}; }

bool is_utf8(std::string_view text) {
  try {
    (void)nlohmann::json(text).dump();  // strict
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

bool read_checkpoint(std::string_view text, Checkpoint& out) {
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  if (!origin || !size || !root || !text.empty() || origin->empty() || size->empty()) return false;
  if (size->size() > 1 && size->front() == '0') return false;
  const auto parsed = std::from_chars(size->data(), size->data() + size->size(), out.size);
  if (parsed.ec != std::errc{} || parsed.ptr != size->data() + size->size()) return false;
  out.origin = *origin;
  std::string bytes;
  if (!from_base64(*root, bytes) || bytes.size() != out.root.size()) return false;
  out.root = *hash_from(bytes);
  return true;
}

}  // namespace

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<LogKey> parse_key(std::string_view vkey) {
  while (vkey.ends_with('\n')) vkey.remove_suffix(1);
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  LogKey out;
  out.text = vkey;
  out.name = vkey.substr(0, first);
  std::string blob;
  if (!from_base64(vkey.substr(second + 1), blob)) return std::nullopt;
  const char type = blob.empty() ? '\0' : blob.front();
  if (blob.size() == 1 + kPointBytes && (type == kEd25519Type || type == kCosignatureType)) {
    out.point = blob.substr(1);
    if (type == kCosignatureType) out.kind = KeyKind::cosignature;
  } else if (blob.size() == kSm2Start.size() + kSm2PointBytes && blob.starts_with(kSm2Start)) {
    out.point = blob.substr(kSm2Start.size());
    out.kind = KeyKind::sm2;
  } else {
    return std::nullopt;
  }
  const auto sha = Botan::HashFunction::create_or_throw("SHA-256");
  sha->update(out.name + "\n" + blob);
  const auto full = sha->final();
  out.key_id.assign(full.begin(), full.begin() + kKeyIdBytes);
  Hash check{};
  std::copy(full.begin(), full.end(), check.begin());
  if (to_hex(check).substr(0, 2 * kKeyIdBytes) != vkey.substr(first + 1, second - first - 1))
    return std::nullopt;
  return out;
}

namespace {

/// As little-endian numbers of as many bytes.
bool is_below(std::string_view one, std::string_view other) {
  return std::lexicographical_compare(
      one.rbegin(), one.rend(), other.rbegin(), other.rend(),
      [](char a, char b) { return static_cast<unsigned char>(a) < static_cast<unsigned char>(b); });
}

std::string bytes_of_hex(std::string_view hex) { return std::string(text_of(*hash_from_hex(hex))); }

/// Whether RFC 8032 §5.1.3 decodes the point, and it is none of the eight of small order, under
/// which anything is signed. Botan looks at neither.
bool is_key(std::string_view point) {
  static const std::string kPrime =
      bytes_of_hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
  static const std::array kSmallOrder{
      // y of each
      bytes_of_hex("0000000000000000000000000000000000000000000000000000000000000000"),
      bytes_of_hex("0100000000000000000000000000000000000000000000000000000000000000"),
      bytes_of_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
      bytes_of_hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
      bytes_of_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")};
  if (point.size() != kPointBytes) return false;
  std::string y(point);
  y.back() = static_cast<char>(y.back() & 0x7f);
  return is_below(y, kPrime) && std::ranges::find(kSmallOrder, y) == kSmallOrder.end();
}

/// Whether S is below the group's order: Botan takes S plus that too (RFC 8032 §5.1.7).
bool is_scalar(std::string_view s) {
  static const std::string kOrder =
      bytes_of_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  return s.size() == kOrder.size() && is_below(s, kOrder);
}

}  // namespace

bool verify_ed25519(std::string_view point, std::string_view message, std::string_view signature) {
  if (signature.size() != kSignatureBytes || !is_key(point) ||
      !is_scalar(signature.substr(kSignatureBytes / 2)))
    return false;
  try {
    const Botan::Ed25519_PublicKey key(vector_of(point));
    Botan::PK_Verifier verifier(key, "Pure");
    return verifier.verify_message(vector_of(message), vector_of(signature));
  } catch (const std::exception&) {
    return false;
  }
}

std::optional<Note> read_note(std::string_view note) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; };
  if (note.size() > kNoteBytesMax || std::ranges::any_of(note, is_control) || !is_utf8(note))
    return std::nullopt;
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return std::nullopt;
  Note out;
  out.text = note.substr(0, split + 1);
  if (!read_checkpoint(out.text, out.checkpoint)) return std::nullopt;
  std::string_view lines = note.substr(split + 2);
  while (const auto line = take_line(lines)) {
    if (!line->starts_with(kDash) || out.lines.size() == kLinesMax) return std::nullopt;
    const std::string_view rest = line->substr(kDash.size());
    const std::size_t space = rest.find(' ');
    Note::Line read;
    if (space == std::string_view::npos || space == 0 ||
        !from_base64(rest.substr(space + 1), read.blob) || read.blob.size() <= kKeyIdBytes)
      return std::nullopt;
    read.name = rest.substr(0, space);
    out.lines.push_back(std::move(read));
  }
  if (!lines.empty() || out.lines.empty()) return std::nullopt;
  return out;
}

namespace {

/// cosignature/v1 (C2SP tlog-cosignature): u64 time ‖ signature.
bool verify_cosignature(const Note& note, const LogKey& key, std::string_view blob,
                        std::uint64_t& time) {
  if (blob.size() != kTimeBytes + kSignatureBytes) return false;
  time = 0;
  for (const char byte : blob.substr(0, kTimeBytes))
    time = time << 8 | static_cast<std::uint8_t>(byte);
  const std::string message = "cosignature/v1\ntime " + std::to_string(time) + "\n" + note.text;
  return verify_ed25519(key.point, message, blob.substr(kTimeBytes));
}

bool verify_line(const Note& note, const LogKey& key, std::string_view blob, std::uint64_t& time) {
  switch (key.kind) {
    case KeyKind::ed25519: return verify_ed25519(key.point, note.text, blob);
    case KeyKind::cosignature: return verify_cosignature(note, key, blob, time);
    case KeyKind::sm2: return verify_sm2(key.point, note.text, blob);
  }
  return false;
}

}  // namespace

LineVerdict check_line(const Note& note, const LogKey& key, std::uint64_t* time) {
  LineVerdict verdict = LineVerdict::missing;
  for (const Note::Line& line : note.lines) {
    if (line.name != key.name || !line.blob.starts_with(key.key_id)) continue;
    std::uint64_t told = 0;
    if (!verify_line(note, key, std::string_view(line.blob).substr(kKeyIdBytes), told))
      return LineVerdict::bad;
    if (time != nullptr) *time = std::max(*time, told);
    verdict = LineVerdict::good;
  }
  return verdict;
}

bool has_other_line(const Note& note, const LogKey& key) {
  return std::any_of(note.lines.begin(), note.lines.end(), [&](const Note::Line& line) {
    return line.name == key.name && !line.blob.starts_with(key.key_id);
  });
}

}  // namespace hangu_verify
