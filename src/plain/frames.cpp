#include "plain/frames.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <zstd.h>

#include "os/file.hpp"

namespace hangu::plain {
namespace {

constexpr auto kMark =
    std::to_array<std::byte>({std::byte{'H'}, std::byte{'A'}, std::byte{'N'}, std::byte{'G'},
                              std::byte{'U'}, std::byte{'P'}, std::byte{'F'}, std::byte{1}});
constexpr std::size_t kLengthBytes = 4;
/// Literals are not entropy-coded: a few per cent larger, and unpacked three times as fast, which
/// measuring, writing and checking each do.
constexpr int kCompressionLevel = -1;
constexpr int kWindowLog = 20;  ///< 1 MiB: a frame has no more to look back at

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
  os::FdView output;
  std::unique_ptr<ZSTD_CCtx, FreeCompressor> compressor;
  Bytes plain = Bytes(kFrameBytes);
  std::size_t filled = 0;
  Bytes stored = Bytes(kLengthBytes + kFrameStoredBytesMax);
  std::uint64_t offset = 0;
  std::uint64_t frames = 0;

  Done flush() {
    if (filled == 0) return {};
    if (++frames > kFramesMax) return fail(ErrorCode::exhausted, "plain-limit", "frames");
    const std::size_t n = ZSTD_compress2(compressor.get(), stored.data() + kLengthBytes,
                                         kFrameStoredBytesMax, plain.data(), filled);
    if (ZSTD_isError(n) != 0) {
      return fail(ErrorCode::internal, "zstd-failed", ZSTD_getErrorName(n));
    }
    store_u32(stored, static_cast<std::uint32_t>(n));
    HANGU_CHECK(os::write_all_at(output, offset, ByteView(stored).first(kLengthBytes + n)));
    offset += kLengthBytes + n;
    filled = 0;
    return {};
  }
};

FrameWriter::FrameWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
FrameWriter::FrameWriter(FrameWriter&&) noexcept = default;
FrameWriter& FrameWriter::operator=(FrameWriter&&) noexcept = default;
FrameWriter::~FrameWriter() = default;

Result<FrameWriter> FrameWriter::create(os::FdView output) {
  auto state = std::make_unique<State>();
  state->output = output;
  state->compressor.reset(ZSTD_createCCtx());
  ZSTD_CCtx* const context = state->compressor.get();
  if (context == nullptr ||
      ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kCompressionLevel)) ||
      ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, kWindowLog))) {
    return fail(ErrorCode::internal, "zstd-failed");
  }
  HANGU_CHECK(os::write_all_at(output, 0, kMark));
  state->offset = kMark.size();
  return FrameWriter(std::move(state));
}

Done FrameWriter::put(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), kFrameBytes - state_->filled);
    std::memcpy(state_->plain.data() + state_->filled, bytes.data(), n);
    state_->filled += n;
    bytes = bytes.subspan(n);
    if (state_->filled == kFrameBytes) HANGU_CHECK(state_->flush());
  }
  return {};
}

Result<std::uint64_t> FrameWriter::finish() {
  HANGU_CHECK(state_->flush());
  return state_->offset;
}

// --- FrameReader --------------------------------------------------------------------------------

struct FrameReader::State {
  explicit State(Input from) : input(from) {}
  Input input;
  std::unique_ptr<ZSTD_DCtx, FreeDecompressor> decompressor;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  std::uint64_t frames = 0;
  Bytes stored;  ///< grown to the largest frame so far: small forms are many
  Bytes plain;
  std::size_t taken = 0;
  std::size_t filled = 0;
  Bytes spill;  ///< a taken piece that lay across frames

  [[nodiscard]] std::size_t here() const { return filled - taken; }

  Done next_frame() {
    if (offset == size) return fail(ErrorCode::malformed, "plain-truncated");
    if (frames > 0 && filled != kFrameBytes) return bad_frame("a frame after the last");
    if (++frames > kFramesMax) return fail(ErrorCode::exhausted, "plain-limit", "frames");
    std::array<std::byte, kLengthBytes> length_bytes;
    if (size - offset < kLengthBytes) return fail(ErrorCode::malformed, "plain-truncated");
    HANGU_CHECK(input.read_at(offset, length_bytes));
    const std::size_t length = load_u32(length_bytes);
    if (length > kFrameStoredBytesMax) return bad_frame("length");
    if (size - offset - kLengthBytes < length) return fail(ErrorCode::malformed, "plain-truncated");
    if (stored.size() < length) stored.resize(length);
    const MutableByteView frame = MutableByteView(stored).first(length);
    HANGU_CHECK(input.read_at(offset + kLengthBytes, frame));
    HANGU_TRY(const std::size_t stated, stated_size(frame));
    if (plain.size() < stated) plain.resize(stated);
    const std::size_t n =
        ZSTD_decompressDCtx(decompressor.get(), plain.data(), stated, frame.data(), frame.size());
    if (ZSTD_isError(n) != 0 || n != stated) return bad_frame("does not decompress");
    offset += kLengthBytes + length;
    taken = 0;
    filled = n;
    return {};
  }
};

FrameReader::FrameReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
FrameReader::FrameReader(FrameReader&&) noexcept = default;
FrameReader& FrameReader::operator=(FrameReader&&) noexcept = default;
FrameReader::~FrameReader() = default;

Result<FrameReader> FrameReader::open(Input input) {
  auto state = std::make_unique<State>(input);
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
  if (n > 0 && s.here() == 0) HANGU_CHECK(s.next_frame());
  if (n <= s.here()) {
    const ByteView piece = ByteView(s.plain).subspan(s.taken, n);
    s.taken += n;
    return piece;
  }
  s.spill.clear();
  while (s.spill.size() < n) {
    if (s.here() == 0) HANGU_CHECK(s.next_frame());
    const std::size_t part = std::min(n - s.spill.size(), s.here());
    append(s.spill, ByteView(s.plain).subspan(s.taken, part));
    s.taken += part;
  }
  return ByteView(s.spill);
}

bool FrameReader::at_end() const { return state_->here() == 0 && state_->offset == state_->size; }

}  // namespace hangu::plain
