// What a writer answers without writing anything.

#include <algorithm>

#include "audit/limits.hpp"
#include "audit/writer.hpp"

namespace hangu::audit {

CheckpointReply Writer::checkpoint(const CheckpointRequest& request) const {
  return {.id = request.id, .size = log_.head().size, .note = log_.note()};
}

Result<ProveReply> Writer::prove(const ProveRequest& request) const {
  HANGU_TRY(std::vector<Hash> path, log_.prove(request.index, request.size));
  HANGU_TRY(std::string text, entry_text(request.index, nullptr));
  return ProveReply{.id = request.id,
                    .index = request.index,
                    .size = request.size,
                    .entry = std::move(text),
                    .path = std::move(path)};
}

/// The transfer's entry before its entry at `index`. Errors: Malformed "find-before" (none of the
/// transfer); Corrupt "audit-entry-invalid"; those of the log.
Result<std::optional<std::uint64_t>> Writer::entry_before(std::uint64_t index,
                                                          const TransferId& transfer) const {
  HANGU_TRY(const std::string text, entry_text(index, nullptr));
  const auto head = EntryHead::parse(text);
  if (!head || (head->previous && *head->previous >= index)) return invalid_entry(index);
  if (head->transfer != transfer.text()) return fail(ErrorCode::malformed, "find-before");
  return head->previous;
}

Result<FindReply> Writer::find(const FindRequest& request) const {
  FindReply reply{.id = request.id, .indices = {}};
  std::optional<std::uint64_t> at = index_.last_of(request.transfer);
  if (request.before != kNewest) {
    HANGU_TRY(at, entry_before(request.before, request.transfer));
  }
  while (at && *at >= log_.pruned_before() && reply.indices.size() < kFoundMax) {
    reply.indices.push_back(*at);
    auto before = entry_before(*at, request.transfer);
    if (!before && before.error().reason() == "find-before") return invalid_entry(*at);
    HANGU_TRY(at, before);
  }
  std::ranges::reverse(reply.indices);
  return reply;
}

Result<FindReply> Writer::holder(const HolderRequest& request) const {
  if (!is_key(request.key)) return fail(ErrorCode::malformed, "keys-invalid");
  FindReply reply{.id = request.id, .indices = {}};
  HANGU_TRY(const std::optional<HeldKey> held, holder_of(request.key, nullptr));
  if (held) {
    reply.indices.push_back(held->index);
  } else if (const auto index = pruned_ ? pruned_->keys->find(request.key) : std::nullopt) {
    reply.indices.push_back(*index);
  }
  return reply;
}

}  // namespace hangu::audit
