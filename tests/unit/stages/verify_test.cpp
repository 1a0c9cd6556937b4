#include "stages/verify/verify.hpp"

#include "base/limits.hpp"
#include "flow/release.hpp"
#include "line/stage_shell.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/support/signed_nodes.hpp"
#include "tests/unit/os/scratch.hpp"
#include "tests/unit/package/sample.hpp"

namespace {

using namespace hangu;
using crypto::HolderKind;
using line::Outcome;
using std::chrono::milliseconds;
using test::must;

crypto::Subject node_of_egov(const std::string& name) {
  crypto::Subject subject;
  subject.kind = HolderKind::node;
  subject.name = name;
  subject.zones = {"egov"};
  return subject;
}

/// A sender with a certificate, the gateway's opening key, and a custodian that holds one package.
struct Bench {
  explicit Bench(crypto::Suite s = crypto::Suite::intl)
      : suite(s),
        clock(WallTime(milliseconds(1'760'000'001'000))),
        parties(s),
        authority(must(crypto::Authority::create(s, "root", clock.now().value(), 3650, entropy))),
        anchors(must(crypto::TrustAnchors::parse_pem(authority.certificate().pem()))),
        submission(test::submission_of(test::rows_of(objects, s), s)),
        certificate(certify(node_of_egov("survey"))) {
    nodes.set("survey", parties.signer.verify_key(), "egov");
  }

  std::string certify(const crypto::Subject& subject) { return certify(subject, parties.signer); }
  std::string certify(const crypto::Subject& subject, const crypto::SigningKey& key) {
    return must(authority.issue(key.verify_key(), subject, {crypto::KeyUse::sign},
                                clock.now().value(), 365, entropy))
        .pem();
  }
  flow::Envelope sign() const {
    return must(submission.to_statement().sign(parties.signer, certificate));
  }
  Bytes seal(const flow::Envelope& envelope) {
    const auto sources = test::sources_of(objects);
    const os::UniqueFd file = test::memory_file();
    (void)must(package::seal({.suite = suite,
                              .recipients = parties.recipients,
                              .objects = sources,
                              .state = test::stated(envelope),
                              .threads = 1,
                              .progress = {}},
                             file.view(), parties.entropy));
    return test::content_of(file.view());
  }
  /// Work about `package`, under its own name.
  ledger::Work work_of(const Bytes& package) {
    const auto digest = custodian.put(package);
    const auto table = must(
        flow::ObjectTable::create({{"package.hangu", "application/vnd.hangu.package", digest}}));
    ledger::Work out{.token = {std::byte{9}},
                     .transfer = package::transfer_id_of(digest),
                     .zone = must(ZoneId::create("egov")),
                     .node = must(NodeId::create("survey"))};
    out.table = custodian.put(table.to_bytes());
    return out;
  }
  Result<Outcome> run(const ledger::Work& work) {
    custodian.offer(work);
    auto client = must(line::CustodianClient::connect(folder / "custodian.sock"));
    const std::array stages{flow::Stage::verify};
    const auto claimed = must(client.claim(stages, milliseconds(0)));
    REQUIRE(claimed);
    auto log = must(line::AuditClient::connect(audit.socket("verify"), entropy));
    return stages::verify(*claimed, client, log, {parties.opener, anchors, clock, known});
  }
  Result<Outcome> run() { return run(work_of(seal(sign()))); }
  /// Works on `work` as a line of hangu-verify does, log and all; the reason of the core's outcome.
  /// `die` ends the attempt before its step is logged.
  std::string step(ledger::Work work, bool die = false) {
    work.stage = flow::Stage::verify;
    work.state = flow::State::received;
    work.steps = {{flow::Stage::receive, 0}};
    work.claim_lasts = std::chrono::seconds(60);
    custodian.offer(work);
    auto client = must(line::CustodianClient::connect(folder / "custodian.sock"));
    const std::array stages{flow::Stage::verify};
    const auto claimed = must(client.claim(stages, milliseconds(0)));
    REQUIRE(claimed);
    line::StepLog log(must(line::AuditClient::connect(audit.socket("verify"), entropy)), stage_key);
    std::string reason;
    const auto core = [&](const line::Work& w, line::CustodianClient& c,
                          line::StepLog& l) -> Result<Outcome> {
      auto outcome = stages::verify(w, c, l.client(), {parties.opener, anchors, clock, known});
      reason = reason_of(outcome);
      if (die) return Outcome::given_back();
      return outcome;
    };
    CHECK(line::work_once(*claimed, client, log, core, {}).has_value());
    return reason;
  }
  /// The submission numbered `sequence`, after the one with this payload.
  flow::Envelope numbered(std::uint64_t sequence, ByteView previous) {
    submission.sequence = sequence;
    submission.previous.reset();
    if (sequence > 1) submission.previous = crypto::digest_of(crypto::hash_of(suite), previous);
    return sign();
  }
  /// The types of a transfer's entries, and the event of the last gap.
  std::vector<std::string> types_of(const TransferId& transfer, std::string* gap = nullptr) {
    auto client = must(line::AuditClient::connect(audit.socket("verify"), entropy));
    std::vector<std::string> out;
    for (const std::uint64_t index : must(client.find(transfer))) {
      const auto entry = must(client.prove(index, index + 1)).entry;
      const auto json = must(wire::Json::parse(entry, kEntryBytesMax));
      out.push_back(*json.find("type")->as_string());
      if (gap != nullptr && out.back() == "sequence.gap") *gap = json.find("event")->to_text();
    }
    return out;
  }
  /// The reason of a refusal or an error; "ok" of a pass.
  static std::string reason_of(const Result<Outcome>& outcome) {
    if (!outcome) return "error " + std::string(outcome.error().reason());
    return outcome->reason;
  }

