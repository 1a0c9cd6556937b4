#include "flow/warrant.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "flow/approval_quorum.hpp"

namespace hangu::flow {
namespace {

/// The steps a warrant needs, in order.
constexpr std::array kSteps{Stage::receive,   Stage::verify, Stage::inspect, Stage::decide,
                            Stage::transform, Stage::check,  Stage::approve, Stage::clear};

auto refuse(std::string_view reason, std::string context = {}) {
  return fail(ErrorCode::forbidden, reason, std::move(context));
}

bool names(const Step& step, const std::string& evidence, const crypto::ObjectDigest& digest) {
  const auto at = step.evidence.find(evidence);
  return at != step.evidence.end() && at->second == digest;
}

/// Stages that hand on what they were given.
bool passes_through(Stage stage) {
  return stage == Stage::receive || stage == Stage::decide || stage == Stage::check ||
         stage == Stage::approve || stage == Stage::clear;
}

/// Whose key must have signed a step: each zone's receive has a key of its own.
std::string signer_of(Stage stage, const ZoneId& origin) {
  const std::string program(program_of(stage));
  return stage == Stage::receive ? program + "." + origin.text() : program;
}

/// What all receipts of one chain are checked against.
struct ChainGround {
  const CheckpointHead& head;
  const WarrantTrust& trust;
  const TransferId& transfer;
  const ZoneId& origin;
};

/// Reads one receipt as the step of `stage`: proof, type, transfer, and the stage's signature.
Result<Step> check_receipt(const Receipt& receipt, Stage stage, const ChainGround& ground) {
  const auto& [head, trust, transfer, origin] = ground;
  const std::string name(to_text(stage));
  HANGU_CHECK(check_inclusion(head, receipt.index, bytes_of(receipt.entry), receipt.path));
  const Result<LoggedStatement> logged = parse_logged_statement(receipt.entry);
  if (!logged) return refuse("warrant-steps", name + ": " + logged.error().message());
  if (logged->type != "step." + name) return refuse("warrant-steps", name + ": " + logged->type);
  const Result<Step> step = Step::parse(logged->statement);
  if (!step) return refuse("warrant-steps", name + ": " + step.error().message());
  if (step->stage != stage) return refuse("warrant-steps", name);

  const auto key = trust.stage_keys.find(signer_of(stage, origin));
  if (key == trust.stage_keys.end()) return refuse("warrant-stage-signature", name);
  const Bytes signed_bytes =
      pre_authentication_encoding(logged->statement.payload_type, logged->statement.payload);
  const bool is_signed =
      std::ranges::any_of(logged->statement.signatures, [&](const EnvelopeSignature& s) {
        return crypto::verify_by_other_implementation(key->second, signed_bytes, s.signature);
      });
  if (!is_signed) return refuse("warrant-stage-signature", name);
  if (step->transfer != transfer || logged->transfer != transfer.text())
    return refuse("warrant-transfer", name);
  if (step->verdict != Verdict::pass) return refuse("warrant-verdict", name);
  return *step;
}

/// Order, links and tables of the whole chain.
Result<std::vector<Step>> check_steps(const ReceiptChain& chain, const ChainGround& ground) {
  if (chain.receipts.size() != kSteps.size())
    return refuse("warrant-steps", std::to_string(chain.receipts.size()) + " steps");
  std::vector<Step> steps;
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    HANGU_TRY(Step step, check_receipt(chain.receipts[i], kSteps[i], ground));
    const std::string name(to_text(kSteps[i]));
    if (i > 0) {
      const Receipt& before = chain.receipts[i - 1];
      if (step.previous != before.index || chain.receipts[i].index <= before.index)
        return refuse("warrant-link", name);
      if (step.input != steps.back().output) return refuse("warrant-tables", name);
      if (step.round < steps.back().round) return refuse("warrant-steps", name + ": round");
    }
    if (passes_through(step.stage) && step.output != step.input)
      return refuse("warrant-tables", name + " changed the objects");
    steps.push_back(std::move(step));
  }
  return steps;
}

/// A document of the chain: JSON as our writers spell it. Another spelling would carry more than it
/// says.
Result<wire::Json> read_document(const ReceiptChain& chain, const std::string& name) {
  const auto at = chain.documents.find(name);
  if (at == chain.documents.end()) return refuse("warrant-document", name + " is missing");
  Result<wire::Json> json = wire::Json::parse(text_of(at->second), kStatementBytesMax);
  if (!json || json->to_text() != text_of(at->second))
    return refuse("warrant-document", name + " is not canonical JSON");
  return json;
}

/// The document that `step` must name by its digest.
Result<wire::Json> document(const ReceiptChain& chain, const std::string& name, const Step& step,
                            const std::string& evidence) {
  Result<wire::Json> json = read_document(chain, name);
  const auto digest = step.evidence.find(evidence);
  if (json &&
      (digest == step.evidence.end() ||
       crypto::digest_of(digest->second.algorithm, chain.documents.at(name)) != digest->second))
    return refuse("warrant-document", name + " is not what the step names");
  return json;
}

Result<Submission> check_sender(ByteView envelope_text, const Step& verify,
                                const Decision& decision) {
  const Result<Envelope> envelope = Envelope::parse(text_of(envelope_text));
  if (!envelope) return refuse("warrant-sender", envelope.error().message());
  Result<Submission> submission = Submission::parse(*envelope);
  if (!submission) return refuse("warrant-sender", submission.error().message());
  const Bytes signed_bytes = pre_authentication_encoding(envelope->payload_type, envelope->payload);
  if (envelope->signatures.size() != 1 || !decision.submitter_key ||
      !crypto::verify_by_other_implementation(*decision.submitter_key, signed_bytes,
                                              envelope->signatures.front().signature))
    return refuse("warrant-sender", "not signed by " + decision.submitter.text());
  if (submission->origin_node != decision.submitter)
    return refuse("warrant-sender", submission->origin_node.text());
  if (submission->objects.digest(verify.output.algorithm) != verify.output)
    return refuse("warrant-tables", "verify's objects are not the sender's");
  return submission;
}

Done check_flow(const Submission& submission, const Decision& first, const Decision& second) {
  if (!first.allowed || !second.allowed) return refuse("warrant-decision", "not allowed");
  if (second.output_label != submission.label)
    return refuse("warrant-label", "no declassifier has run, yet the label differs");
  if (second.origin != submission.origin_zone || second.destination != submission.destination_zone)
    return refuse("warrant-destination", second.destination.text());
  if (second.suite != submission.suite) return refuse("warrant-decision", "suite");
  std::vector<NodeId> nodes;
  nodes.reserve(second.recipients.size());
  for (const Recipient& recipient : second.recipients) nodes.push_back(recipient.node);
  if (!std::ranges::is_permutation(nodes, submission.destination_nodes))
    return refuse("warrant-destination", "recipients are not those of the sender");
  if (second.recipients != first.recipients || second.submitter_key != first.submitter_key)
    return refuse("policy-changed", "recipients or keys changed since the first decision");
  if (!std::ranges::includes(first.obligations.declassifiers, second.obligations.declassifiers))
    return refuse("policy-changed", "a declassifier is now demanded that has not run");
  if (second.obligations.bytes_max != 0 &&
      submission.objects.total_bytes() > second.obligations.bytes_max)
    return refuse("policy-changed", "size limit");
  return {};
}

Result<ObjectTable> check_certificate(const ReceiptChain& chain, const Step& check) {
  HANGU_TRY(const wire::Json json, document(chain, "certificate", check, "certificate"));
  const Result<ReleaseCertificate> certificate = ReleaseCertificate::parse(json);
  if (!certificate) return refuse("warrant-certificate", certificate.error().message());
  if (certificate->verdict != Verdict::pass || certificate->rendition != check.output)
    return refuse("warrant-certificate", "it does not pass this rendition");
  const auto table = chain.documents.find("rendition");
  if (table == chain.documents.end() ||
      crypto::digest_of(check.output.algorithm, table->second) != check.output)
    return refuse("warrant-document", "rendition");
  Result<ObjectTable> rendition = ObjectTable::parse(table->second);
  if (!rendition) return refuse("warrant-document", rendition.error().message());
  return rendition;
}

}  // namespace

