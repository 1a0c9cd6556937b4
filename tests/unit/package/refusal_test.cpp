#include "base/text.hpp"
#include "flow/release.hpp"
#include "tests/unit/package/forgery.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

const std::vector<SampleObject> kTwoObjects{{"a.bin", pattern(40, 1)}, {"b.bin", pattern(40, 2)}};

Forgery good(Parties& parties, const std::vector<SampleObject>& objects = kTwoObjects) {
  Forgery forgery{.parties = parties, .statement = envelope_of(objects, parties).to_text()};
  for (const SampleObject& object : objects) forgery.objects.push_back(object.bytes);
  return forgery;
}

std::string reason_of(Forgery forgery) {
  return reason_of_opening(forgery.make(), forgery.parties);
}

/// The statement of two objects, with one piece of its text replaced.
std::string reason_with(Parties& parties, std::string_view from, std::string_view to) {
  const auto rows = rows_of(kTwoObjects, parties.suite);
  std::string json = submission_of(rows, parties.suite).to_statement().to_json().to_text();
  const std::size_t at = json.find(from);
  REQUIRE(at != std::string::npos);
  json.replace(at, from.size(), to);
  Forgery forgery = good(parties);
  forgery.statement = envelope_of(json, parties).to_text();
  return reason_of(std::move(forgery));
}

std::string reason_with_name(Parties& parties, std::string_view name) {
  return reason_with(parties, "\"a.bin\"", wire::Json(name).to_text());
}

}  // namespace

TEST_CASE("a package put together by hand from the byte table opens", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    CHECK(reason_of(good(parties)) == "");
    CHECK(reason_of(good(parties, {{"e", {}}, {"two.bin", pattern(kChunkBytes + 1)}})) == "");
  }
}

TEST_CASE("each wrong field of the header has a reason of its own", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const auto with = [&](auto change) {
      Forgery forgery = good(parties);
      change(forgery);
      return reason_of(std::move(forgery));
    };
    CHECK(with([](Forgery& f) { f.magic = "HANGUPKH"; }) == "package-magic");
    CHECK(with([](Forgery& f) { f.version = 0; }) == "package-version");
    CHECK(with([](Forgery& f) { f.version = 2; }) == "package-version");
    CHECK(with([](Forgery& f) { f.suite_byte = 2; }) == "package-suite");
    for (unsigned bit = 0; bit < 16; ++bit)
      CHECK(with([&](Forgery& f) { f.flags = static_cast<std::uint16_t>(1U << bit); }) ==
            "package-flags");
    CHECK(with([](Forgery& f) { f.recipient_count = 0; }) == "package-recipients");
    CHECK(with([](Forgery& f) { f.recipient_count = 65; }) == "package-recipients");
    CHECK(with([](Forgery& f) { f.objects_length = 0; }) == "package-objects-length");
    CHECK(with([](Forgery& f) { f.objects_length = (std::uint64_t{1} << 60) + 1; }) ==
          "package-objects-length");
    CHECK(with([](Forgery& f) { f.objects_length = std::uint64_t{1} << 60; }) ==
          "package-truncated");
    CHECK(with([](Forgery& f) { f.statement_length = 0; }) == "package-statement-length");
    CHECK(with([](Forgery& f) { f.statement_length = kStatementBytesMax + 1; }) ==
          "package-statement-length");
    CHECK(with([](Forgery& f) { f.statement_length = kStatementBytesMax; }) == "package-truncated");
  }
}

TEST_CASE("recipients are refused twice, out of order, or with a wrapped key of a wrong length",
          "[package]") {
  Parties parties(crypto::Suite::intl);
  const auto with = [&](std::vector<std::pair<Bytes, Bytes>> recipients) {
    Forgery forgery = good(parties);
    forgery.recipients = std::move(recipients);
    return reason_of(std::move(forgery));
  };
  const Bytes one(32, std::byte{1});
  const Bytes two(32, std::byte{2});
  const Bytes ours = parties.recipients.front().id();
  CHECK(with({{one, Bytes(80)}, {one, Bytes(80)}}) == "package-recipients");
  CHECK(with({{two, Bytes(80)}, {one, Bytes(80)}}) == "package-recipients");
  CHECK(with({{one, Bytes(80)}, {two, Bytes(80)}}) == "package-not-for-us");
  CHECK(with({{one, {}}}) == "package-wrapped-key");
  CHECK(with({{one, Bytes(256)}}) == "package-not-for-us");
  CHECK(with({{one, Bytes(257)}}) == "package-wrapped-key");
  CHECK(with({{ours, Bytes(80)}}) == "key-unwrap-failed");
}

