#pragma once
// Client: how hangu-decide talks to hangu-mosaic. Blocking, one request at a time.

#include <optional>

#include "mosaic/messages.hpp"
#include "os/channel.hpp"

namespace hangu::mosaic {

/// How long an answer may take: a release of many polygons over many accounts.
inline constexpr std::chrono::milliseconds kPatience{60'000};

/// Errors of every call: Unavailable "mosaic-unavailable" (no answer, or the ledger cannot be kept:
/// whether a release was entered is unknown, ask again); Exhausted with the ledger's own reason
/// ("mosaic-limit", "footprint-invalid", "geometry-failed"). Thread: one.
class Client {
 public:
  explicit Client(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Result<std::uint64_t> last();
  [[nodiscard]] Result<Reserved> reserve(const Release& release);
  [[nodiscard]] Done commit(std::uint64_t number);

 private:
  Result<Reply> ask(const Request& request);
  Result<Reply> exchange(const Request& request);

  std::string path_;
  std::optional<os::Channel> channel_;  ///< none after a failure: connects anew
};

}  // namespace hangu::mosaic
