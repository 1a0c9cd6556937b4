#include "stages/decide/decide.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"
#include "line/documents.hpp"
#include "line/records.hpp"
#include "os/file.hpp"
#include "policy/asked.hpp"
#include "policy/signed_document.hpp"
#include "stages/decide/area_desk.hpp"
#include "stages/decide/holds.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

constexpr std::size_t kShadowRulesTold = 64;

/// What the policy in force says, and the shadow where there is one; and what the directory said
/// for it, where one was asked.
struct Decided {
  policy::Evaluated by_force;
  std::optional<flow::Decision> by_shadow{};
  std::optional<Consulted> directory{};
};

/// Nothing is allowed by what may no longer be so.
void deny_stale(flow::Decision& decision) {
  decision.allowed = false;
  decision.reason = "directory-stale";
  decision.explanation_zh = "中心目录的信息已过时或无法取得。";
  decision.explanation_en = "What is known of the central directory is too old.";
  decision.obligations = {};
  decision.recipients.clear();
  decision.approvers.clear();
}

/// Asks the directory whom both policies may need to know.
Result<Consulted> consult(const flow::Submission& submission, const DecideMeans& means) {
  crypto::SystemEntropy entropy;
  policy::DirectoryQuestion question =
      question_about(submission, means.policy, means.catalogue, entropy);
  if (means.shadow) {
    policy::DirectoryQuestion also =
        question_about(submission, means.shadow->policy, means.shadow->catalogue, entropy);
    question.roles.merge(also.roles);
    question.anybody = question.anybody || also.anybody;
  }
  return means.desk->ask(question);
}

Result<Decided> evaluate_now(const line::Work& work, line::CustodianClient& custodian,
                             const DecideMeans& means, WallTime now) {
  HANGU_TRY(const Bytes text, line::read_evidence(work, custodian, "submission"));
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(text_of(text)));
  HANGU_TRY(const flow::Submission submission, flow::Submission::parse(envelope));
  const policy::Submitted submitted{submission, envelope.signatures.front().key_id};
  std::optional<Consulted> known;
  if (means.desk != nullptr) {
    HANGU_TRY(known, consult(submission, means));
  }
  const auto by = [&](const policy::Policy& rules, const policy::Catalogue& names) {
    const policy::Directory& people =
        known ? static_cast<const policy::Directory&>(known->people) : means.people;
    policy::Evaluated made =
        policy::evaluate({rules, names, people, means.gateway}, submitted, now);
    if (known && known->stale) deny_stale(made.decision);
    return made;
  };
  Decided out{.by_force = by(means.policy, means.catalogue)};
  if (means.shadow) out.by_shadow = by(means.shadow->policy, means.shadow->catalogue).decision;
  out.directory = std::move(known);
  return out;
}

/// "transfer.shadowed": what the shadow would have decided.
line::Record shadow_record(flow::Stage stage, const flow::Decision& enforced,
                           const flow::Decision& shadow) {
  wire::JsonArray rules;
  for (const std::string& rule : shadow.rules) {
    if (rules.size() == kShadowRulesTold) break;
    rules.emplace_back(rule);
  }
  const bool differs = enforced.allowed != shadow.allowed ||
                       (enforced.allowed && enforced.obligations != shadow.obligations);
  return {"transfer.shadowed", audit::BodyKind::event,
          wire::Json(wire::JsonObject{{"stage", flow::to_text(stage)},
                                      {"policy", shadow.policy},
                                      {"enforced", enforced.policy},
                                      {"differs", differs},
                                      {"allowed", shadow.allowed},
                                      {"reason", shadow.reason},
                                      {"rules", std::move(rules)}})
              .to_text()};
}

/// Stores the decision and the documents it stands on; they are the step's evidence.
Result<Outcome> record(const line::Work& work, line::CustodianClient& custodian,
                       const DecideMeans& means, const Decided& decided) {
  const flow::Decision& decision = decided.by_force.decision;
  Outcome outcome =
      decision.allowed ? Outcome::passed(work.table) : Outcome::refused(work, decision.reason);
  const crypto::HashAlgorithm algorithm = work.table.algorithm;
  HANGU_TRY(const crypto::ObjectDigest digest,
            custodian.store(work.token, bytes_of(decision.to_json().to_text()), algorithm));
  outcome.evidence.emplace("decision", digest);
  std::optional<line::DirectoryAge> age;
  if (decided.directory && decided.directory->state)
    age = {decided.directory->state->cookie, decided.directory->state->snapshot,
           decided.directory->state->age};
  outcome.records.push_back(line::decision_record(
      work.stage, decision, digest,
      decided.by_force.asked ? policy::asked_json(*decided.by_force.asked, means.catalogue)
                             : wire::Json(),
      age));
  if (decided.by_shadow)
    outcome.records.push_back(shadow_record(work.stage, decision, *decided.by_shadow));
  outcome.evidence.emplace("submission", *work.find("submission"));
  for (const auto& [name, bytes] : means.documents) {
    const bool asked = name == "directory" && decided.directory;
    HANGU_TRY(const crypto::ObjectDigest document,
              custodian.store(work.token, asked ? decided.directory->document : bytes, algorithm));
    outcome.evidence.emplace(name, document);
  }
  return outcome;
}

