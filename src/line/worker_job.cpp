#include "line/worker_job.hpp"

#include "line/stage_shell.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"

namespace hangu::line {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGoneTime = std::chrono::seconds(10);
constexpr milliseconds kFirstPause{1};
constexpr milliseconds kLongestPause{100};
constexpr std::string_view kStillWritable = "output-still-writable";

Result<crypto::ObjectDigest> freeze(CustodianClient& custodian, const Token& token,
                                    std::uint64_t output) {
  const milliseconds until = os::monotonic_now() + kGoneTime;
  milliseconds pause = kFirstPause;
  while (true) {  // ends: by `until` at the latest
    Result<crypto::ObjectDigest> digest = custodian.freeze(token, output);
    if (digest || digest.error().reason() != kStillWritable) return digest;
    if (os::monotonic_now() >= until)
      return fail(ErrorCode::internal, kStillWritable, digest.error().context());
    HANGU_TRY(const auto none, os::wait_readable({}, pause));
    static_cast<void>(none);
    pause = std::min(2 * pause, kLongestPause);
  }
}

Result<JobResult> attempt(const Work& work, CustodianClient& custodian,
                          const std::string& worker_socket, const plain::WorkerRequest& request,
                          const Opened& input, crypto::HashAlgorithm algorithm) {
  std::vector<os::FdView> descriptors{input.file()};
  std::optional<Output> output;
  if (plain::descriptors_of(request.job) > 1) {
    HANGU_TRY(output, custodian.create(work.token, algorithm));
    descriptors.push_back(output->file.view());
  }
  if (input.leaves().valid()) descriptors.push_back(input.leaves());
  HANGU_TRY(plain::WorkerReply reply,
            plain::run_worker(worker_socket, request, descriptors, plain::kWorkerWallMax));
  JobResult result{std::move(reply), std::nullopt};
  if (!result.reply.passed() || !output) return result;
  output->file.reset();
  HANGU_TRY(result.output, freeze(custodian, work.token, output->id));
  return result;
}

}  // namespace

Result<JobResult> run_job(const Work& work, CustodianClient& custodian,
                          const std::string& worker_socket, plain::WorkerRequest request,
                          const Opened& input, crypto::HashAlgorithm algorithm) {
  request.input = input.digest();
  for (unsigned left = kWorkerAttemptsMax - 1;; --left) {
    HANGU_TRY(JobResult result, attempt(work, custodian, worker_socket, request, input, algorithm));
    if (result.reply.reason != "worker-died" || left == 0) return result;
  }
}

Outcome stopped_at(const Work& work, const std::string& object, const plain::WorkerReply& reply) {
  std::string_view what = reply.detail;  // a worker begins it with the reason
  if (what.starts_with(reply.reason)) what.remove_prefix(reply.reason.size());
  if (what.starts_with(": ")) what.remove_prefix(2);
  if (reply.verdict == flow::Verdict::fail)
    return Outcome::refused(work, reply.reason).at(object, what);
  log_line("STEP-0009", work.transfer.text() + " " + std::string(flow::to_text(work.stage)) + " " +
                            object + ": " + reply.reason + " " + std::string(what));
  return Outcome::failed(work, reply.reason).at(object);
}

}  // namespace hangu::line
