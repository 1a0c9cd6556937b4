// The spool: what a node was told is held is held, and what it sent arrives whole at the custodian,
// also when receive or the custodian is started anew in between.

#include "zone/receive/spool.hpp"

#include <filesystem>
#include <utility>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/full_disk.hpp"
#include "tests/support/packet_server.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"
#include "zone/receive/routes.hpp"

namespace {

using namespace hangu;

constexpr std::uint32_t kOpenMax = 4;
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
  bool has_it = false;  ///< the package is a transfer already
  int begins = 0;
  int pieces = 0;
  std::vector<ledger::Room> rooms;  ///< what it was asked for
  std::uint64_t room_max =
      std::numeric_limits<std::uint64_t>::max();  ///< sizes that it has room for
  test::PacketServer custodian{folder / "custodian.sock", [this](const os::Message& packet) {
                                 const auto request = ledger::parse_request(packet.bytes).value();
                                 return std::optional(test::Frame{ledger::encode(answer(request))});
                               }};
  zone::Links links{folder / "custodian.sock", audit.socket("receive.egov"), key};
  zone::Intake intake{links, ZoneId::create("egov").value()};
  std::unique_ptr<zone::Spool> spool;

  Receive() { start(); }
  void start() {
    spool.reset();
    const std::string path = folder / "spool";
    std::filesystem::create_directories(path);
    const zone::SpoolLimits limits{kObjectBytesMax, kObjectBytesMax, 100, kOpenMax};
    spool = zone::Spool::open(path, limits, intake, clock, entropy).value();
  }

