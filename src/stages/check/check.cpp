#include "stages/check/check.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "check/check_object.hpp"
#include "check/verified_source.hpp"
#include "flow/release_certificate.hpp"
#include "line/documents.hpp"
#include "line/records.hpp"
#include "line/stage_shell.hpp"
#include "os/file.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

struct Checked {
  flow::Verdict verdict = flow::Verdict::error;
  std::string reason;
  wire::Json item;
};

/// Names in their order, nothing missing, nothing more.
bool same_names(const flow::ObjectTable& rendition, const flow::ObjectTable& plain_forms) {
  return std::ranges::equal(rendition.rows(), plain_forms.rows(), {}, &flow::ObjectRow::name,
                            &flow::ObjectRow::name);
}

/// What the check that stopped says of it.
std::string detail_of(const check::Findings& findings) {
  for (const check::Finding& finding : findings.list())
    if (finding.verdict != flow::Verdict::pass)
      return finding.name + " " + wire::Json(finding.measured).to_text();
  return {};
}

Result<Checked> check_one(const line::Work& work, line::CustodianClient& custodian,
                          const flow::ObjectRow& rendition, const flow::ObjectRow& plain_form) {
  HANGU_TRY(const line::Opened made,
            custodian.open(work.token, rendition.digest, line::As::descriptor));
  HANGU_TRY(const line::Opened plain,
            custodian.open(work.token, plain_form.digest, line::As::descriptor));
  HANGU_TRY(crypto::ChunkVerifier verifier, made.verifier());
  Result<os::Companion> companion = os::Companion::start();
  os::Companion* const beside = companion ? &*companion : nullptr;  // alone where none can be had
  HANGU_TRY(const check::VerifiedSource source,
            check::VerifiedSource::open(made.file(), std::move(verifier), beside));
  HANGU_TRY(crypto::ChunkVerifier plain_verifier, plain.verifier());
  HANGU_TRY(plain::VerifiedFile plain_source,
            plain::VerifiedFile::open(plain.file(), std::move(plain_verifier)));
  const check::CheckedObject object{rendition.name, rendition.media_type, source,
                                    plain::Input(plain_source).with(beside)};
  const check::Findings findings = check::check_object(object);
  if (findings.verdict() != flow::Verdict::pass)
    line::log_line("STEP-0009", work.transfer.text() + " check " + rendition.name + ": " +
                                    findings.reason() + " " + detail_of(findings));
  os::drop_behind(plain.file(), 0, plain_form.digest.size);  // check is the last to read it
  return Checked{findings.verdict(), findings.reason(), check::certificate_item(object, findings)};
}

/// The certificate's text; with very many objects, those that passed give only name and verdict.
std::string text_of_certificate(flow::ReleaseCertificate certificate) {
  std::string text = certificate.to_json().to_text();
  if (text.size() <= kStatementBytesMax) return text;
  for (wire::Json& item : certificate.objects) {
    if (*item.find("verdict") != wire::Json(flow::to_text(flow::Verdict::pass))) continue;
    wire::JsonObject brief = *item.as_object();
    std::erase_if(brief, [](const auto& member) { return member.first == "checks"; });
    item = std::move(brief);
  }
  return certificate.to_json().to_text();
}

/// A no, with the certificate that says why. The sender reads of which object, and no finding:
/// those are about what the gateway made.
Outcome stopped(const line::Work& work, flow::Verdict verdict, const std::string& reason,
                const std::string& object) {
  return (verdict == flow::Verdict::fail ? Outcome::refused(work, reason)
                                         : Outcome::failed(work, reason))
      .at(object);
}

}  // namespace

Result<Outcome> check_rendition(const line::Work& work, line::CustodianClient& custodian) {
  HANGU_TRY(const flow::ObjectTable rendition, line::read_table(work, custodian));
  HANGU_TRY(const Bytes plain_bytes, line::read_evidence(work, custodian, "plain"));
  HANGU_TRY(const flow::ObjectTable plain_forms, flow::ObjectTable::parse(plain_bytes));

  flow::ReleaseCertificate certificate;
  certificate.rendition = work.table;
  certificate.verdict = flow::Verdict::pass;
  std::string reason = "ok";
  std::string object;
  std::vector<line::FilterAction> actions;
  if (!same_names(rendition, plain_forms)) {
    certificate.verdict = flow::Verdict::fail;
    reason = "rendition-table-differs";
  }
  for (std::size_t i = 0; certificate.verdict == flow::Verdict::pass && i < rendition.rows().size();
       ++i) {
    HANGU_TRY(Checked checked,
              check_one(work, custodian, rendition.rows()[i], plain_forms.rows()[i]));
    certificate.objects.push_back(std::move(checked.item));
    certificate.verdict = checked.verdict;
    reason = checked.reason;
    object = rendition.rows()[i].name;
    actions.push_back({.name = object,
                       .object = rendition.rows()[i].digest,
                       .output = std::nullopt,
                       .verdict = checked.verdict,
                       .reason = checked.reason,
                       .actions = {}});
  }

  const std::string text = text_of_certificate(certificate);
  HANGU_TRY(const crypto::ObjectDigest digest,
            custodian.store(work.token, bytes_of(text), work.table.algorithm));
  Outcome outcome = certificate.verdict == flow::Verdict::pass
                        ? Outcome::passed(work.table)
                        : stopped(work, certificate.verdict, reason, object);
  outcome.evidence.emplace("certificate", digest);
  outcome.records = line::filter_records(work.stage, actions);
  // The mover holds this against inspect's own: the comparison must have been with those.
  outcome.evidence.emplace("plain", *work.find("plain"));
  return outcome;
}

}  // namespace hangu::stages
