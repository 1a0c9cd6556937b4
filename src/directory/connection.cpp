#include "directory/connection.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <openldap.h>

#include "base/text.hpp"
#include "net/socket.hpp"

namespace hangu::directory {
namespace {

constexpr const char* kTlsVersions = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

timeval time_of(milliseconds time) { return {time.count() / 1000, (time.count() % 1000) * 1000}; }

std::string text_of(const berval& value) {
  return value.bv_val == nullptr ? std::string() : std::string(value.bv_val, value.bv_len);
}

/// A blocking socket on which no call waits longer than kConnectTime, and which the system gives up
/// when the other side's machine is silent.
Done bound_in_time(os::FdView socket) {
  const int flags = ::fcntl(socket.get(), F_GETFL);
  const timeval limit = time_of(kConnectTime);
  const unsigned silence = kSilenceMax.count();
  const int yes = 1;
  const bool done =
      flags >= 0 && ::fcntl(socket.get(), F_SETFL, flags & ~O_NONBLOCK) == 0 &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes) == 0 &&
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence) == 0;
  if (!done) return fail(ErrorCode::internal, "socket-failed", "options", errno);
  return {};
}

bool set(LDAP* ld, int option, const void* value) {
  return ldap_set_option(ld, option, value) == LDAP_OPT_SUCCESS;
}
bool set_number(LDAP* ld, int option, int value) { return set(ld, option, &value); }

Done set_options(LDAP* ld, const ServerPlan& plan) {
  const timeval limit = time_of(kConnectTime);
  bool good = set_number(ld, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3) &&
              set(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) &&
              set(ld, LDAP_OPT_NETWORK_TIMEOUT, &limit) && set(ld, LDAP_OPT_TIMEOUT, &limit) &&
              set_number(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND) &&
              set(ld, LDAP_OPT_X_TLS_CIPHER_SUITE, kTlsVersions) &&
              set(ld, LDAP_OPT_X_TLS_CACERTFILE, plan.authority_file.c_str()) &&
              set(ld, LDAP_OPT_X_TLS_CERTFILE, plan.certificate_file.c_str()) &&
              set(ld, LDAP_OPT_X_TLS_KEYFILE, plan.key_file.c_str());
  if (!plan.crl_file.empty()) good = good && set(ld, LDAP_OPT_X_TLS_CRLFILE, plan.crl_file.c_str());
  Sockbuf* sockbuf = nullptr;
  ber_len_t most = kMessageBytesMax;
  good = good &&
         ldap_get_option(ld, LDAP_OPT_SOCKBUF, static_cast<void*>(&sockbuf)) == LDAP_OPT_SUCCESS &&
         sockbuf != nullptr && ber_sockbuf_ctrl(sockbuf, LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1;
  // Last: what is set after the context is made would not count.
  if (!good || !set_number(ld, LDAP_OPT_X_TLS_NEWCTX, 0))
    return fail(ErrorCode::unavailable, "directory-tls", "options, certificate, key or CRL");
  return {};
}

}  // namespace

void UnbindLdap::operator()(LDAP* ld) const { ldap_unbind_ext_s(ld, nullptr, nullptr); }
void FreeMessage::operator()(LDAPMessage* message) const { ldap_msgfree(message); }

Done prepare_library() {
  LDAPAPIInfo api{};
  api.ldapai_info_version = LDAP_API_INFO_VERSION;
  // libldap writes to sockets that the other side has closed.
  if (::signal(SIGPIPE, SIG_IGN) == SIG_ERR || ::setenv("LDAPNOINIT", "1", 1) != 0 ||
      ldap_get_option(nullptr, LDAP_OPT_API_INFO, &api) != LDAP_OPT_SUCCESS)
    return fail(ErrorCode::internal, "directory-library");
  ldap_memfree(api.ldapai_vendor_name);
  for (char** one = api.ldapai_extensions; one != nullptr && *one != nullptr; ++one)
    ldap_memfree(*one);
  ldap_memfree(static_cast<void*>(api.ldapai_extensions));
  return {};
}

std::unexpected<Error> Connection::failed(int code, std::string_view reason) const {
  char* words = nullptr;
  (void)ldap_get_option(ld_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, static_cast<void*>(&words));
  std::string context = ldap_err2string(code);
  if (words != nullptr && *words != '\0') context += ": " + printable(words);
  ldap_memfree(words);
  return fail(ErrorCode::unavailable, reason, std::move(context));
}

