#include "cli/pem_keys.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/identity.hpp"
#include "crypto/certificate.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kPemBytesMax = 64 * 1024;

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

}  // namespace hangu::cli
