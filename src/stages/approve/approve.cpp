#include "stages/approve/approve.hpp"

#include <functional>

#include "base/limits.hpp"
#include "line/documents.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

constexpr std::string_view kApprovalPrefix = "approval.";

using ReadObject = std::function<Result<Bytes>(const crypto::ObjectDigest&)>;

/// The desk of one transfer with every approval that was attached and still counts.
Result<ApprovalDesk> open_desk(const TransferId& transfer, const crypto::ObjectDigest& rendition,
                               const ledger::Evidence& evidence, const ReadObject& read,
                               WallTime now) {
  const auto decision_digest = evidence.find("decision");
  const auto certificate = evidence.find("certificate");
  if (decision_digest == evidence.end() || certificate == evidence.end())
    return fail(ErrorCode::corrupt, "evidence-missing", "decision or certificate");
  HANGU_TRY(const Bytes text, read(decision_digest->second));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(text), kStatementBytesMax));
  HANGU_TRY(flow::Decision decision, flow::Decision::parse(json));
  ApprovalDesk desk(
      {transfer, rendition, certificate->second, decision_digest->second, std::move(decision)});
  for (const auto& [name, digest] : evidence) {
    if (!name.starts_with(kApprovalPrefix)) continue;
    HANGU_TRY(const Bytes bytes, read(digest));
    HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(text_of(bytes)));
    // What no longer counts (an expired one) is left out; its person may sign anew.
    (void)desk.give(envelope, now).has_value();
  }
  return desk;
}

/// A transfer that awaits people, as custodian lists it.
Result<ledger::Listed> find_pending(line::CustodianClient& custodian, const TransferId& transfer) {
  const std::array states{flow::State::awaiting_approval};
  HANGU_TRY(std::vector<ledger::Listed> rows, custodian.list(states, line::kPendingMax));
  for (ledger::Listed& row : rows)
    if (row.transfer == transfer) return std::move(row);
  return fail(ErrorCode::forbidden, "review-not-pending", transfer.text());
}

Result<ApprovalDesk> desk_of(const ledger::Listed& row, line::CustodianClient& custodian,
                             WallTime now) {
  const auto read = [&](const crypto::ObjectDigest& digest) -> Result<Bytes> {
    HANGU_TRY(const line::Opened object, custodian.look(row.transfer, digest));
    return object.read_all(kStatementBytesMax);
  };
  return open_desk(row.transfer, row.table, row.evidence, read, now);
}

line::PendingRow to_row(const ledger::Listed& listed, const ApprovalDesk& desk) {
  const flow::Decision& decision = desk.about().decision;
  return {listed.transfer,
          decision.origin.text(),
          decision.destination.text(),
          decision.submitter.text(),
          listed.bytes,
          static_cast<std::uint32_t>(decision.obligations.approver_slots.size()),
          static_cast<std::uint32_t>(desk.signed_by().size())};
}

class Reviewer {
 public:
  Reviewer(const ReviewMeans& means, WallTime now)
      : custodian_(means.custodian), audit_(means.audit), now_(now) {}

  Result<ReviewAnswer> operator()(const line::ListPending&) const {
    const std::array states{flow::State::awaiting_approval};
    HANGU_TRY(const std::vector<ledger::Listed> rows, custodian_.list(states, line::kPendingMax));
    line::PendingList list;
    for (const ledger::Listed& row : rows) {
      HANGU_TRY(const ApprovalDesk desk, desk_of(row, custodian_, now_));
      list.rows.push_back(to_row(row, desk));
    }
    return ReviewAnswer{std::move(list), {}};
  }

  Result<ReviewAnswer> operator()(const line::ShowPending& request) const {
    HANGU_TRY(const ledger::Listed row, find_pending(custodian_, request.transfer));
    HANGU_TRY(const ApprovalDesk desk, desk_of(row, custodian_, now_));
    const auto submission = row.evidence.find("submission");
    const auto facts = row.evidence.find("facts");
    if (submission == row.evidence.end() || facts == row.evidence.end())
      return fail(ErrorCode::corrupt, "evidence-missing", "submission or facts");
    return ReviewAnswer{line::PendingDetail{to_row(row, desk), desk.about().rendition,
                                            desk.about().certificate, desk.about().decision_digest,
                                            submission->second, facts->second, desk.signed_by()},
                        {}};
  }

  Result<ReviewAnswer> operator()(const line::OpenForReview& request) const {
    HANGU_TRY(line::Opened object, custodian_.look(request.transfer, request.digest));
    if (object.file().valid())
      return ReviewAnswer{line::OpenedForReview{{}, true}, std::move(object).take_file()};
    HANGU_TRY(Bytes bytes, object.read_all(line::kReviewDocumentBytesMax));
    return ReviewAnswer{line::OpenedForReview{std::move(bytes), false}, {}};
  }

  Result<ReviewAnswer> operator()(const line::GiveApproval& request) const {
    HANGU_TRY(const ledger::Listed row, find_pending(custodian_, request.transfer));
    HANGU_TRY(ApprovalDesk desk, desk_of(row, custodian_, now_));
    HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(request.envelope));
    HANGU_CHECK(desk.give(envelope, now_));
    HANGU_TRY(const flow::Approval approval, flow::Approval::parse(envelope));
    const std::array given{
        line::Record{"approval.given", audit::BodyKind::statement, envelope.to_text()}};
    HANGU_CHECK(line::append_records(row.transfer, given, audit_));
    HANGU_TRY(const crypto::ObjectDigest kept,
              custodian_.attach(row.transfer, std::string(kApprovalPrefix) + approval.person.text(),
                                bytes_of(envelope.to_text()), row.table.algorithm));
    (void)kept;
    return ReviewAnswer{line::ApprovalTaken{desk.state() != DeskState::waiting,
                                            std::string(flow::to_text(row.state))},
                        {}};
  }

 private:
  line::CustodianClient& custodian_;
  line::AuditClient& audit_;
  WallTime now_;
};

}  // namespace

Result<Outcome> approve(const line::Work& work, line::CustodianClient& custodian,
                        const Clock& clock) {
  HANGU_TRY(const WallTime now, clock.now());
  const auto read = [&](const crypto::ObjectDigest& digest) {
    return custodian.read(work.token, digest, kStatementBytesMax);
  };
  HANGU_TRY(const ApprovalDesk desk,
            open_desk(work.transfer, work.table, work.evidence, read, now));
  switch (desk.state()) {
    case DeskState::waiting: HANGU_CHECK(custodian.hold(work.token)); return Outcome::given_back();
    case DeskState::refused: return Outcome::refused(work, "approval-refused");
    case DeskState::complete: break;
  }
  HANGU_TRY(const crypto::ObjectDigest approvals,
            custodian.store(work.token, bytes_of(desk.to_text()), work.table.algorithm));
  Outcome outcome = Outcome::passed(work.table);
  outcome.evidence.emplace("approvals", approvals);
  return outcome;
}

ReviewAnswer answer_review(const line::ReviewRequest& request, const ReviewMeans& means) {
  const auto refused = [](const Error& error) {
    return ReviewAnswer{line::ReviewRefused{std::string(error.reason()), error.context()}, {}};
  };
  const Result<WallTime> now = means.clock.now();
  if (!now) return refused(now.error());
  Result<ReviewAnswer> answer = std::visit(Reviewer(means, *now), request);
  if (!answer) return refused(answer.error());
  return *std::move(answer);
}

}  // namespace hangu::stages
