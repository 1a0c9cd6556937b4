// The checks of a GeoTIFF: directory and bytes, georeference, colours, and every sample.

#include <algorithm>
#include <charconv>
#include <cmath>

#include "check/content.hpp"
#include "check/crs_facts.hpp"
#include "check/tiff_tiles.hpp"
#include "plain/rules.hpp"
#include "plain/writer.hpp"

namespace hangu::check {
namespace {

using wire::JsonObject;

std::unexpected<Error> differs(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// Zero in its usual spelling.
bool is_zero(double value) { return same_bits(value, 0); }

Result<JsonObject> check_image(const Tiff& tiff, const plain::Raster& raster) {
  if (tiff.width != raster.width || tiff.height != raster.height) {
    return differs("rendition-size-differs",
                   std::to_string(tiff.width) + " x " + std::to_string(tiff.height));
  }
  if (tiff.sample != raster.sample || tiff.samples != raster.bands.size()) {
    return differs("rendition-samples-differ",
                   std::to_string(tiff.samples) + " of " + std::string(to_text(tiff.sample)));
  }
  return JsonObject{
      {"width", tiff.width},
      {"height", tiff.height},
      {"bands", tiff.samples},
      {"sample", to_text(tiff.sample)},
      {"tiles", tiff.tile_offsets.size()},
      {"compression", tiff.compression == TiffCompression::none ? "none" : "deflate"}};
}

/// The affine transform that the model tags say, by OGC 19-008r4, annex B.6; nothing without tags.
Result<std::optional<std::array<double, 6>>> transform_of(const Tiff& tiff) {
  std::optional<std::array<double, 6>> out;
  if (tiff.transformation) {
    const auto& m = *tiff.transformation;
    const bool flat =
        std::ranges::all_of(std::array<std::size_t, 9>{2, 6, 8, 9, 10, 11, 12, 13, 14},
                            [&](std::size_t i) { return is_zero(m[i]); });
    if (!flat || m[15] != 1 || tiff.pixel_scale || tiff.tie_point)
      return differs("tiff-model", "matrix");
    out = {m[3], m[0], m[1], m[7], m[4], m[5]};
  } else if (tiff.pixel_scale || tiff.tie_point) {
    if (!tiff.pixel_scale || !tiff.tie_point) return differs("tiff-model", "one of two tags");
    const auto& scale = *tiff.pixel_scale;
    const auto& tie = *tiff.tie_point;
    if (!is_zero(tie[0]) || !is_zero(tie[1]) || !is_zero(tie[2]) || !is_zero(tie[5]) ||
        !is_zero(scale[2])) {
      return differs("tiff-model", "tie point");
    }
    out = {tie[3], scale[0], 0, tie[4], 0, -scale[1]};
  }
  return out;
}

Result<JsonObject> check_georeference(const Tiff& tiff, const plain::Raster& raster) {
  HANGU_TRY(const auto transform, transform_of(tiff));
  if (transform.has_value() != raster.transform.has_value()) {
    return differs("rendition-transform-differs", transform ? "none expected" : "missing");
  }
  for (std::size_t i = 0; transform && i < transform->size(); ++i) {
    const double found = (*transform)[i];
    const double wanted = (*raster.transform)[i];
    if (!same_bits(found, wanted) && !(is_zero(found) && wanted == 0)) {
      return differs("rendition-transform-differs", "term " + std::to_string(i));
    }
  }
  HANGU_CHECK(check_tiff_crs(tiff, raster.crs));
  return JsonObject{{"crs", plain::to_text(raster.crs)},
                    {"transform", transform.has_value()},
                    {"citations", tiff.geo_text}};
}

/// The colours that photometric interpretation and extra samples say.
std::vector<plain::Colour> colours_of(const Tiff& tiff) {
  using enum plain::Colour;
  std::vector<plain::Colour> out;
  switch (tiff.photometric) {
    case TiffPhotometric::min_is_black: out = {gray}; break;
    case TiffPhotometric::rgb: out = {red, green, blue}; break;
    case TiffPhotometric::palette: out = {palette}; break;
  }
  for (const TiffExtraSample extra : tiff.extra_samples) {
    out.push_back(extra == TiffExtraSample::unspecified ? undefined : alpha);
  }
  return out;
}

/// Reads the one kind of metadata that is taken: the colour of a band, in the words of GDAL.
Result<std::vector<plain::Colour>> read_metadata(std::string_view text,
                                                 std::vector<plain::Colour> colours) {
  struct Row {
    std::string_view word;
    plain::Colour colour;
  };
  constexpr auto kRows = std::to_array<Row>({{"Undefined", plain::Colour::undefined},
                                             {"Gray", plain::Colour::gray},
                                             {"Red", plain::Colour::red},
                                             {"Green", plain::Colour::green},
                                             {"Blue", plain::Colour::blue},
                                             {"Alpha", plain::Colour::alpha}});
  const auto take = [&text](std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
  };
  if (!take("<GDALMetadata>\n")) return differs("tiff-metadata", "head");
  std::size_t next = 0;
  while (take("  <Item name=\"COLORINTERP\" sample=\"")) {
    std::size_t band = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), band);
    if (error != std::errc() || band < next || band >= colours.size()) {
      return differs("tiff-metadata", "sample");
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!take("\" role=\"colorinterp\">")) return differs("tiff-metadata", "role");
    const auto* const row =
        std::ranges::find_if(kRows, [&](const Row& r) { return text.starts_with(r.word); });
    if (row == kRows.end()) return differs("tiff-metadata", "colour");
    text.remove_prefix(row->word.size());
    if (!take("</Item>\n")) return differs("tiff-metadata", "end of item");
    colours[band] = row->colour;
    next = band + 1;
  }
  if (text != "</GDALMetadata>\n" && text != "</GDALMetadata>") {
    return differs("tiff-metadata", "end");
  }
  return colours;
}

Done check_palette(const Tiff& tiff, const plain::Raster& raster) {
  const std::size_t entries = tiff.colour_map.size() / 3;
  for (std::size_t i = 0; i < entries; ++i) {
    const plain::PaletteEntry wanted =
        i < raster.palette.size() ? raster.palette[i] : plain::PaletteEntry{};
    const std::array<std::uint8_t, 3> levels = {wanted.red, wanted.green, wanted.blue};
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint16_t found = tiff.colour_map[c * entries + i];
      // Eight bits as sixteen: times 257, or times 256 as some writers do.
      if (found != levels[c] * 257 && found != levels[c] * 256) {
        return differs("rendition-palette-differs", "entry " + std::to_string(i));
      }
    }
  }
  return {};
}

