#include "flow/statement.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace hangu::flow {
namespace {

constexpr std::string_view kSha256Name = "hanguTreeSha256";
constexpr std::string_view kSm3Name = "hanguTreeSm3";

Result<ObjectRow> parse_subject(const wire::Json& json) {
  wire::Fields f(json, "subject");
  ObjectRow row;
  row.name = f.text("name", kObjectNameBytesMax);
  row.media_type = f.text("mediaType", 100);
  wire::Fields digest(f.value("digest"), "subject.digest");
  const bool sha256 = digest.has(kSha256Name);
  row.digest.algorithm = sha256 ? crypto::HashAlgorithm::sha256 : crypto::HashAlgorithm::sm3;
  if (const auto root =
          digest.accept(kSha256Name, from_hex(digest.text(sha256 ? kSha256Name : kSm3Name, 64)))) {
    if (root->size() == row.digest.root.size()) {
      std::ranges::copy(*root, row.digest.root.begin());
    } else {
      digest.reject(kSha256Name, "not 32 bytes");
    }
  }
  wire::Fields notes(f.value("annotations"), "subject.annotations");
  row.digest.size = static_cast<std::uint64_t>(
      notes.integer("size", 0, static_cast<std::int64_t>(kObjectBytesMax)));
  HANGU_CHECK(f.finish());
  HANGU_CHECK(digest.finish());
  HANGU_CHECK(notes.finish());
  return row;
}

}  // namespace

wire::Json digest_to_json(const crypto::ObjectDigest& digest) {
  const bool sha256 = digest.algorithm == crypto::HashAlgorithm::sha256;
  return wire::JsonObject{{std::string(sha256 ? kSha256Name : kSm3Name), to_hex(digest.root)}};
}

wire::Json Statement::to_json() const {
  wire::JsonArray subject;
  for (const ObjectRow& row : subjects)
    subject.emplace_back(
        wire::JsonObject{{"name", row.name},
                         {"mediaType", row.media_type},
                         {"digest", digest_to_json(row.digest)},
                         {"annotations", wire::JsonObject{{"size", row.digest.size}}}});
  return wire::JsonObject{{"_type", kStatementType},
                          {"subject", std::move(subject)},
                          {"predicateType", predicate_type},
                          {"predicate", predicate}};
}

Result<Statement> Statement::parse(ByteView payload) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(payload), kStatementBytesMax));
  wire::Fields f(json, "statement");
  const std::string type = f.text("_type", 100);
  const wire::JsonArray subject = f.array("subject", kObjectsMax);
  Statement out;
  out.predicate_type = f.text("predicateType", 100);
  out.predicate = f.value("predicate");
  HANGU_CHECK(f.finish());
  if (type != kStatementType)
    return fail(ErrorCode::malformed, "statement-type", printable(type, 60));
  for (const wire::Json& item : subject) {
    HANGU_TRY(ObjectRow row, parse_subject(item));
    out.subjects.push_back(std::move(row));
  }
  HANGU_TRY(const ObjectTable checked, ObjectTable::create(out.subjects));
  if (checked.rows().empty())
    return fail(ErrorCode::malformed, "statement-no-subject", out.predicate_type);
  return out;
}

Result<Statement> Statement::parse(const Envelope& envelope, std::string_view predicate_type) {
  if (envelope.payload_type != kStatementPayloadType)
    return fail(ErrorCode::malformed, "statement-type", printable(envelope.payload_type, 60));
  HANGU_TRY(Statement out, parse(envelope.payload));
  if (out.predicate_type != predicate_type)
    return fail(ErrorCode::malformed, "statement-predicate", printable(out.predicate_type, 60));
  return out;
}

Result<Envelope> Statement::sign(const crypto::SigningKey& key, std::string certificate) const {
  return Envelope::sign(std::string(kStatementPayloadType), to_bytes(to_json().to_text()), key,
                        std::move(certificate));
}

}  // namespace hangu::flow