TEST_CASE("a package of one suite under the name of the other is refused", "[package]") {
  Parties intl(crypto::Suite::intl);
  Parties gm(crypto::Suite::gm);
  Forgery forgery = good(intl);
  forgery.suite_byte = 1;
  const Bytes bytes = forgery.make();
  CHECK(reason_of_opening(bytes, intl) == "package-not-for-us");
  CHECK(reason_of_opening(bytes, gm) == "package-not-for-us");
  // A statement of the other suite in an otherwise good package.
  Forgery mixed = good(intl);
  mixed.statement = envelope_of(kTwoObjects, gm).to_text();
  const std::string reason = reason_of(std::move(mixed));
  CHECK(reason == "suite-mismatch");
}

TEST_CASE("names that are not allowed surface through the reader with their own reasons",
          "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const auto reason = [&](std::string_view name) { return reason_with_name(parties, name); };
    CHECK(reason("地图/世界.gpkg") == "");
    CHECK(reason("") == "name-empty");
    CHECK(reason("../a") == "name-dot-dot");
    CHECK(reason("a/../b") == "name-dot-dot");
    CHECK(reason("a/./b") == "name-dot-dot");
    CHECK(reason("/etc/passwd") == "name-absolute");
    CHECK(reason("a\\b") == "name-character");
    CHECK(reason("C:a") == "name-character");
    CHECK(reason("a//b") == "name-character");
    CHECK(reason("a\nb") == "name-character");
    CHECK(reason("e\xcc\x81.txt") == "name-not-nfc");
    CHECK(reason("1/2/3/4/5/6/7/8") == "");
    CHECK(reason("1/2/3/4/5/6/7/8/9") == "name-too-deep");
    CHECK(reason(std::string(255, 'n')) == "");
    CHECK(reason("b.bin") == "name-collision");
    CHECK(reason("B.BIN") == "name-collision");
    CHECK(reason("b.bin/c") == "name-collision");
    CHECK(reason("hangu-story.json") == "name-reserved");
    CHECK(reason("Hangu-Story.JSON") == "name-reserved");
    CHECK(reason("hangu-story.json/a") == "name-reserved");
    CHECK(reason("sub/hangu-story.json") == "");
    CHECK(reason(std::string(256, 'n')) == "name-too-long");
  }
}

TEST_CASE("a statement that is not closed JSON is refused with its own reason", "[package]") {
  Parties parties(crypto::Suite::intl);
  const auto reason = [&](std::string_view from, std::string_view to) {
    return reason_with(parties, from, to);
  };
  CHECK(reason("{\"_type\"", "{\"_type\":\"x\",\"_type\"") == "json-duplicate-key");
  CHECK(reason("{\"_type\"", "{\"critical\":1,\"_type\"") == "field-unknown");
  CHECK(reason("{\"suite\"", "{\"critical\":1,\"suite\"") == "field-unknown");
  CHECK(reason("\"mediaType\"", "\"mediatype\"") == "field-missing");
  CHECK(reason("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v2") ==
        "statement-type");
  CHECK(reason("urn:hangu:submission:v1", "urn:hangu:submission:v2") == "statement-predicate");
  CHECK(reason("\"owner\"", "\"critical\":1,\"owner\"") == "field-unknown");
  CHECK(reason("\"zone\"", "\"critical\":1,\"zone\"") == "field-unknown");
  CHECK(reason("\"product\"", "\"critical\":1,\"product\"") == "field-unknown");
  CHECK(reason("\"size\":40", "\"size\":-1") == "object-size-invalid");
  CHECK(reason("\"size\":40", "\"size\":1125899906842624") == "package-objects-length");
  CHECK(reason("\"size\":40", "\"size\":1125899906842625") == "object-too-large");
  CHECK(reason("\"size\":40", "\"size\":9223372036854775807") == "object-too-large");
  CHECK(reason("\"sequence\":1", "\"sequence\":2") == "submission-invalid");
  CHECK(reason("\"sequence\":1", "\"sequence\":9223372036854775808") == "json-number");
  CHECK(reason("application/octet-stream", "Application/Octet") == "media-type-invalid");
}

