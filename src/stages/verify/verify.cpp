#include "stages/verify/verify.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "line/documents.hpp"
#include "line/records.hpp"
#include "line/stage_shell.hpp"
#include "os/file.hpp"
#include "package/reader.hpp"
#include "package/writer.hpp"
#include "stages/verify/turn.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

/// Puts each opened object into the custodian's store, frozen under its digest.
class StoreSink final : public package::ObjectSink {
 public:
  StoreSink(line::CustodianClient& custodian, const line::Work& work,
            const flow::ObjectTable& table)
      : custodian_(custodian), work_(work), table_(table) {}

  Result<os::FdView> output(std::size_t index) override {
    HANGU_TRY(line::Output output,
              custodian_.create(work_.token, table_.rows()[index].digest.algorithm));
    const os::FdView file = output.file.view();
    open_.emplace(index, std::move(output));
    return file;
  }

  Done accept(std::size_t index) override {
    auto node = open_.extract(index);
    HANGU_ASSERT(!node.empty());
    const std::uint64_t id = node.mapped().id;
    node.mapped().file.reset();
    HANGU_TRY(const crypto::ObjectDigest digest, custodian_.freeze(work_.token, id));
    if (digest != table_.rows()[index].digest)
      return fail(ErrorCode::corrupt, "object-digest-mismatch", table_.rows()[index].name);
    return {};
  }

 private:
  line::CustodianClient& custodian_;
  const line::Work& work_;
  const flow::ObjectTable& table_;
  std::map<std::size_t, line::Output> open_;
};

/// What is wrong with the package is the sender's to know; what went wrong here is not.
Outcome refused_package(const line::Work& work, const Error& error) {
  Outcome outcome = Outcome::of(work, error);
  if (outcome.verdict != flow::Verdict::fail) {
    line::log_line("STEP-0009", work.transfer.text() + " verify: " + error.message());
    return outcome;
  }
  return std::move(outcome).at({}, error.context());
}

/// Proves that `reader` reads the package that receive took in, of which the transfer has its name:
/// the custodian could show another. It is enough to look at the first chunk, which holds the
/// header, for every sealed byte is bound to that.
Done check_is_received(const line::Work& work, const line::Opened& package,
                       const package::Reader& reader) {
  const auto other = [&] {
    return fail(ErrorCode::corrupt, "package-other", work.transfer.text());
  };
  if (package::transfer_id_of(package.digest()) != work.transfer) return other();
  HANGU_TRY(const crypto::ChunkVerifier verifier, package.verifier());
  Bytes chunk(
      static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, package.digest().size)));
  HANGU_CHECK(os::read_exactly_at(package.file(), 0, chunk));
  HANGU_CHECK(verifier.check(0, chunk));
  const Bytes header = reader.header().to_bytes();
  if (chunk.size() < header.size() || !equal(ByteView(chunk).first(header.size()), header))
    return other();
  return {};
}

/// Who the sender is, by certificate and signature, and whether work and statement agree on it.
/// Gives the refusal's reason, or nothing.
Result<std::optional<std::string>> sender_problem(const package::Contents& contents,
                                                  const line::Work& work, const VerifyMeans& means,
                                                  WallTime now) {
  using Problem = std::optional<std::string>;
  const flow::Submission& submission = *contents.submission;
  if (contents.envelope.signatures.size() != 1) return Problem("sender-signature");
  const Result<crypto::Certificate> certificate = means.anchors.check(
      contents.envelope.signatures.front().certificate, crypto::HolderKind::node, now);
  if (!certificate) return Problem("sender-" + std::string(certificate.error().reason()));
  if (certificate->pem() != contents.envelope.signatures.front().certificate)
    return Problem("statement-not-canonical");  // one certificate, yet spelled another way
  const crypto::VerifyKey* key = certificate->verify_key();
  if (key == nullptr || !contents.envelope.signed_by(*key)) return Problem("sender-signature");
  if (key->algorithm() != crypto::signature_of(submission.suite)) return Problem("sender-suite");
  const crypto::Subject& subject = certificate->subject();
  if (subject.name != submission.origin_node.text() || submission.origin_node != work.node)
    return Problem("sender-node");
  if (!subject.zones.contains(submission.origin_zone.text()) || submission.origin_zone != work.zone)
    return Problem("sender-zone");
  HANGU_TRY(const flow::NodeStanding standing,
            means.nodes.standing(submission.origin_node, submission.origin_zone, key->id()));
  switch (standing) {
    case flow::NodeStanding::unknown: return Problem("submitter-unknown");
    case flow::NodeStanding::other_key: return Problem("submitter-key");
    case flow::NodeStanding::other_zone: return Problem("submitter-zone");
    case flow::NodeStanding::known: break;
  }
  if (now < submission.not_before) return Problem("submission-early");
  if (now >= submission.expires) return Problem("submission-expired");
  return Problem();
}

