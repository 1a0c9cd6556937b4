#include "stages/decide/area_desk.hpp"

#include "base/limits.hpp"
#include "wire/json.hpp"

namespace hangu::stages {
namespace {

std::string key_of(std::uint64_t number) { return "mosaic:" + std::to_string(number); }

std::unexpected<Error> behind(const std::string& what) {
  return fail(ErrorCode::unavailable, "mosaic-behind", what);
}

std::unexpected<Error> invalid() {
  return fail(ErrorCode::malformed, "footprint-invalid", "facts");
}

Result<mosaic::Ring> ring_of(const wire::Json& json) {
  const wire::JsonArray* const numbers = json.as_array();
  if (numbers == nullptr || numbers->size() % 2 != 0) return invalid();
  mosaic::Ring out;
  for (std::size_t i = 0; i < numbers->size(); i += 2) {
    const auto east = (*numbers)[i].as_double();
    const auto north = (*numbers)[i + 1].as_double();
    if (!east || !north) return invalid();
    out.push_back({*east, *north});
  }
  return out;
}

audit::AppendRequest entry_of(const OverTime& asked, const mosaic::Reserved& reserved,
                              line::AuditClient& audit) {
  wire::JsonArray nodes;
  for (const NodeId& receiver : asked.receivers) nodes.emplace_back(receiver.text());
  wire::JsonArray families;
  for (const std::string& family : asked.families) families.emplace_back(family);
  audit::AppendRequest request;
  request.id = audit.new_request_id();
  request.type = "transfer.covered";
  request.transfer = asked.transfer;
  request.keys = {key_of(reserved.number)};
  request.kind = audit::BodyKind::event;
  request.body = wire::Json(wire::JsonObject{{"number", reserved.number},
                                             {"nodes", std::move(nodes)},
                                             {"families", std::move(families)},
                                             {"squareMetres", reserved.square_metres},
                                             {"limit", *asked.limits.contiguous_km2},
                                             {"facts", asked.facts_digest.to_text()}})
                     .to_text();
  return request;
}

}  // namespace

Result<std::optional<mosaic::Footprint>> footprint_in(std::string_view facts) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(facts, kStatementBytesMax));
  const wire::JsonArray* const objects = json.as_array();
  if (objects == nullptr) return invalid();
  std::vector<mosaic::Ring> rings;
  for (const wire::Json& object : *objects) {
    const wire::Json* const measured = object.find("measured");
    const wire::Json* const footprint = measured == nullptr ? nullptr : measured->find("footprint");
    if (footprint == nullptr || footprint->as_array() == nullptr)
      return std::optional<mosaic::Footprint>();
    for (const wire::Json& one : *footprint->as_array()) {
      HANGU_TRY(mosaic::Ring ring, ring_of(one));
      rings.push_back(std::move(ring));
    }
  }
  HANGU_TRY(mosaic::Footprint out, mosaic::Footprint::create(std::move(rings)));
  return std::optional(std::move(out));
}

Result<std::string> AreaDesk::reserve(const OverTime& asked, line::AuditClient& audit) {
  HANGU_TRY(std::optional<mosaic::Footprint> footprint, footprint_in(asked.facts));
  if (!footprint) return std::string("footprint-unknown");
  if (footprint->rings().empty()) return std::string("ok");
  mosaic::Release release{.transfer = asked.transfer,
                          .accounts = {},
                          .footprint = *std::move(footprint),
                          .limit_km2 = *asked.limits.contiguous_km2};
  for (const NodeId& receiver : asked.receivers)
    for (const std::string& family : asked.families)
      release.accounts.insert({receiver.text(), family});
  const std::lock_guard lock(mutex_);
  return enter(asked, release, audit);
}

Result<std::string> AreaDesk::enter(const OverTime& asked, const mosaic::Release& release,
                                    line::AuditClient& audit) {
  HANGU_TRY(const std::uint64_t last, ledger_.last());
  HANGU_TRY(const auto next, audit.holder(key_of(last + 1)));
  if (next) return behind("see entry " + std::to_string(*next));
  HANGU_TRY(const mosaic::Reserved reserved, ledger_.reserve(release));
  if (!reserved.fits) return std::string("limit-contiguous-area");
  const audit::AppendRequest request = entry_of(asked, reserved, audit);
  HANGU_TRY(const audit::AppendReply reply, audit.append(request));
  if (reply.outcome != audit::AppendOutcome::appended) {
    HANGU_TRY(const audit::EntryHead head, audit::EntryHead::parse(reply.entry));
    if (head.body != audit::event_body(request.body))
      return behind("entry " + std::to_string(reply.index) + " is another's");
  }
  HANGU_CHECK(ledger_.commit(reserved.number));
  return std::string("ok");
}

}  // namespace hangu::stages
