#pragma once
// TLS over a connected, non-blocking socket (OpenSSL). Both ends show certificates; the
// caller waits (the server by coroutines, the client by poll) and this never blocks.
//
// TLS 1.3 with standard cipher suites, X25519 and P-256; no tickets, no resumption, no early data,
// no renegotiation (TLS 1.3 has none), ALPN http/1.1. Towards a syslog receiver alone TLS 1.2 too.
// Errors of certificates are told apart from errors of the network.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "os/descriptor.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace hangu::net {

class TlsWire;

/// Credentials are one end's certificate (leaf first, then any intermediates), its private key
/// (PKCS#8 PEM, borrowed only while the context is made) and the authorities it trusts.
struct Credentials {
  std::string certificate_pem;  ///< a client may have none, and then shows none
  ByteView key_pem;
  std::string trust_anchors_pem;
  bool asks_clients = true;  ///< of a server: false takes who shows no certificate; no anchors then
};

/// TlsContext is what connections of one end share. Thread: any once made.
class TlsContext {
 public:
  /// Errors: Malformed "tls-credentials" (unreadable PEM, key of another certificate, no anchor).
  [[nodiscard]] static Result<TlsContext> for_server(const Credentials& credentials);
  [[nodiscard]] static Result<TlsContext> for_client(const Credentials& credentials);
  /// A client of a syslog receiver (RFC 5425 as RFC 9662 has it): TLS 1.3, or 1.2 with ephemeral
  /// keys and authenticated encryption; no ALPN, for syslog has no name there.
  [[nodiscard]] static Result<TlsContext> for_syslog(const Credentials& credentials);
  /// No TLS at all: sessions move bytes as they are, and the peer is nobody. For what proves itself
  /// (docs/protocols/audit-witness.md).
  [[nodiscard]] static TlsContext plain() { return TlsContext(nullptr); }

 private:
  friend class TlsSession;
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit TlsContext(std::unique_ptr<ssl_ctx_st, Free> context) : context_(std::move(context)) {}
  enum class Use : std::uint8_t { server, client, syslog };
  [[nodiscard]] static Result<TlsContext> make(const Credentials& credentials, Use use);
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

enum class TlsState : std::uint8_t {
  done,        ///< progress was made
  want_read,   ///< wait until the socket is readable, then call again
  want_write,  ///< wait until the socket is writable, then call again
  closed,      ///< the peer ended the session properly (close_notify)
  failed,      ///< see TlsSession::failure()
};

struct TlsStep {
  TlsState state = TlsState::failed;
  std::size_t bytes = 0;  ///< moved, when done
};

/// TlsSession is one connection. The socket is borrowed and must outlive it. After `failed` only
/// failure() may be called, and read() once writing met a cut line: the peer's last words may say
/// why. Thread: one at a time.
class TlsSession {
 public:
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;
  ~TlsSession();
  [[nodiscard]] static Result<TlsSession> accept(const TlsContext& context, os::FdView socket);
  /// `server_name` is the host name (also sent as SNI) or IP address that the server's certificate
  /// must carry.
  [[nodiscard]] static Result<TlsSession> connect(const TlsContext& context, os::FdView socket,
                                                  const std::string& server_name);

  [[nodiscard]] TlsStep handshake();
  /// Reads at least one byte, at most out.size(). An end of the stream without close_notify is
  /// `failed` with "network-cut".
  [[nodiscard]] TlsStep read(MutableByteView out);
  /// Writes at least one byte. Until all of `bytes` were told to be written, the next call must be
  /// given the rest of them: some may be sealed and on their way already.
  [[nodiscard]] TlsStep write(ByteView bytes);
  /// Sends close_notify; does not wait for the peer's.
  void close();

  /// The peer's leaf certificate as PEM; empty before the handshake.
  [[nodiscard]] std::string peer_pem() const;
  /// SHA-256 of its DER in hex; empty before the handshake.
  [[nodiscard]] std::string peer_fingerprint() const;
  /// Why it failed: Unavailable "network-cut"; Forbidden "tls-untrusted" (the peer's certificate),
  /// "tls-wrong-name", "tls-refused" (the peer did not accept ours), "tls-version"; Malformed
  /// "tls-failed" (anything else).
  [[nodiscard]] Error failure() const;

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  /// A record that waits to be sent.
  struct Record {
    std::size_t plain;
    std::size_t sealed;
  };
  TlsSession(std::unique_ptr<TlsWire> wire, std::unique_ptr<ssl_st, Free> ssl);
  [[nodiscard]] static Result<TlsSession> make(const TlsContext& context, os::FdView socket);
  TlsStep judge(int outcome, std::size_t bytes, bool reading);
  TlsStep judge_plain(long outcome, bool reading);
  TlsStep cut(int system_error, bool reading);
  TlsStep gather(ByteView bytes);

  std::unique_ptr<TlsWire> wire_;      // where OpenSSL's BIO finds it
  std::unique_ptr<ssl_st, Free> ssl_;  // null: plain
  std::vector<Record> records_;        // not told yet, in their order
  std::optional<Error> failure_;
  bool may_read_ = false;  // failed in writing only
};

}  // namespace hangu::net
