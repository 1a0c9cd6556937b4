// The table of attacks on the mover: a custodian, stage or peer that lies in one way each, and the
// reason with which nothing leaves. docs/protocols/receipts.md §4.

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/unit/flow/chain_builder.hpp"

namespace {

using namespace hangu;
using flow::Stage;
using test::ChainBuilder;

std::string reason_of(const Result<flow::Warrant>& warrant) {
  return warrant ? "authorised" : std::string(warrant.error().reason());
}

crypto::ObjectDigest other_digest() {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("something else"));
}

}  // namespace

TEST_CASE("an honest chain makes a warrant for exactly its rendition", "[warrant]") {
  ChainBuilder b;
  const auto warrant = b.authorise();
  REQUIRE(reason_of(warrant) == "authorised");
  CHECK(warrant->transfer() == b.transfer);
  CHECK(warrant->rendition() == b.rendition);
  CHECK(warrant->decision().recipients == b.decision.recipients);
}

TEST_CASE("the story reads back as the chain that it was written from", "[warrant]") {
  ChainBuilder b;
  const flow::ReceiptChain chain = b.build();
  const auto read = flow::ReceiptChain::parse(chain.to_text());
  REQUIRE(read);
  CHECK(read->to_text() == chain.to_text());
  CHECK(reason_of(b.authorise(*read)) == "authorised");
}

TEST_CASE("a stage that was skipped stops the release", "[warrant]") {
  for (const Stage stage : {Stage::receive, Stage::verify, Stage::inspect, Stage::decide,
                            Stage::transform, Stage::check, Stage::approve, Stage::clear}) {
    ChainBuilder b;
    b.left_out = {stage};
    INFO(flow::to_text(stage));
    CHECK(reason_of(b.authorise()) == "warrant-steps");
  }
}

TEST_CASE("two steps in the wrong order stop the release", "[warrant]") {
  ChainBuilder b;
  flow::ReceiptChain chain = b.build();
  std::swap(chain.receipts[4], chain.receipts[5]);
  CHECK(reason_of(b.authorise(chain)) == "warrant-steps");
}

TEST_CASE("a step that is given twice stops the release", "[warrant]") {
  ChainBuilder b;
  flow::ReceiptChain chain = b.build();
  chain.receipts[5] = chain.receipts[4];
  CHECK(reason_of(b.authorise(chain)) == "warrant-steps");
}

TEST_CASE("a step signed by another stage's key stops the release", "[warrant]") {
  for (const Stage stage : {Stage::receive, Stage::verify, Stage::inspect, Stage::decide,
                            Stage::transform, Stage::check, Stage::approve, Stage::clear}) {
    ChainBuilder b;
    b.signer[stage] = "emit";
    INFO(flow::to_text(stage));
    CHECK(reason_of(b.authorise()) == "warrant-stage-signature");
  }
}

TEST_CASE("receive of another zone cannot speak for the sender's zone", "[warrant]") {
  ChainBuilder b;
  b.signer[Stage::receive] = "receive.internet";
  CHECK(reason_of(b.authorise()) == "warrant-stage-signature");
}

TEST_CASE("a verdict other than pass stops the release", "[warrant]") {
  for (const flow::Verdict verdict : {flow::Verdict::fail, flow::Verdict::error}) {
    ChainBuilder b;
    b.change_step[Stage::check] = [&](flow::Step& step) {
      step.verdict = verdict;
      step.reason = "rendition-differs";
    };
    CHECK(reason_of(b.authorise()) == "warrant-verdict");
  }
}

TEST_CASE("a receipt of another transfer cannot be replayed", "[warrant]") {
  ChainBuilder b;
  b.change_step[Stage::inspect] = [](flow::Step& step) {
    step.transfer = *TransferId::create("ffffffffffffffffffffffffffffffff");
  };
  CHECK(reason_of(b.authorise()) == "warrant-transfer");
}

TEST_CASE("a chain cannot serve for another transfer than it is of", "[warrant]") {
  ChainBuilder b;
  const flow::ReceiptChain chain = b.build();
  const auto other = *TransferId::create("ffffffffffffffffffffffffffffffff");
  CHECK(reason_of(flow::authorise(chain, b.trust(), other, b.now)) == "warrant-transfer");
}

