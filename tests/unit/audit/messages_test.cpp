#include "audit/messages.hpp"

#include <catch2/catch.hpp>

#include "audit/limits.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

std::vector<Request> requests() {
  SeededEntropy chance(3);
  AppendRequest append{.id = new_request_id(chance),
                       .type = "step.verify",
                       .transfer = *TransferId::create(std::string(32, 'a')),
                       .keys = {"one", "two"},
                       .kind = BodyKind::statement,
                       .body = "{\"payload\":\"\"}"};
  AppendRequest bare = append;
  bare.transfer.reset();
  bare.keys.clear();
  bare.kind = BodyKind::event;
  return {append,
          bare,
          CheckpointRequest{.id = new_request_id(chance)},
          ProveRequest{.id = new_request_id(chance), .index = 3, .size = 1U << 31U},
          FindRequest{.id = new_request_id(chance),
                      .transfer = *TransferId::create(std::string(32, '0'))},
          FindRequest{.id = new_request_id(chance),
                      .transfer = *TransferId::create(std::string(32, '0')),
                      .before = 70'000},
          HolderRequest{.id = new_request_id(chance), .key = "sequence:survey:7"},
          CosignedRequest{.id = new_request_id(chance), .note = "o\n5\n"}};
}

std::vector<Reply> replies() {
  SeededEntropy chance(4);
  AppendReply append;
  append.id = new_request_id(chance);
  append.outcome = AppendOutcome::taken;
  append.reason = "end:1";
  append.index = 77;
  append.leaf = leaf_hash({});
  append.entry = "{}";
  const Witnessed witnessed{
      .demanded = true, .size = 4, .time = std::chrono::seconds(1'760'000'000)};
  return {append,
          CheckpointReply{.id = new_request_id(chance), .size = 5, .note = "o\n5\n"},
          CheckpointReply{
              .id = new_request_id(chance), .size = 5, .note = "o\n5\n", .witnessed = witnessed},
          ProveReply{.id = new_request_id(chance),
                     .index = 1,
                     .size = 2,
                     .entry = "{}",
                     .path = {leaf_hash({}), empty_root()}},
          FindReply{.id = new_request_id(chance), .indices = {1, 2, 1000}},
          FailureReply{.id = new_request_id(chance),
                       .code = ErrorCode::corrupt,
                       .reason = "audit-dead",
                       .context = "why"}};
}

}  // namespace

TEST_CASE("requests and replies survive the wire, and no cut or longer message does", "[audit]") {
  for (const Request& request : requests()) {
    const Bytes bytes = to_bytes(request);
    CHECK(*parse_request(bytes) == request);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      REQUIRE_FALSE(parse_request(ByteView(bytes).first(n)));
    }
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    CHECK_FALSE(parse_request(longer));
  }
  for (const Reply& reply : replies()) {
    const Bytes bytes = to_bytes(reply);
    CHECK(*parse_reply(bytes) == reply);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      REQUIRE_FALSE(parse_reply(ByteView(bytes).first(n)));
    }
  }
}

TEST_CASE("requests beyond a bound are refused", "[audit]") {
  auto append = std::get<AppendRequest>(requests()[0]);
  append.keys = std::vector<std::string>(kKeysPerEntryMax, "k");
  CHECK(parse_request(to_bytes(Request(append))));
  append.keys.emplace_back("k");
  CHECK_FALSE(parse_request(to_bytes(Request(append))));
  append.keys = {std::string(kKeyBytesMax + 1, 'k')};
  CHECK_FALSE(parse_request(to_bytes(Request(append))));
  append.keys.clear();
  append.body = std::string(48 * 1024, 'b');
  CHECK(parse_request(to_bytes(Request(append))));
  append.body += 'b';
  CHECK_FALSE(parse_request(to_bytes(Request(append))));
  append.body = "\xff";
  CHECK_FALSE(parse_request(to_bytes(Request(append))));
}

TEST_CASE("mangled messages are refused or read as some other message, never more", "[audit]") {
  SeededEntropy chance(11);
  for (int round = 0; round < 5'000; ++round) {
    for (const Request& request : requests()) {
      Bytes bytes = to_bytes(request);
      bytes[chance.below(bytes.size())] ^= static_cast<std::byte>(1 + chance.below(255));
      if (const auto parsed = parse_request(bytes)) REQUIRE(to_bytes(*parsed) == bytes);
    }
    for (const Reply& reply : replies()) {
      Bytes bytes = to_bytes(reply);
      bytes[chance.below(bytes.size())] ^= static_cast<std::byte>(1 + chance.below(255));
      (void)parse_reply(bytes);
    }
  }
}

}  // namespace hangu::audit::test
