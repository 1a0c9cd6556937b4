#include "geo/job.hpp"

#include <ctime>
#include <exception>

#include "base/text.hpp"
#include "geo/crs.hpp"
#include "geo/csv_reader.hpp"
#include "geo/csv_writer.hpp"
#include "geo/gdal_session.hpp"
#include "geo/geopackage_reader.hpp"
#include "geo/geopackage_writer.hpp"
#include "geo/geotiff_reader.hpp"
#include "geo/geotiff_writer.hpp"
#include "geo/ground.hpp"
#include "os/file.hpp"
#include "plain/facts.hpp"

namespace hangu::geo {
namespace {

using plain::Format;
using plain::WorkerJob;
using plain::WorkerReply;
using plain::WorkerRequest;

/// Of a reply's detail; printable() may add an escape and the ellipsis to it.
constexpr std::size_t kDetailBytesMax = plain::kWorkerDetailBytesMax - 16;

std::chrono::milliseconds processor_time() {
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::clock()) * 1000 / CLOCKS_PER_SEC);
}

WorkerReply reply_of(const Error& error) {
  WorkerReply reply;
  const bool unacceptable =
      error.code() == ErrorCode::malformed || error.code() == ErrorCode::forbidden;
  reply.verdict = unacceptable ? flow::Verdict::fail : flow::Verdict::error;
  reply.reason = error.reason();
  reply.detail = printable(error.message(), kDetailBytesMax);
  return reply;
}

WorkerReply reply_of(const plain::Trailer& trailer) {
  WorkerReply reply;
  reply.verdict = flow::Verdict::pass;
  reply.reason = "ok";
  reply.features = trailer.features;
  reply.tiles = trailer.tiles;
  reply.content_digest = trailer.digest;
  return reply;
}

Result<Outcome> read(Format format, plain::Input input, os::FdView output) {
  switch (format) {
    case Format::geopackage: return read_geopackage(input, output);
    case Format::geotiff: return read_geotiff(input, output);
    case Format::csv: return read_csv(input, output);
  }
  return fail(ErrorCode::malformed, "format-not-supported");
}

Result<Outcome> write(const WorkerRequest& request, plain::Input input, os::FdView output) {
  switch (request.format) {
    case Format::geopackage: return write_geopackage(input, output, request.output_bytes_max);
    case Format::geotiff: return write_geotiff(input, output, request.output_bytes_max);
    case Format::csv: return write_csv(input, output, request.output_bytes_max);
  }
  return fail(ErrorCode::malformed, "format-not-supported");
}

Result<WorkerReply> measured(plain::Input input) {
  const GdalErrors quiet;
  HANGU_TRY(const plain::Facts facts, plain::measure(input, unit_of, ground_of));
  WorkerReply reply = reply_of(facts.trailer);
  reply.facts = facts.to_json();
  if (reply.facts->to_text().size() > plain::kWorkerFactsBytesMax) {
    return fail(ErrorCode::exhausted, "facts-too-long");
  }
  HANGU_TRY(reply.input_bytes, input.size());
  return reply;
}

Result<WorkerReply> converted(const WorkerRequest& request, plain::Input input, os::FdView output) {
  HANGU_TRY(const std::uint64_t there, os::file_size(output));
  if (there != 0) return fail(ErrorCode::internal, "output-not-empty");
  const GdalErrors quiet;
  HANGU_TRY(const Outcome outcome, request.job == WorkerJob::read
                                       ? read(request.format, input, output)
                                       : write(request, input, output));
  if (outcome.output_bytes > request.output_bytes_max) {
    return fail(ErrorCode::exhausted, "output-limit");
  }
  WorkerReply reply = reply_of(outcome.trailer);
  reply.input_bytes = outcome.input_bytes;
  reply.output_bytes = outcome.output_bytes;
  reply.detail = printable(outcome.left_behind, kDetailBytesMax);
  return reply;
}

Result<WorkerReply> done(const WorkerRequest& request, std::span<const os::FdView> descriptors,
                         os::Companion* companion) {
  if (descriptors.size() != plain::descriptors_of(request)) {
    return fail(ErrorCode::malformed, "worker-request-invalid", "descriptors");
  }
  const auto do_it = [&](plain::Input input) {
    return request.job == WorkerJob::measure
               ? measured(input.with(companion))
               : converted(request, input.with(companion), descriptors[1]);
  };
  if (!request.input) return do_it(descriptors[0]);
  std::optional<os::FdView> leaves;
  if (descriptors.size() > plain::descriptors_of(request.job)) leaves = descriptors.back();
  HANGU_TRY(plain::VerifiedFile verified,
            plain::VerifiedFile::open(descriptors[0], *request.input, leaves));
  // A plain form's frames are read on the companion already.
  if (companion != nullptr && request.job == WorkerJob::read) verified.read_ahead(*companion);
  Result<WorkerReply> reply = do_it(plain::Input(verified));
  // Bytes that are not the object's are nobody's fault who made the object, whatever a parser says.
  HANGU_CHECK(verified.good());
  return reply;
}

}  // namespace

WorkerReply run_job(const WorkerRequest& request, std::span<const os::FdView> descriptors,
                    os::Companion* companion) {
  WorkerReply reply;
  try {
    auto result = done(request, descriptors, companion);
    reply = result ? *std::move(result) : reply_of(result.error());
  } catch (const std::bad_alloc&) {
    reply = reply_of(Error(ErrorCode::exhausted, "memory-limit"));
  } catch (const std::exception& unexpected) {
    reply = reply_of(Error(ErrorCode::internal, "worker-defect", unexpected.what()));
  }
  reply.cpu = processor_time();
  return reply;
}

}  // namespace hangu::geo
