// Service habits: what a program started by systemd or by our supervisor receives and answers.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include "base/text.hpp"
#include "os/process.hpp"

namespace hangu::os {
namespace {

constexpr int kFirstPassed = 3;  ///< SD_LISTEN_FDS_START
constexpr int kPassedMax = 64;   ///< listeners that one program takes
constexpr std::size_t kStatusBytesMax = 400;

std::optional<int> number_in(const char* name) {
  const auto text = environment(name);
  if (!text) return std::nullopt;
  int value = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

bool make_private(int fd) { return ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0; }

/// write() that neither raises SIGPIPE nor changes how the process handles it.
void write_quietly(FdView fd, std::string_view text) {
  sigset_t pipe_signal;
  sigset_t before;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  if (::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before) != 0) return;
  const ssize_t n = ::write(fd.get(), text.data(), text.size());
  if (n < 0 && errno == EPIPE && ::sigismember(&before, SIGPIPE) == 0) {
    const timespec now{};
    (void)::sigtimedwait(&pipe_signal, nullptr, &now);
  }
  (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// A datagram socket connected to systemd's, or none.
UniqueFd notify_socket() {
  const auto path = environment("NOTIFY_SOCKET");
  ::unsetenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!path || path->size() < 2 || path->size() > sizeof address.sun_path) return {};
  std::ranges::copy(*path, address.sun_path);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // abstract name
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid() ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    return {};
  }
  return socket;
}

}  // namespace

Result<std::map<std::string, UniqueFd>> passed_listeners() {
  const auto pid = number_in("LISTEN_PID");
  const auto count = number_in("LISTEN_FDS");
  const std::string names = environment("LISTEN_FDNAMES").value_or("");
  ::unsetenv("LISTEN_PID");
  ::unsetenv("LISTEN_FDS");
  ::unsetenv("LISTEN_FDNAMES");

  std::map<std::string, UniqueFd> listeners;
  if (!pid || *pid != ::getpid() || !count || *count == 0) return listeners;
  if (*count > kPassedMax) return fail(ErrorCode::exhausted, "listeners-invalid", "too many");
  const auto pieces = split(names, ':');
  if (pieces.size() != static_cast<std::size_t>(*count)) {
    return fail(ErrorCode::malformed, "listeners-invalid",
                "names and descriptors differ in number");
  }
  for (int i = 0; i < *count; ++i) {
    const std::string_view name = pieces[static_cast<std::size_t>(i)];
    const int fd = kFirstPassed + i;
    if (!make_private(fd)) {
      return fail(ErrorCode::malformed, "listeners-invalid", printable(name), errno);
    }
    if (!listeners.emplace(std::string(name), UniqueFd(fd)).second) {
      return fail(ErrorCode::malformed, "listeners-invalid", printable(name) + " twice");
    }
  }
  return listeners;
}

Readiness Readiness::prepare() {
  Readiness readiness;
  const auto ready = number_in("HANGU_READY_FD");
  ::unsetenv("HANGU_READY_FD");
  if (ready && *ready >= kFirstPassed && make_private(*ready)) readiness.ready_ = UniqueFd(*ready);
  readiness.notify_ = notify_socket();
  return readiness;
}

void Readiness::tell(std::string_view status) {
  const std::string text = "READY=1\nSTATUS=" + printable(status, kStatusBytesMax) + "\n";
  if (ready_.valid()) write_quietly(ready_.view(), text);
  if (notify_.valid()) {
    (void)::send(notify_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  ready_.reset();
  notify_.reset();
}

}  // namespace hangu::os
