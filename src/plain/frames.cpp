#include "plain/frames.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <deque>
#include <utility>

#include <zstd.h>

#include "base/page_buffer.hpp"
#include "os/file.hpp"

namespace hangu::plain {
namespace {

constexpr auto kMark =
    std::to_array<std::byte>({std::byte{'H'}, std::byte{'A'}, std::byte{'N'}, std::byte{'G'},
                              std::byte{'U'}, std::byte{'P'}, std::byte{'F'}, std::byte{1}});
constexpr std::size_t kLengthBytes = 4;
/// Literals are not entropy-coded: a few per cent larger, and unpacked three times as fast, which
/// measuring, writing and checking each do.
constexpr int kCloseLevel = -1;
/// Five times as fast; for what the close level does not halve (coordinates, samples), and takes
/// an eighth off where that takes a fourth.
constexpr int kQuickLevel = -50;
constexpr unsigned kQuickFrames = 15;              ///< before the close level is tried again
constexpr std::size_t kFrameBytesMin = 16 * 1024;  ///< of memory for one
constexpr int kWindowLog = 20;                     ///< 1 MiB: a frame has no more to look back at

constexpr std::array<std::byte, 4> kFrameMagic{std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f},
                                               std::byte{0xfd}};

std::unexpected<Error> bad_frame(std::string_view what) {
  return fail(ErrorCode::malformed, "plain-frame", std::string(what));
}

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// The plain size that a zstd frame's header states. Accepted is one form only: content size
/// present, single segment, no checksum, no dictionary (RFC 8878, 3.1.1.1).
Result<std::size_t> stated_size(ByteView frame) {
  if (frame.size() < 6 || !equal(frame.first(4), kFrameMagic)) return bad_frame("not a zstd frame");
  const auto descriptor = std::to_integer<unsigned>(frame[4]);
  if ((descriptor & 0b0011'1111) != 0b0010'0000) return bad_frame("frame descriptor");
  const std::size_t size_bytes = std::size_t{1} << (descriptor >> 6);
  if (size_bytes > 4 || frame.size() < 5 + size_bytes) return bad_frame("content size");
  std::size_t size = size_bytes == 2 ? 256 : 0;
  for (std::size_t i = 0; i < size_bytes; ++i) {
    size += std::to_integer<std::size_t>(frame[5 + i]) << (8 * i);
  }
  if (size == 0 || size > kFrameBytes) return bad_frame("content size");
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return bad_frame("more than one frame");
  }
  return size;
}

}  // namespace

// --- FrameWriter --------------------------------------------------------------------------------

struct FrameWriter::State {
  /// A frame, and the errand that stores it.
  struct Frame {
    explicit Frame(State& of) : store([&of, this] { return of.store(*this); }) {}
    [[nodiscard]] ByteView plain() const { return memory.view().first(filled); }
    PageBuffer memory;  ///< grows to kFrameBytes: small forms are many
    std::size_t filled = 0;
    os::Errand store;
  };

  std::optional<os::FdView> output;
  os::Companion* companion = nullptr;
  ShowBytes show;
  // Of the errands, which are done one after the other.
  std::unique_ptr<ZSTD_CCtx, FreeCompressor> compressor;
  Bytes stored;
  std::uint64_t offset = 0;
  std::uint64_t frames = 0;
  unsigned quick_left = 0;  ///< frames that come at the quick level
  bool broken = false;      ///< nothing may be stored behind what was not

  std::deque<Frame> ring;  ///< the one that is being filled, and those being stored
  std::size_t at = 0;

  Frame& filling() { return ring[at]; }

  Done store(const Frame& frame) {
    if (broken) return {};
    if (show) show(frame.plain());
    if (!output) return {};
    Done done = compress(frame.plain());
    broken = !done;
    return done;
  }

