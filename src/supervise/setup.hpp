#pragma once
// Setup: makes a gateway's folder from a development PKI: configuration, keys, anchors, signed
// policy documents, and folders that only their program may enter.

#include "cli/pki.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

/// What `hangu up` was asked for.
struct SetupPlan {
  std::string folder;       ///< absolute
  std::string pki_folder;   ///< made when absent
  std::string config_file;  ///< empty: the shipped example, adapted
  bool loopback = false;    ///< no namespaces: all zones listen on 127.0.0.1
};

/// Whether every user may pass through the folders above `path` (absolute), as programs with uids
/// of their own must. Errors: Forbidden "folder-closed", naming the first that is closed.
[[nodiscard]] Done check_way_is_open(const std::string& path);

/// Whether nobody but this user and root can put anything else in the place of the gateway's
/// folder's parts: owner and mode of the folder, of the folders in it that setup fills, and of the
/// texts that officers have signed. What does not exist yet is fine. Errors: Forbidden
/// "folder-foreign", naming the first that is another's, that group or others may write, or that is
/// a symbolic link; those of the system.
[[nodiscard]] Done check_folder_is_ours(const config::Layout& layout);

/// Makes what is missing and leaves what is there; documents that officers sign are signed anew
/// when their text changed. May be repeated. Keys once made are never replaced.
[[nodiscard]] Result<config::Gateway> set_up(const SetupPlan& plan, const Clock& clock,
                                             Entropy& entropy);

/// Signs people.json (and policy and catalogue, when their .toml lies beside) of a running gateway
/// anew: decide reads them at its next evaluation.
/// Errors: Malformed "people-older" (its version is below the one that was signed last, or the same
/// with another text); those of the documents' parsers, and of check_folder_is_ours.
[[nodiscard]] Done publish_documents(const config::Layout& layout, const config::Gateway& gateway,
                                     const cli::Pki& pki);

}  // namespace hangu::supervise
