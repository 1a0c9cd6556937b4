#include "cli/review_case.hpp"

#include <algorithm>
#include <optional>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/draft_file.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

auto differs(const std::string& what) {
  return fail(ErrorCode::corrupt, "review-digest", what + " is not what its digest says");
}

Result<Bytes> read_document(line::ReviewClient& client, const TransferId& transfer,
                            const crypto::ObjectDigest& digest, const std::string& what) {
  if (digest.size > kStatementBytesMax) return fail(ErrorCode::exhausted, "review-too-long", what);
  HANGU_TRY(const os::UniqueFd file, client.open(transfer, digest));
  Bytes bytes(digest.size);
  HANGU_CHECK(os::read_exactly_at(file.view(), 0, bytes));
  if (crypto::digest_of(digest.algorithm, bytes) != digest) return differs(what);
  return bytes;
}

Result<wire::Json> read_json(line::ReviewClient& client, const TransferId& transfer,
                             const crypto::ObjectDigest& digest, const std::string& what) {
  HANGU_TRY(const Bytes bytes, read_document(client, transfer, digest, what));
  return wire::Json::parse(text_of(bytes), kStatementBytesMax);
}

/// Reads `row`'s bytes once: hashes them, and copies them to `copy` when there is one.
Done check_object(os::FdView file, const flow::ObjectRow& row, DraftFile* copy,
                  const std::function<void(std::uint64_t)>& done) {
  crypto::ChunkTree tree(row.digest.algorithm);
  Bytes chunk;
  for (std::uint64_t at = 0; at < row.digest.size; at += chunk.size()) {
    chunk.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, row.digest.size - at)));
    HANGU_CHECK(os::read_exactly_at(file, at, chunk));
    tree.update(chunk);
    if (copy != nullptr) HANGU_CHECK(os::write_all(copy->file(), chunk));
    done(chunk.size());
  }
  if (tree.finish() != row.digest) return differs(printable(row.name));
  return copy != nullptr ? copy->finish() : Done();
}

/// The digest of the plain form's content that check compared this object with; empty when the
/// certificate, being long, left it out.
std::string checked_content(const flow::ReleaseCertificate& certificate, const std::string& name) {
  for (const wire::Json& object : certificate.objects) {
    const wire::Json* named = object.find("name");
    const wire::Json* checks = object.find("checks");
    if (named == nullptr || *named != wire::Json(name) || checks == nullptr) continue;
    for (const wire::Json& check : checks->as_array() ? *checks->as_array() : wire::JsonArray()) {
      const wire::Json* kind = check.find("check");
      const wire::Json* measured = check.find("measured");
      if (kind == nullptr || *kind != wire::Json("plain-form") || measured == nullptr) continue;
      const wire::Json* digest = measured->find("digest");
      return digest != nullptr && digest->as_string() ? *digest->as_string() : std::string();
    }
  }
  return {};
}

/// What was measured is of the objects that leave.
Done check_facts(const wire::Json& facts, const flow::ObjectTable& rendition,
                 const flow::ReleaseCertificate& certificate) {
  const wire::JsonArray* items = facts.as_array();
  if (items == nullptr || items->size() != rendition.rows().size())
    return fail(ErrorCode::corrupt, "review-digest", "facts of other objects");
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string& name = rendition.rows()[i].name;
    const wire::Json* measured = (*items)[i].find("name");
    if (measured == nullptr || *measured != wire::Json(name))
      return fail(ErrorCode::corrupt, "review-digest", "facts of other objects");
    const std::string checked = checked_content(certificate, name);
    const wire::Json* content = (*items)[i].find("content");
    if (!checked.empty() && (content == nullptr || *content != wire::Json(checked)))
      return fail(ErrorCode::corrupt, "review-digest", "facts of other content: " + name);
  }
  return {};
}

/// The statement is the sender's own, about this way and these objects.
Result<flow::Submission> read_submission(line::ReviewClient& client,
                                         const line::PendingDetail& detail,
                                         const flow::Decision& decision,
                                         const flow::ObjectTable& rendition) {
  HANGU_TRY(const Bytes text,
            read_document(client, detail.row.transfer, detail.submission, "submission"));
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(text_of(text)));
  if (!decision.submitter_key || !envelope.signed_by(*decision.submitter_key))
    return fail(ErrorCode::corrupt, "review-digest", "the submission is not signed by its sender");
  HANGU_TRY(flow::Submission submission, flow::Submission::parse(envelope));
  const bool same_way = submission.origin_node == decision.submitter &&
                        submission.origin_zone == decision.origin &&
                        submission.destination_zone == decision.destination;
  if (!same_way || !std::ranges::equal(submission.objects.rows(), rendition.rows(), {},
                                       &flow::ObjectRow::name, &flow::ObjectRow::name))
    return fail(ErrorCode::corrupt, "review-digest", "the submission is about something else");
  return submission;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + printable(text);
  return out;
}

}  // namespace

