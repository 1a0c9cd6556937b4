#include "audit/witness/add_checkpoint.hpp"

#include <optional>

#include "audit/decimal.hpp"
#include "audit/witness/limits.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kOld = "old ";
/// Stands before signature lines, so that the parser of notes reads them.
constexpr std::string_view kNoteStart = "-\n\n";

std::unexpected<Error> malformed(std::size_t line, const char* expected) {
  return fail(ErrorCode::malformed, "add-checkpoint-malformed",
              "line " + std::to_string(line) + ": expected " + expected);
}

std::unexpected<Error> bad_answer(const char* expected) {
  return fail(ErrorCode::malformed, "witness-answer-malformed",
              std::string("expected ") + expected);
}

/// Cuts the next line off `text`, without its newline; nothing when none is ended.
std::optional<std::string_view> next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string AddCheckpoint::to_text() const {
  std::string text = std::string(kOld) + std::to_string(old_size) + "\n";
  for (const Hash& hash : proof) text += to_base64(hash) + "\n";
  return text + "\n" + note;
}

Result<AddCheckpoint> AddCheckpoint::parse(std::string_view body) {
  if (body.size() > kAddCheckpointBytesMax) {
    return fail(ErrorCode::exhausted, "add-checkpoint-too-long");
  }
  AddCheckpoint out;
  const auto first = next_line(body);
  if (!first || !first->starts_with(kOld)) return malformed(1, "old SIZE");
  const auto old_size = parse_decimal(first->substr(kOld.size()));
  if (!old_size) return malformed(1, "a decimal size without leading zeros");
  out.old_size = *old_size;
  for (std::size_t line = 2;; ++line) {  // ends: an empty line, or the bound
    const auto text = next_line(body);
    if (!text) return malformed(line, "an empty line before the checkpoint");
    if (text->empty()) break;
    if (out.proof.size() == kProofHashesMax) return malformed(line, "63 hashes at most");
    const Result<Bytes> bytes = from_base64(*text);
    const Result<Hash> hash = bytes ? hash_from(*bytes) : std::unexpected(bytes.error());
    if (!hash) return malformed(line, "base64 of 32 bytes");
    out.proof.push_back(*hash);
  }
  out.note = body;
  return out;
}

Result<std::uint64_t> parse_size_answer(std::string_view body) {
  if (body.empty() || body.back() != '\n') return bad_answer("a size and a newline");
  const auto size = parse_decimal(body.substr(0, body.size() - 1));
  if (!size) return bad_answer("a size and a newline");
  return *size;
}

Result<std::vector<NoteSignature>> parse_cosignature_answer(std::string_view body) {
  if (body.size() > kWitnessAnswerBytesMax) return bad_answer("a shorter answer");
  if (body.starts_with('\n') || body.find("\n\n") != std::string_view::npos) {
    return bad_answer("signature lines only");
  }
  Result<Note> note = Note::parse(std::string(kNoteStart) + std::string(body));
  if (!note) return bad_answer("signature lines");
  return std::move(note->signatures);
}

std::string to_answer(const std::vector<NoteSignature>& lines) {
  return Note{.text = {}, .signatures = lines}.to_text().substr(1);  // without the empty line
}

}  // namespace hangu::audit
