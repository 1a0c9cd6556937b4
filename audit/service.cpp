#include "audit/service.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <deque>

#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/failure.hpp"
#include "os/file.hpp"

namespace hangu::audit {
namespace {

constexpr std::chrono::milliseconds kNow{0};
constexpr std::chrono::milliseconds kBusyPause{10};      ///< between looks at a running round
constexpr std::chrono::milliseconds kAcceptPause{1000};  ///< after a failed accept
constexpr std::uint64_t kToldRefusalsMax = 100;  ///< between two heartbeats, in the operations log
constexpr std::uint64_t kDescriptorsMax = 4096;  ///< each program's connections, and files
constexpr std::size_t kRepliesWaitingMax = 2 * kRequestsPerTurn;
/// What an entry adds to its base64 body, at most, for counting a batch.
constexpr std::size_t kEntryFrameBytes = 2048;

std::size_t entry_bytes_of(const AppendRequest& request) {
  return request.body.size() + request.body.size() / 3 + kEntryFrameBytes;
}

RequestId id_of(const Request& request) {
  return std::visit([](const auto& q) { return q.id; }, request);
}

FailureReply failure(const RequestId& id, const Error& error) {
  return {.id = id,
          .code = error.code(),
          .reason = std::string(error.reason()),
          .context = error.context()};
}

}  // namespace

os::Profile service_profile(const BoxPaths& paths) {
  os::Profile profile;
  profile.name = "audit";
  for (const std::string* path : {&paths.folder, &paths.epoch_keys, &paths.counter, &paths.orders})
    if (!path->empty()) profile.paths.push_back({.path = *path, .use = os::PathUse::read_write});
  profile.accepts = true;
  profile.unix_sockets = false;
  profile.threads = true;
  profile.descriptors_max = kDescriptorsMax;
  return profile;
}

/// One client. Its replies wait here while its socket is full; until they are gone nothing more
/// is read from it.
struct Service::Connection {
  os::Channel channel;
  Caller caller;
  std::deque<Bytes> replies;
  short ready = 0;  ///< what poll() said
  bool gone = false;
};

/// What one turn of the loop collects for one batch.
struct Service::Turn {
  std::vector<Submission> batch;
  std::vector<Connection*> senders;
  std::size_t bytes = 0;

  [[nodiscard]] bool full() const {
    return batch.size() + kOwnEntriesPerBatchMax >= kBatchEntriesMax || bytes >= kBatchBytesMax;
  }
};

Service::Service(OpenedWriter opened, ServicePlan plan)
    : writer_(std::move(opened.writer)),
      publishing_(std::move(opened.publisher)),
      plan_(std::move(plan)),
      publish_at_(os::monotonic_now()),
      heartbeat_at_(publish_at_ + plan_.heartbeat_every),
      epoch_at_(publish_at_ + plan_.epoch_every),
      disk_(writer_.log().disk_reserve()) {}

Service::~Service() = default;

Done Service::run() {
  watch_disk();
  look_at_orders();
  while (true) {  // ends: by the stop descriptor
    HANGU_TRY(bool stopped, wait(patience()));
    Turn turn;
    read_all(turn);
    // Who got the last batch's replies is about to ask again: as long as a look finds more, it
    // belongs to this batch. Without it half of the writers would always wait for the other half.
    for (std::size_t before = 0; turn.batch.size() > before && !turn.full() && !stopped;) {
      before = turn.batch.size();
      HANGU_TRY(stopped, wait(kNow));
      read_all(turn);
    }
    HANGU_CHECK(commit(turn));
    std::erase_if(connections_, [](const auto& connection) { return connection->gone; });
    HANGU_CHECK(keep_time());
    if (stopped) return finish();
  }
}

void Service::read_all(Turn& turn) {
  const std::size_t count = connections_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Connection& connection = *connections_[(first_to_read_ + i) % count];
    if (connection.ready != 0) flush(connection);
    if ((connection.ready & (POLLIN | POLLHUP | POLLERR)) != 0) read_from(connection, turn);
  }
  ++first_to_read_;
}

/// Waits for anything to do and accepts who is new; true when the service shall end.
Result<bool> Service::wait(std::chrono::milliseconds longest) {
  std::vector<pollfd> polled{{.fd = plan_.stop.get(), .events = POLLIN, .revents = 0}};
  const bool accepting = os::monotonic_now() >= accept_at_;
  for (const auto& [program, listener] : plan_.listeners) {
    const short events = accepting && has_room(program) ? POLLIN : 0;
    polled.push_back({.fd = listener.view().get(), .events = events, .revents = 0});
  }
  for (const auto& connection : connections_) {
    const short events = connection->replies.empty() ? POLLIN : POLLOUT;
    polled.push_back({.fd = connection->channel.view().get(), .events = events, .revents = 0});
  }
  const int ready =
      ::poll(polled.data(), static_cast<nfds_t>(polled.size()), static_cast<int>(longest.count()));
  if (ready < 0 && errno != EINTR) return os::os_failure(errno, "poll-failed", {});
  if (ready <= 0) {
    for (const auto& connection : connections_) connection->ready = 0;
    return false;
  }
  std::size_t at = 1 + plan_.listeners.size();
  for (const auto& connection : connections_) connection->ready = polled[at++].revents;
  at = 1;
  for (auto& [program, listener] : plan_.listeners) {
    if ((polled[at++].revents & POLLIN) != 0) accept_from(program, listener);
  }
  return polled[0].revents != 0;
}

