#include "flow/log_proof.hpp"

#include <algorithm>
#include <charconv>

namespace hangu::flow {
namespace {

constexpr std::size_t kCheckpointBytesMax = 8 * 1024;
constexpr std::size_t kPathHashesMax = 63;
constexpr std::size_t kKeyHintBytes = 4;
constexpr std::string_view kSignatureStart = "\xe2\x80\x94 ";  // em dash, space
constexpr std::byte kEd25519Type{0x01};

auto malformed(const char* why) { return fail(ErrorCode::forbidden, "checkpoint-malformed", why); }

crypto::Hash hash_parts(std::byte prefix, ByteView a, ByteView b = {}) {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  return hasher.update({&prefix, 1}).update(a).update(b).finish();
}

/// One line without its newline, cut from the front of `text`.
bool take_line(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

Result<CheckpointHead> parse_head(std::string_view text, std::string_view origin) {
  std::string_view line;
  if (!take_line(text, line)) return malformed("no origin");
  if (line != origin) return fail(ErrorCode::forbidden, "checkpoint-origin", std::string(line));
  if (!take_line(text, line) || line.empty() || (line.size() > 1 && line.front() == '0'))
    return malformed("size");
  CheckpointHead head;
  const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), head.size);
  if (problem != std::errc{} || end != line.data() + line.size()) return malformed("size");
  if (!take_line(text, line)) return malformed("root");
  const Result<Bytes> root = from_base64(line);
  if (!root || root->size() != head.root.size()) return malformed("root");
  if (!text.empty()) return malformed("extension lines");
  std::ranges::copy(*root, head.root.begin());
  return head;
}

/// The key hint of a note signature: SHA-256(name ‖ 0x0a ‖ type ‖ key)[0:4].
crypto::Hash key_hint(const LogIdentity& log) {
  Bytes input = to_bytes(log.origin + "\n");
  input.push_back(kEd25519Type);
  append(input, log.key.point());
  return crypto::hash(crypto::HashAlgorithm::sha256, input);
}

}  // namespace

Result<CheckpointHead> check_checkpoint(std::string_view note, const LogIdentity& log) {
  if (note.size() > kCheckpointBytesMax) return malformed("too long");
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return malformed("no signature block");
  const std::string_view text = note.substr(0, split + 1);
  HANGU_TRY(const CheckpointHead head, parse_head(text, log.origin));

  std::string_view signatures = note.substr(split + 2);
  const crypto::Hash hint = key_hint(log);
  std::string_view line;
  while (take_line(signatures, line)) {
    const std::string start = std::string(kSignatureStart) + log.origin + " ";
    if (!line.starts_with(start)) continue;
    const Result<Bytes> blob = from_base64(line.substr(start.size()));
    if (!blob || blob->size() < kKeyHintBytes) return malformed("signature line");
    const ByteView bytes(*blob);
    if (!equal(bytes.first(kKeyHintBytes), ByteView(hint).first(kKeyHintBytes))) continue;
    if (crypto::verify_by_other_implementation(log.key, bytes_of(text),
                                               bytes.subspan(kKeyHintBytes)))
      return head;
    return fail(ErrorCode::forbidden, "checkpoint-unsigned", "bad signature");
  }
  return fail(ErrorCode::forbidden, "checkpoint-unsigned", "no signature of the log");
}

Done check_inclusion(const CheckpointHead& head, std::uint64_t index, ByteView entry,
                     std::span<const crypto::Hash> path) {
  const auto invalid = [&] {
    return fail(ErrorCode::forbidden, "proof-invalid", "entry " + std::to_string(index));
  };
  if (index >= head.size || path.size() > kPathHashesMax) return invalid();
  crypto::Hash hash = hash_parts(std::byte{0}, entry);
  std::uint64_t from = index;
  std::uint64_t last = head.size - 1;
  for (const crypto::Hash& sibling : path) {
    if (last == 0) return invalid();
    if ((from & 1U) != 0 || from == last) {
      hash = hash_parts(std::byte{1}, sibling, hash);
      while ((from & 1U) == 0 && from != 0) {
        from >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = hash_parts(std::byte{1}, hash, sibling);
    }
    from >>= 1U;
    last >>= 1U;
  }
  if (last != 0 || !equal(hash, head.root)) return invalid();
  return {};
}

}  // namespace hangu::flow
