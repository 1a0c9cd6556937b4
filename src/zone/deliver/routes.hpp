#pragma once
// Routes of deliver: what a recipient node may ask of its zone's back door.
// docs/protocols/http.md §7.

#include "net/router.hpp"
#include "zone/deliver/fetches.hpp"
#include "zone/deliver/shelf.hpp"
#include "zone/links.hpp"

namespace hangu::zone {

/// GET  /v1/packages                        packages that wait for this node
/// GET, HEAD /v1/packages/{id}              the sealed package, with Range; told to the log before
/// POST /v1/packages/{id}/acknowledgement   {"sealed":"<digest>"}: it was opened and is whole
[[nodiscard]] net::Router deliver_routes(const Shelf& shelf, Fetches& fetches, Links& links);

}  // namespace hangu::zone
