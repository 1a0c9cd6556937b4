#include "flow/approval.hpp"

namespace hangu::flow {
namespace {
constexpr std::size_t kReasonTextBytesMax = 1000;
constexpr std::string_view kTableMediaType = "application/vnd.hangu.object-table";
}  // namespace

Statement Approval::to_statement() const {
  return {{{"rendition", std::string(kTableMediaType), rendition}},
          std::string(kApprovalPredicate),
          wire::JsonObject{{"transfer", transfer.text()},
                           {"certificate", certificate.to_text()},
                           {"decision", decision.to_text()},
                           {"person", person.text()},
                           {"role", role},
                           {"verdict", approved ? "approve" : "refuse"},
                           {"reason", reason},
                           {"expires", expires.to_text()}}};
}

Result<Approval> Approval::parse(const Envelope& envelope) {
  HANGU_TRY(const Statement statement, Statement::parse(envelope, kApprovalPredicate));
  if (statement.subjects.size() != 1 || envelope.signatures.size() != 1 ||
      !envelope.signatures.front().certificate.empty())
    return fail(ErrorCode::malformed, "approval-invalid", "one subject and one plain signature");
  wire::Fields f(statement.predicate, "approval");
  auto transfer = f.accept("transfer", TransferId::create(f.text("transfer", 40)));
  const auto certificate =
      f.accept("certificate", crypto::ObjectDigest::parse(f.text("certificate", 120)));
  const auto decision = f.accept("decision", crypto::ObjectDigest::parse(f.text("decision", 120)));
  auto person = f.accept("person", PersonId::create(f.text("person", 64)));
  std::string role = f.text("role", 200);
  const std::string verdict = f.text("verdict", 10);
  std::string reason = f.text("reason", kReasonTextBytesMax);
  if (reason.empty()) f.reject("reason", "a reason is mandatory");
  const auto expires = f.accept("expires", WallTime::parse_canonical(f.text("expires", 40)));
  HANGU_CHECK(f.finish());
  Approval out{*std::move(transfer),
               statement.subjects[0].digest,
               *certificate,
               *decision,
               *std::move(person),
               std::move(role),
               verdict == "approve",
               std::move(reason),
               *expires};
  HANGU_CHECK(statement.check_spelling(out.to_statement()));
  return out;
}

}  // namespace hangu::flow