  crypto::Suite suite;
  os::test::ScratchFolder folder;
  test::CustodianDouble custodian{folder / "custodian.sock"};
  ManualClock clock;
  crypto::SystemEntropy entropy;
  crypto::SigningKey stage_key =
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy));
  test::AuditService audit{
      folder / "audit",
      "gw-test/audit",
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy)),
      clock,
      {"verify"}};
  test::SignedNodes nodes{folder / "nodes.json.dsse"};
  line::KnownNodes known{nodes.path(), nodes.officers()};
  test::Parties parties;
  crypto::Authority authority;
  crypto::TrustAnchors anchors;
  std::vector<test::SampleObject> objects{
      {"map.gpkg", to_bytes("a map"), "application/geopackage+sqlite3"},
      {"sub/table.csv", test::pattern(kChunkBytes + 5), "text/csv"}};
  flow::Submission submission;
  std::string certificate;
};

}  // namespace

TEST_CASE("verify hands on the objects that the sender signed", "[verify]") {
  for (const crypto::Suite suite : test::kSuites) {
    Bench b(suite);
    const flow::Envelope envelope = b.sign();
    const auto outcome = b.run(b.work_of(b.seal(envelope)));
    REQUIRE(Bench::reason_of(outcome) == "ok");
    CHECK(outcome->verdict == flow::Verdict::pass);
    const auto algorithm = crypto::hash_of(suite);
    CHECK(outcome->table == b.submission.objects.digest(algorithm));
    CHECK(outcome->evidence.at("submission") ==
          crypto::digest_of(algorithm, bytes_of(envelope.to_text())));
    CHECK(outcome->expires == b.submission.expires);
    CHECK(outcome->keys == std::vector<std::string>{
                               flow::submission_key(crypto::digest_of(algorithm, envelope.payload)),
                               "sequence:survey:1"});
    CHECK(outcome->key_taken_reason == "submission-replayed");
    for (std::size_t i = 0; i < b.objects.size(); ++i)
      CHECK(b.custodian.object(b.submission.objects.rows()[i].digest) == b.objects[i].bytes);
    CHECK(text_of(b.custodian.object(outcome->evidence.at("submission"))) == envelope.to_text());
  }
}

