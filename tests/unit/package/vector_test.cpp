// The committed packages of tests/data/vectors/package: what their description says of them, and
// that the same entropy makes the same bytes again. tests/support/open_package.py reads them too.

#include <cstdlib>

#include "package/writer.hpp"
#include "tests/unit/package/sample.hpp"
#include "wire/json.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

const std::vector<SampleObject> kObjects{{"地图/世界.bin", pattern(300, 7)},
                                         {"空.txt", {}, "text/plain"},
                                         {"a.txt", to_bytes("hangu"), "text/plain"}};

std::string path_of(crypto::Suite suite, std::string_view extension) {
  return std::string(HANGU_SOURCE_DIR) + "/tests/data/vectors/package/" +
         std::string(crypto::to_text(suite)) + std::string(extension);
}

/// The parties of a vector: keys from fixed secrets, as the description gives them.
Parties vector_parties(crypto::Suite suite, ByteView secret) {
  Parties parties(suite, "hangu package vector");
  Bytes copy = to_bytes(secret);
  parties.opener =
      Parties::one(must(crypto::OpeningKey::create(suite, crypto::SecretBytes::take(copy))));
  parties.recipients = {parties.opener.front().recipient_key()};
  parties.entropy = SeededEntropy("hangu package vector");
  return parties;
}

std::string text_at(const wire::Json& json, std::string_view key) {
  const wire::Json* value = json.find(key);
  REQUIRE((value != nullptr && value->as_string() != nullptr));
  return *value->as_string();
}

wire::Json description_of(const package::Header& header, const package::Reader& reader,
                          const Bytes& bytes, const Parties& parties, ByteView secret) {
  wire::JsonArray objects;
  for (std::size_t i = 0; i < kObjects.size(); ++i)
    objects.emplace_back(
        wire::JsonObject{{"name", kObjects[i].name},
                         {"offset", reader.layout().chunk_at(i + 1, 0)},
                         {"digest", reader.contents().table.rows()[i].digest.to_text()},
                         {"content", to_hex(kObjects[i].bytes)}});
  const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes);
  return wire::JsonObject{{"suite", crypto::to_text(parties.suite)},
                          {"openingSecret", to_hex(secret)},
                          {"recipientKeyId", to_hex(header.recipients.front().key_id)},
                          {"signerKeyId", parties.signer.verify_key().id()},
                          {"signerPoint", to_hex(parties.signer.verify_key().point())},
                          {"sealingSeed", "hangu package vector"},
                          {"chunkContext", to_hex(header.chunk_context())},
                          {"headerBytes", header.byte_count()},
                          {"objectsBytes", header.objects_bytes},
                          {"statementBytes", reader.layout().plain_bytes(0)},
                          {"packageDigest", digest.to_text()},
                          {"transfer", package::transfer_id_of(digest).text()},
                          {"objects", std::move(objects)}};
}

}  // namespace

TEST_CASE("the committed packages open, and the same entropy seals the same bytes",
          "[package][vector]") {
  for (const crypto::Suite suite : kSuites) {
    const Bytes bytes = must(os::read_file(path_of(suite, ".hangu"), 1 << 20));
    const wire::Json stated = must(
        wire::Json::parse(text_of(must(os::read_file(path_of(suite, ".json"), 1 << 20))), 1 << 20));
    const Bytes secret = must(from_hex(text_at(stated, "openingSecret")));
    Parties parties = vector_parties(suite, secret);

    const os::UniqueFd file = memory_file(bytes);
    const auto reader = must(package::Reader::open(file.view(), parties.opener));
    CHECK(reader.contents().envelope.signed_by(parties.signer.verify_key()));
    CHECK(reason_of_opening(file.view(), parties) == "");
    CHECK(description_of(reader.header(), reader, bytes, parties, secret) == stated);

    const os::UniqueFd again = memory_file();
    const auto sources = sources_of(kObjects);
    const auto sealed = must(package::seal({.suite = suite,
                                            .recipients = parties.recipients,
                                            .objects = sources,
                                            .state = test::stated(reader.contents().envelope),
                                            .threads = 1,
                                            .progress = {}},
                                           again.view(), parties.entropy));
    CHECK((content_of(again.view()) == bytes));
    CHECK(sealed.digest.to_text() == text_at(stated, "packageDigest"));
  }
}

TEST_CASE("the object table of docs/protocols/objects.md has its bytes and digests",
          "[package][vector]") {
  const auto sha256 = crypto::HashAlgorithm::sha256;
  const auto table = must(flow::ObjectTable::create(
      {{"a.txt", "text/plain", crypto::digest_of(sha256, bytes_of("hangu"))},
       {"空.txt", "text/plain", crypto::digest_of(sha256, {})}}));
  CHECK(to_hex(table.to_bytes()) ==
        "010000000200000005612e7478740000000a746578742f706c61696e000000000000000005"
        "f0cf40e0bdc66c2db7037d61e68a4d9bfd2b2a06a6956c71bbe1b26735cad9b3"
        "00000007e7a9ba2e7478740000000a746578742f706c61696e000000000000000000"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(table.digest(sha256).to_text() ==
        "sha256-tree:135:5b4f2e0445c836b9f9cfc1f4243fd12a9259fafc433405cf550e3ee14dce6520");
  CHECK(table.digest(crypto::HashAlgorithm::sm3).to_text() ==
        "sm3-tree:135:536bea878ca8ffdaf6b8a7a23a96df290d56414d35884130c89f09d3adce6416");
  CHECK(flow::ObjectTable().digest(sha256).to_text() ==
        "sha256-tree:5:01cf85cfeb36d628ca2e6f583fa2331be029b6b28e877e1008fb3f862306c086");
}

// Run by hand when the format's version changes: HANGU_MAKE_VECTORS=1 test_package
// "[.make-vectors]".
TEST_CASE("make the package vectors anew", "[.make-vectors]") {
  if (std::getenv("HANGU_MAKE_VECTORS") == nullptr) return;  // a wide filter alone rewrites nothing
  for (const crypto::Suite suite : kSuites) {
    Bytes secret(32);
    for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::byte>(0x40 + i);
    Parties parties = vector_parties(suite, secret);
    const SealedSample sample = seal_sample(kObjects, parties, 1);
    const Bytes bytes = content_of(sample.file.view());
    const auto reader = must(package::Reader::open(sample.file.view(), parties.opener));
    const wire::Json json = description_of(reader.header(), reader, bytes, parties, secret);
    REQUIRE(os::write_file_durably(path_of(suite, ".hangu"), bytes, 0644).has_value());
    REQUIRE(os::write_file_durably(path_of(suite, ".json"), bytes_of(json.to_pretty_text() + "\n"),
                                   0644)
                .has_value());
  }
}
