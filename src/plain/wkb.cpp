#include "plain/wkb.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace hangu::plain {
namespace {

constexpr std::uint64_t kEmptyCoordinate = 0x7ff8'0000'0000'0000;
constexpr std::size_t kHeaderBytes = 5;
constexpr std::uint32_t kOldZFlag = 0x8000'0000;
constexpr std::uint32_t kPoint = 1;
constexpr std::uint32_t kLineString = 2;
constexpr std::uint32_t kPolygon = 3;
constexpr std::uint32_t kCollection = 7;

std::uint32_t load_u32_le(const std::byte* at) {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? value : std::byteswap(value);
}

std::uint64_t load_u64_le(const std::byte* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? value : std::byteswap(value);
}

double load_f64_le(const std::byte* at) { return std::bit_cast<double>(load_u64_le(at)); }

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::malformed, "geometry-malformed", std::string(what));
}
std::unexpected<Error> over_limit(std::string_view what) {
  return fail(ErrorCode::exhausted, "geometry-limit", std::string(what));
}

/// Two numbers that are reckoned with at once.
using Pair = double __attribute__((vector_size(16)));

/// The member type that a multi-geometry demands, or 0 for any.
std::uint32_t member_type(std::uint32_t type) { return type >= 4 && type <= 6 ? type - 3 : 0; }

// --- Walking ------------------------------------------------------------------------------------

/// Walk is one pass over a canonical geometry.
class Walk {
 public:
  explicit Walk(ByteView wkb) : at_(wkb.data()), left_(wkb.size()) {}

  Result<Shape> whole() {
    HANGU_CHECK(geometry(1, 0));
    if (left_ != 0) return malformed("trailing bytes");
    return shape_;
  }

 private:
  Done geometry(unsigned depth, std::uint32_t wanted_type) {
    if (depth > kGeometryDepthMax) return over_limit("depth");
    if (left_ < kHeaderBytes) return malformed("short");
    if (at_[0] != std::byte{1}) return malformed("not little-endian");
    const std::uint32_t code = load_u32_le(at_ + 1);
    const std::uint32_t type = code % 1000;
    const std::uint32_t dimensions = code / 1000;
    skip(kHeaderBytes);
    if (dimensions > 3) return malformed("type code");
    if (type < kPoint || type > kCollection) {
      return fail(ErrorCode::malformed, "geometry-type-not-supported", std::to_string(code));
    }
    if (wanted_type != 0 && type != wanted_type) return malformed("member type");
    if (depth == 1) {
      shape_.type = static_cast<GeometryType>(type + 1);
      dimensions_ = dimensions;
      shape_.z = (dimensions & 1) != 0;
      shape_.m = (dimensions & 2) != 0;
      coordinates_ = 2U + (shape_.z ? 1U : 0U) + (shape_.m ? 1U : 0U);
    } else if (dimensions != dimensions_) {
      return malformed("dimensions of a member");
    }
    switch (type) {
      case kPoint: return point();
      case kLineString: return line();
      case kPolygon: return polygon();
      default: return members(depth, member_type(type));
    }
  }

  Done members(unsigned depth, std::uint32_t type) {
    HANGU_TRY(const std::uint32_t count, part_count(kHeaderBytes));
    for (std::uint32_t i = 0; i < count; ++i) HANGU_CHECK(geometry(depth + 1, type));
    return {};
  }

  Done point() {
    const std::size_t bytes = coordinates_ * 8;
    if (left_ < bytes) return malformed("short");
    std::size_t empty = 0;
    for (std::size_t i = 0; i < coordinates_; ++i) {
      if (load_u64_le(at_ + i * 8) == kEmptyCoordinate) ++empty;
    }
    if (empty == coordinates_) {
      skip(bytes);
      return {};
    }
    return vertices(1);
  }

  Done line() {
    HANGU_TRY(const std::uint32_t count, vertex_count());
    if (count == 1) return fail(ErrorCode::malformed, "geometry-line", "one point");
    return vertices(count);
  }

