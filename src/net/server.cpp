// The only unit that includes Asio.
#include "net/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <map>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/limits.hpp"
#include "net/head.hpp"
#include "net/socket.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"

namespace hangu::net {

namespace asio = boost::asio;

// What create() made and run() uses.
struct ServerSetup {
  std::vector<os::UniqueFd> listeners;
  ServerPlan plan;
  Router router;
  TlsContext tls;
};

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;       // into the header buffer at once
constexpr std::size_t kSendBytes = 256 * 1024;      // of a file at once
constexpr std::uint64_t kDrainBytesMax = 64 * 1024;  // unread body that keeps the connection
constexpr std::uint64_t kLingerBytesMax = 8 * 1024 * 1024;
constexpr Milliseconds kSweepTime = std::chrono::milliseconds(50);
constexpr Milliseconds kAcceptPause = std::chrono::milliseconds(100);  // out of descriptors
constexpr Milliseconds kNever = Milliseconds::max();
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

using Wait = asio::posix::descriptor_base::wait_type;
constexpr Wait kReadable = asio::posix::descriptor_base::wait_read;
constexpr Wait kWritable = asio::posix::descriptor_base::wait_write;

class Connection;

// What one run() shares between its coroutines.
struct Hall {
  explicit Hall(const ServerSetup& with)
      : setup(with), io(1), sweep(io),
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
      : hall_(hall), limits_(hall.setup.plan.limits), address_(peer_address(socket.view())),
        address_seat_(hall.by_address, address_group(address_)),
        socket_(hall.io, socket.release()), tls_(std::move(tls)),
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
    socket_.cancel(ignored);
  }

 private:
  enum class Moved : std::uint8_t { bytes, end, failed, late };

  asio::awaitable<bool> wait(Wait type, Milliseconds deadline);
  asio::awaitable<bool> handshake();
  void settle_identity();
  asio::awaitable<Moved> read_some(MutableByteView out, Milliseconds deadline, std::size_t* count);
  asio::awaitable<bool> write_all(ByteView bytes, PaceGuard* pace);
  asio::awaitable<bool> read_head(std::string* head);
  asio::awaitable<bool> exchange(bool last);
  asio::awaitable<bool> answer(RequestHead head);
  asio::awaitable<void> call(std::function<void()> work);
  asio::awaitable<bool> receive_body(std::unique_ptr<BodySink> sink, std::uint64_t length,
                                     bool expects_continue, Response* response);
  asio::awaitable<bool> fill_sink(BodySink& sink, std::uint64_t length, PaceGuard* pace,
                                  std::optional<Error>* error);
  asio::awaitable<bool> respond(Response response, bool keep_alive, bool with_body);
  asio::awaitable<bool> send_file(const FileRange& range, PaceGuard* pace);
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
  std::string input_;             // read, not yet used
  Bytes piece_;                   // buffer of the running body
  AccessRecord record_;
  std::string failure_;
};

// ---- Waiting and moving bytes ----

asio::awaitable<bool> Connection::wait(Wait type, Milliseconds deadline) {
  const Milliseconds now = os::monotonic_now();
  if (now >= deadline || now >= hall_.stop_deadline) co_return false;
  deadline_ = deadline;
  boost::system::error_code ec;
  co_await socket_.async_wait(type, asio::redirect_error(asio::use_awaitable, ec));
  const bool swept = deadline_ == Milliseconds::min();
  deadline_ = kNever;
  co_return !ec && !swept;
}

asio::awaitable<Connection::Moved> Connection::read_some(MutableByteView out,
                                                         Milliseconds deadline,
                                                         std::size_t* count) {
  for (;;) {  // ends by the deadline
    const TlsStep step = tls_.read(out);
    if (step.state == TlsState::done) {
      *count = step.bytes;
      co_return Moved::bytes;
    }
    if (step.state == TlsState::closed) co_return Moved::end;
    if (step.state == TlsState::failed) {
      note(tls_.failure().message());
      co_return Moved::failed;
    }
    const Wait type = step.state == TlsState::want_read ? kReadable : kWritable;
    const bool ready = co_await wait(type, deadline);
    if (!ready) co_return Moved::late;
  }
}

