#include "plain/worker_protocol.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "wire/codec.hpp"

namespace hangu::plain {
namespace {

constexpr std::uint8_t kProtocolVersion = 1;
constexpr std::size_t kReasonBytesMax = 64;
constexpr std::chrono::milliseconds kSendPatience = std::chrono::seconds(10);
constexpr std::int64_t kMillisecondsMax = std::int64_t{1} << 40;

constexpr auto kJobs = std::to_array<std::string_view>({"read", "measure", "write"});
constexpr auto kJobDescriptors = std::to_array<std::size_t>({2, 1, 2});
constexpr auto kFormats = std::to_array<std::string_view>({"geopackage", "geotiff", "csv"});
constexpr auto kMediaTypes = std::to_array<std::string_view>(
    {"application/geopackage+sqlite3", "image/tiff; application=geotiff", "text/csv"});

std::unexpected<Error> bad_request(std::string_view what) {
  return fail(ErrorCode::malformed, "worker-request-invalid", std::string(what));
}

/// Lower case without white space: media types as people write them.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool is_reason(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

WorkerReply no_answer(std::string_view reason, std::string detail) {
  WorkerReply reply;
  reply.reason = reason;
  reply.detail = std::move(detail);
  return reply;
}

}  // namespace

std::string_view to_text(WorkerJob job) { return kJobs[static_cast<std::size_t>(job)]; }
std::size_t descriptors_of(WorkerJob job) { return kJobDescriptors[static_cast<std::size_t>(job)]; }
std::size_t descriptors_of(const WorkerRequest& request) {
  const bool has_leaves = request.input && crypto::chunk_count(request.input->size) > 1;
  return descriptors_of(request.job) + (has_leaves ? 1 : 0);
}
std::string_view to_text(Format format) { return kFormats[static_cast<std::size_t>(format)]; }
std::string_view media_type_of(Format format) {
  return kMediaTypes[static_cast<std::size_t>(format)];
}

Result<Format> parse_media_type(std::string_view media_type) {
  struct Known {
    std::string_view text;
    Format format;
  };
  constexpr auto kKnown = std::to_array<Known>({
      {"application/geopackage+sqlite3", Format::geopackage},
      {"image/tiff;application=geotiff", Format::geotiff},
      {"image/tiff", Format::geotiff},
      {"text/csv", Format::csv},
      {"text/csv;charset=utf-8", Format::csv},
  });
  const std::string squeezed_type = squeezed(media_type);
  const auto found = std::ranges::find(kKnown, std::string_view(squeezed_type), &Known::text);
  if (found == kKnown.end()) {
    return fail(ErrorCode::malformed, "format-not-supported", printable(media_type));
  }
  return found->format;
}

Bytes encode(const WorkerRequest& request) {
  wire::Writer to;
  to.u8(kProtocolVersion).enumerated(request.job).enumerated(request.format);
  to.u64(request.output_bytes_max).u64(request.memory_bytes_max).u32(request.cpu_seconds_max);
  to.u64(static_cast<std::uint64_t>(request.wall_max.count()));
  to.flag(request.input.has_value());
  if (request.input)
    to.enumerated(request.input->algorithm).u64(request.input->size).raw(request.input->root);
  return std::move(to).take();
}

Result<WorkerRequest> decode_request(ByteView bytes) {
  wire::Reader from(bytes);
  const std::uint8_t version = from.u8();
  WorkerRequest request;
  request.job = from.enumerated(WorkerJob::write);
  request.format = from.enumerated(Format::csv);
  request.output_bytes_max = from.u64();
  request.memory_bytes_max = from.u64();
  request.cpu_seconds_max = from.u32();
  const std::uint64_t wall = from.u64();
  if (from.flag()) {
    crypto::ObjectDigest& input = request.input.emplace();
    input.algorithm = from.enumerated(crypto::HashAlgorithm::sm3);
    input.size = from.u64();
    const ByteView root = from.raw(input.root.size());
    if (!from.failed()) std::ranges::copy(root, input.root.begin());
  }
  HANGU_CHECK(from.finish());
  if (version != kProtocolVersion) return bad_request("version");
  if (request.memory_bytes_max == 0 || request.memory_bytes_max > kWorkerMemoryBytesMax) {
    return bad_request("memory");
  }
  if (request.cpu_seconds_max == 0 || request.cpu_seconds_max > kWorkerCpuSecondsMax) {
    return bad_request("processor time");
  }
  if (request.input && request.input->size > kObjectBytesMax) return bad_request("input");
  if (wall == 0 || wall > static_cast<std::uint64_t>(kWorkerWallMax.count())) {
    return bad_request("wall time");
  }
  request.wall_max = std::chrono::milliseconds(static_cast<std::int64_t>(wall));
  return request;
}

Bytes encode(const WorkerReply& reply) {
  wire::Writer to;
  to.u8(kProtocolVersion).enumerated(reply.verdict).text(reply.reason).text(reply.detail);
  to.u64(reply.input_bytes).u64(reply.output_bytes).u64(reply.features).u64(reply.tiles);
  to.raw(reply.content_digest).u64(static_cast<std::uint64_t>(reply.cpu.count()));
  to.flag(reply.facts.has_value());
  if (reply.facts) to.text(reply.facts->to_text());
  return std::move(to).take();
}

Result<WorkerReply> decode_reply(ByteView bytes) {
  wire::Reader from(bytes);
  const std::uint8_t version = from.u8();
  WorkerReply reply;
  reply.verdict = from.enumerated(flow::Verdict::error);
  reply.reason = from.text(kReasonBytesMax);
  reply.detail = from.text(kWorkerDetailBytesMax);
  reply.input_bytes = from.u64();
  reply.output_bytes = from.u64();
  reply.features = from.u64();
  reply.tiles = from.u64();
  const ByteView digest = from.raw(reply.content_digest.size());
  const std::uint64_t cpu = from.u64();
  const bool has_facts = from.flag();
  const std::string_view facts = has_facts ? from.text(kWorkerFactsBytesMax) : std::string_view();
  HANGU_CHECK(from.finish());
  if (version != kProtocolVersion || !is_reason(reply.reason) || cpu > kMillisecondsMax ||
      (reply.reason == "ok") != reply.passed()) {
    return fail(ErrorCode::malformed, "worker-reply-invalid");
  }
  std::ranges::copy(digest, reply.content_digest.begin());
  reply.cpu = std::chrono::milliseconds(static_cast<std::int64_t>(cpu));
  if (has_facts) {
    HANGU_TRY(reply.facts, wire::Json::parse(facts, kWorkerFactsBytesMax));
  }
  return reply;
}

Result<WorkerReply> run_worker(os::Channel channel, const WorkerRequest& request,
                               std::span<const os::FdView> descriptors,
                               std::chrono::milliseconds timeout) {
  if (descriptors.size() != descriptors_of(request)) return bad_request("descriptors");
  HANGU_CHECK(channel.send(encode(request), kSendPatience, descriptors));
  auto message = channel.receive(timeout);
  if (!message) {
    const std::string_view reason = message.error().reason();
    if (reason == "peer-gone")  // of a worker that died, its zygote would have told
      return fail(ErrorCode::unavailable, "workers-gone", "the zygote ended");
    if (reason == "peer-slow") return no_answer("worker-timeout", "no answer in time");
    return no_answer("worker-reply-invalid", message.error().message());
  }
  auto reply = decode_reply(message->bytes);
  if (!reply) return no_answer("worker-reply-invalid", reply.error().message());
  return *std::move(reply);
}

Result<WorkerReply> run_worker(const std::string& socket_path, const WorkerRequest& request,
                               std::span<const os::FdView> descriptors,
                               std::chrono::milliseconds timeout) {
  HANGU_TRY(os::Channel channel, os::Channel::connect(socket_path));
  return run_worker(std::move(channel), request, descriptors, timeout);
}

}  // namespace hangu::plain
