// Connection: waiting, moving bytes, and the life of a connection from handshake to goodbye.
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "net/hall.hpp"

namespace hangu::net {
namespace {

constexpr std::uint64_t kLingerBytesMax = 8 * 1024 * 1024;

}  // namespace

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

asio::awaitable<Connection::Moved> Connection::read_some(MutableByteView out, Milliseconds deadline,
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
    if (!ready &&
        !(os::monotonic_now() < hall_.stop_deadline && os::monotonic_now() >= pace->deadline() &&
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
  if (identity_.empty()) identity_ = address_;
  identified_ = os::monotonic_now();
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

// Certificates run out and holders are taken out of a register while their connections live.
void Connection::renew_identity() {
  const Milliseconds now = os::monotonic_now();
  if (refusal_ || !hall_.setup.plan.identify || now - identified_ < limits_.identity_time) return;
  identified_ = now;
  auto named = hall_.setup.plan.identify(peer_pem_);
  if (!named) {
    refusal_ = std::move(named).error();
  } else if (*named != identity_) {
    refusal_ = Error(ErrorCode::forbidden, "http-identity", "the certificate stands for another");
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

}  // namespace hangu::net
