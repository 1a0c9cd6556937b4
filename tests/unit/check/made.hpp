#pragma once
// What the tests of src/check share: plain forms, the renditions that hangu-worker's writers make
// of them, and what check says.

#include <filesystem>
#include <functional>

#include <catch2/catch.hpp>

#include "check/check_object.hpp"
#include "geo/csv_reader.hpp"
#include "geo/csv_writer.hpp"
#include "geo/gdal_session.hpp"
#include "geo/geopackage_reader.hpp"
#include "geo/geopackage_writer.hpp"
#include "geo/geotiff_reader.hpp"
#include "geo/geotiff_writer.hpp"
#include "tests/unit/plain/samples.hpp"

namespace hangu::check::test {

using plain::test::content_of;
using plain::test::memory_file;

inline constexpr std::uint64_t kAnySize = std::uint64_t{1} << 40;

inline const char* const kGpkg = "application/geopackage+sqlite3";
inline const char* const kTiff = "image/tiff";
inline const char* const kCsv = "text/csv";

inline void warm_once() {
  static const bool kWarm = (geo::warm_up(), true);
  REQUIRE(kWarm);
}

/// A plain form in memory, made by `make`.
inline os::UniqueFd plain_form(const plain::Dataset& dataset,
                               const std::function<Done(plain::Writer&)>& make) {
  os::UniqueFd file = memory_file();
  auto writer = plain::Writer::create(file.view(), dataset);
  REQUIRE(writer);
  const Done made = make(*writer);
  INFO((made ? "" : made.error().message()));
  REQUIRE(made);
  REQUIRE(writer->finish());
  return file;
}

using Writing = Result<geo::Outcome> (*)(plain::Input, os::FdView, std::uint64_t);
using Reading = Result<geo::Outcome> (*)(plain::Input, os::FdView);

/// The bytes of a rendition.
inline Bytes written(Writing write, const os::UniqueFd& plain_form) {
  warm_once();
  const os::UniqueFd output = memory_file();
  const auto outcome = write(plain_form.view(), output.view(), kAnySize);
  INFO((outcome ? "" : outcome.error().message()));
  REQUIRE(outcome);
  return content_of(output);
}

/// A real file of tests/data, read into plain form.
inline os::UniqueFd real_plain_form(Reading read, const std::string& name) {
  warm_once();
  const std::string path = std::string(HANGU_SOURCE_DIR) + "/tests/data/cache/" + name;
  INFO("missing? run tests/data/fetch.sh: " << path);
  const auto input = os::open_read(path);
  REQUIRE(input);
  os::UniqueFd output = memory_file();
  const auto outcome = read(input->view(), output.view());
  INFO((outcome ? "" : outcome.error().message()));
  REQUIRE(outcome);
  return output;
}

inline Findings findings_of(ByteView rendition, const char* media_type,
                            const os::UniqueFd& plain_form) {
  const MemorySource source(rendition);
  return check_object({"object", media_type, source, plain_form.view()});
}

/// "pass: ok", "fail: <reason>" or "error: <reason>".
inline std::string verdict_of(ByteView rendition, const char* media_type,
                              const os::UniqueFd& plain_form) {
  const Findings findings = findings_of(rendition, media_type, plain_form);
  return std::string(flow::to_text(findings.verdict())) + ": " + findings.reason();
}

/// A database with the unallocated space of its b-tree pages set to zero, as SQLite leaves there
/// what once stood there.
inline Bytes scrubbed(Bytes bytes) {
  const auto u8 = [&](std::size_t at) { return std::to_integer<std::size_t>(bytes[at]); };
  const auto u16 = [&](std::size_t at) { return u8(at) << 8 | u8(at + 1); };
  const std::size_t page_bytes = u16(16);
  for (std::size_t page = 0; page < bytes.size(); page += page_bytes) {
    const std::size_t head = page == 0 ? 100 : page;
    const bool leaf = u8(head) == 10 || u8(head) == 13;
    if (!leaf && u8(head) != 2 && u8(head) != 5) continue;
    const std::size_t begin = head + (leaf ? 8 : 12) + 2 * u16(head + 3);
    const std::size_t end = page + u16(head + 5);
    for (std::size_t at = begin; at < end; ++at) bytes[at] = std::byte{0};
  }
  return bytes;
}

inline void put_u16_le(Bytes& to, std::size_t at, unsigned value) {
  to[at] = static_cast<std::byte>(value & 0xff);
  to[at + 1] = static_cast<std::byte>(value >> 8 & 0xff);
}
inline void put_u32_le(Bytes& to, std::size_t at, std::uint32_t value) {
  put_u16_le(to, at, value & 0xffff);
  put_u16_le(to, at + 2, value >> 16);
}

}  // namespace hangu::check::test
