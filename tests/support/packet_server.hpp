#pragma once
// PacketServer: the other end of a local socket, for test doubles of the line's servers. It sends
// whatever its answer says, also what no channel would send.

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/limits.hpp"
#include "os/channel.hpp"
#include "os/process.hpp"

namespace hangu::test {

/// One packet: bytes of any length, and descriptors.
struct Frame {
  Bytes bytes;
  std::vector<os::UniqueFd> files{};
};

/// Answers the packets of every connection, one after the other, on a thread of its own.
class PacketServer {
 public:
  /// Nothing: the packet is never answered. An empty frame: the link is closed.
  using Answer = std::function<std::optional<Frame>(const os::Message& request)>;

  PacketServer(const std::string& path, Answer answer)
      : answer_(std::move(answer)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    auto bound = os::Listener::bind(path);
    if (!bound) throw std::runtime_error(bound.error().message());
    listener_.emplace(*std::move(bound));
    thread_ = std::thread([this] { serve(); });
  }
  ~PacketServer() {
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
    thread_.join();
  }
  PacketServer(const PacketServer&) = delete;
  PacketServer& operator=(const PacketServer&) = delete;

 private:
  void serve() {
    std::vector<os::Channel> peers;
    while (true) {  // ends: by `stop_`
      std::vector<os::FdView> watched{stop_.view(), listener_->view()};
      for (const os::Channel& peer : peers) watched.push_back(peer.view());
      const auto ready = os::wait_readable(watched, std::chrono::seconds(1));
      if (!ready) return;
      const auto is_ready = [&](std::size_t i) {
        return std::find(ready->begin(), ready->end(), i) != ready->end();
      };
      if (is_ready(0)) return;
      std::vector<os::Channel> staying;
      for (std::size_t i = 0; i < peers.size(); ++i)
        if (!is_ready(i + 2) || serve_one(peers[i])) staying.push_back(std::move(peers[i]));
      peers = std::move(staying);
      if (!is_ready(1)) continue;
      if (auto accepted = listener_->accept(); accepted && *accepted)
        peers.push_back(**std::move(accepted));
    }
  }

  bool serve_one(os::Channel& peer) {
    const auto message = peer.receive(std::chrono::milliseconds(0));
    if (!message) return false;
    const std::optional<Frame> frame = answer_(*message);
    if (!frame) return true;
    if (frame->bytes.empty()) return false;
    if (frame->bytes.size() > kMessageBytesMax)
      return ::send(peer.view().get(), frame->bytes.data(), frame->bytes.size(), MSG_NOSIGNAL) > 0;
    std::vector<os::FdView> files;
    for (const os::UniqueFd& file : frame->files) files.push_back(file.view());
    return peer.send(frame->bytes, std::chrono::seconds(5), files).has_value();
  }

  Answer answer_;
  os::UniqueFd stop_;
  std::optional<os::Listener> listener_;
  std::thread thread_;
};

}  // namespace hangu::test
