#include "package/contents.hpp"

#include "base/text.hpp"

namespace hangu::package {
namespace {

/// True for the story's name and what a file system could mistake for it or put it in the way of.
Result<bool> is_reserved(std::string_view name) {
  HANGU_TRY(const std::string key, to_collision_key(name.substr(0, name.find('/'))));
  HANGU_TRY(const std::string story, to_collision_key(flow::kStoryName));
  return key == story;
}

Done check_names(const flow::ObjectTable& table) {
  for (const flow::ObjectRow& row : table.rows()) {
    HANGU_TRY(const bool reserved, is_reserved(row.name));
    if (reserved) return fail(ErrorCode::malformed, "name-reserved", printable(row.name, 100));
  }
  return {};
}

Done check_story(const flow::ObjectTable& table) {
  const flow::ObjectRow& last = table.rows().back();  // a statement has at least one subject
  if (last.name != flow::kStoryName || last.media_type != flow::kStoryMediaType)
    return fail(ErrorCode::malformed, "story-missing", printable(last.name, 100));
  if (last.digest.size > flow::kStoryBytesMax)
    return fail(ErrorCode::malformed, "story-too-long", std::to_string(last.digest.size));
  return {};
}

Done check_suite(crypto::Suite stated, crypto::Suite suite, const flow::ObjectTable& table) {
  if (stated != suite)
    return fail(ErrorCode::malformed, "suite-mismatch", "the statement names another suite");
  const crypto::HashAlgorithm algorithm = crypto::hash_of(suite);
  for (const flow::ObjectRow& row : table.rows())
    if (row.digest.algorithm != algorithm)
      return fail(ErrorCode::malformed, "suite-mismatch", printable(row.name, 100));
  return {};
}

}  // namespace

Result<Contents> Contents::check(flow::Envelope envelope, crypto::Suite suite) {
  Contents out;
  HANGU_TRY(out.statement, flow::Statement::parse(envelope));
  HANGU_TRY(out.table, flow::ObjectTable::create(out.statement.subjects));
  const std::string& predicate = out.statement.predicate_type;
  if (predicate == flow::kSubmissionPredicate) {
    out.kind = Kind::submission;
    HANGU_TRY(out.submission, flow::Submission::parse(out.statement));
    HANGU_CHECK(check_suite(out.submission->suite, suite, out.table));
    HANGU_CHECK(check_names(out.table));
  } else if (predicate == flow::kReleasePredicate) {
    out.kind = Kind::release;
    HANGU_TRY(out.release, flow::Release::parse(out.statement));
    HANGU_CHECK(check_suite(out.release->suite, suite, out.table));
    HANGU_CHECK(check_story(out.table));
  } else {
    return fail(ErrorCode::malformed, "statement-predicate", printable(predicate, 60));
  }
  out.envelope = std::move(envelope);
  return out;
}

}  // namespace hangu::package
