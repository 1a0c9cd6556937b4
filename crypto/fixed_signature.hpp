#pragma once
// Signatures of a fixed length, where DER would leave a choice of spelling: in signed notes.

#include "crypto/signature.hpp"

namespace hangu::crypto {

/// 64 bytes: Ed25519's own form, or SM2's r ‖ s (GB/T 32918.2). The key is one of these.
/// Errors: Internal "sign-failed".
[[nodiscard]] Result<Bytes> sign_fixed(const SigningKey& key, ByteView message);
/// A signature of another length or form is just not valid.
[[nodiscard]] bool verify_fixed(const VerifyKey& key, ByteView message, ByteView signature);

}  // namespace hangu::crypto
