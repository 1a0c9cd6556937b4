#include "cli/pem_keys.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "crypto/certificate.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kPemBytesMax = 64 * 1024;
constexpr unsigned kDocumentMode = 0644;

}  // namespace

Result<PersonalKey> load_signing_key(std::string_view option, const std::string& path) {
  if (path_exists(path + "/person.key")) {
    HANGU_TRY(Signer person, load_person(path));
    return PersonalKey{std::move(person.key), person.certificate.pem()};
  }
  HANGU_TRY(Bytes pem, os::read_file(path, kPemBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(pem);
  crypto::wipe(pem);
  if (!key) return std::unexpected(usage_error(option, key.error()));
  return PersonalKey{*std::move(key), {}};
}

Result<crypto::VerifyKey> load_verify_key(std::string_view option, const std::string& path) {
  const std::string file = path_exists(path + "/person.crt") ? path + "/person.crt" : path;
  HANGU_TRY(const std::string pem, read_text(file, kPemBytesMax));
  HANGU_TRY(const crypto::Certificate certificate,
            from_option(option, crypto::Certificate::parse_pem(pem)));
  if (certificate.verify_key() == nullptr)
    return usage(option, printable(file) + " holds no key that signs");
  return *certificate.verify_key();
}

Done add_signature(flow::Envelope& envelope, const PersonalKey& signer, const std::string& path) {
  if (envelope.signed_by(signer.key.verify_key()))
    return fail(ErrorCode::forbidden, "document-signed-already", printable(path));
  HANGU_TRY(flow::Envelope mine,
            flow::Envelope::sign(envelope.payload_type, envelope.payload, signer.key));
  envelope.signatures.push_back(std::move(mine.signatures.front()));
  const std::string text = envelope.to_text();
  HANGU_CHECK(flow::Envelope::parse(text));
  return os::write_file_durably(path, bytes_of(text), kDocumentMode);
}

OptionSpec signer_option() {
  return {"--key", "FILE", both("签署人的私钥文件或文件夹", "the signer's private key, or folder"),
          OptionKind::value, true};
}

}  // namespace hangu::cli
