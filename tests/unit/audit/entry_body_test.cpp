// Bodies of entries: the quick look at an envelope says what the parser says.

#include "audit/entry_body.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "flow/envelope.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

flow::Envelope envelope(std::size_t payload_bytes, std::size_t signatures = 1) {
  flow::Envelope out{
      std::string(flow::kStatementPayloadType), Bytes(payload_bytes, std::byte{'p'}), {}};
  for (std::size_t i = 0; i < signatures; ++i)
    out.signatures.push_back({"key " + std::to_string(i), Bytes(64, std::byte{7}), {}});
  return out;
}

/// Whether both take it; they never differ where the quick look says yes.
bool plain(const std::string& text) {
  const bool quick = is_plain_envelope(text);
  if (quick) CHECK(flow::Envelope::parse(text));
  return quick;
}

bool stored(const std::string& text) {
  AppendRequest request;
  request.type = "step.verify";
  request.kind = BodyKind::statement;
  request.body = text;
  const auto body = body_of(request);
  if (body) CHECK(*body == statement_body(text));
  CHECK(body.has_value() == flow::Envelope::parse(text).has_value());
  return body.has_value();
}

}  // namespace

TEST_CASE("the envelope that a stage sends needs no tree of its JSON", "[audit][body]") {
  for (std::size_t bytes = 0; bytes < 7; ++bytes) CHECK(plain(envelope(bytes).to_text()));
  CHECK(plain(envelope(300).to_text()));
  CHECK(plain(envelope(300, kApprovalsMax).to_text()));
  CHECK(plain(
      flow::Envelope::sign("application/vnd.in-toto+json", Bytes(300), key_from(9))->to_text()));
}

TEST_CASE("an envelope beyond a limit of the parser's is not plain", "[audit][body]") {
  CHECK_FALSE(plain(envelope(300, 0).to_text()));
  CHECK_FALSE(plain(envelope(300, kApprovalsMax + 1).to_text()));
  auto named = envelope(3);
  named.payload_type = std::string(flow::kPayloadTypeBytesMax, 't');
  named.signatures[0].key_id = std::string(flow::kKeyIdBytesMax, 'k');
  named.signatures[0].signature = Bytes(flow::kSignatureTextBytesMax / 4 * 3);
  CHECK(plain(named.to_text()));
  CHECK(stored(named.to_text()));
  auto over = named;
  over.payload_type += 't';
  CHECK_FALSE(stored(over.to_text()));
  over = named;
  over.signatures[0].key_id += 'k';
  CHECK_FALSE(stored(over.to_text()));
  over = named;
  over.signatures[0].signature.push_back(std::byte{0});
  CHECK_FALSE(stored(over.to_text()));
}

TEST_CASE("what is not plain is left to the parser", "[audit][body]") {
  auto certified = envelope(3);
  certified.signatures[0].certificate = "-----BEGIN\nCERTIFICATE";
  CHECK_FALSE(plain(certified.to_text()));
  CHECK(stored(certified.to_text()));
  auto foreign = envelope(3);
  foreign.payload_type = "\xe7\xb1\xbb\\\"\n";
  CHECK_FALSE(plain(foreign.to_text()));
  CHECK(stored(foreign.to_text()));
  CHECK_FALSE(stored(""));
  CHECK_FALSE(stored("{}"));
  CHECK_FALSE(stored(envelope(3).to_text() + " "));
}

TEST_CASE("no change of a few bytes makes the quick look take what the parser refuses",
          "[audit][body]") {
  SeededEntropy chance(17);
  constexpr std::string_view kPieces("\"\\{}[],:=+/A9z -_\n\x7f\x80\x00", 21);
  static_assert(kPieces.back() == '\0');
  const std::array<std::string, 3> good{envelope(4).to_text(), envelope(5, 2).to_text(),
                                        envelope(6, 3).to_text()};
  int taken = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text = good[chance.below(good.size())];
    for (std::uint64_t changes = 1 + chance.below(2); changes > 0; --changes) {
      const std::size_t at = chance.below(text.size());
      const char piece = kPieces[chance.below(kPieces.size())];
      switch (chance.below(4)) {
        case 0: text[at] = piece; break;
        case 1: text.insert(at, 1, piece); break;
        case 2: text.erase(at, 1 + chance.below(3)); break;
        default: text.insert(at, text.substr(at, chance.below(8))); break;
      }
    }
    const bool quick = is_plain_envelope(text);
    taken += quick ? 1 : 0;
    if (quick && !flow::Envelope::parse(text)) FAIL("round " << round << ": " << text);
  }
  CHECK(taken > 100);  // the changes reach both sides
}

}  // namespace hangu::audit::test
