#pragma once
// Shelf: deliver's view of its zone's outbox. Reads only what emit released, and knows nothing of
// what is inside. docs/protocols/outbox.md.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flow/consignment.hpp"
#include "os/descriptor.hpp"

namespace hangu::zone {

using flow::Consignment;

class Shelf {
 public:
  explicit Shelf(std::string folder) : folder_(std::move(folder)) {}
  /// The released package for `node`; nothing when there is none for it.
  [[nodiscard]] Result<std::optional<Consignment>> find(const TransferId& transfer,
                                                        const NodeId& node) const;
  /// All released packages for `node`, at most `packages_max`: those that are not in `last` first,
  /// each part by transfer id.
  [[nodiscard]] Result<std::vector<Consignment>> list(const NodeId& node,
                                                      const std::set<TransferId>& last,
                                                      std::size_t packages_max) const;
  [[nodiscard]] Result<os::UniqueFd> open(const Consignment& consignment) const;

 private:
  std::string folder_;
};

}  // namespace hangu::zone