TEST_CASE("verify refuses a sender whose certificate does not count", "[verify]") {
  const auto reason = [](const std::function<void(Bench&)>& change) {
    Bench b;
    change(b);
    const auto outcome = b.run();
    REQUIRE(outcome);
    CHECK((outcome->verdict == flow::Verdict::fail) == (outcome->reason != "ok"));
    return outcome->reason;
  };
  const crypto::Subject survey = node_of_egov("survey");
  CHECK(reason([](Bench&) {}) == "ok");
  CHECK(reason([&](Bench& b) {
          crypto::Subject person = survey;
          person.kind = HolderKind::person;
          b.certificate = b.certify(person);
        }) == "sender-certificate-wrong-kind");
  CHECK(reason([&](Bench& b) {
          const auto stranger = must(
              crypto::Authority::create(b.suite, "root", b.clock.now().value(), 3650, b.entropy));
          b.certificate =
              must(stranger.issue(b.parties.signer.verify_key(), survey, {crypto::KeyUse::sign},
                                  b.clock.now().value(), 365, b.entropy))
                  .pem();
        }) == "sender-certificate-untrusted");
  CHECK(reason([](Bench& b) { b.certificate.clear(); }) == "sender-certificate-invalid");
  CHECK(reason([&](Bench& b) {
          b.certificate =
              must(b.authority.issue(b.parties.signer.verify_key(), survey, {crypto::KeyUse::sign},
                                     b.clock.now().value() + -std::chrono::hours(48), 1, b.entropy))
                  .pem();
        }) == "sender-certificate-expired");
  CHECK(reason([&](Bench& b) {  // somebody else's certificate
          const test::Parties other(b.suite, "other");
          b.certificate = b.certify(survey, other.signer);
        }) == "sender-signature");
  CHECK(reason([&](Bench& b) {
          crypto::Subject other = survey;
          other.name = "portal";
          b.certificate = b.certify(other);
        }) == "sender-node");
  CHECK(reason([&](Bench& b) {
          crypto::Subject other = survey;
          other.zones = {"internet"};
          b.certificate = b.certify(other);
        }) == "sender-zone");
}

TEST_CASE("verify refuses a package that another node or zone brought", "[verify]") {
  Bench b;
  ledger::Work work = b.work_of(b.seal(b.sign()));
  work.node = must(NodeId::create("portal"));
  CHECK(Bench::reason_of(b.run(work)) == "sender-node");
  work.node = must(NodeId::create("survey"));
  work.zone = must(ZoneId::create("internet"));
  CHECK(Bench::reason_of(b.run(work)) == "sender-zone");
}

TEST_CASE("verify refuses a submission outside its own times", "[verify]") {
  Bench b;
  const ledger::Work work = b.work_of(b.seal(b.sign()));
  const auto at = [&](WallTime now) {
    b.clock.set(now);
    return Bench::reason_of(b.run(work));
  };
  b.clock.set(b.submission.not_before);
  CHECK(at(b.submission.not_before + milliseconds(1000)) == "ok");
  CHECK(at(b.submission.expires + milliseconds(-1)) == "ok");
  CHECK(at(b.submission.expires) == "submission-expired");
  Bench early;
  early.submission.not_before = early.clock.now().value() + milliseconds(1);
  const auto refused = early.run();
  CHECK(Bench::reason_of(refused) == "submission-early");
  REQUIRE(refused);
  CHECK(refused->detail.ends_with(", 1 s after the gateway's time"));
  early.clock.advance(milliseconds(1));
  CHECK(Bench::reason_of(early.run()) == "ok");
}

