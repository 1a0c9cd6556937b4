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

/// Makes what is missing and leaves what is there; documents that officers sign are signed anew
/// when their text changed. May be repeated. Keys once made are never replaced.
[[nodiscard]] Result<config::Gateway> set_up(const SetupPlan& plan, const Clock& clock,
                                             Entropy& entropy);

}  // namespace hangu::supervise
