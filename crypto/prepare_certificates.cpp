#include "crypto/certificate.hpp"
#include "crypto/prepare.hpp"

namespace hangu::crypto {
namespace {

/// Also prepares the C library's time zone, which it reads when it first breaks a time down.
void use_certificates(Suite suite, Entropy& entropy) {
  const WallTime time(std::chrono::days(20'000));
  const auto authority = Authority::create(suite, "prepare", time, 1, entropy);
  HANGU_ASSERT(authority);
  const auto anchors = TrustAnchors::parse_pem(authority->certificate().pem());
  HANGU_ASSERT(anchors &&
               anchors->check(authority->certificate().pem(), HolderKind::authority, time));
}

}  // namespace

void prepare_certificates() {
  SystemEntropy entropy;
  for (const Suite suite : {Suite::intl, Suite::gm}) use_certificates(suite, entropy);
}

}  // namespace hangu::crypto
