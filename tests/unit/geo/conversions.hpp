#pragma once
// What the tests of src/geo share: real data, conversions there and back, and other programs' words
// about the outcome.

#include <fcntl.h>

#include <array>
#include <cstdio>

#include <catch2/catch.hpp>

#include "geo/csv_reader.hpp"
#include "geo/csv_writer.hpp"
#include "geo/gdal_session.hpp"
#include "geo/geopackage_reader.hpp"
#include "geo/geopackage_writer.hpp"
#include "geo/geotiff_reader.hpp"
#include "geo/geotiff_writer.hpp"
#include "os/file.hpp"
#include "plain/reader.hpp"
#include "plain/writer.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::geo::test {

inline constexpr std::uint64_t kAnySize = std::uint64_t{1} << 40;

using os::test::ScratchFolder;

inline void warm_once() {
  static const bool kWarm = (warm_up(), true);
  REQUIRE(kWarm);
}

/// A file of tests/data; `tests/data/fetch.sh` brings it.
inline std::string data_path(const std::string& name) {
  const std::string path = std::string(HANGU_SOURCE_DIR) + "/tests/data/cache/" + name;
  INFO("missing? run tests/data/fetch.sh: " << path);
  REQUIRE(std::filesystem::exists(path));
  return path;
}

inline os::UniqueFd open_input(const std::string& path) {
  auto file = os::open_read(path);
  REQUIRE(file);
  return *std::move(file);
}

/// An output with a name, so that other programs can look at it.
inline os::UniqueFd open_output(const std::string& path) {
  os::UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  REQUIRE(file.valid());
  return file;
}

using Reading = Result<Outcome> (*)(plain::Input, os::FdView);
using Writing = Result<Outcome> (*)(plain::Input, os::FdView, std::uint64_t);

template <class T>
std::string reason_of(const Result<T>& result) {
  return result ? "ok" : std::string(result.error().reason());
}

template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "ok" : result.error().message();
}

/// What reading a file gives: "ok" or the reason.
inline std::string reading(Reading read, const std::string& path) {
  const ScratchFolder scratch;
  const os::UniqueFd input = open_input(path);
  const os::UniqueFd output = open_output(scratch / "plain");
  return reason_of(read(input.view(), output.view()));
}

/// Reads `from`, writes `to`; both must succeed and speak of the same content.
inline Outcome convert(Reading read, Writing write, const std::string& from,
                       const std::string& to) {
  const os::UniqueFd input = open_input(from);
  const os::UniqueFd plain_form = open_output(to + ".plain");
  const os::UniqueFd output = open_output(to);
  const auto made = read(input.view(), plain_form.view());
  INFO(message_of(made));
  REQUIRE(made);
  const auto written = write(plain_form.view(), output.view(), kAnySize);
  INFO(message_of(written));
  REQUIRE(written);
  CHECK(written->trailer == made->trailer);
  CHECK(written->output_bytes == std::filesystem::file_size(to));
  return *made;
}

/// Standard output of a shell command, which must succeed.
inline std::string output_of(const std::string& command) {
  INFO(command);
  FILE* const pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 65536> buffer;
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    out.append(buffer.data(), n);
  }
  REQUIRE(::pclose(pipe) == 0);
  return out;
}

/// A layer's values and geometries as GDAL prints them.
inline std::string layer_text(const std::string& file, const std::string& layer) {
  return output_of("ogr2ogr -f CSV /vsistdout/ '" + file + "' '" + layer +
                   "' -lco GEOMETRY=AS_WKT -lco SEPARATOR=TAB");
}

/// Lines of `text` that hold one of the words.
inline std::string lines_with(const std::string& text, std::initializer_list<const char*> words) {
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1);
    const std::string line = text.substr(begin, end + 1 - begin);
    for (const char* const word : words) {
      if (line.find(word) != std::string::npos) {
        out += line;
        break;
      }
    }
    begin = end + 1;
  }
  return out;
}

}  // namespace hangu::geo::test
