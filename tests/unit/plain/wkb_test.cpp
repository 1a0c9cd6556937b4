#include "plain/wkb.hpp"

#include <bit>

#include "samples.hpp"

namespace hangu::plain {
namespace {

using test::hex;
using test::lower;
using test::reason_of;

/// Little-endian builder of WKB for the limits.
struct Wkb {
  Bytes bytes;
  Wkb& u32(std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(value >> (8 * i)));
    return *this;
  }
  Wkb& f64(double value) {
    const auto word = std::bit_cast<std::uint64_t>(value);
    for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<std::byte>(word >> (8 * i)));
    return *this;
  }
  Wkb& head(std::uint32_t type) {
    bytes.push_back(std::byte{1});
    return u32(type);
  }
  Wkb& xy(double x, double y) { return f64(x).f64(y); }
};

Bytes square(double end_x = 0) {
  return Wkb().head(3).u32(1).u32(5).xy(0, 0).xy(4, 0).xy(4, 3).xy(0, 3).xy(end_x, 0).bytes;
}

Result<Shape> rewritten_and_walked(ByteView foreign) {
  Bytes out;
  HANGU_CHECK(rewrite_wkb(foreign, out));
  return walk_wkb(out);
}

TEST_CASE("the walker measures a point, a polygon and a collection", "[plain][wkb]") {
  const auto point = walk_wkb(test::point());
  REQUIRE(point);
  CHECK(point->type == GeometryType::point);
  CHECK(point->vertices == 1);
  CHECK(point->box.min_x == 1);
  CHECK(point->box.max_y == 2);

  const auto polygon = walk_wkb(square());
  REQUIRE(polygon);
  CHECK(polygon->type == GeometryType::polygon);
  CHECK(polygon->vertices == 5);
  CHECK(polygon->box.max_x == 4);
  CHECK(polygon->box.max_y == 3);

  Wkb collection;
  collection.head(7).u32(2);
  append(collection.bytes, test::point());
  append(collection.bytes, square());
  const auto both = walk_wkb(collection.bytes);
  REQUIRE(both);
  CHECK(both->type == GeometryType::collection);
  CHECK(both->vertices == 6);
}

TEST_CASE("the walker knows z and m by ISO codes", "[plain][wkb]") {
  const auto z = walk_wkb(Wkb().head(1001).xy(1, 2).f64(3).bytes);
  REQUIRE(z);
  CHECK(z->z);
  CHECK_FALSE(z->m);
  const auto m = walk_wkb(Wkb().head(2002).u32(2).xy(0, 0).f64(1).xy(1, 1).f64(2).bytes);
  REQUIRE(m);
  CHECK(m->m);
  const auto zm = walk_wkb(Wkb().head(3001).xy(1, 2).xy(3, 4).bytes);
  REQUIRE(zm);
  CHECK((zm->z && zm->m));
  CHECK(reason_of(walk_wkb(Wkb().head(4001).xy(1, 2).xy(3, 4).bytes)) == "geometry-malformed");
}

TEST_CASE("the walker takes an empty point only as the one NaN", "[plain][wkb]") {
  // POINT EMPTY, as PostGIS 3 prints it.
  const auto empty = walk_wkb(hex(lower("0101000000000000000000F87F000000000000F87F")));
  REQUIRE(empty);
  CHECK(empty->empty());
  CHECK(reason_of(walk_wkb(hex("0101000000010000000000f87f000000000000f87f"))) ==
        "geometry-not-finite");
  CHECK(reason_of(walk_wkb(hex("0101000000000000000000f87f0000000000000040"))) ==
        "geometry-not-finite");
  CHECK(reason_of(walk_wkb(hex("0101000000000000000000f07f0000000000000040"))) ==
        "geometry-not-finite");
}

TEST_CASE("the walker refuses rings that are short or open, and lines of one point",
          "[plain][wkb]") {
  CHECK(reason_of(walk_wkb(square(1))) == "geometry-ring");
  CHECK(reason_of(walk_wkb(Wkb().head(3).u32(1).u32(3).xy(0, 0).xy(1, 0).xy(0, 0).bytes)) ==
        "geometry-ring");
  CHECK(walk_wkb(Wkb().head(3).u32(1).u32(4).xy(0, 0).xy(1, 0).xy(1, 1).xy(0, 0).bytes));
  CHECK(walk_wkb(Wkb().head(3).u32(0).bytes)->empty());
  CHECK(reason_of(walk_wkb(Wkb().head(2).u32(1).xy(0, 0).bytes)) == "geometry-line");
  CHECK(walk_wkb(Wkb().head(2).u32(0).bytes));
  CHECK(walk_wkb(Wkb().head(2).u32(2).xy(0, 0).xy(0, 0).bytes));
}

TEST_CASE("what the walker takes, rewriting leaves as it is", "[plain][wkb]") {
  Wkb mixed;  // a collection of a point, an empty point, a line, and a polygon
  mixed.head(7).u32(4);
  append(mixed.bytes, test::point());
  append(mixed.bytes, hex(lower("0101000000000000000000F87F000000000000F87F")));
  append(mixed.bytes, Wkb().head(2).u32(2).xy(0, 0).xy(-0.0, 1).bytes);
  append(mixed.bytes, square());
  const std::vector<Bytes> seeds{test::point(), square(), mixed.bytes,
                                 Wkb().head(3001).xy(1, 2).xy(3, 4).bytes,
                                 Wkb().head(2002).u32(2).xy(0, 0).f64(1).xy(1, 1).f64(2).bytes};
  std::size_t taken = 0;
  for (const Bytes& seed : seeds) {
    for (std::size_t at = 0; at < seed.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        Bytes changed = seed;
        changed[at] ^= static_cast<std::byte>(1U << bit);
        const auto walked = WalkedGeometry::walk(changed);
        if (!walked) continue;
        ++taken;
        Bytes rewritten;
        REQUIRE(rewrite_wkb(changed, rewritten));
        REQUIRE(rewritten == changed);
        CHECK(walked->wkb().data() == changed.data());
        CHECK(walked->shape().vertices == walk_wkb(changed)->vertices);
      }
    }
  }
  CHECK(taken > 1000);
}

