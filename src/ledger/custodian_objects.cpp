// Custodian: objects given out and taken in.

#include <algorithm>

#include "ledger/custodian.hpp"

namespace hangu::ledger {
namespace {

constexpr std::string_view kApprovalPrefix = "approval.";

Done check_attached_name(const std::string& name) {
  const bool shaped = name.starts_with(kApprovalPrefix) &&
                      PersonId::create(name.substr(kApprovalPrefix.size())).has_value();
  if (!shaped) return fail(ErrorCode::malformed, "evidence-name-invalid");
  return {};
}

}  // namespace

Result<Outgoing> Custodian::give(const TransferRow& row, const crypto::ObjectDigest& digest,
                                 bool by_descriptor) {
  HANGU_TRY(const bool reachable, ledger_.refers(row.id, digest));
  if (!reachable) {
    return fail(ErrorCode::forbidden, "object-not-reachable", digest.to_text());
  }
  HANGU_TRY(auto record, ledger_.find_object(digest));
  if (!record) return fail(ErrorCode::corrupt, "object-lost", digest.to_text());
  if (record->bytes && !by_descriptor) {
    return Outgoing{.reply = OpenedObject{.by_descriptor = false, .bytes = *record->bytes}};
  }
  Outgoing out{.reply = OpenedObject{.by_descriptor = true, .bytes = {}}};
  if (record->file) {
    HANGU_TRY(auto opened, store_.open_object(digest));
    out.descriptors.push_back(std::move(opened.file));
    if (opened.leaves.valid()) out.descriptors.push_back(std::move(opened.leaves));
  } else {
    if (!record->bytes) return fail(ErrorCode::corrupt, "object-lost", digest.to_text());
    HANGU_TRY(auto file, store_.file_of(*record->bytes));
    out.descriptors.push_back(std::move(file));
  }
  return out;
}

Result<Answer> Custodian::on(const Caller& caller, Open& request) {
  HANGU_TRY(const auto row, claimed(caller, request.token, kKindOf<Open>));
  HANGU_TRY(auto out, give(row, request.digest, request.by_descriptor));
  return Answer(std::move(out));
}

Result<Answer> Custodian::on(const Caller& /*approve only*/, Look& request) {
  HANGU_TRY(const auto row, ledger_.find(request.transfer));
  if (!row) return fail(ErrorCode::forbidden, "transfer-unknown");
  HANGU_CHECK(check_permit_in(kKindOf<Look>, row->state));
  HANGU_TRY(auto out, give(*row, request.digest, request.by_descriptor));
  return Answer(std::move(out));
}

Result<crypto::ObjectDigest> Custodian::store_small(const TransferId& transfer, ByteView bytes,
                                                    crypto::HashAlgorithm algorithm,
                                                    RefOrigin origin) {
  if (bytes.size() > kSmallObjectBytesMax) {
    return fail(ErrorCode::exhausted, "object-too-long", std::to_string(bytes.size()));
  }
  const auto digest = crypto::digest_of(algorithm, bytes);
  HANGU_CHECK(ledger_.add_object(digest, bytes));
  HANGU_CHECK(ledger_.refer(transfer, digest, origin));
  HANGU_CHECK(ledger_.use_reserved(transfer, digest.size));
  return digest;
}

Result<Answer> Custodian::on(const Caller& caller, Put& request) {
  HANGU_TRY(const auto row, claimed(caller, request.token, kKindOf<Put>));
  HANGU_TRY(const auto digest,
            store_small(row.id, request.bytes, request.algorithm, RefOrigin::draft));
  return Answer(Outgoing{.reply = StoredObject{.digest = digest}});
}

Result<Answer> Custodian::on(const Caller& /*approve only*/, Attach& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_CHECK(check_attached_name(request.name));
  HANGU_TRY(auto row, ledger_.find(request.transfer));
  if (!row) return fail(ErrorCode::forbidden, "transfer-unknown");
  HANGU_CHECK(check_permit_in(kKindOf<Attach>, row->state));
  HANGU_TRY(const auto evidence, ledger_.evidence(row->id));
  if (evidence.size() >= kEvidenceOfTransferMax && !evidence.contains(request.name)) {
    return fail(ErrorCode::exhausted, "evidence-too-many");
  }
  HANGU_TRY(const auto digest,
            store_small(row->id, request.bytes, request.algorithm, RefOrigin::evidence));
  HANGU_CHECK(ledger_.set_evidence(row->id, request.name, digest));
  row->attention = true;
  if (!row->token) {
    row->free_from = std::min(row->free_from, now);
    work_came_ = true;
  }
  HANGU_CHECK(ledger_.update(*row));
  return Answer(Outgoing{.reply = StoredObject{.digest = digest}});
}

Result<Answer> Custodian::on(const Caller& caller, Create& request) {
  HANGU_TRY(const auto row, claimed(caller, request.token, kKindOf<Create>));
  const auto of_claim = std::ranges::count_if(
      outputs_, [&](const auto& output) { return output.second.token == request.token; });
  if (outputs_.size() >= kOutputsMax || std::cmp_greater_equal(of_claim, kOutputsOfClaimMax)) {
    return fail(ErrorCode::exhausted, "outputs-too-many");
  }
  HANGU_TRY(auto output, store_.create());
  const std::uint64_t id = ++last_output_;
  outputs_.emplace(id, OutputInTheMaking{.transfer = row.id,
                                         .token = request.token,
                                         .algorithm = request.algorithm,
                                         .reader = std::move(output.reader)});
  Outgoing out{.reply = CreatedOutput{.output = id}};
  out.descriptors.push_back(std::move(output.writer));
  return Answer(std::move(out));
}

Result<Answer> Custodian::on(const Caller& caller, Freeze& request) {
  HANGU_TRY(const auto row, claimed(caller, request.token, kKindOf<Freeze>));
  const auto found = outputs_.find(request.output);
  if (found == outputs_.end() || found->second.token != request.token) {
    return fail(ErrorCode::forbidden, "output-unknown");
  }
  OutputInTheMaking& output = found->second;
  if (output.freezing) return fail(ErrorCode::unavailable, "transfer-busy", "freezing already");
  output.freezing = true;
  // The descriptor goes with the job: the claim may be lost while it runs.
  return Answer(Later{
      .kind = JobKind::disk,
      .job = [this, id = request.output, token = request.token, algorithm = output.algorithm,
              reader = std::move(output.reader)]() mutable -> Finish {
        auto object = ObjectStore::hash_frozen(reader.view(), algorithm);
        if (object) {
          auto kept = store_.keep(reader.view(), *object);
          if (!kept) object = std::unexpected(kept.error());
        }
        return [this, id, token, reader = std::move(reader), object = std::move(object)]() mutable {
          return finish_freeze(id, token, std::move(reader), std::move(object));
        };
      },
      .dropped = [this, id = request.output] { outputs_.erase(id); }});
}

Result<Outgoing> Custodian::finish_freeze(std::uint64_t output, const Token& token,
                                          os::UniqueFd reader,
                                          Result<crypto::HashedObject> object) {
  const auto found = outputs_.find(output);
  if (!object) {
    if (found != outputs_.end()) {  // may be frozen again, once its writers are gone
      found->second.reader = std::move(reader);
      found->second.freezing = false;
    }
    return std::unexpected(object.error());
  }
  const crypto::ObjectDigest& digest = object->digest;
  to_settle_.push_back(digest);
  if (found != outputs_.end()) outputs_.erase(found);
  HANGU_CHECK(ledger_.add_object_file(digest));
  HANGU_TRY(const auto row, ledger_.find_by_token(token));
  if (!row) {
    HANGU_CHECK(ledger_.loosen(digest));
    return Outgoing{.reply = to_refused(Error(ErrorCode::forbidden, "claim-unknown"))};
  }
  HANGU_CHECK(ledger_.refer(row->id, digest, RefOrigin::draft));
  HANGU_CHECK(ledger_.use_reserved(row->id, digest.size));
  return Outgoing{.reply = StoredObject{.digest = digest}};
}

void Custodian::forget_outputs(const std::optional<Token>& token) {
  if (!token) return;
  std::erase_if(outputs_, [&](const auto& output) { return output.second.token == *token; });
}

Done Custodian::forget_dead_outputs() {
  for (auto output = outputs_.begin(); output != outputs_.end();) {
    HANGU_TRY(const auto row, ledger_.find_by_token(output->second.token));
    output = row ? std::next(output) : outputs_.erase(output);
  }
  return {};
}

}  // namespace hangu::ledger
