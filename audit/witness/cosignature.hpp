#pragma once
// Cosignatures of C2SP tlog-cosignature, version 1 (Ed25519, type 04): what a witness says of a
// checkpoint. The signed message is "cosignature/v1\ntime <seconds>\n" and the checkpoint's text.

#include <chrono>
#include <string>
#include <string_view>

#include "audit/note.hpp"

namespace hangu::audit {

/// Cosigner is a witness's name and key. The name is not in what it signs: one key, one witness.
/// Move-only.
class Cosigner {
 public:
  /// Errors: those of NoteKey::create.
  [[nodiscard]] static Result<Cosigner> create(std::string name, crypto::SigningKey secret);
  [[nodiscard]] const NoteKey& key() const { return key_; }
  /// The line for a checkpoint's text (ending in a newline): at `time` (since 1970, not negative)
  /// this is the largest consistent tree seen. Errors: Internal "sign-failed".
  [[nodiscard]] Result<NoteSignature> cosign(std::string_view text,
                                             std::chrono::seconds time) const;

 private:
  Cosigner(NoteKey key, crypto::SigningKey secret)
      : key_(std::move(key)), secret_(std::move(secret)) {}
  NoteKey key_;
  crypto::SigningKey secret_;
};

/// When the witness says that it saw the checkpoint of `text`.
/// Errors: Forbidden "cosignature-invalid" (another signer's, not 72 bytes, a time beyond 2^63-1 or
/// the year 9999, a bad signature).
[[nodiscard]] Result<std::chrono::seconds> verify_cosignature(const NoteKey& witness,
                                                              std::string_view text,
                                                              const NoteSignature& line);

}  // namespace hangu::audit
