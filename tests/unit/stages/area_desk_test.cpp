// Areas: reserved in the ledger, told in the log, and the one held to the other.

#include "stages/decide/area_desk.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <thread>

#include <catch2/catch.hpp>

#include "audit/schema.hpp"
#include "mosaic/service.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using test::must;

/// hangu-mosaic's service on a thread of the test.
class MosaicService {
 public:
  MosaicService(const std::string& socket, const std::string& file)
      : ledger_(must(mosaic::MosaicLedger::open(file))),
        listener_(must(os::Listener::bind(socket))),
        thread_([this] { (void)mosaic::serve(*ledger_, listener_, stop_.view()).has_value(); }) {}
  ~MosaicService() {
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
    thread_.join();
  }

 private:
  std::unique_ptr<mosaic::MosaicLedger> ledger_;
  os::Listener listener_;
  os::UniqueFd stop_{::eventfd(0, EFD_CLOEXEC)};
  std::thread thread_;
};

/// The facts of one object that covers a box, as inspect writes them; without a box, of a table.
std::string facts(std::optional<std::array<double, 4>> box) {
  wire::Json footprint = nullptr;
  if (box) {
    const auto& [west, south, east, north] = *box;
    footprint =
        wire::JsonArray{wire::JsonArray{west, south, east, south, east, north, west, north}};
  }
  return wire::Json(wire::JsonArray{wire::JsonObject{
                        {"name", "a"},
                        {"measured", wire::JsonObject{{"footprint", std::move(footprint)}}}}})
      .to_text();
}

struct Office {
  test::SeededEntropy entropy{"areas"};
  os::test::ScratchFolder folder;
  ManualClock clock{must(WallTime::parse("2026-03-01T08:00:00Z"))};
  test::AuditService log{
      folder / "audit",
      "gw/audit",
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy)),
      clock,
      {"decide"}};
  std::string file = folder / "mosaic.sqlite";
  std::optional<MosaicService> service;
  std::optional<stages::AreaDesk> desk;
  line::AuditClient audit = must(line::AuditClient::connect(log.socket("decide"), entropy));

  Office() { start(); }
  void start() {
    desk.emplace(folder / "mosaic.sock");
    service.emplace(folder / "mosaic.sock", file);
  }
  void stop() {
    service.reset();
    desk.reset();
  }
  std::string ask(char transfer, const std::string& measured, std::uint64_t km2 = 2) {
    stages::OverTime asked{
        .transfer = must(TransferId::create(std::string(32, transfer))),
        .receivers = {must(NodeId::create("portal"))},
        .families = {"imagery"},
        .limits = {},
        .now = clock.now().value(),
        .facts = measured,
        .facts_digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(measured))};
    asked.limits.contiguous_km2 = km2;
    const auto answer = desk->reserve(asked, audit);
    return answer ? *answer : std::string(answer.error().reason());
  }
};

const std::string kFirst = facts({{116, 0, 116.01, 0.01}});  // 1.23 square kilometres
const std::string kBeside = facts({{116.01, 0, 116.02, 0.01}});
const std::string kElsewhere = facts({{117, 0, 117.01, 0.01}});

}  // namespace

TEST_CASE("a release is entered and told, and what would make too large an area is refused",
          "[limits]") {
  Office o;
  CHECK(o.ask('1', kFirst) == "ok");
  CHECK(o.ask('2', kBeside) == "limit-contiguous-area");
  CHECK(o.ask('3', kElsewhere) == "ok");
  CHECK(o.ask('4', kBeside, 3) == "ok");
  const auto index = must(o.audit.holder("mosaic:2"));
  REQUIRE(index);
  const auto proved = must(o.audit.prove(*index, must(o.audit.checkpoint()).size));
  CHECK(proved.entry.find("transfer.covered") != std::string::npos);
  CHECK(proved.entry.find(std::string(32, '3')) != std::string::npos);
  CHECK_FALSE(must(o.audit.holder("mosaic:4")));
}

TEST_CASE("ground that is not known is refused, and none needs no reservation", "[limits]") {
  Office o;
  CHECK(o.ask('1', facts({})) == "footprint-unknown");
  CHECK(o.ask('1', R"([{"name":"a","measured":null}])") == "footprint-unknown");
  CHECK(o.ask('1', R"([{"name":"a","measured":{"kind":"table"}}])") == "footprint-unknown");
  CHECK(o.ask('1', R"([{"name":"a","measured":{"footprint":[]}}])") == "ok");
  CHECK(o.ask('1', R"([{"name":"a","measured":{"footprint":[[1,2,3]]}}])") == "footprint-invalid");
  CHECK(o.ask('1', R"({"footprint":[]})") == "footprint-invalid");
  CHECK_FALSE(must(o.audit.holder("mosaic:1")));
}

TEST_CASE(
    "a transfer that is cleared anew finds its reservation, also after a crash between ledger "
    "and log",
    "[limits]") {
  Office o;
  CHECK(o.ask('1', kFirst) == "ok");
  CHECK(o.ask('1', kFirst) == "ok");
  CHECK_FALSE(must(o.audit.holder("mosaic:2")));
  // The ledger was asked, and decide died before it told the log.
  {
    mosaic::Client client(o.folder / "mosaic.sock");
    const auto footprint = must(stages::footprint_in(kElsewhere));
    REQUIRE(footprint);
    const mosaic::Release release{
        must(TransferId::create(std::string(32, '2'))), {{"portal", "imagery"}}, *footprint, 2};
    CHECK(must(client.reserve(release)).number == 2);
  }
  o.stop();
  o.start();
  CHECK(o.ask('3', kFirst, 3) == "ok");  // another meanwhile takes the next number
  CHECK(o.ask('2', kElsewhere) == "ok");
  CHECK(must(o.audit.holder("mosaic:2")) > must(o.audit.holder("mosaic:3")));
}

TEST_CASE("a ledger that is gone, or an older copy of it, is not gone on with", "[limits]") {
  namespace fs = std::filesystem;
  Office o;
  CHECK(o.ask('1', kFirst) == "ok");
  o.stop();
  fs::copy_file(o.file, o.file + ".older");
  o.start();
  CHECK(o.ask('2', kElsewhere) == "ok");
  o.stop();
  fs::rename(o.file, o.file + ".newest");
  o.start();  // empty
  CHECK(o.ask('3', kBeside) == "mosaic-behind");
  o.stop();
  fs::copy_file(o.file + ".older", o.file, fs::copy_options::overwrite_existing);
  o.start();
  CHECK(o.ask('3', kBeside) == "mosaic-behind");
  o.stop();
  fs::copy_file(o.file + ".newest", o.file, fs::copy_options::overwrite_existing);
  o.start();
  CHECK(o.ask('3', kBeside) == "limit-contiguous-area");
  CHECK(o.ask('4', facts({{118, 0, 118.01, 0.01}})) == "ok");
  o.service.reset();
  CHECK(o.ask('5', kElsewhere) == "mosaic-unavailable");
}
