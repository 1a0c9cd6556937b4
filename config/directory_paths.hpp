#pragma once
// Where hangu-directory keeps what other programs of its gateway read, where [directory] is
// configured. Beside config/layout.hpp.

#include "config/layout.hpp"

namespace hangu::config {

/// hangu-directory's own; all may read it.
[[nodiscard]] inline std::string directory_folder(const Layout& layout) {
  return layout.folder() + "/directory";
}
/// The node register (flow/node_register.hpp) as the directory says, signed by its stage key.
[[nodiscard]] inline std::string directory_register(const Layout& layout) {
  return directory_folder(layout) + "/nodes.json.dsse";
}

}  // namespace hangu::config
