#pragma once
// libsodium, started once.

namespace hangu::crypto::sodium {

/// Starts libsodium (chooses implementations for this processor); ends the process on failure.
void start();

}  // namespace hangu::crypto::sodium
