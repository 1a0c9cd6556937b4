#pragma once
// What GDAL and PROJ need before they may work, and how their errors become ours.

#include <memory>
#include <string>

#include "base/result.hpp"

class GDALDataset;

namespace hangu::geo {

/// Sets GDAL's options, registers the one driver that is used (GeoTIFF), and lets PROJ open its
/// database and read what is often needed. Call once, before any other use and before forking.
void warm_up();

/// Makes PROJ reopen its database, which it does in every new process at the first question that it
/// has no answer to in memory: call after a fork, before the sandbox closes the file system.
void warm_up_child();

/// GdalErrors keeps the first failure that GDAL reports while it lives, and prints nothing.
/// Thread: one; may be nested.
class GdalErrors {
 public:
  GdalErrors();
  GdalErrors(const GdalErrors&) = delete;
  GdalErrors& operator=(const GdalErrors&) = delete;
  ~GdalErrors();

  [[nodiscard]] bool any() const { return any_; }
  /// The message, escaped and cut.
  [[nodiscard]] const std::string& first() const { return first_; }
  void note(const char* message);

 private:
  bool any_ = false;
  std::string first_;
};

struct CloseDataset {
  void operator()(GDALDataset* dataset) const;
};
using DatasetPointer = std::unique_ptr<GDALDataset, CloseDataset>;

}  // namespace hangu::geo
