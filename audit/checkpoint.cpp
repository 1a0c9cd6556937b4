#include "audit/checkpoint.hpp"

#include "audit/decimal.hpp"
#include "audit/limits.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

std::unexpected<Error> malformed(const char* why) {
  return fail(ErrorCode::malformed, "checkpoint-malformed", why);
}

}  // namespace

std::string Checkpoint::to_text() const {
  return origin + "\n" + std::to_string(head.size) + "\n" + to_base64(head.root) + "\n";
}

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
  Result<Checkpoint> out = parse_claim(text);
  if (out && out->head.size == 0 && out->head.root != empty_root()) {
    return malformed("root of no entries");
  }
  return out;
}

Result<Checkpoint> Checkpoint::parse_claim(std::string_view text) {
  const auto lines = split(text, '\n');  // the last piece is what follows the last newline
  if (lines.size() != 4 || !lines[3].empty()) return malformed("not three lines");
  if (lines[0].empty() || lines[0].size() > kOriginBytesMax) return malformed("origin");
  Checkpoint out{.origin = std::string(lines[0]), .head = {}};
  const auto size = parse_decimal(lines[1]);
  if (!size) return malformed("size");
  out.head.size = *size;
  const Result<Bytes> root = from_base64(lines[2]);
  if (!root) return malformed("root");
  const Result<Hash> hash = hash_from(*root);
  if (!hash) return malformed("root");
  out.head.root = *hash;
  return out;
}

Result<Checkpoint> open_checkpoint(std::string_view note, const NoteKey& key) {
  return open_checkpoint(note, std::span(&key, 1));
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const NoteKey> keys) {
  HANGU_ASSERT(!keys.empty());
  HANGU_TRY(const std::string text, open_note(note, keys));
  HANGU_TRY(Checkpoint checkpoint, Checkpoint::parse(text));
  if (checkpoint.origin != keys.front().name()) {
    return fail(ErrorCode::forbidden, "checkpoint-origin", printable(checkpoint.origin));
  }
  return checkpoint;
}

}  // namespace hangu::audit