  Done compress(ByteView plain) {
    if (++frames > kFramesMax) return fail(ErrorCode::exhausted, "plain-limit", "frames");
    const std::size_t room = ZSTD_compressBound(plain.size());
    HANGU_ASSERT(room <= kFrameStoredBytesMax);
    if (stored.size() < kLengthBytes + room) stored.resize(kLengthBytes + room);
    const bool quick = quick_left > 0;
    std::size_t n = ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_compressionLevel,
                                           quick ? kQuickLevel : kCloseLevel);
    if (ZSTD_isError(n) == 0) {
      n = ZSTD_compress2(compressor.get(), stored.data() + kLengthBytes, room, plain.data(),
                         plain.size());
    }
    if (ZSTD_isError(n) != 0) {
      return fail(ErrorCode::internal, "zstd-failed", ZSTD_getErrorName(n));
    }
    quick_left = quick ? quick_left - 1 : n > plain.size() / 2 ? kQuickFrames : 0;
    store_u32(stored, static_cast<std::uint32_t>(n));
    HANGU_CHECK(os::write_all_at(*output, offset, ByteView(stored).first(kLengthBytes + n)));
    offset += kLengthBytes + n;
    return {};
  }

  /// Hands the frame on, and takes the one that was handed on longest ago.
  Done flush() {
    if (filling().filled == 0) return {};
    filling().store.begin(companion);
    at = (at + 1) % ring.size();
    Frame& next = filling();
    HANGU_CHECK(next.store.finish());
    next.filled = 0;
    return {};
  }

  /// Waits for all that was handed on, oldest first.
  Done settle() {
    for (std::size_t i = 1; i <= ring.size(); ++i) {
      HANGU_CHECK(ring[(at + i) % ring.size()].store.finish());
    }
    return {};
  }
};

FrameWriter::FrameWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
FrameWriter::FrameWriter(FrameWriter&&) noexcept = default;
FrameWriter& FrameWriter::operator=(FrameWriter&&) noexcept = default;
FrameWriter::~FrameWriter() = default;

Result<FrameWriter> FrameWriter::create(std::optional<os::FdView> output, os::Companion* companion,
                                        ShowBytes show) {
  auto state = std::make_unique<State>();
  state->output = output;
  state->companion = companion;
  state->show = std::move(show);
  const std::size_t frames = companion == nullptr ? 1 : kFramesInHand;
  while (state->ring.size() < frames) state->ring.emplace_back(*state);
  if (!output) return FrameWriter(std::move(state));
  state->compressor.reset(ZSTD_createCCtx());
  ZSTD_CCtx* const context = state->compressor.get();
  if (context == nullptr ||
      ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, kWindowLog))) {
    return fail(ErrorCode::internal, "zstd-failed");
  }
  HANGU_CHECK(os::write_all_at(*output, 0, kMark));
  state->offset = kMark.size();
  return FrameWriter(std::move(state));
}

Done FrameWriter::put(ByteView bytes) {
  while (!bytes.empty()) {
    State::Frame& frame = state_->filling();
    const std::size_t n = std::min(bytes.size(), kFrameBytes - frame.filled);
    const std::size_t end = frame.filled + n;
    if (end > frame.memory.size()) frame.memory.grow(std::max(std::bit_ceil(end), kFrameBytesMin));
    std::memcpy(frame.memory.view().data() + frame.filled, bytes.data(), n);
    frame.filled = end;
    bytes = bytes.subspan(n);
    if (end == kFrameBytes) HANGU_CHECK(state_->flush());
  }
  return {};
}

Done FrameWriter::end_showing() {
  HANGU_CHECK(state_->settle());
  if (state_->show) state_->show(state_->filling().plain());
  state_->show = {};
  return {};
}

Result<std::uint64_t> FrameWriter::finish() {
  HANGU_CHECK(state_->flush());
  HANGU_CHECK(state_->settle());
  return state_->offset;
}

// --- FrameReader --------------------------------------------------------------------------------

struct FrameReader::State {
  /// A frame, and the errand that fetches it.
  struct Frame {
    explicit Frame(State& of) : fetch([&of, this] { return of.fetch(*this); }) {}
    PageBuffer plain;
    std::size_t filled = 0;
    bool there = false;  ///< else the file had ended before
    bool last = false;
    os::Errand fetch;
  };

  explicit State(Input from) : input(from) {}
  Input input;
  ShowBytes show;
  std::size_t held_back = 0;
  // Of the errands, which are done one after the other.
  std::unique_ptr<ZSTD_DCtx, FreeDecompressor> decompressor;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  std::uint64_t frames = 0;
  std::size_t filled_before = 0;
  PageBuffer stored;  ///< grown to the largest frame so far: small forms are many
  Bytes held;         ///< not shown yet
  bool broken = false;

  std::deque<Frame> ring;  ///< the one that is taken from, and those fetched ahead
  std::size_t at = 0;
  bool begun = false;
  std::size_t taken = 0;
  Bytes spill;  ///< a taken piece that lay across frames

  Frame& here() { return ring[at]; }
  [[nodiscard]] std::size_t left() const { return begun ? ring[at].filled - taken : 0; }

  Done fetch(Frame& frame) {
    frame.there = false;
    frame.filled = 0;
    if (broken || offset == size) return {};
    Done done = decompress(frame);
    broken = !done;
    return done;
  }