Result<JsonObject> check_colours(const Tiff& tiff, const plain::Raster& raster) {
  std::vector<plain::Colour> colours = colours_of(tiff);
  if (!tiff.metadata.empty()) {
    HANGU_TRY(colours, read_metadata(tiff.metadata, std::move(colours)));
  }
  for (std::size_t band = 0; band < raster.bands.size(); ++band) {
    const plain::Colour wanted = raster.bands[band].colour;
    // TIFF cannot say that its first sample means nothing: such a band is written as gray.
    const bool as_gray = band == 0 && wanted == plain::Colour::undefined &&
                         tiff.photometric == TiffPhotometric::min_is_black;
    if (colours[band] != wanted && !(as_gray && colours[band] == plain::Colour::gray)) {
      return differs("rendition-colour-differs", "band " + std::to_string(band + 1));
    }
  }
  HANGU_CHECK(check_palette(tiff, raster));
  std::optional<double> no_data;
  if (tiff.no_data) {
    double value = 0;
    const std::string& text = *tiff.no_data;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      return differs("tiff-no-data", text);
    }
    no_data = std::isnan(value) ? plain::canonical_nan() : value;
  }
  for (const plain::Band& band : raster.bands) {
    const bool same = band.no_data.has_value() == no_data.has_value() &&
                      (!no_data || same_bits(*no_data, *band.no_data));
    if (!same) return differs("rendition-no-data-differs", tiff.no_data.value_or("none"));
  }
  return JsonObject{{"no-data", tiff.no_data ? wire::Json(*tiff.no_data) : wire::Json()},
                    {"palette", raster.palette.size()}};
}

Result<JsonObject> check_samples(const ByteSource& source, const Tiff& tiff, const Content& content,
                                 os::Companion* companion) {
  HANGU_TRY(plain::Writer digest, plain::Writer::digest_only(content.dataset, companion));
  HANGU_CHECK(digest.raster(content.raster));
  TiffTiles tiles(source, tiff);
  for (std::uint32_t row = 0; row < tiff.tiles_down(); ++row) {
    for (std::uint32_t column = 0; column < tiff.tiles_across(); ++column) {
      for (std::uint32_t band = 0; band < tiff.samples; ++band) {
        const plain::TilePlace place{row, column, band};
        HANGU_TRY(const ByteView samples, tiles.read(place));
        HANGU_CHECK(digest.tile(plain::Tile{place, samples}));
      }
    }
  }
  HANGU_TRY(const plain::Trailer trailer, digest.finish());
  HANGU_CHECK(compare(trailer, content.trailer));
  return JsonObject{{"digest", to_hex(trailer.digest)}, {"tiles", trailer.tiles}};
}

}  // namespace

void check_geotiff(const ByteSource& source, const Content& content, os::Companion* companion,
                   Findings& findings) {
  const plain::Raster& raster = content.raster;
  Tiff tiff;
  const bool walked = found(findings, "bytes", [&]() -> Result<JsonObject> {
    if (content.dataset.kind != plain::DatasetKind::raster) {
      return differs("rendition-kind-differs", "a GeoTIFF holds a raster");
    }
    HANGU_TRY(tiff, walk_tiff(source));
    return JsonObject{{"bytes", source.size()}, {"padding", tiff.padding}, {"big", tiff.big}};
  });
  // The first that does not pass ends it: what comes after builds on it.
  [[maybe_unused]] const bool all =
      walked && found(findings, "image", [&] { return check_image(tiff, raster); }) &&
      found(findings, "georeference", [&] { return check_georeference(tiff, raster); }) &&
      found(findings, "colours", [&] { return check_colours(tiff, raster); }) &&
      found(findings, "content", [&] { return check_samples(source, tiff, content, companion); });
}

}  // namespace hangu::check
