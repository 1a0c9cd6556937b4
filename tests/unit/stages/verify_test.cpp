#include "stages/verify/verify.hpp"

#include "flow/release.hpp"
#include "tests/support/custodian_double.hpp"
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
        certificate(certify(node_of_egov("survey"))) {}

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
    return stages::verify(*claimed, client, {parties.opener, anchors, clock});
  }
  Result<Outcome> run() { return run(work_of(seal(sign()))); }
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
  CHECK(Bench::reason_of(early.run()) == "submission-early");
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
  const auto outcome = stages::verify(*claimed, client, {b.parties.opener, b.anchors, NoClock()});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == ErrorCode::unavailable);
}
