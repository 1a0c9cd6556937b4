#include "audit/note.hpp"

#include <algorithm>

#include "audit/limits.hpp"
#include "base/text.hpp"
#include "crypto/fixed_signature.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kSignatureStart = "\xe2\x80\x94 ";  // em dash, space
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kKeyIdDigits = 8;
constexpr std::string_view kSm2LongName = "gm/sm2-sm3/v1";

std::unexpected<Error> malformed(const char* why) {
  return fail(ErrorCode::malformed, "note-malformed", why);
}

/// Unicode white space (property White_Space) beyond ASCII, which a name may not have either.
constexpr std::array<std::string_view, 21> kWideSpaces{
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
    "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
    "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
    "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\x8b"};

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kOriginBytesMax || !is_utf8(name)) return false;
  if (std::ranges::any_of(name, [](char c) {
        const auto b = static_cast<unsigned char>(c);
        return b <= 0x20 || b == 0x7f || c == '+';
      })) {
    return false;
  }
  return std::ranges::none_of(kWideSpaces, [&](std::string_view space) {
    return name.find(space) != std::string_view::npos;
  });
}

bool is_note_text(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n';
         });
}

/// What a vkey says of the key: its type and its bytes.
Bytes typed(NoteKeyType type, ByteView key) {
  Bytes out{static_cast<std::byte>(type)};
  if (type == NoteKeyType::sm2) append(out, bytes_of(kSm2LongName));
  append(out, key);
  return out;
}

crypto::SignatureAlgorithm algorithm_of(NoteKeyType type) {
  return type == NoteKeyType::sm2 ? crypto::SignatureAlgorithm::sm2
                                  : crypto::SignatureAlgorithm::ed25519;
}

std::uint32_t key_id(std::string_view name, NoteKeyType type, ByteView key) {
  Bytes input = to_bytes(name);
  input.push_back(std::byte{'\n'});
  append(input, typed(type, key));
  return load_u32(crypto::hash(crypto::HashAlgorithm::sha256, input));
}

std::string hex_id(std::uint32_t id) {
  std::array<std::byte, kKeyIdBytes> bytes{};
  store_u32(bytes, id);
  return to_hex(bytes);
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kSignatureStart)) return malformed("signature line");
  line.remove_prefix(kSignatureStart.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_name(line.substr(0, space))) {
    return malformed("signer's name");
  }
  const Result<Bytes> blob = from_base64(line.substr(space + 1));
  if (!blob || blob->size() <= kKeyIdBytes) return malformed("signature");
  return NoteSignature{.name = std::string(line.substr(0, space)),
                       .key_id = load_u32(*blob),
                       .signature = to_bytes(ByteView(*blob).subspan(kKeyIdBytes))};
}

}  // namespace

NoteKey::NoteKey(std::string name, crypto::VerifyKey key, NoteKeyType type)
    : name_(std::move(name)),
      key_(std::move(key)),
      type_(type),
      id_(key_id(name_, type_, key_.point())) {}

Result<NoteKey> NoteKey::create(std::string name, crypto::VerifyKey key,
                                std::optional<NoteKeyType> type) {
  if (!is_name(name)) return fail(ErrorCode::malformed, "note-name-invalid", printable(name));
  if (!type) {
    type = key.algorithm() == crypto::SignatureAlgorithm::sm2 ? NoteKeyType::sm2
                                                              : NoteKeyType::ed25519;
  }
  if (key.algorithm() != algorithm_of(*type)) {
    return fail(ErrorCode::malformed, "key-invalid", "a note key is Ed25519 or SM2");
  }
  return NoteKey(std::move(name), std::move(key), *type);
}

Result<NoteKey> NoteKey::parse(std::string_view vkey) {
  const auto invalid = [](const char* why) {
    return fail(ErrorCode::malformed, "vkey-invalid", why);
  };
  const std::size_t first = vkey.find('+');
  if (first == std::string_view::npos) return invalid("no key id");
  const std::size_t second = vkey.find('+', first + 1);
  if (second != first + 1 + kKeyIdDigits) return invalid("key id");
  const Result<Bytes> blob = from_base64(vkey.substr(second + 1));
  if (!blob || blob->empty()) return invalid("key");
  const auto type = static_cast<NoteKeyType>((*blob)[0]);
  if (type != NoteKeyType::ed25519 && type != NoteKeyType::cosignature &&
      type != NoteKeyType::sm2) {
    return invalid("type");
  }
  const Bytes start = typed(type, {});
  if (blob->size() < start.size() || !equal(ByteView(*blob).first(start.size()), start)) {
    return invalid("type");
  }
  const auto key =
      crypto::VerifyKey::create(algorithm_of(type), ByteView(*blob).subspan(start.size()));
  if (!key) return invalid("key");
  auto made = create(std::string(vkey.substr(0, first)), *key, type);
  if (!made) return invalid("name");
  if (hex_id(made->id()) != vkey.substr(first + 1, kKeyIdDigits)) return invalid("key id");
  return made;
}

