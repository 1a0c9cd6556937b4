#pragma once
// Permit: which program may send which request, and in which state of the transfer. One table, in
// the manner of a privilege-separation monitor: what is not in it is refused.

#include <optional>
#include <string>
#include <string_view>

#include "ledger/messages.hpp"

namespace hangu::ledger {

/// The programs that the custodian knows, by the listener that they come in on.
enum class Program : std::uint8_t {
  verify,
  inspect,
  decide,
  transform,
  check,
  approve,
  emit,
  receive,
  deliver,
  admin,
};
inline constexpr Program kLastProgram = Program::admin;
[[nodiscard]] std::string_view to_text(Program program);

/// Caller is who is at the other end of a channel.
struct Caller {
  Program program = Program::verify;
  std::optional<ZoneId> zone;  ///< receive and deliver only
};

/// Reads a listener's name: "custodian.verify", "custodian.receive.egov". A zone half must name
/// its zone, nobody else may. Errors: Malformed "listener-unknown".
[[nodiscard]] Result<Caller> parse_listener(std::string_view name);

/// The request's name in documentation and logs: "claim", "open", …
/// `kind` is kKindOf<…> or the variant's index.
[[nodiscard]] std::string_view name_of(std::size_t kind);
/// Errors: Forbidden "request-not-permitted".
[[nodiscard]] Done check_permit(const Caller& caller, std::size_t kind);
/// Errors: Forbidden "request-not-in-this-state".
[[nodiscard]] Done check_permit_in(std::size_t kind, flow::State state);
/// A stage program works on its own stages only ("clear" is decide's).
/// Errors: Forbidden "stage-wrong".
[[nodiscard]] Done check_stage_of(const Caller& caller, flow::Stage stage);

/// The table as Markdown, for docs/protocols/custodian.md.
[[nodiscard]] std::string describe_permits();

}  // namespace hangu::ledger
