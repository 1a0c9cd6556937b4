// PEM blocks, read strictly.

#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/openssl/x509.hpp"

namespace hangu::crypto::openssl {
namespace {

/// A certificate with every list filled stays far below.
constexpr std::size_t kPemBytesMax = std::size_t{64} << 10;

/// What PEM_read_bio allocates; wiped when freed, since the block may be a private key.
struct Block {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* content = nullptr;
  long length = 0;

  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(content, static_cast<std::size_t>(length));
  }
};

bool only_white_space(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
}

}  // namespace

std::optional<SecretBytes> decode_pem(std::string_view pem, std::string_view label) {
  start();
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  const std::size_t end_at = pem.find(end);
  if (pem.size() > kPemBytesMax || !pem.starts_with(begin) || end_at == std::string_view::npos ||
      !only_white_space(pem.substr(end_at + end.size())))
    return std::nullopt;
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Block block;
  if (!memory ||
      PEM_read_bio(memory.get(), &block.name, &block.header, &block.content, &block.length) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  // A header would be "Proc-Type: 4,ENCRYPTED".
  if (block.name != label || std::string_view(block.header) != "") return std::nullopt;
  return SecretBytes::take(
      std::as_writable_bytes(std::span(block.content, static_cast<std::size_t>(block.length))));
}

Result<X509Certificate> decode_certificate(std::string_view pem) {
  const auto der = decode_pem(pem, PEM_STRING_X509);
  if (!der) return certificate_invalid("not one PEM certificate");
  const ByteView bytes = der->reveal(SecretAccess::for_storing());
  const unsigned char* at = octets(bytes);
  X509Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
  if (!certificate) return certificate_invalid(last_error());
  if (at != octets(bytes) + bytes.size()) return certificate_invalid("bytes after the DER");
  return certificate;
}

Result<std::string> encode_certificate(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1)
    return fail(ErrorCode::internal, "certificate-encode-failed", last_error());
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<std::size_t>(length));
}

}  // namespace hangu::crypto::openssl
