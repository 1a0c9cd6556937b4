#include "plain/facts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace hangu::plain {
namespace {

constexpr double kMetresPerDegree = 111'319.490'793;  ///< on the equator of WGS 84

void add(LayerFacts& facts, const Feature& feature) {
  ++facts.features;
  const Shape& shape = feature.shape;
  if (shape.type == GeometryType::none || shape.empty()) ++facts.without_geometry;
  if (shape.type == GeometryType::none) return;
  facts.types.insert(shape.type);
  facts.any_z |= shape.z;
  facts.any_m |= shape.m;
  if (shape.empty()) return;
  facts.vertices += shape.vertices;
  if (!facts.extent) facts.extent = shape.box;
  facts.extent->join(shape.box);
}

struct Place {
  double x = 0;
  double y = 0;
};

Place place_of(const std::array<double, 6>& t, double column, double row) {
  return {t[0] + column * t[1] + row * t[2], t[3] + column * t[4] + row * t[5]};
}

RasterFacts raster_facts(const Raster& raster, const UnitOf& unit_of) {
  RasterFacts facts;
  facts.raster = raster;
  if (!raster.transform) return facts;
  const auto& t = *raster.transform;
  const double width = raster.width;
  const double height = raster.height;
  for (const Place p : {place_of(t, 0, 0), place_of(t, width, 0), place_of(t, 0, height),
                        place_of(t, width, height)}) {
    const Box box{p.x, p.y, p.x, p.y};
    if (!facts.extent) facts.extent = box;
    facts.extent->join(box);
  }
  facts.pixel_across = std::hypot(t[1], t[4]);
  facts.pixel_down = std::hypot(t[2], t[5]);
  const auto unit = unit_of(raster.crs);
  if (!unit) return facts;
  if (!unit->geographic) {
    facts.ground_resolution = std::min(*facts.pixel_across, *facts.pixel_down) * unit->metres;
    return facts;
  }
  const double latitude = place_of(t, width / 2, height / 2).y * std::numbers::pi / 180;
  const auto ground = [&](double dx, double dy) {
    return std::hypot(dx * std::cos(latitude), dy) * kMetresPerDegree;
  };
  facts.ground_resolution = std::min(ground(t[1], t[4]), ground(t[2], t[5]));
  return facts;
}

/// A box of a CRS in which content lies.
struct Covered {
  Crs crs;
  Box box;
};

/// Where all content lies; nothing when some of it has no place.
std::optional<std::vector<Covered>> covered_by(const Facts& facts) {
  std::vector<Covered> out;
  for (const LayerFacts& layer : facts.layers) {
    if (layer.features == 0) continue;
    if (!layer.extent || layer.without_geometry > 0) return std::nullopt;
    out.push_back({layer.crs, *layer.extent});
  }
  if (!facts.raster) return out;
  if (!facts.raster->extent) return std::nullopt;
  out.push_back({facts.raster->raster.crs, *facts.raster->extent});
  return out;
}

/// Of more boxes than there may be, those of one CRS become one.
std::vector<Covered> gathered(std::vector<Covered> all) {
  if (all.size() <= kFootprintRingsMax) return all;
  std::vector<Covered> out;
  for (Covered& one : all) {
    const auto same = std::ranges::find(out, one.crs, &Covered::crs);
    if (same == out.end())
      out.push_back(std::move(one));
    else
      same->box.join(one.box);
  }
  return out;
}

std::optional<std::vector<GroundRing>> footprint_of(const Facts& facts, const GroundOf& ground_of) {
  auto all = covered_by(facts);
  if (!all || !ground_of) return std::nullopt;
  const std::vector<Covered> boxes = gathered(*std::move(all));
  if (boxes.size() > kFootprintRingsMax) return std::nullopt;
  std::vector<GroundRing> out;
  for (const Covered& one : boxes) {
    auto ring = ground_of(one.crs, one.box);
    if (!ring) return std::nullopt;
    out.push_back(*std::move(ring));
  }
  return out;
}

/// Null for a number that overflowed: facts are JSON, which has none such.
wire::Json number(std::optional<double> value) {
  return value && std::isfinite(*value) ? wire::Json(*value) : wire::Json(nullptr);
}

wire::Json box_json(const std::optional<Box>& box) {
  if (!box) return nullptr;
  return wire::JsonArray{number(box->min_x), number(box->min_y), number(box->max_x),
                         number(box->max_y)};
}

wire::Json layer_json(const LayerFacts& layer) {
  wire::JsonArray types;
  for (const GeometryType type : layer.types) types.emplace_back(to_text(type));
  return wire::JsonObject{
      {"name", layer.name},
      {"geometry", to_text(layer.declared)},
      {"crs", to_text(layer.crs)},
      {"fields", layer.fields},
      {"features", layer.features},
      {"without_geometry", layer.without_geometry},
      {"vertices", layer.vertices},
      {"types", std::move(types)},
      {"z", layer.any_z},
      {"m", layer.any_m},
      {"extent", box_json(layer.extent)},
  };
}

wire::Json raster_json(const RasterFacts& facts) {
  const Raster& raster = facts.raster;
  wire::JsonArray bands;
  for (const Band& band : raster.bands) {
    bands.emplace_back(wire::JsonObject{{"colour", to_text(band.colour)},
                                        {"no_data", number(band.no_data)},
                                        {"has_no_data", band.no_data.has_value()}});
  }
  return wire::JsonObject{
      {"width", raster.width},
      {"height", raster.height},
      {"sample", to_text(raster.sample)},
      {"bands", std::move(bands)},
      {"crs", to_text(raster.crs)},
      {"extent", box_json(facts.extent)},
      {"pixel_across", number(facts.pixel_across)},
      {"pixel_down", number(facts.pixel_down)},
      {"ground_resolution_m", number(facts.ground_resolution)},
  };
}

wire::Json footprint_json(const std::optional<std::vector<GroundRing>>& footprint) {
  if (!footprint) return nullptr;
  wire::JsonArray rings;
  for (const GroundRing& ring : *footprint) {
    wire::JsonArray numbers;
    for (const double degrees : ring) numbers.push_back(number(degrees));
    rings.emplace_back(std::move(numbers));
  }
  return rings;
}

}  // namespace

