#pragma once
// Known nodes: the node register as the officers last signed it, read anew when its file changed.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/layout.hpp"
#include "flow/node_register.hpp"

namespace hangu::line {

/// KnownNodes asks the file each time, so that a node or key that officers took out has no power
/// from the next question on. Thread: any (one lock).
class KnownNodes {
 public:
  /// `path` is of the signed register (config::Layout::node_register).
  KnownNodes(std::string path, std::vector<crypto::VerifyKey> officers)
      : path_(std::move(path)), officers_(std::move(officers)) {}
  /// The register of a gateway with a directory, as hangu-directory signs it; else the officers'.
  /// Errors: those of config::load_stage_keys.
  [[nodiscard]] static Result<std::unique_ptr<KnownNodes>> load(const config::Layout& layout);

  /// Errors: Unavailable "nodes-unreadable", with what is wrong with the file; never a pass.
  [[nodiscard]] Result<flow::NodeStanding> standing(const NodeId& node, const ZoneId& zone,
                                                    std::string_view key_id);

 private:
  [[nodiscard]] Done refresh();

  std::string path_;
  std::vector<crypto::VerifyKey> officers_;  ///< whose signature counts
  std::mutex mutex_;
  Bytes read_;  ///< what `register_` was made of
  std::optional<flow::NodeRegister> register_;
};

}  // namespace hangu::line