  ledger::Reply answer(const ledger::Request& request) {
    if (away) return ledger::Refused{ErrorCode::unavailable, "transfer-busy", {}};
    if (const auto* const room = std::get_if<ledger::Room>(&request)) {
      rooms.push_back(*room);
      if (room->bytes > room_max)
        return ledger::Refused{ErrorCode::exhausted, "disk-full", "at /var/lib/objects"};
      return ledger::Nothing{};
    }
    if (std::holds_alternative<ledger::AskStatus>(request)) return ledger::StatusReply{};
    if (std::holds_alternative<ledger::Begin>(request)) {
      ++begins;
      ledger::Begun begun;
      if (has_it) begun.result = ledger::BeginResult::exists;
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
    if (std::holds_alternative<ledger::AskStatus>(request)) return ledger::StatusReply{};
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
  std::string create(std::uint64_t length, std::string_view owner = "survey") {
    return spool->create(length, {}, owner).value();
  }
  std::string refusal(std::uint64_t length, std::string_view owner = "survey") {
    const auto made = spool->create(length, {}, owner);
    return made ? "not refused" : std::string(made.error().reason());
  }
  [[nodiscard]] std::size_t files() const { return count_in(folder / "spool"); }
  static std::size_t count_in(const std::string& path) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
  /// Of this process, to files below the spool (a double's connections end when they like).
  [[nodiscard]] std::size_t descriptors() const {
    std::size_t count = 0;
    for (const auto& one : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      const auto file = std::filesystem::read_symlink(one.path(), gone);
      if (!gone && file.string().starts_with(folder / "spool/")) ++count;
    }
    return count;
  }
  [[nodiscard]] std::uint64_t free() const {
    return os::free_bytes(os::open_folder(folder / "spool").value().view()).value();
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

TEST_CASE("the end of an upload says whether the package was known, the same however often asked",
          "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  for (const bool known : {false, true}) {
    receive.has_it = known;
    const std::string id = receive.spool->create(kSize, {}, "survey").value();
    receive.append_until(id, bytes, kSize);
    for (int i = 0; i < 2; ++i) {
      const auto told = receive.spool->finished(id, "survey");
      REQUIRE(told);
      CHECK(receive.header(*told, "Hangu-Known") == (known ? "true" : "false"));
      receive.start();
    }
  }
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

TEST_CASE("an upload has a file open only while its bytes come", "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  receive.create(1);  // links to the middle are made once
  const std::size_t before = receive.descriptors();
  const std::string id = receive.create(kSize);
  CHECK(receive.descriptors() == before);
  receive.append_until(id, bytes, 100);
  CHECK(receive.descriptors() == before + 1);
  REQUIRE(receive.spool->settle(id, "survey"));
  CHECK(receive.descriptors() == before);
  CHECK(receive.spool->state(id, "survey").value().offset == 100);
  CHECK(receive.descriptors() == before);
  receive.append_until(id, bytes, kSize);
  receive.away = true;
  CHECK_FALSE(receive.spool->finished(id, "survey"));
  CHECK(receive.descriptors() == before);
  receive.away = false;
  REQUIRE(receive.spool->finished(id, "survey"));
  CHECK(receive.got == bytes);
  const std::size_t after = receive.descriptors();
  receive.start();  // what is read back is not kept open either
  CHECK(receive.descriptors() == after);
}

TEST_CASE("a node may have so many uploads open and no more, and other nodes theirs", "[zone]") {
  Receive receive;
  std::string last;
  for (std::uint32_t i = 0; i < kOpenMax; ++i) last = receive.create(1);
  CHECK(receive.refusal(1) == "node-uploads-open");
  CHECK(net::tus_error(receive.spool->create(1, {}, "survey").error()).status == 429);
  receive.create(1, "portal");
  receive.start();  // also after a restart
  CHECK(receive.refusal(1) == "node-uploads-open");
  REQUIRE(receive.spool->terminate(last, "survey"));
  receive.create(1);
  CHECK(receive.refusal(1) == "node-uploads-open");
}

TEST_CASE("uploads that were left for an hour make way for their node's next, others stay",
          "[zone]") {
  Receive receive;
  const std::string alive = receive.create(kSize);
  for (std::uint32_t i = 1; i < kOpenMax; ++i) receive.create(1);
  const std::string of_another = receive.create(1, "portal");
  receive.clock.advance(std::chrono::minutes(59));
  receive.append_until(alive, package(), 10);
  CHECK(receive.refusal(1) == "node-uploads-open");
  receive.clock.advance(std::chrono::minutes(1));
  receive.create(1);
  CHECK(receive.spool->state(alive, "survey").value().offset == 10);
  CHECK(receive.spool->state(of_another, "portal"));
  CHECK(receive.files() == 2 * 3);  // the one alive, the new one, the other node's
}

TEST_CASE("a disk takes what leaves the headroom free, to the byte", "[zone]") {
  constexpr std::uint64_t kHeadroom = ledger::kDiskHeadroomBytes;
  CHECK(zone::has_room(kHeadroom, 0));
  CHECK_FALSE(zone::has_room(kHeadroom - 1, 0));
  CHECK_FALSE(zone::has_room(0, 0));
  CHECK(zone::has_room(kHeadroom + 7, 7));
  CHECK_FALSE(zone::has_room(kHeadroom + 7, 8));
  CHECK_FALSE(zone::has_room(kHeadroom + 7, std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("an upload that the spool's disk has no room for is refused when it is made", "[zone]") {
  Receive receive;
  constexpr std::uint64_t kSlack = std::uint64_t{512} << 20;  // others write to this disk too
  const std::uint64_t free = receive.free();
  REQUIRE(free > 8 * kSlack);
  const std::uint64_t most = free - ledger::kDiskHeadroomBytes;
  CHECK(receive.refusal(most + kSlack) == "disk-full");
  CHECK(receive.rooms.empty());
  CHECK(receive.files() == 0);
  const std::string id = receive.create(most / 2);
  // What it has yet to get counts, although nothing of it is there.
  CHECK(receive.refusal(most / 2 + kSlack, "portal") == "disk-full");
  receive.create(most / 2 - kSlack, "portal");
  REQUIRE(receive.spool->terminate(id, "survey"));
  receive.create(most / 2 - kSlack);
}

TEST_CASE("the custodian is asked about all open uploads together before one is made", "[zone]") {
  Receive receive;
  receive.room_max = 3 * kSize;
  const std::string id = receive.create(kSize);
  receive.append_until(id, package(), 1000);
  receive.create(2 * kSize);
  REQUIRE(receive.rooms.size() == 2);
  CHECK(receive.rooms[1].bytes == 3 * kSize);
  CHECK(receive.rooms[1].coming == 3 * kSize - 1000);
  const std::size_t files = receive.files();
  const auto over = receive.spool->create(1, {}, "portal");
  REQUIRE_FALSE(over);
  CHECK(over.error().reason() == "disk-full");
  CHECK(over.error().context().find("objects") == std::string::npos);
  CHECK(over.error().context().find("try again") != std::string::npos);
  CHECK(net::tus_error(over.error()).status == 507);
  CHECK(receive.files() == files);
  REQUIRE(receive.spool->terminate(id, "survey"));
  CHECK(receive.rooms.back().bytes == 2 * kSize);  // what is free again is said at once
  receive.create(1, "portal");
  receive.away = true;
  CHECK(receive.refusal(1, "portal") == "transfer-busy");
}

TEST_CASE("an upload that gets no bytes gives its room up, and asks for it when it goes on",
          "[zone]") {
  Receive receive;
  receive.room_max = kSize;
  const Bytes bytes = package();
  const std::string id = receive.create(kSize);
  receive.append_until(id, bytes, 1000);
  REQUIRE(receive.spool->settle(id, "survey"));
  receive.clock.advance(zone::kRoomIdleMax - std::chrono::milliseconds(1));
  CHECK(receive.refusal(1, "portal") == "disk-full");
  receive.clock.advance(std::chrono::milliseconds(1));
  const std::string other = receive.create(kSize, "portal");
  const ByteView more = ByteView(bytes).subspan(1000, 10);
  CHECK(receive.spool->append(id, "survey", 1000, more).error().reason() == "disk-full");
  CHECK(receive.spool->state(id, "survey").value().offset == 1000);  // it is not lost
  REQUIRE(receive.spool->terminate(other, "portal"));
  receive.append_until(id, bytes, kSize);
  REQUIRE(receive.spool->finished(id, "survey"));
  CHECK(receive.got == bytes);
}

TEST_CASE("what was left for an hour makes way when the disk is needed", "[zone]") {
  Receive receive;
  receive.room_max = 2 * kSize;
  const std::string left = receive.create(kSize);
  receive.append_until(left, package(), 1000);
  receive.clock.advance(std::chrono::hours(1));
  receive.create(2 * kSize, "portal");  // there is room beside it: it stays
  CHECK(receive.spool->state(left, "survey"));
  CHECK(receive.refusal(kSize, "portal") == "disk-full");
  CHECK(receive.spool->state(left, "survey").error().reason() == "upload-unknown");
}

TEST_CASE("an upload that met a full disk keeps what it has and goes on later", "[zone]") {
  Receive receive;
  const Bytes bytes = package();
  const std::string id = receive.create(kSize);
  receive.append_until(id, bytes, 5000);
  {
    const test::FullDisk full(6000);
    const Done met = receive.spool->append(id, "survey", 5000, ByteView(bytes).subspan(5000, 5000));
    REQUIRE_FALSE(met);
    const net::Response answer = net::tus_error(met.error());
    CHECK(answer.status == 507);
    CHECK(text_of(std::get<Bytes>(answer.body)).find("disk-full") != std::string_view::npos);
    CHECK(text_of(std::get<Bytes>(answer.body)).find('/') == std::string_view::npos);
    REQUIRE(receive.spool->settle(id, "survey"));
  }
  CHECK(receive.spool->state(id, "survey").value().offset == 5000);
  receive.append_until(id, bytes, kSize);
  REQUIRE(receive.spool->finished(id, "survey"));
  CHECK(receive.got == bytes);
}

TEST_CASE("a whole package is refused before its body when there is no room, and leaves nothing",
          "[zone]") {
  Receive receive;
  receive.room_max = kSize;
  const net::Router router = zone::receive_routes(receive.intake, *receive.spool);
  const auto post = [&](std::uint64_t size) {
    net::Request request;
    request.identity = "survey";
    request.body_bytes = size;
    const auto found = router.find(net::Method::post, net::parse_target("/v1/packages").value());
    return (*std::get<net::Router::Match>(found).action)(request);
  };
  const net::Reply over = post(kSize + 1);
  REQUIRE(std::holds_alternative<net::Response>(over));
  CHECK(std::get<net::Response>(over).status == 507);
  CHECK(receive.files() == 0);

  net::Reply within = post(kSize);
  auto& sink = std::get<std::unique_ptr<net::BodySink>>(within);
  CHECK(receive.files() == 1);
  CHECK(std::get<net::Response>(post(kSize)).status == 507);  // it counts while it comes
  sink->abort();
  CHECK(receive.files() == 0);

  net::Reply again = post(kSize);
  auto& whole = std::get<std::unique_ptr<net::BodySink>>(again);
  const Bytes bytes = package();
  for (std::size_t at = 0; at < kSize; at += kPieceBytes)
    REQUIRE(whole->write(ByteView(bytes).subspan(at, std::min(kPieceBytes, kSize - at))));
  CHECK(whole->finish().status == 201);
  CHECK(receive.got == bytes);
  CHECK(receive.files() == 0);
}
