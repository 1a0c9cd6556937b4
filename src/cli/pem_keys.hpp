#pragma once
// PEM keys: whose key signs, or signed, as the command line takes it: a person's folder or a file.

#include <string>

#include "cli/command.hpp"
#include "crypto/signature.hpp"
#include "flow/envelope.hpp"

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

/// Adds one's signature to an envelope that others have signed, and writes it to its file.
/// Errors: Forbidden "document-signed-already"; Malformed "envelope-invalid" (it has as many
/// signatures as there may be); those of files.
[[nodiscard]] Done add_signature(flow::Envelope& envelope, const PersonalKey& signer,
                                 const std::string& path);

/// --key FILE, of who signs; required.
[[nodiscard]] OptionSpec signer_option();

}  // namespace hangu::cli
