#include "ledger/server.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"

namespace hangu::ledger {
namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::chrono::milliseconds kSendPatience{200};
constexpr std::uint64_t kDescriptorsMax = 4096;  ///< connections and outputs in the making
constexpr std::uint64_t kNobody = 0;             ///< ticket of jobs that have no caller

}  // namespace

os::Profile server_profile(const std::string& folder, const std::string& audit_socket) {
  os::Profile profile;
  profile.name = "custodian";
  profile.paths = {{.path = folder, .use = os::PathUse::read_write},
                   {.path = audit_socket, .use = os::PathUse::connect}};
  profile.accepts = true;
  profile.threads = true;
  profile.descriptors_max = kDescriptorsMax;
  return profile;
}

Result<std::unique_ptr<Server>> Server::create(Custodian& custodian, Ledger& ledger,
                                               std::vector<Door> doors) {
  if (doors.size() > kDoorsMax) return fail(ErrorCode::exhausted, "doors-too-many");
  HANGU_TRY(auto pool, JobPool::start());
  return std::unique_ptr<Server>(new Server(custodian, ledger, std::move(doors), std::move(pool)));
}

Done Server::run(os::FdView stop) {
  while (true) {  // ends: when told to stop
    HANGU_TRY(const bool go_on, turn(stop));
    if (!go_on) return {};
  }
}

std::chrono::milliseconds Server::patience() const {
  const auto now = os::monotonic_now();
  auto until = next_tick_;
  for (const auto& [id, connection] : connections_) {
    if (connection.parked) until = std::min(until, connection.parked->until);
  }
  return std::max(until - now, kAtOnce);
}

Result<bool> Server::turn(os::FdView stop) {
  std::vector<os::FdView> watched{stop, pool_->wake()};
  for (const auto& door : doors_) watched.push_back(door.listener.view());
  std::vector<std::uint64_t> ids;
  for (const auto& [id, connection] : connections_) {
    ids.push_back(id);
    watched.push_back(connection.channel.view());
  }
  HANGU_TRY(const auto readable, os::wait_readable(watched, patience()));

  Turn turn;
  for (const std::size_t i : readable) {
    if (i == 0) return false;
    if (i == 1) {
      for (auto& job : pool_->take_finished()) HANGU_CHECK(finish(turn, std::move(job)));
    } else if (i < 2 + doors_.size()) {
      let_in(i - 2);
    } else {
      HANGU_CHECK(take(turn, ids[i - 2 - doors_.size()]));
    }
  }
  const bool tick_due = os::monotonic_now() >= next_tick_;
  if (tick_due) HANGU_CHECK(tick(turn));
  HANGU_CHECK(retry_parked(turn));
  for (auto& job : custodian_.take_jobs()) turn.jobs.emplace_back(kNobody, std::move(job));
  HANGU_CHECK(close(std::move(turn)));
  return true;
}

void Server::let_in(std::size_t door) {
  for (std::size_t i = 0; i < kConnectionsOfDoorMax; ++i) {
    auto accepted = doors_[door].listener.accept();
    if (!accepted || !*accepted) return;
    os::Channel channel = *std::move(*accepted);
    const auto count = std::ranges::count_if(
        connections_, [&](const auto& connection) { return connection.second.door == door; });
    const auto peer = channel.peer();
    const bool right_uid =
        peer.has_value() && (!doors_[door].uid || peer->uid == *doors_[door].uid);
    if (!right_uid || std::cmp_greater_equal(count, kConnectionsOfDoorMax)) {
      ++counts_.turned_away;
      continue;
    }
    connections_.emplace(++last_connection_,
                         Connection{.channel = std::move(channel), .door = door});
  }
}

Done Server::open(Turn& turn) {
  if (turn.open) return {};
  HANGU_CHECK(ledger_.begin());
  turn.open = true;
  return {};
}

Done Server::take(Turn& turn, std::uint64_t id) {
  for (std::size_t i = 0; i < kPiecesAheadMax; ++i) {
    HANGU_TRY(const bool more, take_one(turn, id, i == 0));
    if (!more) return {};
  }
  return {};
}

Result<bool> Server::take_one(Turn& turn, std::uint64_t id, bool first) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return false;
  Connection& connection = found->second;
  // Who waits for an answer says nothing: this is a hang-up, or a peer that breaks the protocol.
  if (connection.busy) {
    if (first) connections_.erase(found);
    return false;
  }
  auto message = connection.channel.receive(kAtOnce);
  if (!message) {
    const bool silent = !first && message.error().reason() == "peer-slow";
    if (!silent) connections_.erase(found);
    return false;
  }
  ++counts_.requests;
  auto request = parse_request(message->bytes);
  if (request && !message->descriptors.empty()) {
    request = fail(ErrorCode::malformed, "message-descriptors");
  }
  if (!request) {
    ++counts_.turned_away;
    turn.sendings.push_back(
        {.connection = id, .outgoing = {.reply = to_refused(request.error())}, .last = true});
    return false;
  }
  HANGU_CHECK(answer(turn, id, doors_[connection.door].caller, *std::move(request)));
  return true;
}