TEST_CASE("verify refuses what one signer did not sign alone", "[verify]") {
  Bench b;
  flow::Envelope two = b.sign();
  two.signatures.push_back(two.signatures.front());
  CHECK(Bench::reason_of(b.run(b.work_of(b.seal(two)))) == "sender-signature");
  flow::Envelope forged = b.sign();
  forged.signatures.front().signature.front() ^= std::byte{1};
  CHECK(Bench::reason_of(b.run(b.work_of(b.seal(forged)))) == "sender-signature");
}

TEST_CASE("verify refuses a release that is sent in again", "[verify]") {
  Bench b;
  b.objects.push_back(
      {std::string(flow::kStoryName), to_bytes("{}"), std::string(flow::kStoryMediaType)});
  const flow::Release release{test::rows_of(b.objects, b.suite),
                              b.suite,
                              must(TransferId::create(std::string(32, 'a'))),
                              "gw-test",
                              b.submission.origin_zone,
                              b.submission.origin_node,
                              b.submission.destination_zone,
                              b.submission.destination_nodes,
                              b.submission.label};
  const auto envelope = must(release.to_statement().sign(b.parties.signer, b.certificate));
  CHECK(Bench::reason_of(b.run(b.work_of(b.seal(envelope)))) == "package-not-a-submission");
}

TEST_CASE("verify refuses a package that is damaged or for somebody else", "[verify]") {
  Bench b;
  const Bytes package = b.seal(b.sign());
  const auto reason = [&](const Bytes& bytes) { return Bench::reason_of(b.run(b.work_of(bytes))); };
  Bytes damaged = package;
  damaged[damaged.size() / 2] ^= std::byte{1};
  CHECK(reason(damaged) == "chunk-not-authentic");
  CHECK(reason(to_bytes(ByteView(package).first(package.size() - 1))) == "package-truncated");
  damaged = package;
  damaged.push_back(std::byte{0});
  CHECK(reason(damaged) == "package-trailing-bytes");
  CHECK(reason(to_bytes("no package")) != "ok");
  const test::Parties other(b.suite, "other");
  b.parties.recipients = {other.recipients.front()};
  CHECK(reason(b.seal(b.sign())) == "package-not-for-us");
}

TEST_CASE("verify refuses a table of more than one sealed package", "[verify]") {
  Bench b;
  ledger::Work work = b.work_of(b.seal(b.sign()));
  const auto digest = b.custodian.put(bytes_of("another"));
  work.table = b.custodian.put(
      must(flow::ObjectTable::create({{"a", "text/csv", digest}, {"b", "text/csv", digest}}))
          .to_bytes());
  CHECK(Bench::reason_of(b.run(work)) == "package-not-one-object");
}

TEST_CASE("verify takes no package but the one that the transfer is named after", "[verify]") {
  // Two genuine packages of the same sender; the custodian shows the one for the other, as if to
  // bring back what was withdrawn.
  Bench b;
  const Bytes first = b.seal(b.sign());
  const Bytes second = b.seal(b.sign());
  const ledger::Work of_first = b.work_of(first);
  const ledger::Work of_second = b.work_of(second);
  SECTION("under its digest") {
    b.custodian.swap(crypto::digest_of(crypto::HashAlgorithm::sha256, first), second);
    const auto outcome = b.run(of_first);
    REQUIRE_FALSE(outcome);
    CHECK((outcome.error().reason() == "chunk-mismatch" ||
           outcome.error().reason() == "leaves-mismatch"));
  }
  SECTION("under its name") {
    ledger::Work work = of_first;
    work.table = of_second.table;
    const auto outcome = b.run(work);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().reason() == "package-other");
  }
  SECTION("with the leaves of the right one") {
    b.custodian.lie([&](const ledger::Request& request, test::Frame honest) {
      const auto* const open = std::get_if<ledger::Open>(&request);
      if (open != nullptr && open->digest.size == first.size() && !honest.files.empty())
        honest.files[0] = test::file_in_memory(second);
      return std::optional(std::move(honest));
    });
    const auto outcome = b.run(of_first);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().reason() == "chunk-mismatch");
  }
}

