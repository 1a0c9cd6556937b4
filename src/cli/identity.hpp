#pragma once
// Identity: the folder of a node, person or gateway as `hangu pki issue` makes it, and what can be
// read from it. Keys are read when needed and not kept.

#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "crypto/certificate.hpp"
#include "net/client.hpp"

namespace hangu::cli {

/// A key that signs, with the certificate that says whose it is.
struct Signer {
  crypto::SigningKey key;
  crypto::Certificate certificate;
};

/// NodeIdentity is a node's folder. Errors of all: Malformed "identity-invalid" (a file that is
/// not what it should be, a key of another certificate), those of os/file.hpp.
class NodeIdentity {
 public:
  [[nodiscard]] static Result<NodeIdentity> load(const std::string& folder);
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const NodeId& node() const { return node_; }
  [[nodiscard]] const std::set<std::string>& zones() const { return zones_; }
  /// The signing key of a suite, with its certificate.
  [[nodiscard]] Result<Signer> signer(crypto::Suite suite) const;
  /// An HTTPS client as this node. `endpoint` is HOST:PORT or [ADDRESS]:PORT; `server_name` is
  /// what the server's certificate must carry, empty: the host.
  [[nodiscard]] Result<net::Client> connect(const std::string& endpoint,
                                            const std::string& server_name) const;

 private:
  NodeIdentity(std::string folder, NodeId node, std::set<std::string> zones)
      : folder_(std::move(folder)), node_(std::move(node)), zones_(std::move(zones)) {}
  std::string folder_;
  NodeId node_;
  std::set<std::string> zones_;
};

/// The opening keys in a node's (open-*.key) or gateway's (opening-*.key) folder, at least one.
[[nodiscard]] Result<std::vector<crypto::OpeningKey>> load_opening_keys(const std::string& folder);
/// A person's key and certificate.
[[nodiscard]] Result<Signer> load_person(const std::string& folder);
/// The recipient key for `suite` from a certificate file, or a gateway's or node's folder.
[[nodiscard]] Result<crypto::RecipientKey> load_recipient(const std::string& path,
                                                          crypto::Suite suite);

/// HOST:PORT.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};
/// Errors: Malformed "usage-value".
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

[[nodiscard]] bool path_exists(const std::string& path);
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::size_t bytes_max);

}  // namespace hangu::cli
