#include "stages/decide/posture_watch.hpp"

#include "base/limits.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"

namespace hangu::stages {
namespace {

using policy::Posture;

std::string key_of(std::uint32_t number) { return "posture." + std::to_string(number); }

/// Empty: there is no such file.
Result<std::string> text_in(const std::string& path, std::size_t bytes_max) {
  const Result<Bytes> bytes = os::read_file(path, bytes_max);
  if (bytes) return std::string(text_of(*bytes));
  if (bytes.error().reason() == "file-missing") return std::string();
  return std::unexpected(bytes.error());
}

std::unexpected<Error> superseded(const std::string& what) {
  return fail(ErrorCode::unavailable, "posture-superseded", what);
}

audit::AppendRequest event_request(line::AuditClient& audit, const char* type,
                                   wire::JsonObject event) {
  audit::AppendRequest request;
  request.id = audit.new_request_id();
  request.type = type;
  request.kind = audit::BodyKind::event;
  request.body = wire::Json(std::move(event)).to_text();
  return request;
}

/// Writes the order under its number; one that the log has already must be this one.
Done tell_order(const policy::PostureOrder& order, const std::vector<std::string>& humans,
                line::AuditClient& audit) {
  wire::JsonArray names;
  for (const std::string& human : humans) names.emplace_back(human);
  audit::AppendRequest request = event_request(audit, "posture.switched",
                                               {{"number", order.number},
                                                {"posture", policy::to_text(order.posture)},
                                                {"reason", order.reason},
                                                {"ordered", order.at.to_text()},
                                                {"signers", std::move(names)}});
  request.keys = {key_of(order.number)};
  HANGU_TRY(const audit::AppendReply reply, audit.append(request));
  if (reply.outcome == audit::AppendOutcome::appended) return {};
  HANGU_TRY(const audit::EntryHead head, audit::EntryHead::parse(reply.entry));
  if (head.body == audit::event_body(request.body)) return {};
  return superseded("order " + std::to_string(order.number) + " is another");
}

Done tell_state(const PostureNow& state, line::AuditClient& audit) {
  wire::JsonArray causes;
  if (state.by_switch) causes.emplace_back("switch");
  if (state.by_alarm) causes.emplace_back("alarm");
  if (state.unwitnessed) causes.emplace_back("unwitnessed");
  const audit::AppendRequest request =
      event_request(audit, "posture.changed",
                    {{"posture", policy::to_text(state.posture)}, {"causes", std::move(causes)}});
  HANGU_TRY(const audit::AppendReply reply, audit.append(request));
  (void)reply;
  return {};
}

}  // namespace

PostureWatch::PostureWatch(std::string folder, policy::Signers signers, std::string gateway)
    : folder_(std::move(folder)), signers_(std::move(signers)), gateway_(std::move(gateway)) {}

/// What the order before this one left, by the log.
Result<Posture> PostureWatch::before(std::uint32_t number, line::AuditClient& audit) const {
  if (number == 1) return Posture::normal;
  HANGU_TRY(const std::optional<std::uint64_t> index, audit.holder(key_of(number - 1)));
  if (!index)
    return fail(ErrorCode::unavailable, "posture-number",
                "order " + std::to_string(number) + " without the one before");
  HANGU_TRY(const audit::CheckpointReply head, audit.checkpoint());
  HANGU_TRY(const audit::ProveReply proved, audit.prove(*index, head.size));
  HANGU_TRY(const audit::EntryHead entry, audit::EntryHead::parse(proved.entry));
  HANGU_TRY(const wire::Json json,
            wire::Json::parse("{" + std::string(entry.body) + "}", kStatementBytesMax));
  const wire::Json* event = json.find("event");
  const wire::Json* posture = event == nullptr ? nullptr : event->find("posture");
  if (posture == nullptr || posture->as_string() == nullptr)
    return superseded("entry " + std::to_string(*index) + " is no order");
  return policy::parse_posture(*posture->as_string());
}

Done PostureWatch::read_switch(line::AuditClient& audit) {
  HANGU_TRY(const std::string text,
            text_in(folder_ + "/" + std::string(kSwitchFile), kStatementBytesMax));
  if (read_ == text) return {};
  read_.reset();
  order_.reset();
  std::uint32_t number = 0;
  if (!text.empty()) {
    HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(text));
    HANGU_TRY(policy::PostureOrder order, policy::posture_order_in(envelope));
    if (order.gateway != gateway_)
      return fail(ErrorCode::unavailable, "posture-other-gateway", order.gateway);
    HANGU_TRY(const Posture was, before(order.number, audit));
    HANGU_CHECK(policy::check_posture_signatures(envelope, signers_, order.posture < was));
    std::vector<std::string> humans;
    for (const policy::Signer* signer : signers_.of(envelope)) humans.push_back(signer->human);
    number = order.number;
    HANGU_TRY(const auto later, audit.holder(key_of(number + 1)));
    if (later) return superseded("see entry " + std::to_string(*later));
    HANGU_CHECK(tell_order(order, humans, audit));
    order_ = std::move(order);
  } else {
    HANGU_TRY(const auto later, audit.holder(key_of(1)));
    if (later) return superseded("the order is gone; see entry " + std::to_string(*later));
  }
  read_ = text;
  return {};
}

Result<PostureNow> PostureWatch::look(const policy::PostureRules& rules,
                                      const audit::Witnessed& log, WallTime now,
                                      line::AuditClient& audit) {
  const std::lock_guard lock(mutex_);
  const auto unavailable = [](const Error& error) {
    return std::unexpected(Error(ErrorCode::unavailable, error.reason(), error.context()));
  };
  if (const Done read = read_switch(audit); !read) return unavailable(read.error());
  PostureNow state;
  const auto tighten = [&](Posture to, bool& cause) {
    cause = to != Posture::normal;
    state.posture = std::max(state.posture, to);
  };
  if (order_) {
    state.number = order_->number;
    tighten(order_->posture, state.by_switch);
  }
  if (rules.alarm != Posture::normal) {
    const Result<std::string> alarm =
        text_in(folder_ + "/" + std::string(kAlarmFile), policy::kPostureReasonBytesMax);
    // What cannot be read is there.
    if (!alarm || !alarm->empty()) tighten(rules.alarm, state.by_alarm);
  }
  if (rules.unwitnessed_after &&
      (log.size == 0 || now - WallTime(log.time) > *rules.unwitnessed_after))
    tighten(rules.unwitnessed, state.unwitnessed);
  if (told_ != state && (told_ || state.posture != Posture::normal)) {
    if (const Done told = tell_state(state, audit); !told) return unavailable(told.error());
  }
  told_ = state;
  return state;
}

}  // namespace hangu::stages