TEST_CASE("an object swapped between two stages stops the release", "[warrant]") {
  for (const Stage stage : {Stage::verify, Stage::inspect, Stage::decide, Stage::transform,
                            Stage::check, Stage::approve, Stage::clear}) {
    ChainBuilder b;
    b.change_step[stage] = [](flow::Step& step) { step.input = other_digest(); };
    INFO(flow::to_text(stage));
    CHECK(reason_of(b.authorise()) == "warrant-tables");
  }
}

TEST_CASE("a stage that must change nothing and does stops the release", "[warrant]") {
  for (const Stage stage : {Stage::decide, Stage::check, Stage::approve, Stage::clear}) {
    ChainBuilder b;
    b.change_step[stage] = [](flow::Step& step) { step.output = other_digest(); };
    INFO(flow::to_text(stage));
    CHECK(reason_of(b.authorise()) == "warrant-tables");
  }
}

TEST_CASE("objects that the sender did not sign stop the release", "[warrant]") {
  ChainBuilder b;
  b.change_step[Stage::verify] = [](flow::Step& step) { step.output = other_digest(); };
  b.change_step[Stage::inspect] = [](flow::Step& step) { step.input = other_digest(); };
  CHECK(reason_of(b.authorise()) == "warrant-tables");
}

TEST_CASE("a link to another entry than the step before stops the release", "[warrant]") {
  ChainBuilder b;
  b.change_step[Stage::transform] = [](flow::Step& step) { step.previous = 0; };
  CHECK(reason_of(b.authorise()) == "warrant-link");
}

TEST_CASE("a document that is swapped after it was named stops the release", "[warrant]") {
  ChainBuilder b;
  const flow::ReceiptChain honest = b.build();
  for (const char* name : {"submission", "decision", "certificate", "approvals", "rendition"}) {
    flow::ReceiptChain chain = honest;
    chain.documents[name].back() ^= std::byte{1};
    INFO(name);
    CHECK(reason_of(b.authorise(chain)) == "warrant-document");
    chain.documents.erase(name);
    CHECK(reason_of(b.authorise(chain)) == "warrant-document");
  }
  flow::ReceiptChain chain = honest;
  chain.documents.erase("cleared");
  CHECK(reason_of(b.authorise(chain)) == "warrant-document");
}

TEST_CASE("an entry whose bytes changed is not in the log", "[warrant]") {
  ChainBuilder b;
  flow::ReceiptChain chain = b.build();
  chain.receipts[3].entry.back() = ' ';
  CHECK(reason_of(b.authorise(chain)) == "proof-invalid");
}

TEST_CASE("a proof for another index or with a hash more or less is refused", "[warrant]") {
  ChainBuilder b;
  const flow::ReceiptChain honest = b.build();
  flow::ReceiptChain chain = honest;
  chain.receipts[2].index += 1;
  CHECK(reason_of(b.authorise(chain)) == "proof-invalid");
  chain = honest;
  chain.receipts[2].path.pop_back();
  CHECK(reason_of(b.authorise(chain)) == "proof-invalid");
  chain = honest;
  chain.receipts[2].path.push_back(chain.receipts[2].path.back());
  CHECK(reason_of(b.authorise(chain)) == "proof-invalid");
}

TEST_CASE("a checkpoint that the log key did not sign is refused", "[warrant]") {
  ChainBuilder b;
  const flow::ReceiptChain honest = b.build();
  flow::ReceiptChain chain = honest;
  chain.checkpoint[20] = chain.checkpoint[20] == 'A' ? 'B' : 'A';
  CHECK(reason_of(b.authorise(chain)).starts_with("checkpoint-"));
  flow::WarrantTrust trust = b.trust();
  trust.log.key = b.key("stranger").verify_key();
  CHECK(reason_of(flow::authorise(honest, trust, b.transfer, b.now)) == "checkpoint-unsigned");
  trust = b.trust();
  trust.log.origin = "other/audit";
  CHECK(reason_of(flow::authorise(honest, trust, b.transfer, b.now)) == "checkpoint-origin");
}

TEST_CASE("a submission signed by another key than decide's directory holds is refused",
          "[warrant]") {
  ChainBuilder b;
  b.sender = "stranger";
  CHECK(reason_of(b.authorise()) == "warrant-sender");
}

TEST_CASE("a decision that names another submitter is refused", "[warrant]") {
  ChainBuilder b;
  b.decision.submitter = *NodeId::create("someone-else");
  CHECK(reason_of(b.authorise()) == "warrant-sender");
}

