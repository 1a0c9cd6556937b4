#include "check/geometry.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "check/little_endian.hpp"

namespace hangu::check {
namespace {

constexpr std::size_t kHeadBytes = 8;
constexpr std::size_t kEnvelopeBytes = 4 * 8;
constexpr unsigned kLittleEndian = 1;
constexpr unsigned kEnvelopeXy = 1U << 1;
constexpr unsigned kEmpty = 1U << 4;
constexpr std::uint32_t kPoint = 1;
constexpr std::uint32_t kPolygon = 3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::unexpected<Error> wrong(std::string_view reason, std::string_view what) {
  return fail(ErrorCode::malformed, reason, std::string(what));
}

/// BoxWalk goes through one geometry with a stack of its own, not by recursion.
class BoxWalk {
 public:
  explicit BoxWalk(ByteView wkb) : rest_(wkb) {}

  Done whole() {
    std::array<std::uint32_t, plain::kGeometryDepthMax> left{};  // members still to come, by depth
    HANGU_TRY(left[0], one(true));
    std::size_t depth = 1;
    while (depth > 0) {  // ends: each member takes bytes of a finite view
      if (left[depth - 1] == 0) {
        --depth;
        continue;
      }
      --left[depth - 1];
      HANGU_TRY(const std::uint32_t members, one(false));
      if (members == 0) continue;
      if (depth == left.size()) return fail(ErrorCode::exhausted, "geometry-limit", "depth");
      left[depth++] = members;
    }
    return rest_.empty() ? Done() : Done(wrong("geometry-wkb", "trailing bytes"));
  }

  [[nodiscard]] std::optional<plain::Box> box() const {
    const bool any = box_.min_x <= box_.max_x && box_.min_y <= box_.max_y;
    return any ? std::optional(box_) : std::nullopt;
  }
  [[nodiscard]] std::uint32_t type() const { return type_; }

 private:
  /// One header and, for the simple types, its coordinates; the count of members otherwise.
  Result<std::uint32_t> one(bool outermost) {
    if (rest_.size() < 5 || rest_[0] != std::byte{1}) return wrong("geometry-wkb", "head");
    const std::uint32_t code = load_u32_le(rest_.subspan(1));
    rest_ = rest_.subspan(5);
    const std::uint32_t type = code % 1000;
    const std::uint32_t dimensions = code / 1000;
    if (type == 0 || type > 7 || dimensions > 3) return wrong("geometry-wkb", "type");
    width_ = 8 * (2 + (dimensions & 1U) + (dimensions >> 1U));
    if (outermost) type_ = type;
    if (type == kPoint) {
      HANGU_CHECK(coordinates(1));
      return 0U;
    }
    HANGU_TRY(const std::uint32_t count, u32());
    if (type > kPolygon) return count;
    if (type < kPolygon) {
      HANGU_CHECK(coordinates(count));
      return 0U;
    }
    for (std::uint32_t ring = 0; ring < count; ++ring) {  // ends: each ring takes bytes
      HANGU_TRY(const std::uint32_t points, u32());
      HANGU_CHECK(coordinates(points));
    }
    return 0U;
  }

  Result<std::uint32_t> u32() {
    if (rest_.size() < 4) return wrong("geometry-wkb", "short");
    const std::uint32_t value = load_u32_le(rest_);
    rest_ = rest_.subspan(4);
    return value;
  }

  Done coordinates(std::uint32_t count) {
    if (count > rest_.size() / width_) return wrong("geometry-wkb", "short");
    // Side by side in registers: every vertex of a dataset comes by here.
    using Pair = double __attribute__((vector_size(16)));
    Pair low{box_.min_x, box_.min_y};
    Pair high{box_.max_x, box_.max_y};
    const ByteView taken = rest_.first(count * width_);
    rest_ = rest_.subspan(taken.size());
    for (std::size_t at = 0; at < taken.size(); at += width_) {
      const ByteView vertex(taken.data() + at, 16);
      const Pair xy{load_f64_le(vertex), load_f64_le(vertex.subspan(8))};
      low = xy < low ? xy : low;  // not a number: an empty point, and no box
      high = xy > high ? xy : high;
    }
    box_ = {low[0], low[1], high[0], high[1]};
    return {};
  }

  ByteView rest_;
  std::size_t width_ = 16;
  std::uint32_t type_ = 0;
  plain::Box box_{kInfinity, kInfinity, -kInfinity, -kInfinity};
};

bool same(double stored, double found) {
  // A zero of either sign may be the least or greatest.
  return std::bit_cast<std::uint64_t>(stored) == std::bit_cast<std::uint64_t>(found) ||
         (stored == 0 && found == 0);
}

}  // namespace

Result<GeometryBlob> read_geometry_blob(ByteView blob, std::int32_t srs_id) {
  if (blob.size() < kHeadBytes || blob[0] != std::byte{'G'} || blob[1] != std::byte{'P'} ||
      blob[2] != std::byte{0}) {
    return wrong("geometry-blob", "head");
  }
  const auto flags = std::to_integer<unsigned>(blob[3]);
  if (static_cast<std::int32_t>(load_u32_le(blob.subspan(4))) != srs_id) {
    return wrong("geometry-srs", "another system than the layer's");
  }
  const bool has_envelope = (flags & kEnvelopeXy) != 0;
  const std::size_t head = kHeadBytes + (has_envelope ? kEnvelopeBytes : 0);
  if (blob.size() < head) return wrong("geometry-blob", "short");
  GeometryBlob out{blob.subspan(head), {}};
  BoxWalk walk(out.wkb);
  HANGU_CHECK(walk.whole());
  out.box = walk.box();
  const unsigned wanted =
      kLittleEndian | (out.box ? 0 : kEmpty) | (out.box && walk.type() != kPoint ? kEnvelopeXy : 0);
  if (flags != wanted) return wrong("geometry-blob", "flags");
  if (has_envelope) {
    const auto side = [&](std::size_t i) { return load_f64_le(blob.subspan(kHeadBytes + i * 8)); };
    if (!same(side(0), out.box->min_x) || !same(side(1), out.box->max_x) ||
        !same(side(2), out.box->min_y) || !same(side(3), out.box->max_y)) {
      return wrong("geometry-envelope", "not the box of its coordinates");
    }
  }
  return out;
}

}  // namespace hangu::check