asio::awaitable<bool> Connection::write_all(ByteView bytes, PaceGuard* pace) {
  while (!bytes.empty()) {
    const TlsStep step = tls_.write(bytes);
    if (step.state == TlsState::done) {
      bytes = bytes.subspan(step.bytes);
      pace->moved(step.bytes);
      continue;
    }
    if (step.state == TlsState::failed || step.state == TlsState::closed) {
      note(tls_.failure().message());
      co_return false;
    }
    const Wait type = step.state == TlsState::want_read ? kReadable : kWritable;
    const bool ready = co_await wait(type, pace->deadline());
    if (!ready && !(os::monotonic_now() < hall_.stop_deadline &&
                    os::monotonic_now() >= pace->deadline() &&
                    pace->keeps_up(os::monotonic_now()))) {
      note("the peer reads too slowly, or is gone");
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> Connection::handshake() {
  const Milliseconds deadline = os::monotonic_now() + limits_.handshake_time;
  for (;;) {  // ends by the deadline
    const TlsStep step = tls_.handshake();
    if (step.state == TlsState::done) co_return true;
    if (step.state == TlsState::failed || step.state == TlsState::closed) {
      note(tls_.failure().message());
      co_return false;
    }
    const Wait type = step.state == TlsState::want_read ? kReadable : kWritable;
    const bool ready = co_await wait(type, deadline);
    if (!ready) {
      note("the handshake took too long");
      co_return false;
    }
  }
}

// ---- One connection ----

void Connection::settle_identity() {
  peer_pem_ = tls_.peer_pem();
  identity_ = tls_.peer_fingerprint();
  if (hall_.setup.plan.identify) {
    auto named = hall_.setup.plan.identify(peer_pem_);
    if (named) {
      identity_ = *std::move(named);
    } else {
      refusal_ = std::move(named).error();
    }
  }
  identity_seat_ = Seat(hall_.by_identity, identity_);
  if (!refusal_ && identity_seat_.taken() > limits_.connections_per_identity_max) {
    refusal_ = Error(ErrorCode::unavailable, "http-connections", "too many at once");
  }
}

asio::awaitable<void> Connection::serve() {
  record_.peer_address = address_;
  const bool greeted = co_await handshake();
  if (!greeted) {
    observe(0, 0);
    co_await finish();
    co_return;
  }
  settle_identity();
  for (std::size_t n = 1; n <= limits_.requests_per_connection_max; ++n) {
    const bool more = co_await exchange(n == limits_.requests_per_connection_max);
    if (!more) break;
  }
  co_await finish();
}

void Connection::observe(int status, std::uint64_t bytes_out) {
  record_.identity = identity_;
  record_.status = status;
  record_.bytes_out = bytes_out;
  record_.failure = failure_;
  if (hall_.setup.plan.observe) hall_.setup.plan.observe(record_);
  record_ = AccessRecord{};
  record_.peer_address = address_;
  failure_.clear();
}

// Says goodbye and reads on for a moment, so that the answer is not lost to a reset while the peer
// still sends.
asio::awaitable<void> Connection::finish() {
  tls_.close();
  (void)::shutdown(socket_.native_handle(), SHUT_WR);
  const Milliseconds deadline = os::monotonic_now() + limits_.linger_time;
  std::uint64_t seen = 0;
  std::array<std::byte, kReadBytes> scrap{};
  while (seen < kLingerBytesMax) {
    const ssize_t got = ::recv(socket_.native_handle(), scrap.data(), scrap.size(), 0);
    if (got == 0) break;
    if (got > 0) {
      seen += static_cast<std::uint64_t>(got);
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) break;
    const bool ready = co_await wait(kReadable, deadline);
    if (!ready) break;
  }
}

// ---- One exchange ----

// True with one head cut off the input; false when there is none to answer (or it was answered).
asio::awaitable<bool> Connection::read_head(std::string* head) {
  resting_ = input_.empty();
  Milliseconds deadline =
      os::monotonic_now() + (resting_ ? limits_.idle_time : limits_.header_time);
  for (;;) {  // ends by the deadline or the size
    const auto length = head_length(input_);
    if (length.value_or(input_.size()) > limits_.header_bytes_max) {
      resting_ = false;
      note("the header is too long");
      co_await respond(problem(431, "http-header-too-long", "the header is too long"), false, true);
      co_return false;
    }
    if (length) {
      resting_ = false;
      *head = input_.substr(0, *length);
      input_.erase(0, *length);
      co_return true;
    }
    std::array<std::byte, kReadBytes> buffer{};
    std::size_t count = 0;
    const Moved moved = co_await read_some(buffer, deadline, &count);
    if (moved != Moved::bytes) {
      const bool begun = !resting_;
      resting_ = false;
      if (moved == Moved::late && begun && !hall_.stopping) {
        note("the header came too slowly");
        co_await respond(problem(408, "http-too-slow", "the header came too slowly"), false, true);
      } else if (begun || moved == Moved::failed) {
        note("cut within a header");
        observe(0, 0);
      }
      co_return false;
    }
    if (resting_) deadline = os::monotonic_now() + limits_.header_time;
    resting_ = false;
    input_.append(text_of(ByteView(buffer).first(count)));
  }
}

asio::awaitable<bool> Connection::exchange(bool last) {
  if (hall_.stopping) co_return false;
  std::string text;
  const bool whole = co_await read_head(&text);
  if (!whole) co_return false;
  auto head = parse_request_head(text);
  if (!head) {
    const int status = status_of_head_error(head.error());
    note(head.error().message());
    co_await respond(problem(status, head.error().reason(), head.error().context()), false, true);
    co_return false;
  }
  record_.method = head->method;
  record_.path = head->target;
  if (last || hall_.stopping) head->keep_alive = false;
  co_return co_await answer(*std::move(head));
}

// Everything that is decided before a route is asked: an answer, or the route.
std::variant<Router::Match, Response> choose_route(Hall& hall, const RequestHead& head,
                                                   const std::optional<Error>& refusal,
                                                   Request& request) {
  if (refusal) {
    Response response = error_response(*refusal);
    response.close = true;
    return response;
  }
  const Milliseconds now = os::monotonic_now();
  if (!hall.rates.take(request.identity, now)) {
    const auto wait = hall.rates.wait(request.identity, now);
    Response response = problem(429, "http-rate", "too many requests");
    response.with("Retry-After", std::to_string(wait.count() / 1000 + 1));
    return response;
  }
  auto target = parse_target(head.target);
  if (!target) return error_response(target.error());
  request.method = parse_method(head.method);
  request.path = target->path;
  request.query = target->query;
  request.body_bytes = head.body_bytes.value_or(0);
  auto found = hall.setup.router.find(request.method, *target);
  auto* match = std::get_if<Router::Match>(&found);
  if (match == nullptr) return found;
  if (request.body_bytes > match->body_bytes_max) {
    return problem(413, "http-body-too-long",
                   "at most " + std::to_string(match->body_bytes_max) + " bytes");
  }
  request.parts = std::move(match->parts);
  return found;
}

asio::awaitable<bool> Connection::answer(RequestHead head) {
  Request request;
  request.identity = identity_;
  request.peer_pem = peer_pem_;
  request.peer_address = address_;
  auto route = choose_route(hall_, head, refusal_, request);
  request.headers = std::move(head.headers);
  const std::uint64_t length = head.body_bytes.value_or(0);
  const bool with_body = head.method != "HEAD";

  Reply reply = Response{};
  if (auto* response = std::get_if<Response>(&route)) {
    reply = std::move(*response);
  } else {
    const Action& action = *std::get<Router::Match>(route).action;
    co_await call([&] { reply = action(request); });
  }
  if (auto* sink = std::get_if<std::unique_ptr<BodySink>>(&reply)) {
    Response response;
    const bool answered =
        co_await receive_body(std::move(*sink), length, head.expects_continue, &response);
    if (!answered) co_return false;
    const bool keep = head.keep_alive && !response.close;
    const bool sent = co_await respond(std::move(response), keep, with_body);
    co_return sent && keep;
  }
  // Answered from the header alone: a short body is read away, a long one ends the connection.
  Response response = std::move(std::get<Response>(reply));
  const bool drains = length <= kDrainBytesMax && !(head.expects_continue && length > 0);
  const bool keep = head.keep_alive && !response.close && drains;
  const bool sent = co_await respond(std::move(response), keep, with_body);
  if (!sent || !keep) co_return false;
  co_return co_await drain(length);
}

asio::awaitable<void> run_there(std::function<void()> work) {
  work();
  co_return;
}

// Runs a route's code on the pool, or here; goes on on the server's thread.
asio::awaitable<void> Connection::call(std::function<void()> work) {
  if (!hall_.pool) {
    work();
    co_return;
  }
  co_await asio::co_spawn(hall_.pool->get_executor(), run_there(std::move(work)),
                          asio::use_awaitable);
}

// True with the response to send; false when the peer is gone. The sink sees exactly one of
// finish() and abort().
asio::awaitable<bool> Connection::receive_body(std::unique_ptr<BodySink> sink,
                                               std::uint64_t length, bool expects_continue,
                                               Response* response) {
  PaceGuard guard = pace();
  bool whole = true;
  std::optional<Error> error;
  if (expects_continue && length > 0 && input_.empty()) {
    whole = co_await write_all(bytes_of(kContinue), &guard);
  }
  if (whole) whole = co_await fill_sink(*sink, length, &guard, &error);
  if (whole) {
    co_await call([&] { *response = sink->finish(); });
    co_return true;
  }
  co_await call([&] { sink->abort(); });
  if (error) {
    note(error->message());
    *response = error->reason() == "http-too-slow"
                    ? problem(408, error->reason(), error->context())
                    : error_response(*error);
    response->close = true;
    co_return true;
  }
  note("cut within a body");
  observe(0, 0);
  co_return false;
}

asio::awaitable<bool> Connection::fill_sink(BodySink& sink, std::uint64_t length, PaceGuard* guard,
                                            std::optional<Error>* error) {
  piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(length, kPieceBytes)));
  std::uint64_t left = length;
  while (left > 0) {
    std::size_t filled = std::min<std::size_t>(input_.size(), static_cast<std::size_t>(
                                 std::min<std::uint64_t>(left, piece_.size())));
    std::ranges::copy(bytes_of(input_).first(filled), piece_.begin());
    input_.erase(0, filled);
    // Gather what is there, so that the sink sees few and large pieces; wait only for the first.
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(left, piece_.size()));
    while (filled < wanted) {
      const MutableByteView rest = MutableByteView(piece_).subspan(filled, wanted - filled);
      std::size_t count = 0;
      Moved moved = Moved::late;
      if (filled == 0) {
        moved = co_await read_some(rest, guard->deadline(), &count);
      } else {
        const TlsStep step = tls_.read(rest);
        if (step.state != TlsState::done) break;  // an end or a failure shows at the next wait
        count = step.bytes;
        moved = Moved::bytes;
      }
      if (moved == Moved::bytes) {
        filled += count;
        continue;
      }
      const Milliseconds now = os::monotonic_now();
      const bool stopped = now >= hall_.stop_deadline;
      if (moved == Moved::late && !stopped && now >= guard->deadline()) {
        if (guard->keeps_up(now)) continue;
        *error = Error(ErrorCode::malformed, "http-too-slow", "the body came too slowly");
      }
      co_return false;
    }
    guard->moved(filled);
    record_.bytes_in += filled;
    left -= filled;
    const Milliseconds before = os::monotonic_now();
    Done written;
    co_await call([&] { written = sink.write(ByteView(piece_).first(filled)); });
    const Milliseconds after = os::monotonic_now();
    guard->excuse(after - before);
    if (!written) {
      *error = std::move(written).error();
      co_return false;
    }
    if (left > 0 && !guard->keeps_up(after)) {
      *error = Error(ErrorCode::malformed, "http-too-slow", "the body came too slowly");
      co_return false;
    }
    co_await asio::post(hall_.io, asio::use_awaitable);  // let the other connections run
  }
  Bytes().swap(piece_);
  co_return true;
}

