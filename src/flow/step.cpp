#include "flow/step.hpp"

#include <limits>

#include "base/text.hpp"

namespace hangu::flow {
namespace {

constexpr std::string_view kPredicateStart = "urn:hangu:step.";
constexpr std::string_view kPredicateEnd = ":v1";
constexpr std::string_view kTableMediaType = "application/vnd.hangu.object-table";

Result<Stage> stage_of(std::string_view predicate_type) {
  if (!predicate_type.starts_with(kPredicateStart) || !predicate_type.ends_with(kPredicateEnd) ||
      predicate_type.size() < kPredicateStart.size() + kPredicateEnd.size())
    return fail(ErrorCode::malformed, "statement-predicate", printable(predicate_type, 60));
  predicate_type.remove_prefix(kPredicateStart.size());
  predicate_type.remove_suffix(kPredicateEnd.size());
  return parse_stage(predicate_type);
}

Result<std::map<std::string, crypto::ObjectDigest>> parse_evidence(const wire::Json& json) {
  const wire::JsonObject* members = json.as_object();
  if (members == nullptr || members->size() > kEvidenceMax)
    return fail(ErrorCode::malformed, "step-invalid", "evidence");
  std::map<std::string, crypto::ObjectDigest> out;
  for (const auto& [name, value] : *members) {
    const std::string* text = value.as_string();
    HANGU_CHECK(check_id(IdForm::name, name));
    HANGU_TRY(const crypto::ObjectDigest digest,
              crypto::ObjectDigest::parse(text != nullptr ? *text : ""));
    out.emplace(name, digest);
  }
  return out;
}

}  // namespace

std::string step_predicate(Stage stage) {
  return std::string(kPredicateStart) + std::string(to_text(stage)) + std::string(kPredicateEnd);
}

Statement Step::to_statement() const {
  wire::JsonObject documents;
  for (const auto& [name, digest] : evidence) documents.emplace_back(name, digest.to_text());
  wire::JsonObject predicate{{"transfer", transfer.text()},
                             {"round", round},
                             {"verdict", to_text(verdict)},
                             {"reason", reason},
                             {"previous", previous ? wire::Json(*previous) : wire::Json(nullptr)},
                             {"evidence", std::move(documents)}};
  if (valid_until) predicate.emplace_back("validUntil", valid_until->to_text());
  return {{{"input", std::string(kTableMediaType), input},
           {"output", std::string(kTableMediaType), output}},
          step_predicate(stage),
          std::move(predicate)};
}

Result<Step> Step::parse(const Envelope& envelope) {
  HANGU_TRY(const Statement statement, Statement::parse(envelope));
  HANGU_TRY(const Stage stage, stage_of(statement.predicate_type));
  if (statement.subjects.size() != 2) return fail(ErrorCode::malformed, "step-invalid", "subjects");
  wire::Fields f(statement.predicate, "step");
  auto transfer = f.accept("transfer", TransferId::create(f.text("transfer", 40)));
  const auto round = f.integer("round", 1, 1000);
  const auto verdict = f.accept("verdict", parse_verdict(f.text("verdict", 10)));
  std::string reason = f.text("reason", kReasonBytesMax);
  std::optional<std::uint64_t> previous;
  if (!f.value("previous").is_null())
    previous = static_cast<std::uint64_t>(
        f.integer("previous", 0, std::numeric_limits<std::int64_t>::max()));
  auto evidence = f.accept("evidence", parse_evidence(f.value("evidence")));
  std::optional<WallTime> valid_until;
  if (const auto text = f.optional_text("validUntil", 40))
    valid_until = f.accept("validUntil", WallTime::parse_canonical(*text));
  HANGU_CHECK(f.finish());
  if ((stage == Stage::receive) == previous.has_value())
    return fail(ErrorCode::malformed, "step-invalid", "previous");
  if ((stage == Stage::clear && *verdict == Verdict::pass) != valid_until.has_value())
    return fail(ErrorCode::malformed, "step-invalid", "validUntil");
  Step out{*std::move(transfer),
           static_cast<std::uint32_t>(round),
           stage,
           *verdict,
           std::move(reason),
           statement.subjects[0].digest,
           statement.subjects[1].digest,
           previous,
           *std::move(evidence),
           valid_until};
  HANGU_CHECK(statement.check_spelling(out.to_statement()));
  return out;
}

std::string step_key(const Step& step) {
  std::string key = "step:" + step.transfer.text() + ":" + std::to_string(step.round) + ":" +
                    std::string(to_text(step.stage));
  if (step.valid_until) key += ":" + step.valid_until->to_text();
  return key;
}

std::string submission_key(const crypto::ObjectDigest& submission) {
  return "submission:" + submission.to_text();
}

std::string end_key(const TransferId& transfer) { return "end:" + transfer.text(); }

}  // namespace hangu::flow
