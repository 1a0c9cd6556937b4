#pragma once
// Local channels: SOCK_SEQPACKET UNIX sockets. One packet is one message; payload that is large
// goes by descriptor (between parts of the middle only).

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "os/descriptor.hpp"

namespace hangu::os {

/// Message is what one packet carries: at most kMessageBytesMax bytes and kMessageDescriptorsMax
/// descriptors.
struct Message {
  Bytes bytes;
  std::vector<UniqueFd> descriptors;
};

/// Who is at the other end (SO_PEERCRED, taken at connect time).
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Channel is one connected end. Thread: one at a time.
class Channel {
 public:
  explicit Channel(UniqueFd socket) : socket_(std::move(socket)) {}
  /// Connects to a listening path. Errors: Unavailable "peer-absent".
  [[nodiscard]] static Result<Channel> connect(const std::string& path);
  /// Two connected ends.
  [[nodiscard]] static Result<std::pair<Channel, Channel>> pair();

  /// Sends one message, waiting at most `timeout`. Errors: Unavailable "peer-gone",
  /// "peer-slow"; Exhausted "message-too-long"; Malformed "message-empty".
  [[nodiscard]] Done send(ByteView bytes, std::chrono::milliseconds timeout,
                          std::span<const FdView> descriptors = {});
  /// Receives one message, waiting at most `timeout`. A truncated packet ends the link.
  /// Errors: Unavailable "peer-gone", "peer-slow"; Malformed "message-truncated".
  [[nodiscard]] Result<Message> receive(std::chrono::milliseconds timeout);
  [[nodiscard]] Result<Peer> peer() const;
  [[nodiscard]] FdView view() const { return socket_.view(); }
  [[nodiscard]] UniqueFd release() && { return std::move(socket_); }

 private:
  UniqueFd socket_;
};

/// Listener accepts channels on a path, or on a descriptor passed in from outside.
class Listener {
 public:
  explicit Listener(UniqueFd socket) : socket_(std::move(socket)) {}
  /// Binds `path` with exactly `mode`, removing a socket there that nobody serves any more.
  /// Errors: Unavailable "socket-in-use", Forbidden "file-exists" (not a socket), Malformed
  /// "socket-path-invalid" (over 107 bytes).
  [[nodiscard]] static Result<Listener> bind(const std::string& path, unsigned mode = 0600);
  /// The next connection, or nothing when none waits (non-blocking).
  [[nodiscard]] Result<std::optional<Channel>> accept();
  [[nodiscard]] FdView view() const { return socket_.view(); }
  [[nodiscard]] UniqueFd release() && { return std::move(socket_); }

 private:
  UniqueFd socket_;
};

}  // namespace hangu::os
