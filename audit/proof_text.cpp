#include "audit/proof_text.hpp"

#include "audit/decimal.hpp"
#include "audit/limits.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";

std::unexpected<Error> malformed(const char* why) {
  return fail(ErrorCode::malformed, "proof-malformed", why);
}

/// One line without its newline, cut from the front of `text`.
bool take_line(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string LogProof::to_text() const {
  std::string text = std::string(kFirstLine) + "\nindex " + std::to_string(index) + "\n";
  for (const Hash& hash : path) text += to_base64(hash) + "\n";
  return text + "\n" + checkpoint;
}

Result<LogProof> LogProof::parse(std::string_view text) {
  if (text.size() > kProofTextBytesMax) return fail(ErrorCode::exhausted, "proof-too-long");
  std::string_view line;
  if (!take_line(text, line) || line != kFirstLine) return malformed("first line");
  if (!take_line(text, line)) return malformed("index");
  if (line.starts_with("extra ")) {
    if (!from_base64(line.substr(6)) || !take_line(text, line)) return malformed("extra");
  }
  constexpr std::string_view kIndex = "index ";
  if (!line.starts_with(kIndex)) return malformed("index");
  line.remove_prefix(kIndex.size());
  LogProof out;
  const auto index = parse_decimal(line);
  if (!index) return malformed("index");
  out.index = *index;
  while (true) {  // ends: each turn takes a line of a bounded text
    if (!take_line(text, line)) return malformed("no checkpoint");
    if (line.empty()) break;
    if (out.path.size() == kProofHashesMax) return malformed("too many hashes");
    const Result<Bytes> bytes = from_base64(line);
    if (!bytes) return malformed("hash");
    const Result<Hash> hash = hash_from(*bytes);
    if (!hash) return malformed("hash");
    out.path.push_back(*hash);
  }
  if (text.empty()) return malformed("no checkpoint");
  out.checkpoint = text;
  return out;
}

}  // namespace hangu::audit