// Reads a short unwanted body away.
asio::awaitable<bool> Connection::drain(std::uint64_t length) {
  const Milliseconds deadline = os::monotonic_now() + limits_.header_time;
  const std::size_t held = static_cast<std::size_t>(std::min<std::uint64_t>(length, input_.size()));
  input_.erase(0, held);
  std::uint64_t left = length - held;
  std::array<std::byte, kReadBytes> scrap{};
  while (left > 0) {
    std::size_t count = 0;
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(left, scrap.size()));
    const Moved moved = co_await read_some(MutableByteView(scrap).first(room), deadline, &count);
    if (moved != Moved::bytes) co_return false;
    left -= count;
  }
  co_return true;
}

asio::awaitable<bool> Connection::respond(Response response, bool keep_alive, bool with_body) {
  PaceGuard guard = pace();
  const std::string head = response_head(response, hall_.setup.plan.clock, keep_alive);
  const auto* bytes = std::get_if<Bytes>(&response.body);
  bool sent = false;
  std::uint64_t body_sent = 0;
  if (bytes != nullptr) {
    Bytes all = to_bytes(head);
    if (with_body) append(all, *bytes);
    sent = co_await write_all(all, &guard);
    if (with_body && sent) body_sent = bytes->size();
  } else {
    sent = co_await write_all(bytes_of(head), &guard);
    if (sent && with_body) {
      const auto& range = std::get<FileRange>(response.body);
      sent = co_await send_file(range, &guard);
      if (sent) body_sent = range.length;
    }
  }
  observe(sent ? response.status : 0, body_sent);
  co_return sent;
}

