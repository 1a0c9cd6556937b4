#pragma once
// Inside of the server: what one run() shares (Hall) and one connection. Includes Asio, so only
// server.cpp, connection.cpp and exchange.cpp may include it; everyone else sees server.hpp.

#include <array>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/head.hpp"
#include "net/server.hpp"
#include "net/socket.hpp"
#include "os/clock.hpp"

namespace hangu::net {

namespace asio = boost::asio;

inline constexpr std::size_t kReadBytes = 16 * 1024;  ///< into the header buffer at once
inline constexpr std::size_t kPiecesInHand = 4;       ///< of a body that comes in
inline constexpr Milliseconds kNever = Milliseconds::max();

using Wait = asio::posix::descriptor_base::wait_type;
inline constexpr Wait kReadable = asio::posix::descriptor_base::wait_read;
inline constexpr Wait kWritable = asio::posix::descriptor_base::wait_write;

// What create() made and run() uses.
struct ServerSetup {
  std::vector<os::UniqueFd> listeners;
  ServerPlan plan;
  Router router;
  TlsContext tls;
};

class Connection;

// What one run() shares between its coroutines.
struct Hall {
  explicit Hall(const ServerSetup& with)
      : setup(with),
        io(1),
        sweep(io),
        rates(with.plan.limits.requests_per_second, with.plan.limits.requests_burst) {
    if (with.plan.route_threads > 0) pool.emplace(with.plan.route_threads);
  }
  const ServerSetup& setup;
  asio::io_context io;
  asio::steady_timer sweep;
  RateTable rates;
  std::list<Connection*> connections;
  std::map<std::string, std::size_t, std::less<>> by_address;
  std::map<std::string, std::size_t, std::less<>> by_identity;
  bool stopping = false;
  Milliseconds stop_deadline = kNever;
  std::optional<asio::thread_pool> pool;  // last: joined before the rest goes
};

// One seat taken in a table of counts, given back at the end.
class Seat {
 public:
  using Table = std::map<std::string, std::size_t, std::less<>>;
  Seat() = default;
  Seat(Table& table, std::string key) : table_(&table), key_(std::move(key)) { ++table[key_]; }
  Seat(Seat&& other) noexcept
      : table_(std::exchange(other.table_, nullptr)), key_(std::move(other.key_)) {}
  Seat& operator=(Seat&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(key_, other.key_);
    return *this;
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() {
    if (table_ == nullptr) return;
    const auto at = table_->find(key_);
    if (at != table_->end() && --at->second == 0) table_->erase(at);
  }
  [[nodiscard]] std::size_t taken() const { return table_ == nullptr ? 0 : table_->at(key_); }

 private:
  Table* table_ = nullptr;
  std::string key_;
};

// Connection lives in the frame of its coroutine and registers itself with the hall, whose sweep
// cancels its socket when the deadline of the wait that it is in has passed.
class Connection {
 public:
  Connection(Hall& hall, os::UniqueFd socket, TlsSession tls)
      : hall_(hall),
        limits_(hall.setup.plan.limits),
        address_(peer_address(socket.view())),
        address_seat_(hall.by_address, address_group(address_)),
        socket_(hall.io, socket.release()),
        tls_(std::move(tls)),
        at_(hall.connections.insert(hall.connections.end(), this)) {
    hall_.sweep.cancel();  // the sweep sleeps while nobody is here
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { hall_.connections.erase(at_); }

  asio::awaitable<void> serve();

  // For the sweep: ends the current wait when its time is over, or when the server stops and no
  // exchange is running.
  void sweep(Milliseconds now) {
    const bool ended = hall_.stopping && (resting_ || now >= hall_.stop_deadline);
    if (!ended && now < deadline_) return;
    deadline_ = Milliseconds::min();
    boost::system::error_code ignored;
    (void)socket_.cancel(ignored);
  }

 private:
  enum class Moved : std::uint8_t { bytes, end, failed, late };
  class Writing;

  asio::awaitable<bool> wait(Wait type, Milliseconds deadline);
  asio::awaitable<bool> handshake();
  void settle_identity();
  void renew_identity();
  asio::awaitable<Moved> read_some(MutableByteView out, Milliseconds deadline, std::size_t* count);
  asio::awaitable<bool> write_all(ByteView bytes, PaceGuard* pace);
  asio::awaitable<bool> read_head(std::string* head);
  asio::awaitable<bool> exchange(bool last);
  asio::awaitable<bool> answer(RequestHead head);
  asio::awaitable<void> call(std::function<void()> work);
  asio::awaitable<bool> receive_body(std::unique_ptr<BodySink> sink, std::uint64_t length,
                                     bool expects_continue, Response* response);
  asio::awaitable<bool> fill_sink(BodySink* sink, std::uint64_t length, PaceGuard* pace,
                                  std::optional<Error>* error);
  asio::awaitable<bool> fill_piece(MutableByteView piece, PaceGuard* pace, std::size_t* filled,
                                   std::optional<Error>* error);
  asio::awaitable<bool> respond(Response response, bool keep_alive, bool with_body);
  asio::awaitable<bool> send_file(const FileRange* range, PaceGuard* pace);
  asio::awaitable<bool> drain(std::uint64_t length);
  asio::awaitable<void> finish();
  void observe(int status, std::uint64_t bytes_out);
  void note(std::string why) {
    if (failure_.empty()) failure_ = std::move(why);
  }
  [[nodiscard]] PaceGuard pace() const {
    return PaceGuard(limits_.bytes_per_second_min, limits_.pace_window, os::monotonic_now());
  }

  Hall& hall_;
  const Limits& limits_;
  std::string address_;
  Seat address_seat_;
  Seat identity_seat_;
  asio::posix::stream_descriptor socket_;
  TlsSession tls_;
  std::list<Connection*>::iterator at_;
  Milliseconds deadline_ = kNever;
  bool resting_ = true;  // in the handshake or between two requests

  std::string peer_pem_;
  std::string identity_;
  std::optional<Error> refusal_;  // answers every request
  Milliseconds identified_{0};
  std::string input_;                        // read, not yet used
  std::array<Bytes, kPiecesInHand> pieces_;  // of the running body: one is filled, others written
  AccessRecord record_;
  std::string failure_;
};

}  // namespace hangu::net
