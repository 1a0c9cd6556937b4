#include "net/tls.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/tls_wire.hpp"

namespace hangu::net {
namespace {

constexpr int kChainDepthMax = 4;
constexpr std::size_t kReadBytes = 64 * 1024;    ///< of sealed records, had at once
constexpr std::size_t kGatherBytes = 64 * 1024;  ///< plain, in records that are sent at once
constexpr const char* kSuites =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
constexpr const char* kSuitesBefore13 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kGroups = "X25519:P-256";
constexpr std::array<unsigned char, 9> kAlpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;
using X509Ptr = std::unique_ptr<X509, FreeX509>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

// ---- Contexts ----

std::string openssl_text() {
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) return {};
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "error " + std::to_string(code) : std::string(reason);
}

std::unexpected<Error> bad_credentials(std::string_view what) {
  std::string context(what);
  const std::string why = openssl_text();
  if (!why.empty()) context.append(": ").append(why);
  ERR_clear_error();
  return fail(ErrorCode::malformed, "tls-credentials", std::move(context));
}

BioPtr memory_bio(ByteView bytes) {
  if (bytes.size() > INT_MAX) return nullptr;
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// No passphrase prompt, ever.
int no_passphrase(char*, int, int, void*) { return 0; }

X509Ptr next_certificate(BIO* bio) {
  return X509Ptr(PEM_read_bio_X509(bio, nullptr, no_passphrase, nullptr));
}

Done use_certificate(SSL_CTX* context, const Credentials& credentials) {
  const BioPtr pem = memory_bio(bytes_of(credentials.certificate_pem));
  const X509Ptr leaf = pem ? next_certificate(pem.get()) : nullptr;
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return bad_credentials("own certificate");
  }
  while (const X509Ptr more = next_certificate(pem.get())) {
    if (SSL_CTX_add1_chain_cert(context, more.get()) != 1) return bad_credentials("own chain");
  }
  ERR_clear_error();  // the end of the PEM is an error to OpenSSL
  const BioPtr key_pem = memory_bio(credentials.key_pem);
  const KeyPtr key(key_pem ? PEM_read_bio_PrivateKey(key_pem.get(), nullptr, no_passphrase, nullptr)
                           : nullptr);
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return bad_credentials("private key");
  }
  return {};
}

Done use_anchors(SSL_CTX* context, const Credentials& credentials) {
  const BioPtr pem = memory_bio(bytes_of(credentials.trust_anchors_pem));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  std::size_t anchors = 0;
  while (const X509Ptr anchor = pem ? next_certificate(pem.get()) : nullptr) {
    if (X509_STORE_add_cert(store, anchor.get()) != 1) return bad_credentials("trust anchor");
    ++anchors;
  }
  if (anchors == 0) return bad_credentials("no trust anchor");
  ERR_clear_error();
  return {};
}

int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_length,
                const unsigned char* offered, unsigned int offered_length, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kAlpn.data(), kAlpn.size(), offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool is_address(const std::string& name) {
  std::array<unsigned char, 16> scratch{};
  return ::inet_pton(AF_INET, name.c_str(), scratch.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), scratch.data()) == 1;
}

// ---- Failures ----

Error error_from_queue(const SSL* ssl) {
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  const long verdict = SSL_get_verify_result(ssl);
  std::string text = openssl_text();
  ERR_clear_error();
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      text = X509_verify_cert_error_string(verdict);
      if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        return Error(ErrorCode::forbidden, "tls-wrong-name", std::move(text));
      }
      return Error(ErrorCode::forbidden, "tls-untrusted", std::move(text));
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return Error(ErrorCode::forbidden, "tls-untrusted", "the peer shows no certificate");
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return Error(ErrorCode::forbidden, "tls-refused", std::move(text));
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return Error(ErrorCode::forbidden, "tls-version", std::move(text));
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return Error(ErrorCode::unavailable, "network-cut", "the peer closed without a goodbye");
    default: break;
  }
  return Error(ErrorCode::malformed, "tls-failed", std::move(text));
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
TlsSession::TlsSession(std::unique_ptr<TlsWire> wire, std::unique_ptr<ssl_st, Free> ssl)
    : wire_(std::move(wire)), ssl_(std::move(ssl)) {}
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;
void TlsSession::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

