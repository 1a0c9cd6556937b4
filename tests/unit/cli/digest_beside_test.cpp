#include "cli/digest_beside.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "os/file.hpp"
#include "tests/unit/os/scratch.hpp"

using namespace hangu;
using cli::DigestBeside;

TEST_CASE("a digest beside is that of the file, whatever its size", "[cli]") {
  const os::test::ScratchFolder scratch;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kChunkBytes, 5 * kChunkBytes + 9}) {
    const auto file = os::create_file(scratch / std::to_string(size));
    REQUIRE(file);
    const Bytes bytes(size, std::byte{7});
    REQUIRE(os::write_all(file->view(), bytes));
    DigestBeside beside(file->view(), size);
    const auto digest = beside.get();
    REQUIRE(digest);
    CHECK(*digest == crypto::digest_of(crypto::HashAlgorithm::sha256, bytes));
  }
}

TEST_CASE("a digest beside says when the file became shorter, and may be let go of", "[cli]") {
  const os::test::ScratchFolder scratch;
  const auto file = os::create_file(scratch / "file");
  REQUIRE(file);
  REQUIRE(::ftruncate(file->get(), 5 * kChunkBytes) == 0);
  DigestBeside shorter(file->view(), 6 * kChunkBytes);
  const auto digest = shorter.get();
  REQUIRE(!digest);
  CHECK(digest.error().reason() == "read-failed");

  // 2 TiB of nothing: whoever had to wait for its digest would wait for many minutes.
  REQUIRE(::ftruncate(file->get(), off_t{2} << 40) == 0);
  const DigestBeside endless(file->view(), std::uint64_t{2} << 40);
}
