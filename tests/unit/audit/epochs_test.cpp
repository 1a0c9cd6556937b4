// The second line under every checkpoint: its key is of one epoch, and gone afterwards.

#include <catch2/catch.hpp>

#include "audit/checkpoint.hpp"
#include "audit/writer.hpp"
#include "crypto/certificate.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

struct Box {
  TestFolder folder;
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy{42};

  Result<OpenedWriter> open(bool gm = false) {
    return Writer::open(
        {.folder = folder_at(folder / "log"),
         .epoch_keys = folder_at(folder / "epoch-keys"),
         .origin = kOrigin,
         .key = key_from(0),
         .gm_key = gm ? std::optional(gm_key()) : std::optional<crypto::SigningKey>(),
         .clock = clock,
         .entropy = entropy,
         .self = {.program = "audit", .uid = 7, .pid = 8},
         .limits = {.disk_reserve_bytes = 0}});
  }
  [[nodiscard]] std::string text(const std::string& path) const {
    return std::string(text_of(read_bytes(folder / path)));
  }
  [[nodiscard]] std::vector<std::string> keys() const { return files_below(folder / "epoch-keys"); }
};

wire::Json event_at(const Log& log, std::uint64_t index) {
  const auto entry = log.entry(index);
  REQUIRE(entry);
  const auto json = wire::Json::parse(text_of(*entry), 65536);
  REQUIRE(json);
  return *json->find("event");
}

std::string type_at(const Log& log, std::uint64_t index) {
  return std::string(EntryHead::parse(text_of(*log.entry(index)))->type);
}

NoteKey key_named(const wire::Json& event, const char* member) {
  return NoteKey::parse(*event.find(member)->as_string()).value();
}

bool signed_by(std::string_view note, const NoteKey& key) {
  return open_note(note, {&key, 1}).has_value();
}

}  // namespace

TEST_CASE("a log begins with its keys, and every start ends the epoch before", "[audit][epoch]") {
  Box box;
  auto opened = box.open(true);
  REQUIRE(opened);
  {
    const Log& log = opened->writer.log();
    CHECK(type_at(log, 0) == "genesis");
    CHECK(*event_at(log, 0).find("vkey")->as_string() == log.key().to_text());
    CHECK(key_named(event_at(log, 0), "gmVkey").name() == kOrigin + "/gm");
    CHECK(type_at(log, 1) == "boot");
    CHECK(signed_by(log.note(), key_named(event_at(log, 0), "epochVkey")));
  }
  CHECK(box.keys() == std::vector<std::string>{"0.key"});
  const NoteKey first = key_named(event_at(opened->writer.log(), 0), "epochVkey");

  opened = fail(ErrorCode::unavailable, "closed");
  opened = box.open(true);
  REQUIRE(opened);
  const Log& log = opened->writer.log();
  CHECK(type_at(log, 2) == "epoch.close");
  CHECK(type_at(log, 3) == "boot");
  CHECK(box.keys() == std::vector<std::string>{"1.key"});
  const NoteKey second = key_named(event_at(log, 2), "nextVkey");
  const std::string last = box.text("log/epoch/0.checkpoint");
  CHECK(open_checkpoint(last, log.key())->head.size == 3);
  CHECK(signed_by(last, first));
  CHECK_FALSE(signed_by(last, second));
  CHECK(signed_by(last, key_named(event_at(log, 0), "gmVkey")));
  CHECK(signed_by(log.note(), second));
  CHECK_FALSE(signed_by(log.note(), first));
}

