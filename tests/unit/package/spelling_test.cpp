// One spelling: what a statement's bytes can be beside what it says is a place to hide a file in,
// for the statement travels on in the story. docs/protocols/exchange-package.md §2.

#include "flow/approval.hpp"
#include "flow/release.hpp"
#include "flow/step.hpp"
#include "tests/unit/package/forgery.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

const std::vector<SampleObject> kTwoObjects{{"a.bin", pattern(40, 1)}, {"b.bin", pattern(40, 2)}};
constexpr std::string_view kReason = "statement-not-canonical";

flow::Submission sample(crypto::Suite suite) {
  flow::Submission out = submission_of(rows_of(kTwoObjects, suite), suite);
  out.destination_nodes = {must(NodeId::create("archive")), must(NodeId::create("portal"))};
  out.facts.areas = {"11", "32"};
  out.facts.date_from = "2026-01-01";
  out.label.compartments = {"water", "roads"};
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What becomes of a package with this payload, properly signed and sealed.
std::string reason_of_payload(Parties& parties, const std::string& payload) {
  Forgery forgery{.parties = parties, .statement = envelope_of(payload, parties).to_text()};
  for (const SampleObject& object : kTwoObjects) forgery.objects.push_back(object.bytes);
  const std::string reason = reason_of_opening(forgery.make(), parties);
  const auto contents = package::Contents::check(envelope_of(payload, parties), parties.suite);
  CHECK((contents ? "" : contents.error().reason()) == reason);
  return reason;
}

std::string reason_of_envelope(Parties& parties, const std::string& envelope) {
  Forgery forgery{.parties = parties, .statement = envelope};
  for (const SampleObject& object : kTwoObjects) forgery.objects.push_back(object.bytes);
  return reason_of_opening(forgery.make(), parties);
}

}  // namespace

TEST_CASE("a statement of our writer's opens, whatever order its lists were given in",
          "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    flow::Submission submission = sample(suite);
    const std::string text = submission.to_statement().to_json().to_text();
    CHECK(reason_of_payload(parties, text) == "");
    std::ranges::reverse(submission.destination_nodes);
    submission.facts.areas = {"32", "11", "32"};
    CHECK(submission.to_statement().to_json().to_text() == text);
  }
}

