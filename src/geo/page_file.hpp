#pragma once
// PageFile: the pages of an SQLite file, put behind one another.

#include <cstdint>
#include <deque>

#include "base/bytes.hpp"
#include "os/companion.hpp"
#include "os/descriptor.hpp"

namespace hangu::geo {

inline constexpr std::size_t kSqlitePageBytes = 4096;
inline constexpr std::uint64_t kSqlitePagesMax = 0xffff'fffe;
/// The page of the lock bytes, which holds nothing (fileformat2, 1.3).
inline constexpr std::uint32_t kSqliteLockPage = 0x4000'0000 / kSqlitePageBytes + 1;

/// PageFile appends pages to a descriptor. Page 1 is kept for the schema table and written last;
/// the page that holds the lock bytes (at 1 GiB) stays zero. With a companion, that does the
/// writing; an error of writing is then that of a later call, or of finish() at the latest.
/// Memory: kRunsInHand runs of 1 MiB with a companion, one without. Thread: one.
class PageFile {
 public:
  /// `bytes_max` bounds the file.
  PageFile(os::FdView output, std::uint64_t bytes_max, os::Companion* companion = nullptr);
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;
  /// The number that the next append() will give.
  [[nodiscard]] std::uint32_t next() const { return next_; }
  /// Appends a page; its number. Errors: Exhausted "output-limit"; those of writing.
  [[nodiscard]] Result<std::uint32_t> append(ByteView page);
  /// Writes an earlier page again.
  [[nodiscard]] Done rewrite(std::uint32_t number, ByteView page);
  /// Writes what is left and page 1; the number of pages in the file.
  [[nodiscard]] Result<std::uint32_t> finish(ByteView first_page);
  [[nodiscard]] std::uint32_t pages() const { return next_ - 1; }

 private:
  static constexpr std::size_t kRunsInHand = 4;
  /// Pages that follow one another, and the errand that writes them.
  struct Run {
    explicit Run(os::FdView output);
    Bytes pages;
    std::uint64_t at = 0;
    os::Errand write;
  };

  [[nodiscard]] Done flush();
  /// Waits for all that was handed on.
  [[nodiscard]] Done settle();
  [[nodiscard]] Done take(ByteView page);

  os::FdView output_;
  std::uint64_t bytes_max_;
  std::uint32_t next_ = 2;
  os::Companion* companion_;
  std::deque<Run> ring_;  ///< the one that is being filled, and those being written
  std::size_t filling_ = 0;
};

}  // namespace hangu::geo