TEST_CASE("an epoch's end tells its entries, its root and the chain of SM3", "[audit][epoch]") {
  Box box;
  auto opened = box.open();
  REQUIRE(opened);
  REQUIRE(opened->writer.note_event("heartbeat", heartbeat()));
  const TreeHead before = opened->writer.log().head();
  REQUIRE(opened->writer.close_epoch());
  REQUIRE(opened->writer.close_epoch());  // empty ones too
  const Log& log = opened->writer.log();
  Hash chain{};
  for (std::uint64_t i = 0; i < 3; ++i) {
    chain = crypto::Hasher(crypto::HashAlgorithm::sm3).update(chain).update(*log.entry(i)).finish();
  }
  const wire::Json event = event_at(log, 3);
  CHECK(*event.find("epoch")->as_integer() == 0);
  CHECK(*event.find("first")->as_integer() == 0);
  CHECK(*event.find("size")->as_integer() == 3);
  CHECK(*event.find("root")->as_string() == to_hex(before.root));
  CHECK(*event.find("sm3")->as_string() == to_hex(chain));
  const wire::Json empty = event_at(log, 4);
  CHECK(*empty.find("epoch")->as_integer() == 1);
  CHECK(*empty.find("first")->as_integer() == 4);
  CHECK(*empty.find("size")->as_integer() == 4);
  // The chain goes on over a restart as if there had been none.
  opened = fail(ErrorCode::unavailable, "closed");
  opened = box.open();
  REQUIRE(opened);
  for (std::uint64_t i = 3; i < 5; ++i) chain = chain_on(chain, *opened->writer.log().entry(i));
  CHECK(*event_at(opened->writer.log(), 5).find("sm3")->as_string() == to_hex(chain));
}

TEST_CASE("without its epoch's key, or with another one, a log does not open", "[audit][epoch]") {
  Box box;
  REQUIRE(box.open());
  const Bytes kept = read_bytes(box.folder / "epoch-keys/0.key");
  std::filesystem::remove(box.folder / "epoch-keys/0.key");
  CHECK(box.open().error().reason() == "audit-epoch-key");
  write_bytes(box.folder / "epoch-keys/0.key", bytes_of("no key"));
  CHECK(box.open().error().reason() == "audit-epoch-key");
  write_bytes(box.folder / "epoch-keys/0.key", *crypto::write_key_pem(key_from(5)));
  CHECK(box.open().error().reason() == "audit-epoch-key");
  write_bytes(box.folder / "epoch-keys/0.key", kept);
  CHECK(box.open());
}

TEST_CASE("a log rolled back behind an epoch's end does not open: its key is gone",
          "[audit][epoch]") {
  Box box;
  {
    auto opened = box.open();
    REQUIRE(opened);
    REQUIRE(opened->publisher.publish(opened->writer.log().head().size));
  }
  std::filesystem::copy(box.folder / "log", box.folder / "copy",
                        std::filesystem::copy_options::recursive);
  REQUIRE(box.open());
  std::filesystem::remove_all(box.folder / "log");
  std::filesystem::rename(box.folder / "copy", box.folder / "log");
  CHECK(box.open().error().reason() == "audit-epoch-key");
}

TEST_CASE("what a crash left undone at an epoch's end is done at the next start",
          "[audit][epoch]") {
  Box box;
  {
    auto opened = box.open();
    REQUIRE(opened);
    REQUIRE(opened->writer.close_epoch());
  }
  // The end was durable, but neither its checkpoint was kept nor the old key erased.
  const std::string last = box.text("log/epoch/0.checkpoint");
  std::filesystem::remove(box.folder / "log/epoch/0.checkpoint");
  write_bytes(box.folder / "epoch-keys/0.key", bytes_of("the old one"));
  REQUIRE(box.open());
  CHECK(box.text("log/epoch/0.checkpoint") == last);
  CHECK(box.keys() == std::vector<std::string>{"2.key"});
}

