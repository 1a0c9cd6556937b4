#pragma once
// TusRoutes: the tus protocol bound to a router and to whoever stores uploads.

#include <memory>

#include "net/router.hpp"
#include "net/tus.hpp"

namespace hangu::net {

/// UploadState is what a store knows of an unfinished or finished upload.
struct UploadState {
  std::uint64_t offset = 0;  ///< bytes held durably
  std::uint64_t length = 0;
  UploadMetadata metadata;
};

/// UploadStore keeps uploads. An upload belongs to its owner (Request::identity); anyone else gets
/// "upload-unknown". Called from one thread at a time.
///
/// Errors that clients see: Forbidden "upload-unknown" (404: never was, or another's, or terminated
/// or expired), Forbidden "upload-gone" (410, of a store that remembers which those were),
/// Exhausted "tus-upload-too-large" (413), "node-quota", "node-uploads-open" (429); any other by
/// its code (error_response).
class UploadStore {
 public:
  virtual ~UploadStore() = default;
  /// Makes an upload of exactly `length` bytes and reserves what it needs; its id
  /// ([A-Za-z0-9_-]+), which nobody can guess.
  [[nodiscard]] virtual Result<std::string> create(std::uint64_t length,
                                                   const UploadMetadata& metadata,
                                                   std::string_view owner) = 0;
  /// The offset told is durable: what was not settled is settled first.
  [[nodiscard]] virtual Result<UploadState> state(std::string_view id, std::string_view owner) = 0;
  /// Writes the next bytes; `offset` is where the last ones ended.
  [[nodiscard]] virtual Done append(std::string_view id, std::string_view owner,
                                    std::uint64_t offset, ByteView bytes) = 0;
  /// Makes appended bytes durable; called at the end of every PATCH that does not complete the
  /// upload, whole or cut. Only what is settled is told to the client.
  [[nodiscard]] virtual Done settle(std::string_view id, std::string_view owner) = 0;
  /// All bytes are there, not yet settled: the verdict, which tells the client that they are kept
  /// for good, here or elsewhere. Its fields go with the 204 (or 201). Called again when the client
  /// repeats its last, then empty, PATCH: it must give the same answer. After an error nothing is
  /// told but the error: the client asks for the state.
  [[nodiscard]] virtual Result<OutHeaders> finished(std::string_view id,
                                                    std::string_view owner) = 0;
  [[nodiscard]] virtual Done terminate(std::string_view id, std::string_view owner) = 0;
};

/// Adds OPTIONS and POST on `prefix`, and OPTIONS, HEAD, PATCH and DELETE on `prefix`/{id}.
/// `store` must outlive the router. When two connections PATCH one upload, the later takes it over
/// and the earlier is refused its next write: a client whose old connection hangs may go on. All
/// answers on these paths carry Tus-Resumable.
void add_tus_routes(Router& router, const std::string& prefix, UploadStore& store,
                    std::uint64_t length_max);

}  // namespace hangu::net
