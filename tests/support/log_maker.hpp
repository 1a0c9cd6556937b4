#pragma once
// Makes small logs, the same each time, and does to them what the holder of their keys could do.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/merkle.hpp"

namespace hangu::audit::test {

inline const std::vector<unsigned> kAuditorSeeds{0x50, 0x70};

/// The verifier key of every log that is made here, and the one that it has once rolled over.
[[nodiscard]] std::string log_vkey();
[[nodiscard]] std::string rolled_vkey();

/// Makes `folder`/log as it is published, without the writer's journal, `folder`/epoch-keys, and
/// `folder`/anchors: `starts` runs of the writer, each with `entries` events beside its own.
/// Throws when the writer fails, as all of these do.
void make_log(const std::filesystem::path& folder, int starts, int entries);

/// The same with the journal, and `unpublished` more events that are only in it.
void make_live_log(const std::filesystem::path& folder, int starts, int entries, int unpublished);

/// Goes on with a live log under other keys of its own, to which it rolls over, for `starts` more
/// runs: anchors/log-former.vkey names the key before, anchors/log.vkey is rolled_vkey().
void roll_log(const std::filesystem::path& folder, int starts, int entries);

/// The same of any bytes for entries, as who holds the log's key could make it; no epochs.
void make_raw_log(const std::filesystem::path& folder, const std::vector<std::string>& entries);

/// Goes on with a made log for about so many seconds: publishes, closes epochs and has it cosigned
/// all the time. Returns the witness's vkey.
std::string write_on(const std::filesystem::path& folder, int seconds);

/// The entries of a made log.
[[nodiscard]] std::vector<std::string> entries_of(const std::filesystem::path& folder);

/// Puts these entries in the place of a made log's, with new tiles and a checkpoint by the log's
/// key, the present epoch's and the SM2 key: what stands in epoch/ and checkpoints/ stays.
void sign_anew(const std::filesystem::path& folder, const std::vector<std::string>& entries);

/// Adds a `log.pruned` entry of all before `before`, by an order that the auditors with these seeds
/// signed, and removes their bundles. `folder`/anchors/auditors.json names those of kAuditorSeeds.
void prune_log(const std::filesystem::path& folder, std::uint64_t before,
               const std::vector<unsigned>& seeds = kAuditorSeeds);

/// The text of an order to prune before `before` that the auditors with these seeds signed, and
/// `folder`/anchors/auditors.json.
[[nodiscard]] std::string prune_order(std::uint64_t before,
                                      const std::vector<unsigned>& seeds = kAuditorSeeds);
void write_auditors(const std::filesystem::path& folder);

/// The tiles and bundles of these entries, below `log`; and their tree.
void write_tiles(const std::filesystem::path& log, const std::vector<std::string>& entries);
[[nodiscard]] TreeHead head_of(const std::vector<std::string>& entries);

/// Puts the checkpoint with the line of a witness (whose Ed25519 seed is `seed`, seed + 1, …) to
/// `folder`/log/witness/checkpoint, beside those of others there if it is of the same tree. Returns
/// the witness's vkey.
std::string cosign_log(const std::filesystem::path& folder, unsigned seed, std::uint64_t time);

}  // namespace hangu::audit::test
