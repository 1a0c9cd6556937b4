// How the client sends an object in pieces, several ahead of their answers.

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "line/custodian_client.hpp"
#include "tests/support/packet_server.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using std::chrono::milliseconds;

const TransferId kTransfer = TransferId::create("00112233445566778899aabbccddeeff").value();
constexpr std::size_t kSize = 20 * kPieceBytes + 7;

Bytes object() {
  Bytes bytes(kSize);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 241);
  return bytes;
}

/// Takes pieces as the custodian does.
struct Taker {
  os::test::ScratchFolder folder;
  std::function<bool()> cut = [] { return false; };  ///< asked before each answer
  std::optional<ledger::Refused> refuse{};
  Bytes got;
  int pieces = 0;
  test::PacketServer server{folder / "custodian.sock",
                            [this](const os::Message& packet) -> std::optional<test::Frame> {
                              const auto request = ledger::parse_request(packet.bytes).value();
                              const auto& piece = std::get<ledger::Piece>(request);
                              ++pieces;
                              ledger::Reply reply = ledger::Nothing{};
                              if (refuse) {
                                reply = *refuse;
                              } else if (piece.offset == got.size()) {
                                append(got, piece.bytes);
                              } else if (piece.offset > got.size()) {
                                reply = ledger::Refused{ErrorCode::malformed, "piece-offset", {}};
                              }
                              if (cut()) return test::Frame{};
                              return test::Frame{ledger::encode(reply)};
                            }};
  line::CustodianClient client =
      line::CustodianClient::connect(folder / "custodian.sock", {.answer = std::chrono::seconds(5),
                                                                 .long_answer = milliseconds(5),
                                                                 .reconnect = milliseconds(500)})
          .value();

  Done send(const Bytes& bytes, std::uint64_t from = 0) {
    return client.pieces(
        kTransfer, from, bytes.size(), [&](std::uint64_t offset, MutableByteView out) -> Done {
          const auto part = ByteView(bytes).subspan(static_cast<std::size_t>(offset), out.size());
          std::ranges::copy(part, out.begin());
          return {};
        });
  }
};

}  // namespace

TEST_CASE("an object goes in pieces, each once and in order", "[line]") {
  Taker taker;
  const Bytes bytes = object();
  REQUIRE(taker.send(bytes));
  CHECK(taker.got == bytes);
  CHECK(taker.pieces == 21);
  REQUIRE(taker.send(bytes, kSize));  // nothing left to send
  CHECK(taker.pieces == 21);
}

TEST_CASE("pieces go on behind the last one that was answered when the link is lost", "[line]") {
  Taker taker;
  const Bytes bytes = object();
  int until = 0;
  taker.cut = [&] { return ++until % 6 == 0; };  // its piece was taken, the answer is lost
  REQUIRE(taker.send(bytes));
  CHECK(taker.got == bytes);
  CHECK(taker.pieces > 21);
}

TEST_CASE("a custodian that never answers is not sent to for ever", "[line]") {
  Taker taker;
  taker.cut = [] { return true; };
  CHECK(taker.send(object()).error().reason() == "peer-gone");
}

TEST_CASE("a refused piece ends the sending, and answers to later ones are not taken for others",
          "[line]") {
  Taker taker;
  taker.refuse = ledger::Refused{ErrorCode::forbidden, "upload-unknown", {}};
  CHECK(taker.send(object()).error().reason() == "upload-unknown");
  taker.refuse.reset();
  const Bytes bytes = object();
  REQUIRE(taker.send(bytes));
  CHECK(taker.got == bytes);
}

TEST_CASE("an object that cannot be read is not sent on", "[line]") {
  Taker taker;
  const Done sent = taker.client.pieces(
      kTransfer, 0, kSize,
      [](std::uint64_t, MutableByteView) -> Done { return fail(ErrorCode::internal, "broken"); });
  CHECK(sent.error().reason() == "broken");
  CHECK(taker.pieces == 0);
}
