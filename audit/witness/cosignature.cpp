#include "audit/witness/cosignature.hpp"

#include "audit/limits.hpp"
#include "base/text.hpp"
#include "crypto/fixed_signature.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kCosignatureBytes = kTimeBytes + 64;

Bytes message_of(std::string_view text, std::uint64_t time) {
  return hangu::to_bytes("cosignature/v1\ntime " + std::to_string(time) + "\n" + std::string(text));
}

std::unexpected<Error> invalid(const NoteSignature& line, const char* why) {
  return fail(ErrorCode::forbidden, "cosignature-invalid", printable(line.name) + ": " + why);
}

}  // namespace

Result<Cosigner> Cosigner::create(std::string name, crypto::SigningKey secret) {
  HANGU_TRY(NoteKey key,
            NoteKey::create(std::move(name), secret.verify_key(), NoteKeyType::cosignature));
  return Cosigner(std::move(key), std::move(secret));
}

Result<NoteSignature> Cosigner::cosign(std::string_view text, std::chrono::seconds time) const {
  HANGU_ASSERT(time.count() >= 0 && !text.empty() && text.back() == '\n');
  const auto seconds = static_cast<std::uint64_t>(time.count());
  HANGU_TRY(const Bytes signature, crypto::sign_fixed(secret_, message_of(text, seconds)));
  NoteSignature line{.name = key_.name(), .key_id = key_.id(), .signature = Bytes(kTimeBytes)};
  store_u64(line.signature, seconds);
  append(line.signature, signature);
  return line;
}

Result<std::chrono::seconds> verify_cosignature(const NoteKey& witness, std::string_view text,
                                                const NoteSignature& line) {
  if (witness.type() != NoteKeyType::cosignature || !claims_to_be_of(line, witness)) {
    return invalid(line, "another signer's");
  }
  if (line.signature.size() != kCosignatureBytes) return invalid(line, "length");
  const std::uint64_t time = load_u64(line.signature);
  if (time > kCosignatureTimeMax) return invalid(line, "time");
  if (!crypto::verify_fixed(witness.key(), message_of(text, time),
                            ByteView(line.signature).subspan(kTimeBytes))) {
    return invalid(line, "signature");
  }
  return std::chrono::seconds(static_cast<std::int64_t>(time));
}

}  // namespace hangu::audit
