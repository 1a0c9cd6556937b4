#include "tests/unit/geo/conversions.hpp"

namespace hangu::geo {
namespace {

using test::convert;
using test::data_path;
using test::lines_with;
using test::output_of;
using test::ScratchFolder;

std::string read_reason(const std::string& path) {
  test::warm_once();
  return test::reading(read_geotiff, path);
}

TEST_CASE("rasters come out with the same pixels, georeference and CRS", "[geo][tiff]") {
  test::warm_once();
  for (const char* const name : {"L7_ETMs.tif", "olinda_dem_utm25s.tif", "elev.tif"}) {
    const ScratchFolder scratch;
    const std::string from = data_path(name);
    const std::string to = scratch / "out.tif";
    convert(read_geotiff, write_geotiff, from, to);
    const std::string expected = output_of("gdalinfo -checksum '" + from + "'");
    const std::string found = output_of("gdalinfo -checksum '" + to + "'");
    INFO(name);
    // "Checksum=" only: those of overviews are written "Overviews checksum:".
    for (const auto& words :
         {std::initializer_list<const char*>{"Checksum=", "Size is", "Origin =", "Pixel Size"},
          {"NoData", "Left", "Right"}}) {
      CHECK(lines_with(found, words) == lines_with(expected, words));
    }
    if (std::string_view(name) == "olinda_dem_utm25s.tif") {
      // It has no code: its numbers stay, its names and its way to WGS 84 do not.
      for (const char* const term :
           {"6378137,298.257222101", "METHOD[\"Transverse Mercator\"",
            "\"Latitude of natural origin\",0", "\"Longitude of natural origin\",-33",
            "\"Scale factor at natural origin\",0.9996", "\"False easting\",500000",
            "\"False northing\",10000000"}) {
        INFO(term << " in " << found);
        CHECK(found.find(term) != std::string::npos);
      }
      CHECK(expected.find("UTM Zone 25, Southern Hemisphere") != std::string::npos);
      CHECK(found.find("UTM Zone 25, Southern Hemisphere") == std::string::npos);
      CHECK(found.find("ABRIDGEDTRANSFORMATION") == std::string::npos);
    } else {
      const std::initializer_list<const char*> words{"PARAMETER", "ELLIPSOID", "ID["};
      CHECK(lines_with(found, words) == lines_with(expected, words));
    }
    CHECK(found.find("COMPRESSION=DEFLATE") != std::string::npos);
    CHECK(found.find("Block=256x256") != std::string::npos);
    CHECK(found.find("Overviews") == std::string::npos);
    CHECK(found.find("STATISTICS") == std::string::npos);
  }
}

TEST_CASE("the same content gives the same GeoTIFF, byte for byte", "[geo][tiff]") {
  test::warm_once();
  const ScratchFolder scratch;
  convert(read_geotiff, write_geotiff, data_path("L7_ETMs.tif"), scratch / "a.tif");
  convert(read_geotiff, write_geotiff, scratch / "a.tif", scratch / "b.tif");
  CHECK(os::test::read_text(scratch / "a.tif") == os::test::read_text(scratch / "b.tif"));
  CHECK(os::test::read_text(scratch / "a.tif.plain") ==
        os::test::read_text(scratch / "b.tif.plain"));
}

TEST_CASE("compressions, byte orders, interleaving and types all read as the same pixels",
          "[geo][tiff]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = data_path("L7_ETMs.tif");
  const std::string made = scratch / "in.tif";
  const std::string translate = "gdal_translate -q -of GTiff -b 1 -b 2 -b 3 ";
  const std::string files = " '" + from + "' '" + made + "'";
  const auto checksums = [](const std::string& file) {
    return lines_with(output_of("gdalinfo -checksum '" + file + "'"), {"  Checksum="});
  };
  for (const char* const options :
       {"-co COMPRESS=LZW -co PREDICTOR=2", "-co COMPRESS=ZSTD -co INTERLEAVE=BAND",
        "-co ENDIANNESS=BIG", "-co TILED=YES -co BLOCKXSIZE=64 -co BLOCKYSIZE=128",
        "-co BIGTIFF=YES", "-ot UInt16", "-ot Int16", "-ot UInt32", "-ot Int32", "-ot Float32",
        "-ot Float64", "-co COMPRESS=PACKBITS", "-co PHOTOMETRIC=RGB"}) {
    std::filesystem::remove(made);
    output_of(std::string(translate).append(options).append(files));
    INFO(options);
    convert(read_geotiff, write_geotiff, made, scratch / "out.tif");
    CHECK(checksums(scratch / "out.tif") == checksums(made));
  }
}

TEST_CASE("palettes, alpha and no-data come through", "[geo][tiff]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = data_path("L7_ETMs.tif");
  const auto described = [](const std::string& file) {
    return lines_with(output_of("gdalinfo -checksum '" + file + "'"),
                      {"  Checksum=", "NoData", ",255"});
  };
  const auto colours = [](const std::string& file) {
    std::string out;
    const std::string text = output_of("gdalinfo '" + file + "'");
    for (std::size_t at = 0; (at = text.find("ColorInterp=", at)) != std::string::npos; ++at) {
      out += text.substr(at, text.find('\n', at) - at) + "\n";
    }
    return out;
  };
  const std::string made = scratch / "in.tif";
  output_of(
      "gdal_translate -q -b 1 -b 2 -b 3 -b 4 -co PHOTOMETRIC=RGB -co ALPHA=YES "
      "-a_nodata 0 '" +
      from + "' '" + made + "'");
  convert(read_geotiff, write_geotiff, made, scratch / "out.tif");
  CHECK(colours(scratch / "out.tif") == colours(made));
  CHECK(colours(made).find("Alpha") != std::string::npos);

  os::test::write_text(
      scratch / "palette.vrt",
      "<VRTDataset rasterXSize=\"349\" rasterYSize=\"352\"><VRTRasterBand "
      "dataType=\"Byte\" band=\"1\"><ColorInterp>Palette</ColorInterp><ColorTable>"
      "<Entry c1=\"1\" c2=\"2\" c3=\"3\" c4=\"255\"/><Entry c1=\"255\" c2=\"128\" "
      "c3=\"0\" c4=\"255\"/></ColorTable><SimpleSource><SourceFilename>" +
          from +
          "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
          "</VRTDataset>");
  std::filesystem::remove(made);
  output_of("gdal_translate -q '" + (scratch / "palette.vrt") + "' '" + made + "'");
  convert(read_geotiff, write_geotiff, made, scratch / "out.tif");
  CHECK(described(scratch / "out.tif") == described(made));
  CHECK(described(made).find("255,128,0") != std::string::npos);
}

TEST_CASE("a VRT that wears the name of a TIFF is not opened", "[geo][tiff]") {
  const ScratchFolder scratch;
  os::test::write_text(scratch / "x.tif",
                       "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"><VRTRasterBand "
                       "dataType=\"Byte\" band=\"1\"><SimpleSource><SourceFilename>/etc/passwd"
                       "</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>");
  CHECK(read_reason(scratch / "x.tif") == "format-mismatch");
  os::test::write_text(scratch / "x.tif", "");
  CHECK(read_reason(scratch / "x.tif") == "format-mismatch");
  CHECK(read_reason(data_path("nc.gpkg")) == "format-mismatch");
  CHECK(test::reading(read_geopackage, data_path("elev.tif")) == "format-mismatch");
}

TEST_CASE("what would change its meaning when left out is refused", "[geo][tiff]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = data_path("elev.tif");
  const auto made_with = [&](const std::string& options) {
    const std::string made = scratch / "in.tif";
    std::filesystem::remove(made);
    output_of("gdal_translate -q " + options + " '" + from + "' '" + made + "'");
    return read_reason(made);
  };
  CHECK(made_with("") == "ok");
  CHECK(made_with("-a_scale 0.1") == "raster-scale-not-supported");
  CHECK(made_with("-a_offset 5") == "raster-scale-not-supported");
  CHECK(made_with("-ot CFloat32") == "raster-type-not-supported");
  CHECK(made_with("-ot Byte -co PIXELTYPE=SIGNEDBYTE") == "raster-type-not-supported");
  CHECK(made_with("-gcp 0 0 1 1 -gcp 9 9 2 2 -gcp 0 9 1 2") == "georeference-not-supported");
  CHECK(made_with("--config GDAL_TIFF_INTERNAL_MASK YES -b 1 -mask 1") ==
        "raster-mask-not-supported");
  // A second page.
  REQUIRE(made_with("") == "ok");
  output_of("gdal_translate -q -co APPEND_SUBDATASET=YES '" + from + "' '" + (scratch / "in.tif") +
            "'");
  CHECK(read_reason(scratch / "in.tif") == "raster-several-images");
}

/// A classic little-endian TIFF of one strip, as small as can be.
std::string tiff(std::uint32_t width, std::uint32_t height, std::uint32_t strip_bytes) {
  std::string out("II*\0\x08\0\0\0", 8);
  const auto put = [&out](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  };
  const std::array<std::array<std::uint32_t, 3>, 9> entries{{{256, 4, width},
                                                             {257, 4, height},
                                                             {258, 3, 8},
                                                             {259, 3, 8},
                                                             {262, 3, 1},
                                                             {273, 4, 200},
                                                             {277, 3, 1},
                                                             {278, 4, height},
                                                             {279, 4, strip_bytes}}};
  put(entries.size(), 2);
  for (const auto& entry : entries) {
    put(entry[0], 2);
    put(entry[1], 2);
    put(1, 4);
    put(entry[2], 4);
  }
  put(0, 4);
  out.resize(400);
  return out;
}

TEST_CASE("a small file that claims a huge raster is refused before it is unpacked",
          "[geo][tiff]") {
  const ScratchFolder scratch;
  struct Case {
    std::uint32_t width, height, strip;
  };
  for (const Case& one : {Case{0x7fffffff, 0x7fffffff, 100}, Case{1'000'000, 1'000'000, 100},
                          Case{100'000, 100'000, 100}, Case{0, 0, 0}, Case{10, 10, 0xffffffff}}) {
    os::test::write_text(scratch / "bomb.tif", tiff(one.width, one.height, one.strip));
    INFO(one.width << " " << read_reason(scratch / "bomb.tif"));
    CHECK(read_reason(scratch / "bomb.tif") != "ok");
  }
}

TEST_CASE("a truncated or damaged TIFF is refused or reads, and never crashes", "[geo][tiff]") {
  const ScratchFolder scratch;
  const std::string whole = os::test::read_text(data_path("elev.tif"));
  for (std::size_t n = 0; n < whole.size(); n += 211) {
    os::test::write_text(scratch / "cut.tif", whole.substr(0, n));
    INFO(n);
    CHECK(read_reason(scratch / "cut.tif") != "ok");
  }
  for (std::size_t at = 0; at < whole.size(); at += 13) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    os::test::write_text(scratch / "damaged.tif", damaged);
    [[maybe_unused]] const std::string reason = read_reason(scratch / "damaged.tif");
  }
}

TEST_CASE("a GeoTIFF output that would be over its bound is not finished", "[geo][tiff]") {
  test::warm_once();
  const ScratchFolder scratch;
  convert(read_geotiff, write_geotiff, data_path("elev.tif"), scratch / "out.tif");
  const std::uint64_t size = std::filesystem::file_size(scratch / "out.tif");
  const os::UniqueFd plain_form = test::open_input(scratch / "out.tif.plain");
  const os::UniqueFd output = test::open_output(scratch / "bounded.tif");
  CHECK(write_geotiff(plain_form.view(), output.view(), size));
  const auto over = write_geotiff(plain_form.view(), output.view(), size - 1);
  INFO(test::message_of(over));
  CHECK(test::reason_of(over) == "output-limit");
}

}  // namespace
}  // namespace hangu::geo
