#include "net/client.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.hpp"
#include "base/page_buffer.hpp"
#include "base/text.hpp"
#include "net/socket.hpp"
#include "net/target.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"

namespace hangu::net {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kBodyReadBytes = 256 * 1024;      // given on at once
constexpr std::size_t kSendBytes = 256 * 1024;          // of a file at once
constexpr std::uint64_t kLetGoBytes = 8 * 1024 * 1024;  // sent, before their memory is let go
constexpr std::size_t kInterimAnswersMax = 8;
constexpr std::uint64_t kExpectBytesMin = 1 << 20;  // larger bodies ask before they are sent
constexpr Milliseconds kContinueTime = std::chrono::seconds(1);   // RFC 9110 §10.1.1: then send
constexpr Milliseconds kLastWordsTime = std::chrono::seconds(5);  // after a cut while sending

Result<std::string> request_head(const ClientPlan& plan, const Ask& ask, std::uint64_t length,
                                 bool hold) {
  const bool sends = ask.method == Method::post || ask.method == Method::put ||
                     ask.method == Method::patch || length > 0;
  const bool v6 = plan.host.find(':') != std::string::npos;
  std::string head(to_text(ask.method));
  head.append(" ").append(ask.target).append(" HTTP/1.1\r\nHost: ");
  head.append(v6 ? "[" + plan.host + "]" : plan.host).append(":");
  head.append(std::to_string(plan.port)).append("\r\nUser-Agent: hangu\r\n");
  for (const auto& [name, value] : ask.headers) {
    if (!is_header_name(name) || !is_header_value(value)) {
      return fail(ErrorCode::malformed, "http-malformed", "a header that cannot be sent");
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (sends) head.append("Content-Length: " + std::to_string(length) + "\r\n");
  if (hold) head.append("Expect: 100-continue\r\n");
  head.append("\r\n");
  // Our own header goes through the check that our server makes.
  HANGU_CHECK(parse_request_head(head));
  HANGU_CHECK(parse_target(ask.target));
  return head;
}

}  // namespace

// One connection: its socket, session, and bytes read ahead.
struct Client::Link {
  Link(os::UniqueFd socket_in, TlsSession tls_in)
      : socket(std::move(socket_in)), tls(std::move(tls_in)) {}
  os::UniqueFd socket;
  TlsSession tls;
  std::string input;
  std::optional<ResponseHead> final_head;  // read while the request was still being sent
  bool used = false;                       // has answered before
  bool cut_short = false;                  // an answer came before the request was sent whole

  Done wait(TlsState state, Milliseconds deadline) const {
    const bool for_write = state == TlsState::want_write;
    HANGU_TRY(const bool ready,
              wait_socket(socket.view(), for_write, deadline - os::monotonic_now()));
    if (!ready && os::monotonic_now() >= deadline) {
      return fail(ErrorCode::unavailable, "network-timeout", "nothing moved");
    }
    return {};
  }

  Done handshake(Milliseconds deadline) {
    for (;;) {  // ends by the deadline
      const TlsStep step = tls.handshake();
      if (step.state == TlsState::done) return {};
      if (step.state == TlsState::failed || step.state == TlsState::closed) {
        return std::unexpected(tls.failure());
      }
      HANGU_CHECK(wait(step.state, deadline));
    }
  }

  Done write_all(ByteView bytes, Milliseconds stall) {
    Milliseconds deadline = os::monotonic_now() + stall;
    while (!bytes.empty()) {
      const TlsStep step = tls.write(bytes);
      if (step.state == TlsState::done) {
        bytes = bytes.subspan(step.bytes);
        deadline = os::monotonic_now() + stall;
        continue;
      }
      if (step.state == TlsState::failed || step.state == TlsState::closed) {
        return std::unexpected(tls.failure());
      }
      HANGU_CHECK(wait(step.state, deadline));
    }
    return {};
  }

  // At least one byte, waiting until the deadline; zero when there is none yet and `deadline` is
  // not given.
  Result<std::size_t> read(MutableByteView out, std::optional<Milliseconds> deadline) {
    for (;;) {  // ends by the deadline
      const TlsStep step = tls.read(out);
      if (step.state == TlsState::done) return step.bytes;
      if (step.state == TlsState::closed) {
        return fail(ErrorCode::unavailable, "network-cut", "the server closed the connection");
      }
      if (step.state == TlsState::failed) return std::unexpected(tls.failure());
      if (!deadline) return std::size_t{0};
      HANGU_CHECK(wait(step.state, *deadline));
    }
  }

  // Takes interim answers off the input; true when the head of the final answer is there.
  Result<bool> take_head() {
    for (std::size_t i = 0; i <= kInterimAnswersMax; ++i) {
      const auto length = head_length(input);
      if (length.value_or(input.size()) > kAnswerHeadBytesMax) {
        return fail(ErrorCode::exhausted, "http-too-long", "the answer's header");
      }
      if (!length) return false;
      HANGU_TRY(auto head, parse_response_head(std::string_view(input).substr(0, *length)));
      input.erase(0, *length);
      if (head.status >= 200) {
        final_head = std::move(head);
        return true;
      }
      if (head.status == 101) break;
      interim_seen = true;
    }
    return fail(ErrorCode::malformed, "http-malformed", "interim answers without end");
  }

  // What has come by now, or by the deadline, without an error when there is nothing.
  Result<bool> look_for_head(std::optional<Milliseconds> deadline) {
    std::array<std::byte, kReadBytes> buffer{};
    HANGU_TRY(const std::size_t count, read(buffer, deadline));
    input.append(text_of(ByteView(buffer).first(count)));
    return take_head();
  }

  bool interim_seen = false;
};

// A body to send: bytes in memory, or a part of a file.
struct Client::Outgoing {
  ByteView bytes;
  os::FdView file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

Client::Client(ClientPlan plan, TlsContext tls, os::UniqueFd connected)
    : plan_(std::move(plan)), tls_(std::move(tls)), given_(std::move(connected)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() {
  if (link_) link_->tls.close();
}

Result<Client> Client::create(ClientPlan plan) { return create(std::move(plan), os::UniqueFd()); }

Result<Client> Client::create(ClientPlan plan, os::UniqueFd connected) {
  Result<TlsContext> tls = TlsContext::plain();
  if (!plan.plain) tls = TlsContext::for_client(plan.credentials);
  if (!tls) return std::unexpected(tls.error());
  plan.credentials.key_pem = {};  // borrowed until here
  if (plan.server_name.empty()) plan.server_name = plan.host;
  return Client(std::move(plan), *std::move(tls), std::move(connected));
}

Done Client::connect() {
  if (link_) {
    // A kept connection has nothing to say; if it has, it is closed or out of step.
    const auto readable = wait_socket(link_->socket.view(), false, Milliseconds(0));
    if (readable && !*readable && link_->input.empty()) return {};
    link_.reset();
  }
  os::UniqueFd socket = std::move(given_);
  if (socket.valid()) {
    HANGU_CHECK(prepare_socket(socket.view()));
  } else {
    HANGU_TRY(socket, connect_tcp(plan_.host, plan_.port, plan_.connect_time));
  }
  HANGU_TRY(auto tls, TlsSession::connect(tls_, socket.view(), plan_.server_name));
  auto link = std::make_unique<Link>(std::move(socket), std::move(tls));
  HANGU_CHECK(link->handshake(os::monotonic_now() + plan_.connect_time));
  link_ = std::move(link);
  return {};
}

Result<Answer> Client::ask(const Ask& ask, ByteView body) {
  Outgoing out;
  out.bytes = body;
  out.length = body.size();
  return exchange(ask, out, nullptr, {});
}

Result<Answer> Client::send_file(const Ask& ask, os::FdView file, std::uint64_t offset,
                                 std::uint64_t length, const Progress& progress) {
  return exchange(ask, Outgoing{{}, file, offset, length}, nullptr, progress);
}

Result<Answer> Client::receive(const Ask& ask, AnswerSink& sink, const Progress& progress) {
  return exchange(ask, Outgoing{}, &sink, progress);
}

Result<Answer> Client::receive(const Ask& ask, ByteView body, AnswerSink& sink) {
  Outgoing out;
  out.bytes = body;
  out.length = body.size();
  return exchange(ask, out, &sink, {});
}

Result<Answer> Client::exchange(const Ask& ask, const Outgoing& body, AnswerSink* sink,
                                const Progress& progress) {
  const bool kept = link_ != nullptr;
  auto answer = attempt(ask, body, sink, progress);
  if (answer) return answer;
  // A kept connection may have been closed just as we asked: a safe request is asked again once,
  // provided that nothing of an answer came.
  const bool safe = ask.method == Method::get || ask.method == Method::head;
  const bool silent = link_ != nullptr && link_->used && link_->input.empty() && !link_->final_head;
  const bool again = kept && safe && silent && answer.error().reason() == "network-cut";
  link_.reset();
  return again ? attempt(ask, body, sink, progress) : std::move(answer);
}

Result<Answer> Client::attempt(const Ask& ask, const Outgoing& body, AnswerSink* sink,
                               const Progress& progress) {
  HANGU_CHECK(connect());
  const bool hold = body.length >= kExpectBytesMin;
  HANGU_TRY(const std::string head, request_head(plan_, ask, body.length, hold));
  Done sent = link_->write_all(bytes_of(head), plan_.stall_time);
  if (sent) sent = send_body(body, hold, progress);
  if (sent) return read_answer(ask.method, plan_.answer_time, sink, progress);
  if (sent.error().reason() != "network-cut") return std::unexpected(std::move(sent).error());
  // The line was cut while we sent: an answer, or an alert, may still be there that says why.
  auto answer = read_answer(ask.method, kLastWordsTime, sink, progress);
  if (!answer && answer.error().code() == ErrorCode::unavailable) {
    return std::unexpected(std::move(sent).error());
  }
  return answer;
}

Done Client::send_body(const Outgoing& body, bool hold, const Progress& progress) {
  link_->interim_seen = false;
  const Milliseconds until = os::monotonic_now() + kContinueTime;
  while (hold && !link_->interim_seen) {  // at most kContinueTime
    const auto final_head = link_->look_for_head(until);
    if (!final_head && final_head.error().reason() == "network-timeout") break;
    if (!final_head) return std::unexpected(final_head.error());
    link_->cut_short = *final_head;
    if (*final_head) return {};
  }
  PageBuffer buffer(body.file.valid() ? std::min<std::uint64_t>(kSendBytes, body.length) : 0);
  std::uint64_t done = 0;
  std::uint64_t let_go = 0;
  while (done < body.length) {
    ByteView piece;
    if (body.file.valid()) {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(body.length - done, buffer.size()));
      const MutableByteView part = buffer.view().first(count);
      HANGU_CHECK(os::read_exactly_at(body.file, body.offset + done, part));
      piece = part;
    } else {
      const auto rest = body.bytes.subspan(static_cast<std::size_t>(done));
      piece = rest.first(std::min(rest.size(), kPieceBytes));
    }
    HANGU_CHECK(link_->write_all(piece, plan_.stall_time));
    done += piece.size();
    if (body.file.valid() && done - let_go >= kLetGoBytes) {
      os::drop_behind(body.file, body.offset, done);  // from the start: pages may lie across
      let_go = done;
    }
    if (progress && !progress(done, body.length)) {
      return fail(ErrorCode::exhausted, "http-stopped", "stopped by the caller");
    }
    HANGU_TRY(const bool answered, link_->look_for_head(std::nullopt));
    link_->cut_short = answered && done < body.length;
    if (answered) return {};
  }
  return {};
}

Result<Answer> Client::read_answer(Method method, Milliseconds patience, AnswerSink* sink,
                                   const Progress& progress) {
  const Milliseconds deadline = os::monotonic_now() + patience;
  while (!link_->final_head) {  // ends by the deadline
    HANGU_TRY(const bool there, link_->take_head());
    if (there) break;
    HANGU_TRY([[maybe_unused]] const bool come, link_->look_for_head(deadline));
  }
  const ResponseHead head = *std::exchange(link_->final_head, std::nullopt);
  Answer answer;
  answer.status = head.status;
  answer.headers = head.headers;
  const bool bodiless = method == Method::head || head.status == 204 || head.status == 304;
  if (!bodiless) {
    if (!head.body_bytes) {
      return fail(ErrorCode::malformed, "http-length-required", "the answer has no length");
    }
    HANGU_CHECK(read_body(answer, *head.body_bytes, sink, progress));
  }
  link_->used = true;
  if (!head.keep_alive || link_->cut_short) link_.reset();
  return answer;
}

Done Client::read_body(Answer& answer, std::uint64_t size, AnswerSink* sink,
                       const Progress& progress) {
  bool taken = false;
  if (sink != nullptr) {
    HANGU_TRY(taken, sink->begin(answer, size));
  }
  if (!taken && size > kAnswerBodyBytesMax) {
    return fail(ErrorCode::exhausted, "http-too-long", "the answer's body");
  }
  const auto take = [&](ByteView bytes) -> Done {
    if (taken) return sink->write(bytes);
    append(answer.body, bytes);
    return {};
  };
  std::uint64_t done = std::min<std::uint64_t>(size, link_->input.size());
  if (done > 0) HANGU_CHECK(take(bytes_of(link_->input).first(static_cast<std::size_t>(done))));
  link_->input.erase(0, static_cast<std::size_t>(done));
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(size - done, kBodyReadBytes)));
  while (done < size) {
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(size - done, buffer.size()));
    const MutableByteView piece = MutableByteView(buffer).first(room);
    HANGU_TRY(std::size_t count, link_->read(piece, os::monotonic_now() + plan_.stall_time));
    while (count < room) {  // what else has come: one record is read at a time
      const Result<std::size_t> more = link_->read(piece.subspan(count), std::nullopt);
      if (!more || *more == 0) break;  // an end or a failure shows again
      count += *more;
    }
    HANGU_CHECK(take(ByteView(buffer).first(count)));
    done += count;
    if (taken && progress && !progress(done, size)) {
      return fail(ErrorCode::exhausted, "http-stopped", "stopped by the caller");
    }
  }
  return {};
}

}  // namespace hangu::net