std::string NoteKey::to_text() const {
  return name_ + "+" + hex_id(id_) + "+" + to_base64(typed(type_, key_.point()));
}

std::string Note::to_text() const {
  std::string out = text + "\n";
  for (const NoteSignature& one : signatures) {
    Bytes blob(kKeyIdBytes);
    store_u32(blob, one.key_id);
    append(blob, one.signature);
    out += std::string(kSignatureStart) + one.name + " " + to_base64(blob) + "\n";
  }
  return out;
}

bool claims_to_be_of(const NoteSignature& line, const NoteKey& key) {
  return line.name == key.name() && line.key_id == key.id();
}

Result<Note> Note::parse(std::string_view note) {
  if (note.size() > kNoteBytesMax) return fail(ErrorCode::exhausted, "note-too-long");
  if (!is_note_text(note)) return malformed("a control byte, or not UTF-8");
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return malformed("no empty line");
  Note out;
  out.text = note.substr(0, split + 1);
  std::string_view lines = note.substr(split + 2);
  if (lines.empty() || lines.back() != '\n') return malformed("no signature line");
  while (!lines.empty()) {
    if (out.signatures.size() == kNoteSignaturesMax) {
      return fail(ErrorCode::exhausted, "note-signatures");
    }
    const std::size_t end = lines.find('\n');
    HANGU_TRY(NoteSignature one, parse_signature(lines.substr(0, end)));
    out.signatures.push_back(std::move(one));
    lines.remove_prefix(end + 1);
  }
  return out;
}

Result<NoteSigner> NoteSigner::create(std::string name, crypto::SigningKey secret) {
  HANGU_TRY(NoteKey key, NoteKey::create(std::move(name), secret.verify_key()));
  return NoteSigner(std::move(key), std::move(secret));
}

Result<NoteSignature> NoteSigner::sign(std::string_view text) const {
  HANGU_TRY(Bytes signature, crypto::sign_fixed(secret_, bytes_of(text)));
  return NoteSignature{.name = key_.name(), .key_id = key_.id(), .signature = std::move(signature)};
}

Result<std::string> sign_note(std::string text, std::span<const NoteSigner* const> signers) {
  if (text.empty() || text.back() != '\n' || !is_note_text(text)) return malformed("text");
  Note note{.text = std::move(text), .signatures = {}};
  for (const NoteSigner* signer : signers) {
    HANGU_TRY(NoteSignature line, signer->sign(note.text));
    note.signatures.push_back(std::move(line));
  }
  return note.to_text();
}

Result<std::string> countersign_note(std::string_view note, const NoteSigner& signer) {
  HANGU_TRY(Note parsed, Note::parse(note));
  HANGU_TRY(NoteSignature line, signer.sign(parsed.text));
  parsed.signatures.push_back(std::move(line));
  return parsed.to_text();
}

Result<std::string> with_signatures(std::string_view note, std::span<const NoteSignature> lines) {
  HANGU_TRY(Note parsed, Note::parse(note));
  for (const NoteSignature& line : lines) {
    const auto same = std::ranges::find_if(parsed.signatures, [&](const NoteSignature& one) {
      return one.name == line.name && one.key_id == line.key_id;
    });
    if (same != parsed.signatures.end()) {
      *same = line;
    } else {
      parsed.signatures.push_back(line);
    }
  }
  if (parsed.signatures.size() > kNoteSignaturesMax)
    return fail(ErrorCode::exhausted, "note-signatures");
  std::string text = parsed.to_text();
  if (text.size() > kNoteBytesMax) return fail(ErrorCode::exhausted, "note-too-long");
  return text;
}

Result<std::string> open_note(std::string_view note, std::span<const NoteKey> keys) {
  HANGU_TRY(Note parsed, Note::parse(note));
  bool signed_by_known = false;
  for (const NoteSignature& one : parsed.signatures) {
    const auto known = std::ranges::find_if(keys, [&](const NoteKey& key) {
      return key.name() == one.name && key.id() == one.key_id &&
             key.type() != NoteKeyType::cosignature;
    });
    if (known == keys.end()) continue;
    if (!crypto::verify_fixed(known->key(), bytes_of(parsed.text), one.signature)) {
      return fail(ErrorCode::forbidden, "note-signature-invalid", printable(one.name));
    }
    signed_by_known = true;
  }
  if (!signed_by_known) return fail(ErrorCode::forbidden, "note-unsigned");
  return std::move(parsed.text);
}

}  // namespace hangu::audit