TEST_CASE("an envelope that is not one is refused with its own reason", "[package]") {
  Parties parties(crypto::Suite::intl);
  const auto reason = [&](std::string text) {
    Forgery forgery = good(parties);
    forgery.statement = std::move(text);
    return reason_of(std::move(forgery));
  };
  const std::string text = envelope_of(kTwoObjects, parties).to_text();
  CHECK(reason(text + " {}") == "json-syntax");
  CHECK(reason("not json") == "json-syntax");
  CHECK(reason("\xef\xbb\xbf" + text) == "json-syntax");
  CHECK(reason(R"({"payload":"","payloadType":"a","signatures":[]})") == "envelope-invalid");
  CHECK(reason("{\"x\":1," + text.substr(1)) == "field-unknown");
  CHECK(reason(R"({"payload":"e30","payloadType":"a","signatures":[]})") == "field-invalid");
  flow::Envelope other = envelope_of(kTwoObjects, parties);
  other.payload_type = "application/json";
  CHECK(reason(other.to_text()) == "statement-type");
}

TEST_CASE("a statement of sizes beyond any file is refused before they are added up", "[package]") {
  Parties parties(crypto::Suite::intl);
  std::vector<flow::ObjectRow> rows;
  rows.reserve(1025);
  for (std::size_t i = 0; i < 1025; ++i)
    rows.push_back(
        {std::to_string(i),
         "a/b",
         {.algorithm = crypto::HashAlgorithm::sha256, .size = kObjectBytesMax, .root = {}}});
  const auto reason = [&] {
    Forgery forgery = good(parties);
    forgery.statement =
        must(submission_of(rows, parties.suite).to_statement().sign(parties.signer)).to_text();
    return reason_of(std::move(forgery));
  };
  CHECK(reason() == "package-too-large");
  rows.resize(1);
  CHECK(reason() == "package-objects-length");
}

TEST_CASE("ten thousand objects are the most", "[package][slow]") {
  Parties parties(crypto::Suite::intl);
  std::vector<SampleObject> objects(kObjectsMax);
  for (std::size_t i = 0; i < objects.size(); ++i) objects[i].name = std::to_string(i);
  const SealedSample sample = seal_sample(objects, parties);
  const auto reader = must(package::Reader::open(sample.file.view(), parties.opener));
  CHECK(reader.contents().table.rows().size() == kObjectsMax);
  const os::UniqueFd out = memory_file();
  CHECK(reader.extract(kObjectsMax - 1, out.view()).has_value());

  auto rows = rows_of(objects, parties.suite);
  flow::Statement statement = submission_of(rows, parties.suite).to_statement();
  rows.push_back({"one more", "a/b", rows.front().digest});
  statement.subjects = rows;
  Forgery forgery{.parties = parties,
                  .statement = envelope_of(statement.to_json().to_text(), parties).to_text(),
                  .objects = {{}}};
  const std::string reason = reason_of(std::move(forgery));
  CHECK(reason == "objects-too-many");
}

TEST_CASE("a chunk sealed for another place is not authentic there", "[package]") {
  using Place = Forgery::Place;
  const std::vector<SampleObject> objects{{"a.bin", pattern(2 * kChunkBytes + 5)},
                                          {"b.bin", pattern(2 * kChunkBytes + 5, 2)}};
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const auto with = [&](std::function<Place(Place)> misplace) {
      Forgery forgery = good(parties, objects);
      forgery.misplace = std::move(misplace);
      return reason_of(std::move(forgery));
    };
    CHECK(with([](Place p) { return p; }) == "");
    for (std::uint32_t stream = 0; stream < 3; ++stream) {
      CHECK(with([&](Place p) {
              if (p.stream == stream) p.index += 1;
              return p;
            }) == "chunk-not-authentic");
      CHECK(with([&](Place p) {
              if (p.stream == stream) p.final = !p.final;
              return p;
            }) == "chunk-not-authentic");
      CHECK(with([&](Place p) {
              if (p.stream == stream) p.stream = 3;
              return p;
            }) == "chunk-not-authentic");
    }
  }
}

