#include "os/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/unit/os/scratch.hpp"

using namespace hangu;
using namespace hangu::os;
using namespace std::chrono_literals;
using hangu::os::test::open_descriptors;
using hangu::os::test::ScratchFolder;

namespace {

std::pair<Channel, Channel> connected() {
  auto ends = Channel::pair();
  REQUIRE(ends);
  return std::move(*ends);
}

/// Sends a packet past the checks of Channel, as a hostile peer would.
ssize_t send_raw(FdView socket, std::size_t bytes, std::size_t descriptors) {
  std::vector<std::byte> body(bytes, std::byte{7});
  iovec piece{.iov_base = body.data(), .iov_len = body.size()};
  std::vector<int> numbers(descriptors, STDIN_FILENO);
  alignas(cmsghdr) std::array<std::byte, 256> control{};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  if (descriptors > 0) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
    std::memcpy(CMSG_DATA(part), numbers.data(), descriptors * sizeof(int));
  }
  return ::sendmsg(socket.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

TEST_CASE("a channel keeps the borders of messages", "[os][channel]") {
  auto [a, b] = connected();
  REQUIRE(a.send(bytes_of("one"), 0ms));
  REQUIRE(a.send(bytes_of("two two"), 0ms));
  const auto first = b.receive(0ms);
  const auto second = b.receive(0ms);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(text_of(first->bytes) == "one");
  CHECK(text_of(second->bytes) == "two two");
}

TEST_CASE("descriptors travel with their message and close on exec", "[os][channel]") {
  auto [a, b] = connected();
  const ScratchFolder scratch;
  test::write_text(scratch / "f", "content");
  const UniqueFd file(::open((scratch / "f").c_str(), O_RDONLY | O_CLOEXEC));
  const std::array passed{file.view(), file.view()};
  REQUIRE(a.send(bytes_of("two files"), 0ms, passed));
  const auto message = b.receive(0ms);
  REQUIRE(message);
  REQUIRE(message->descriptors.size() == 2);
  for (const UniqueFd& fd : message->descriptors) {
    CHECK((::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
    std::array<char, 7> text{};
    CHECK(::pread(fd.get(), text.data(), text.size(), 0) == 7);
    CHECK(std::string_view(text.data(), text.size()) == "content");
  }
}

TEST_CASE("the longest message with the most descriptors passes, one more of either is refused",
          "[os][channel]") {
  auto [a, b] = connected();
  const Bytes longest(kMessageBytesMax, std::byte{1});
  const std::vector<FdView> most(kMessageDescriptorsMax, FdView(STDIN_FILENO));
  REQUIRE(a.send(longest, 0ms, most));
  const auto message = b.receive(0ms);
  REQUIRE(message);
  CHECK(message->bytes == longest);
  CHECK(message->descriptors.size() == kMessageDescriptorsMax);

  const Bytes longer(kMessageBytesMax + 1, std::byte{1});
  const auto refused = a.send(longer, 0ms);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::exhausted);
  CHECK(refused.error().reason() == "message-too-long");
  const std::vector<FdView> more(kMessageDescriptorsMax + 1, FdView(STDIN_FILENO));
  CHECK(a.send(bytes_of("x"), 0ms, more).error().reason() == "message-too-long");
  CHECK(a.send({}, 0ms).error().reason() == "message-empty");
  CHECK(b.receive(0ms).error().reason() == "peer-slow");  // nothing of these was sent
}

TEST_CASE("a packet over the limit ends the link", "[os][channel]") {
  auto [a, b] = connected();
  REQUIRE(send_raw(a.view(), kMessageBytesMax + 1, 0) > 0);
  const auto cut = b.receive(0ms);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code() == ErrorCode::malformed);
  CHECK(cut.error().reason() == "message-truncated");
  CHECK(b.receive(0ms).error().reason() == "peer-gone");
  CHECK(a.send(bytes_of("x"), 0ms).error().reason() == "peer-gone");
}

TEST_CASE("a packet with too many descriptors ends the link and leaks none", "[os][channel]") {
  auto [a, b] = connected();
  const std::size_t before = open_descriptors();
  REQUIRE(send_raw(a.view(), 1, kMessageDescriptorsMax + 1) > 0);
  const auto cut = b.receive(0ms);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().reason() == "message-truncated");
  CHECK(open_descriptors() == before - 1);  // the link itself was closed
}

TEST_CASE("an empty packet, even with descriptors, ends the link and leaks none", "[os][channel]") {
  auto [a, b] = connected();
  const std::size_t before = open_descriptors();
  REQUIRE(send_raw(a.view(), 0, 2) == 0);
  CHECK(b.receive(0ms).error().reason() == "peer-gone");
  CHECK(open_descriptors() == before - 1);
}

TEST_CASE("a peer that closed is gone for both directions, after its last words", "[os][channel]") {
  auto [a, b] = connected();
  REQUIRE(a.send(bytes_of("never read"), 0ms));
  REQUIRE(b.send(bytes_of("last words"), 0ms));
  {
    const Channel closed = std::move(b);
  }
  const auto last = a.receive(0ms);  // also when the peer left our message unread
  REQUIRE(last);
  CHECK(text_of(last->bytes) == "last words");
  CHECK(a.receive(0ms).error().reason() == "peer-gone");
  CHECK(a.receive(1000ms).error().code() == ErrorCode::unavailable);
  CHECK(a.send(bytes_of("x"), 0ms).error().reason() == "peer-gone");
}

TEST_CASE("a silent peer is slow, and so is one that does not read", "[os][channel]") {
  auto [a, b] = connected();
  const auto silent = a.receive(1ms);
  REQUIRE_FALSE(silent);
  CHECK(silent.error().code() == ErrorCode::unavailable);
  CHECK(silent.error().reason() == "peer-slow");

  const Bytes big(kMessageBytesMax, std::byte{1});
  constexpr int kMessagesMax = 10'000;
  int sent = 0;
  Done last;
  while (sent < kMessagesMax && (last = a.send(big, 1ms))) ++sent;
  REQUIRE_FALSE(last);
  CHECK(last.error().reason() == "peer-slow");
  for (int i = 0; i < sent; ++i) REQUIRE(b.receive(0ms));  // what was taken arrives whole
  CHECK(a.send(big, 0ms));
}

TEST_CASE("a listener serves its path with exactly its mode and knows its peers", "[os][channel]") {
  const ScratchFolder scratch;
  const std::string path = scratch / "socket";
  const mode_t umask_before = ::umask(0077);
  auto listener = Listener::bind(path, 0660);
  ::umask(umask_before);
  REQUIRE(listener);
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0660);