asio::awaitable<bool> Connection::send_file(const FileRange& range, PaceGuard* guard) {
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(range.length, kSendBytes)));
  std::uint64_t done = 0;
  while (done < range.length) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(range.length - done, buffer.size()));
    const MutableByteView part = MutableByteView(buffer).first(count);
    const Done read = os::read_exactly_at(range.file.view(), range.offset + done, part);
    if (!read) {
      note(read.error().message());  // the announced length cannot be kept: cut
      co_return false;
    }
    const bool sent = co_await write_all(part, guard);
    if (!sent) co_return false;
    done += count;
    if (!guard->keeps_up(os::monotonic_now())) co_return false;
    co_await asio::post(hall_.io, asio::use_awaitable);
  }
  co_return true;
}

// ---- The hall ----

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

}  // namespace

Server::Server(std::unique_ptr<ServerSetup> setup) : setup_(std::move(setup)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::create(std::vector<os::UniqueFd> listeners, ServerPlan plan,
                              Router router) {
  for (const os::UniqueFd& listener : listeners) {
    int listening = 0;
    socklen_t length = sizeof listening;
    if (::getsockopt(listener.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
        listening == 0) {
      return fail(ErrorCode::malformed, "server-listener", "not a listening socket");
    }
  }
  if (listeners.empty()) return fail(ErrorCode::malformed, "server-listener", "none was passed");
  HANGU_TRY(auto tls, TlsContext::for_server(plan.credentials));
  plan.credentials.key_pem = {};  // borrowed until here
  return Server(std::make_unique<ServerSetup>(
      ServerSetup{std::move(listeners), std::move(plan), std::move(router), std::move(tls)}));
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
    for (auto& listener : listeners) listener.cancel(ignored);
    hall.sweep.cancel();
  });
  asio::co_spawn(hall.io, sweep_all(hall), rethrow);
  hall.io.run();
  return {};
}

}  // namespace hangu::net