Result<ReviewCase> load_case(line::ReviewClient& client, const TransferId& transfer) {
  HANGU_TRY(line::PendingDetail detail, client.show(transfer));
  if (detail.row.transfer != transfer)
    return fail(ErrorCode::corrupt, "review-digest", "answer about another transfer");
  HANGU_TRY(const Bytes table, read_document(client, transfer, detail.rendition, "rendition"));
  HANGU_TRY(flow::ObjectTable rendition, flow::ObjectTable::parse(table));
  HANGU_TRY(const wire::Json decided, read_json(client, transfer, detail.decision, "decision"));
  HANGU_TRY(flow::Decision decision, flow::Decision::parse(decided));
  HANGU_TRY(const wire::Json certified,
            read_json(client, transfer, detail.certificate, "certificate"));
  HANGU_TRY(flow::ReleaseCertificate certificate, flow::ReleaseCertificate::parse(certified));
  if (certificate.rendition != detail.rendition || certificate.verdict != flow::Verdict::pass)
    return fail(ErrorCode::corrupt, "review-digest",
                "the certificate does not pass this rendition");
  HANGU_TRY(flow::Submission submission, read_submission(client, detail, decision, rendition));
  HANGU_TRY(wire::Json facts, read_json(client, transfer, detail.facts, "facts"));
  HANGU_CHECK(check_facts(facts, rendition, certificate));
  HANGU_TRY(std::vector<MeasuredPart> measured, parse_measured(facts));
  return ReviewCase{std::move(detail),      std::move(rendition),  std::move(decision),
                    std::move(certificate), std::move(submission), std::move(facts),
                    std::move(measured)};
}

Done check_objects(Session& session, line::ReviewClient& client, const ReviewCase& about,
                   const std::string& folder) {
  ProgressLine line(session.console, phrase::kHashing);
  const std::uint64_t total = about.rendition.total_bytes();
  std::uint64_t done = 0;
  for (const flow::ObjectRow& row : about.rendition.rows()) {
    HANGU_TRY(const os::UniqueFd file, client.open(about.detail.row.transfer, row.digest));
    std::optional<DraftFile> copy;
    if (!folder.empty()) {
      const std::string path = folder + "/" + row.name;  // the table refuses unsafe names
      HANGU_CHECK(os::make_folders(parent_folder(path), 0700));
      HANGU_TRY(DraftFile draft, DraftFile::create(path));
      copy.emplace(std::move(draft));
    }
    const auto told = [&](std::uint64_t bytes) {
      done += bytes;
      line.show(done, total);
    };
    if (const Done same = check_object(file.view(), row, copy ? &*copy : nullptr, told); !same)
      return std::unexpected(copy ? about_file(same.error(), folder + "/" + row.name)
                                  : same.error());
  }
  return {};
}

void tell_case(Session& session, const ReviewCase& about) {
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  const line::PendingRow& row = about.detail.row;
  const flow::Decision& decision = about.decision;
  std::vector<std::string> recipients;
  recipients.reserve(decision.recipients.size());
  for (const flow::Recipient& recipient : decision.recipients)
    recipients.push_back(recipient.node.text());
  wire::JsonArray objects;
  for (const flow::ObjectRow& object : about.rendition.rows())
    objects.emplace_back(wire::JsonObject{{"name", object.name},
                                          {"mediaType", object.media_type},
                                          {"bytes", object.digest.size},
                                          {"digest", object.digest.to_text()}});
  const auto contradicting =
      contradictions(about.submission, decision.output_label, about.measured);
  session.console.event("case", {{"id", row.transfer.text()},
                                 {"origin", decision.origin.text()},
                                 {"destination", decision.destination.text()},
                                 {"submitter", decision.submitter.text()},
                                 {"label", decision.output_label.to_json()},
                                 {"claimed", claimed_json(about.submission)},
                                 {"measured", about.facts},
                                 {"contradictions", to_json(contradicting)},
                                 {"objects", std::move(objects)},
                                 {"certificate", about.certificate.to_json()},
                                 {"decision", decision.to_json()}});
  session.console.table(
      {{say(phrase::kTransfer), row.transfer.text()},
       {say(phrase::kOrigin), decision.origin.text() + " / " + decision.submitter.text()},
       {say(phrase::kDestination), decision.destination.text() + " / " + joined(recipients)},
       {say(phrase::kLabel), label_text(session.console, decision.output_label)},
       {say(phrase::kPolicy), printable(decision.policy) + "  " + joined(decision.rules)},
       {say(phrase::kApprovals), std::to_string(row.approvals_given) + "/" +
                                     std::to_string(row.approvals_needed) + "  " +
                                     joined(about.detail.signed_by)}});
  std::vector<std::vector<std::string>> rows{
      {say(phrase::kObject), say(phrase::kSize), say(phrase::kMediaType), say(phrase::kDigest)}};
  for (const flow::ObjectRow& object : about.rendition.rows())
    rows.push_back({printable(object.name), bytes_text(object.digest.size), object.media_type,
                    object.digest.to_text()});
  session.console.table(rows);
  tell_claims(session.console, about.submission, about.measured, contradicting);
  session.console.line(say(phrase::kCertificate) + ":");
  for (const wire::Json& measured : about.certificate.objects)
    session.console.line(measured.to_pretty_text());
}

}  // namespace hangu::cli
