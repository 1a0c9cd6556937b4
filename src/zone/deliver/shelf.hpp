#pragma once
// Shelf: deliver's view of its zone's outbox. Reads only what emit released, and knows nothing of
// what is inside. docs/protocols/outbox.md.

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "crypto/chunk_tree.hpp"
#include "os/descriptor.hpp"

namespace hangu::zone {

struct Parcel {
  TransferId transfer;
  crypto::ObjectDigest sealed;
  ZoneId origin;
  std::vector<NodeId> recipients;
  [[nodiscard]] bool is_for(const NodeId& node) const;
};

class Shelf {
 public:
  explicit Shelf(std::string folder) : folder_(std::move(folder)) {}
  /// The released package for `node`; nothing when there is none for it.
  [[nodiscard]] Result<std::optional<Parcel>> find(const TransferId& transfer,
                                                   const NodeId& node) const;
  /// All released packages for `node`, by transfer id, at most `parcels_max`.
  [[nodiscard]] Result<std::vector<Parcel>> list(const NodeId& node, std::size_t parcels_max) const;
  [[nodiscard]] Result<os::UniqueFd> open(const Parcel& parcel) const;

 private:
  std::string folder_;
};

}  // namespace hangu::zone