TEST_CASE("a label that was lowered without a declassifier is refused", "[warrant]") {
  ChainBuilder b;
  b.submission.label.grade = flow::DataGrade::important;
  CHECK(reason_of(b.authorise()) == "warrant-label");
}

TEST_CASE("another destination or recipient than the sender named is refused", "[warrant]") {
  ChainBuilder to;
  to.decision.destination = *ZoneId::create("classified");
  CHECK(reason_of(to.authorise()) == "warrant-destination");
  ChainBuilder who;
  who.decision.recipients.front().node = *NodeId::create("thief");
  CHECK(reason_of(who.authorise()) == "warrant-destination");
  ChainBuilder more;
  more.decision.recipients.push_back(
      {*NodeId::create("thief"), more.decision.recipients.front().key});
  CHECK(reason_of(more.authorise()) == "warrant-destination");
}

TEST_CASE("either decision saying no stops the release", "[warrant]") {
  ChainBuilder first;
  first.decision.allowed = false;
  first.cleared = first.decision;
  first.cleared->allowed = true;
  CHECK(reason_of(first.authorise()) == "warrant-decision");
  ChainBuilder second;
  second.cleared = second.decision;
  second.cleared->allowed = false;
  CHECK(reason_of(second.authorise()) == "warrant-decision");
}

TEST_CASE("what changed between the two decisions is not carried over", "[warrant]") {
  test::SeededEntropy entropy("another key");
  ChainBuilder key;
  key.cleared = key.decision;
  key.cleared->recipients.front().key =
      crypto::OpeningKey::generate(crypto::Suite::intl, entropy)->recipient_key();
  CHECK(reason_of(key.authorise()) == "policy-changed");
  ChainBuilder obligation;
  obligation.cleared = obligation.decision;
  obligation.cleared->obligations.declassifiers = {"offset-v3"};
  CHECK(reason_of(obligation.authorise()) == "policy-changed");
  ChainBuilder size;
  size.cleared = size.decision;
  size.cleared->obligations.bytes_max = size.submission.objects.total_bytes() - 1;
  CHECK(reason_of(size.authorise()) == "policy-changed");
  size.cleared->obligations.bytes_max = size.submission.objects.total_bytes();
  CHECK(reason_of(size.authorise()) == "authorised");
  ChainBuilder more;
  more.cleared = more.decision;
  more.cleared->obligations.approver_slots.resize(3);
  CHECK(reason_of(more.authorise()) == "warrant-approvals");
}

TEST_CASE("a certificate that does not pass this rendition stops the release", "[warrant]") {
  ChainBuilder verdict;
  verdict.certificate = flow::ReleaseCertificate{
      verdict.rendition.digest(crypto::HashAlgorithm::sha256), flow::Verdict::fail, {}};
  CHECK(reason_of(verdict.authorise()) == "warrant-certificate");
  ChainBuilder other;
  other.certificate = flow::ReleaseCertificate{other_digest(), flow::Verdict::pass, {}};
  CHECK(reason_of(other.authorise()) == "warrant-certificate");
}

TEST_CASE("too few approvals, or none, stop the release", "[warrant]") {
  ChainBuilder one;
  one.approvals = {one.approval_of("li")};
  CHECK(reason_of(one.authorise()) == "warrant-approvals");
  ChainBuilder none;
  none.approvals = std::vector<flow::Envelope>{};
  CHECK(reason_of(none.authorise()) == "warrant-approvals");
  ChainBuilder three;
  three.approvals = {three.approval_of("li"), three.approval_of("wang"), three.approval_of("zhao")};
  CHECK(reason_of(three.authorise()) == "authorised");
}

TEST_CASE("one human counts once, however many keys", "[warrant]") {
  ChainBuilder twice;
  twice.approvals = {twice.approval_of("li"), twice.approval_of("li")};
  CHECK(reason_of(twice.authorise()) == "warrant-approvals");
  ChainBuilder two_names;
  two_names.decision.approvers[1].human = "li";
  CHECK(reason_of(two_names.authorise()) == "warrant-approvals");
}

TEST_CASE("the submitter cannot approve", "[warrant]") {
  ChainBuilder b;
  b.decision.approvers[0].human = b.decision.submitter.text();
  CHECK(reason_of(b.authorise()) == "warrant-approvals");
}

