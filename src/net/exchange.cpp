// Connection: one exchange, from a header to the last byte of its answer.
#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "base/page_buffer.hpp"
#include "net/hall.hpp"
#include "os/file.hpp"

namespace hangu::net {
namespace {

constexpr std::size_t kSendBytes = 256 * 1024;       // of a file at once
constexpr std::uint64_t kDrainBytesMax = 64 * 1024;  // unread body that keeps the connection
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

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
static std::variant<Router::Match, Response> choose_route(Hall& hall, const RequestHead& head,
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
  return route_request(hall.setup.router, head, request);
}

asio::awaitable<bool> Connection::answer(RequestHead head) {
  renew_identity();
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
    co_return sent&& keep;
  }
  // Answered from the header alone: a short body is read away, a long one ends the connection.
  Response response = std::move(std::get<Response>(reply));
  const bool drains = length <= kDrainBytesMax && !(head.expects_continue && length > 0);
  const bool keep = head.keep_alive && !response.close && drains;
  const bool sent = co_await respond(std::move(response), keep, with_body);
  if (!sent || !keep) co_return false;
  co_return co_await drain(length);
}

static asio::awaitable<void> run_there(std::function<void()> work) {
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
asio::awaitable<bool> Connection::receive_body(std::unique_ptr<BodySink> sink, std::uint64_t length,
                                               bool expects_continue, Response* response) {
  PaceGuard guard = pace();
  bool whole = true;
  std::optional<Error> error;
  if (expects_continue && length > 0 && input_.empty()) {
    whole = co_await write_all(bytes_of(kContinue), &guard);
  }
  if (whole) whole = co_await fill_sink(sink.get(), length, &guard, &error);
  if (whole) {
    co_await call([&] { *response = sink->finish(); });
    co_return true;
  }
  co_await call([&] { sink->abort(); });
  if (error) {
    note(error->message());
    *response = sink->refusal(*error);
    response->close = true;
    co_return true;
  }
  note("cut within a body");
  observe(0, 0);
  co_return false;
}

// Pieces on their way into the sink, on the pool or here, while the next is being read.
class Connection::Writing {
 public:
  explicit Writing(Connection& connection)
      : connection_(connection), done_(connection.hall_.io, asio::steady_timer::time_point::max()) {
    if (connection.hall_.pool) line_.emplace(connection.hall_.pool->get_executor());
  }

  // Behind those before it. `bytes` stay until it is done.
  void start(BodySink* sink, ByteView bytes) {
    if (!line_) {
      written_ = sink->write(bytes);
      return;
    }
    ++under_way_;
    asio::post(*line_, [this, sink, bytes] {
      if (there_) there_ = sink->write(bytes);
      asio::post(connection_.hall_.io, [this, written = there_] {
        --under_way_;
        written_ = written;
        done_.cancel();
      });
    });
  }
  // What came of the pieces so far, when at most `most` are still under way.
  asio::awaitable<Done> settle(std::size_t most) {
    boost::system::error_code ignored;
    while (under_way_ > most) {  // ends: with the sink's calls
      co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return written_;
  }

 private:
  Connection& connection_;
  asio::steady_timer done_;
  std::optional<asio::strand<asio::thread_pool::executor_type>> line_;
  std::size_t under_way_ = 0;
  Done written_;
  Done there_;  // the same, where the pieces are written: after a failure none is
};

asio::awaitable<bool> Connection::fill_sink(BodySink* sink, std::uint64_t length, PaceGuard* guard,
                                            std::optional<Error>* error) {
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(length, kBodyPieceBytes));
  Writing writing(*this);
  std::uint64_t left = length;
  bool whole = true;
  for (std::size_t turn = 0; whole && left > 0; ++turn) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, room));
    Bytes& memory = pieces_[turn % pieces_.size()];
    const Milliseconds before = os::monotonic_now();
    Done written = co_await writing.settle(pieces_.size() - 1);  // then it is free
    guard->excuse(os::monotonic_now() - before);
    std::size_t filled = 0;
    if (memory.size() < wanted) memory.resize(room);
    const MutableByteView piece = MutableByteView(memory).first(wanted);
    if (written) {
      whole = co_await fill_piece(piece, guard, &filled, error);
      written = co_await writing.settle(pieces_.size());
    }
    if (!written) *error = written.error();
    whole = whole && written;
    if (whole && left > filled && !guard->keeps_up(os::monotonic_now())) {
      *error = Error(ErrorCode::malformed, "http-too-slow", "the body came too slowly");
      whole = false;
    }
    if (filled > 0 && written) {  // also what came before a cut
      writing.start(sink, piece.first(filled));
      left -= filled;
    }
    co_await asio::post(hall_.io, asio::use_awaitable);  // let the other connections run
  }
  const Done written = co_await writing.settle(0);
  if (!written) *error = written.error();
  for (Bytes& piece : pieces_) Bytes().swap(piece);
  co_return whole&& written;
}

// Fills `piece` with what has come; waits only for the first bytes, so that the sink sees few and
// large pieces. False, with less or nothing, when the body ended before its length or was too slow.
asio::awaitable<bool> Connection::fill_piece(MutableByteView piece, PaceGuard* guard,
                                             std::size_t* filled, std::optional<Error>* error) {
  const std::size_t held = std::min(input_.size(), piece.size());
  std::ranges::copy(bytes_of(input_).first(held), piece.begin());
  input_.erase(0, held);
  *filled = held;
  bool whole = true;
  while (*filled < piece.size()) {
    const MutableByteView rest = piece.subspan(*filled);
    if (*filled > 0) {
      const TlsStep step = tls_.read(rest);
      if (step.state != TlsState::done) break;  // an end or a failure shows at the next wait
      *filled += step.bytes;
      continue;
    }
    std::size_t count = 0;
    const Moved moved = co_await read_some(rest, guard->deadline(), &count);
    *filled += count;
    if (moved == Moved::bytes) continue;
    const Milliseconds now = os::monotonic_now();
    if (moved == Moved::late && now < hall_.stop_deadline && now >= guard->deadline()) {
      if (guard->keeps_up(now)) continue;
      *error = Error(ErrorCode::malformed, "http-too-slow", "the body came too slowly");
    }
    whole = false;
    break;
  }
  guard->moved(*filled);
  record_.bytes_in += *filled;
  co_return whole;
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
      sent = co_await send_file(&range, &guard);
      if (sent) body_sent = range.length;
    }
  }
  if (!response.withheld.empty()) note(std::move(response.withheld));
  observe(sent ? response.status : 0, body_sent);
  co_return sent;
}

asio::awaitable<bool> Connection::send_file(const FileRange* range, PaceGuard* guard) {
  PageBuffer buffer(static_cast<std::size_t>(std::min<std::uint64_t>(range->length, kSendBytes)));
  std::uint64_t done = 0;
  while (done < range->length) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(range->length - done, buffer.size()));
    const MutableByteView part = buffer.view().first(count);
    const Done read = os::read_exactly_at(range->file.view(), range->offset + done, part);
    if (!read) {
      note(read.error().message());  // the announced length cannot be kept: cut
      co_return false;
    }
    const bool sent = co_await write_all(part, guard);
    if (!sent) co_return false;
    if (range->once) os::drop_behind(range->file.view(), range->offset + done, count);
    done += count;
    if (!guard->keeps_up(os::monotonic_now())) co_return false;
    co_await asio::post(hall_.io, asio::use_awaitable);
  }
  co_return true;
}

}  // namespace hangu::net