TEST_CASE("the walker refuses every truncation, and a byte too many", "[plain][wkb]") {
  const Bytes whole = square();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CHECK(reason_of(walk_wkb(ByteView(whole).first(n))) == "geometry-malformed");
  }
  Bytes longer = whole;
  longer.push_back({});
  CHECK(reason_of(walk_wkb(longer)) == "geometry-malformed");
}

TEST_CASE("the walker stops at depth, counts and sizes beyond the limits", "[plain][wkb]") {
  const auto nested = [](unsigned depth) {
    Wkb wkb;
    for (unsigned i = 1; i < depth; ++i) wkb.head(7).u32(1);
    append(wkb.bytes, test::point());
    return wkb.bytes;
  };
  CHECK(walk_wkb(nested(kGeometryDepthMax)));
  CHECK(reason_of(walk_wkb(nested(kGeometryDepthMax + 1))) == "geometry-limit");
  CHECK(reason_of(walk_wkb(Wkb().head(4).u32(0xffffffff).bytes)) == "geometry-malformed");
  CHECK(reason_of(walk_wkb(Wkb().head(2).u32(0xffffffff).bytes)) == "geometry-malformed");
  CHECK(reason_of(walk_wkb(Bytes(kGeometryBytesMax + 1))) == "geometry-limit");

  const auto line_of = [](std::uint64_t vertices) {
    Wkb wkb;
    wkb.head(2).u32(static_cast<std::uint32_t>(vertices));
    wkb.bytes.resize(wkb.bytes.size() + vertices * 16);
    return wkb.bytes;
  };
  CHECK(walk_wkb(line_of(kVerticesMax)));
  CHECK(reason_of(walk_wkb(line_of(kVerticesMax + 1))) == "geometry-limit");

  const auto lines_of = [](std::uint32_t parts) {
    Wkb wkb;
    wkb.head(5).u32(parts);
    for (std::uint32_t i = 0; i < parts; ++i) wkb.head(2).u32(0);
    return wkb.bytes;
  };
  CHECK(walk_wkb(lines_of(kPartsMax)));
  CHECK(reason_of(walk_wkb(lines_of(kPartsMax + 1))) == "geometry-limit");
}

TEST_CASE("the walker refuses members that their parent does not allow", "[plain][wkb]") {
  Wkb wrong_type;
  append(wrong_type.head(4).u32(1).bytes, Wkb().head(2).u32(0).bytes);
  CHECK(reason_of(walk_wkb(wrong_type.bytes)) == "geometry-malformed");
  Wkb wrong_dimensions;
  append(wrong_dimensions.head(1004).u32(1).bytes, test::point());
  CHECK(reason_of(walk_wkb(wrong_dimensions.bytes)) == "geometry-malformed");
  // CIRCULARSTRING and TIN.
  CHECK(reason_of(walk_wkb(Wkb().head(8).u32(0).bytes)) == "geometry-type-not-supported");
  CHECK(reason_of(walk_wkb(Wkb().head(16).u32(0).bytes)) == "geometry-type-not-supported");
}

TEST_CASE("the walker takes little-endian only; the rewriter takes both orders", "[plain][wkb]") {
  // POINT(1 2) big-endian (OGC 06-103r4, 8.2).
  const Bytes big = hex("00000000013ff00000000000004000000000000000");
  CHECK(reason_of(walk_wkb(big)) == "geometry-malformed");
  Bytes out;
  REQUIRE(rewrite_wkb(big, out));
  CHECK(out == test::point());

  Bytes mixed = hex("000000000700000002");  // a big-endian collection of both
  append(mixed, big);
  append(mixed, test::point());
  const auto shape = rewritten_and_walked(mixed);
  REQUIRE(shape);
  CHECK(shape->vertices == 2);
}

TEST_CASE("the rewriter turns the 2.5D flag into the ISO code", "[plain][wkb]") {
  // POINT Z (1 2 3) as OGR writes wkbPoint25D.
  const Bytes old = hex("0101000080000000000000f03f00000000000000400000000000000840");
  Bytes out;
  REQUIRE(rewrite_wkb(old, out));
  CHECK(to_hex(out) == "01e9030000000000000000f03f00000000000000400000000000000840");
  CHECK(walk_wkb(out)->z);
}

TEST_CASE("the rewriter leaves canonical geometry as it is", "[plain][wkb]") {
  for (const Bytes& wkb : {test::point(), square(), Wkb().head(6).u32(0).bytes}) {
    Bytes out;
    REQUIRE(rewrite_wkb(wkb, out));
    CHECK(out == wkb);
  }
  Bytes out;
  REQUIRE(rewrite_wkb(hex("0101000000010000000000f87f010000000000f8ff"), out));
  CHECK(to_hex(out) == "0101000000000000000000f87f000000000000f87f");
}

TEST_CASE("mutating any byte of a geometry never gets past both, or stays walkable",
          "[plain][wkb]") {
  const Bytes whole = square();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = whole;
      changed[i] ^= static_cast<std::byte>(1U << bit);
      const auto shape = rewritten_and_walked(changed);
      if (shape) CHECK(shape->vertices <= 5);
    }
  }
}

}  // namespace
}  // namespace hangu::plain