TEST_CASE("a statement that says the same in other bytes is refused", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const std::string text = sample(suite).to_statement().to_json().to_text();
    const auto reason = [&](std::string_view from, std::string_view to) {
      INFO(from << " -> " << to);
      return reason_of_payload(parties, replaced(text, from, to));
    };
    {  // white space
      CHECK(reason_of_payload(parties, text + "\n") == kReason);
      CHECK(reason_of_payload(parties, " " + text) == kReason);
      CHECK(reason_of_payload(parties, text + std::string(680'000, '\t')) == kReason);
      CHECK(reason("\"predicate\":", "\"predicate\": \t") == kReason);
      CHECK(reason("[\"11\",", "[\"11\", ") == kReason);
    }
    {  // escapes
      CHECK(reason("a.bin", "\\u0061.bin") == kReason);
      CHECK(reason("world-map", "world\\u002dmap") == kReason);
      CHECK(reason("\"suite\"", "\"s\\u0075ite\"") == kReason);
      CHECK(reason("in-toto.io/", "in-toto.io\\/") == kReason);
      CHECK(reason("测", "\\u6d4b") == kReason);
    }
    {  // numbers
      CHECK(reason("\"size\":40", "\"size\":4e1") == "field-type");
      CHECK(reason("\"size\":40", "\"size\":40.0") == "field-type");
      CHECK(reason("\"termYears\":0", "\"termYears\":-0") == kReason);
      CHECK(reason("\"sequence\":1", "\"sequence\":1.0") == "field-type");
      CHECK(reason("\"sequence\":1", "\"sequence\":1e0") == kReason);
      CHECK(reason("\"sequence\":1", "\"sequence\":01") == "json-syntax");
    }
    {  // order of members
      CHECK(reason("{\"name\":\"a.bin\",\"mediaType\":\"application/octet-stream\",",
                   "{\"mediaType\":\"application/octet-stream\",\"name\":\"a.bin\",") == kReason);
      CHECK(reason("\"secrecy\":\"open\",\"grade\":\"general\"",
                   "\"grade\":\"general\",\"secrecy\":\"open\"") == kReason);
      CHECK(reason("\"zone\":\"egov\",\"node\":\"survey\"",
                   "\"node\":\"survey\",\"zone\":\"egov\"") == kReason);
      CHECK(reason("\"sequence\":1,\"previous\":null", "\"previous\":null,\"sequence\":1") ==
            kReason);
    }
    {  // sets
      CHECK(reason("[\"11\",\"32\"]", "[\"32\",\"11\"]") == kReason);
      CHECK(reason("[\"11\",\"32\"]", "[\"11\",\"11\",\"32\"]") == kReason);
      CHECK(reason("[\"archive\",\"portal\"]", "[\"portal\",\"archive\"]") == kReason);
      CHECK(reason("[\"archive\",\"portal\"]", "[\"portal\",\"portal\"]") == kReason);
      CHECK(reason("[\"roads\",\"water\"]", "[\"water\",\"roads\"]") == kReason);
    }
    {  // words
      CHECK(reason("\"secrecy\":\"open\"", "\"secrecy\":\"公开\"") == kReason);
      CHECK(reason("\"grade\":\"general\"", "\"grade\":\"一般\"") == kReason);
    }
    {  // times
      const std::string time = sample(suite).not_before.to_text();
      REQUIRE(time == "2025-10-09T08:53:20.000Z");
      for (const char* other :
           {"2025-10-09T08:53:20Z", "2025-10-09T08:53:20.0Z", "2025-10-09T08:53:20.000000Z",
            "2025-10-09T08:53:20.000+00:00", "2025-10-09T16:53:20.000+08:00",
            "2025-10-09t08:53:20.000Z", "2025-10-09T08:53:20.000z", "2025-10-09T08:52:80.000Z",
            "2025-10-08T32:53:20.000Z", "2025-10-09 08:53:20.000Z"})
        CHECK(reason(time, other) == "field-invalid");
      CHECK(reason("2026-01-01", "2026-01-1") == "submission-invalid");
      CHECK(reason("2026-01-01", "2026-1-001") == "submission-invalid");
    }
    {  // digests
      const std::string hex = to_hex(sample(suite).objects.rows()[0].digest.root);
      std::string upper = hex;
      for (char& c : upper) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
      CHECK(reason(hex, upper) == "field-invalid");
    }
  }
}

TEST_CASE("an envelope that says the same in other bytes is refused", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const std::string text = envelope_of(kTwoObjects, parties).to_text();
    const auto reason = [&](std::string_view from, std::string_view to) {
      return reason_of_envelope(parties, replaced(text, from, to));
    };
    CHECK(reason_of_envelope(parties, text) == "");
    CHECK(reason_of_envelope(parties, text + "\n") == kReason);
    CHECK(reason_of_envelope(parties, text + std::string(9999, ' ')) == kReason);
    CHECK(reason("\"payloadType\":", "\"payloadType\": ") == kReason);
    CHECK(reason("vnd.in-toto", "vnd\\u002ein-toto") == kReason);
    const std::size_t middle = text.find(",\"payloadType\"");
    const std::size_t end = text.find(",\"signatures\"");
    CHECK(reason_of_envelope(parties, "{" + text.substr(middle + 1, end - middle) +
                                          text.substr(1, middle - 1) + text.substr(end)) ==
          kReason);
    CHECK(reason("\"}]}", "\",\"cert\":\"\"}]}") == kReason);  // no certificate is no member
    // Base64: white space, no padding, and bits behind the last byte.
    flow::Envelope one = envelope_of(kTwoObjects, parties);
    one.signatures.front().signature.resize(64);  // 64 bytes end in "xx=="
    const std::string good = to_base64(one.signatures.front().signature);
    REQUIRE(good.ends_with("=="));
    std::string bits = good;
    bits[bits.size() - 3] = bits[bits.size() - 3] == 'B' ? 'C' : 'B';
    const auto with = [&](const std::string& spelled) {
      return reason_of_envelope(parties, replaced(one.to_text(), good, spelled));
    };
    CHECK(with(bits) == "field-invalid");
    CHECK(with(good.substr(0, good.size() - 2)) == "field-invalid");
    CHECK(with("\\n" + good) == "field-invalid");
  }
}

TEST_CASE("steps, approvals and releases have one spelling too", "[package]") {
  Parties parties(crypto::Suite::intl);
  const auto digest = rows_of(kTwoObjects, parties.suite).front().digest;
  const auto transfer = must(TransferId::create(std::string(32, 'a')));
  const auto reason = [&](const auto& what, std::string_view from, std::string_view to) {
    using What = std::remove_cvref_t<decltype(what)>;
    const std::string text = what.to_statement().to_json().to_text();
    CHECK(What::parse(envelope_of(text, parties)));
    const auto read = What::parse(envelope_of(replaced(text, from, to), parties));
    return read ? std::string() : std::string(read.error().reason());
  };
  const flow::Step step{transfer,
                        1,
                        flow::Stage::verify,
                        flow::Verdict::pass,
                        "ok",
                        digest,
                        digest,
                        3,
                        {{"facts", digest}, {"plain", digest}},
                        std::nullopt};
  CHECK(reason(step, "\"round\":1", "\"round\": 1") == kReason);
  CHECK(reason(step, "\"verdict\":\"pass\",\"reason\":\"ok\"",
               "\"reason\":\"ok\",\"verdict\":\"pass\"") == kReason);
  CHECK(reason(step, "application/vnd.hangu.object-table", "a/b") == kReason);
  const std::string facts = "\"facts\":\"" + digest.to_text() + "\"";
  const std::string plain = "\"plain\":\"" + digest.to_text() + "\"";
  CHECK(reason(step, facts + "," + plain, plain + "," + facts) == kReason);
  const flow::Approval approval{transfer,
                                digest,
                                digest,
                                digest,
                                must(PersonId::create("li")),
                                "reviewer",
                                true,
                                "looked",
                                WallTime(std::chrono::hours(1))};
  CHECK(reason(approval, "\"reason\":\"looked\"", "\"reason\":\"look\\u0065d\"") == kReason);
  CHECK(reason(approval, "\"role\":\"reviewer\",\"verdict\":\"approve\"",
               "\"verdict\":\"approve\",\"role\":\"reviewer\"") == kReason);

  const flow::Submission from = sample(parties.suite);
  const flow::Release release{from.objects.rows(),
                              from.suite,
                              transfer,
                              "gw",
                              from.origin_zone,
                              from.origin_node,
                              from.destination_zone,
                              from.destination_nodes,
                              from.label};
  const std::string text = release.to_statement().to_json().to_text();
  const auto parse = [](const std::string& payload) {
    const auto statement = flow::Statement::parse(bytes_of(payload));
    if (!statement) return std::string(statement.error().reason());
    const auto read = flow::Release::parse(*statement);
    return read ? std::string() : std::string(read.error().reason());
  };
  CHECK(parse(text) == "");
  CHECK(parse(text + " ") == kReason);
  CHECK(parse(replaced(text, "[\"archive\",\"portal\"]", "[\"portal\",\"archive\"]")) == kReason);
  CHECK(parse(replaced(text, "\"transfer\":\"" + transfer.text() + "\",\"gateway\":\"gw\"",
                       "\"gateway\":\"gw\",\"transfer\":\"" + transfer.text() + "\"")) == kReason);
}
