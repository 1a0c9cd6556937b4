#include "audit/entry_index.hpp"

#include <algorithm>
#include <charconv>

#include "crypto/short_hash.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kFirstSlots = 1024;  ///< a power of two
constexpr char kById = 'i';
constexpr char kByKey = 'k';

/// The bytes of 32 hex digits.
RequestId bytes_of_id(std::string_view hex) {
  constexpr std::size_t kHalfDigits = 16;
  RequestId id{};
  const MutableByteView to(id);
  for (std::size_t half = 0; half < 2; ++half) {
    const std::string_view digits = hex.substr(half * kHalfDigits, kHalfDigits);
    std::uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    HANGU_ASSERT(digits.size() == kHalfDigits && read.ptr == digits.data() + digits.size());
    store_u64(to.subspan(half * sizeof value), value);
  }
  return id;
}

bool is_full(std::size_t used, std::size_t slots) { return used * 4 > slots * 3; }

}  // namespace

EntryIndex::EntryIndex(Entropy& entropy) : slots_(kFirstSlots), transfers_(kFirstSlots) {
  entropy.fill(secret_);
}

std::uint64_t EntryIndex::hash_of(char kind, std::string_view text) const {
  std::array<std::byte, 256> input{};  // longer than the kind and any key
  HANGU_ASSERT(1 + text.size() <= input.size());
  input[0] = static_cast<std::byte>(kind);
  const auto end = std::ranges::copy(bytes_of(text), input.begin() + 1).out;
  return crypto::short_hash(secret_, {input.begin(), end});
}

void EntryIndex::place(const Slot& slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>(slot.hash) & mask;
  while (slots_[at].number != 0) at = (at + 1) & mask;  // ends: a quarter of the slots is free
  slots_[at] = slot;
}

void EntryIndex::insert(std::uint64_t hash, std::uint64_t index) {
  if (is_full(used_ + 1, slots_.size())) {
    std::vector<Slot> before(slots_.size() * 2);
    before.swap(slots_);
    for (const Slot& slot : before) {
      if (slot.number != 0) place(slot);
    }
  }
  place({.hash = hash, .number = index + 1});
  ++used_;
}

std::vector<std::uint64_t> EntryIndex::candidates(std::uint64_t hash) const {
  std::vector<std::uint64_t> found;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = static_cast<std::size_t>(hash) & mask; slots_[at].number != 0;
       at = (at + 1) & mask) {
    if (slots_[at].hash == hash) found.push_back(slots_[at].number - 1);
  }
  return found;
}

void EntryIndex::add(std::uint64_t index, const EntryHead& head) {
  insert(hash_of(kById, head.id), index);
  for (const std::string_view key : head.keys) insert(hash_of(kByKey, key), index);
  if (!head.transfer) return;
  const RequestId id = bytes_of_id(*head.transfer);
  std::size_t at = transfer_slot(id);
  if (transfers_[at].number == 0) {
    if (is_full(++transfers_used_, transfers_.size())) {
      grow_transfers();
      at = transfer_slot(id);
    }
    transfers_[at].id = id;
  }
  transfers_[at].number = index + 1;
}

std::vector<std::uint64_t> EntryIndex::candidates_by_id(std::string_view id) const {
  return candidates(hash_of(kById, id));
}

std::vector<std::uint64_t> EntryIndex::candidates_by_key(std::string_view key) const {
  return candidates(hash_of(kByKey, key));
}

std::size_t EntryIndex::transfer_slot(const RequestId& id) const {
  const std::size_t mask = transfers_.size() - 1;
  std::size_t at = static_cast<std::size_t>(crypto::short_hash(secret_, id)) & mask;
  while (transfers_[at].number != 0 && transfers_[at].id != id) at = (at + 1) & mask;
  return at;  // ends: a quarter of the slots is free
}

void EntryIndex::grow_transfers() {
  std::vector<TransferSlot> before(transfers_.size() * 2);
  before.swap(transfers_);
  for (const TransferSlot& slot : before)
    if (slot.number != 0) transfers_[transfer_slot(slot.id)] = slot;
}

std::optional<std::uint64_t> EntryIndex::last_of(const TransferId& transfer) const {
  const TransferSlot& slot = transfers_[transfer_slot(bytes_of_id(transfer.text()))];
  if (slot.number == 0) return std::nullopt;
  return slot.number - 1;
}

}  // namespace hangu::audit