  const auto none = listener->accept();
  REQUIRE(none);
  CHECK_FALSE(none->has_value());

  auto client = Channel::connect(path);
  REQUIRE(client);
  auto server = listener->accept();
  REQUIRE(server);
  REQUIRE(server->has_value());
  const auto peer = (*server)->peer();
  REQUIRE(peer);
  CHECK(peer->pid == ::getpid());
  CHECK(peer->uid == ::getuid());
  REQUIRE(client->send(Bytes(kMessageBytesMax, std::byte{3}), 0ms));
  const auto message = (*server)->receive(0ms);
  REQUIRE(message);
  CHECK(message->bytes.size() == kMessageBytesMax);
}

TEST_CASE("bind replaces a dead socket, never a living one or another file", "[os][channel]") {
  const ScratchFolder scratch;
  const std::string path = scratch / "socket";
  {
    REQUIRE(Listener::bind(path));
  }
  REQUIRE(std::filesystem::exists(path));  // left behind, nobody listens
  const auto absent = Channel::connect(path);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().reason() == "peer-absent");

  const auto second = Listener::bind(path);
  REQUIRE(second);
  const auto third = Listener::bind(path);
  REQUIRE_FALSE(third);
  CHECK(third.error().reason() == "socket-in-use");
  CHECK(Channel::connect(path));

  test::write_text(scratch / "file", "kept");
  CHECK_FALSE(Listener::bind(scratch / "file"));
  CHECK(test::read_text(scratch / "file") == "kept");
  CHECK(Listener::bind(scratch / std::string(200, 'x')).error().reason() == "socket-path-invalid");
}

TEST_CASE("connecting to a path that is not there is an absent peer", "[os][channel]") {
  const ScratchFolder scratch;
  const auto absent = Channel::connect(scratch / "nobody");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code() == ErrorCode::unavailable);
  CHECK(absent.error().reason() == "peer-absent");
}
