#include "mosaic/messages.hpp"

#include "mosaic/limits.hpp"
#include "wire/codec.hpp"

namespace hangu::mosaic {
namespace {

constexpr std::size_t kTransferBytes = 32;
constexpr std::size_t kReasonBytesMax = 64;
constexpr std::size_t kContextBytesMax = 400;

enum class Act : std::uint8_t { last, release, commit };
enum class Answer : std::uint8_t { last, reserved, committed, failed };

void write(wire::Writer& to, const Release& release) {
  to.text(release.transfer.text()).u64(release.limit_km2).count(release.accounts.size());
  for (const Account& account : release.accounts) to.text(account.receiver).text(account.family);
  to.count(release.footprint.rings().size());
  for (const Ring& ring : release.footprint.rings()) {
    to.count(ring.size());
    for (const Point& point : ring) to.f64(point.east).f64(point.north);
  }
}

Result<Request> read_release(wire::Reader& from) {
  const std::string transfer(from.text(kTransferBytes));
  const std::uint64_t limit = from.u64();
  std::set<Account> accounts;
  for (std::size_t left = from.count(kAccountsMax); left > 0 && !from.failed(); --left) {
    std::string receiver(from.text(kNameBytesMax));
    std::string family(from.text(kNameBytesMax));
    accounts.insert({std::move(receiver), std::move(family)});
  }
  std::vector<Ring> rings(from.count(kPolygonsMax));
  for (Ring& ring : rings) {
    for (std::size_t left = from.count(kPointsMax); left > 0 && !from.failed(); --left) {
      const double east = from.f64();
      ring.push_back({east, from.f64()});
    }
  }
  HANGU_CHECK(from.finish());
  HANGU_TRY(auto id, TransferId::create(transfer));
  HANGU_TRY(auto footprint, Footprint::create(std::move(rings)));
  return Release{std::move(id), std::move(accounts), std::move(footprint), limit};
}

}  // namespace

Bytes encode(const Request& request) {
  wire::Writer to;
  if (const auto* const release = std::get_if<Release>(&request)) {
    to.enumerated(Act::release);
    write(to, *release);
  } else if (const auto* const commit = std::get_if<Commit>(&request)) {
    to.enumerated(Act::commit).u64(commit->number);
  } else {
    to.enumerated(Act::last);
  }
  return std::move(to).take();
}

Bytes encode(const Reply& reply) {
  wire::Writer to;
  if (const auto* const last = std::get_if<Last>(&reply)) {
    to.enumerated(Answer::last).u64(last->number);
  } else if (const auto* const reserved = std::get_if<Reserved>(&reply)) {
    to.enumerated(Answer::reserved).flag(reserved->fits);
    to.u64(reserved->number).u64(reserved->square_metres);
  } else if (const auto* const failed = std::get_if<Failed>(&reply)) {
    to.enumerated(Answer::failed).text(failed->reason.substr(0, kReasonBytesMax));
    to.text(failed->context.substr(0, kContextBytesMax));
  } else {
    to.enumerated(Answer::committed);
  }
  return std::move(to).take();
}

Result<Request> parse_request(ByteView bytes) {
  wire::Reader from(bytes);
  switch (from.enumerated(Act::commit)) {
    case Act::release: return read_release(from);
    case Act::commit: {
      const Commit commit{from.u64()};
      HANGU_CHECK(from.finish());
      return commit;
    }
    case Act::last: break;
  }
  HANGU_CHECK(from.finish());
  return AskLast{};
}

Result<Reply> parse_reply(ByteView bytes) {
  wire::Reader from(bytes);
  Reply reply = Committed{};
  switch (from.enumerated(Answer::failed)) {
    case Answer::last: reply = Last{from.u64()}; break;
    case Answer::reserved: {
      Reserved reserved{.fits = from.flag()};
      reserved.number = from.u64();
      reserved.square_metres = from.u64();
      reply = reserved;
      break;
    }
    case Answer::failed: {
      Failed failed{.reason = std::string(from.text(kReasonBytesMax)), .context = {}};
      failed.context = from.text(kContextBytesMax);
      reply = std::move(failed);
      break;
    }
    case Answer::committed: break;
  }
  HANGU_CHECK(from.finish());
  return reply;
}

}  // namespace hangu::mosaic
