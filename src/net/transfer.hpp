#pragma once
// Transfers that survive a cut line: resumable upload (tus) and ranged download, with bounded
// retries.

#include "net/client.hpp"
#include "net/tus.hpp"

namespace hangu::net {

/// RetryPlan bounds retries. Only failures without progress in between count.
struct RetryPlan {
  unsigned failures_max = 6;
  Milliseconds first_pause = std::chrono::milliseconds(500);  ///< doubles each time …
  Milliseconds pause_max = std::chrono::seconds(30);          ///< … up to this
  std::function<void(Milliseconds)> sleep;                    ///< absent: os::pause_for
};

/// UploadPlan is what to upload and where.
struct UploadPlan {
  std::string endpoint = "/v1/uploads";
  os::FdView file;  ///< read with pread from 0
  std::uint64_t length = 0;
  UploadMetadata metadata;
  std::string location;  ///< of an upload begun earlier; empty: make one
  std::function<void(const std::string&)> remember;  ///< told the location of a new upload
  Progress progress;                                 ///< of the whole upload
  RetryPlan retry;
};

struct Uploaded {
  Answer answer;  ///< the last one: the verdict with its fields when it succeeded
  std::string location;
};

/// Uploads the whole file: creates the upload unless it has a location, asks for the offset and
/// sends from there until all is there, again after every cut. Answers that say "later" (429, 503,
/// and a 409 that a new look at the offset settles) are retried; any other refusal is returned as
/// the answer. Errors: those of Client; Unavailable after failures_max; Malformed "http-tus" when
/// the server breaks the protocol.
[[nodiscard]] Result<Uploaded> upload_resumable(Client& client, const UploadPlan& plan);

/// DownloadPlan is what to download into an open file.
struct DownloadPlan {
  std::string target;
  os::FdView file;              ///< written with pwrite; cut back when the server starts anew
  std::uint64_t have = 0;       ///< bytes that are there from an earlier attempt, with …
  std::string etag;             ///< … the tag that they had; empty: start from 0
  std::uint64_t bytes_max = 0;  ///< refuse more: "http-too-long"
  std::function<void(const std::string&)> remember;  ///< told the tag when the first bytes come
  Progress progress;
  RetryPlan retry;
};

struct Downloaded {
  Answer answer;  ///< 200, 206 or 416 (already whole) when it succeeded; else the refusal
  std::uint64_t size = 0;
  std::string etag;
  bool whole = false;
};

/// Downloads a representation, going on where it was cut (Range with If-Range) as long as it is the
/// same one. Errors: those of Client; "http-content-range"; "http-too-long".
[[nodiscard]] Result<Downloaded> download_resumable(Client& client, const DownloadPlan& plan);

}  // namespace hangu::net
