#pragma once
// Connection: one authenticated LDAPv3 connection over TLS. The only way in is SASL EXTERNAL by
// client certificate: there is no password that could be empty, and no anonymous bind. Referrals
// are never followed, no name is looked up and no configuration of the machine is read.
// docs/protocols/directory.md §3.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <ldap.h>

#include "directory/holder.hpp"
#include "directory/limits.hpp"

namespace hangu::directory {

/// Where the server is and how each side shows who it is. Files are read anew at each connection.
struct ServerPlan {
  std::string address;  ///< numeric
  std::uint16_t port = 0;
  std::string server_name;  ///< that its certificate must carry
  bool start_tls = false;
  std::string certificate_file;
  std::string key_file;
  std::string authority_file;
  std::string crl_file;  ///< empty: none is asked
};

/// Has libldap take nothing from the environment, ldap.conf or .ldaprc, and the process live when a
/// server closes a connection (SIGPIPE is ignored). Before anything else of this folder, with one
/// thread running. Errors: Internal "directory-library".
[[nodiscard]] Done prepare_library();

struct UnbindLdap {
  void operator()(LDAP* ld) const;
};
struct FreeMessage {
  void operator()(LDAPMessage* message) const;
};
using MessagePointer = std::unique_ptr<LDAPMessage, FreeMessage>;

/// Thread: one at a time.
class Connection {
 public:
  /// Errors: those of net::connect_tcp; Unavailable "directory-tls" (handshake, certificate, name,
  /// CRL), "directory-unavailable"; Forbidden "directory-bind" (EXTERNAL refused, or bound to
  /// nobody).
  [[nodiscard]] static Result<Connection> open(const ServerPlan& plan);

  [[nodiscard]] LDAP* handle() const { return ld_.get(); }
  /// The name that the server took us for: "dn:cn=…".
  [[nodiscard]] const std::string& who() const { return who_; }

  /// The next message of any operation, or nothing when none came in time.
  /// Errors: Unavailable "directory-unavailable".
  [[nodiscard]] Result<MessagePointer> next(milliseconds timeout) const;
  /// `text` of libldap's code.
  [[nodiscard]] std::unexpected<Error> failed(int code, std::string_view reason) const;

 private:
  explicit Connection(LDAP* ld) : ld_(ld) {}
  [[nodiscard]] Done secure(const ServerPlan& plan);
  [[nodiscard]] Done bind();

  std::unique_ptr<LDAP, UnbindLdap> ld_;
  std::string who_;
};

/// The result at the end of an operation, success or not.
struct OperationEnd {
  int code = 0;
  std::string text;                                           ///< the server's words
  std::vector<std::pair<std::string, std::string>> controls;  ///< OID and value
};
[[nodiscard]] Result<OperationEnd> read_end(const Connection& connection, LDAPMessage* message);

/// The attributes of a search entry, their names in lower case; its id is left empty.
/// Errors: Exhausted "directory-entry-too-large" (kAttributesMax, kValuesMax, kValueBytesMax).
[[nodiscard]] Result<RawEntry> read_entry(const Connection& connection, LDAPMessage* message);

/// How many bytes the values of an entry are together.
[[nodiscard]] std::uint64_t bytes_of(const RawEntry& entry);

}  // namespace hangu::directory
