#pragma once
// Where the mosaic ledger lies.

#include <string>

namespace hangu::mosaic {

/// Below the gateway's folder: the ledger's own, nobody else reads it.
[[nodiscard]] inline std::string folder_below(const std::string& gateway_folder) {
  return gateway_folder + "/mosaic";
}

}  // namespace hangu::mosaic
