#include "stages/decide/decide.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "line/documents.hpp"
#include "line/records.hpp"
#include "os/file.hpp"
#include "policy/asked.hpp"
#include "policy/signed_document.hpp"
#include "stages/decide/unwitnessed.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

Result<policy::Evaluated> evaluate_now(const line::Work& work, line::CustodianClient& custodian,
                                       const DecideMeans& means, WallTime now) {
  HANGU_TRY(const Bytes text, line::read_evidence(work, custodian, "submission"));
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(text_of(text)));
  HANGU_TRY(const flow::Submission submission, flow::Submission::parse(envelope));
  const policy::Grounds grounds{means.policy, means.catalogue, means.people, means.gateway};
  return policy::evaluate(grounds, {submission, envelope.signatures.front().key_id}, now);
}

/// Stores the decision and the documents it stands on; they are the step's evidence.
Result<Outcome> record(const line::Work& work, line::CustodianClient& custodian,
                       const DecideMeans& means, const policy::Evaluated& evaluated) {
  const flow::Decision& decision = evaluated.decision;
  Outcome outcome =
      decision.allowed ? Outcome::passed(work.table) : Outcome::refused(work, decision.reason);
  const crypto::HashAlgorithm algorithm = work.table.algorithm;
  HANGU_TRY(const crypto::ObjectDigest digest,
            custodian.store(work.token, bytes_of(decision.to_json().to_text()), algorithm));
  outcome.evidence.emplace("decision", digest);
  outcome.records.push_back(line::decision_record(
      work.stage, decision, digest,
      evaluated.asked ? policy::asked_json(*evaluated.asked, means.catalogue) : wire::Json()));
  outcome.evidence.emplace("submission", *work.find("submission"));
  for (const auto& [name, bytes] : means.documents) {
    HANGU_TRY(const crypto::ObjectDigest document, custodian.store(work.token, bytes, algorithm));
    outcome.evidence.emplace(name, document);
  }
  return outcome;
}

/// A refusal waits for nobody.
Result<bool> waits(const line::Work& work, line::CustodianClient& custodian,
                   const DecideMeans& means, const flow::Decision& decision,
                   const audit::Witnessed& log, WallTime now) {
  if (!decision.allowed) return false;
  return hold_unwitnessed(work, custodian, means.policy, decision.output_label, log, now);
}

/// The signed documents of a folder, and what each must be.
struct Document {
  std::string_view file;
  std::string_view payload_type;
};
constexpr std::array kDocuments{Document{"catalogue.toml.dsse", policy::kCataloguePayloadType},
                                Document{"policy.toml.dsse", policy::kPolicyPayloadType},
                                Document{"people.json.dsse", policy::kPeoplePayloadType}};

/// Their bytes, in the order of kDocuments.
Result<std::vector<Bytes>> read_documents(const std::string& folder) {
  std::vector<Bytes> out;
  for (const Document& document : kDocuments) {
    HANGU_TRY(Bytes bytes,
              os::read_file(folder + "/" + std::string(document.file), kStatementBytesMax));
    out.push_back(std::move(bytes));
  }
  return out;
}

Result<DecideMeans> means_of(std::span<const Bytes> files,
                             std::span<const crypto::VerifyKey> officers,
                             const config::Gateway& gateway, const Clock& clock) {
  std::vector<Bytes> texts;
  for (std::size_t i = 0; i < files.size(); ++i) {
    HANGU_TRY(const std::string text,
              policy::open_signed(text_of(files[i]), kDocuments[i].payload_type, officers));
    texts.push_back(to_bytes(text));
  }
  HANGU_TRY(policy::Catalogue catalogue, policy::Catalogue::parse(text_of(texts[0])));
  HANGU_TRY(policy::Policy rules, policy::Policy::parse(text_of(texts[1]), catalogue));
  HANGU_TRY(policy::PeopleFile people, policy::PeopleFile::parse(text_of(texts[2])));
  return DecideMeans{std::move(rules),
                     std::move(catalogue),
                     std::move(people),
                     gateway,
                     clock,
                     {{"policy", std::move(texts[1])},
                      {"catalogue", std::move(texts[0])},
                      {"directory", std::move(texts[2])}}};
}

}  // namespace

Standing::Standing(std::string folder, std::vector<crypto::VerifyKey> officers,
                   const config::Gateway& gateway, const Clock& clock)
    : folder_(std::move(folder)),
      officers_(std::move(officers)),
      gateway_(gateway),
      clock_(clock) {}

Result<std::shared_ptr<const DecideMeans>> Standing::now() {
  HANGU_TRY(std::vector<Bytes> files, read_documents(folder_));
  const std::lock_guard lock(mutex_);
  if (means_ == nullptr || files != read_) {
    HANGU_TRY(DecideMeans means, means_of(files, officers_, gateway_, clock_));
    means_ = std::make_shared<const DecideMeans>(std::move(means));
    read_ = std::move(files);
  }
  return means_;
}

Result<Outcome> decide(const line::Work& work, line::CustodianClient& custodian,
                       const DecideMeans& means, const audit::Witnessed& log) {
  HANGU_TRY(const WallTime now, means.clock.now());
  HANGU_TRY(const policy::Evaluated evaluated, evaluate_now(work, custodian, means, now));
  HANGU_TRY(const bool held, waits(work, custodian, means, evaluated.decision, log, now));
  if (held) return Outcome::given_back();
  return record(work, custodian, means, evaluated);
}

Result<Outcome> clear(const line::Work& work, line::CustodianClient& custodian,
                      const DecideMeans& means, const audit::Witnessed& log) {
  HANGU_TRY(const WallTime now, means.clock.now());
  HANGU_TRY(const flow::Decision first, line::read_decision(work, custodian, "decision"));
  HANGU_TRY(policy::Evaluated evaluated, evaluate_now(work, custodian, means, now));
  flow::Decision& second = evaluated.decision;
  if (second.allowed &&
      (second.recipients != first.recipients || second.submitter_key != first.submitter_key ||
       !std::ranges::includes(first.obligations.declassifiers, second.obligations.declassifiers))) {
    second.allowed = false;
    second.reason = "policy-changed";
  }
  HANGU_TRY(const bool held, waits(work, custodian, means, second, log, now));
  if (held) return Outcome::given_back();
  HANGU_TRY(Outcome outcome, record(work, custodian, means, evaluated));
  if (second.allowed) outcome.valid_until = now + kClearedValidity;
  // The first decision keeps its name; the clearing one travels as "cleared".
  auto node = outcome.evidence.extract("decision");
  node.key() = "cleared";
  outcome.evidence.insert(std::move(node));
  return outcome;
}

}  // namespace hangu::stages
