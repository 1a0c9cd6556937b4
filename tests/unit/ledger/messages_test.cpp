#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

const TransferId kId = TransferId::create("0123456789abcdef0123456789abcdef").value();

crypto::ObjectDigest digest(std::string_view text) {
  return crypto::digest_of(crypto::HashAlgorithm::sm3, bytes_of(text));
}
Token token() {
  Token out{};
  SeededEntropy("token").fill(out);
  return out;
}

Completion completion() {
  Completion c;
  c.stage = Stage::emit;
  c.verdict = Verdict::fail;
  c.reason = "rule-7";
  c.detail = "map.gpkg: roads.名称";
  c.entry = UINT64_MAX;
  c.table = digest("table");
  c.evidence = {{"facts", digest("facts")}, {"sealed", digest("sealed")}};
  c.expires = kStart;
  c.recipients = 3;
  return c;
}

std::vector<Request> requests() {
  return {Claim{.stages = {Stage::decide, Stage::clear},
                .transfer = kId,
                .wait = std::chrono::seconds(30)},
          Renew{.token = token()},
          Open{.token = token(), .digest = digest("a"), .by_descriptor = true},
          Look{.transfer = kId, .digest = digest("a"), .by_descriptor = false},
          Put{.token = token(), .algorithm = crypto::HashAlgorithm::sm3, .bytes = to_bytes("abc")},
          Create{.token = token(), .algorithm = crypto::HashAlgorithm::sm3},
          Freeze{.token = token(), .output = 77},
          Complete{.token = token(), .completion = completion()},
          Hold{.token = token()},
          Release{.token = token(), .delay = std::chrono::seconds(2), .reason = "log-unwitnessed"},
          Attach{.transfer = kId,
                 .name = "approval.li",
                 .algorithm = crypto::HashAlgorithm::sha256,
                 .bytes = to_bytes("{}")},
          Reclear{.token = token(), .approve_anew = true},
          List{.states = {State::received, State::expired},
               .with_evidence = true,
               .skip = 5,
               .rows_max = 9},
          Begin{.transfer = kId, .node = node("node-a"), .bytes = kObjectBytesMax},
          Piece{.transfer = kId, .offset = 1, .bytes = to_bytes("piece")},
          Commit{.transfer = kId},
          Received{.transfer = kId, .entry = 4, .table = to_bytes("table")},
          AskStatus{.transfer = kId, .node = node("node-a")},
          ListOfNode{.node = node("node-a"), .skip = 1, .rows_max = 2},
          Withdraw{.transfer = kId, .node = node("node-a")},
          Acknowledge{.transfer = kId, .node = node("node-a"), .sealed = digest("s")},
          Show{.transfer = kId},
          Room{.bytes = 9, .coming = 4}};
}

std::vector<Reply> replies() {
  Work work{.token = token(), .transfer = kId, .zone = zone("egov"), .node = node("a")};
  work.round = 2;
  work.state = State::checked;
  work.stage = Stage::approve;
  work.bytes = 9;
  work.table = digest("t");
  work.evidence = {{"facts", digest("f")}};
  work.steps = {{.stage = Stage::receive, .entry = 1}, {.stage = Stage::verify, .entry = 2}};
  work.claim_lasts = std::chrono::seconds(60);
  Listed row{.transfer = kId, .zone = zone("egov"), .node = node("a")};
  row.reason = "ok";
  row.detail = "map.gpkg";
  row.created = row.updated = kStart;
  row.expires = kStart;
  row.evidence = {{"facts", digest("f")}};
  Status status{.transfer = kId};
  status.reason = "ok";
  status.detail = "map.gpkg: roads";
  status.created = status.updated = kStart;
  status.history = {{.state = State::received, .at = kStart}};
  status.recipients = 2;
  return {Refused{.code = ErrorCode::forbidden, .reason = "claim-unknown", .context = "why"},
          Nothing{},
          ClaimedWork{.work = work},
          OpenedObject{.by_descriptor = false, .bytes = to_bytes("abc")},
          StoredObject{.digest = digest("o")},
          CreatedOutput{.output = 5},
          NewState{.state = State::cleared},
          Listing{.rows = {row, row}},
          Begun{.result = BeginResult::committed, .digest = digest("p")},
          StatusReply{.status = status},
          Withdrawn{.withdrawn = true}};
}

}  // namespace

TEST_CASE("every request and reply comes back from the wire as it was", "[ledger]") {
  const auto all = requests();
  REQUIRE(all.size() == std::variant_size_v<Request>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(name_of(i));
    REQUIRE(all[i].index() == i);
    const Bytes bytes = encode(all[i]);
    const auto back = parse_request(bytes);
    REQUIRE(back);
    CHECK(back->index() == i);
    CHECK(encode(*back) == bytes);
  }
  const auto complete = parse_request(encode(all[kKindOf<Complete>]));
  CHECK(std::get<Complete>(complete.value()).completion == completion());

  const auto answers = replies();
  REQUIRE(answers.size() == std::variant_size_v<Reply>);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i].index() == i);
    const Bytes bytes = encode(answers[i]);
    const auto back = parse_reply(bytes);
    REQUIRE(back);
    CHECK(back->index() == i);
    CHECK(encode(*back) == bytes);
  }
  CHECK(std::get<ClaimedWork>(parse_reply(encode(answers[2])).value()).work ==
        std::get<ClaimedWork>(answers[2]).work);
}

