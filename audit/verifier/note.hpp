#pragma once
// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint). Ed25519 by Botan, SM2 by
// OpenSSL: not by the libraries that the writer signs with.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/verifier/tree.hpp"

namespace hangu_verify {

inline constexpr std::size_t kNoteBytesMax = 16 * 1024;

enum class KeyKind : std::uint8_t { ed25519, cosignature, sm2 };

/// A verifier key "name+hex8+base64(type ‖ key)": Ed25519 (01, 32 bytes), Ed25519 of a witness (04,
/// cosignature/v1), or SM2 with SM3 (ff, "gm/sm2-sm3/v1", an uncompressed point of 65 bytes).
struct LogKey {
  std::string name;
  std::string key_id;  ///< 4 bytes
  std::string point;
  KeyKind kind = KeyKind::ed25519;
  std::string text;  ///< all of it

  bool operator==(const LogKey&) const = default;
};
[[nodiscard]] std::optional<LogKey> parse_key(std::string_view vkey);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
};

/// A signed note whose text is a checkpoint.
struct Note {
  struct Line {
    std::string name;
    std::string blob;  ///< key id ‖ signature
  };
  std::string text;
  std::vector<Line> lines;
  Checkpoint checkpoint;
};
/// Takes the first line, without its end, off the text; nothing when none ends there.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& text);
/// Nothing when it is malformed.
[[nodiscard]] std::optional<Note> read_note(std::string_view note);

enum class LineVerdict : std::uint8_t { good, missing, bad };
/// What the note's line by `key` says. A good cosignature's time (seconds since 1970) goes to
/// `time`.
[[nodiscard]] LineVerdict check_line(const Note& note, const LogKey& key,
                                     std::uint64_t* time = nullptr);
/// True when another key of the same name has a line.
[[nodiscard]] bool has_other_line(const Note& note, const LogKey& key);

/// RFC 8032 §5.1.7 with what it leaves open said: S below the order, the key a point in its one
/// spelling and not of small order; without the cofactor.
[[nodiscard]] bool verify_ed25519(std::string_view point, std::string_view message,
                                  std::string_view signature);

}  // namespace hangu_verify
