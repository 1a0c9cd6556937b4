#include "os/channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/deadline.hpp"
#include "os/failure.hpp"

namespace hangu::os {
namespace {

/// Room for two of the longest messages and the kernel's own accounting. The kernel cuts it to
/// net.core.wmem_max; its default (208 KiB) still holds one longest message.
constexpr int kSocketBufferBytes = static_cast<int>(4 * kMessageBytesMax);
constexpr int kBacklog = 64;           ///< connections that wait to be accepted
constexpr time_t kConnectSeconds = 5;  ///< for a listener whose backlog is full
constexpr int kAcceptAttemptsMax = 16;
constexpr std::chrono::milliseconds kMemoryPause{10};  ///< before a packet is tried again

constexpr std::size_t kDescriptorBytes = kMessageDescriptorsMax * sizeof(int);

/// Space for the control message of the most descriptors that one message carries.
struct ControlBuffer {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(kDescriptorBytes)> bytes{};
};

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path ||
      path.find('\0') != std::string::npos) {
    return fail(ErrorCode::malformed, "socket-path-invalid", printable(path));
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  // The socket interface is defined by this cast (POSIX sys/socket.h).
  return reinterpret_cast<const sockaddr*>(&address);
}

/// Best effort: a smaller buffer only makes a sender wait more often.
void widen_buffers(FdView socket) {
  const int bytes = kSocketBufferBytes;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

Result<UniqueFd> new_socket(int flags) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0));
  if (!socket.valid()) return os_failure(errno, "socket-failed", {});
  widen_buffers(socket.view());
  return socket;
}

std::unexpected<Error> peer_gone(int os_error = 0) {
  return fail(ErrorCode::unavailable, "peer-gone", {}, os_error);
}

std::unexpected<Error> peer_slow() { return fail(ErrorCode::unavailable, "peer-slow"); }

std::unexpected<Error> truncated(std::string context) {
  return fail(ErrorCode::malformed, "message-truncated", std::move(context));
}

bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

/// Puts `descriptors` into `header` as its one control message.
void attach(msghdr& header, ControlBuffer& control, std::span<const FdView> descriptors) {
  if (descriptors.empty()) return;
  const std::size_t bytes = descriptors.size() * sizeof(int);
  header.msg_control = control.bytes.data();
  header.msg_controllen = CMSG_SPACE(bytes);
  cmsghdr* const part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(bytes);
  std::array<int, kMessageDescriptorsMax> numbers{};
  std::ranges::transform(descriptors, numbers.begin(), [](FdView fd) { return fd.get(); });
  std::memcpy(CMSG_DATA(part), numbers.data(), bytes);
}

/// Owns every descriptor that came with `header`; false when anything else came too.
bool take_descriptors(msghdr& header, std::vector<UniqueFd>& out) {
  bool only_descriptors = true;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      only_descriptors = false;
      continue;
    }
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
      out.emplace_back(number);
    }
  }
  return only_descriptors;
}

/// The size of the packet that waits: 0 when the peer has closed (or sent an empty packet, which
/// no Hangu program does). -1 and errno when none waits.
ssize_t size_of_next(FdView socket) {
  return ::recv(socket.get(), nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
}

}  // namespace

Result<Channel> Channel::connect(const std::string& path) {
  HANGU_TRY(const sockaddr_un address, address_of(path));
  HANGU_TRY(UniqueFd socket, new_socket(0));
  const timeval patience{.tv_sec = kConnectSeconds, .tv_usec = 0};  // bounds connect() only: all
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience,  // else is MSG_DONTWAIT
                     sizeof patience);
  int result = -1;
  do {
    result = ::connect(socket.get(), generic(address), sizeof address);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return Channel(std::move(socket));
  const int error = errno;
  switch (error) {
    case EAGAIN: return peer_slow();
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
    case EPROTOTYPE: return fail(ErrorCode::unavailable, "peer-absent", printable(path), error);
    default: return os_failure(error, "connect-failed", printable(path));
  }
}

Result<std::pair<Channel, Channel>> Channel::pair() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return os_failure(errno, "socket-failed", {});
  }
  UniqueFd first(ends[0]);
  UniqueFd second(ends[1]);
  widen_buffers(first.view());
  widen_buffers(second.view());
  return std::pair(Channel(std::move(first)), Channel(std::move(second)));
}

