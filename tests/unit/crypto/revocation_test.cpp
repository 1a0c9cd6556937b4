#include "crypto/revocation.hpp"

#include <catch2/catch.hpp>

using namespace hangu;

namespace {

// Made by `openssl ca -gencrl`, which also says when they end.
constexpr std::string_view kUntil2030 =
    "-----BEGIN X509 CRL-----\n"
    "MIGlME4CAQEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEdGVzdBcNMjYwMTAxMDAw\n"
    "MDAwWhcNMzAwNjE1MTIwMDMwWqAOMAwwCgYDVR0UBAMCAQEwCgYIKoZIzj0EAwID\n"
    "RwAwRAIgE6aP8hqMSoFscXuy9dE3Ve20DZpLxqgWs0399WHNNdMCICgempb+dNf9\n"
    "ZFI2bFQ6Es0gSc9eqITSIb6lEV4jrVaq\n"
    "-----END X509 CRL-----\n";
constexpr std::string_view kUntil2029 =
    "-----BEGIN X509 CRL-----\n"
    "MIGlME4CAQEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEdGVzdBcNMjYwMTAxMDAw\n"
    "MDAwWhcNMjkwNjE1MTIwMDMwWqAOMAwwCgYDVR0UBAMCAQIwCgYIKoZIzj0EAwID\n"
    "RwAwRAIgIIzNqcJkcBekZNI24h6JZUFXQBI34i/9r1kJCsgErBICIC5nbnXW4o6C\n"
    "D9cd3bkH7v3wsI0c9jk4qP1PxZHfXPa8\n"
    "-----END X509 CRL-----\n";

std::string end_of(std::string_view pem) {
  const auto end = crypto::next_update(pem);
  return end ? end->to_text() : std::string(end.error().reason());
}

}  // namespace

TEST_CASE("a file of revocation lists ends with the first of them", "[crypto]") {
  CHECK(end_of(kUntil2030) == "2030-06-15T12:00:30.000Z");
  CHECK(end_of(std::string(kUntil2030) + std::string(kUntil2029)) == "2029-06-15T12:00:30.000Z");
  CHECK(end_of(std::string(kUntil2029) + std::string(kUntil2030)) == "2029-06-15T12:00:30.000Z");
}

TEST_CASE("what holds no revocation list, or more than we read, is refused", "[crypto]") {
  CHECK(end_of("") == "crl-invalid");
  CHECK(end_of("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n") == "crl-invalid");
  std::string many;
  for (std::size_t i = 0; i < crypto::kRevocationListsMax; ++i) many += kUntil2030;
  CHECK(end_of(many) == "2030-06-15T12:00:30.000Z");
  CHECK(end_of(many + std::string(kUntil2030)) == "crl-invalid");
}
