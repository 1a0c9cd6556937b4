#pragma once
// transform: carries out the obligations on plain form and writes the rendition. What it writes
// comes from plain form alone; docs/protocols/plain-form.md §7.

#include "line/custodian_client.hpp"
#include "line/outcome.hpp"

namespace hangu::stages {

/// Output table: the sender's names and media types, each object written anew by a worker.
/// Evidence: "facts" (whose formats the rendition keeps). Obligations that name a declassifier are
/// refused ("declassifier-missing"): none is registered on this gateway.
[[nodiscard]] Result<line::Outcome> transform(const line::Work& work,
                                              line::CustodianClient& custodian,
                                              const std::string& worker_socket);

}  // namespace hangu::stages
