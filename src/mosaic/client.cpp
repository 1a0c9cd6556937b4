#include "mosaic/client.hpp"

#include <array>
#include <string_view>

namespace hangu::mosaic {
namespace {

/// What the ledger says of a release, and would say again.
constexpr std::array<std::string_view, 4> kLasting{"mosaic-limit", "footprint-invalid",
                                                   "footprint-limit", "geometry-failed"};

std::unexpected<Error> unavailable(const std::string& what) {
  return fail(ErrorCode::unavailable, "mosaic-unavailable", what);
}

}  // namespace

Result<Reply> Client::exchange(const Request& request) {
  if (!channel_) {
    HANGU_TRY(channel_, os::Channel::connect(path_));
  }
  HANGU_CHECK(channel_->send(encode(request), kPatience));
  HANGU_TRY(const os::Message message, channel_->receive(kPatience));
  return parse_reply(message.bytes);
}

Result<Reply> Client::ask(const Request& request) {
  Result<Reply> reply = exchange(request);
  if (!reply) {
    channel_.reset();
    return unavailable(reply.error().message());
  }
  const auto* const failed = std::get_if<Failed>(&*reply);
  if (failed == nullptr) return reply;
  for (const std::string_view reason : kLasting)
    if (failed->reason == reason) return fail(ErrorCode::exhausted, reason, failed->context);
  return unavailable(failed->reason + " " + failed->context);
}

Result<std::uint64_t> Client::last() {
  HANGU_TRY(const Reply reply, ask(AskLast{}));
  const auto* const last = std::get_if<Last>(&reply);
  if (last == nullptr) return unavailable("another answer");
  return last->number;
}

Result<Reserved> Client::reserve(const Release& release) {
  HANGU_TRY(const Reply reply, ask(release));
  const auto* const reserved = std::get_if<Reserved>(&reply);
  if (reserved == nullptr) return unavailable("another answer");
  return *reserved;
}

Done Client::commit(std::uint64_t number) {
  HANGU_TRY(const Reply reply, ask(Commit{number}));
  if (!std::holds_alternative<Committed>(reply)) return unavailable("another answer");
  return {};
}

}  // namespace hangu::mosaic
