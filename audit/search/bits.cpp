#include "audit/search/bits.hpp"

#include <algorithm>
#include <bit>

namespace hangu::audit::search {
namespace {

constexpr std::size_t kPackedBytesMax = kBlockEntries / 8;

}  // namespace

void Bits::keep(std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t word = 0; word < words_.size(); ++word) {
    const std::uint64_t start = word * 64;
    if (start + 64 <= first || start >= end) {
      words_[word] = 0;
      continue;
    }
    if (start < first) words_[word] &= ~std::uint64_t{0} << (first - start);
    if (start + 64 > end) words_[word] &= ~std::uint64_t{0} >> (start + 64 - end);
  }
}

Bits& Bits::operator&=(const Bits& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  return *this;
}

std::uint64_t Bits::count() const {
  std::uint64_t n = 0;
  for (const std::uint64_t word : words_) n += static_cast<std::uint64_t>(std::popcount(word));
  return n;
}

bool Bits::any() const {
  return std::ranges::any_of(words_, [](std::uint64_t word) { return word != 0; });
}

std::vector<std::uint16_t> Bits::places() const {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < words_.size(); ++i)
    for (std::uint64_t word = words_[i]; word != 0; word &= word - 1)
      out.push_back(
          static_cast<std::uint16_t>(i * 64 + static_cast<unsigned>(std::countr_zero(word))));
  return out;
}

Done Bits::add(ByteView packed) {
  if (packed.size() == kPackedBytesMax) {
    for (std::size_t i = 0; i < words_.size(); ++i)
      words_[i] |= load_big<std::uint64_t>(packed.subspan(i * 8));
    return {};
  }
  if (packed.size() > kPackedBytesMax || packed.size() % 2 != 0)
    return fail(ErrorCode::corrupt, "index-corrupt", "length of a posting");
  for (std::size_t i = 0; i < packed.size(); i += 2)
    set(load_big<std::uint16_t>(packed.subspan(i)));
  return {};
}

Bytes pack(std::span<const std::uint16_t> places) {
  if (places.size() * 2 >= kPackedBytesMax) {
    std::array<std::uint64_t, kBlockEntries / 64> words{};
    for (const std::uint16_t place : places)
      words[place / 64U] |= std::uint64_t{1} << (place % 64U);
    Bytes out(kPackedBytesMax);
    for (std::size_t i = 0; i < words.size(); ++i)
      store_big(MutableByteView(out).subspan(i * 8), words[i]);
    return out;
  }
  Bytes out(places.size() * 2);
  for (std::size_t i = 0; i < places.size(); ++i)
    store_big(MutableByteView(out).subspan(i * 2), places[i]);
  return out;
}

}  // namespace hangu::audit::search
