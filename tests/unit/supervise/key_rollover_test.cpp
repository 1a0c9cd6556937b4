// The files of the log's own keys, while they are replaced.

#include "supervise/key_rollover.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "audit/witness/files.hpp"
#include "audit/witness/limits.hpp"
#include "crypto/certificate.hpp"
#include "os/file.hpp"
#include "supervise/gateway_lock.hpp"
#include "tests/support/must.hpp"
#include "tests/unit/supervise/made_gateway.hpp"

using namespace hangu;
using test::must;

namespace {

namespace fs = std::filesystem;

struct Made : supervise::test::MadeGateway {
  supervise::LogKeyFiles files{layout};

  Made() { REQUIRE(gateway); }
  Result<supervise::LogVkeys> roll() { return supervise::roll_log_keys(layout, *gateway, entropy); }
  [[nodiscard]] std::string present() const {
    return must(audit::load_vkey(layout.log_key())).to_text();
  }
  [[nodiscard]] std::vector<std::string> former() const {
    std::vector<std::string> out;
    for (const auto& key : must(audit::load_vkeys(layout.log_former_keys())))
      out.push_back(key.to_text());
    return out;
  }
  [[nodiscard]] std::string key_in(const std::string& path) const {
    const Bytes pem = must(os::read_file(path, 4096));
    const auto key = must(crypto::read_signing_key_pem(pem)).verify_key();
    return must(audit::NoteKey::create(gateway->log_origin(), key)).to_text();
  }
  [[nodiscard]] bool put_aside() const {
    return fs::exists(files.former_key) && fs::exists(files.former_gm_key);
  }
};

std::string reason_of(const Result<supervise::LogVkeys>& rolled) {
  return rolled ? "" : std::string(rolled.error().reason());
}

}  // namespace

TEST_CASE("keys are put aside, new ones made, and the former public key is listed", "[supervise]") {
  Made made;
  const std::string first = made.present();
  const auto rolled = must(made.roll());
  CHECK(rolled.log.to_text() == made.present());
  CHECK(made.present() != first);
  CHECK(made.former() == std::vector{first});
  CHECK(made.put_aside());
  CHECK(reason_of(made.roll()) == "log-keys-rolling");
  REQUIRE(made.set_up());  // as the next start does, before the log is told
  CHECK(made.present() == rolled.log.to_text());
  CHECK(made.put_aside());

  REQUIRE(supervise::erase_former_log_keys(made.layout));
  CHECK_FALSE(fs::exists(made.files.former_key));
  CHECK_FALSE(fs::exists(made.files.former_gm_key));
  CHECK(supervise::erase_former_log_keys(made.layout));  // nothing to do
  (void)must(made.roll());
  CHECK(made.former() == std::vector{first, rolled.log.to_text()});
}

TEST_CASE("a roll-over that was broken off between its files is brought to its end",
          "[supervise]") {
  Made made;
  const std::string first = made.present();
  SECTION("before the first: nothing has happened") {
    os::write_file_durably(made.layout.log_former_keys(), bytes_of(first + "\n"), 0644).value();
    REQUIRE(made.set_up());
    CHECK(made.present() == first);
    CHECK_FALSE(made.put_aside());
    (void)must(made.roll());
  }
  SECTION("between the two") {
    fs::rename(made.files.gm_key, made.files.former_gm_key);
    CHECK(reason_of(made.roll()) == "log-keys-rolling");
    REQUIRE(made.set_up());
    CHECK(made.put_aside());
    CHECK(made.key_in(made.files.former_key) == first);
    CHECK(made.present() != first);
  }
  SECTION("before new ones were made") {
    fs::rename(made.files.gm_key, made.files.former_gm_key);
    fs::rename(made.files.key, made.files.former_key);
    REQUIRE(made.set_up());
    CHECK(made.put_aside());
    CHECK(made.present() != first);
  }
}

TEST_CASE("an erasing that was broken off anywhere is brought to its end, and costs no key",
          "[supervise]") {
  Made made;
  const std::string present = must(made.roll()).log.to_text();
  const supervise::LogKeyFiles& files = made.files;
  const auto zero = [](const std::string& path) {
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    os::write_file_durably(path, Bytes(119), 0600).value();
  };
  SECTION("before the first") {}
  SECTION("one moved") { fs::rename(files.former_gm_key, files.erased_gm_key); }
  SECTION("both moved") {
    fs::rename(files.former_gm_key, files.erased_gm_key);
    fs::rename(files.former_key, files.erased_key);
  }
  SECTION("one zeroed, which a power cut can leave") {
    fs::rename(files.former_gm_key, files.erased_gm_key);
    fs::rename(files.former_key, files.erased_key);
    zero(files.erased_gm_key);
  }
  SECTION("one gone") {
    fs::rename(files.former_key, files.erased_key);
    fs::remove(files.former_gm_key);
  }
  const bool begun = !made.put_aside();
  REQUIRE(made.set_up());
  CHECK(made.present() == present);
  CHECK(made.put_aside() != begun);
  CHECK_FALSE(fs::exists(files.erased_key));
  CHECK_FALSE(fs::exists(files.erased_gm_key));
  REQUIRE(supervise::erase_former_log_keys(made.layout));
  REQUIRE(made.set_up());
  CHECK(made.present() == present);
  CHECK_FALSE(made.put_aside());
}

TEST_CASE("a gateway has one holder at a time", "[supervise]") {
  Made made;
  auto held = supervise::lock_gateway(made.layout);
  REQUIRE(held);
  CHECK(supervise::lock_gateway(made.layout).error().reason() == "gateway-running");
  held->reset();
  CHECK(supervise::lock_gateway(made.layout));
}

TEST_CASE("keys that are not there are not replaced, nor more often than can be listed",
          "[supervise]") {
  Made made;
  std::string lines;
  for (std::size_t i = 0; i < audit::kFormerKeysMax; ++i) {
    const auto key =
        must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, made.entropy));
    lines += must(audit::NoteKey::create("gw-demo/audit", key.verify_key())).to_text() + "\n";
  }
  os::write_file_durably(made.layout.log_former_keys(), bytes_of(lines), 0644).value();
  CHECK(reason_of(made.roll()) == "vkeys-too-many");
  CHECK_FALSE(made.put_aside());
  os::write_file_durably(made.layout.log_former_keys(), bytes_of(lines + lines), 0644).value();
  CHECK_FALSE(audit::load_vkeys(made.layout.log_former_keys()));
  fs::remove(made.layout.log_former_keys());
  fs::remove(made.files.gm_key);
  CHECK(reason_of(made.roll()) == "log-keys-missing");
}
