// Server: admits connections, keeps their deadlines, stops.
#include "net/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/hall.hpp"

namespace hangu::net {
namespace {

constexpr Milliseconds kSweepTime = std::chrono::milliseconds(50);
constexpr Milliseconds kAcceptPause = std::chrono::milliseconds(100);  // out of descriptors

// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters): the hall outlives all that
// run in it: connections, listeners and the sweep.
asio::awaitable<void> serve_socket(Hall& hall, os::UniqueFd socket) {
  if (hall.stopping) co_return;  // nobody would sweep it
  auto tls = TlsSession::accept(hall.setup.tls, socket.view());
  if (!tls) co_return;
  Connection connection(hall, std::move(socket), *std::move(tls));
  co_await connection.serve();
}

// An exception here is a defect (nothing of ours throws): it goes through run() to terminate.
void rethrow(const std::exception_ptr& exception) {
  if (exception) std::rethrow_exception(exception);
}

void admit(Hall& hall, os::UniqueFd socket) {
  const Limits& limits = hall.setup.plan.limits;
  if (hall.connections.size() >= limits.connections_max) return;
  const std::string address = peer_address(socket.view());
  const auto held = hall.by_address.find(address_group(address));
  if (held != hall.by_address.end() && held->second >= limits.connections_per_address_max) return;
  if (!prepare_socket(socket.view())) return;
  asio::co_spawn(hall.io, serve_socket(hall, std::move(socket)), rethrow);
}

asio::awaitable<void> accept_all(Hall& hall, asio::posix::stream_descriptor& listener) {
  while (!hall.stopping) {
    boost::system::error_code ec;
    co_await listener.async_wait(kReadable, asio::redirect_error(asio::use_awaitable, ec));
    if (ec || hall.stopping) co_return;
    os::UniqueFd socket(
        ::accept4(listener.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.valid()) {
      admit(hall, std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      asio::steady_timer pause(hall.io, kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
  }
}

// Looks at all deadlines every kSweepTime while there are connections; ends when the server stops
// and the last one is gone.
asio::awaitable<void> sweep_all(Hall& hall) {
  while (!hall.stopping || !hall.connections.empty()) {
    const Milliseconds now = os::monotonic_now();
    for (Connection* connection : hall.connections) connection->sweep(now);
    if (hall.connections.empty()) {
      hall.sweep.expires_at(asio::steady_timer::time_point::max());
    } else {
      hall.sweep.expires_after(kSweepTime);
    }
    boost::system::error_code ignored;
    co_await hall.sweep.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}
// NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)

}  // namespace

Server::Server(std::unique_ptr<ServerSetup> setup) : setup_(std::move(setup)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::create(std::vector<os::UniqueFd> listeners, ServerPlan plan, Router router) {
  for (const os::UniqueFd& listener : listeners) {
    int listening = 0;
    socklen_t length = sizeof listening;
    if (::getsockopt(listener.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
        listening == 0) {
      return fail(ErrorCode::malformed, "server-listener", "not a listening socket");
    }
  }
  if (listeners.empty()) return fail(ErrorCode::malformed, "server-listener", "none was passed");
  Result<TlsContext> tls = TlsContext::plain();
  if (!plan.plain) tls = TlsContext::for_server(plan.credentials);
  if (!tls) return std::unexpected(tls.error());
  plan.credentials.key_pem = {};  // borrowed until here
  return Server(std::make_unique<ServerSetup>(
      ServerSetup{std::move(listeners), std::move(plan), std::move(router), *std::move(tls)}));
}

Done Server::run(os::FdView stop) {
  Hall hall(*setup_);
  std::list<asio::posix::stream_descriptor> listeners;
  for (const os::UniqueFd& listener : setup_->listeners) {
    HANGU_TRY(auto own, listener.duplicate());
    HANGU_CHECK(prepare_socket(own.view()));
    asio::co_spawn(hall.io, accept_all(hall, listeners.emplace_back(hall.io, own.release())),
                   rethrow);
  }
  const int stop_copy = ::fcntl(stop.get(), F_DUPFD_CLOEXEC, 3);
  if (stop_copy < 0) return fail(ErrorCode::internal, "server-failed", "stop descriptor", errno);
  asio::posix::stream_descriptor stopper(hall.io, stop_copy);
  stopper.async_wait(kReadable, [&](const boost::system::error_code&) {
    hall.stopping = true;
    hall.stop_deadline = os::monotonic_now() + setup_->plan.limits.stop_time;
    boost::system::error_code ignored;
    for (auto& listener : listeners) (void)listener.cancel(ignored);
    hall.sweep.cancel();
  });
  asio::co_spawn(hall.io, sweep_all(hall), rethrow);
  hall.io.run();
  return {};
}

}  // namespace hangu::net