TEST_CASE("a message cut at any byte, or with one more, is refused", "[ledger]") {
  const auto refused = [](const Bytes& bytes, auto parse) {
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      if (parse(ByteView(bytes).first(n))) return false;
    }
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    return !parse(ByteView(longer));
  };
  for (const auto& request : requests()) {
    INFO(name_of(request.index()));
    CHECK(refused(encode(request), [](ByteView b) { return parse_request(b).has_value(); }));
  }
  for (const auto& reply : replies()) {
    INFO(reply.index());
    CHECK(refused(encode(reply), [](ByteView b) { return parse_reply(b).has_value(); }));
  }
  CHECK_FALSE(parse_request(Bytes{std::byte{std::variant_size_v<Request>}}));
  CHECK_FALSE(parse_reply(Bytes{std::byte{std::variant_size_v<Reply>}}));
}

TEST_CASE("fields at their bound are read, one over is refused", "[ledger]") {
  const auto accepts = [](const Request& request) {
    return parse_request(encode(request)).has_value();
  };
  CHECK(accepts(Put{.token = token(), .bytes = Bytes(kSmallObjectBytesMax)}));
  CHECK_FALSE(accepts(Put{.token = token(), .bytes = Bytes(kSmallObjectBytesMax + 1)}));
  CHECK(accepts(Piece{.transfer = kId, .bytes = Bytes(kPieceBytes)}));
  CHECK_FALSE(accepts(Piece{.transfer = kId, .bytes = Bytes(kPieceBytes + 1)}));
  CHECK(accepts(Claim{.stages = {}, .transfer = {}, .wait = kClaimWaitMax}));
  CHECK_FALSE(accepts(
      Claim{.stages = {}, .transfer = {}, .wait = kClaimWaitMax + std::chrono::milliseconds(1)}));
  CHECK(accepts(Claim{.stages = std::vector<Stage>(kClaimStagesMax), .transfer = {}}));
  CHECK_FALSE(accepts(Claim{.stages = std::vector<Stage>(kClaimStagesMax + 1), .transfer = {}}));
  Complete complete{.token = token(), .completion = {}};
  complete.completion.reason = std::string(flow::kReasonBytesMax, 'r');
  CHECK(accepts(complete));
  complete.completion.reason += 'r';
  CHECK_FALSE(accepts(complete));
  complete.completion.reason = "ok";
  complete.completion.detail = std::string(kDetailBytesMax, 'd');
  CHECK(accepts(complete));
  complete.completion.detail += 'd';
  CHECK_FALSE(accepts(complete));
  complete.completion.detail.clear();
  for (std::size_t i = 0; i < flow::kEvidenceMax; ++i) {
    complete.completion.evidence.emplace("name-" + std::to_string(100 + i), digest("x"));
  }
  CHECK(accepts(complete));
  complete.completion.evidence.emplace("one-more", digest("x"));
  CHECK_FALSE(accepts(complete));
}

TEST_CASE("a listing with the most evidence fits in one message", "[ledger]") {
  Listed row{.transfer = kId, .zone = zone("abcdefghijklmno"), .node = node(std::string(63, 'n'))};
  row.reason = std::string(flow::kReasonBytesMax, 'r');
  row.detail = std::string(kDetailBytesMax, 'd');
  for (std::size_t i = 0; i < kEvidenceOfTransferMax; ++i) {
    row.evidence.emplace(std::to_string(1000 + i) + std::string(kEvidenceNameBytesMax - 4, 'e'),
                         digest("x"));
  }
  const Listing most{.rows = std::vector<Listed>(kListRowsWithEvidenceMax, row)};
  CHECK(encode(most).size() <= kMessageBytesMax);
  row.evidence.clear();
  const Listing bare{.rows = std::vector<Listed>(kListRowsMax, row)};
  CHECK(encode(bare).size() <= kMessageBytesMax);
}

TEST_CASE("a reason crosses the wire and is a known literal again, a foreign one is wrapped",
          "[ledger]") {
  const Error known = to_error(to_refused(Error(ErrorCode::exhausted, "disk-full", "5 bytes", 28)));
  CHECK(known.code() == ErrorCode::exhausted);
  CHECK(known.reason() == "disk-full");
  CHECK(known.context() == "5 bytes");
  CHECK(known.os_error() == 28);
  const Error foreign =
      to_error({.code = ErrorCode::internal, .reason = "made-up", .context = "x"});
  CHECK(foreign.reason() == "custodian-refused");
  CHECK(foreign.context() == "made-up: x");
}

TEST_CASE("a refusal can be read by the peer however long its context and escapes are",
          "[ledger]") {
  // Up to the bound in single bytes, then one character whose escape is the longest.
  for (const std::size_t letters : {0U, 383U, 384U, 390U, 391U, 392U, 400U, 4000U}) {
    const std::string context = std::string(letters, 'a') + "\xf4\x8f\xbf\xbf.";
    const Reply refused = to_refused(Error(ErrorCode::exhausted, "disk-full", context));
    INFO(letters);
    CHECK(parse_reply(encode(refused)));
  }
}