std::chrono::milliseconds Service::patience() const {
  const bool unpublished = writer_.log().published_size() < writer_.log().head().size;
  auto until = std::min(heartbeat_at_, epoch_at_);
  if (unpublished) until = std::min(until, publish_at_);
  if (plan_.pruner && plan_.pruner->ready(writer_)) return kNow;
  const auto least = publishing_.busy() ? kBusyPause : kNow;
  return std::clamp(until - os::monotonic_now(), least, std::max(least, plan_.publish_every));
}

bool Service::has_room(const std::string& program) const {
  return std::ranges::count_if(connections_, [&](const auto& connection) {
           return connection->caller.program == program;
         }) < static_cast<std::ptrdiff_t>(kConnectionsPerProgramMax);
}

void Service::accept_from(const std::string& program, os::Listener& listener) {
  while (has_room(program)) {  // ends: at the limit at the latest
    Result<std::optional<os::Channel>> accepted = listener.accept();
    if (!accepted) {
      plan_.tell("HANGU-AUDIT-0004 cannot accept from " + program + ": " +
                 accepted.error().message());
      accept_at_ = os::monotonic_now() + kAcceptPause;  // it would be ready again at once
      return;
    }
    if (!*accepted) return;
    const Result<os::Peer> peer = (*accepted)->peer();
    if (!peer) continue;
    auto connection = std::make_unique<Connection>(
        Connection{.channel = **std::move(accepted),
                   .caller = {.program = program,
                              .uid = peer->uid,
                              .pid = static_cast<std::uint32_t>(peer->pid)},
                   .replies = {}});
    connection->ready = POLLIN;  // it may have written already
    connections_.push_back(std::move(connection));
  }
}

void Service::read_from(Connection& connection, Turn& turn) {
  for (std::size_t i = 0; i < kRequestsPerTurn && !connection.gone && !turn.full(); ++i) {
    if (connection.replies.size() >= kRepliesWaitingMax) return;
    Result<os::Message> message = connection.channel.receive(kNow);
    if (!message) {
      if (message.error().reason() != "peer-slow") connection.gone = true;
      return;
    }
    Result<Request> request = parse_request(message->bytes);
    if (!request || !message->descriptors.empty()) {
      plan_.tell("HANGU-AUDIT-0005 malformed request from " + connection.caller.program);
      connection.gone = true;
      return;
    }
    if (auto* append = std::get_if<AppendRequest>(&*request)) {
      turn.bytes += entry_bytes_of(*append);
      turn.batch.push_back({.request = std::move(*append), .caller = connection.caller});
      turn.senders.push_back(&connection);
    } else {
      answer(connection, *request);
    }
  }
}

/// Answers what needs no commit.
void Service::answer(Connection& connection, const Request& request) {
  if (const auto* checkpoint = std::get_if<CheckpointRequest>(&request)) {
    send(connection, this->checkpoint(checkpoint->id));
  } else if (const auto* prove = std::get_if<ProveRequest>(&request)) {
    Result<ProveReply> reply = writer_.prove(*prove);
    if (!reply) return fail_request(connection, request, reply.error());
    send(connection, *std::move(reply));
  } else if (const auto* find = std::get_if<FindRequest>(&request)) {
    Result<FindReply> reply = writer_.find(*find);
    if (!reply) return fail_request(connection, request, reply.error());
    send(connection, *std::move(reply));
  } else if (const auto* holder = std::get_if<HolderRequest>(&request)) {
    Result<FindReply> reply = writer_.holder(*holder);
    if (!reply) return fail_request(connection, request, reply.error());
    send(connection, *std::move(reply));
  } else if (const auto* cosigned = std::get_if<CosignedRequest>(&request)) {
    Result<CheckpointReply> reply = take_cosigned(*cosigned, connection.caller);
    if (!reply) return fail_request(connection, request, reply.error());
    send(connection, *std::move(reply));
  }
}

void Service::fail_request(Connection& connection, const Request& request, const Error& error) {
  if (error.code() == ErrorCode::corrupt) {
    plan_.tell("HANGU-AUDIT-0007 stored bytes are damaged: " + error.message());
  }
  send(connection, failure(id_of(request), error));
}

