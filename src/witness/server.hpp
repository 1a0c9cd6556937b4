#pragma once
// The witness as a server: POST /add-checkpoint, and GET /<hex sha256 of an origin>/checkpoint.
// docs/protocols/audit-witness.md §3.

#include <functional>
#include <optional>
#include <string>

#include "audit/witness/witness_state.hpp"
#include "net/router.hpp"
#include "net/tls.hpp"
#include "os/sandbox.hpp"

namespace hangu::witness {

/// One line for the operations log: "HANGU-WITNESS-0003 …".
using Tell = std::function<void(const std::string& line)>;

/// The routes over `state`, which must outlive them. What is refused is told, a part of it. `end`
/// is called when the state's disk has failed: then the server has to end.
[[nodiscard]] net::Router witness_routes(audit::WitnessState& state, const Tell& tell,
                                         std::function<void()> end);

/// The box of a witness: its state's folder and the connections of its listener. It makes no socket
/// and reaches nobody.
[[nodiscard]] os::Profile witness_profile(const std::string& state_folder);

struct WitnessServerPlan {
  std::string state_folder;
  std::string address;
  std::uint16_t port = 0;
  /// Absent: plain HTTP, which is enough: what a witness says proves itself.
  std::optional<net::Credentials> credentials;
  Tell tell;
};

/// Listens, enters the sandbox, and serves until SIGTERM. `listening` is told the port before the
/// first request. Errors: of the address, the sandbox, the server; Internal "witness-disk-failed":
/// nothing was cosigned from then on.
[[nodiscard]] Done serve_witness(audit::WitnessState& state, WitnessServerPlan plan,
                                 const Clock& clock,
                                 const std::function<void(std::uint16_t port)>& listening);

}  // namespace hangu::witness
