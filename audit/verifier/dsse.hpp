#pragma once
// DSSE envelopes (secure-systems-lab/dsse v1), as statements and orders are in.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hangu_verify {

inline constexpr std::size_t kSignaturesMax = 16;

struct Envelope {
  std::string type;
  std::string payload;
  std::vector<std::string> signatures;  ///< at least one

  /// "DSSEv1" SP length SP type SP length SP payload: what is signed.
  [[nodiscard]] std::string signed_text() const;
};
/// Nothing when it is none.
[[nodiscard]] std::optional<Envelope> read_envelope(std::string_view json);

}  // namespace hangu_verify
