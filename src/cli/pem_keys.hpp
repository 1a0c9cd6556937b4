#pragma once
// PEM keys: whose key signs, or signed, as the command line takes it: a person's folder or a file.

#include <string>

#include "crypto/signature.hpp"

namespace hangu::cli {

struct PersonalKey {
  crypto::SigningKey key;
  std::string certificate;  ///< PEM; empty when a key's file was named
};

/// A person's folder, or a private key's file. Errors, naming `option`: Malformed "usage-value" (no
/// key that signs); those of identity.hpp and of files.
[[nodiscard]] Result<PersonalKey> load_signing_key(std::string_view option,
                                                   const std::string& path);
/// The key in a certificate's file, or in a person's folder. The same errors.
[[nodiscard]] Result<crypto::VerifyKey> load_verify_key(std::string_view option,
                                                        const std::string& path);

}  // namespace hangu::cli
