// hangu status, list, watch, withdraw: where a node's transfers stand.

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/gateway_link.hpp"
#include "cli/phrases.hpp"
#include "cli/values.hpp"
#include "os/clock.hpp"

namespace hangu::cli {
namespace {

constexpr std::chrono::milliseconds kListPause{1000};

net::Ask about(net::Method method, const TransferId& transfer) {
  return {method, "/v1/packages/" + transfer.text(), {}};
}

void print_history(Session& session, const Standing& standing) {
  const wire::Json* history = standing.json.find("history");
  const wire::JsonArray* changes = history == nullptr ? nullptr : history->as_array();
  if (changes == nullptr) return;
  std::vector<std::vector<std::string>> rows;
  for (const wire::Json& change : *changes) {
    wire::Fields f(change, "history");
    std::string at = f.text("at", 40);
    std::string state = f.text("state", 40);
    if (f.finish()) rows.push_back({"  " + printable(at), printable(state)});
  }
  session.console.table(rows);
}

Result<Exit> run_status(Session& session, const Arguments& arguments) {
  HANGU_TRY(const TransferId transfer, transfer_of(arguments));
  HANGU_TRY(net::Client client, connect(arguments));
  Exit exit = Exit::done;
  HANGU_TRY(const auto json, ask(session, client, about(net::Method::get, transfer), exit));
  if (!json) return exit;
  HANGU_TRY(const Standing standing, parse_standing(*json));
  tell_standing(session, standing, "status");
  session.console.line("  " + std::string(session.console.say(phrase::kSize)) + " " +
                       bytes_text(standing.bytes));
  print_history(session, standing);
  return Exit::done;
}

/// The node's transfers, newest first; nothing after a refusal that was told.
Result<std::optional<std::vector<Standing>>> list_transfers(Session& session, net::Client& client,
                                                            Exit& exit) {
  HANGU_TRY(const auto json, ask(session, client, {net::Method::get, "/v1/packages", {}}, exit));
  if (!json) return std::optional<std::vector<Standing>>();
  const wire::Json* packages = json->find("packages");
  if (packages == nullptr || packages->as_array() == nullptr)
    return fail(ErrorCode::malformed, "http-answer", "no packages in it");
  std::vector<Standing> out;
  for (const wire::Json& item : *packages->as_array()) {
    HANGU_TRY(Standing standing, parse_standing(item));
    out.push_back(std::move(standing));
  }
  return std::optional(std::move(out));
}

Result<Exit> run_list(Session& session, const Arguments& arguments) {
  HANGU_TRY(net::Client client, connect(arguments));
  Exit exit = Exit::done;
  HANGU_TRY(const auto transfers, list_transfers(session, client, exit));
  if (!transfers) return exit;
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  std::vector<std::vector<std::string>> rows{{say(phrase::kTransfer), say(phrase::kState),
                                              say(phrase::kSize), say(phrase::kUpdated),
                                              say(phrase::kReason), say(phrase::kDetail)}};
  for (const Standing& one : *transfers) {
    session.console.event("transfer", *one.json.as_object());
    rows.push_back({one.id, std::string(flow::to_text(one.state)), bytes_text(one.bytes),
                    printable(one.updated), one.reason == "ok" ? "" : printable(one.reason),
                    shown_detail(one)});
  }
  if (transfers->empty()) session.console.note(session.console.say(phrase::kNoTransfers));
  if (!transfers->empty()) session.console.table(rows);
  return Exit::done;
}

/// Tells every change among the node's transfers until `timeout` (0: until interrupted); pending
/// when some have not ended then.
Result<Exit> watch_all(Session& session, net::Client& client, std::chrono::milliseconds timeout) {
  const std::chrono::milliseconds start = os::monotonic_now();
  std::map<std::string, flow::State> told;
  for (;;) {
    Exit exit = Exit::done;
    HANGU_TRY(const auto transfers, list_transfers(session, client, exit));
    if (!transfers) return exit;
    for (auto one = transfers->rbegin(); one != transfers->rend(); ++one) {
      const auto [at, is_new] = told.try_emplace(one->id, one->state);
      if (!is_new && at->second == one->state) continue;
      at->second = one->state;
      tell_standing(session, *one, "status");
    }
    if (!session.console.flush()) return Exit::internal;
    if (timeout.count() > 0 && os::monotonic_now() - start >= timeout) {
      const auto ended = [](const Standing& one) { return flow::is_end(one.state); };
      if (std::ranges::all_of(*transfers, ended)) return Exit::done;
      session.console.note(session.console.say(phrase::kStillPending));
      return Exit::pending;
    }
    os::pause_for(kListPause);
  }
}

Result<Exit> run_watch(Session& session, const Arguments& arguments) {
  std::chrono::milliseconds timeout{0};
  if (arguments.has("timeout")) {
    HANGU_TRY(timeout, parse_duration("--timeout", arguments.text("timeout")));
  }
  if (!arguments.has("id")) {
    HANGU_TRY(net::Client client, connect(arguments));
    return watch_all(session, client, timeout);
  }
  HANGU_TRY(const TransferId transfer, transfer_of(arguments));
  HANGU_TRY(net::Client client, connect(arguments));
  return watch_until_end(session, client, transfer, timeout);
}

Result<Exit> run_withdraw(Session& session, const Arguments& arguments) {
  HANGU_TRY(const TransferId transfer, transfer_of(arguments));
  HANGU_TRY(net::Client client, connect(arguments));
  HANGU_TRY(const net::Answer answer, client.ask(about(net::Method::remove, transfer)));
  const auto json = wire::Json::parse(text_of(answer.body), kAnswerJsonBytesMax);
  const auto standing =
      json ? parse_standing(*json) : Result<Standing>(std::unexpected(json.error()));
  // 409: another end won; its body says which.
  if (answer.status == 409 && standing) {
    session.console.event("too-late",
                          {{"id", standing->id}, {"state", flow::to_text(standing->state)}});
    session.console.refusal("too-late", std::string(session.console.say(phrase::kTooLate)) + ": " +
                                            std::string(flow::to_text(standing->state)));
    return Exit::refused_policy;
  }
  if (!answer.succeeded()) return tell_refusal(session, answer);
  if (!standing) return std::unexpected(standing.error());
  session.console.event("withdrawn",
                        {{"id", standing->id}, {"state", flow::to_text(standing->state)}});
  session.console.line(standing->id + "  " + std::string(flow::to_text(standing->state)));
  session.console.note(session.console.say(phrase::kWithdrawn));
  return Exit::done;
}

}  // namespace

CommandSpec status_command() {
  return {"status",
          both("一次传输的状态、原因和经过", "state, reason and history of a transfer"),
          {transfer_argument(), identity_option(), gateway_option(), server_name_option()},
          run_status};
}

CommandSpec list_command() {
  return {"list",
          both("本节点的传输,新的在前", "the node's transfers, newest first"),
          {identity_option(), gateway_option(), server_name_option()},
          run_list};
}

CommandSpec watch_command() {
  return {"watch",
          both("显示状态变化,直到有结果;不给 ID 则看全部",
               "show changes of state until the end; without an id those of all transfers"),
          {transfer_argument(false),
           identity_option(),
           gateway_option(),
           server_name_option(),
           {"--timeout", "TIME", both("最多看多久", "how long to watch at most")}},
          run_watch};
}

CommandSpec withdraw_command() {
  return {"withdraw",
          both("撤回一次还没有放行的传输", "withdraw a transfer that has not left"),
          {transfer_argument(), identity_option(), gateway_option(), server_name_option()},
          run_withdraw};
}

}  // namespace hangu::cli
