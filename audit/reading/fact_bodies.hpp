#pragma once
// What the body of an entry adds to its facts: one reader for events, one for statements.

#include <string_view>

#include "audit/reading/facts.hpp"

namespace hangu::audit {

/// `event` is the JSON object of an entry whose type is in `facts` already.
void read_event(std::string_view event, EntryFacts& facts);
/// `statement` is the base64 text of a DSSE envelope.
void read_statement(std::string_view statement, EntryFacts& facts);

}  // namespace hangu::audit
