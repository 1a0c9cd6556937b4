#include "stages/emit/emit.hpp"

#include "base/limits.hpp"
#include "flow/release.hpp"
#include "line/documents.hpp"
#include "os/write_behind.hpp"
#include "package/writer.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

/// Documents of the chain and the evidence that holds each.
constexpr std::array<std::string_view, 5> kDocuments{"submission", "decision", "certificate",
                                                     "approvals", "cleared"};

using Sealed = crypto::ObjectDigest;

/// The digest of the sealed package that a passing emit step names.
const Sealed* sealed_of(const ledger::Evidence& evidence) {
  const auto at = evidence.find("sealed");
  return at == evidence.end() ? nullptr : &at->second;
}

/// A passing emission of this transfer at `index`, proved to the log as it is now by its own key's
/// word, and signed by the mover itself; nothing when another entry stands there. Whoever answers
/// in the log's place is not believed.
Result<std::optional<flow::Step>> emission_at(std::uint64_t index, const line::Work& work,
                                              line::AuditClient& audit, const EmitMeans& means) {
  HANGU_TRY(const audit::CheckpointReply reply, audit.checkpoint());
  HANGU_TRY(const flow::CheckpointHead head, flow::check_checkpoint(reply.note, means.trust.log));
  HANGU_TRY(const audit::ProveReply proved, audit.prove(index, head.size));
  const Result<flow::LoggedStatement> logged = flow::parse_logged_statement(proved.entry);
  if (!logged || logged->type != "step.emit") return std::optional<flow::Step>();
  HANGU_CHECK(flow::check_inclusion(head, index, bytes_of(proved.entry), proved.path));
  HANGU_TRY(flow::Step step, flow::Step::parse(logged->statement));
  if (step.transfer != work.transfer || !logged->statement.signed_by(means.key.verify_key()))
    return fail(ErrorCode::forbidden, "emission-not-ours", work.transfer.text());
  const bool passed = step.verdict == flow::Verdict::pass && sealed_of(step.evidence) != nullptr;
  return passed ? std::optional(std::move(step)) : std::nullopt;
}

/// A package that was sealed earlier, and in which outbox it lies.
struct Kept {
  const Outbox* outbox;
  Consignment consignment;
};
Result<Kept> find_kept(const TransferId& transfer, const Sealed& sealed, const EmitMeans& means) {
  for (const auto& [zone, outbox] : means.outboxes) {
    HANGU_TRY(std::optional<Consignment> consignment, outbox.kept(transfer, sealed));
    if (consignment) return Kept{&outbox, *std::move(consignment)};
  }
  return fail(ErrorCode::corrupt, "sealed-lost", transfer.text());
}

/// Signs what was sealed as what the warrant allows: its rendition and, behind it, the story.
Result<flow::Envelope> sign_release(const flow::Warrant& warrant, const flow::ObjectRow& story,
                                    const EmitMeans& means) {
  const flow::Submission& submission = warrant.submission();
  const flow::Decision& decision = warrant.decision();
  std::vector<flow::ObjectRow> rows = warrant.rendition().rows();
  rows.push_back(story);
  const flow::Release release{std::move(rows),
                              decision.suite,
                              warrant.transfer(),
                              means.gateway,
                              submission.origin_zone,
                              submission.origin_node,
                              submission.destination_zone,
                              submission.destination_nodes,
                              decision.output_label};
  return release.to_statement().sign(means.key);
}

/// Seals what the warrant allows; the digest of the sealed package. The writer holds the bytes that
/// it sealed against the statement, so nothing but the rendition can be in it.
Result<Sealed> seal_package(const line::Work& work, line::CustodianClient& custodian,
                            const flow::Warrant& warrant, const std::string& story,
                            const Outbox& outbox, const EmitMeans& means) {
  std::vector<line::Opened> opened;
  std::vector<package::SourceObject> objects;
  for (const flow::ObjectRow& row : warrant.rendition().rows()) {
    HANGU_TRY(line::Opened object, custodian.open(work.token, row.digest, line::As::descriptor));
    opened.push_back(std::move(object));
    objects.push_back({row.name, row.media_type, opened.back().file()});
  }
  objects.push_back(
      {std::string(flow::kStoryName), std::string(flow::kStoryMediaType), bytes_of(story)});
  std::vector<crypto::RecipientKey> recipients;
  for (const flow::Recipient& recipient : warrant.decision().recipients)
    recipients.push_back(recipient.key);
  const auto state = [&](const flow::ObjectTable& table) {
    return sign_release(warrant, table.rows().back(), means);
  };
  HANGU_TRY(const os::UniqueFd file, outbox.begin());
  os::WriteBehind behind(file.view());
  const auto progress = [&](std::uint64_t done, std::uint64_t) { behind.reached(done); };
  const package::SealPlan plan{warrant.decision().suite, recipients, objects, state, 0, progress};
  HANGU_TRY(const package::Sealed sealed, package::seal(plan, file.view(), means.entropy));
  HANGU_CHECK(outbox.keep({work.transfer, sealed.digest, warrant.submission().origin_zone,
                           warrant.submission().destination_nodes},
                          file.view()));
  return sealed.digest;
}