wire::Json Facts::to_json() const {
  wire::JsonArray layer_array;
  std::uint64_t vertices = 0;
  for (const LayerFacts& layer : layers) {
    layer_array.push_back(layer_json(layer));
    vertices += layer.vertices;
  }
  return wire::JsonObject{
      {"kind", to_text(kind)},
      {"features", trailer.features},
      {"vertices", vertices},
      {"tiles", trailer.tiles},
      {"layers", std::move(layer_array)},
      {"raster", raster ? raster_json(*raster) : wire::Json(nullptr)},
      {"footprint", footprint_json(footprint)},
      {"content_digest", to_hex(trailer.digest)},
  };
}

Result<Facts> measure(Input input, const UnitOf& unit_of, const GroundOf& ground_of) {
  HANGU_TRY(Reader reader, Reader::open(input));
  Facts facts;
  facts.kind = reader.dataset().kind;
  while (true) {  // ends: each record takes bytes of a finite file
    HANGU_TRY(const Record record, reader.next());
    if (const auto* start = std::get_if<LayerStart>(&record)) {
      LayerFacts& layer = facts.layers.emplace_back();
      layer.name = start->layer->name;
      layer.declared = start->layer->geometry;
      layer.crs = start->layer->crs;
      layer.fields = start->layer->fields.size();
    } else if (const auto* feature = std::get_if<Feature>(&record)) {
      add(facts.layers.back(), *feature);
    } else if (const auto* raster = std::get_if<RasterStart>(&record)) {
      facts.raster = raster_facts(*raster->raster, unit_of);
    } else if (const auto* trailer = std::get_if<Trailer>(&record)) {
      facts.trailer = *trailer;
      facts.footprint = footprint_of(facts, ground_of);
      return facts;
    }
  }
}

}  // namespace hangu::plain
