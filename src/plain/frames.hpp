#pragma once
// Frames: how the bytes of a plain form lie in a file. An eight-byte mark, then frames; each is a
// u32 length and one zstd frame of exactly kFrameBytes plain bytes (the last: 1..kFrameBytes).

#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "os/companion.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"
#include "plain/limits.hpp"

namespace hangu::plain {

/// Is shown the plain bytes of a stream, piece by piece in order: of a writer on the companion, of
/// a reader on the thread that takes them.
using ShowBytes = std::function<void(ByteView)>;

/// Frames in memory of a writer or reader that has a companion; one without.
inline constexpr std::size_t kFramesInHand = 4;

/// FrameWriter compresses a byte stream to a descriptor, from its offset 0 on; without one it only
/// shows. The descriptor is the caller's and outlives the writer. With a companion, that compresses
/// and writes; an error of a frame is then that of a later put(), or of finish() at the latest.
/// Memory: a few MiB.
class FrameWriter {
 public:
  /// Errors: those of writing; Internal "zstd-failed".
  [[nodiscard]] static Result<FrameWriter> create(std::optional<os::FdView> output,
                                                  os::Companion* companion = nullptr,
                                                  ShowBytes show = {});
  FrameWriter(FrameWriter&&) noexcept;
  FrameWriter& operator=(FrameWriter&&) noexcept;
  ~FrameWriter();
  /// Errors: Exhausted "plain-limit" (frames).
  [[nodiscard]] Done put(ByteView bytes);
  /// All bytes up to here have been shown when this returns, and what comes after is not shown.
  [[nodiscard]] Done end_showing();
  /// Writes what is left; the number of stored bytes.
  [[nodiscard]] Result<std::uint64_t> finish();

 private:
  struct State;
  explicit FrameWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// FrameReader gives the plain bytes back, and refuses everything that FrameWriter would not have
/// written: other frame kinds, dictionaries, wrong sizes, bytes after the last frame. The input's
/// companion reads and decompresses ahead; an error is told where its frame would be taken.
/// Errors: Malformed "plain-mark", "plain-frame", "plain-truncated"; Exhausted "plain-limit".
class FrameReader {
 public:
  /// `show` sees all bytes but the last `held_back` of the stream: all of those, once at_end().
  [[nodiscard]] static Result<FrameReader> open(Input input, ShowBytes show = {},
                                                std::size_t held_back = 0);
  FrameReader(FrameReader&&) noexcept;
  FrameReader& operator=(FrameReader&&) noexcept;
  ~FrameReader();
  /// The next `n` bytes; a view that lives until the next call.
  [[nodiscard]] Result<ByteView> take(std::size_t n);
  /// True when every byte of the file has been taken.
  [[nodiscard]] bool at_end() const;

 private:
  struct State;
  explicit FrameReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hangu::plain
