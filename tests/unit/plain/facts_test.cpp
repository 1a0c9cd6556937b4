#include "plain/facts.hpp"

#include "plain/worker_protocol.hpp"
#include "samples.hpp"

namespace hangu::plain {
namespace {

std::optional<CrsUnit> metres(const Crs&) { return CrsUnit{false, 1}; }
std::optional<CrsUnit> degrees(const Crs&) { return CrsUnit{true, 1}; }
std::optional<CrsUnit> unknown(const Crs&) { return std::nullopt; }

TEST_CASE("facts of a vector dataset count features, vertices and what has no geometry",
          "[plain][facts]") {
  const auto file = test::vector_file();
  const auto facts = measure(file.view(), unknown);
  REQUIRE(facts);
  REQUIRE(facts->layers.size() == 2);
  CHECK(facts->layers[0].features == 2);
  CHECK(facts->layers[0].without_geometry == 1);
  CHECK(facts->layers[0].vertices == 1);
  REQUIRE(facts->layers[0].extent);
  CHECK(facts->layers[0].extent->max_y == 2);
  CHECK(facts->layers[1].features == 2);
  const wire::Json json = facts->to_json();
  CHECK(*json.find("kind")->as_string() == "vector");
  CHECK(*json.find("features")->as_integer() == 4);
  CHECK(wire::Json::parse(json.to_text(), 10'000));
}

TEST_CASE("ground resolution is in metres whatever the unit of the CRS", "[plain][facts]") {
  Raster raster = test::small_raster();
  const auto file = test::raster_file(raster);
  CHECK(measure(file.view(), metres)->raster->ground_resolution == Approx(10));
  CHECK_FALSE(measure(file.view(), unknown)->raster->ground_resolution);
  // 3 arc seconds at the equator are 92.77 m (2 pi 6378137 / 432000).
  raster.transform = {{100, 3.0 / 3600, 0, 0.001, 0, -3.0 / 3600}};
  const auto on_earth = test::raster_file(raster);
  CHECK(measure(on_earth.view(), degrees)->raster->ground_resolution ==
        Approx(92.766).epsilon(1e-4));
  const auto facts = measure(on_earth.view(), degrees);
  REQUIRE(facts);
  CHECK(facts->raster->extent->min_x == Approx(100));
  CHECK(facts->raster->extent->max_x == Approx(100.25));
}

TEST_CASE("a footprint is known only when every record has a place and every place a ground",
          "[plain][facts]") {
  const GroundOf box_itself = [](const Crs&, const Box& box) {
    return std::optional(GroundRing{box.min_x, box.min_y, box.max_x, box.min_y, box.max_x,
                                    box.max_y, box.min_x, box.max_y});
  };
  const GroundOf nowhere = [](const Crs&, const Box&) { return std::optional<GroundRing>(); };
  Raster raster = test::small_raster();
  raster.transform = {{100, 0.01, 0, 30, 0, -0.01}};
  const auto file = test::raster_file(raster);
  const auto facts = measure(file.view(), degrees, box_itself);
  REQUIRE(facts);
  REQUIRE(facts->footprint);
  REQUIRE(facts->footprint->size() == 1);
  CHECK(facts->footprint->front()[0] == Approx(100));
  CHECK(facts->footprint->front()[3] == Approx(30 - 0.01 * raster.height));
  const wire::Json json = facts->to_json();
  CHECK(json.find("footprint")->as_array()->front().as_array()->size() == 8);
  CHECK_FALSE(measure(file.view(), degrees, nowhere)->footprint);
  CHECK_FALSE(measure(file.view(), degrees)->footprint);
  CHECK(measure(file.view(), degrees)->to_json().find("footprint")->is_null());
  // One of its features has no geometry, and a layer has none at all.
  const auto vector = test::vector_file();
  CHECK_FALSE(measure(vector.view(), degrees, box_itself)->footprint);
}

TEST_CASE("worker requests and replies come back as they were sent", "[plain][worker]") {
  WorkerRequest request;
  request.job = WorkerJob::write;
  request.format = Format::csv;
  request.cpu_seconds_max = 7;
  const auto read = decode_request(encode(request));
  REQUIRE(read);
  CHECK(read->job == WorkerJob::write);
  CHECK(read->format == Format::csv);
  CHECK(read->cpu_seconds_max == 7);
  CHECK(read->wall_max == request.wall_max);

  CHECK_FALSE(read->input);
  CHECK(descriptors_of(request) == 2);

  request.input = crypto::ObjectDigest{crypto::HashAlgorithm::sm3, 1'048'576, {std::byte{9}}};
  CHECK(decode_request(encode(request))->input == request.input);
  CHECK(descriptors_of(request) == 2);  // one chunk: its leaf is the root
  request.input->size = 1'048'577;
  CHECK(descriptors_of(request) == 3);
  request.input->size = std::uint64_t{1} << 50;
  CHECK(decode_request(encode(request)));
  ++request.input->size;
  CHECK(test::reason_of(decode_request(encode(request))) == "worker-request-invalid");
  request.input.reset();

  request.cpu_seconds_max = kWorkerCpuSecondsMax;
  CHECK(decode_request(encode(request)));
  request.cpu_seconds_max = kWorkerCpuSecondsMax + 1;
  CHECK(test::reason_of(decode_request(encode(request))) == "worker-request-invalid");

  WorkerReply reply;
  reply.verdict = flow::Verdict::pass;
  reply.reason = "ok";
  reply.features = 3;
  reply.facts = wire::JsonObject{{"a", 1}};
  const auto answered = decode_reply(encode(reply));
  REQUIRE(answered);
  CHECK(answered->features == 3);
  CHECK(*answered->facts == *reply.facts);
  reply.verdict = flow::Verdict::fail;  // "ok" belongs to a pass alone
  CHECK(test::reason_of(decode_reply(encode(reply))) == "worker-reply-invalid");
}

TEST_CASE("media types name formats, and unknown ones are refused", "[plain][worker]") {
  CHECK(*parse_media_type("application/geopackage+sqlite3") == Format::geopackage);
  CHECK(*parse_media_type("image/tiff; application=geotiff") == Format::geotiff);
  CHECK(*parse_media_type("TEXT/CSV") == Format::csv);
  for (const std::string_view bad : {"", "text/plain", "application/zip", "image/tiff; a=b"}) {
    CHECK(test::reason_of(parse_media_type(bad)) == "format-not-supported");
  }
}

TEST_CASE("a worker that dies, keeps silent or talks nonsense is an error verdict",
          "[plain][worker]") {
  const WorkerRequest request{.job = WorkerJob::measure};
  const auto file = test::vector_file();
  const std::array<os::FdView, 1> descriptors{file.view()};
  {
    auto ends = os::Channel::pair();
    REQUIRE(ends);
    const auto reply =
        run_worker(std::move(ends->first), request, descriptors, std::chrono::milliseconds(20));
    REQUIRE(reply);
    CHECK(reply->reason == "worker-timeout");
  }
  {
    auto ends = os::Channel::pair();
    REQUIRE(ends);
    REQUIRE(ends->second.send(bytes_of("nonsense"), std::chrono::seconds(1)));
    const auto reply =
        run_worker(std::move(ends->first), request, descriptors, std::chrono::seconds(1));
    REQUIRE(reply);
    CHECK(reply->verdict == flow::Verdict::error);
    CHECK(reply->reason == "worker-reply-invalid");
  }
  {
    auto ends = os::Channel::pair();
    REQUIRE(ends);
    CHECK(test::reason_of(run_worker(std::move(ends->first), request, {},
                                     std::chrono::seconds(1))) == "worker-request-invalid");
  }
}

}  // namespace
}  // namespace hangu::plain