TEST_CASE("an SM2 line is r and s over the text, by a key of 65 bytes under a name of its own",
          "[audit][epoch]") {
  const auto signer = NoteSigner::create(kOrigin + "/gm", gm_key());
  REQUIRE(signer);
  const std::string vkey = signer->key().to_text();
  CHECK(NoteKey::parse(vkey)->to_text() == vkey);
  const auto blob = from_base64(vkey.substr(vkey.rfind('+') + 1));
  REQUIRE(blob);
  CHECK(blob->size() == 1 + 13 + 65);
  CHECK(text_of(ByteView(*blob).subspan(1, 13)) == "gm/sm2-sm3/v1");
  const NoteSigner* const one = &*signer;
  const auto note = sign_note("a text\n", {&one, 1});
  REQUIRE(note);
  const auto parsed = Note::parse(*note);
  REQUIRE(parsed);
  CHECK(parsed->signatures[0].signature.size() == 64);
  CHECK(signed_by(*note, signer->key()));
  std::string other = *note;
  other[0] = 'b';
  CHECK_FALSE(signed_by(other, signer->key()));
  // Cut, longer, or of another long name: no key.
  Bytes changed = *blob;
  changed[1] = std::byte{'x'};
  for (const Bytes& bad : {changed, Bytes(blob->begin(), blob->begin() + 78), Bytes(79)}) {
    const std::string text = vkey.substr(0, vkey.rfind('+') + 1) + to_base64(bad);
    CHECK(NoteKey::parse(text).error().reason() == "vkey-invalid");
  }
}

TEST_CASE("the hint of the last epoch's end is its kept checkpoint, or nothing", "[audit][chain]") {
  const TestFolder keys;
  const TestFolder log;
  const auto hint = [&] {
    return last_close_hint(*folder_at(keys.path()), *folder_at(log.path()));
  };
  CHECK(hint() == 0);
  write_bytes(keys / "0.key", bytes_of("k"));
  CHECK(hint() == 0);
  write_bytes(keys / "3.key", bytes_of("k"));
  CHECK(hint() == 0);
  write_bytes(log / "epoch/2.checkpoint", bytes_of("no note"));
  CHECK(hint() == 0);
  const Checkpoint checkpoint{.origin = kOrigin, .head = {.size = 77, .root = {}}};
  const NoteSigner signer = signer_from(0);
  const NoteSigner* const signers[] = {&signer};
  write_bytes(log / "epoch/2.checkpoint", bytes_of(*sign_note(checkpoint.to_text(), signers)));
  CHECK(hint() == 76);
  write_bytes(keys / "4.key", bytes_of("k"));  // the end before it was not kept yet
  CHECK(hint() == 76);
  write_bytes(keys / "5.key", bytes_of("k"));
  CHECK(hint() == 0);
}

TEST_CASE("whatever the files of closed epochs claim, the chain goes on rightly",
          "[audit][epoch]") {
  Box box;
  {
    auto opened = box.open();
    REQUIRE(opened);
    for (int i = 0; i < 1000; ++i) REQUIRE(opened->writer.note_event("heartbeat", heartbeat()));
    REQUIRE(opened->writer.close_epoch());
    for (int i = 0; i < 1000; ++i) REQUIRE(opened->writer.note_event("heartbeat", heartbeat()));
  }
  const auto claim = [&](std::uint64_t size) {
    const NoteSigner signer = signer_from(0);
    const NoteSigner* const one = &signer;
    const Checkpoint checkpoint{.origin = kOrigin, .head = {.size = size, .root = {}}};
    write_bytes(box.folder / "log/epoch/0.checkpoint",
                bytes_of(*sign_note(checkpoint.to_text(), {&one, 1})));
  };
  SECTION("nothing") { std::filesystem::remove_all(box.folder / "log/epoch"); }
  SECTION("no checkpoint") { write_bytes(box.folder / "log/epoch/0.checkpoint", bytes_of("x")); }
  SECTION("too early an end") { claim(7); }
  SECTION("an end that is none") { claim(1500); }
  SECTION("an end behind all") { claim(1'000'000); }
  const auto opened = box.open();
  REQUIRE(opened);
  const Log& log = opened->writer.log();
  Hash chain{};
  const std::uint64_t closed = log.head().size - 2;  // before the run's own end and boot
  for (std::uint64_t i = 0; i < closed; ++i) chain = chain_on(chain, *log.entry(i));
  REQUIRE(type_at(log, closed) == "epoch.close");
  CHECK(*event_at(log, closed).find("sm3")->as_string() == to_hex(chain));
}

}  // namespace hangu::audit::test