  Done polygon() {
    HANGU_TRY(const std::uint32_t rings, part_count(4));
    for (std::uint32_t i = 0; i < rings; ++i) {
      HANGU_TRY(const std::uint32_t count, vertex_count());
      if (count < 4) return fail(ErrorCode::malformed, "geometry-ring", "fewer than four points");
      const std::byte* const first = at_;
      HANGU_CHECK(vertices(count));
      const std::byte* const last = at_ - coordinates_ * 8;
      const std::size_t compared = shape_.z ? 3 : 2;
      for (std::size_t c = 0; c < compared; ++c) {
        if (load_f64_le(first + c * 8) != load_f64_le(last + c * 8)) {
          return fail(ErrorCode::malformed, "geometry-ring", "not closed");
        }
      }
    }
    return {};
  }

  /// Count of parts, each of at least `bytes_min`.
  Result<std::uint32_t> part_count(std::size_t bytes_min) {
    if (left_ < 4) return malformed("short");
    const std::uint32_t count = load_u32_le(at_);
    skip(4);
    if (count > left_ / bytes_min) return malformed("count");
    parts_ += count;
    if (parts_ > kPartsMax) return over_limit("parts");
    return count;
  }

  Result<std::uint32_t> vertex_count() {
    if (left_ < 4) return malformed("short");
    const std::uint32_t count = load_u32_le(at_);
    skip(4);
    if (count > left_ / (coordinates_ * 8)) return malformed("count");
    return count;
  }

  Done vertices(std::uint32_t count) {
    const std::size_t bytes = std::size_t{count} * coordinates_ * 8;
    if (left_ < bytes) return malformed("short");
    if (count == 0) return {};
    const auto [box, finite] = coordinates_ == 2 ? sweep<2>(count) : sweep<0>(count);
    if (!finite) return fail(ErrorCode::malformed, "geometry-not-finite");
    skip(bytes);
    if (shape_.empty()) shape_.box = box;
    shape_.box.join(box);
    shape_.vertices += count;
    return shape_.vertices > kVerticesMax ? Done(over_limit("vertices")) : Done();
  }

  struct Swept {
    Box box;
    bool finite;
  };
  /// The box of `count` vertices (1 or more) from at_ on, and whether all their numbers are finite.
  /// x and y side by side in one register: every vertex of a dataset comes by here, many times.
  template <std::size_t kCoordinates>
  [[nodiscard]] Swept sweep(std::uint32_t count) const {
    const std::size_t coordinates = kCoordinates == 0 ? coordinates_ : kCoordinates;
    constexpr double kLargest = std::numeric_limits<double>::max();
    Pair low{kLargest, kLargest};
    Pair high{-kLargest, -kLargest};
    auto finite = low == low;
    const std::byte* p = at_;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Pair xy{load_f64_le(p), load_f64_le(p + 8)};
      finite &= xy - xy == Pair{};  // no number at all for what is not finite
      low = xy < low ? xy : low;
      high = high < xy ? xy : high;
      for (std::size_t c = 2; c < coordinates; ++c) {
        const double other = load_f64_le(p + c * 8);
        finite &= Pair{other, other} - Pair{other, other} == Pair{};
      }
      p += coordinates * 8;
    }
    return {{low[0], low[1], high[0], high[1]}, finite[0] != 0 && finite[1] != 0};
  }

  void skip(std::size_t n) {
    at_ += n;
    left_ -= n;
  }

  const std::byte* at_;
  std::size_t left_;
  Shape shape_;
  std::uint32_t dimensions_ = 0;
  std::size_t coordinates_ = 2;
  std::uint64_t parts_ = 0;
};

// --- Rewriting ----------------------------------------------------------------------------------

/// Rewrite copies a geometry of any dialect into canonical form.
class Rewrite {
 public:
  Rewrite(ByteView from, Bytes& out) : from_(from), out_(out) {}

  Done whole() {
    HANGU_CHECK(geometry(1));
    return from_.empty() ? Done() : Done(malformed("trailing bytes"));
  }

