#pragma once
// Service: hangu-mosaic's loop. One request after the other; an answer is durable before it goes.

#include <string>

#include "mosaic/mosaic_ledger.hpp"
#include "os/channel.hpp"
#include "os/sandbox.hpp"

namespace hangu::mosaic {

inline constexpr std::size_t kConnectionsMax = 16;

/// The box of hangu-mosaic: its folder, and the connections of its listener.
[[nodiscard]] os::Profile service_profile(const std::string& folder);

/// Serves until `stop` is readable. Errors: what made the ledger fail; the process must end and be
/// started anew. Thread: one.
[[nodiscard]] Done serve(MosaicLedger& ledger, os::Listener& listener, os::FdView stop);

}  // namespace hangu::mosaic
