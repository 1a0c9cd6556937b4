#pragma once
// Gateway link: what a node's commands ask of a zone's entrances. docs/protocols/http.md.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "cli/command.hpp"
#include "flow/stage.hpp"
#include "net/client.hpp"

namespace hangu::cli {

inline constexpr std::size_t kAnswerJsonBytesMax = std::size_t{1} << 20;

/// A member's text; empty when it is absent or no text.
[[nodiscard]] std::string text_member(const wire::Json& json, std::string_view key);

/// Standing is where a transfer stands; `json` is the gateway's whole answer about it.
struct Standing {
  std::string id;
  flow::State state = flow::State::received;
  std::string reason;
  std::string detail;  ///< where in the package, and what; as the gateway gave it
  std::uint64_t bytes = 0;
  std::string updated;
  wire::Json json;
};
/// Members that a later gateway adds are passed over. Errors: Malformed "http-answer".
[[nodiscard]] Result<Standing> parse_standing(const wire::Json& json);

/// The detail, fit for a terminal.
[[nodiscard]] std::string shown_detail(const Standing& standing);

/// The connection that the arguments --identity, --gateway and --server-name describe.
[[nodiscard]] Result<net::Client> connect(const Arguments& arguments);

/// A successful answer's JSON, or nothing after telling the refusal (whose exit is `exit`).
/// Errors: those of net::Client; Malformed "http-answer".
[[nodiscard]] Result<std::optional<wire::Json>> ask(Session& session, net::Client& client,
                                                    const net::Ask& what, Exit& exit,
                                                    ByteView body = {});
/// Tells why the gateway refused; the exit status that stands for it.
[[nodiscard]] Exit tell_refusal(Session& session, const net::Answer& answer);

/// Shows a state as a line and an event.
void tell_standing(Session& session, const Standing& standing, std::string_view event);

/// Watches one transfer until it ends or `timeout` (0: no end) is over, telling each new state.
/// The exit status is that of the state then (pending when it has not ended). A gateway that does
/// not answer is asked again, kUnansweredMax times in a row.
[[nodiscard]] Result<Exit> watch_until_end(Session& session, net::Client& client,
                                           const TransferId& transfer,
                                           std::chrono::milliseconds timeout);

}  // namespace hangu::cli
