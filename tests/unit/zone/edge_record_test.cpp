// Who came to the door, on the record.

#include "zone/edge_record.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "audit/schema.hpp"

namespace {

using namespace hangu;

struct Door {
  zone::HalfLog log{"/nowhere"};
  zone::EdgeRecord record{log, ZoneId::create("egov").value()};
};

}  // namespace

TEST_CASE("log-ins and refusals are counted by node and reason", "[edge]") {
  Door door;
  CHECK(door.record.take().is_null());
  for (int i = 0; i < 3; ++i) door.record.login("survey");
  door.record.refusal("", "node-unknown");
  door.record.refusal("survey", "http-429");
  const wire::Json event = door.record.take();
  CHECK(event.to_text() ==
        R"({"logins":[{"zone":"egov","node":"survey","count":3}],)"
        R"("refusals":[{"zone":"egov","node":null,"reason":"node-unknown","count":1},)"
        R"({"zone":"egov","node":"survey","reason":"http-429","count":1}],"lost":0})");
  CHECK(audit::follows_schema("edge.access", event));
  CHECK(door.record.take().is_null());
}

TEST_CASE("a flood at the door costs a bounded entry and says what it leaves out", "[edge]") {
  Door door;
  for (std::size_t i = 0; i < zone::kEdgeRowsMax; ++i)
    door.record.refusal("node-" + std::to_string(i), "http-403");
  CHECK(door.record.take().find("lost")->as_integer() != nullptr);
  for (std::size_t i = 0; i < zone::kEdgeRowsMax + 5; ++i)
    door.record.refusal(std::string(500, 'x') + std::to_string(i) + "\n", std::to_string(i));
  const wire::Json event = door.record.take();
  CHECK(*event.find("lost")->as_integer() == 5);
  CHECK(event.find("refusals")->as_array()->size() == zone::kEdgeRowsMax);
  CHECK(event.to_text().size() < 48 * 1024);
}

TEST_CASE("what the log does not take is counted into the next entry", "[edge]") {
  Door door;
  door.record.login("survey");
  std::jthread thread([&](const std::stop_token& stop) {
    door.record.write_on(stop, std::chrono::milliseconds(10));
  });
  thread.request_stop();
  thread.join();  // nobody listens at /nowhere
  const wire::Json event = door.record.take();
  REQUIRE_FALSE(event.is_null());
  CHECK(*event.find("lost")->as_integer() == 1);
}
