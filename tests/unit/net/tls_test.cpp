// TlsSession over a socket that takes little at a time.
#include "net/tls.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include <catch2/catch.hpp>

#include "loopback.hpp"

using namespace hangu;
using namespace hangu::net;

namespace {

/// A server's and a client's session over two ends of a socket with small buffers, shaken hands.
struct TwoEnds {
  os::UniqueFd server_socket;
  os::UniqueFd client_socket;
  TlsContext server_context;
  TlsContext client_context;
  TlsSession server;
  TlsSession client;

  static TwoEnds make() {
    std::array<int, 2> ends{-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    os::UniqueFd first(ends[0]);
    os::UniqueFd second(ends[1]);
    const int little = 4096;
    for (const int end : ends) {
      REQUIRE(::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &little, sizeof little) == 0);
    }
    const test::Pki& pki = test::Pki::shared();
    TlsContext server_context = *TlsContext::for_server(pki.credentials("server"));
    TlsContext client_context = *TlsContext::for_client(pki.credentials("alice"));
    TlsSession server = *TlsSession::accept(server_context, first.view());
    TlsSession client = *TlsSession::connect(client_context, second.view(), "localhost");
    bool shaken = false;
    for (int i = 0; i < 1000 && !shaken; ++i) {
      const TlsState ours = client.handshake().state;
      const TlsState theirs = server.handshake().state;
      REQUIRE(ours != TlsState::failed);
      REQUIRE(theirs != TlsState::failed);
      shaken = ours == TlsState::done && theirs == TlsState::done;
    }
    REQUIRE(shaken);
    return {std::move(first),          std::move(second), std::move(server_context),
            std::move(client_context), std::move(server), std::move(client)};
  }
};

Bytes sample(std::size_t bytes) {
  Bytes out(bytes);
  std::uint32_t state = 7;
  for (std::byte& b : out) {
    state = state * 1'664'525 + 1'013'904'223;
    b = static_cast<std::byte>(state >> 24);
  }
  return out;
}

/// Reads what there is, to the end of what was written so far.
void read_there(TlsSession& from, Bytes& got) {
  std::array<std::byte, 5000> piece;
  for (TlsStep step = from.read(piece); step.state == TlsState::done; step = from.read(piece)) {
    append(got, ByteView(piece).first(step.bytes));
  }
}

}  // namespace

TEST_CASE("bytes written to a peer who reads little at a time come whole and in order", "[net]") {
  TwoEnds ends = TwoEnds::make();
  for (const std::size_t bytes : {1UL, 16'384UL, 65'536UL, 65'537UL, 1'000'003UL}) {
    const Bytes sent = sample(bytes);
    ByteView rest(sent);
    Bytes got;
    int blocked = 0;
    while (!rest.empty()) {
      const TlsStep step = ends.client.write(rest);
      if (step.state == TlsState::done) {
        REQUIRE(step.bytes > 0);
        REQUIRE(step.bytes <= rest.size());
        rest = rest.subspan(step.bytes);
        continue;
      }
      REQUIRE(step.state == TlsState::want_write);
      ++blocked;
      REQUIRE(blocked < 100'000);
      read_there(ends.server, got);
    }
    read_there(ends.server, got);
    CHECK(got == sent);
    if (bytes > 16'384) CHECK(blocked > 0);
  }
}

TEST_CASE("bytes that were told to be written are with the peer when the session closes", "[net]") {
  TwoEnds ends = TwoEnds::make();
  const Bytes sent = sample(200'000);
  ByteView rest(sent);
  Bytes got;
  while (rest.size() > 100'000) {  // the last call may have sealed more than it told
    const TlsStep step = ends.client.write(rest);
    if (step.state == TlsState::done) rest = rest.subspan(step.bytes);
    read_there(ends.server, got);
  }
  CHECK(got.size() >= sent.size() - rest.size());
  ends.client.close();
  for (int i = 0; i < 100; ++i) read_there(ends.server, got);
  REQUIRE(got.size() <= sent.size());
  CHECK(equal(got, ByteView(sent).first(got.size())));
}

TEST_CASE("a peer who answers while bytes wait is heard, and the bytes stay in order", "[net]") {
  TwoEnds ends = TwoEnds::make();
  const Bytes sent = sample(300'000);
  ByteView rest(sent);
  TlsStep step = ends.client.write(rest);
  while (step.state == TlsState::done) {
    rest = rest.subspan(step.bytes);
    step = ends.client.write(rest);
  }
  REQUIRE(step.state == TlsState::want_write);
  REQUIRE(ends.server.write(bytes_of("enough?")).state == TlsState::done);
  Bytes heard;
  read_there(ends.client, heard);
  CHECK(text_of(heard) == "enough?");
  Bytes got;
  while (!rest.empty()) {
    step = ends.client.write(rest);
    REQUIRE(step.state != TlsState::failed);
    if (step.state == TlsState::done) rest = rest.subspan(step.bytes);
    read_there(ends.server, got);
  }
  CHECK(got == sent);
}

TEST_CASE("writing to a peer who is gone fails as a cut line", "[net]") {
  TwoEnds ends = TwoEnds::make();
  ends.server_socket.reset();
  const Bytes sent = sample(100'000);
  const TlsStep step = ends.client.write(sent);
  REQUIRE(step.state == TlsState::failed);
  CHECK(ends.client.failure().reason() == "network-cut");
}