Outcome emitted(const line::Work& work, const Sealed& sealed, std::size_t recipients) {
  Outcome outcome = Outcome::passed(work.table);
  outcome.evidence.emplace("sealed", sealed);
  outcome.recipients = static_cast<std::uint32_t>(recipients);
  return outcome;
}

}  // namespace

Result<flow::ReceiptChain> gather_receipts(const line::Work& work, line::CustodianClient& custodian,
                                           line::AuditClient& audit) {
  flow::ReceiptChain chain;
  HANGU_TRY(audit::CheckpointReply head, audit.checkpoint());
  for (const ledger::LoggedStep& step : work.steps) {
    HANGU_TRY(audit::ProveReply proved, audit.prove(step.entry, head.size));
    chain.receipts.push_back({step.entry, proved.entry, std::move(proved.path)});
  }
  chain.checkpoint = std::move(head.note);
  for (const std::string_view name : kDocuments) {
    HANGU_TRY(Bytes bytes, line::read_evidence(work, custodian, std::string(name)));
    chain.documents.emplace(name, std::move(bytes));
  }
  HANGU_TRY(Bytes table, custodian.read(work.token, work.table, kStatementBytesMax));
  chain.documents.emplace("rendition", std::move(table));
  return chain;
}

Result<Outcome> emit(const line::Work& work, line::CustodianClient& custodian, line::StepLog& log,
                     const EmitMeans& means) {
  HANGU_TRY(const WallTime now, means.clock.now());
  HANGU_TRY(const flow::ReceiptChain chain, gather_receipts(work, custodian, log.client()));
  // An emission that this transfer already has in the log holds the key of its end. It is looked
  // for before sealing, so that a second attempt never makes other bytes.
  HANGU_TRY(const auto end, log.client().holder(flow::end_key(work.transfer)));
  if (end) {
    HANGU_TRY(const auto before, emission_at(*end, work, log.client(), means));
    if (before) {
      const Sealed& sealed = *sealed_of(before->evidence);
      HANGU_TRY(const Kept kept, find_kept(work.transfer, sealed, means));
      return emitted(work, sealed, kept.consignment.recipients.size());
    }
  }
  const Result<flow::Warrant> warrant = flow::authorise(chain, means.trust, work.transfer, now);
  const bool lapsed = !warrant && warrant.error().reason() == "warrant-lapsed";
  if (lapsed || (!warrant && warrant.error().reason() == "warrant-stale")) {
    HANGU_CHECK(custodian.reclear(work.token, lapsed));
    return Outcome::given_back();
  }
  if (!warrant) return Outcome::of(work, warrant.error());
  const auto to = means.outboxes.find(warrant->submission().destination_zone);
  if (to == means.outboxes.end()) return fail(ErrorCode::forbidden, "warrant-destination");
  HANGU_TRY(const Sealed sealed,
            seal_package(work, custodian, *warrant, chain.to_text(), to->second, means));
  return emitted(work, sealed, warrant->decision().recipients.size());
}

Done hand_over(const line::Effect& effect, const EmitMeans& means) {
  const auto& [work, outcome, logged, log] = effect;
  const Sealed* const own = sealed_of(outcome.evidence);
  if (!logged.step || logged.step->verdict != flow::Verdict::pass) {
    // Another end or another attempt won: what this one sealed is thrown away.
    for (const auto& [zone, outbox] : means.outboxes)
      if (own != nullptr) HANGU_CHECK(outbox.discard(work.transfer, *own));
    return {};
  }
  HANGU_TRY(const std::optional<flow::Step> there,
            emission_at(logged.index, work, log.client(), means));
  if (there != logged.step)
    return fail(ErrorCode::corrupt, "emission-not-logged", work.transfer.text());
  HANGU_TRY(const Kept kept, find_kept(work.transfer, *sealed_of(there->evidence), means));
  return kept.outbox->release(kept.consignment);
}

}  // namespace hangu::stages
