// What is a plain form, and what is not: the rules, record by record.

#include "plain/rules.hpp"

#include <cmath>
#include <limits>

#include "samples.hpp"

namespace hangu::plain {
namespace {

using test::reason_of;

Done layer_rule(const Layer& layer) {
  Rules rules;
  HANGU_CHECK(rules.dataset({DatasetKind::vector, 1}));
  return rules.layer(layer);
}

std::string value_rule(const Field& field, const Value& value) {
  Rules rules;
  Layer layer;
  layer.name = "l";
  layer.fields = {field};
  REQUIRE(rules.dataset({DatasetKind::vector, 1}));
  REQUIRE(rules.layer(layer));
  return reason_of(rules.feature(std::array<Value, 1>{value}, {}));
}

TEST_CASE("layer and field names are checked", "[plain][rules]") {
  const auto named = [](std::string_view name) {
    Layer layer;
    layer.name = name;
    return reason_of(layer_rule(layer));
  };
  CHECK(named("城市 roads") == "ok");
  CHECK(named(std::string(kNameBytesMax, 'a')) == "ok");
  CHECK(named(std::string(kNameBytesMax + 1, 'a')) == "plain-name");
  for (const std::string_view bad :
       {"", " a", "a ", "a\nb", "sqlite_x", "GPKG_contents", "RTree_a_b", "\xff"}) {
    CHECK(named(bad) == "plain-name");
  }
  Layer layer;
  layer.name = "a";
  layer.fields = {{"Name", FieldType::text, 0, true}, {"name", FieldType::text, 0, true}};
  CHECK(layer_rule(layer).error().message() == "plain-name: column \"name\" of \"a\" twice");
  layer.fields[1].name = "end ";
  CHECK(layer_rule(layer).error().message() == "plain-name: column \"end \" of \"a\"");
  layer.fields[1].name = "";
  CHECK(layer_rule(layer).error().message() == "plain-name: column \"\" of \"a\"");
  layer.fields[1].name = "name2";
  CHECK(layer_rule(layer));
  layer.fields[1].width = 3;
  CHECK(layer_rule(layer));
  layer.fields[1].type = FieldType::real;
  CHECK(reason_of(layer_rule(layer)) == "plain-schema");
}

TEST_CASE("an integer field has 8, 16, 32 or unsaid bits, and its values fit them",
          "[plain][rules]") {
  const auto declared = [](std::uint32_t width) {
    Layer layer;
    layer.name = "l";
    layer.fields = {{"i", FieldType::integer, width, true}};
    return reason_of(layer_rule(layer));
  };
  for (const std::uint32_t good : {0U, 8U, 16U, 32U}) CHECK(declared(good) == "ok");
  for (const std::uint32_t bad : {1U, 7U, 9U, 15U, 17U, 24U, 31U, 33U, 63U, 64U, 65U, ~0U}) {
    INFO(bad);
    CHECK(declared(bad) == "plain-schema");
  }

  // The ranges of OGC 12-128r17, table 1.
  struct Range {
    std::uint32_t width;
    std::int64_t least, most;
  };
  for (const Range& range : {Range{8, -128, 127}, Range{16, -32'768, 32'767},
                             Range{32, -2'147'483'648, 2'147'483'647}}) {
    const Field field{"i", FieldType::integer, range.width, true};
    INFO(range.width);
    CHECK(value_rule(field, range.least) == "ok");
    CHECK(value_rule(field, range.most) == "ok");
    CHECK(value_rule(field, range.least - 1) == "plain-value");
    CHECK(value_rule(field, range.most + 1) == "plain-value");
    CHECK(value_rule(field, std::numeric_limits<std::int64_t>::min()) == "plain-value");
    CHECK(value_rule(field, std::numeric_limits<std::int64_t>::max()) == "plain-value");
    CHECK(value_rule(field, Value()) == "ok");
    CHECK(value_rule(field, 1.0) == "plain-value");
  }
  const Field widest{"i", FieldType::integer, 0, true};
  CHECK(value_rule(widest, std::numeric_limits<std::int64_t>::min()) == "ok");
  CHECK(value_rule(widest, std::numeric_limits<std::int64_t>::max()) == "ok");
}

TEST_CASE("a layer has at most so many fields, a dataset so many layers", "[plain][rules]") {
  Layer layer;
  layer.name = "wide";
  for (std::size_t i = 0; i < kFieldsMax; ++i) {
    layer.fields.push_back({"f" + std::to_string(i), FieldType::integer, 0, true});
  }
  CHECK(layer_rule(layer));
  layer.fields.push_back({"more", FieldType::integer, 0, true});
  CHECK(reason_of(layer_rule(layer)) == "plain-limit");
  CHECK(Rules().dataset({DatasetKind::vector, kLayersMax}));
  CHECK(reason_of(Rules().dataset({DatasetKind::vector, kLayersMax + 1})) == "plain-limit");
  CHECK(reason_of(Rules().dataset({DatasetKind::vector, 0})) == "plain-schema");
  CHECK(reason_of(Rules().dataset({DatasetKind::table, 2})) == "plain-schema");
  CHECK(reason_of(Rules().dataset({DatasetKind::raster, 1})) == "plain-schema");
}

TEST_CASE("values must fit their fields", "[plain][rules]") {
  const Field text{"t", FieldType::text, 2, true};
  CHECK(value_rule(text, std::string_view("函谷")) == "ok");
  CHECK(value_rule(text, std::string_view("函谷关")) == "plain-value");
  CHECK(value_rule(text, Value()) == "ok");
  CHECK(value_rule({"t", FieldType::text, 2, false}, Value()) == "plain-value");
  CHECK(value_rule(text, std::string_view("a\0", 2)) == "plain-value");
  CHECK(value_rule(text, std::string_view("\xc0\x80", 2)) == "plain-value");
  CHECK(value_rule(text, std::int64_t{1}) == "plain-value");

  const Field real{"r", FieldType::real, 0, true};
  CHECK(value_rule(real, 0.0) == "ok");
  CHECK(value_rule(real, -0.0) == "plain-value");
  CHECK(value_rule(real, HUGE_VAL) == "plain-value");
  CHECK(value_rule(real, canonical_nan()) == "plain-value");

  const Field long_text{"t", FieldType::text, 0, true};
  const std::string most(kValueBytesMax, 'x');
  const std::string more = most + "x";
  CHECK(value_rule(long_text, std::string_view(most)) == "ok");
  CHECK(value_rule(long_text, std::string_view(more)) == "plain-value");

  CHECK(value_rule({"d", FieldType::date, 0, true}, Date{2932896}) == "ok");
  CHECK(value_rule({"d", FieldType::date, 0, true}, Date{2932897}) == "plain-value");
}

TEST_CASE("geometry must be of its layer's type and dimensions", "[plain][rules]") {
  const auto rule = [](GeometryType type, Presence z) {
    Rules rules;
    Layer layer;
    layer.name = "l";
    layer.geometry = type;
    layer.z = z;
    REQUIRE(rules.dataset({DatasetKind::vector, 1}));
    REQUIRE(rules.layer(layer));
    return reason_of(rules.feature({}, test::point()));
  };
  CHECK(rule(GeometryType::point, Presence::never) == "ok");
  CHECK(rule(GeometryType::any, Presence::optional) == "ok");
  CHECK(rule(GeometryType::polygon, Presence::never) == "geometry-type-mismatch");
  CHECK(rule(GeometryType::point, Presence::always) == "geometry-type-mismatch");
}

TEST_CASE("rasters have bounded sides, bands and palettes", "[plain][rules]") {
  const auto rule = [](const Raster& raster) {
    Rules rules;
    REQUIRE(rules.dataset({DatasetKind::raster, 0}));
    return reason_of(rules.raster(raster));
  };
  Raster raster = test::small_raster();
  CHECK(rule(raster) == "ok");
  raster.width = kRasterSideMax;
  raster.height = kRasterSideMax;
  CHECK(rule(raster) == "ok");
  raster.bands.emplace_back();
  CHECK(rule(raster) == "plain-limit");
  raster.width = kRasterSideMax + 1;
  raster.height = 1;
  CHECK(rule(raster) == "plain-limit");
  raster.width = 0;
  CHECK(rule(raster) == "plain-raster");

  raster = test::small_raster();
  raster.transform = {{0, 1, 1, 0, 1, 1}};  // not invertible
  CHECK(rule(raster) == "plain-raster");

  raster = test::small_raster();
  raster.bands = {{Colour::palette, std::nullopt}};
  CHECK(rule(raster) == "plain-raster");
  raster.sample = SampleType::u8;
  raster.palette.resize(256);
  CHECK(rule(raster) == "ok");
  raster.palette.resize(257);
  CHECK(rule(raster) == "plain-limit");
  raster.bands.assign(kBandsMax, Band());
  raster.palette.clear();
  CHECK(rule(raster) == "ok");
  raster.bands.emplace_back();
  CHECK(rule(raster) == "plain-limit");
}

TEST_CASE("samples hide nothing in the payload of a NaN", "[plain][rules]") {
  Rules rules;
  Raster raster;
  raster.width = 2;
  raster.height = 1;
  raster.sample = SampleType::f32;
  raster.bands.resize(1);
  REQUIRE(rules.dataset({DatasetKind::raster, 0}));
  REQUIRE(rules.raster(raster));
  CHECK(reason_of(rules.tile({{}, test::hex("0000803f0100c07f")})) == "plain-tile");
  CHECK(reason_of(rules.tile({{}, test::hex("0000803f")})) == "plain-tile");
  CHECK(rules.tile({{}, test::hex("0000803f0000c07f")}));
  CHECK(rules.complete());
  CHECK(reason_of(rules.tile({{}, test::hex("0000803f0000c07f")})) == "plain-order");
}

TEST_CASE("records out of place are refused, and an end that comes too early", "[plain][rules]") {
  Rules rules;
  CHECK(reason_of(rules.complete()) == "plain-order");
  CHECK(reason_of(rules.layer(test::every_field())) == "plain-order");
  REQUIRE(rules.dataset({DatasetKind::vector, 1}));
  CHECK(reason_of(rules.dataset({DatasetKind::vector, 1})) == "plain-order");
  CHECK(reason_of(rules.feature({}, {})) == "plain-order");
  CHECK(reason_of(rules.complete()) == "plain-order");
  CHECK(reason_of(rules.raster(test::small_raster())) == "plain-order");
  REQUIRE(rules.layer(test::every_field()));
  CHECK(rules.complete());
  CHECK(reason_of(rules.layer(test::every_field())) == "plain-order");
}

}  // namespace
}  // namespace hangu::plain
