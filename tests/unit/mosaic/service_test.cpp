// The ledger's socket.

#include "mosaic/service.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "mosaic/client.hpp"
#include "mosaic/limits.hpp"
#include "tests/unit/mosaic/town.hpp"

using namespace hangu;
using test::box;
using test::must;
using test::Town;

namespace {

struct Running {
  explicit Running(Town& town)
      : path(town.folder / "decide.sock"),
        listener(must(os::Listener::bind(path))),
        thread([this, &town] { ended = mosaic::serve(*town.ledger, listener, stop.view()); }) {}
  ~Running() {
    const std::uint64_t one = 1;
    if (::write(stop.get(), &one, sizeof one) != sizeof one) std::abort();
    thread.join();
  }
  std::string path;
  os::Listener listener;
  os::UniqueFd stop{::eventfd(0, EFD_CLOEXEC)};
  Done ended;
  std::thread thread;
};

}  // namespace

TEST_CASE("who asks the ledger over its socket gets its answers", "[mosaic]") {
  Town town;
  const Running running(town);
  mosaic::Client client(running.path);
  CHECK(must(client.last()) == 0);
  const auto reserved = must(client.reserve(Town::release(1, {box(116, 0, 116.01, 0.01)}, 2)));
  CHECK(reserved.fits);
  CHECK(reserved.number == 1);
  CHECK_FALSE(must(client.reserve(Town::release(2, {box(116.01, 0, 116.02, 0.01)}, 2))).fits);
  CHECK(client.commit(1));
  CHECK(client.reserve(Town::release(3, {{{0, 0}, {1, 1}, {1, 0}, {0, 1}}})).error().reason() ==
        "footprint-invalid");
  mosaic::Client other(running.path);  // of another line
  CHECK(must(other.last()) == 1);
  CHECK(must(client.last()) == 1);
}

TEST_CASE("the largest release there may be fits a message", "[mosaic]") {
  std::vector<mosaic::Ring> rings;
  rings.reserve(mosaic::kPolygonsMax);
  for (std::size_t i = 0; i < mosaic::kPolygonsMax; ++i)
    rings.push_back(
        box(static_cast<double>(i) * 0.01, 0, static_cast<double>(i) * 0.01 + 0.005, 1));
  std::set<mosaic::Account> accounts;
  for (std::size_t i = 0; i < mosaic::kAccountsMax; ++i)
    accounts.insert({std::string(60, 'n') + std::to_string(i), "imagery"});
  mosaic::Release release = Town::release(1, std::move(rings), 1, std::move(accounts));
  const Bytes message = mosaic::encode(mosaic::Request(release));
  CHECK(message.size() <= 160 * 1024);
  const auto read = must(mosaic::parse_request(message));
  CHECK(mosaic::encode(read) == message);
}

TEST_CASE("what is no request is answered with its reason, and what is cut is none", "[mosaic]") {
  const Bytes good = mosaic::encode(mosaic::Request(Town::release(1, {box(0, 0, 1, 1)})));
  for (std::size_t i = 0; i < good.size(); ++i)
    CHECK_FALSE(mosaic::parse_request(ByteView(good).first(i)));
  Bytes longer = good;
  longer.push_back(std::byte{0});
  CHECK_FALSE(mosaic::parse_request(longer));
  Town town;
  const Running running(town);
  auto channel = must(os::Channel::connect(running.path));
  REQUIRE(channel.send(longer, std::chrono::seconds(5)));
  const auto reply =
      must(mosaic::parse_reply(must(channel.receive(std::chrono::seconds(5))).bytes));
  CHECK(std::get<mosaic::Failed>(reply).reason == "wire-trailing");
}

TEST_CASE("without a ledger the client says that there is none", "[mosaic]") {
  os::test::ScratchFolder folder;
  mosaic::Client client(folder / "nobody.sock");
  const auto last = client.last();
  REQUIRE_FALSE(last);
  CHECK(last.error().code() == ErrorCode::unavailable);
  CHECK(last.error().reason() == "mosaic-unavailable");
}
