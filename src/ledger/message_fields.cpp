#include "ledger/message_fields.hpp"

#include <algorithm>

namespace hangu::ledger {
namespace {

constexpr std::chrono::milliseconds kLatestTime{253'402'300'799'999};  ///< end of year 9999
constexpr std::size_t kIdBytesMax = 64;

template <class IdType>
IdType read_id(wire::Reader& from, std::string_view stand_in) {
  auto id = IdType::create(from.text(kIdBytesMax));
  if (id) return *std::move(id);
  from.reject("wire-value");
  auto dummy = IdType::create(stand_in);  // the message is refused as a whole
  HANGU_ASSERT(dummy.has_value());
  return *std::move(dummy);
}

}  // namespace

void write_digest(wire::Writer& to, const crypto::ObjectDigest& digest) {
  to.enumerated(digest.algorithm).u64(digest.size).raw(digest.root);
}
crypto::ObjectDigest read_digest(wire::Reader& from) {
  crypto::ObjectDigest digest;
  digest.algorithm = from.enumerated(crypto::HashAlgorithm::sm3);
  digest.size = from.u64();
  if (digest.size > kObjectBytesMax) from.reject("wire-value");
  const ByteView root = from.raw(digest.root.size());
  if (root.size() == digest.root.size()) std::ranges::copy(root, digest.root.begin());
  return digest;
}

void write_time(wire::Writer& to, WallTime time) {
  to.u64(static_cast<std::uint64_t>(time.since_epoch().count()));
}
WallTime read_time(wire::Reader& from) {
  const std::uint64_t value = from.u64();
  if (std::cmp_greater(value, kLatestTime.count())) {
    from.reject("wire-value");
    return {};
  }
  return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(value)));
}

void write_duration(wire::Writer& to, std::chrono::milliseconds duration) {
  HANGU_ASSERT(duration.count() >= 0);
  to.u64(static_cast<std::uint64_t>(duration.count()));
}
std::chrono::milliseconds read_duration(wire::Reader& from, std::chrono::milliseconds longest) {
  const std::uint64_t value = from.u64();
  if (std::cmp_greater(value, longest.count())) {
    from.reject("wire-value");
    return {};
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(value));
}

void write_token(wire::Writer& to, const Token& token) { to.raw(token); }
Token read_token(wire::Reader& from) {
  Token token{};
  const ByteView bytes = from.raw(token.size());
  if (bytes.size() == token.size()) std::ranges::copy(bytes, token.begin());
  return token;
}

void write_evidence(wire::Writer& to, const Evidence& evidence) {
  to.count(evidence.size());
  for (const auto& [name, digest] : evidence) {
    to.text(name);
    write_digest(to, digest);
  }
}
Evidence read_evidence(wire::Reader& from, std::size_t names_max) {
  Evidence evidence;
  const std::size_t n = from.count(names_max);
  for (std::size_t i = 0; i < n && !from.failed(); ++i) {
    std::string name(from.text(kEvidenceNameBytesMax));
    const auto digest = read_digest(from);
    if (name.empty() || (!evidence.empty() && name <= evidence.rbegin()->first)) {
      from.reject("wire-value");
    }
    evidence.emplace_hint(evidence.end(), std::move(name), digest);
  }
  return evidence;
}

std::string read_reason(wire::Reader& r) { return std::string(r.text(flow::kReasonBytesMax)); }
std::string read_detail(wire::Reader& r) { return std::string(r.text(kDetailBytesMax)); }

TransferId read_transfer(wire::Reader& from) {
  return read_id<TransferId>(from, "00000000000000000000000000000000");
}
NodeId read_node(wire::Reader& from) { return read_id<NodeId>(from, "none"); }
ZoneId read_zone(wire::Reader& from) { return read_id<ZoneId>(from, "none"); }

}  // namespace hangu::ledger