TEST_CASE("a refusal among the approvals stops the release", "[warrant]") {
  ChainBuilder b;
  b.approvals = {b.approval_of("li"), b.approval_of("wang"), b.approval_of("zhao", false)};
  CHECK(reason_of(b.authorise()) == "warrant-approvals");
}

TEST_CASE("an approval of something else, expired or by a stranger does not count", "[warrant]") {
  const auto with = [](auto change) {
    ChainBuilder b;
    b.approvals = {b.approval_of("li"), b.approval_of("wang", change)};
    return reason_of(b.authorise());
  };
  CHECK(with([](flow::Approval&) {}) == "authorised");
  CHECK(with([](flow::Approval& a) { a.rendition = other_digest(); }) == "warrant-approvals");
  CHECK(with([](flow::Approval& a) { a.certificate = other_digest(); }) == "warrant-approvals");
  CHECK(with([](flow::Approval& a) { a.decision = other_digest(); }) == "warrant-approvals");
  CHECK(with([](flow::Approval& a) {
          a.transfer = *TransferId::create("ffffffffffffffffffffffffffffffff");
        }) == "warrant-approvals");
  CHECK(with([](flow::Approval& a) { a.role = "janitor"; }) == "warrant-approvals");
  ChainBuilder now_only;
  CHECK(with([&](flow::Approval& a) { a.expires = now_only.now + std::chrono::milliseconds(1); }) ==
        "authorised");
  CHECK(with([&](flow::Approval& a) { a.expires = now_only.now; }) == "warrant-lapsed");
  // What is wrong besides is no matter of time.
  CHECK(with([&](flow::Approval& a) {
          a.expires = now_only.now;
          a.rendition = other_digest();
        }) == "warrant-approvals");
  ChainBuilder stranger;
  stranger.approvals = {stranger.approval_of("li"),
                        stranger.sign_approval(stranger.approval_statement("wang"), "stranger")};
  CHECK(reason_of(stranger.authorise()) == "warrant-approvals");
}

TEST_CASE("each demanded role is filled by a different human", "[warrant]") {
  ChainBuilder b;
  b.decision.obligations.approver_slots = {"reviewer", "security-officer"};
  CHECK(reason_of(b.authorise()) == "warrant-approvals");
  b.decision.approvers[1].roles.insert("security-officer");
  CHECK(reason_of(b.authorise()) == "authorised");
}

TEST_CASE("a clearance holds until its time, and for ten minutes at most", "[warrant]") {
  ChainBuilder b;
  b.valid_until = b.now;
  CHECK(reason_of(b.authorise()) == "warrant-stale");
  b.valid_until = b.now + std::chrono::milliseconds(1);
  CHECK(reason_of(b.authorise()) == "authorised");
  b.valid_until = b.now + kClearedValidity;
  CHECK(reason_of(b.authorise()) == "authorised");
  b.valid_until = b.now + kClearedValidity + std::chrono::milliseconds(1);
  CHECK(reason_of(b.authorise()) == "warrant-stale");
}

TEST_CASE("a submission outside its own times is not released", "[warrant]") {
  ChainBuilder late;
  late.submission.expires = late.now;
  CHECK(reason_of(late.authorise()) == "warrant-expired");
  late.submission.expires = late.now + std::chrono::milliseconds(1);
  CHECK(reason_of(late.authorise()) == "authorised");
  ChainBuilder early;
  early.submission.not_before = early.now + std::chrono::milliseconds(1);
  CHECK(reason_of(early.authorise()) == "warrant-expired");
}

TEST_CASE("a stage that was shown another document than was made does not serve", "[warrant]") {
  const auto shown_another = [](Stage stage, const std::string& document) {
    ChainBuilder b;
    b.change_step[stage] = [&](flow::Step& step) { step.evidence.at(document) = other_digest(); };
    CHECK(reason_of(b.authorise()) == "warrant-document");
    b.change_step[stage] = [&](flow::Step& step) { step.evidence.erase(document); };
    CHECK(reason_of(b.authorise()) == "warrant-document");
  };
  shown_another(Stage::decide, "submission");   // decided about another submission
  shown_another(Stage::clear, "submission");    // cleared another submission
  shown_another(Stage::transform, "decision");  // carried out another decision's obligations
  shown_another(Stage::check, "plain");         // compared the rendition with another plain form
}