Result<TlsContext> TlsContext::make(const Credentials& credentials, Use use) {
  const bool server = use == Use::server;
  const int least = use == Use::syslog ? TLS1_2_VERSION : TLS1_3_VERSION;
  ERR_clear_error();
  std::unique_ptr<ssl_ctx_st, Free> owned(
      SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* context = owned.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, least) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, kSuites) != 1 ||
      SSL_CTX_set_cipher_list(context, kSuitesBefore13) != 1 ||
      SSL_CTX_set1_groups_list(context, kGroups) != 1) {
    return fail(ErrorCode::internal, "tls-setup", openssl_text());
  }
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadBytes);
  const bool verifies = !server || credentials.asks_clients;
  SSL_CTX_set_verify(context,
                     verifies ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE,
                     nullptr);
  SSL_CTX_set_verify_depth(context, kChainDepthMax);
  if (server || !credentials.certificate_pem.empty()) {
    HANGU_CHECK(use_certificate(context, credentials));
  }
  if (verifies) HANGU_CHECK(use_anchors(context, credentials));
  if (server) {
    SSL_CTX_set_alpn_select_cb(context, choose_alpn, nullptr);
  } else if (use == Use::client &&
             SSL_CTX_set_alpn_protos(context, kAlpn.data(), kAlpn.size()) != 0) {
    return fail(ErrorCode::internal, "tls-setup", openssl_text());
  }
  return TlsContext(std::move(owned));
}

Result<TlsContext> TlsContext::for_server(const Credentials& credentials) {
  return make(credentials, Use::server);
}

Result<TlsContext> TlsContext::for_client(const Credentials& credentials) {
  return make(credentials, Use::client);
}

Result<TlsContext> TlsContext::for_syslog(const Credentials& credentials) {
  return make(credentials, Use::syslog);
}

Result<TlsSession> TlsSession::make(const TlsContext& context, os::FdView socket) {
  auto wire = std::make_unique<TlsWire>(socket);
  if (!context.context_) return TlsSession(std::move(wire), nullptr);
  ERR_clear_error();
  std::unique_ptr<ssl_st, Free> ssl(SSL_new(context.context_.get()));
  BIO* bio = ssl ? wire->new_bio() : nullptr;
  if (bio == nullptr) return fail(ErrorCode::internal, "tls-setup", openssl_text());
  SSL_set_bio(ssl.get(), bio, bio);
  return TlsSession(std::move(wire), std::move(ssl));
}

Result<TlsSession> TlsSession::accept(const TlsContext& context, os::FdView socket) {
  HANGU_TRY(auto session, make(context, socket));
  if (session.ssl_) SSL_set_accept_state(session.ssl_.get());
  return session;
}

Result<TlsSession> TlsSession::connect(const TlsContext& context, os::FdView socket,
                                       const std::string& server_name) {
  HANGU_TRY(auto session, make(context, socket));
  SSL* ssl = session.ssl_.get();
  if (ssl == nullptr) return session;
  SSL_set_connect_state(ssl);
  bool named = false;
  if (is_address(server_name)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name.c_str()) == 1;
  } else if (!server_name.empty()) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // The macro SSL_set_tlsext_host_name casts in C style; this is what it does.
    std::string name = server_name;
    named =
        SSL_set1_host(ssl, server_name.c_str()) == 1 &&
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
  }
  if (!named) return fail(ErrorCode::malformed, "tls-credentials", "no usable server name");
  return session;
}

TlsStep TlsSession::judge(int outcome, std::size_t bytes, bool reading) {
  if (outcome == 1) return {TlsState::done, bytes};
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ: return {TlsState::want_read, 0};
    case SSL_ERROR_WANT_WRITE: return {TlsState::want_write, 0};
    case SSL_ERROR_ZERO_RETURN: return {TlsState::closed, 0};
    case SSL_ERROR_SYSCALL: return cut(system_error, reading);
    default: break;
  }
  failure_ = error_from_queue(ssl_.get());
  may_read_ = false;
  return {TlsState::failed, 0};
}

TlsStep TlsSession::cut(int system_error, bool reading) {
  ERR_clear_error();
  failure_ = Error(ErrorCode::unavailable, "network-cut", {}, system_error);
  may_read_ = !reading;
  return {TlsState::failed, 0};
}

