#pragma once
// SignedNodes: a node register in a file, signed by an officer, as a gateway's programs read it.

#include "line/known_nodes.hpp"
#include "os/file.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace hangu::test {

class SignedNodes {
 public:
  explicit SignedNodes(std::string path) : path_(std::move(path)) { write({}); }

  /// Signs `nodes` in place of what was there.
  void write(const flow::NodeRegister::Nodes& nodes,
             std::string_view type = flow::kNodesPayloadType) {
    nodes_ = nodes;
    write_text(must(flow::Envelope::sign(std::string(type),
                                         to_bytes(flow::NodeRegister(nodes).to_text()), officer_))
                   .to_text());
  }
  void write_text(std::string_view text) const {
    REQUIRE(os::write_file_durably(path_, bytes_of(text)));
  }
  /// Adds one node, or changes it.
  void set(std::string_view node, const crypto::VerifyKey& key, const std::string& zone) {
    nodes_.insert_or_assign(must(NodeId::create(node)), flow::RegisteredNode{{zone}, {key.id()}});
    write(flow::NodeRegister::Nodes(nodes_));
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::vector<crypto::VerifyKey> officers() const { return {officer_.verify_key()}; }

 private:
  std::string path_;
  SeededEntropy entropy_{"officer"};
  crypto::SigningKey officer_ =
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy_));
  flow::NodeRegister::Nodes nodes_;
};

}  // namespace hangu::test
