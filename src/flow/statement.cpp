#include "flow/statement.hpp"

#include <algorithm>
#include <limits>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace hangu::flow {
namespace {

constexpr std::string_view kSha256Name = "hanguTreeSha256";
constexpr std::string_view kSm3Name = "hanguTreeSm3";

Result<ObjectRow> parse_subject(const wire::Json& json) {
  wire::Fields f(json, "subject");
  ObjectRow row;
  row.name = f.text("name", kStatementBytesMax);  // its length has a reason of its own
  row.media_type = f.text("mediaType", 100);
  wire::Fields digest(f.value("digest"), "subject.digest");
  const bool sha256 = digest.has(kSha256Name);
  const std::string root = digest.text(sha256 ? kSha256Name : kSm3Name, 64);
  wire::Fields notes(f.value("annotations"), "subject.annotations");
  const std::int64_t size = notes.integer("size", std::numeric_limits<std::int64_t>::min(),
                                          std::numeric_limits<std::int64_t>::max());
  HANGU_CHECK(f.finish());
  HANGU_CHECK(notes.finish());
  if (size < 0) return fail(ErrorCode::malformed, "object-size-invalid", printable(row.name, 100));
  const auto made = digest.accept(
      "root", crypto::ObjectDigest::parse((sha256 ? "sha256-tree:0:" : "sm3-tree:0:") + root));
  HANGU_CHECK(digest.finish());
  row.digest = *made;
  row.digest.size = static_cast<std::uint64_t>(size);  // ObjectTable knows the bound
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
  const wire::JsonArray subject = f.array("subject", kStatementBytesMax);  // ObjectTable counts
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
  if (out.to_json().to_text() != text_of(payload)) return not_canonical("statement");
  return out;
}

Result<Statement> Statement::parse(const Envelope& envelope) {
  if (envelope.payload_type != kStatementPayloadType)
    return fail(ErrorCode::malformed, "statement-type", printable(envelope.payload_type, 60));
  return parse(envelope.payload);
}

Result<Statement> Statement::parse(const Envelope& envelope, std::string_view predicate_type) {
  HANGU_TRY(Statement out, parse(envelope));
  if (out.predicate_type != predicate_type)
    return fail(ErrorCode::malformed, "statement-predicate", printable(out.predicate_type, 60));
  return out;
}

Done Statement::check_spelling(const Statement& written) const {
  return written == *this ? Done() : not_canonical(predicate_type);
}

Result<Envelope> Statement::sign(const crypto::SigningKey& key, std::string certificate) const {
  return Envelope::sign(std::string(kStatementPayloadType), to_bytes(to_json().to_text()), key,
                        std::move(certificate));
}

}  // namespace hangu::flow
