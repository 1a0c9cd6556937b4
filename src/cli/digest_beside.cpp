#include "cli/digest_beside.hpp"

#include <algorithm>

#include "crypto/file_tree.hpp"

namespace hangu::cli {
namespace {

constexpr std::uint64_t kStepBytes = std::uint64_t{64} << 20;  ///< between looks whether to stop

Result<crypto::ObjectDigest> digest_of_file(os::FdView file, std::uint64_t bytes,
                                            const std::stop_token& stop) {
  crypto::FileTree tree(crypto::HashAlgorithm::sha256);
  for (std::uint64_t at = 0; at < bytes && !stop.stop_requested(); at += kStepBytes)
    HANGU_CHECK(tree.follow(file.get(), std::min(bytes, at + kStepBytes)));
  if (stop.stop_requested()) return fail(ErrorCode::internal, "read-failed", "stopped");
  HANGU_TRY(const crypto::HashedObject hashed, tree.finish(file.get(), bytes));
  return hashed.digest;
}

}  // namespace

DigestBeside::DigestBeside(os::FdView file, std::uint64_t bytes)
    : digest_(std::async(
          std::launch::async | std::launch::deferred,
          [file, bytes, stop = stop_.get_token()] { return digest_of_file(file, bytes, stop); })) {}

DigestBeside::~DigestBeside() {
  if (stop_.stop_possible()) stop_.request_stop();
}

}  // namespace hangu::cli