 private:
  Done geometry(unsigned depth) {
    if (depth > kGeometryDepthMax) return over_limit("depth");
    if (from_.size() < kHeaderBytes) return malformed("short");
    const auto order = std::to_integer<unsigned>(from_[0]);
    if (order > 1) return malformed("byte order");
    swap_ = order == 0;
    from_ = from_.subspan(1);
    HANGU_TRY(std::uint32_t code, u32());
    if ((code & kOldZFlag) != 0)
      code = (code & ~kOldZFlag) + ((code & ~kOldZFlag) < 1000 ? 1000 : 0);
    const std::uint32_t type = code % 1000;
    const std::uint32_t dimensions = code / 1000;
    if (dimensions > 3 || type < kPoint || type > kCollection) {
      return fail(ErrorCode::malformed, "geometry-type-not-supported", std::to_string(code));
    }
    coordinates_ = 2 + (dimensions & 1) + (dimensions >> 1);
    out_.push_back(std::byte{1});
    put_u32(code);
    switch (type) {
      case kPoint: return point();
      case kLineString: return vertices();
      case kPolygon: return rings();
      default: return members(depth);
    }
  }

  Done members(unsigned depth) {
    HANGU_TRY(const std::uint32_t count, counted());
    for (std::uint32_t i = 0; i < count; ++i) HANGU_CHECK(geometry(depth + 1));
    return {};
  }

  Done rings() {
    HANGU_TRY(const std::uint32_t count, counted());
    for (std::uint32_t i = 0; i < count; ++i) HANGU_CHECK(vertices());
    return {};
  }

  Done vertices() {
    HANGU_TRY(const std::uint32_t count, counted());
    return coordinates(std::size_t{count} * coordinates_);
  }

  Done point() {
    const std::size_t start = out_.size();
    HANGU_CHECK(coordinates(coordinates_));
    for (std::size_t i = 0; i < coordinates_; ++i) {
      if (!std::isnan(load_f64_le(out_.data() + start + i * 8))) return {};
    }
    for (std::size_t i = 0; i < coordinates_; ++i) put_u64(start + i * 8, kEmptyCoordinate);
    return {};
  }

  Done coordinates(std::size_t count) {
    if (count > from_.size() / 8) return malformed("count");
    const std::size_t start = out_.size();
    append(out_, from_.first(count * 8));
    if (swap_) {
      for (std::size_t i = 0; i < count; ++i) {
        std::reverse(out_.data() + start + i * 8, out_.data() + start + i * 8 + 8);
      }
    }
    from_ = from_.subspan(count * 8);
    return {};
  }

  Result<std::uint32_t> u32() {
    if (from_.size() < 4) return malformed("short");
    const std::uint32_t value = load_u32_le(from_.data());
    from_ = from_.subspan(4);
    return swap_ ? std::byteswap(value) : value;
  }

  /// A count of parts, written too. Each part takes a byte at least, so the loop is bounded.
  Result<std::uint32_t> counted() {
    HANGU_TRY(const std::uint32_t count, u32());
    if (count > from_.size()) return malformed("count");
    put_u32(count);
    return count;
  }

  void put_u32(std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      out_.push_back(static_cast<std::byte>(value >> shift & 0xff));
    }
  }

  void put_u64(std::size_t at, std::uint64_t value) {
    for (unsigned i = 0; i < 8; ++i) out_[at + i] = static_cast<std::byte>(value >> i * 8 & 0xff);
  }

  ByteView from_;
  Bytes& out_;
  bool swap_ = false;
  std::size_t coordinates_ = 2;
};

}  // namespace

Result<Shape> walk_wkb(ByteView wkb) {
  if (wkb.size() > kGeometryBytesMax) return over_limit("bytes");
  return Walk(wkb).whole();
}

Result<WalkedGeometry> WalkedGeometry::walk(ByteView wkb) {
  HANGU_TRY(const Shape shape, walk_wkb(wkb));
  return WalkedGeometry(wkb, shape);
}

Done rewrite_wkb(ByteView foreign, Bytes& out) {
  if (foreign.size() > kGeometryBytesMax) return over_limit("bytes");
  return Rewrite(foreign, out).whole();
}

}  // namespace hangu::plain
