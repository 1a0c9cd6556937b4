#include "crypto/revocation.hpp"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/openssl/x509.hpp"

namespace hangu::crypto {
namespace {

using List = openssl::Owned<X509_CRL, X509_CRL_free>;

auto invalid(const char* why) { return fail(ErrorCode::malformed, "crl-invalid", why); }

Result<WallTime> end_of(const X509_CRL* list) {
  const ASN1_TIME* end = X509_CRL_get0_nextUpdate(list);
  const auto time = end != nullptr ? openssl::time_of(end) : Result<WallTime>(invalid("none"));
  if (!time) return invalid("nextUpdate");
  return *time;
}

}  // namespace

Result<WallTime> next_update(std::string_view pem) {
  const openssl::Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::optional<WallTime> first;
  for (std::size_t i = 0; memory != nullptr && i <= kRevocationListsMax; ++i) {
    const List list(PEM_read_bio_X509_CRL(memory.get(), nullptr, nullptr, nullptr));
    if (list == nullptr) break;
    if (i == kRevocationListsMax) return invalid("too many");
    HANGU_TRY(const WallTime end, end_of(list.get()));
    first = first ? std::min(*first, end) : end;
  }
  ERR_clear_error();  // that there is no further list
  if (!first) return invalid("no list");
  return *first;
}

}  // namespace hangu::crypto
