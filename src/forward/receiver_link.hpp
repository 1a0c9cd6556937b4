#pragma once
// Receiver link: one TLS connection to a syslog receiver (RFC 5425). Blocking, with deadlines.

#include <chrono>
#include <string>

#include "net/tls.hpp"
#include "os/descriptor.hpp"

namespace hangu::forward {

struct ReceiverAddress {
  std::string address;  ///< numeric
  std::uint16_t port = 6514;
  std::string server_name;  ///< what the receiver's certificate must carry
};

/// RFC 5425 §4.3: MSG-LEN SP SYSLOG-MSG, the length in octets.
[[nodiscard]] std::string octet_counted(std::string_view message);

/// Errors of all: those of net::TlsSession, "network-timeout". After an error only destruction.
/// Thread: one.
class ReceiverLink {
 public:
  /// Connects and shakes hands. Errors: also those of net::connect_tcp.
  [[nodiscard]] static Result<ReceiverLink> connect(const ReceiverAddress& to,
                                                    const net::TlsContext& tls);
  /// All of `bytes` to the machine's own kernel, within `time` however they trickle.
  [[nodiscard]] Done send(ByteView bytes, std::chrono::milliseconds time);
  /// Whether the receiver's kernel has acknowledged everything that was sent.
  [[nodiscard]] Result<bool> all_taken() const;
  /// Whether the receiver still stands: what it sends is read and dropped. Does not wait.
  [[nodiscard]] Done look();
  /// Says goodbye (close_notify) and waits for the receiver's: true when it came, and with it the
  /// certainty that the receiver read all that was sent.
  [[nodiscard]] bool close_politely();
  [[nodiscard]] os::FdView socket() const { return socket_.view(); }

 private:
  ReceiverLink(os::UniqueFd socket, net::TlsSession tls)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}
  [[nodiscard]] Done wait(net::TlsState state, std::chrono::milliseconds deadline) const;
  os::UniqueFd socket_;
  net::TlsSession tls_;
};

}  // namespace hangu::forward
