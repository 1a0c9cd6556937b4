#include "cli/gateway_link.hpp"

#include "base/text.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/reasons.hpp"
#include "os/clock.hpp"

namespace hangu::cli {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kPauseMax{2000};
constexpr int kUnansweredMax = 10;
constexpr std::size_t kDetailShownMax = 400;

/// The words for what a gateway gave as a reason: a full disk is the gateway's.
const Explanation* explain_of_gateway(std::string_view reason) {
  return explain(reason == "disk-full" ? "gateway-disk-full" : reason);
}

/// The state's sentence, which says of a refusal who refused.
std::string_view sentence_of(const Console& console, const Standing& standing) {
  if (standing.state != flow::State::refused) return sentence(console, standing.state);
  if (standing.reason == "approval-refused") return console.say(phrase::kRefusedByReviewer);
  return is_policy_reason(standing.reason) ? console.say(phrase::kRefusedByRule)
                                           : sentence(console, standing.state);
}

}  // namespace

std::string text_member(const wire::Json& json, std::string_view key) {
  const wire::Json* value = json.find(key);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

std::string shown_detail(const Standing& standing) {
  const std::string& detail = standing.detail;
  return is_printable(detail, kDetailShownMax) ? detail : printable(detail, kDetailShownMax);
}

Result<Standing> parse_standing(const wire::Json& json) {
  Standing standing;
  standing.id = text_member(json, "id");
  standing.reason = text_member(json, "reason");
  standing.detail = text_member(json, "detail");
  standing.updated = text_member(json, "updated");
  const auto id = TransferId::create(standing.id);
  const auto state = flow::parse_state(text_member(json, "state"));
  if (!id || !state) return fail(ErrorCode::malformed, "http-answer", "no id or state in it");
  standing.state = *state;
  const wire::Json* bytes = json.find("bytes");
  if (bytes != nullptr && bytes->as_integer() != nullptr && *bytes->as_integer() >= 0)
    standing.bytes = static_cast<std::uint64_t>(*bytes->as_integer());
  standing.json = json;
  return standing;
}

Result<net::Client> connect(const Arguments& arguments) {
  HANGU_TRY(const NodeIdentity identity, NodeIdentity::load(arguments.text("identity")));
  return identity.connect(arguments.text("gateway"), arguments.text("server-name"));
}

Exit tell_refusal(Session& session, const net::Answer& answer) {
  std::string reason = "http-status";
  std::string message;
  if (const auto json = wire::Json::parse(text_of(answer.body), kAnswerJsonBytesMax)) {
    if (const std::string given = text_member(*json, "error"); !given.empty()) reason = given;
    message = text_member(*json, "message");
  }
  session.console.refusal(
      reason, "HTTP " + std::to_string(answer.status) + (message.empty() ? "" : ": " + message),
      explain_of_gateway(reason));
  return exit_of_http(answer.status);
}

Result<std::optional<wire::Json>> ask(Session& session, net::Client& client, const net::Ask& what,
                                      Exit& exit, ByteView body) {
  HANGU_TRY(const net::Answer answer, client.ask(what, body));
  if (!answer.succeeded()) {
    exit = tell_refusal(session, answer);
    return std::optional<wire::Json>();
  }
  auto json = wire::Json::parse(text_of(answer.body), kAnswerJsonBytesMax);
  if (!json) return fail(ErrorCode::malformed, "http-answer", json.error().message());
  return std::optional(*std::move(json));
}

void tell_standing(Session& session, const Standing& standing, std::string_view event) {
  wire::JsonObject fields;
  if (const wire::JsonObject* members = standing.json.as_object()) fields = *members;
  session.console.event(event, std::move(fields));
  const bool bad = standing.state == flow::State::refused ||
                   standing.state == flow::State::quarantined ||
                   standing.state == flow::State::expired;
  std::string line =
      standing.id + "  " +
      session.console.coloured(bad ? Colour::bad : Colour::good, flow::to_text(standing.state)) +
      "  " + std::string(sentence_of(session.console, standing));
  session.console.line(line);
  if (standing.reason.empty() || standing.reason == "ok") return;
  const Explanation* known = explain_of_gateway(standing.reason);
  if (!standing.detail.empty()) session.console.line("  " + shown_detail(standing));
  session.console.line("  [" + printable(standing.reason) + "]" +
                       (known == nullptr
                            ? ""
                            : " " + std::string(session.console.say(known->what)) + " " +
                                  std::string(session.console.say(known->remedy))));
}

Result<Exit> watch_until_end(Session& session, net::Client& client, const TransferId& transfer,
                             std::chrono::milliseconds timeout) {
  const net::Ask what{net::Method::get, "/v1/packages/" + transfer.text(), {}};
  const std::chrono::milliseconds start = os::monotonic_now();
  std::chrono::milliseconds pause = kFirstPause;
  std::optional<flow::State> told;
  for (int unanswered = 0;;) {  // bounded by `timeout` and kUnansweredMax
    Exit exit = Exit::done;
    const auto answer = ask(session, client, what, exit);
    if (!answer && answer.error().code() == ErrorCode::unavailable &&
        ++unanswered <= kUnansweredMax) {
      session.console.note(answer.error().message());
    } else if (!answer) {
      return std::unexpected(answer.error());
    } else if (!*answer) {
      if (exit != Exit::network || ++unanswered > kUnansweredMax) return exit;
    } else {
      unanswered = 0;
      HANGU_TRY(const Standing standing, parse_standing(**answer));
      if (told != standing.state) {
        tell_standing(session, standing, "status");
        told = standing.state;
        pause = kFirstPause;
      }
      if (flow::is_end(standing.state)) return exit_of(standing.state, standing.reason);
    }
    if (timeout.count() > 0 && os::monotonic_now() - start >= timeout) {
      session.console.note(session.console.say(phrase::kStillPending));
      return Exit::pending;
    }
    os::pause_for(pause);
    pause = std::min(pause * 3 / 2, kPauseMax);
  }
}

}  // namespace hangu::cli