TEST_CASE("an authentic object that is not the one of the statement is refused", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const auto with = [&](const std::vector<SampleObject>& stated, std::vector<Bytes> sealed) {
      Forgery forgery = good(parties, stated);
      forgery.objects = std::move(sealed);
      return reason_of(std::move(forgery));
    };
    const Bytes big = pattern(kChunkBytes + 9);
    Bytes other = big;
    other[kChunkBytes + 8] ^= std::byte{1};
    CHECK(with({{"a.bin", big}}, {big}) == "");
    CHECK(with({{"a.bin", big}}, {other}) == "object-digest-mismatch");
    CHECK(with(kTwoObjects, {kTwoObjects[1].bytes, kTwoObjects[0].bytes}) ==
          "object-digest-mismatch");
    CHECK(with(kTwoObjects, {kTwoObjects[0].bytes}) == "package-objects-length");
    CHECK(with(kTwoObjects, {kTwoObjects[0].bytes, kTwoObjects[1].bytes, {}}) ==
          "package-objects-length");
    CHECK(with(kTwoObjects, {pattern(39), kTwoObjects[1].bytes}) == "package-objects-length");
  }
}

TEST_CASE("a release ends with its story; a submission cannot pass for one", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const auto reason = [&](const std::vector<SampleObject>& objects) {
      const flow::Submission from = submission_of(rows_of(kTwoObjects, suite), suite);
      const flow::Release release{.objects = rows_of(objects, suite),
                                  .suite = suite,
                                  .transfer = must(TransferId::create(std::string(32, 'a'))),
                                  .gateway = "hangu",
                                  .origin_zone = from.origin_zone,
                                  .origin_node = from.origin_node,
                                  .destination_zone = from.destination_zone,
                                  .destination_nodes = from.destination_nodes,
                                  .label = from.label};
      Forgery forgery{.parties = parties,
                      .statement = must(release.to_statement().sign(parties.signer)).to_text()};
      for (const SampleObject& object : objects) forgery.objects.push_back(object.bytes);
      return reason_of(std::move(forgery));
    };
    const SampleObject map{"map.gpkg", pattern(30)};
    const SampleObject story{std::string(flow::kStoryName), pattern(50),
                             std::string(flow::kStoryMediaType)};
    CHECK(reason({map, story}) == "");
    CHECK(reason({story, map}) == "story-missing");
    CHECK(reason({map}) == "story-missing");
    CHECK(reason({map, {story.name, story.bytes, "application/json"}}) == "story-missing");
    CHECK(reason({{"HANGU-STORY.json", {}}, story}) == "name-collision");
  }
}

TEST_CASE("what would be refused when opened is not sealed", "[package]") {
  Parties parties(crypto::Suite::intl);
  const auto reason = [&](const flow::Envelope& envelope,
                          const std::vector<SampleObject>& objects = kTwoObjects) {
    const std::vector<package::SourceObject> sources = sources_of(objects);
    const os::UniqueFd out = memory_file();
    const auto sealed = package::seal({.suite = parties.suite,
                                       .recipients = parties.recipients,
                                       .objects = sources,
                                       .state = stated(envelope),
                                       .threads = 1,
                                       .progress = {}},
                                      out.view(), parties.entropy);
    return sealed ? std::string() : std::string(sealed.error().reason());
  };
  CHECK(reason(envelope_of(kTwoObjects, parties)) == "");
  CHECK(reason(envelope_of(kTwoObjects, parties), {}) == "statement-no-subject");
  CHECK(reason(envelope_of(kTwoObjects, parties), {kTwoObjects[0]}) == "source-changed");
  CHECK(reason(envelope_of(kTwoObjects, Parties(crypto::Suite::gm))) == "suite-mismatch");
  const std::vector<SampleObject> story{{"hangu-story.json", {}}};
  CHECK(reason(envelope_of(story, parties), story) == "name-reserved");
  CHECK(reason(envelope_of("{}", parties)) == "field-missing");
}

TEST_CASE("a statement that cannot be made ends the sealing", "[package]") {
  Parties parties(crypto::Suite::intl);
  const std::vector<package::SourceObject> sources = sources_of(kTwoObjects);
  for (const unsigned threads : {1U, 3U}) {
    const os::UniqueFd out = memory_file();
    const auto sealed =
        package::seal({.suite = parties.suite,
                       .recipients = parties.recipients,
                       .objects = sources,
                       .state = [](const flow::ObjectTable&) -> Result<flow::Envelope> {
                         return fail(ErrorCode::forbidden, "turn-taken");
                       },
                       .threads = threads,
                       .progress = {}},
                      out.view(), parties.entropy);
    REQUIRE(!sealed.has_value());
    CHECK(sealed.error().reason() == "turn-taken");
  }
}
