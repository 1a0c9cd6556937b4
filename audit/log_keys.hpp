#pragma once
// The log's own keys: an Ed25519 key that signs every checkpoint and, where there is one, an SM2
// key for a line under what is published. They last until they roll over.
// docs/protocols/audit-log.md §6.

#include <memory>
#include <optional>
#include <string>

#include "audit/note.hpp"
#include "wire/json.hpp"

namespace hangu::audit {

inline constexpr std::size_t kVkeyBytesMax = 512;

/// Their public halves, as the entries tell them.
struct LogKeysTold {
  std::string vkey;
  std::optional<std::string> gm_vkey;  ///< none: no SM2 line
  bool operator==(const LogKeysTold&) const = default;

  /// Text, or null.
  [[nodiscard]] wire::Json gm_json() const;
  /// From the members with these names.
  [[nodiscard]] static LogKeysTold read(wire::Fields& fields, const char* vkey,
                                        const char* gm_vkey);
};

/// What the end of an epoch tells when the keys roll over: {"vkey","gmVkey","nextVkey",
/// "nextGmVkey"}.
struct KeyRollover {
  LogKeysTold former;  ///< in force up to that entry
  LogKeysTold next;

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…", "log-keys-same" (nothing rolls over).
  [[nodiscard]] static Result<KeyRollover> parse(const wire::Json& json);
};

/// Their private halves. Move-only.
struct LogSecrets {
  crypto::SigningKey key;
  std::optional<crypto::SigningKey> gm_key;
};

/// Who signs the log.
struct LogSigners {
  std::shared_ptr<const NoteSigner> log;
  std::shared_ptr<const NoteSigner> gm;  ///< null: no SM2 line

  /// Errors: those of NoteKey::create.
  [[nodiscard]] static Result<LogSigners> create(const std::string& origin, LogSecrets secrets);
  [[nodiscard]] LogKeysTold told() const;
};

}  // namespace hangu::audit
