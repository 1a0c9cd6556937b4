#pragma once
// Outbox: the folder of sealed packages of one destination zone. Only emit writes it; deliver of
// that zone reads it. docs/protocols/outbox.md.
//
//   <transfer>.json               who may fetch it: {"sealed":digest,"recipients":[…],"origin":…}
//   <transfer>.hangu              released
//   kept/<transfer>.<tag>.json    the same of a package that is sealed, not released
//   kept/<transfer>.<tag>.sealed  and its bytes; <tag> is of their digest
//
// Attempts never share a name: one that is overtaken, or that lost to a withdrawal, touches nothing
// of the one that the log names. Nobody but emit can look into kept/.

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "crypto/chunk_tree.hpp"
#include "flow/consignment.hpp"
#include "os/descriptor.hpp"

namespace hangu::stages {

using flow::Consignment;

class Outbox {
 public:
  /// Makes kept/ if it is not there.
  [[nodiscard]] static Result<Outbox> open(const std::string& folder);

  /// A fresh file without a name to seal into: gone with its descriptor until it is kept.
  [[nodiscard]] Result<os::UniqueFd> begin() const;
  /// Makes the sealed file and its consignment durable, not yet visible to deliver. What release()
  /// does later stands on this alone, so that nobody can send the package elsewhere meanwhile.
  [[nodiscard]] Done keep(const Consignment& consignment, os::FdView sealed) const;
  /// The consignment of the package of this digest, kept or released here earlier; nothing when
  /// there is none.
  [[nodiscard]] Result<std::optional<Consignment>> kept(const TransferId& transfer,
                                                        const crypto::ObjectDigest& sealed) const;
  /// Releases what kept() gave: links without overwriting, then throws away every other attempt at
  /// this transfer. May be repeated, also by several at once. The kept bytes must be those of the
  /// consignment's digest. Errors: Corrupt "sealed-mismatch", "sealed-lost".
  [[nodiscard]] Done release(const Consignment& consignment) const;
  /// Throws away one attempt that is not released.
  [[nodiscard]] Done discard(const TransferId& transfer, const crypto::ObjectDigest& sealed) const;

 private:
  Outbox(os::UniqueFd folder, os::UniqueFd kept, std::string path)
      : folder_(std::move(folder)), kept_(std::move(kept)), path_(std::move(path)) {}
  [[nodiscard]] Result<std::optional<Consignment>> read(const std::string& name) const;
  [[nodiscard]] bool is_released(const TransferId& transfer) const;
  [[nodiscard]] Done give_out(const std::string& from, const std::string& to) const;
  [[nodiscard]] Done check_given_out(const Consignment& consignment) const;
  [[nodiscard]] Done link_out(const Consignment& consignment) const;
  [[nodiscard]] Done discard_attempts(const TransferId& transfer) const;

  os::UniqueFd folder_;
  os::UniqueFd kept_;
  std::string path_;
};

}  // namespace hangu::stages
