#include "crypto/secret.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;

TEST_CASE("take moves the bytes in and wipes the source", "[crypto][secret]") {
  Bytes source = test::hex("00112233445566778899");
  const SecretBytes secret = SecretBytes::take(source);
  CHECK(to_hex(secret.reveal(SecretAccess::for_storing())) == "00112233445566778899");
  CHECK(std::ranges::all_of(source, [](std::byte b) { return b == std::byte{0}; }));
}

TEST_CASE("a new secret is zero, and a moved-from one is empty", "[crypto][secret]") {
  SecretBytes a(33);
  CHECK(to_hex(a.reveal(SecretAccess::for_storing())) == std::string(66, '0'));
  a.reveal_mutable(SecretAccess::for_storing())[0] = std::byte{7};
  const SecretBytes b = std::move(a);
  CHECK(b.size() == 33);
  CHECK(b.reveal(SecretAccess::for_storing())[0] == std::byte{7});
  CHECK(a.size() == 0);  // NOLINT(bugprone-use-after-move): the state that the header promises
  SecretBytes c(1);
  c = SecretBytes(5);
  CHECK(c.size() == 5);
}

TEST_CASE("random secrets come from the entropy given", "[crypto][secret]") {
  test::CountingEntropy first(9);
  test::CountingEntropy again(9);
  const SecretBytes a = SecretBytes::random(32, first);
  const SecretBytes b = SecretBytes::random(32, again);
  const SecretBytes c = SecretBytes::random(32, again);
  const auto look = [](const SecretBytes& s) { return s.reveal(SecretAccess::for_storing()); };
  CHECK(constant_time_equal(look(a), look(b)));
  CHECK_FALSE(constant_time_equal(look(b), look(c)));
}

TEST_CASE("constant_time_equal compares lengths and bytes", "[crypto][secret]") {
  CHECK(constant_time_equal({}, {}));
  CHECK(constant_time_equal(bytes_of("same"), bytes_of("same")));
  CHECK_FALSE(constant_time_equal(bytes_of("same"), bytes_of("samf")));
  CHECK_FALSE(constant_time_equal(bytes_of("same"), bytes_of("sam")));
}

TEST_CASE("system entropy fills all of its buffer", "[crypto][secret]") {
  SystemEntropy entropy;
  Bytes bytes(4096);
  entropy.fill(bytes);
  // Any byte is zero with chance 1/256: half of them being so means part was left alone.
  CHECK(std::ranges::count(bytes, std::byte{0}) < 2048);
  entropy.fill({});
}
