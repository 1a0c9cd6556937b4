#pragma once
// DescriptorFiles: the only file system that GDAL gets. Names below "/hangu/" stand for descriptors
// that this process was given; every other name does not exist.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

namespace hangu::geo {

/// GdalFile names a descriptor for GDAL as long as it lives, and remembers what went wrong: GDAL
/// reports a full output late, or never (GDALClose returns nothing).
///
/// GDAL's table of file systems is one for the process, so the names are too; use each name once
/// at a time. Thread: one.
class GdalFile {
 public:
  /// An input; `name` without folder, e.g. "input.tif". What is read is the caller's.
  GdalFile(std::string name, plain::Input input);
  /// An output of at most `bytes_max` bytes, emptied first. The descriptor is the caller's.
  GdalFile(std::string name, os::FdView output, std::uint64_t bytes_max);
  GdalFile(const GdalFile&) = delete;
  GdalFile& operator=(const GdalFile&) = delete;
  ~GdalFile();

  /// "/hangu/input.tif".
  [[nodiscard]] std::string path() const;
  /// The first failure of reading or writing. Errors: Exhausted "output-limit"; those of os.
  [[nodiscard]] Done good() const;

 private:
  std::string name_;
};

}  // namespace hangu::geo
