#include "directory/refresh.hpp"

namespace hangu::directory {

Replica::Entry holder_of(const RawEntry& entry, const Replica* former,
                         std::span<const crypto::VerifyKey> officers) {
  const Replica::Entry* known = former != nullptr ? former->find(entry.id) : nullptr;
  if (known != nullptr && (*known)->digest == digest_of(entry)) return *known;
  return read_holder(entry, officers);
}

std::unexpected<Error> search_ended(const SearchEnds& end) {
  const std::string context = std::to_string(end.code) + " " + end.text;
  if (end.code == kRefreshRequired)
    return fail(ErrorCode::unavailable, "directory-refresh-required", context);
  if (end.code == kUnknownCriticalControl)
    return fail(ErrorCode::unavailable, "directory-no-sync", context);
  return fail(ErrorCode::unavailable, "directory-partial", context);
}

Refresh Refresh::from_nothing(const Replica* former, std::span<const crypto::VerifyKey> officers) {
  return {former, officers};
}

Refresh Refresh::from(const Replica& former, std::span<const crypto::VerifyKey> officers) {
  Refresh out(&former, officers);
  out.replica_ = former;
  return out;
}

Done Refresh::put(const RawEntry& entry) {
  bytes_ += bytes_of(entry);
  if (bytes_ > kLoadBytesMax) return fail(ErrorCode::exhausted, "directory-too-large", "bytes");
  HANGU_CHECK(replica_.put(holder_of(entry, former_, officers_)));
  present_.insert(entry.id);
  return {};
}

Done Refresh::take(const SyncMessage& message) {
  if (!message.cookie.empty()) cookie_ = message.cookie;
  if (const auto* end = std::get_if<SearchEnds>(&message.what)) return search_ended(*end);
  if (const auto* is = std::get_if<EntryIs>(&message.what)) HANGU_CHECK(put(is->entry));
  if (const auto* stays = std::get_if<EntryStays>(&message.what)) present_.insert(stays->id);
  if (const auto* stay = std::get_if<EntriesStay>(&message.what))
    present_.insert(stay->ids.begin(), stay->ids.end());
  if (const auto* gone = std::get_if<EntryGone>(&message.what)) replica_.erase(gone->id);
  if (const auto* gone = std::get_if<EntriesGone>(&message.what))
    for (const EntryId& id : gone->ids) replica_.erase(id);
  if (std::holds_alternative<PresentPhaseEnds>(message.what)) replica_.keep_only(present_);
  done_ = message.refresh_done;
  return {};
}

Done apply(const SyncMessage& message, const Replica::Entry& holder, Replica& replica) {
  if (const auto* end = std::get_if<SearchEnds>(&message.what)) return search_ended(*end);
  if (std::holds_alternative<EntryIs>(message.what)) return replica.put(holder);
  if (const auto* gone = std::get_if<EntryGone>(&message.what)) replica.erase(gone->id);
  if (const auto* gone = std::get_if<EntriesGone>(&message.what))
    for (const EntryId& id : gone->ids) replica.erase(id);
  const bool phase = std::holds_alternative<EntryStays>(message.what) ||
                     std::holds_alternative<EntriesStay>(message.what) ||
                     std::holds_alternative<PresentPhaseEnds>(message.what) ||
                     std::holds_alternative<DeletePhaseEnds>(message.what);
  if (phase)
    return fail(ErrorCode::malformed, "directory-sync-invalid", "a phase after the refresh");
  return {};
}

}  // namespace hangu::directory
