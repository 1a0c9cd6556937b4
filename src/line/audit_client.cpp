#include "line/audit_client.hpp"

#include <algorithm>
#include <ranges>

#include "audit/limits.hpp"
#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"

namespace hangu::line {
namespace {

constexpr std::chrono::milliseconds kFirstPause{10};
constexpr std::chrono::milliseconds kLongestPause{250};

/// Of a request or a reply.
template <class Message>
audit::RequestId id_of(const Message& message) {
  return std::visit([](const auto& m) { return m.id; }, message);
}

std::unexpected<Error> invalid(const char* why) {
  return fail(ErrorCode::malformed, "audit-reply-invalid", why);
}

}  // namespace

Result<AuditClient> AuditClient::connect(std::string path, Entropy& entropy,
                                         std::chrono::milliseconds patience) {
  AuditClient client(std::move(path), entropy, patience);
  HANGU_CHECK(client.checkpoint());
  return client;
}

audit::RequestId AuditClient::new_request_id() { return audit::new_request_id(*entropy_); }

/// Tries until an answer comes or the patience is over; only a broken link is tried again.
Result<audit::Reply> AuditClient::ask(const audit::Request& request) {
  const auto until = os::monotonic_now() + patience_;
  std::chrono::milliseconds pause = kFirstPause;
  while (true) {  // ends: by `until` at the latest
    const auto left = std::max(until - os::monotonic_now(), std::chrono::milliseconds{1});
    Result<audit::Reply> reply = ask_once(request, left);
    if (reply || reply.error().code() != ErrorCode::unavailable) return reply;
    channel_.reset();
    if (os::monotonic_now() + pause >= until) {
      return fail(ErrorCode::unavailable, "audit-unavailable", reply.error().message());
    }
    // The log's program may be starting again. Waiting for no descriptor is a bounded pause.
    HANGU_CHECK(os::wait_readable({}, pause));
    pause = std::min(2 * pause, kLongestPause);
  }
}

Result<audit::Reply> AuditClient::ask_once(const audit::Request& request,
                                           std::chrono::milliseconds left) {
  if (!channel_) {
    HANGU_TRY(channel_, os::Channel::connect(path_));
  }
  HANGU_CHECK(channel_->send(audit::to_bytes(request), left));
  HANGU_TRY(const os::Message message, channel_->receive(left));
  Result<audit::Reply> reply = audit::parse_reply(message.bytes);
  if (!reply || id_of(*reply) != id_of(request)) {
    channel_.reset();
    return invalid(reply ? "another request's" : "unreadable");
  }
  return reply;
}

template <class T>
Result<T> AuditClient::ask_for(const audit::Request& request) {
  HANGU_TRY(audit::Reply reply, ask(request));
  if (const auto* failure = std::get_if<audit::FailureReply>(&reply)) {
    return fail(failure->code, "audit-failed",
                printable(failure->reason) +
                    (failure->context.empty() ? "" : ": " + printable(failure->context)));
  }
  auto* answer = std::get_if<T>(&reply);
  if (answer == nullptr) return invalid("of another kind");
  return std::move(*answer);
}

Result<audit::AppendReply> AuditClient::append(const audit::AppendRequest& request) {
  HANGU_TRY(audit::AppendReply reply, ask_for<audit::AppendReply>(request));
  if (reply.outcome != audit::AppendOutcome::refused) return reply;
  const bool passes = std::ranges::count(audit::kPassingRefusals, reply.reason) != 0;
  if (passes) return fail(ErrorCode::unavailable, "audit-unavailable", printable(reply.reason));
  return fail(ErrorCode::internal, "audit-refused", printable(reply.reason));
}

Result<audit::CheckpointReply> AuditClient::checkpoint() {
  return ask_for<audit::CheckpointReply>(audit::CheckpointRequest{.id = new_request_id()});
}

Result<audit::CheckpointReply> AuditClient::cosigned(std::string note) {
  return ask_for<audit::CheckpointReply>(
      audit::CosignedRequest{.id = new_request_id(), .note = std::move(note)});
}

Result<audit::ProveReply> AuditClient::prove(std::uint64_t index, std::uint64_t size) {
  return ask_for<audit::ProveReply>(
      audit::ProveRequest{.id = new_request_id(), .index = index, .size = size});
}

Result<std::vector<std::uint64_t>> AuditClient::find(const TransferId& transfer) {
  std::vector<std::uint64_t> newest_first;
  while (newest_first.size() <= kEntriesOfTransferMax) {
    const auto before = newest_first.empty() ? audit::kNewest : newest_first.back();
    HANGU_TRY(const audit::FindReply page,
              ask_for<audit::FindReply>(audit::FindRequest{
                  .id = new_request_id(), .transfer = transfer, .before = before}));
    for (const std::uint64_t index : std::views::reverse(page.indices)) {
      if (!newest_first.empty() && index >= newest_first.back()) return invalid("out of order");
      newest_first.push_back(index);
    }
    if (page.indices.size() < audit::kFoundMax) {
      std::ranges::reverse(newest_first);
      return newest_first;
    }
  }
  return fail(ErrorCode::exhausted, "audit-entries-too-many", transfer.text());
}

Result<std::optional<std::uint64_t>> AuditClient::holder(std::string key) {
  const audit::HolderRequest request{.id = new_request_id(), .key = std::move(key)};
  HANGU_TRY(const audit::FindReply reply, ask_for<audit::FindReply>(request));
  if (reply.indices.size() > 1) return invalid("a key has one holder");
  return reply.indices.empty() ? std::nullopt : std::optional(reply.indices.front());
}

}  // namespace hangu::line