  Done decompress(Frame& frame) {
    if (frames > 0 && filled_before != kFrameBytes) return bad_frame("a frame after the last");
    if (++frames > kFramesMax) return fail(ErrorCode::exhausted, "plain-limit", "frames");
    std::array<std::byte, kLengthBytes> length_bytes;
    if (size - offset < kLengthBytes) return fail(ErrorCode::malformed, "plain-truncated");
    HANGU_CHECK(input.read_at(offset, length_bytes));
    const std::size_t length = load_u32(length_bytes);
    if (length > kFrameStoredBytesMax) return bad_frame("length");
    if (size - offset - kLengthBytes < length) return fail(ErrorCode::malformed, "plain-truncated");
    stored.grow(length);
    const MutableByteView packed = stored.view().first(length);
    HANGU_CHECK(input.read_at(offset + kLengthBytes, packed));
    HANGU_TRY(const std::size_t stated, stated_size(packed));
    frame.plain.grow(stated);
    const std::size_t n = ZSTD_decompressDCtx(decompressor.get(), frame.plain.view().data(), stated,
                                              packed.data(), packed.size());
    if (ZSTD_isError(n) != 0 || n != stated) return bad_frame("does not decompress");
    offset += kLengthBytes + length;
    filled_before = n;
    frame.there = true;
    frame.filled = n;
    frame.last = offset == size;
    return {};
  }

  void show_all_but_the_end(ByteView fresh) {
    if (!show) return;
    if (fresh.size() >= held_back) {
      show(held);
      held.clear();
    } else {
      const std::size_t over = std::max(held.size() + fresh.size(), held_back) - held_back;
      show(ByteView(held).first(over));
      held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(over));
    }
    const std::size_t rest = held_back - held.size();
    const std::size_t shown = fresh.size() - std::min(fresh.size(), rest);
    show(fresh.first(shown));
    append(held, fresh.subspan(shown));
  }

  /// Lets the used frame be filled again, and waits for the next one.
  Done next_frame() {
    if (begun) {
      here().fetch.begin(input.companion());
      at = (at + 1) % ring.size();
    } else {
      for (Frame& frame : ring) frame.fetch.begin(input.companion());
    }
    begun = true;
    taken = 0;
    HANGU_CHECK(here().fetch.finish());
    if (!here().there) return fail(ErrorCode::malformed, "plain-truncated");
    // Here, not on the companion, which has more to do than who reads.
    show_all_but_the_end(here().plain.view().first(here().filled));
    return {};
  }
};

FrameReader::FrameReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
FrameReader::FrameReader(FrameReader&&) noexcept = default;
FrameReader& FrameReader::operator=(FrameReader&&) noexcept = default;
FrameReader::~FrameReader() = default;

Result<FrameReader> FrameReader::open(Input input, ShowBytes show, std::size_t held_back) {
  auto state = std::make_unique<State>(input);
  state->show = std::move(show);
  state->held_back = held_back;
  const std::size_t frames = input.companion() == nullptr ? 1 : kFramesInHand;
  while (state->ring.size() < frames) state->ring.emplace_back(*state);
  state->decompressor.reset(ZSTD_createDCtx());
  if (state->decompressor == nullptr) return fail(ErrorCode::internal, "zstd-failed");
  HANGU_TRY(state->size, input.size());
  std::array<std::byte, kMark.size()> mark{};
  if (state->size < mark.size()) return fail(ErrorCode::malformed, "plain-mark", "too short");
  HANGU_CHECK(input.read_at(0, mark));
  if (mark != kMark) return fail(ErrorCode::malformed, "plain-mark");
  state->offset = mark.size();
  return FrameReader(std::move(state));
}

Result<ByteView> FrameReader::take(std::size_t n) {
  State& s = *state_;
  if (n > 0 && s.left() == 0) HANGU_CHECK(s.next_frame());
  if (n <= s.left()) {
    const ByteView piece = s.here().plain.view().subspan(s.taken, n);
    s.taken += n;
    return piece;
  }
  s.spill.clear();
  while (s.spill.size() < n) {
    if (s.left() == 0) HANGU_CHECK(s.next_frame());
    const std::size_t part = std::min(n - s.spill.size(), s.left());
    append(s.spill, s.here().plain.view().subspan(s.taken, part));
    s.taken += part;
  }
  return ByteView(s.spill);
}

bool FrameReader::at_end() const {
  return state_->begun ? state_->left() == 0 && state_->here().last : state_->size == kMark.size();
}

}  // namespace hangu::plain
