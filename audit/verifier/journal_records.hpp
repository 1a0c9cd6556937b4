#pragma once
// The records of a journal segment. Byte table: docs/protocols/audit-log.md §5.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/verifier/tree.hpp"

namespace hangu_verify {

/// A segment is begun anew at 64 MiB; a batch goes beyond by 2 MiB at most.
inline constexpr std::size_t kSegmentBytesMax = std::size_t{160} << 20;
inline constexpr std::size_t kRecordHeaderBytes = 9;

/// START: what stood before the segment.
struct JournalStart {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  Hash previous{};  ///< hash of the last COMMIT before
};

/// ENTRIES and COMMIT.
struct JournalBatch {
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  std::string_view bundle;
  std::uint64_t size = 0;
  Hash root{};
  Hash previous{};
  std::string_view note;
  Hash commit{};  ///< SHA-256 of the COMMIT's payload
};

/// One segment's bytes, read from the front. Thread: one.
class JournalRecords {
 public:
  explicit JournalRecords(std::string_view bytes) : bytes_(bytes) {}

  /// Nothing when it is not whole.
  [[nodiscard]] std::optional<JournalStart> start();
  /// The next whole batch, or nothing where none follows.
  [[nodiscard]] std::optional<JournalBatch> next();
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// How many bytes follow, up to the last that is not zero: a segment may end in zeros.
  [[nodiscard]] std::uint64_t left() const { return rest().size(); }
  /// True when what is left can be the beginning of a write that was cut off: no whole COMMIT
  /// follows, or only one at the end whose entries have a sector that was never written. Time: that
  /// of one reading, whatever the bytes.
  [[nodiscard]] bool is_torn() const;

 private:
  [[nodiscard]] std::string_view rest() const;
  [[nodiscard]] bool looks_like_commit(std::uint64_t at) const;
  std::optional<std::string_view> record(char type, std::uint64_t& offset) const;

  std::string_view bytes_;
  std::uint64_t offset_ = 0;
};

}  // namespace hangu_verify