Done Channel::send(ByteView bytes, std::chrono::milliseconds timeout,
                   std::span<const FdView> descriptors) {
  if (bytes.size() > kMessageBytesMax || descriptors.size() > kMessageDescriptorsMax) {
    return fail(ErrorCode::exhausted, "message-too-long",
                std::to_string(bytes.size()) + " bytes, " + std::to_string(descriptors.size()) +
                    " descriptors");
  }
  if (bytes.empty()) return fail(ErrorCode::malformed, "message-empty");
  if (!socket_.valid()) return peer_gone();

  iovec piece{.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  ControlBuffer control;
  attach(header, control, descriptors);

  const Deadline deadline(timeout);
  while (true) {  // ends: by the deadline at the latest
    const ssize_t n = ::sendmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) return {};  // a packet goes whole or not at all
    const int error = errno;
    if (error == EPIPE || error == ECONNRESET || error == ENOTCONN) return peer_gone(error);
    if (error == EMSGSIZE) return fail(ErrorCode::exhausted, "message-too-long", {}, error);
    if (error == ENOBUFS || error == ENOMEM) {  // the kernel had no pages just then
      const std::chrono::milliseconds left(deadline.left());
      if (left == left.zero()) return peer_slow();
      pause_for(std::min(kMemoryPause, left));
      continue;
    }
    if (!try_again(error)) return os_failure(error, "send-failed", {});
    HANGU_TRY(const bool ready, wait_for_events(socket_.view(), POLLOUT, deadline));
    if (!ready) return peer_slow();
  }
}

Result<Message> Channel::receive(std::chrono::milliseconds timeout) {
  const Deadline deadline(timeout);
  while (true) {  // ends: by the deadline at the latest
    if (!socket_.valid()) return peer_gone();
    const ssize_t waiting = size_of_next(socket_.view());
    if (waiting < 0 && try_again(errno)) {
      HANGU_TRY(const bool ready, wait_for_events(socket_.view(), POLLIN, deadline));
      if (!ready) return peer_slow();
      continue;
    }
    // Said once when the peer closed with unread input; what it sent before that still waits here.
    if (waiting < 0 && errno == ECONNRESET) continue;
    if (waiting < 0) return os_failure(errno, "receive-failed", {});
    if (waiting == 0) {
      socket_.reset();
      return peer_gone();
    }
    const auto size = static_cast<std::size_t>(waiting);
    if (size > kMessageBytesMax) {
      socket_.reset();
      return truncated(std::to_string(size) + " bytes");
    }

    Message message;
    message.bytes.resize(size);
    iovec piece{.iov_base = message.bytes.data(), .iov_len = size};
    ControlBuffer control;
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes.data();
    header.msg_controllen = control.bytes.size();
    const ssize_t n = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (try_again(errno) || errno == ECONNRESET)) continue;
    if (n < 0) return os_failure(errno, "receive-failed", {});
    const bool clean = take_descriptors(header, message.descriptors);
    if (!clean || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || n != waiting) {
      socket_.reset();
      return truncated("bytes or descriptors were cut");
    }
    return message;
  }
}

Result<Peer> Channel::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return os_failure(errno, "peer-unknown", {});
  }
  return Peer{.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid};
}

namespace {

/// Removes a socket that nobody listens on any more. A living one, or any other kind of file,
/// stays and is an error.
Done remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return os_failure(errno, "bind-failed", printable(path));
  }
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorCode::forbidden, "file-exists", printable(path) + " is not a socket");
  }
  HANGU_TRY(const UniqueFd probe, new_socket(SOCK_NONBLOCK));
  if (::connect(probe.get(), generic(address), sizeof address) == 0 || errno != ECONNREFUSED) {
    return fail(ErrorCode::unavailable, "socket-in-use", printable(path));
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return os_failure(errno, "bind-failed", printable(path));
  }
  return {};
}

}  // namespace

Result<Listener> Listener::bind(const std::string& path, unsigned mode) {
  HANGU_TRY(const sockaddr_un address, address_of(path));
  HANGU_CHECK(remove_stale(path, address));
  HANGU_TRY(UniqueFd socket, new_socket(SOCK_NONBLOCK));
  // The kernel gives the path the mode of the socket less the umask; what the umask took is added
  // before anybody can connect (before listen).
  if (::fchmod(socket.get(), mode) != 0 ||
      ::bind(socket.get(), generic(address), sizeof address) != 0) {
    return os_failure(errno, "bind-failed", printable(path));
  }
  if (::chmod(path.c_str(), mode) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    const int error = errno;
    ::unlink(path.c_str());
    return os_failure(error, "bind-failed", printable(path));
  }
  return Listener(std::move(socket));
}

Result<std::optional<Channel>> Listener::accept() {
  // A listener from outside may be in blocking mode.
  const int flags = ::fcntl(socket_.get(), F_GETFL);
  if (flags < 0) return os_failure(errno, "accept-failed", {});
  if ((flags & O_NONBLOCK) == 0 && ::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return os_failure(errno, "accept-failed", {});
  }
  for (int attempt = 0; attempt < kAcceptAttemptsMax; ++attempt) {
    UniqueFd socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.valid()) {
      widen_buffers(socket.view());
      return std::optional<Channel>(Channel(std::move(socket)));
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    return os_failure(errno, "accept-failed", {});
  }
  return std::optional<Channel>();
}

}  // namespace hangu::os
