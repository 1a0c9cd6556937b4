// Custodian: what the zone halves ask. They send bytes and never see a descriptor.

#include "ledger/custodian.hpp"
#include "os/file.hpp"

namespace hangu::ledger {
namespace {

constexpr std::size_t kNameBytes = 16;  ///< of the tree root, that name a transfer

bool names(const TransferId& transfer, const crypto::ObjectDigest& digest) {
  return to_hex(ByteView(digest.root).first(kNameBytes)) == transfer.text();
}

}  // namespace

Result<UploadRow> Custodian::upload_of(const Caller& caller, const TransferId& transfer) {
  HANGU_TRY(auto upload, ledger_.find_upload(transfer));
  if (!upload || upload->zone != *caller.zone) {
    return fail(ErrorCode::forbidden, "upload-unknown");
  }
  return *std::move(upload);
}

Result<Answer> Custodian::on(const Caller& caller, Begin& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(const auto row, ledger_.find(request.transfer));
  if (row) {
    if (row->zone != *caller.zone || row->node != request.node) {
      return fail(ErrorCode::forbidden, "transfer-taken");
    }
    return Answer(Outgoing{.reply = Begun{.result = BeginResult::exists, .state = row->state}});
  }
  HANGU_TRY(auto upload, ledger_.find_upload(request.transfer));
  if (upload && (upload->zone != *caller.zone || upload->node != request.node)) {
    return fail(ErrorCode::forbidden, "transfer-taken");
  }
  if (upload && upload->bytes != request.bytes) {
    return fail(ErrorCode::malformed, "size-differs", std::to_string(upload->bytes));
  }
  if (upload && upload->digest) {
    return Answer(
        Outgoing{.reply = Begun{.result = BeginResult::committed, .digest = upload->digest}});
  }
  if (!upload) HANGU_CHECK(begin_upload(caller, request, now));

  auto found = uploads_.find(request.transfer);
  if (found == uploads_.end()) {
    if (uploads_.size() >= kUploadsMax) return fail(ErrorCode::exhausted, "uploads-too-many");
    HANGU_TRY(auto output, store_.create());
    UploadInTheMaking upload_here{.writer = std::move(output.writer),
                                  .file = std::make_shared<ArrivingFile>(std::move(output.reader)),
                                  .touched = now};
    found = uploads_.emplace(request.transfer, std::move(upload_here)).first;
  }
  if (found->second.committing) return fail(ErrorCode::unavailable, "transfer-busy");
  return Answer(
      Outgoing{.reply = Begun{.result = BeginResult::accepted, .offset = found->second.offset}});
}

Done Custodian::begin_upload(const Caller& caller, const Begin& request, WallTime now) {
  if (request.bytes > kObjectBytesMax) return fail(ErrorCode::exhausted, "transfer-too-long");
  const std::uint64_t needed = request.bytes * kReservationFactor;
  HANGU_CHECK(check_disk(needed));
  HANGU_CHECK(ledger_.reserve(request.transfer, needed));
  return ledger_.set_upload({.transfer = request.transfer,
                             .zone = *caller.zone,
                             .node = request.node,
                             .bytes = request.bytes,
                             .digest = {},
                             .created = now});
}

Done Custodian::check_disk(std::uint64_t needed) {
  HANGU_TRY(const std::uint64_t free, store_.free_bytes());
  HANGU_TRY(const std::uint64_t reserved, ledger_.reserved_bytes());
  const std::uint64_t taken = reserved + kDiskHeadroomBytes;
  if (free < taken || free - taken < needed) {
    return fail(ErrorCode::exhausted, "disk-full", std::to_string(needed) + " bytes needed");
  }
  return {};
}

/// All zones together: their spools may lie on this disk, and what is in them is to be reserved
/// here. Less than a zone said before is always noted.
Result<Answer> Custodian::on(const Caller& caller, Room& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  if (request.coming > request.bytes) return fail(ErrorCode::malformed, "size-differs");
  if (request.bytes > kObjectBytesMax) {
    return fail(ErrorCode::exhausted, "disk-full", std::to_string(request.bytes) + " bytes open");
  }
  std::erase_if(rooms_, [&](const auto& one) { return now - one.second.said >= kRoomLasts; });
  const auto before = rooms_.find(*caller.zone);
  const Room last = before == rooms_.end() ? Room{} : before->second.room;
  if (request.bytes > last.bytes || request.coming > last.coming) {
    std::uint64_t needed = request.bytes * kReservationFactor + request.coming;
    for (const auto& [zone, one] : rooms_) {
      if (zone == *caller.zone) continue;
      needed += one.room.bytes * kReservationFactor + one.room.coming;
    }
    HANGU_CHECK(check_disk(needed));
  }
  rooms_.insert_or_assign(*caller.zone, RoomOfZone{.room = request, .said = now});
  return Answer(Outgoing{.reply = Nothing{}});
}

Result<Answer> Custodian::on(const Caller& caller, Piece& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(const auto upload, upload_of(caller, request.transfer));
  const auto found = uploads_.find(request.transfer);
  if (found == uploads_.end() || found->second.committing) {
    return fail(ErrorCode::forbidden, "upload-unknown");
  }
  UploadInTheMaking& here = found->second;
  const std::uint64_t size = request.bytes.size();
  if (request.offset > upload.bytes || size > upload.bytes - request.offset) {
    return fail(ErrorCode::exhausted, "piece-beyond-size");
  }
  here.touched = now;
  if (request.offset + size <= here.offset) {  // sent again after the answer was lost
    return Answer(Outgoing{.reply = Nothing{}});
  }
  if (request.offset != here.offset) {
    return fail(ErrorCode::malformed, "piece-offset", std::to_string(here.offset));
  }
  HANGU_CHECK(os::write_all_at(here.writer.view(), here.offset, request.bytes));
  here.offset += size;
  follow(request.transfer, here);
  return Answer(Outgoing{.reply = Nothing{}});
}

/// Hashes on another thread what came since the last time, when it is enough. What fails there is
/// found again when it is committed.
void Custodian::follow(const TransferId& transfer, UploadInTheMaking& here) {
  if (here.following || here.offset - here.followed < kFollowBytes) return;
  here.following = true;
  here.followed = here.offset;
  const auto rest = [this, transfer, file = std::weak_ptr(here.file)] {
    const auto found = uploads_.find(transfer);
    if (found != uploads_.end() && found->second.file == file.lock()) {
      found->second.following = false;
    }
  };
  jobs_.push_back({.kind = JobKind::disk,
                   .job = [rest, file = here.file, size = here.offset]() -> Finish {
                     (void)file->follow(size).has_value();
                     return [rest]() -> Result<Outgoing> {
                       rest();
                       return Outgoing{.reply = Nothing{}};
                     };
                   },
                   .dropped = rest});
}

Result<Answer> Custodian::on(const Caller& caller, Commit& request) {
  HANGU_TRY(const auto upload, upload_of(caller, request.transfer));
  if (upload.digest) return Answer(Outgoing{.reply = StoredObject{.digest = *upload.digest}});
  const auto found = uploads_.find(request.transfer);
  if (found == uploads_.end()) return fail(ErrorCode::forbidden, "upload-unknown");
  UploadInTheMaking& here = found->second;
  if (here.committing) return fail(ErrorCode::unavailable, "transfer-busy");
  if (here.offset != upload.bytes) {
    return fail(ErrorCode::malformed, "upload-short", std::to_string(here.offset));
  }
  here.committing = true;
  here.writer.reset();
  return Answer(
      Later{.kind = JobKind::disk,
            .job = [this, transfer = request.transfer, file = here.file]() -> Finish {
              auto object = file->freeze();
              if (object && !names(transfer, object->digest)) {
                object = fail(ErrorCode::malformed, "digest-mismatch", object->digest.to_text());
              }
              if (object) {
                auto kept = store_.keep(file->reader(), *object);
                if (!kept) object = std::unexpected(kept.error());
              }
              return [this, transfer, object = std::move(object)]() mutable {
                return finish_commit(transfer, std::move(object));
              };
            },
            .dropped = [this, transfer = request.transfer] { uploads_.erase(transfer); }});
}

Result<Outgoing> Custodian::finish_commit(const TransferId& transfer,
                                          Result<crypto::HashedObject> object) {
  uploads_.erase(transfer);
  if (object) to_settle_.push_back(object->digest);
  HANGU_TRY(auto upload, ledger_.find_upload(transfer));
  if (!object) {  // begin again
    HANGU_CHECK(ledger_.remove_upload(transfer));
    HANGU_CHECK(ledger_.release_reserved(transfer));
    return Outgoing{.reply = to_refused(object.error())};
  }
  const crypto::ObjectDigest& digest = object->digest;
  HANGU_CHECK(ledger_.add_object_file(digest));
  if (!upload) {
    HANGU_CHECK(ledger_.loosen(digest));
    return Outgoing{.reply = to_refused(Error(ErrorCode::forbidden, "upload-unknown"))};
  }
  upload->digest = digest;
  HANGU_CHECK(ledger_.set_upload(*upload));
  HANGU_CHECK(ledger_.refer(transfer, digest, rows_of(flow::Stage::receive)));
  HANGU_CHECK(ledger_.use_reserved(transfer, digest.size));
  return Outgoing{.reply = StoredObject{.digest = digest}};
}

Result<Answer> Custodian::on(const Caller& caller, Received& request) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(const auto known, ledger_.find(request.transfer));
  if (known) {  // asked again
    HANGU_TRY(const auto steps, ledger_.steps(request.transfer));
    const bool same = known->zone == *caller.zone && !steps.empty() &&
                      steps.front().stage == flow::Stage::receive &&
                      steps.front().entry == request.entry;
    if (!same) return fail(ErrorCode::forbidden, "entry-differs");
    return Answer(Outgoing{.reply = NewState{.state = known->state}});
  }
  HANGU_TRY(const auto upload, upload_of(caller, request.transfer));
  if (!upload.digest) return fail(ErrorCode::forbidden, "upload-unknown", "not committed");

