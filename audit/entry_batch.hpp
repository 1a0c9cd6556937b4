#pragma once
// EntryBatch: entries one behind the other in the form of a bundle, each written where it stays;
// and EntryTail, the batches of a log that are still in memory.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace hangu::audit {

/// A bundle of C2SP tlog-tiles that grows, (u16be length ‖ bytes) for each entry. Views of it are
/// good until it grows or is moved. Thread: one.
class EntryBatch {
 public:
  EntryBatch() = default;
  EntryBatch(EntryBatch&& other) noexcept;
  EntryBatch& operator=(EntryBatch&& other) noexcept;

  void reserve(std::size_t entries, std::size_t bytes);
  /// An entry of at most 0xffff bytes.
  void add(ByteView entry);
  /// An entry that is written in its place: append to what this gives, and keep() or drop() it.
  [[nodiscard]] std::string& begin();
  [[nodiscard]] std::string_view begun() const;
  void keep();
  void drop();

  [[nodiscard]] std::size_t size() const { return starts_.size(); }
  [[nodiscard]] bool empty() const { return starts_.empty(); }
  [[nodiscard]] ByteView operator[](std::size_t i) const;
  /// With what is begun.
  [[nodiscard]] ByteView bundle() const { return bytes_of(text_); }
  /// What its bundle takes in memory; after fit() no more than twice its bytes.
  [[nodiscard]] std::size_t memory() const { return text_.capacity(); }
  void fit();

 private:
  std::string text_;
  std::vector<std::size_t> starts_;  ///< of each entry's length
  std::size_t begun_ = 0;            ///< where the next one's length stands
};

/// The entries that are in no durable tile yet, and some before them. Thread: one.
class EntryTail {
 public:
  EntryTail() = default;
  explicit EntryTail(std::uint64_t first) : end_(first) {}

  void add(EntryBatch batch);
  /// The first entry that it has; the one behind its last while it is empty.
  [[nodiscard]] std::uint64_t first() const {
    return batches_.empty() ? end_ : batches_.front().first;
  }
  /// From first() on.
  [[nodiscard]] ByteView operator[](std::uint64_t index) const;
  /// What its bundles take in memory.
  [[nodiscard]] std::size_t memory() const { return memory_; }
  /// Forgets the batches that end before entry `index`.
  void release(std::uint64_t index);

 private:
  struct Batch {
    std::uint64_t first = 0;
    EntryBatch entries;
  };
  std::deque<Batch> batches_;
  std::uint64_t end_ = 0;
  std::size_t memory_ = 0;
};

}  // namespace hangu::audit
