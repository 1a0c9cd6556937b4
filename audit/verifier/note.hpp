#pragma once
// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), checked with Botan's Ed25519.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/verifier/tree.hpp"

namespace hangu_verify {

/// A verifier key "name+hex8+base64(0x01 ‖ key)".
struct LogKey {
  std::string name;
  std::string key_id;  ///< 4 bytes
  std::string point;   ///< 32 bytes
};
[[nodiscard]] std::optional<LogKey> parse_key(std::string_view vkey);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  std::string root;  ///< 32 bytes
};

enum class NoteVerdict { good, malformed, unsigned_by_key, bad_signature };

/// Reads a checkpoint and, when a key is given, checks its signature and origin.
[[nodiscard]] NoteVerdict read_checkpoint(std::string_view note, const std::optional<LogKey>& key,
                                          Checkpoint& out);

[[nodiscard]] bool verify_ed25519(std::string_view point, std::string_view message,
                                  std::string_view signature);

}  // namespace hangu_verify