Result<Warrant> authorise(const ReceiptChain& chain, const WarrantTrust& trust,
                          const TransferId& transfer, WallTime now) {
  HANGU_TRY(const CheckpointHead head, check_checkpoint(chain.checkpoint, trust.log));
  // Read before it is known to be genuine, only to know which zone's key must have signed the
  // first step; its digest and its agreement with the sender's statement are checked below.
  HANGU_TRY(const wire::Json cleared, read_document(chain, "cleared"));
  HANGU_TRY(Decision second, Decision::parse(cleared));
  HANGU_TRY(const std::vector<Step> steps,
            check_steps(chain, {head, trust, transfer, second.origin}));
  const Step& verify = steps[1];
  const Step& decide = steps[3];
  const Step& transform = steps[4];
  const Step& check = steps[5];
  const Step& approve = steps[6];
  const Step& clear = steps[7];

  HANGU_TRY(const wire::Json decided, document(chain, "decision", decide, "decision"));
  HANGU_CHECK(document(chain, "cleared", clear, "cleared"));
  HANGU_TRY(const Decision first, Decision::parse(decided));
  HANGU_CHECK(document(chain, "submission", verify, "submission"));
  HANGU_TRY(Submission submission, check_sender(chain.documents.at("submission"), verify, second));
  HANGU_CHECK(check_flow(submission, first, second));
  HANGU_TRY(ObjectTable rendition, check_certificate(chain, check));

  HANGU_CHECK(document(chain, "approvals", approve, "approvals"));
  const ApprovalSubject subject{transfer, check.output, check.evidence.at("certificate"),
                                decide.evidence.at("decision")};
  HANGU_CHECK(check_approvals(text_of(chain.documents.at("approvals")), subject, second, now));

  if (!clear.valid_until || now >= *clear.valid_until ||
      *clear.valid_until - now > kClearedValidity)
    return refuse("warrant-stale", "the clearance is over");
  if (now < submission.not_before || now >= submission.expires)
    return refuse("warrant-expired", submission.expires.to_text());
  // Each stage worked on what the one before it made, not on what it was shown in its place.
  const auto worked_on = [](const Step& step, const std::string& name,
                            const crypto::ObjectDigest& made) -> Done {
    if (names(step, name, made)) return {};
    return refuse("warrant-document", std::string(to_text(step.stage)) + " saw another " + name);
  };
  HANGU_CHECK(worked_on(decide, "submission", verify.evidence.at("submission")));
  HANGU_CHECK(worked_on(transform, "decision", decide.evidence.at("decision")));
  HANGU_CHECK(worked_on(check, "plain", transform.input));
  HANGU_CHECK(worked_on(clear, "submission", verify.evidence.at("submission")));

  Warrant warrant(transfer, std::move(rendition), std::move(submission), std::move(second));
  warrant.cleared_index_ = chain.receipts.back().index;
  warrant.round_ = clear.round;
  warrant.valid_until_ = *clear.valid_until;
  return warrant;
}

}  // namespace hangu::flow
