#include "line/worker_output.hpp"

#include "os/clock.hpp"
#include "os/process.hpp"

namespace hangu::line {
namespace {

constexpr std::chrono::milliseconds kGoneTime = std::chrono::seconds(10);
constexpr std::chrono::milliseconds kFirstPause{1};
constexpr std::chrono::milliseconds kLongestPause{100};
constexpr std::string_view kStillWritable = "output-still-writable";

}  // namespace

Result<crypto::ObjectDigest> freeze_worker_output(CustodianClient& custodian, const Token& token,
                                                  Output output) {
  output.file.reset();
  const std::chrono::milliseconds until = os::monotonic_now() + kGoneTime;
  std::chrono::milliseconds pause = kFirstPause;
  while (true) {  // ends: by `until` at the latest
    Result<crypto::ObjectDigest> digest = custodian.freeze(token, output.id);
    if (digest || digest.error().reason() != kStillWritable) return digest;
    if (os::monotonic_now() >= until)
      return fail(ErrorCode::internal, kStillWritable, digest.error().context());
    HANGU_TRY(const auto none, os::wait_readable({}, pause));
    static_cast<void>(none);
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace hangu::line
