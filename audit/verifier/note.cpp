#include "audit/verifier/note.hpp"

#include <charconv>
#include <exception>
#include <vector>

#include <botan/ed25519.h>
#include <botan/hash.h>
#include <botan/pubkey.h>

namespace hangu_verify {
namespace {

constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kPointBytes = 32;
constexpr std::string_view kDash = "\xe2\x80\x94 ";
constexpr char kEd25519Type = '\x01';

std::vector<std::uint8_t> octets(std::string_view text) { return {text.begin(), text.end()}; }

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

bool read_head(std::string_view text, Checkpoint& out) {
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  if (!origin || !size || !root || !text.empty() || origin->empty() || size->empty()) return false;
  if (size->size() > 1 && size->front() == '0') return false;
  const auto parsed = std::from_chars(size->data(), size->data() + size->size(), out.size);
  if (parsed.ec != std::errc{} || parsed.ptr != size->data() + size->size()) return false;
  out.origin = *origin;
  return from_base64(*root, out.root) && out.root.size() == kPointBytes;
}

}  // namespace

std::optional<LogKey> parse_key(std::string_view vkey) {
  while (vkey.ends_with('\n')) vkey.remove_suffix(1);
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  LogKey out;
  out.name = vkey.substr(0, first);
  std::string blob;
  if (!from_base64(vkey.substr(second + 1), blob) || blob.size() != kPointBytes + 1 ||
      blob.front() != kEd25519Type)
    return std::nullopt;
  out.point = blob.substr(1);
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

bool verify_ed25519(std::string_view point, std::string_view message, std::string_view signature) {
  try {
    const Botan::Ed25519_PublicKey key(octets(point));
    Botan::PK_Verifier verifier(key, "Pure");
    return verifier.verify_message(octets(message), octets(signature));
  } catch (const std::exception&) {
    return false;
  }
}

NoteVerdict read_checkpoint(std::string_view note, const std::optional<LogKey>& key,
                            Checkpoint& out) {
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return NoteVerdict::malformed;
  const std::string_view text = note.substr(0, split + 1);
  if (!read_head(text, out)) return NoteVerdict::malformed;
  if (!key) return NoteVerdict::good;
  if (out.origin != key->name) return NoteVerdict::unsigned_by_key;
  std::string_view lines = note.substr(split + 2);
  while (const auto line = take_line(lines)) {
    const std::string start = std::string(kDash) + key->name + " ";
    if (!line->starts_with(start)) continue;
    std::string blob;
    if (!from_base64(line->substr(start.size()), blob)) return NoteVerdict::malformed;
    if (!blob.starts_with(key->key_id)) continue;
    return verify_ed25519(key->point, text, std::string_view(blob).substr(kKeyIdBytes))
               ? NoteVerdict::good
               : NoteVerdict::bad_signature;
  }
  return NoteVerdict::unsigned_by_key;
}

}  // namespace hangu_verify
