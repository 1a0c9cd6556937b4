#pragma once
// SqlitePages: the pages of a database file, each of which may be used once; and the payload of a
// cell, which begins in the cell and goes on through overflow pages.

#include <optional>
#include <vector>

#include "check/sqlite_walker.hpp"

namespace hangu::check {

/// A variable-length integer of SQLite: 1..9 bytes, and no more than the value needs.
struct Varint {
  std::uint64_t value = 0;
  std::size_t bytes = 0;
};
/// Nothing when `at` is too short or the spelling is longer than it must be.
[[nodiscard]] std::optional<Varint> read_varint(ByteView at);

/// Thread: one.
class SqlitePages {
 public:
  /// Reads the header. Errors: those of walk_sqlite().
  [[nodiscard]] static Result<SqlitePages> open(const ByteSource& source);

  [[nodiscard]] const SqliteHeader& header() const { return header_; }
  /// Loads a page and marks it. Errors: Malformed "sqlite-page", "sqlite-page-twice".
  [[nodiscard]] Result<Bytes> take(std::uint64_t number);
  /// All pages were taken, but the one that holds the lock bytes, which is zero.
  /// Errors: Malformed "sqlite-page-unreferenced", "sqlite-residue".
  [[nodiscard]] Done finish() const;

 private:
  SqlitePages(const ByteSource& source, const SqliteHeader& header)
      : source_(&source), header_(header), taken_(std::size_t{header.pages} + 1) {}
  [[nodiscard]] std::uint64_t lock_page() const;

  const ByteSource* source_;
  SqliteHeader header_;
  std::vector<bool> taken_;
};

/// SqlitePayload reads the bytes of one record in order. Thread: one.
class SqlitePayload {
 public:
  /// `local` is the part in the cell; `overflow` the first overflow page, 0 for none.
  SqlitePayload(SqlitePages& pages, std::uint64_t length, ByteView local, std::uint32_t overflow)
      : pages_(pages), left_(length), here_(local), next_(overflow) {}

  /// The next out.size() bytes. Errors: Malformed "sqlite-record" (past the end),
  /// "sqlite-overflow".
  [[nodiscard]] Done read(MutableByteView out);
  [[nodiscard]] Done skip(std::uint64_t bytes);
  /// Nothing is left, and what remains of the last page is zero. Returns the overflow pages used.
  [[nodiscard]] Result<std::uint64_t> finish() const;
  [[nodiscard]] std::uint64_t left() const { return left_; }

 private:
  [[nodiscard]] Done advance(std::uint64_t bytes, std::byte* out);

  SqlitePages& pages_;
  std::uint64_t left_;
  ByteView here_;
  std::uint32_t next_;
  Bytes page_;
  std::uint64_t used_ = 0;
};

}  // namespace hangu::check
