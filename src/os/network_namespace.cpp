#include "os/network_namespace.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "os/channel.hpp"
#include "os/failure.hpp"
#include "os/file.hpp"

namespace hangu::os {
namespace {

constexpr unsigned kFolderMode = 0755;
constexpr std::chrono::milliseconds kHandBackWait{5000};
const char* const kFolder = "/run/netns";

std::string path_of(const std::string& name) { return std::string(kFolder) + "/" + name; }

/// Runs `act` in a forked child and gives its errno-like result (0: fine). The child makes only
/// system calls, so that it may be forked from a threaded process.
Result<int> in_child(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::internal, "network-namespace-failed", "fork", errno);
  if (child == 0) ::_exit(act());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      return fail(ErrorCode::internal, "network-namespace-failed", "wait", errno);
    }
  }
  if (!WIFEXITED(status)) return fail(ErrorCode::internal, "network-namespace-failed", "child");
  return WEXITSTATUS(status);
}

int loopback_up() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return errno;
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0 ? 0 : errno;
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* generic() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

Result<SocketAddress> parse_address(const std::string& text, std::uint16_t port) {
  SocketAddress out;
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    out.size = sizeof four;
    std::memcpy(&out.storage, &four, sizeof four);
  } else if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    out.size = sizeof six;
    std::memcpy(&out.storage, &six, sizeof six);
  } else {
    return fail(ErrorCode::malformed, "address-invalid", printable(text));
  }
  return out;
}

/// System calls only; -1 and errno on failure.
UniqueFd open_listener(const SocketAddress& address, int backlog) {
  UniqueFd socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!socket.valid() ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      (address.storage.ss_family == AF_INET6 &&
       ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
      ::bind(socket.get(), address.generic(), address.size) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    return {};  // close() in the destructor above keeps errno when it succeeds
  }
  return socket;
}

Result<std::uint16_t> port_of(FdView socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return os_failure(errno, "listen-failed", {});
  }
  sockaddr_in four{};
  sockaddr_in6 six{};
  std::memcpy(&four, &storage, sizeof four);
  std::memcpy(&six, &storage, sizeof six);
  return ntohs(storage.ss_family == AF_INET6 ? six.sin6_port : four.sin_port);
}

std::unexpected<Error> listen_failure(int error, const std::string& address, std::uint16_t port) {
  std::string context = printable(address) + " port " + std::to_string(port);
  if (error == EADDRINUSE) {
    return fail(ErrorCode::unavailable, "address-in-use", std::move(context), error);
  }
  return os_failure(error, "listen-failed", std::move(context));
}

/// Opens the listener in a child that has entered `network`, which hands it back.
Result<UniqueFd> listen_inside(FdView network, const SocketAddress& address, int backlog,
                               const std::string& text, std::uint16_t port) {
  HANGU_TRY(auto ends, Channel::pair());
  HANGU_TRY(const int error, in_child([&] {
              if (::setns(network.get(), CLONE_NEWNET) != 0) return errno;
              const UniqueFd socket = open_listener(address, backlog);
              if (!socket.valid()) return errno;
              const std::array<FdView, 1> passed{socket.view()};
              const std::array<std::byte, 1> word{std::byte{1}};
              return ends.second.send(word, kHandBackWait, passed) ? 0 : EPIPE;
            }));
  if (error != 0) return listen_failure(error, text, port);
  HANGU_TRY(Message message, ends.first.receive(kHandBackWait));
  if (message.descriptors.size() != 1) return listen_failure(EPROTO, text, port);
  return std::move(message.descriptors.front());
}

}  // namespace

Done create_network_namespace(const std::string& name) {
  HANGU_CHECK(check_id(IdForm::name, name));
  HANGU_CHECK(make_folders(kFolder, kFolderMode));
  const std::string path = path_of(name);
  {  // the mount point
    const UniqueFd point(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
    if (!point.valid()) return os_failure(errno, "network-namespace-failed", printable(name));
  }
  HANGU_TRY(const int error, in_child([&] {
              if (::unshare(CLONE_NEWNET) != 0) return errno;
              if (const int failed = loopback_up(); failed != 0) return failed;
              return ::mount("/proc/self/ns/net", path.c_str(), "none", MS_BIND, nullptr) == 0
                         ? 0
                         : errno;
            }));
  if (error == 0) return {};
  ::unlink(path.c_str());
  return fail(ErrorCode::internal, "network-namespace-failed", printable(name), error);
}

Done remove_network_namespace(const std::string& name) {
  HANGU_CHECK(check_id(IdForm::name, name));
  const std::string path = path_of(name);
  if (::umount2(path.c_str(), MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT) {
    return fail(ErrorCode::internal, "network-namespace-failed", printable(name), errno);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail(ErrorCode::internal, "network-namespace-failed", printable(name), errno);
  }
  return {};
}

bool network_namespace_exists(const std::string& name) {
  return open_network_namespace(name).has_value();
}

Result<UniqueFd> open_network_namespace(const std::string& name) {
  HANGU_CHECK(check_id(IdForm::name, name));
  HANGU_TRY(UniqueFd file, open_read(path_of(name)));
  struct statfs system{};
  if (::fstatfs(file.get(), &system) != 0 || system.f_type != NSFS_MAGIC ||
      ::ioctl(file.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return fail(ErrorCode::corrupt, "network-namespace-invalid", printable(name));
  }
  return file;
}

Result<TcpListener> listen_tcp(const std::optional<std::string>& network_namespace,
                               const std::string& address, std::uint16_t port, int backlog) {
  HANGU_TRY(const SocketAddress where, parse_address(address, port));
  TcpListener out;
  if (network_namespace) {
    HANGU_TRY(const UniqueFd network, open_network_namespace(*network_namespace));
    HANGU_TRY(out.socket, listen_inside(network.view(), where, backlog, address, port));
  } else {
    out.socket = open_listener(where, backlog);
    if (!out.socket.valid()) return listen_failure(errno, address, port);
  }
  HANGU_TRY(out.port, port_of(out.socket.view()));
  return out;
}

}  // namespace hangu::os
