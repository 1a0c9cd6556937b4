#pragma once
// TlsWire: the socket under a TLS session, as OpenSSL sees it. Internal to net.

#include <cstddef>

#include "base/bytes.hpp"
#include "os/descriptor.hpp"

struct bio_st;

namespace hangu::net {

/// TlsWire sends with MSG_NOSIGNAL (OpenSSL's own socket BIO would raise SIGPIPE), and records of
/// bulk data together: a call, and a wake-up of the peer, for 64 KiB instead of each 16.
/// Memory: kWireBytesMax while bulk data is sent. Thread: one at a time. Stays where it is.
class TlsWire {
 public:
  explicit TlsWire(os::FdView socket) : socket_(socket) {}
  TlsWire(const TlsWire&) = delete;
  TlsWire& operator=(const TlsWire&) = delete;
  [[nodiscard]] int socket() const { return socket_.get(); }
  /// A new BIO over this wire, for SSL_set_bio(); null when there is no memory.
  [[nodiscard]] bio_st* new_bio();

  /// From here on what is written waits for send().
  void gather() { gathering_ = true; }
  /// Bytes that wait.
  [[nodiscard]] std::size_t waiting() const { return out_.size() - sent_; }
  /// Sends what waits, as far as the socket takes it. False with errno: the line is cut.
  [[nodiscard]] bool send();

 private:
  friend struct WireCalls;
  os::FdView socket_;
  Bytes out_;
  std::size_t sent_ = 0;  // of out_
  bool gathering_ = false;
};

/// Whether a socket's call that failed with this errno is to be made again later.
[[nodiscard]] bool is_passing(int error);

/// What may wait: gathered records, and words of TLS itself that come behind them.
inline constexpr std::size_t kWireBytesMax = 96 * 1024;

}  // namespace hangu::net
