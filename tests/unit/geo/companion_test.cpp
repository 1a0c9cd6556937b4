// Jobs that have a companion give the bytes of jobs that have none, and fail as they do.

#include <sys/mman.h>

#include "crypto/chunk_tree.hpp"
#include "geo/job.hpp"
#include "tests/support/full_disk.hpp"
#include "tests/unit/geo/conversions.hpp"

namespace hangu::geo {
namespace {

using plain::WorkerJob;
using plain::WorkerReply;
using plain::WorkerRequest;

/// A file in memory.
os::UniqueFd memory() {
  os::UniqueFd file(::memfd_create("object", MFD_CLOEXEC));
  REQUIRE(file.valid());
  return file;
}

Bytes content_of(const os::UniqueFd& file) {
  Bytes bytes(static_cast<std::size_t>(os::file_size(file.view()).value()));
  REQUIRE(os::read_exactly_at(file.view(), 0, bytes));
  return bytes;
}

/// Does a job on a file that is named by its digest.
WorkerReply on_object(WorkerJob what, plain::Format format, const os::UniqueFd& input,
                      const os::UniqueFd* output, os::Companion* companion) {
  const auto hashed = crypto::hash_file(input.get(), crypto::HashAlgorithm::sha256);
  REQUIRE(hashed);
  const os::UniqueFd leaves = memory();
  Bytes bytes;
  for (const crypto::Hash& leaf : hashed->leaves) append(bytes, leaf);
  REQUIRE(os::write_all(leaves.view(), bytes));
  WorkerRequest request;
  request.job = what;
  request.format = format;
  request.input = hashed->digest;
  std::vector<os::FdView> descriptors{input.view()};
  if (output != nullptr) descriptors.push_back(output->view());
  if (plain::descriptors_of(request) > descriptors.size()) descriptors.push_back(leaves.view());
  return run_job(request, descriptors, companion);
}

struct Converted {
  os::UniqueFd plain_form = memory();
  os::UniqueFd rendition = memory();
  std::string facts;
};

Converted convert(const char* name, plain::Format format, os::Companion* companion) {
  Converted out;
  const os::UniqueFd input = test::open_input(test::data_path(name));
  const WorkerReply read = on_object(WorkerJob::read, format, input, &out.plain_form, companion);
  INFO(read.reason << ": " << read.detail);
  REQUIRE(read.passed());
  const WorkerReply facts =
      on_object(WorkerJob::measure, format, out.plain_form, nullptr, companion);
  REQUIRE(facts.passed());
  out.facts = facts.facts->to_text();
  const WorkerReply written =
      on_object(WorkerJob::write, format, out.plain_form, &out.rendition, companion);
  INFO(written.reason << ": " << written.detail);
  REQUIRE(written.passed());
  CHECK(written.content_digest == read.content_digest);
  return out;
}

os::Companion companion() {
  test::warm_once();
  auto started = os::Companion::start();
  REQUIRE(started);
  return *std::move(started);
}

TEST_CASE("a job with a companion gives the bytes of a job without", "[geo][companion]") {
  os::Companion other = companion();
  for (const auto& [name, format] : {std::pair("world_map.gpkg", plain::Format::geopackage),
                                     std::pair("nc.gpkg", plain::Format::geopackage),
#if !defined(HANGU_SANITIZED)  // the undefined-behaviour sanitizer wants a pipe to look at GDAL
                                     std::pair("L7_ETMs.tif", plain::Format::geotiff),
#endif
                                     std::pair("areas.csv", plain::Format::csv)}) {
    INFO(name);
    const Converted alone = convert(name, format, nullptr);
    const Converted together = convert(name, format, &other);
    CHECK(content_of(together.plain_form) == content_of(alone.plain_form));
    CHECK(content_of(together.rendition) == content_of(alone.rendition));
    CHECK(together.facts == alone.facts);
  }
}

TEST_CASE("a job whose disk is full says so, wherever its companion meets the end",
          "[geo][companion]") {
  os::Companion other = companion();
  const Converted whole = convert("world_map.gpkg", plain::Format::geopackage, nullptr);
  const auto size = os::file_size(whole.rendition.view()).value();
  for (const std::uint64_t room : {std::uint64_t{5000}, size / 3, size - 5000, size - 1, size}) {
    INFO(room << " of " << size);
    const os::UniqueFd rendition = memory();
    const auto written = [&] {
      const hangu::test::FullDisk full(room);
      return write_geopackage(plain::Input(whole.plain_form.view()).with(&other), rendition.view(),
                              test::kAnySize);
    }();
    CHECK(test::reason_of(written) == (room == size ? "ok" : "disk-full"));
  }
}

TEST_CASE("a job whose input is damaged fails for that, with a companion too", "[geo][companion]") {
  os::Companion other = companion();
  const os::UniqueFd input = test::open_input(test::data_path("world_map.gpkg"));
  const Bytes whole = content_of(input);
  const auto hashed = crypto::hash_file(input.get(), crypto::HashAlgorithm::sha256);
  REQUIRE(hashed);
  for (const std::size_t at : {whole.size() / 5, whole.size() / 2, whole.size() - 9}) {
    Bytes changed = whole;
    changed[at] ^= std::byte{1};
    const os::UniqueFd damaged = memory();
    const os::UniqueFd leaves = memory();
    const os::UniqueFd output = memory();
    REQUIRE(os::write_all(damaged.view(), changed));
    Bytes bytes;
    for (const crypto::Hash& leaf : hashed->leaves) append(bytes, leaf);
    REQUIRE(os::write_all(leaves.view(), bytes));
    WorkerRequest request;
    request.input = hashed->digest;
    const std::array descriptors{damaged.view(), output.view(), leaves.view()};
    const WorkerReply reply = run_job(request, descriptors, &other);
    CHECK(reply.verdict == flow::Verdict::error);
    CHECK(reply.reason == "chunk-mismatch");
  }
}

}  // namespace
}  // namespace hangu::geo