/// By how much a sender's clock is ahead, rounded up.
std::string ahead_text(const flow::Submission& submission, WallTime now) {
  const auto ahead = std::chrono::ceil<std::chrono::seconds>(submission.not_before - now);
  return "valid from " + submission.not_before.to_text() + ", " + std::to_string(ahead.count()) +
         " s after the gateway's time";
}

Result<Outcome> open_package(const line::Work& work, line::CustodianClient& custodian,
                             line::AuditClient& audit, const VerifyMeans& means,
                             const package::Reader& reader) {
  HANGU_TRY(const WallTime now, means.clock.now());
  const package::Contents& contents = reader.contents();
  if (contents.kind != package::Kind::submission)
    return Outcome::refused(work, "package-not-a-submission");
  HANGU_TRY(const std::optional<std::string> problem, sender_problem(contents, work, means, now));
  if (problem == "submission-early")
    return Outcome::refused(work, *problem).at({}, ahead_text(*contents.submission, now));
  if (problem) return Outcome::refused(work, *problem);

  // The sender is who it says: what it states is on the record, whatever becomes of it.
  const flow::Submission& submission = *contents.submission;
  HANGU_CHECK(line::append_records(work.transfer,
                                   line::submission_records(contents.envelope, submission), audit));
  HANGU_TRY(const std::optional<std::string> out_of_turn,
            check_turn(submission, work.transfer, audit));
  if (out_of_turn) return Outcome::refused(work, *out_of_turn);

  StoreSink sink(custodian, work, contents.table);
  HANGU_CHECK(reader.extract_all(sink));
  const crypto::HashAlgorithm algorithm = crypto::hash_of(submission.suite);
  const std::string envelope = contents.envelope.to_text();
  HANGU_TRY(const crypto::ObjectDigest statement,
            custodian.store(work.token, bytes_of(envelope), algorithm));
  HANGU_TRY(const crypto::ObjectDigest table,
            custodian.store(work.token, contents.table.to_bytes(), algorithm));

  Outcome outcome = Outcome::passed(table);
  outcome.evidence.emplace("submission", statement);
  outcome.expires = submission.expires;
  outcome.keys = {flow::submission_key(crypto::digest_of(algorithm, contents.envelope.payload)),
                  sequence_key(submission.origin_node, submission.sequence)};
  outcome.key_taken_reason = "submission-replayed";
  return outcome;
}

}  // namespace

Result<Outcome> verify(const line::Work& work, line::CustodianClient& custodian,
                       line::AuditClient& audit, const VerifyMeans& means) {
  HANGU_TRY(const flow::ObjectTable sealed, line::read_table(work, custodian));
  if (sealed.rows().size() != 1) return Outcome::refused(work, "package-not-one-object");
  HANGU_TRY(line::Opened package,
            custodian.open(work.token, sealed.rows().front().digest, line::As::descriptor));
  const Result<package::Reader> reader = package::Reader::open(package.file(), means.opening_keys);
  if (!reader) return refused_package(work, reader.error());
  HANGU_CHECK(check_is_received(work, package, *reader));
  Result<Outcome> outcome = open_package(work, custodian, audit, means, *reader);
  os::drop_behind(package.file(), 0, package.digest().size);  // its objects stand for it now
  if (!outcome && outcome.error().code() == ErrorCode::malformed)
    return refused_package(work, outcome.error());
  return outcome;
}

}  // namespace hangu::stages
