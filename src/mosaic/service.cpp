#include "mosaic/service.hpp"

#include <algorithm>
#include <vector>

#include "os/process.hpp"

namespace hangu::mosaic {
namespace {

constexpr std::chrono::milliseconds kTick{60'000};
constexpr std::chrono::milliseconds kSendPatience{1000};

/// What a client is told of a failure, and goes on; any other ends the program, since nobody knows
/// what the file holds then.
bool goes_on(const Error& error) {
  return error.reason() != "mosaic-corrupt" && error.reason() != "mosaic-failed" &&
         error.reason() != "disk-full";
}

Result<Reply> answer(MosaicLedger& ledger, const Request& request) {
  if (const auto* const release = std::get_if<Release>(&request)) {
    HANGU_TRY(const Reserved reserved, ledger.reserve(*release));
    return reserved;
  }
  if (const auto* const commit = std::get_if<Commit>(&request)) {
    HANGU_CHECK(ledger.commit(commit->number));
    return Committed{};
  }
  HANGU_TRY(const std::uint64_t last, ledger.last());
  return Last{last};
}

/// False when the connection is over.
Result<bool> serve_one(MosaicLedger& ledger, os::Channel& channel) {
  const Result<os::Message> message = channel.receive(std::chrono::milliseconds(0));
  if (!message) return false;
  const Result<Request> request = parse_request(message->bytes);
  Result<Reply> reply =
      request ? answer(ledger, *request) : Result<Reply>(std::unexpected(request.error()));
  if (!reply) {
    if (!goes_on(reply.error())) return std::unexpected(reply.error());
    reply = Failed{std::string(reply.error().reason()), reply.error().context()};
  }
  return channel.send(encode(*reply), kSendPatience).has_value();
}

}  // namespace

os::Profile service_profile(const std::string& folder) {
  os::Profile profile;
  profile.name = "mosaic";
  profile.paths = {{.path = folder, .use = os::PathUse::read_write}};
  profile.unix_sockets = false;
  profile.accepts = true;
  return profile;
}

Done serve(MosaicLedger& ledger, os::Listener& listener, os::FdView stop) {
  std::vector<os::Channel> clients;
  while (true) {  // ends: when told to stop
    std::vector<os::FdView> watched{stop, listener.view()};
    for (const os::Channel& client : clients) watched.push_back(client.view());
    HANGU_TRY(const std::vector<std::size_t> ready, os::wait_readable(watched, kTick));
    std::vector<os::Channel> staying;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      bool stays = true;
      if (std::ranges::find(ready, i + 2) != ready.end()) {
        HANGU_TRY(stays, serve_one(ledger, clients[i]));
      }
      if (stays) staying.push_back(std::move(clients[i]));
    }
    clients = std::move(staying);
    for (const std::size_t i : ready) {
      if (i == 0) return {};
      if (i != 1) continue;
      auto accepted = listener.accept();
      if (!accepted || !*accepted) continue;
      if (clients.size() == kConnectionsMax) clients.erase(clients.begin());  // the oldest
      clients.push_back(**std::move(accepted));
    }
  }
}

}  // namespace hangu::mosaic
