// TrustAnchors: which certificates count.

#include <array>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/text.hpp"
#include "crypto/openssl/x509.hpp"

namespace hangu::crypto {
namespace {

using Store = openssl::Owned<X509_STORE, X509_STORE_free>;
using StoreContext = openssl::Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

constexpr std::size_t kAnchorsMax = 16;
constexpr std::string_view kBlockEnd = "-----END CERTIFICATE-----";

std::unexpected<Error> forbidden(std::string_view reason, std::string context) {
  return fail(ErrorCode::forbidden, reason, std::move(context));
}

/// An anchor is an authority's certificate, signed by itself.
Done check_anchor(X509* anchor, const Certificate& certificate) {
  if (certificate.subject().kind != HolderKind::authority || X509_check_ca(anchor) != 1 ||
      (X509_get_key_usage(anchor) & KU_KEY_CERT_SIGN) == 0)
    return openssl::certificate_invalid("not an authority's certificate");
  if (X509_self_signed(anchor, 1) != 1)
    return openssl::certificate_invalid("an anchor must be signed by itself");
  return {};
}

}  // namespace

struct TrustAnchors::State {
  Store store;
};

Result<TrustAnchors> TrustAnchors::parse_pem(std::string_view pem) {
  openssl::start();
  auto state = std::make_shared<State>();
  state->store.reset(X509_STORE_new());
  HANGU_ASSERT(state->store != nullptr);
  std::string all;
  std::size_t count = 0;
  while (!pem.empty()) {
    const std::size_t end = pem.find(kBlockEnd);
    if (end == std::string_view::npos) return openssl::certificate_invalid("an unfinished block");
    const std::string_view block = pem.substr(0, end + kBlockEnd.size());
    pem.remove_prefix(block.size());
    pem.remove_prefix(std::min(pem.find_first_not_of(" \r\n"), pem.size()));
    if (++count > kAnchorsMax) return openssl::certificate_invalid("too many anchors");

    HANGU_TRY(const auto certificate, Certificate::parse_pem(block));
    HANGU_TRY(const auto anchor, openssl::decode_certificate(block));
    openssl::expect_sm2_identity(anchor.get());
    HANGU_CHECK(check_anchor(anchor.get(), certificate));
    if (X509_STORE_add_cert(state->store.get(), anchor.get()) != 1)
      return openssl::certificate_invalid(openssl::last_error());
    all += certificate.pem();
  }
  if (count == 0) return openssl::certificate_invalid("no certificate");
  ERR_clear_error();
  TrustAnchors anchors(std::move(all));
  anchors.state_ = std::move(state);
  return anchors;
}

Result<Certificate> TrustAnchors::check(std::string_view pem, HolderKind kind, WallTime now) const {
  HANGU_TRY(auto certificate, Certificate::parse_pem(pem));
  HANGU_TRY(const auto leaf, openssl::decode_certificate(pem));
  openssl::expect_sm2_identity(leaf.get());

  const StoreContext context(X509_STORE_CTX_new());
  HANGU_ASSERT(context &&
               X509_STORE_CTX_init(context.get(), state_->store.get(), leaf.get(), nullptr) == 1);
  // No untrusted certificates are given, so a chain is an anchor and the leaf, or there is none.
  // STRICT: basic constraints and key identifiers as RFC 5280 wants them.
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_depth(parameters, 0);
  X509_VERIFY_PARAM_set_time(parameters,
                             std::chrono::floor<std::chrono::seconds>(now.since_epoch()).count());

  const std::string who = printable(certificate.subject().name, 64);
  const bool trusted = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (!trusted) {
    const std::string why = who + ": " + X509_verify_cert_error_string(error);
    if (error == X509_V_ERR_CERT_HAS_EXPIRED) return forbidden("certificate-expired", why);
    if (error == X509_V_ERR_CERT_NOT_YET_VALID) return forbidden("certificate-not-yet", why);
    return forbidden("certificate-untrusted", why);
  }
  if (certificate.subject().kind != kind)
    return forbidden("certificate-wrong-kind",
                     who + " is a " + std::string(openssl::kind_text(certificate.subject().kind)));
  return certificate;
}

}  // namespace hangu::crypto
