#pragma once
// Client: a blocking HTTPS client for the command line. TLS 1.3, own certificate, the server's
// checked against given anchors and name. One connection, kept while it serves. What a hostile
// server may send is bounded: header, interim answers, collected body, and total body.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/head.hpp"
#include "net/http.hpp"
#include "net/rate.hpp"
#include "net/tls.hpp"

namespace hangu::net {

inline constexpr std::size_t kAnswerHeadBytesMax = 16 * 1024;
inline constexpr std::size_t kAnswerBodyBytesMax = std::size_t{1} << 20;  ///< collected in memory

/// ClientPlan is where to, as whom, and how patiently.
struct ClientPlan {
  std::string host;  ///< name or address
  std::uint16_t port = 443;
  bool plain = false;       ///< no TLS
  std::string server_name;  ///< what the server's certificate must carry; empty: `host`
  Credentials credentials;
  Milliseconds connect_time = std::chrono::seconds(10);  ///< TCP, and again the handshake
  Milliseconds stall_time = std::chrono::seconds(60);    ///< without one byte moved
  Milliseconds answer_time = std::chrono::seconds(120);  ///< request sent, answer not begun
};

/// Ask is a request's header. Host and Content-Length are added.
struct Ask {
  Method method = Method::get;
  std::string target;
  OutHeaders headers;
};

/// Answer is a response. `body` is what was not given to an AnswerSink.
struct Answer {
  int status = 0;
  Headers headers;  ///< names in lower case
  Bytes body;
  [[nodiscard]] const std::string* header(std::string_view name) const {
    return find_header(headers, name);
  }
  [[nodiscard]] bool succeeded() const { return status >= 200 && status < 300; }
};

/// Told after every piece; `total` is 0 when not known. False stops: Exhausted "http-stopped".
using Progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// AnswerSink takes a body that is too large to collect.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  /// Looks at the header (Answer without body) and its announced body size: true to take the body,
  /// false to have it collected in Answer::body. An error ends the exchange.
  [[nodiscard]] virtual Result<bool> begin(const Answer& head, std::uint64_t size) = 0;
  [[nodiscard]] virtual Done write(ByteView bytes) = 0;
};

/// Client talks to one server. Thread: one at a time.
///
/// Errors: Unavailable "network-unresolved", "network-unreachable", "network-timeout",
/// "network-cut" (try again); Forbidden "tls-untrusted", "tls-wrong-name", "tls-refused",
/// "tls-version", Malformed "tls-failed", "tls-credentials" (do not); Malformed "http-malformed",
/// "http-version", "http-length-required" and Exhausted "http-too-long" (the server breaks HTTP or
/// a bound; "http-malformed" and "http-target" also when the Ask cannot be sent); Exhausted
/// "http-stopped". A status is never an error.
class Client {
 public:
  [[nodiscard]] static Result<Client> create(ClientPlan plan);
  /// The first connection is `connected` (a socket, TLS not begun); later ones are made as planned.
  [[nodiscard]] static Result<Client> create(ClientPlan plan, os::UniqueFd connected);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Sends a request with a small body and collects the answer.
  [[nodiscard]] Result<Answer> ask(const Ask& ask, ByteView body = {});
  /// Sends `length` bytes of `file` from `offset` as the body. An answer that comes before the end
  /// (a refusal) ends the sending and is returned.
  [[nodiscard]] Result<Answer> send_file(const Ask& ask, os::FdView file, std::uint64_t offset,
                                         std::uint64_t length, const Progress& progress = {});
  /// Gives a body to `sink` as it comes.
  [[nodiscard]] Result<Answer> receive(const Ask& ask, AnswerSink& sink,
                                       const Progress& progress = {});
  /// The same after sending a small body.
  [[nodiscard]] Result<Answer> receive(const Ask& ask, ByteView body, AnswerSink& sink);

 private:
  struct Link;
  struct Outgoing;
  Client(ClientPlan plan, TlsContext tls, os::UniqueFd connected);
  [[nodiscard]] Result<Answer> exchange(const Ask& ask, const Outgoing& body, AnswerSink* sink,
                                        const Progress& progress);
  [[nodiscard]] Result<Answer> attempt(const Ask& ask, const Outgoing& body, AnswerSink* sink,
                                       const Progress& progress);
  [[nodiscard]] Done connect();
  [[nodiscard]] Done send_body(const Outgoing& body, bool hold, const Progress& progress);
  [[nodiscard]] Result<Answer> read_answer(Method method, Milliseconds patience, AnswerSink* sink,
                                           const Progress& progress);
  [[nodiscard]] Done read_body(Answer& answer, std::uint64_t size, AnswerSink* sink,
                               const Progress& progress);

  ClientPlan plan_;
  TlsContext tls_;
  os::UniqueFd given_;
  std::unique_ptr<Link> link_;
};

}  // namespace hangu::net