/// A refusal waits for nobody.
Result<bool> waits(const line::Work& work, line::CustodianClient& custodian,
                   const DecideMeans& means, const flow::Decision& decision,
                   const Circumstances& moment, WallTime now) {
  if (!decision.allowed) return false;
  HANGU_TRY(const bool stands,
            hold_in_posture(work, custodian, means.catalogue, decision, moment.posture));
  if (stands) return true;
  return hold_unwitnessed(work, custodian, means.policy, decision.output_label, moment.log, now);
}

/// Reserves what the release takes of limits over time; where there is none left, the decision
/// becomes a refusal.
Done reserve(const line::Work& work, line::CustodianClient& custodian, policy::Evaluated& evaluated,
             const Circumstances& moment, WallTime now) {
  flow::Decision& decision = evaluated.decision;
  if (!decision.allowed || !is_over_time(evaluated.limits)) return {};
  OverTime asked{.transfer = work.transfer,
                 .receivers = {},
                 .families = evaluated.families,
                 .limits = evaluated.limits,
                 .now = now};
  for (const flow::Recipient& recipient : decision.recipients)
    asked.receivers.push_back(recipient.node);
  if (evaluated.limits.contiguous_km2) {
    HANGU_TRY(const Bytes facts, line::read_evidence(work, custodian, "facts"));
    asked.facts = text_of(facts);
    asked.facts_digest = *work.find("facts");
  }
  std::string answer = "obligation-unavailable";
  if (moment.reserve) {
    HANGU_TRY(answer, moment.reserve(asked));
  }
  if (answer == "ok") return {};
  decision.allowed = false;
  decision.reason = std::move(answer);
  return {};
}

/// What could not be reserved at the end anyway is refused before people look at it.
Done refuse_unplaced(const line::Work& work, line::CustodianClient& custodian,
                     policy::Evaluated& evaluated) {
  if (!evaluated.decision.allowed || !evaluated.limits.contiguous_km2) return {};
  HANGU_TRY(const Bytes facts, line::read_evidence(work, custodian, "facts"));
  HANGU_TRY(const auto footprint, footprint_in(text_of(facts)));
  if (footprint) return {};
  evaluated.decision.allowed = false;
  evaluated.decision.reason = "footprint-unknown";
  return {};
}

/// What lies in the folder; only the shadow may be missing.
struct Lying {
  std::string_view name;
  std::size_t bytes_max;
  bool may_lack = false;
};
constexpr std::size_t kShadow = 2;
constexpr std::array kFiles{Lying{"in-force.json", policy::kReleaseBytesMax},
                            Lying{"people.json.dsse", kStatementBytesMax},
                            Lying{"shadow.json", policy::kReleaseBytesMax, true}};

/// Their bytes, in the order of kFiles.
Result<std::vector<Bytes>> read_documents(const std::string& folder) {
  std::vector<Bytes> out;
  for (const Lying& file : kFiles) {
    Result<Bytes> bytes = os::read_file(folder + "/" + std::string(file.name), file.bytes_max);
    if (!bytes && !file.may_lack) return std::unexpected(bytes.error());
    // What cannot be read differs from what is not there.
    if (!bytes && bytes.error().reason() != "file-missing") bytes = to_bytes("?");
    out.push_back(bytes ? *std::move(bytes) : Bytes{});
  }
  return out;
}

Result<std::optional<Shadow>> shadow_in(ByteView file, const Anchors& anchors,
                                        const std::string& in_force) {
  if (file.empty()) return std::nullopt;
  HANGU_TRY(policy::Release release,
            policy::Release::open(text_of(file), policy::ReleaseMode::shadow, anchors.signers,
                                  anchors.gate));
  if (release.report.previous != in_force) return std::nullopt;
  HANGU_TRY(policy::Catalogue catalogue, policy::Catalogue::parse(release.catalogue));
  HANGU_TRY(policy::Policy rules, policy::Policy::parse(release.bundle.policy, catalogue));
  return Shadow{std::move(rules), std::move(catalogue), std::move(release.report)};
}

