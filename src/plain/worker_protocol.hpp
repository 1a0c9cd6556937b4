#pragma once
// The worker's protocol: one request with its descriptors, one reply, on a connection of its own.
// Stages use this without linking GDAL; hangu-worker answers. docs/protocols/plain-form.md §8.

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "crypto/chunk_tree.hpp"
#include "flow/stage.hpp"
#include "os/channel.hpp"
#include "wire/json.hpp"

namespace hangu::plain {

/// What a worker does with an object. A process does one of them, once.
enum class WorkerJob : std::uint8_t {
  read,     ///< descriptors: hostile file (read-only), plain form (to be written and re-read)
  measure,  ///< descriptors: plain form (read-only); the reply has facts
  write,    ///< descriptors: plain form (read-only), rendition (to be written and re-read)
};
[[nodiscard]] std::string_view to_text(WorkerJob job);
[[nodiscard]] std::size_t descriptors_of(WorkerJob job);

/// The formats that the gateway takes in and gives out.
enum class Format : std::uint8_t { geopackage, geotiff, csv };
/// "geopackage", "geotiff", "csv".
[[nodiscard]] std::string_view to_text(Format format);
/// "application/geopackage+sqlite3", "image/tiff; application=geotiff", "text/csv".
[[nodiscard]] std::string_view media_type_of(Format format);
/// Reads those, and "image/tiff" as GeoTIFF, "text/csv; charset=utf-8" as CSV, without regard to
/// case. Errors: Malformed "format-not-supported".
[[nodiscard]] Result<Format> parse_media_type(std::string_view media_type);

inline constexpr std::uint64_t kWorkerMemoryBytesMax = std::uint64_t{4} << 30;
inline constexpr std::uint32_t kWorkerCpuSecondsMax = 4 * 3600;
inline constexpr std::chrono::milliseconds kWorkerWallMax = std::chrono::hours(6);
inline constexpr std::size_t kWorkerDetailBytesMax = 2000;
inline constexpr std::size_t kWorkerFactsBytesMax = 128 * 1024;

struct WorkerRequest {
  WorkerJob job = WorkerJob::read;
  Format format = Format::geopackage;  ///< declared (read, measure), wanted (write)
  std::uint64_t output_bytes_max = std::uint64_t{1} << 40;
  std::uint64_t memory_bytes_max = std::uint64_t{1}
                                   << 30;  ///< on top of what the zygote has mapped
  std::uint32_t cpu_seconds_max = 600;
  std::chrono::milliseconds wall_max = std::chrono::minutes(15);
  /// What the first descriptor holds. Given, the worker checks every chunk that it reads, and when
  /// the object has more than one, a last descriptor has the leaf hashes.
  std::optional<crypto::ObjectDigest> input{};
};
/// Descriptors that go with a request: those of its job, and the leaf hashes.
[[nodiscard]] std::size_t descriptors_of(const WorkerRequest& request);

[[nodiscard]] Bytes encode(const WorkerRequest& request);
/// Errors: Malformed "wire-…", "worker-request-invalid" (a limit over its maximum, or zero).
[[nodiscard]] Result<WorkerRequest> decode_request(ByteView bytes);

struct WorkerReply {
  flow::Verdict verdict = flow::Verdict::error;
  std::string reason;  ///< kebab-case; "ok" on a pass
  std::string detail;  ///< a sentence for people; on a pass what was left behind, or empty
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t features = 0;  ///< and rows
  std::uint64_t tiles = 0;
  crypto::Hash content_digest{};  ///< of the plain form read or written; zero unless a pass
  std::chrono::milliseconds cpu{0};
  std::optional<wire::Json> facts;  ///< measure only

  [[nodiscard]] bool passed() const { return verdict == flow::Verdict::pass; }
};

[[nodiscard]] Bytes encode(const WorkerReply& reply);
/// Errors: Malformed "wire-…", "json-…", "worker-reply-invalid".
[[nodiscard]] Result<WorkerReply> decode_reply(ByteView bytes);

/// Asks a worker and waits at most `timeout` for its answer. Closing the channel (which this does
/// on return) ends the worker, whatever it is doing.
///
/// A worker that dies (its zygote says so), keeps silent or talks nonsense is an answer too:
/// verdict error with reason "worker-died", "worker-timeout" or "worker-reply-invalid". Only what
/// went wrong on this side is an Error: Malformed "worker-request-invalid" (count of descriptors),
/// Unavailable "peer-gone" (before the request was sent) and "workers-gone" (all workers ended: no
/// word against the content).
[[nodiscard]] Result<WorkerReply> run_worker(os::Channel channel, const WorkerRequest& request,
                                             std::span<const os::FdView> descriptors,
                                             std::chrono::milliseconds timeout);
/// The same, connecting to the worker's socket first. Errors also: Unavailable "peer-absent".
[[nodiscard]] Result<WorkerReply> run_worker(const std::string& socket_path,
                                             const WorkerRequest& request,
                                             std::span<const os::FdView> descriptors,
                                             std::chrono::milliseconds timeout);

}  // namespace hangu::plain
