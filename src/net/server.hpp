#pragma once
// Server: HTTP/1.1 over TLS 1.3 with client certificates, on listeners that come from outside.
//
// One thread, one io_context, one coroutine a connection; every wait has a deadline. Routes run on
// that thread and may block briefly (a sync of a file), or on a small pool. What is refused and
// with which status: docs/protocols/http.md.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "net/rate.hpp"
#include "net/router.hpp"
#include "net/tls.hpp"

namespace hangu::net {

/// Limits bound what a client can take of us. The defaults suit a gateway's zone half.
struct Limits {
  std::size_t header_bytes_max = 16 * 1024;
  Milliseconds handshake_time = std::chrono::seconds(10);
  Milliseconds header_time = std::chrono::seconds(10);  ///< first to last byte of a header
  Milliseconds idle_time = std::chrono::seconds(60);    ///< between two requests
  std::uint64_t bytes_per_second_min = 1024;            ///< of a body, in either direction …
  Milliseconds pace_window = std::chrono::seconds(30);  ///< … over this long
  std::size_t connections_max = 256;
  std::size_t connections_per_address_max = 64;  ///< an IPv4 address or an IPv6 /64
  std::size_t connections_per_identity_max = 16;
  std::size_t requests_per_connection_max = 10'000;
  double requests_per_second = 0;  ///< for each identity; 0: no limit
  double requests_burst = 200;
  Milliseconds identity_time = std::chrono::seconds(5);  ///< then a holder is named anew
  Milliseconds linger_time = std::chrono::seconds(2);    ///< reading on after a final answer
  Milliseconds stop_time = std::chrono::seconds(5);      ///< for running exchanges, at the end
};

/// AccessRecord is one answered request, or a connection that ended before or within one, for the
/// daemon's operations log. Texts from the peer are as they came: escape them before writing.
struct AccessRecord {
  std::string peer_address;
  std::string identity;  ///< empty before the handshake
  std::string method;    ///< empty when no header came
  std::string path;
  int status = 0;               ///< 0: no answer was sent
  std::uint64_t bytes_in = 0;   ///< of the request's body
  std::uint64_t bytes_out = 0;  ///< of the answer's body
  std::string failure;          ///< empty, or why the connection ended
};

/// ServerPlan is how a server runs. What the pointers and functions use must outlive it.
struct ServerPlan {
  Credentials credentials;
  bool plain = false;  ///< no TLS, no credentials: every client is known by its address only
  Limits limits;
  /// Threads for the routes; 0: they run on the server's own thread, one at a time. With a pool,
  /// calls of one exchange still never overlap, those of different exchanges do.
  unsigned route_threads = 0;
  const Clock* clock = nullptr;  ///< for Date; may be absent
  /// Names the holder of a verified certificate (rates and connections are counted by that name),
  /// or refuses it: then every request is answered by error_response. Called at the handshake, and
  /// before a request when Limits::identity_time is over: whoever is refused by then, or bears
  /// another name, gets no answer but that on this connection. What runs goes on to its end.
  /// Absent: the certificate's SHA-256 fingerprint, or the address of who shows none.
  std::function<Result<std::string>(std::string_view pem)> identify;
  std::function<void(const AccessRecord&)> observe;
};

struct ServerSetup;

/// Server answers until told to stop. Thread: create anywhere, run() on one thread.
class Server {
 public:
  /// Loads credentials; opens nothing but what the library needs, so that the caller can enter its
  /// sandbox between create() and run(). Errors: as TlsContext; Malformed "server-listener".
  [[nodiscard]] static Result<Server> create(std::vector<os::UniqueFd> listeners, ServerPlan plan,
                                             Router router);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  /// Serves until `stop` is readable (which it leaves as it is), then closes idle connections,
  /// gives running exchanges Limits::stop_time, and cuts the rest (their sinks see abort()).
  /// Errors: Internal "server-failed".
  [[nodiscard]] Done run(os::FdView stop);

 private:
  explicit Server(std::unique_ptr<ServerSetup> setup);
  std::unique_ptr<ServerSetup> setup_;
};

}  // namespace hangu::net
