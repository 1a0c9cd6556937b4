#pragma once
// Refresh: makes the next replica of a sync stream's first part, from nothing or from the one
// before. docs/protocols/directory.md §3.

#include "directory/replica.hpp"
#include "directory/sync_search.hpp"

namespace hangu::directory {

/// The holder of an entry; that of `former`, when the server sent the same bytes: its signature was
/// checked then.
[[nodiscard]] Replica::Entry holder_of(const RawEntry& entry, const Replica* former,
                                       std::span<const crypto::VerifyKey> officers);

/// Thread: one.
class Refresh {
 public:
  /// Everything from the beginning; `former` (or nothing) is only looked at for what is the same.
  [[nodiscard]] static Refresh from_nothing(const Replica* former,
                                            std::span<const crypto::VerifyKey> officers);
  /// On from `former`, with the cookie that belongs to it.
  [[nodiscard]] static Refresh from(const Replica& former,
                                    std::span<const crypto::VerifyKey> officers);

  /// Takes one message. Errors: Exhausted "directory-too-large"; Unavailable
  /// "directory-refresh-required", "directory-no-sync" (the server has no such search),
  /// "directory-partial" (any other end of it): the whole refresh is to be thrown away.
  [[nodiscard]] Done take(const SyncMessage& message);
  /// Takes an entry that is whole. Errors: Exhausted "directory-too-large".
  [[nodiscard]] Done put(const RawEntry& entry);
  /// Whether the server said that this is all.
  [[nodiscard]] bool is_done() const { return done_; }
  /// The last that came.
  [[nodiscard]] const std::string& cookie() const { return cookie_; }
  [[nodiscard]] Replica take_replica() && { return std::move(replica_); }

 private:
  Refresh(const Replica* former, std::span<const crypto::VerifyKey> officers)
      : former_(former), officers_(officers) {}

  const Replica* former_;
  std::span<const crypto::VerifyKey> officers_;
  Replica replica_;
  std::set<EntryId> present_;  ///< named since the present phase began
  std::uint64_t bytes_ = 0;
  std::string cookie_;
  bool done_ = false;
};

/// Applies a message of the persist stage. Errors: those of Refresh::take.
[[nodiscard]] Done apply(const SyncMessage& message, const Replica::Entry& holder,
                         Replica& replica);

/// The error that the end of a sync search is.
[[nodiscard]] std::unexpected<Error> search_ended(const SearchEnds& end);

}  // namespace hangu::directory
