#pragma once
// EntryIndex: where request ids, keys and transfers stand in the log. Disposable: rebuilt from
// the entries at every start, and never the last word: a hit is a candidate whose entry the
// caller reads and compares in full.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/entry.hpp"
#include "base/entropy.hpp"
#include "crypto/short_hash.hpp"

namespace hangu::audit {

/// Memory: tables between 3/8 and 3/4 full: 16 bytes a slot for each id and key (about 70 bytes for
/// an entry with one key), 24 for each transfer (about 50). Thread: one.
class EntryIndex {
 public:
  /// A fresh secret from `entropy` keeps clients from making names that fall together.
  explicit EntryIndex(Entropy& entropy);

  void add(std::uint64_t index, const EntryHead& head);
  /// Indices of entries that may have this id or key.
  [[nodiscard]] std::vector<std::uint64_t> candidates_by_id(std::string_view id) const;
  [[nodiscard]] std::vector<std::uint64_t> candidates_by_key(std::string_view key) const;
  /// The last entry of a transfer; the ones before hang on it by `previous`.
  [[nodiscard]] std::optional<std::uint64_t> last_of(const TransferId& transfer) const;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint64_t number = 0;  ///< index + 1; 0: free
  };
  struct TransferSlot {
    RequestId id{};
    std::uint64_t number = 0;  ///< index + 1; 0: free
  };
  [[nodiscard]] std::uint64_t hash_of(char kind, std::string_view text) const;
  void insert(std::uint64_t hash, std::uint64_t index);
  void place(const Slot& slot);
  [[nodiscard]] std::vector<std::uint64_t> candidates(std::uint64_t hash) const;
  /// Where the transfer stands, or the free slot where it would.
  [[nodiscard]] std::size_t transfer_slot(const RequestId& id) const;
  void grow_transfers();

  std::array<std::byte, crypto::kShortHashSecretBytes> secret_{};
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::vector<TransferSlot> transfers_;
  std::size_t transfers_used_ = 0;
};

}  // namespace hangu::audit
