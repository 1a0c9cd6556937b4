#pragma once
// Logs made by hand, entry for entry, so that each key and each word of a roll-over of the log's
// own keys can be the wrong one.

#include <filesystem>
#include <string>
#include <vector>

namespace hangu::audit::test {

/// Makes `folder`/log as it is published, and `folder`/anchors with the log's last key, by steps:
///
///     bare                     without SM2 keys; only as the first step
///     +COUNT                   so many heartbeats
///     end                      the end of an epoch
///     roll:SEED                the end of an epoch after which the log's keys are those of SEED
///     told:A:B:GA:GB:SEED      the same, but it tells that A's keys, with GA's SM2 key, give way
///     to
///                              B's with GB's; "-" for an SM2 key is null
///     prune:BEFORE             a `log.pruned`, by two auditors; the bundles before are not there
///
/// and then, in the place of what would be there or beside it:
///
///     note:PATH:SIZE:SEED:GM   `folder`/PATH as the checkpoint of SIZE by SEED's key and GM's SM2
///     key receipt:PATH:INDEX:SIZE:SEED    `folder`/PATH and PATH.entry
///
/// Keys of SEED are those of key_from(); the log begins with those of 0. Throws when it cannot.
void make_hand_log(const std::filesystem::path& folder, const std::vector<std::string>& steps);

/// The verifier keys of SEED.
[[nodiscard]] std::string hand_vkey(unsigned seed);
[[nodiscard]] std::string hand_gm_vkey(unsigned seed);

}  // namespace hangu::audit::test