TEST_CASE("verify believes no digest that the custodian made up", "[verify]") {
  Bench b;
  const ledger::Work work = b.work_of(b.seal(b.sign()));
  const auto lie = [&]<class Kind>(const Kind&) {
    b.custodian.lie([](const ledger::Request& request, test::Frame honest) {
      if (std::holds_alternative<Kind>(request))
        honest.bytes = ledger::encode(ledger::StoredObject{
            crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("another object"))});
      return std::optional(std::move(honest));
    });
    return Bench::reason_of(b.run(work));
  };
  CHECK(lie(ledger::Freeze{}) == "error object-digest-mismatch");
  CHECK(lie(ledger::Put{}) == "error object-mismatch");
}

TEST_CASE("verify without a clock tries later", "[verify]") {
  class NoClock final : public Clock {
   public:
    [[nodiscard]] Result<WallTime> now() const override {
      return fail(ErrorCode::unavailable, "time-unknown");
    }
  };
  Bench b;
  const ledger::Work work = b.work_of(b.seal(b.sign()));
  b.custodian.offer(work);
  auto client = must(line::CustodianClient::connect(b.folder / "custodian.sock"));
  const std::array stages{flow::Stage::verify};
  const auto claimed = must(client.claim(stages, milliseconds(0)));
  auto log = must(line::AuditClient::connect(b.audit.socket("verify"), b.entropy));
  const auto outcome =
      stages::verify(*claimed, client, log, {b.parties.opener, b.anchors, NoClock(), b.known});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == ErrorCode::unavailable);
}

TEST_CASE("verify takes a certificate in one spelling", "[verify]") {
  Bench honest;
  const auto reason = [&](const std::string& pem) {
    honest.certificate = pem;
    return Bench::reason_of(honest.run());
  };
  const std::string pem = honest.certificate;
  CHECK(reason(pem) == "ok");
  CHECK(reason(pem + "\n") == "statement-not-canonical");
  CHECK(reason(pem + std::string(9000, ' ')) == "statement-not-canonical");
  CHECK(reason(pem.substr(0, pem.size() - 1)) == "statement-not-canonical");
  std::string windows = pem;
  for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2)
    windows.replace(at, 1, "\r\n");
  CHECK(reason(windows) == "statement-not-canonical");
  std::string joined = pem;  // two lines of base64 in one
  joined.erase(joined.find('\n', joined.find('\n') + 1), 1);
  CHECK(reason(joined) != "ok");
  CHECK(reason("secret\n" + pem) == "sender-certificate-invalid");
  CHECK(reason(pem + "secret\n") == "sender-certificate-invalid");
  CHECK(reason(pem + pem) == "sender-certificate-invalid");
  CHECK(reason(std::string(pem).insert(pem.find('\n') + 1, "Proc-Type: x\n\n")) ==
        "sender-certificate-invalid");
  // A byte behind the DER, and nothing else changed.
  const std::size_t start = pem.find('\n') + 1;
  std::string body = pem.substr(start, pem.find("-----END") - start);
  std::erase(body, '\n');
  Bytes der = must(from_base64(body));
  der.push_back(std::byte{7});
  const std::string longer = to_base64(der);
  std::string text = pem.substr(0, start);
  for (std::size_t at = 0; at < longer.size(); at += 64) text += longer.substr(at, 64) + "\n";
  CHECK(reason(text + pem.substr(pem.find("-----END"))) == "sender-certificate-invalid");
}

