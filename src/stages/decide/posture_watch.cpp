#include "stages/decide/posture_watch.hpp"

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"

namespace hangu::stages {
namespace {

using policy::Posture;

std::string key_of(std::uint64_t number) { return "posture." + std::to_string(number); }

/// What is known of an order by its keys alone, also when what its entry says is deleted.
std::string posture_key(std::uint64_t number, Posture posture) {
  return key_of(number) + "." + std::string(policy::to_text(posture));
}
std::string digest_key(const policy::PostureOrder& order) {
  return key_of(order.number) + "." +
         to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(order.to_text())));
}

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

/// Whether the entry that has this order's number is of this order.
Result<bool> is_told(const policy::PostureOrder& order, line::AuditClient& audit) {
  HANGU_TRY(const auto by_number, audit.holder(key_of(order.number)));
  if (!by_number) return false;
  HANGU_TRY(const auto by_digest, audit.holder(digest_key(order)));
  if (by_number == by_digest) return true;
  return superseded("order " + std::to_string(order.number) + " is another");
}

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
  request.keys = {key_of(order.number), posture_key(order.number, order.posture),
                  digest_key(order)};
  HANGU_TRY(const audit::AppendReply reply, audit.append(request));
  if (reply.outcome == audit::AppendOutcome::appended) return {};
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
  HANGU_TRY(const auto holder, audit.holder(key_of(number - 1)));
  for (const Posture posture : {Posture::stop, Posture::import_only, Posture::normal}) {
    HANGU_TRY(const auto of_it, audit.holder(posture_key(number - 1, posture)));
    if (holder && holder == of_it) return posture;
  }
  return fail(ErrorCode::unavailable, "posture-number",
              "order " + std::to_string(number) + " without the one before");
}

/// One order of the file, which the log has, or takes behind the one before.
Done PostureWatch::take(const policy::SignedOrder& one, line::AuditClient& audit) const {
  if (one.order.gateway != gateway_)
    return fail(ErrorCode::unavailable, "posture-other-gateway", one.order.gateway);
  HANGU_TRY(const bool told, is_told(one.order, audit));
  if (told) return {};
  HANGU_TRY(const Posture was, before(one.order.number, audit));
  HANGU_CHECK(policy::check_posture_signatures(one.envelope, signers_, one.order.posture < was));
  std::vector<std::string> humans;
  for (const policy::Signer* signer : signers_.of(one.envelope)) humans.push_back(signer->human);
  return tell_order(one.order, humans, audit);
}

Done PostureWatch::read_switch(line::AuditClient& audit) {
  HANGU_TRY(const std::string text,
            text_in(folder_ + "/" + std::string(kSwitchFile), policy::kPostureFileBytesMax));
  if (read_ == text) return {};
  read_.reset();
  order_.reset();
  std::vector<policy::SignedOrder> orders;
  if (!text.empty()) {
    HANGU_TRY(orders, policy::read_orders(text));
  }
  // Of those that the log knows the newest alone matters; the others it has to be told.
  std::size_t first = orders.empty() ? 0 : orders.size() - 1;
  for (; first > 0; --first) {
    HANGU_TRY(const auto known, audit.holder(key_of(orders[first].order.number)));
    if (known) break;
  }
  for (std::size_t i = first; i < orders.size(); ++i) HANGU_CHECK(take(orders[i], audit));
  const std::uint64_t number = orders.empty() ? 0 : orders.back().order.number;
  HANGU_TRY(const auto later, audit.holder(key_of(number + 1)));
  if (later) return superseded("see entry " + std::to_string(*later));
  if (!orders.empty()) order_ = std::move(orders.back().order);
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
  if (told_ != state) {  // at a start, too: what the one before said last may be over
    if (const Done told = tell_state(state, audit); !told) return unavailable(told.error());
  }
  told_ = state;
  return state;
}

}  // namespace hangu::stages