Done Server::answer(Turn& turn, std::uint64_t id, const Caller& caller, Request request) {
  Connection& connection = connections_.at(id);
  HANGU_CHECK(open(turn));
  HANGU_CHECK(ledger_.mark());
  const auto* const asked = std::get_if<Claim>(&request);
  const std::optional<Claim> claim = asked ? std::optional(*asked) : std::nullopt;
  auto answered = custodian_.answer(caller, std::move(request));
  if (!answered) {
    HANGU_CHECK(ledger_.undo());
    ++counts_.refused;
    connection.busy = false;
    connection.parked.reset();
    turn.sendings.push_back(
        {.connection = id, .outgoing = {.reply = to_refused(answered.error())}});
    return {};
  }
  HANGU_CHECK(ledger_.keep());
  if (auto* const outgoing = std::get_if<Outgoing>(&*answered)) {
    connection.busy = false;
    connection.parked.reset();
    turn.sendings.push_back({.connection = id, .outgoing = std::move(*outgoing)});
  } else if (auto* const later = std::get_if<Later>(&*answered)) {
    connection.busy = true;
    turn.jobs.emplace_back(id, std::move(*later));
  } else {
    HANGU_ASSERT(claim.has_value());  // nothing else is parked
    const auto now = os::monotonic_now();
    if (!connection.parked) {
      connection.parked = ParkedClaim{.claim = *claim, .until = now + claim->wait};
    }
    connection.busy = true;
    if (connection.parked->until <= now) {
      connection.busy = false;
      connection.parked.reset();
      turn.sendings.push_back({.connection = id, .outgoing = {.reply = ClaimedWork{}}});
    }
  }
  return {};
}

Done Server::finish(Turn& turn, FinishedJob job) {
  HANGU_CHECK(open(turn));
  HANGU_CHECK(ledger_.mark());
  auto outgoing = job.finish();
  if (outgoing) {
    HANGU_CHECK(ledger_.keep());
  } else {
    HANGU_CHECK(ledger_.undo());
    ++counts_.refused;
    outgoing = Outgoing{.reply = to_refused(outgoing.error())};
  }
  const auto found = connections_.find(job.ticket);
  if (found == connections_.end()) return {};  // its caller went, or it had none
  found->second.busy = false;
  turn.sendings.push_back({.connection = job.ticket, .outgoing = *std::move(outgoing)});
  return {};
}

Done Server::retry_parked(Turn& turn) {
  const auto now = os::monotonic_now();
  const bool all = custodian_.work_came();
  std::vector<std::uint64_t> parked;
  for (const auto& [id, connection] : connections_) {
    if (!connection.parked) continue;
    if (all || connection.parked->until <= now) parked.push_back(id);
  }
  for (const auto id : parked) {
    const Connection& connection = connections_.at(id);
    const Claim claim = connection.parked->claim;
    HANGU_CHECK(answer(turn, id, doors_[connection.door].caller, claim));
  }
  return {};
}

Done Server::tick(Turn& turn) {
  next_tick_ = os::monotonic_now() + kTick;
  HANGU_CHECK(open(turn));
  HANGU_CHECK(ledger_.mark());
  auto jobs = custodian_.tick();
  if (!jobs) return ledger_.undo();  // without a known time nothing falls due
  HANGU_CHECK(ledger_.keep());
  for (auto& job : *jobs) turn.jobs.emplace_back(kNobody, std::move(job));
  custodian_.look_again();  // claims may have expired
  return {};
}

Done Server::close(Turn turn) {
  if (turn.open) {
    HANGU_CHECK(ledger_.commit());
    ++counts_.transactions;
    custodian_.committed();
  }
  for (auto& sending : turn.sendings) {
    const auto found = connections_.find(sending.connection);
    if (found == connections_.end()) continue;
    std::vector<os::FdView> descriptors;
    descriptors.reserve(sending.outgoing.descriptors.size());
    for (const auto& fd : sending.outgoing.descriptors) descriptors.push_back(fd.view());
    const auto sent =
        found->second.channel.send(encode(sending.outgoing.reply), kSendPatience, descriptors);
    if (!sent || sending.last) connections_.erase(found);
  }
  for (auto& [ticket, later] : turn.jobs) {
    if (pool_->submit(std::move(later), ticket)) continue;
    const auto found = connections_.find(ticket);
    if (found != connections_.end()) connections_.erase(found);  // it will ask again
  }
  return {};
}

}  // namespace hangu::ledger