/// What send() or recv() came to.
TlsStep TlsSession::judge_plain(long outcome, bool reading) {
  if (outcome > 0) return {TlsState::done, static_cast<std::size_t>(outcome)};
  if (outcome == 0 && reading) return {TlsState::closed, 0};
  if (outcome < 0 && is_passing(errno)) {
    return {reading ? TlsState::want_read : TlsState::want_write, 0};
  }
  return cut(errno, reading);
}

TlsStep TlsSession::handshake() {
  if (failure_) return {TlsState::failed, 0};
  if (!ssl_) return {TlsState::done, 0};
  ERR_clear_error();
  errno = 0;
  return judge(SSL_do_handshake(ssl_.get()), 0, true);
}

TlsStep TlsSession::read(MutableByteView out) {
  if (failure_ && !may_read_) return {TlsState::failed, 0};
  if (!ssl_) return judge_plain(::recv(wire_->socket(), out.data(), out.size(), 0), true);
  ERR_clear_error();
  errno = 0;
  std::size_t moved = 0;
  const int outcome = SSL_read_ex(ssl_.get(), out.data(), out.size(), &moved);
  return judge(outcome, moved, true);
}

TlsStep TlsSession::write(ByteView bytes) {
  if (failure_) return {TlsState::failed, 0};
  if (!ssl_)
    return judge_plain(::send(wire_->socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL), false);
  ERR_clear_error();
  errno = 0;
  if (records_.empty()) {
    const TlsStep step = gather(bytes.first(std::min(bytes.size(), kGatherBytes)));
    if (step.state != TlsState::done) return step;
  }
  if (!wire_->send()) return cut(errno, false);
  // What is told is whole records: their bytes alone are not in `bytes` the next time.
  std::size_t told = 0;
  std::size_t unsent = wire_->waiting();
  std::size_t kept = records_.size();
  while (kept > 0 && unsent > 0) {
    unsent -= std::min(unsent, records_[kept - 1].sealed);
    --kept;
  }
  for (std::size_t i = 0; i < kept; ++i) told += records_[i].plain;
  records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(kept));
  return told > 0 ? TlsStep{TlsState::done, told} : TlsStep{TlsState::want_write, 0};
}

/// Seals `bytes` into records that wait to be sent together.
TlsStep TlsSession::gather(ByteView bytes) {
  wire_->gather();
  while (!bytes.empty()) {
    const std::size_t before = wire_->waiting();
    std::size_t moved = 0;
    const int outcome = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &moved);
    if (outcome != 1) {  // shows again when there is no record before it
      const TlsStep step = records_.empty() ? judge(outcome, 0, false) : TlsStep{TlsState::done};
      if (records_.empty()) (void)wire_->send();
      return step;
    }
    records_.push_back({moved, wire_->waiting() - before});
    bytes = bytes.subspan(moved);
  }
  return {TlsState::done, 0};
}

void TlsSession::close() {
  if (failure_ || !ssl_ || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  if (SSL_shutdown(ssl_.get()) < 0) ERR_clear_error();
}

std::string TlsSession::peer_pem() const {
  if (!ssl_) return {};
  const X509* leaf = SSL_get0_peer_certificate(ssl_.get());
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (leaf == nullptr || !out || PEM_write_bio_X509(out.get(), leaf) != 1) return {};
  const char* start = nullptr;
  // BIO_get_mem_data without its C-style cast.
  const long length = BIO_ctrl(out.get(), BIO_CTRL_INFO, 0, static_cast<void*>(&start));
  return length > 0 ? std::string(start, static_cast<std::size_t>(length)) : std::string();
}

std::string TlsSession::peer_fingerprint() const {
  if (!ssl_) return {};
  const X509* leaf = SSL_get0_peer_certificate(ssl_.get());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (leaf == nullptr || X509_digest(leaf, EVP_sha256(), digest.data(), &length) != 1) return {};
  return to_hex(std::as_bytes(std::span(digest).first(length)));
}

Error TlsSession::failure() const {
  return failure_ ? *failure_ : Error(ErrorCode::internal, "tls-failed", "no failure recorded");
}

}  // namespace hangu::net
