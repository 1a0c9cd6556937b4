#pragma once
// Outbox: the folder of sealed packages of one destination zone. Only emit writes it; deliver of
// that zone reads it. docs/protocols/outbox.md.
//
//   <transfer>.sealing   being written; of no meaning after a crash
//   <transfer>.sealed    complete and durable, not yet released
//   <transfer>.json      who may fetch it: {"sealed":digest,"recipients":[…],"origin":…}
//   <transfer>.hangu     released

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "crypto/chunk_tree.hpp"
#include "os/descriptor.hpp"
#include "wire/json.hpp"

namespace hangu::stages {

/// What deliver needs to know of a released package.
struct Consignment {
  TransferId transfer;
  crypto::ObjectDigest sealed;
  ZoneId origin;
  std::vector<NodeId> recipients;

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…".
  [[nodiscard]] static Result<Consignment> parse(const wire::Json& json);
};

class Outbox {
 public:
  [[nodiscard]] static Result<Outbox> open(const std::string& folder);

  /// A fresh file to seal into; removes what an earlier attempt left.
  [[nodiscard]] Result<os::UniqueFd> begin(const TransferId& transfer) const;
  /// Makes the sealed file and its consignment durable, not yet visible to deliver. What release()
  /// does later stands on this alone, so that nobody can send the package elsewhere meanwhile.
  [[nodiscard]] Done keep(const Consignment& consignment, os::FdView sealed) const;
  /// The consignment of a package kept here earlier; nothing when there is none.
  [[nodiscard]] Result<std::optional<Consignment>> kept(const TransferId& transfer) const;
  /// Releases: links without overwriting. May be repeated. `sealed` is what the log says; the kept
  /// consignment and the kept bytes must say the same.
  /// Errors: Corrupt "sealed-mismatch", "sealed-lost".
  [[nodiscard]] Done release(const Consignment& consignment,
                             const crypto::ObjectDigest& sealed) const;
  /// Throws away what was sealed and not released.
  [[nodiscard]] Done discard(const TransferId& transfer) const;

 private:
  explicit Outbox(os::UniqueFd folder, std::string path)
      : folder_(std::move(folder)), path_(std::move(path)) {}
  os::UniqueFd folder_;
  std::string path_;
};

}  // namespace hangu::stages
