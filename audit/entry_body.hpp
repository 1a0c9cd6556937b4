#pragma once
// The body of an entry, from the request for it: what costs most of an append, and needs nothing
// but the request.

#include <optional>
#include <string>
#include <string_view>

#include "audit/messages.hpp"

namespace hangu::audit {

/// The body in the form that is stored: an envelope verbatim, an event canonical; nothing when it
/// is not what the request's type may carry (refused: "body-invalid"). Thread: any.
[[nodiscard]] std::optional<std::string> body_of(const AppendRequest& request);

/// True for an envelope that flow::Envelope::parse takes, if it is the usual one: printable ASCII
/// without an escape and without certificates. False says nothing. One look at each byte, where the
/// parser builds a tree and writes it again.
[[nodiscard]] bool is_plain_envelope(std::string_view text);

}  // namespace hangu::audit