TEST_CASE("a key that officers took out takes no number of its node", "[verify]") {
  Bench b;
  const auto envelope = b.numbered(1, {});
  const test::Parties thief(b.suite, "thief");
  const auto stolen = must(b.submission.to_statement().sign(
      thief.signer, b.certify(node_of_egov("survey"), thief.signer)));
  CHECK(b.step(b.work_of(b.seal(stolen))) == "submitter-key");
  CHECK(b.step(b.work_of(b.seal(envelope))) == "ok");
  b.nodes.write({});
  CHECK(b.step(b.work_of(b.seal(b.numbered(2, envelope.payload)))) == "submitter-unknown");
  b.nodes.set("survey", b.parties.signer.verify_key(), "internet");
  CHECK(b.step(b.work_of(b.seal(b.numbered(2, envelope.payload)))) == "submitter-zone");
  b.nodes.set("survey", b.parties.signer.verify_key(), "egov");
  CHECK(b.step(b.work_of(b.seal(b.numbered(2, envelope.payload)))) == "ok");
}

TEST_CASE("verify without the officers' word about nodes tries later", "[verify]") {
  Bench b;
  b.nodes.write_text("torn");
  const auto outcome = b.run();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().reason() == "nodes-unreadable");
  CHECK(outcome.error().code() == ErrorCode::unavailable);
}

namespace {

/// The entries of a transfer whose sender is who it says: what it states comes first.
std::vector<std::string> stated(std::vector<std::string> types) {
  types.insert(types.begin(), {"transfer.stated", "document.submission"});
  return types;
}

}  // namespace

TEST_CASE("a sender's next statement names the one that was taken before it", "[verify]") {
  for (const crypto::Suite suite : test::kSuites) {
    Bench b(suite);
    const flow::Envelope first = b.numbered(1, {});
    CHECK(b.step(b.work_of(b.seal(first))) == "ok");
    const ledger::Work forked = b.work_of(b.seal(b.numbered(2, bytes_of("another first"))));
    CHECK(b.step(forked) == "submission-previous");
    CHECK(b.types_of(forked.transfer) == stated({"step.verify"}));
    // What was refused holds no number: the true second one takes it.
    const ledger::Work second = b.work_of(b.seal(b.numbered(2, first.payload)));
    CHECK(b.step(second) == "ok");
    CHECK(b.types_of(second.transfer) == stated({"step.verify"}));
    CHECK(b.step(second) == "ok");  // done again after a crash: the same
    CHECK(b.types_of(second.transfer) == stated({"step.verify"}));
  }
}

TEST_CASE("a gap in a sender's numbers is told once and stops nothing", "[verify]") {
  Bench b;
  const ledger::Work work = b.work_of(b.seal(b.numbered(5, bytes_of("the fourth"))));
  // Killed after the gap was told and before the step was: done again, it is not told again.
  CHECK(b.step(work, true) == "ok");
  CHECK(b.types_of(work.transfer) == stated({"sequence.gap"}));
  std::string gap;
  CHECK(b.step(work) == "ok");
  CHECK(b.step(work) == "ok");
  CHECK(b.types_of(work.transfer, &gap) == stated({"sequence.gap", "step.verify"}));
  CHECK(gap == R"({"node":"survey","sequence":5,"missing":4})");
}

TEST_CASE("packages that come in another order than they were packed all pass", "[verify]") {
  Bench b;
  std::vector<flow::Envelope> envelopes;
  std::vector<ledger::Work> works;
  for (std::uint64_t n = 1; n <= 4; ++n) {
    envelopes.push_back(b.numbered(n, n == 1 ? ByteView() : ByteView(envelopes.back().payload)));
    works.push_back(b.work_of(b.seal(envelopes.back())));
  }
  const std::vector<std::string> in_turn = stated({"step.verify"});
  const std::vector<std::string> after_gap = stated({"sequence.gap", "step.verify"});
  for (const std::size_t i : {0U, 3U, 2U, 1U}) CHECK(b.step(works[i]) == "ok");
  CHECK(b.types_of(works[0].transfer) == in_turn);
  CHECK(b.types_of(works[3].transfer) == after_gap);
  CHECK(b.types_of(works[2].transfer) == after_gap);
  CHECK(b.types_of(works[1].transfer) == in_turn);
}