Done Service::commit(Turn& turn) {
  if (turn.batch.empty()) return {};
  HANGU_TRY(std::vector<AppendReply> replies, writer_.append(turn.batch));
  ++commits_;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].outcome == AppendOutcome::appended) {
      ++appended_;
      ++types_[turn.batch[i].request.type];
    } else if (replies[i].outcome == AppendOutcome::refused && ++refused_ <= kToldRefusalsMax) {
      plan_.tell("HANGU-AUDIT-0006 refused " + printable(turn.batch[i].request.type) + " from " +
                 turn.batch[i].caller.program + ": " + replies[i].reason);
    }
    send(*turn.senders[i], std::move(replies[i]));
  }
  return {};
}

void Service::send(Connection& connection, const Reply& reply) {
  if (connection.gone) return;
  connection.replies.push_back(to_bytes(reply));
  flush(connection);
}

void Service::flush(Connection& connection) {
  while (!connection.gone && !connection.replies.empty()) {  // ends: each turn takes one away
    const Done sent = connection.channel.send(connection.replies.front(), kNow);
    if (!sent && sent.error().reason() == "peer-slow") return;
    if (!sent) connection.gone = true;
    connection.replies.pop_front();
  }
}

/// Publishing, the end of an epoch and the heartbeat, when it is time.
Done Service::keep_time() {
  if (auto result = publishing_.take()) HANGU_CHECK(take_published(*std::move(result)));
  const auto now = os::monotonic_now();
  const std::uint64_t size = writer_.log().head().size;
  if (!publishing_.busy() && now >= publish_at_ && writer_.log().published_size() < size) {
    publishing_.ask(size);
    publish_at_ = now + plan_.publish_every;
  }
  if (now >= epoch_at_) {
    epoch_at_ = now + plan_.epoch_every;
    HANGU_CHECK(writer_.close_epoch());
  }
  prune_on();
  HANGU_CHECK(complain_of_age());
  if (now < heartbeat_at_) return {};
  heartbeat_at_ = now + plan_.heartbeat_every;
  watch_disk();
  HANGU_CHECK(beat());
  look_at_orders();
  return {};
}

Done Service::beat() {
  wire::JsonArray types;
  for (const auto& [type, count] : types_)
    types.emplace_back(wire::JsonObject{{"type", type}, {"count", count}});
  wire::JsonObject event{{"size", writer_.log().head().size},
                         {"published", writer_.log().published_size()},
                         {"appended", appended_},
                         {"refused", refused_},
                         {"commits", commits_},
                         {"lost", 0},
                         {"types", std::move(types)}};
  if (const auto free = writer_.log().free_bytes()) event.emplace_back("diskFree", *free);
  if (plan_.witnessing) event.emplace_back("witnessed", witnessed_event(witnessed()));
  HANGU_CHECK(writer_.note_event("heartbeat", std::move(event)));
  appended_ = refused_ = commits_ = 0;
  types_.clear();
  return {};
}

void Service::watch_disk() {
  const auto free = writer_.log().free_bytes();
  if (!free) return;  // append() will say so
  if (const std::string line = disk_.see(*free); !line.empty()) plan_.tell(line);
}

/// Takes up what auditors have ordered. A release is carried out when the log is opened, or never.
void Service::look_at_orders() {
  if (!plan_.orders || !plan_.pruner) return;
  const Result<WallTime> now = writer_.now();
  if (!now) return;
  const auto standing_of = [this](std::string_view envelope) {
    return plan_.pruner->standing_of(envelope, writer_);
  };
  for (const GivenOrder& order : plan_.orders->read(*now, standing_of)) {
    const bool prune = std::holds_alternative<PruneOrder>(order.signed_order.order.act);
    const Done taken =
        prune ? plan_.pruner->take(order, writer_, *now, witnessed())
              : Done(fail(ErrorCode::forbidden, "release-needless", "the log is open without it"));
    if (!taken) plan_.orders->tell_once(order, taken.error());
  }
}

/// A piece of the pruning that is under way. Its failure is told and ends it, not the log.
void Service::prune_on() {
  if (!plan_.pruner) return;
  if (const Done done = plan_.pruner->step(writer_); !done) {
    plan_.tell("HANGU-AUDIT-0010 pruning stopped: " + done.error().message());
    plan_.pruner.reset();
  }
}

Done Service::take_published(Result<TreeHead> result) {
  if (!result) return std::unexpected(result.error().within("publishing"));
  writer_.published(result->size);
  return {};
}

Done Service::finish() {
  if (publishing_.busy()) HANGU_CHECK(take_published(publishing_.wait()));
  if (auto result = publishing_.take()) HANGU_CHECK(take_published(*std::move(result)));
  HANGU_CHECK(writer_.note_event(
      "stop",
      {{"size", writer_.log().head().size}, {"appended", appended_}, {"refused", refused_}}));
  if (writer_.log().published_size() == writer_.log().head().size) return {};
  publishing_.ask(writer_.log().head().size);
  return take_published(publishing_.wait());
}

}  // namespace hangu::audit
