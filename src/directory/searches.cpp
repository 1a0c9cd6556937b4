#include "directory/searches.hpp"

#include <algorithm>

#include "directory/sync_search.hpp"
#include "os/clock.hpp"

namespace hangu::directory {
namespace {

constexpr const char* kContext = "contextCSN";
constexpr const char* kContextKey = "contextcsn";
constexpr const char* kUuid = "entryUUID";
constexpr const char* kUuidKey = "entryuuid";

/// Names as libldap takes them; it does not write to them.
template <std::size_t N>
std::array<char*, N + 1> names_of(const std::array<const char*, N>& names) {
  std::array<char*, N + 1> out{};
  std::ranges::transform(names, out.begin(),
                         [](const char* name) { return const_cast<char*>(name); });
  return out;
}

struct FreeDn {
  void operator()(LDAPRDN* dn) const { ldap_dnfree(dn); }
};

/// `dn` and the names above it, nearest first.
std::vector<std::string> lineage_of(const std::string& dn) {
  LDAPDN parsed = nullptr;
  std::vector<std::string> out;
  if (ldap_str2dn(dn.c_str(), &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) return out;
  const std::unique_ptr<LDAPRDN, FreeDn> owner(parsed);
  for (LDAPDN rest = parsed; rest != nullptr && *rest != nullptr; ++rest) {
    char* text = nullptr;
    if (ldap_dn2str(rest, &text, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS) out.emplace_back(text);
    ldap_memfree(text);
  }
  return out;
}

/// One page: entries to `take`; the cookie of the next, empty at the end.
Result<std::string> load_page(const Connection& connection, const std::string& base,
                              const std::string& cookie,
                              const std::function<Done(const RawEntry&)>& take) {
  berval place{cookie.size(), const_cast<char*>(cookie.data())};
  LDAPControl* page = nullptr;
  int code = ldap_create_page_control(connection.handle(), kPageEntries, &place, 1, &page);
  if (code != LDAP_SUCCESS) return connection.failed(code, "directory-unavailable");
  std::array<LDAPControl*, 2> controls{page, nullptr};
  std::array<const char*, kAttributes.size() + 1> wanted{};
  std::ranges::copy(kAttributes, wanted.begin());
  wanted.back() = kUuid;
  auto names = names_of(wanted);
  int id = 0;
  code = ldap_search_ext(connection.handle(), base.c_str(), LDAP_SCOPE_SUBTREE, kFilter,
                         names.data(), 0, controls.data(), nullptr, nullptr, LDAP_NO_LIMIT, &id);
  ldap_control_free(page);
  if (code != LDAP_SUCCESS) return connection.failed(code, "directory-unavailable");
  while (true) {  // ends: with the result, or when the server is silent
    HANGU_TRY(const MessagePointer message, connection.next(kSilenceMax));
    if (!message) return fail(ErrorCode::unavailable, "directory-slow");
    if (ldap_msgid(message.get()) != id) continue;
    if (ldap_msgtype(message.get()) == LDAP_RES_SEARCH_REFERENCE)
      return fail(ErrorCode::forbidden, "directory-referral");
    if (ldap_msgtype(message.get()) == LDAP_RES_SEARCH_ENTRY) {
      HANGU_TRY(RawEntry entry, read_entry(connection, message.get()));
      auto uuid = entry.values.extract(kUuidKey);
      if (!uuid || uuid.mapped().size() != 1)
        return fail(ErrorCode::malformed, "entry-uuid-invalid", "none");
      HANGU_TRY(entry.id, parse_entry_id(uuid.mapped().front()));
      HANGU_CHECK(take(entry));
      continue;
    }
    HANGU_TRY(const OperationEnd end, read_end(connection, message.get()));
    if (end.code == LDAP_REFERRAL) return fail(ErrorCode::forbidden, "directory-referral");
    if (end.code != LDAP_SUCCESS)
      return fail(ErrorCode::unavailable, "directory-partial",
                  std::string(ldap_err2string(end.code)) + " " + end.text);
    for (const auto& [oid, value] : end.controls) {
      if (oid != LDAP_CONTROL_PAGEDRESULTS) continue;
      std::string name = oid;
      LDAPControl control{name.data(), {value.size(), const_cast<char*>(value.data())}, 0};
      ber_int_t estimate = 0;
      berval next{};
      if (ldap_parse_pageresponse_control(connection.handle(), &control, &estimate, &next) !=
          LDAP_SUCCESS)
        break;
      std::string out = next.bv_val == nullptr ? "" : std::string(next.bv_val, next.bv_len);
      ldap_memfree(next.bv_val);
      return out;
    }
    return fail(ErrorCode::unavailable, "directory-partial", "no page cookie");
  }
}

}  // namespace

Result<int> ask_context(const Connection& connection, const std::string& context) {
  auto names = names_of(std::array{kContext});
  int id = 0;
  const int code =
      ldap_search_ext(connection.handle(), context.c_str(), LDAP_SCOPE_BASE, "(objectClass=*)",
                      names.data(), 0, nullptr, nullptr, nullptr, LDAP_NO_LIMIT, &id);
  if (code != LDAP_SUCCESS) return connection.failed(code, "directory-unavailable");
  return id;
}

std::vector<std::string> read_context(const Connection& connection, LDAPMessage* message) {
  const Result<RawEntry> entry = read_entry(connection, message);
  if (!entry) return {};
  const auto found = entry->values.find(kContextKey);
  return found == entry->values.end() ? std::vector<std::string>() : found->second;
}

Result<std::string> find_context(const Connection& connection, const std::string& base) {
  for (const std::string& dn : lineage_of(base)) {
    HANGU_TRY(const int id, ask_context(connection, dn));
    bool found = false;
    for (bool more = true; more;) {  // ends: with the result, or when the server is silent
      HANGU_TRY(const MessagePointer message, connection.next(kSilenceMax));
      if (!message) return fail(ErrorCode::unavailable, "directory-slow");
      if (ldap_msgid(message.get()) != id) continue;
      const int kind = ldap_msgtype(message.get());
      if (kind == LDAP_RES_SEARCH_ENTRY) found = !read_context(connection, message.get()).empty();
      more = kind != LDAP_RES_SEARCH_RESULT;
    }
    if (found) return dn;
  }
  return fail(ErrorCode::unavailable, "directory-no-context", base);
}

Done load_pages(const Connection& connection, const std::string& base,
                const std::function<Done(const RawEntry&)>& take) {
  const milliseconds until = os::monotonic_now() + kLoadTime;
  std::string cookie;
  do {  // ends by `until`
    HANGU_TRY(cookie, load_page(connection, base, cookie, take));
    if (os::monotonic_now() > until) return fail(ErrorCode::unavailable, "directory-slow");
  } while (!cookie.empty());
  return {};
}

}  // namespace hangu::directory