std::string digest_of(const policy::Signers& signers) {
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(signers.to_text())));
}

Result<DecideMeans> means_of(std::span<const Bytes> files, const Anchors& anchors,
                             const config::Gateway& gateway, const Clock& clock,
                             DirectoryDesk* desk) {
  HANGU_TRY(policy::Release release,
            policy::Release::open(text_of(files[0]), policy::ReleaseMode::enforced, anchors.signers,
                                  anchors.gate));
  HANGU_TRY(const std::string directory,
            policy::open_signed(text_of(files[1]), policy::kPeoplePayloadType, anchors.officers));
  HANGU_TRY(policy::Catalogue catalogue, policy::Catalogue::parse(release.catalogue));
  HANGU_TRY(policy::Policy rules, policy::Policy::parse(release.bundle.policy, catalogue));
  HANGU_TRY(policy::PeopleFile people, policy::PeopleFile::parse(directory));
  Result<std::optional<Shadow>> shadow = shadow_in(files[kShadow], anchors, release.report.bundle);
  std::string trouble = shadow ? "" : shadow.error().message();
  return DecideMeans{
      std::move(rules),
      std::move(catalogue),
      std::move(people),
      gateway,
      clock,
      {{"policy", to_bytes(release.bundle.policy)},
       {"catalogue", to_bytes(release.catalogue)},
       {"directory", to_bytes(directory)}},
      std::move(release.report),
      std::move(release.before),
      shadow ? *std::move(shadow) : std::nullopt,
      std::move(trouble),
      {{"signers.json", digest_of(anchors.signers)},
       {"gate", to_hex(crypto::hash(crypto::HashAlgorithm::sha256, anchors.gate.point()))}},
      desk};
}

}  // namespace

Standing::Standing(std::string folder, Anchors anchors, const config::Gateway& gateway,
                   const Clock& clock, DirectoryDesk* desk)
    : folder_(std::move(folder)),
      anchors_(std::move(anchors)),
      gateway_(gateway),
      clock_(clock),
      desk_(desk) {}

Result<std::shared_ptr<const DecideMeans>> Standing::now() {
  const auto unavailable = [](const Error& error) {
    return std::unexpected(Error(ErrorCode::unavailable, error.reason(), error.context()));
  };
  Result<std::vector<Bytes>> files = read_documents(folder_);
  if (!files) return unavailable(files.error());
  const std::lock_guard lock(mutex_);
  if (means_ == nullptr || *files != read_) {
    Result<DecideMeans> means = means_of(*files, anchors_, gateway_, clock_, desk_);
    if (!means) return unavailable(means.error());
    means_ = std::make_shared<const DecideMeans>(*std::move(means));
    read_ = *std::move(files);
  }
  return means_;
}

Result<Outcome> decide(const line::Work& work, line::CustodianClient& custodian,
                       const DecideMeans& means, const Circumstances& moment) {
  HANGU_TRY(const WallTime now, means.clock.now());
  HANGU_TRY(Decided decided, evaluate_now(work, custodian, means, now));
  HANGU_CHECK(refuse_unplaced(work, custodian, decided.by_force));
  HANGU_TRY(const bool held, waits(work, custodian, means, decided.by_force.decision, moment, now));
  if (held) return Outcome::given_back();
  return record(work, custodian, means, decided);
}

Result<Outcome> clear(const line::Work& work, line::CustodianClient& custodian,
                      const DecideMeans& means, const Circumstances& moment) {
  HANGU_TRY(const WallTime now, means.clock.now());
  HANGU_TRY(const flow::Decision first, line::read_decision(work, custodian, "decision"));
  HANGU_TRY(Decided decided, evaluate_now(work, custodian, means, now));
  flow::Decision& second = decided.by_force.decision;
  if (second.allowed &&
      (second.recipients != first.recipients || second.submitter_key != first.submitter_key ||
       !std::ranges::includes(first.obligations.declassifiers, second.obligations.declassifiers))) {
    second.allowed = false;
    second.reason = "policy-changed";
  }
  HANGU_TRY(const bool held, waits(work, custodian, means, second, moment, now));
  if (held) return Outcome::given_back();
  HANGU_CHECK(reserve(work, custodian, decided.by_force, moment, now));
  HANGU_TRY(Outcome outcome, record(work, custodian, means, decided));
  if (second.allowed) outcome.valid_until = now + kClearedValidity;
  // The first decision keeps its name; the clearing one travels as "cleared".
  auto node = outcome.evidence.extract("decision");
  node.key() = "cleared";
  outcome.evidence.insert(std::move(node));
  return outcome;
}

}  // namespace hangu::stages