Result<Connection> Connection::open(const ServerPlan& plan) {
  HANGU_TRY(os::UniqueFd socket, net::connect_tcp(plan.address, plan.port, kConnectTime));
  HANGU_CHECK(bound_in_time(socket.view()));
  const std::string url = std::string(plan.start_tls ? "ldap" : "ldaps") + "://" +
                          plan.server_name + ":" + std::to_string(plan.port);
  LDAP* ld = nullptr;
  const int code = ldap_init_fd(socket.get(), LDAP_PROTO_TCP, url.c_str(), &ld);
  if (code != LDAP_SUCCESS)
    return fail(ErrorCode::internal, "directory-library", ldap_err2string(code));
  (void)socket.release();  // libldap closes it
  Connection out(ld);
  HANGU_CHECK(out.secure(plan));
  HANGU_CHECK(out.bind());
  return out;
}

Done Connection::secure(const ServerPlan& plan) {
  HANGU_CHECK(set_options(ld_.get(), plan));
  const int code =
      plan.start_tls ? ldap_start_tls_s(ld_.get(), nullptr, nullptr) : ldap_install_tls(ld_.get());
  if (code != LDAP_SUCCESS) return failed(code, "directory-tls");
  return {};
}

Done Connection::bind() {
  std::string empty;  // an initial response that names nobody; none at all asks for a second turn
  berval response{0, empty.data()};
  berval* answer = nullptr;
  const int code =
      ldap_sasl_bind_s(ld_.get(), nullptr, "EXTERNAL", &response, nullptr, nullptr, &answer);
  ber_bvfree(answer);
  if (code == LDAP_SERVER_DOWN || code == LDAP_TIMEOUT)
    return failed(code, "directory-unavailable");
  if (code != LDAP_SUCCESS)
    return fail(ErrorCode::forbidden, "directory-bind", ldap_err2string(code));
  berval* name = nullptr;
  const int asked = ldap_whoami_s(ld_.get(), &name, nullptr, nullptr);
  if (name != nullptr) who_ = text_of(*name);
  ber_bvfree(name);
  if (asked != LDAP_SUCCESS) return failed(asked, "directory-unavailable");
  if (who_.empty()) return fail(ErrorCode::forbidden, "directory-bind", "bound as nobody");
  return {};
}

Result<MessagePointer> Connection::next(milliseconds timeout) const {
  timeval limit = time_of(timeout);
  LDAPMessage* message = nullptr;
  const int kind = ldap_result(ld_.get(), LDAP_RES_ANY, LDAP_MSG_ONE, &limit, &message);
  MessagePointer out(message);
  if (kind >= 0) return out;
  int code = LDAP_SERVER_DOWN;
  (void)ldap_get_option(ld_.get(), LDAP_OPT_RESULT_CODE, &code);
  return failed(code, "directory-unavailable");
}

Result<OperationEnd> read_end(const Connection& connection, LDAPMessage* message) {
  OperationEnd out;
  char* words = nullptr;
  LDAPControl** controls = nullptr;
  const int code = ldap_parse_result(connection.handle(), message, &out.code, nullptr, &words,
                                     nullptr, &controls, 0);
  if (words != nullptr) out.text = printable(words);
  ldap_memfree(words);
  for (LDAPControl** one = controls; one != nullptr && *one != nullptr; ++one)
    out.controls.emplace_back((*one)->ldctl_oid, text_of((*one)->ldctl_value));
  ldap_controls_free(controls);
  if (code != LDAP_SUCCESS) return connection.failed(code, "directory-unavailable");
  return out;
}

Result<RawEntry> read_entry(const Connection& connection, LDAPMessage* message) {
  const auto too_large = [] { return fail(ErrorCode::exhausted, "directory-entry-too-large"); };
  RawEntry out;
  BerElement* place = nullptr;
  std::optional<std::unexpected<Error>> wrong;
  for (char* name = ldap_first_attribute(connection.handle(), message, &place); name != nullptr;
       name = ldap_next_attribute(connection.handle(), message, place)) {
    std::string key(name);
    std::ranges::transform(key, key.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    berval** values = ldap_get_values_len(connection.handle(), message, name);
    ldap_memfree(name);
    std::vector<std::string>& list = out.values[key];
    for (berval** one = values; one != nullptr && *one != nullptr && !wrong; ++one) {
      if (list.size() == kValuesMax || (*one)->bv_len > kValueBytesMax) wrong = too_large();
      if (!wrong) list.push_back(text_of(**one));
    }
    ldap_value_free_len(values);
    if (out.values.size() > kAttributesMax) wrong = too_large();
    if (wrong) break;
  }
  ber_free(place, 0);
  if (wrong) return *std::move(wrong);
  return out;
}

std::uint64_t bytes_of(const RawEntry& entry) {
  std::uint64_t bytes = 0;
  for (const auto& [name, values] : entry.values)
    for (const std::string& value : values) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace hangu::directory
