// The spool: what a node was told is held is held, and what it sent arrives whole at the custodian,
// also when receive or the custodian is started anew in between.

#include "zone/receive/spool.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/packet_server.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;

constexpr std::size_t kSize = 9 * kChunkBytes + 13;

crypto::SigningKey key_of(std::string_view seed) {
  test::SeededEntropy entropy(seed);
  return crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy).value();
}

Bytes package(std::uint8_t salt = 0) {
  Bytes bytes(kSize);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>((i * 2654435761U >> 13) + salt);
  return bytes;
}

/// Receive's spool before a custodian that takes one upload.
struct Receive {
  os::test::ScratchFolder folder;
  ManualClock clock{WallTime(std::chrono::milliseconds(1'772'352'000'000))};
  test::AuditService audit{
      folder / "audit", "gw-test/audit", key_of("audit"), clock, {"receive.egov"}};
  crypto::SigningKey key = key_of("receive");
  crypto::SystemEntropy entropy;

  // What the custodian has, and how it behaves.
  Bytes got;
  int forgets_at = -1;  ///< the piece before which it is started anew, once
  bool away = false;
  int begins = 0;
  int pieces = 0;
  test::PacketServer custodian{folder / "custodian.sock", [this](const os::Message& packet) {
                                 const auto request = ledger::parse_request(packet.bytes).value();
                                 return std::optional(test::Frame{ledger::encode(answer(request))});
                               }};
  zone::Links links{folder / "custodian.sock", audit.socket("receive.egov"), key};
  zone::Intake intake{links};
  std::unique_ptr<zone::Spool> spool;

  Receive() { start(); }
  void start() {
    spool.reset();
    const std::string path = folder / "spool";
    std::filesystem::create_directories(path);
    const zone::SpoolLimits limits{4 * kSize, 4 * kSize, 4};
    spool = zone::Spool::open(path, limits, intake, clock, entropy).value();
  }

  ledger::Reply answer(const ledger::Request& request) {
    if (away) return ledger::Refused{ErrorCode::unavailable, "transfer-busy", {}};
    if (std::holds_alternative<ledger::Begin>(request)) {
      ++begins;
      ledger::Begun begun;
      begun.offset = got.size();
      return begun;
    }
    if (const auto* const piece = std::get_if<ledger::Piece>(&request)) {
      if (pieces++ == forgets_at) got.clear();
      if (piece->offset != got.size())
        return ledger::Refused{ErrorCode::forbidden, "upload-unknown", {}};
      append(got, piece->bytes);
      return ledger::Nothing{};
    }
    if (std::holds_alternative<ledger::Commit>(request))
      return ledger::StoredObject{crypto::digest_of(crypto::HashAlgorithm::sha256, got)};
    return ledger::NewState{};
  }

  /// Appends from where the upload stands, in pieces of odd sizes.
  void append_until(const std::string& id, const Bytes& bytes, std::size_t end) {
    std::size_t at = spool->state(id, "survey").value().offset;
    for (std::size_t step = 1; at < end; step = step * 3 % 300'007 + 1) {
      const std::size_t n = std::min(step, end - at);
      REQUIRE(spool->append(id, "survey", at, ByteView(bytes).subspan(at, n)));
      at += n;
    }
  }
  std::string header(const net::OutHeaders& headers, std::string_view name) {
    for (const auto& [key_text, value] : headers)
      if (key_text == name) return value;
    return {};
  }
};

}  // namespace

TEST_CASE("an upload in pieces of any size arrives whole under the name that it makes", "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  const std::string id = receive.spool->create(kSize, {}, "survey").value();
  receive.append_until(id, bytes, kSize);
  const auto told = receive.spool->finished(id, "survey");
  REQUIRE(told);
  CHECK(receive.got == bytes);
  const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes);
  CHECK(receive.header(*told, "Hangu-Transfer") == zone::transfer_of(digest).text());
  CHECK(receive.spool->state(id, "survey").value().offset == kSize);
  CHECK_FALSE(std::filesystem::exists(receive.folder / "spool" + "/" + id + ".part"));
}

TEST_CASE("receive started anew goes on with what it holds, and hashes it anew", "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  const std::string id = receive.spool->create(kSize, {}, "survey").value();
  receive.append_until(id, bytes, 5 * kChunkBytes + 3);
  receive.start();
  CHECK(receive.spool->state(id, "survey").value().offset == 5 * kChunkBytes + 3);
  receive.append_until(id, bytes, kSize);
  receive.start();  // and once more with all of it
  REQUIRE(receive.spool->finished(id, "survey"));
  CHECK(receive.got == bytes);
}

TEST_CASE("an upload stays while the custodian is away, and is finished when it is back",
          "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  const std::string id = receive.spool->create(kSize, {}, "survey").value();
  receive.append_until(id, bytes, kSize);
  receive.away = true;
  CHECK(receive.spool->finished(id, "survey").error().code() == ErrorCode::unavailable);
  CHECK(receive.spool->state(id, "survey").value().offset == kSize);
  CHECK(std::filesystem::exists(receive.folder / "spool" + "/" + id + ".part"));
  receive.away = false;
  REQUIRE(receive.spool->finished(id, "survey"));
  CHECK(receive.got == bytes);
}

TEST_CASE("a custodian that forgot the bytes while they came gets them again", "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  const std::string id = receive.spool->create(kSize, {}, "survey").value();
  receive.append_until(id, bytes, kSize);
  receive.forgets_at = 40;
  REQUIRE(receive.spool->finished(id, "survey"));
  CHECK(receive.got == bytes);
  CHECK(receive.begins == 2);
}

TEST_CASE("bytes at another offset than the upload's are refused", "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  const std::string id = receive.spool->create(kSize, {}, "survey").value();
  receive.append_until(id, bytes, 100);
  const ByteView some = ByteView(bytes).first(10);
  CHECK(receive.spool->append(id, "survey", 99, some).error().reason() == "tus-offset-conflict");
  CHECK(receive.spool->append(id, "survey", 101, some).error().reason() == "tus-offset-conflict");
  CHECK(receive.spool->append(id, "portal", 100, some).error().reason() == "upload-unknown");
  CHECK(receive.spool->append(id, "survey", 100, bytes).error().reason() == "tus-offset-conflict");
}
