#pragma once
// Answer service: decide's socket. One question a connection; docs/protocols/directory.md §4.

#include "base/time.hpp"
#include "directory/standing.hpp"
#include "os/channel.hpp"

namespace hangu::directory {

/// The answer to one question, signed by `key`. Errors: Unavailable "directory-loading" (nothing is
/// known yet); those of the clock and of DirectoryQuestion::parse.
[[nodiscard]] Result<std::string> answer(const Standing& standing, std::string_view question,
                                         const crypto::SigningKey& key, WallTime now);

/// Takes the connections that wait and answers each: the number of the answer's bytes (u32, 0: no
/// answer), then the answer in pieces of kPieceBytes at most.
void answer_waiting(os::Listener& listener, const Standing& standing, const crypto::SigningKey& key,
                    const Clock& clock);

}  // namespace hangu::directory