  TransferRow row{.id = upload.transfer, .zone = upload.zone, .node = upload.node};
  row.bytes = upload.bytes;
  row.created = row.updated = row.free_from = now;
  HANGU_TRY(row.table,
            store_small(row.id, request.table, crypto::HashAlgorithm::sha256, RefOrigin::table));
  HANGU_CHECK(ledger_.refer(row.id, *upload.digest, RefOrigin::draft));
  HANGU_CHECK(take_table(row, flow::Stage::receive, row.table));
  HANGU_CHECK(ledger_.drop_refs(row.id, RefOrigin::draft));
  HANGU_CHECK(ledger_.add(row));
  HANGU_CHECK(ledger_.note_state(row.id, row.state, now));
  Token token{};
  entropy_.fill(token);  // nobody's claim: steps are found by it, and this one by nobody
  HANGU_CHECK(ledger_.set_step({.transfer = row.id,
                                .stage = flow::Stage::receive,
                                .verdict = flow::Verdict::pass,
                                .entry = request.entry},
                               token));
  HANGU_CHECK(ledger_.remove_upload(row.id));
  work_came_ = true;
  return Answer(Outgoing{.reply = NewState{.state = row.state}});
}

Result<Answer> Custodian::on(const Caller& caller, Withdraw& request) {
  HANGU_TRY(auto row, ledger_.find(request.transfer));
  if (!row || row->zone != *caller.zone || row->node != request.node) {
    return fail(ErrorCode::forbidden, "transfer-unknown");
  }
  if (flow::is_end(row->state) && row->state != flow::State::quarantined) {
    return Answer(Outgoing{.reply = Withdrawn{.withdrawn = row->state == flow::State::withdrawn,
                                              .state = row->state}});
  }
  if (!row->ending) {  // durable before it is asked: asked again after a crash
    row->ending = flow::State::withdrawn;
    HANGU_CHECK(ledger_.update(*row));
  }
  return Answer(end_job(*row, flow::State::withdrawn, request.node));
}

Result<Answer> Custodian::on(const Caller& caller, Acknowledge& request) {
  HANGU_TRY(const auto row, ledger_.find(request.transfer));
  if (!row) return fail(ErrorCode::forbidden, "transfer-unknown");
  if (!check_permit_in(kKindOf<Acknowledge>, row->state)) {
    return fail(ErrorCode::forbidden, "not-emitted", std::string(flow::to_text(row->state)));
  }
  return Answer(
      Later{.kind = JobKind::audit,
            .job = [this, request, zone = *caller.zone]() -> Finish {
              auto logged = audit_.acknowledge(request.transfer, request.node, request.sealed);
              return [this, request, zone, logged = std::move(logged)]() -> Result<Outgoing> {
                if (!logged) return std::unexpected(logged.error());
                return settle_acknowledgement(zone, request);
              };
            },
            .dropped = [] {}});
}

}  // namespace hangu::ledger
