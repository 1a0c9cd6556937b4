#pragma once
// Signed notes of C2SP signed-note, and the verifier keys that name their signers.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/signature.hpp"

namespace hangu::audit {

/// Signature types of the specification that Hangu knows. Type 04 (cosignature) has its own
/// message form; it is read as a key here and checked in audit/witness/cosignature.hpp. Type ff is
/// the specification's place for others: ours is followed by "gm/sm2-sm3/v1", and signs as SM2 with
/// SM3 and the standard identity, r ‖ s.
enum class NoteKeyType : std::uint8_t { ed25519 = 0x01, cosignature = 0x04, sm2 = 0xff };

/// NoteKey is a signer's name and public key.
class NoteKey {
 public:
  /// Without a type: that of the key, Ed25519 or SM2.
  /// Errors: Malformed "note-name-invalid" (empty, over 255 bytes, white space, '+', not UTF-8),
  /// "key-invalid" (of another algorithm than the type's).
  [[nodiscard]] static Result<NoteKey> create(std::string name, crypto::VerifyKey key,
                                              std::optional<NoteKeyType> type = std::nullopt);
  /// Reads a vkey, "<name>+<hex key id>+<base64 type and key>". Errors: Malformed "vkey-invalid".
  [[nodiscard]] static Result<NoteKey> parse(std::string_view vkey);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] NoteKeyType type() const { return type_; }
  [[nodiscard]] const crypto::VerifyKey& key() const { return key_; }
  /// SHA-256(name ‖ 0a ‖ type ‖ key)[0:4], big-endian; behind type ff stands its long name.
  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] std::string to_text() const;

 private:
  NoteKey(std::string name, crypto::VerifyKey key, NoteKeyType type);
  std::string name_;
  crypto::VerifyKey key_;
  NoteKeyType type_;
  std::uint32_t id_;
};

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;  ///< what follows the key id
};

/// True when the line bears this key's name and id: whether it is good is another question.
[[nodiscard]] bool claims_to_be_of(const NoteSignature& line, const NoteKey& key);

/// Note is a text that ends in a newline, and the lines under it.
struct Note {
  std::string text;
  std::vector<NoteSignature> signatures;

  [[nodiscard]] std::string to_text() const;
  /// The last empty line divides text and signatures. Errors: Malformed "note-malformed" (not
  /// UTF-8, a control byte, no or a broken signature line); Exhausted "note-too-long",
  /// "note-signatures".
  [[nodiscard]] static Result<Note> parse(std::string_view note);
};

/// NoteSigner signs notes under a name. Move-only.
class NoteSigner {
 public:
  /// Errors: those of NoteKey::create.
  [[nodiscard]] static Result<NoteSigner> create(std::string name, crypto::SigningKey secret);
  [[nodiscard]] const NoteKey& key() const { return key_; }
  /// The line of a text that ends in a newline. Errors: Internal "sign-failed".
  [[nodiscard]] Result<NoteSignature> sign(std::string_view text) const;

 private:
  NoteSigner(NoteKey key, crypto::SigningKey secret)
      : key_(std::move(key)), secret_(std::move(secret)) {}
  NoteKey key_;
  crypto::SigningKey secret_;
};

/// A note of `text` (ending in a newline) with a line of each signer. Errors: those of sign();
/// Malformed "note-malformed".
[[nodiscard]] Result<std::string> sign_note(std::string text,
                                            std::span<const NoteSigner* const> signers);
/// The note with one more line. Errors: those of Note::parse and sign().
[[nodiscard]] Result<std::string> countersign_note(std::string_view note, const NoteSigner& signer);

/// The note with `lines` under it; a line takes the place of an earlier one of the same signer.
/// Errors: those of Note::parse; Exhausted "note-too-long", "note-signatures" (too many for a
/// note).
[[nodiscard]] Result<std::string> with_signatures(std::string_view note,
                                                  std::span<const NoteSignature> lines);

/// Returns the text of a note that at least one of `keys` (no cosigner's) signed. Lines of other
/// signers are skipped; a known signer's bad line sinks the note.
/// Errors: those of Note::parse; Forbidden "note-signature-invalid", "note-unsigned".
[[nodiscard]] Result<std::string> open_note(std::string_view note, std::span<const NoteKey> keys);

}  // namespace hangu::audit
