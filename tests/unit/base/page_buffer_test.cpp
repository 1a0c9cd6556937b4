#include "base/page_buffer.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>

#include <catch2/catch.hpp>

using namespace hangu;

namespace {

bool begins_at_a_page(PageBuffer& buffer) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  return std::bit_cast<std::uintptr_t>(buffer.view().data()) % page == 0;
}

}  // namespace

TEST_CASE("a page buffer keeps what it holds when it grows, and what is new is zero", "[base]") {
  PageBuffer buffer(5000);
  REQUIRE(begins_at_a_page(buffer));
  CHECK(std::ranges::all_of(buffer.view(), [](std::byte b) { return b == std::byte{0}; }));
  std::ranges::fill(buffer.view(), std::byte{7});
  for (const std::size_t bytes : {5001UL, 8192UL, 8193UL, 1UL << 20, 3UL << 20}) {
    const std::size_t before = buffer.size();
    buffer.grow(bytes);
    REQUIRE(buffer.size() == bytes);
    CHECK(begins_at_a_page(buffer));
    CHECK(std::ranges::all_of(buffer.view().first(5000),
                              [](std::byte b) { return b == std::byte{7}; }));
    CHECK(std::ranges::all_of(buffer.view().subspan(before),
                              [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST_CASE("a page buffer never shrinks, and an empty one has no memory", "[base]") {
  PageBuffer buffer;
  CHECK(buffer.view().empty());
  buffer.grow(0);
  CHECK(buffer.view().data() == nullptr);
  buffer.grow(100);
  buffer.grow(10);
  CHECK(buffer.size() == 100);
  PageBuffer moved(std::move(buffer));
  CHECK(moved.size() == 100);
  moved = PageBuffer(3);
  CHECK(moved.size() == 3);
}

TEST_CASE("a page buffer without memory to be had throws as new does", "[base]") {
  PageBuffer buffer(10);
  CHECK_THROWS_AS(buffer.grow(std::size_t{1} << 60), std::bad_alloc);
  CHECK(buffer.size() == 10);
}
