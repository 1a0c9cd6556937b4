#include "directory/sync_search.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/directory_answer.hpp"

namespace hangu::directory {
namespace {

constexpr std::size_t kIdsMax = 100'000;  ///< of one message, which is bounded in bytes too

std::unexpected<Error> invalid(const char* what) {
  return fail(ErrorCode::malformed, "directory-sync-invalid", what);
}

struct FreeBer {
  void operator()(BerElement* ber) const { ber_free(ber, 1); }
};
using BerPointer = std::unique_ptr<BerElement, FreeBer>;

Result<EntryId> id_of(const berval& value) {
  EntryId out{};
  if (value.bv_len != out.size()) return invalid("entryUUID");
  std::ranges::copy(hangu::bytes_of(std::string_view(value.bv_val, value.bv_len)), out.begin());
  return out;
}

/// An optional cookie at this place.
Done take_cookie(BerElement* ber, std::string& into) {
  ber_len_t length = 0;
  if (ber_peek_tag(ber, &length) != LDAP_TAG_SYNC_COOKIE) return {};
  berval cookie{};
  if (ber_scanf(ber, "m", &cookie) == LBER_ERROR) return invalid("cookie");
  if (cookie.bv_len > policy::kCookieBytesMax) return invalid("cookie too long");
  into.assign(cookie.bv_val, cookie.bv_len);
  if (!is_printable(into, policy::kCookieBytesMax)) return invalid("cookie");
  return {};
}

/// An optional boolean at this place.
Done take_flag(BerElement* ber, ber_tag_t tag, bool& into) {
  ber_len_t length = 0;
  if (ber_peek_tag(ber, &length) != tag) return {};
  ber_int_t value = 0;
  if (ber_scanf(ber, "b", &value) == LBER_ERROR) return invalid("boolean");
  into = value != 0;
  return {};
}

/// The value of the control of this OID beside an entry.
Result<std::string> control_of(const Connection& connection, LDAPMessage* message,
                               std::string_view oid) {
  LDAPControl** controls = nullptr;
  if (ldap_get_entry_controls(connection.handle(), message, &controls) != LDAP_SUCCESS)
    return invalid("controls");
  Result<std::string> out = invalid("no sync state");
  for (LDAPControl** one = controls; one != nullptr && *one != nullptr; ++one)
    if ((*one)->ldctl_oid == oid && (*one)->ldctl_value.bv_val != nullptr)
      out = std::string((*one)->ldctl_value.bv_val, (*one)->ldctl_value.bv_len);
  ldap_controls_free(controls);
  return out;
}

BerPointer reader_of(std::string& value) {
  berval view{value.size(), value.data()};
  return BerPointer(ber_init(&view));
}

/// syncStateValue ::= SEQUENCE { state ENUMERATED, entryUUID, cookie OPTIONAL }
Result<SyncMessage> read_state(const Connection& connection, LDAPMessage* message) {
  HANGU_TRY(std::string value, control_of(connection, message, LDAP_CONTROL_SYNC_STATE));
  const BerPointer ber = reader_of(value);
  ber_int_t state = -1;
  berval uuid{};
  if (!ber || ber_scanf(ber.get(), "{em", &state, &uuid) == LBER_ERROR)
    return invalid("sync state");
  HANGU_TRY(const EntryId id, id_of(uuid));
  SyncMessage out{CookieOnly{}, {}, false};
  HANGU_CHECK(take_cookie(ber.get(), out.cookie));
  switch (state) {
    case LDAP_SYNC_PRESENT: out.what = EntryStays{id}; return out;
    case LDAP_SYNC_DELETE: out.what = EntryGone{id}; return out;
    case LDAP_SYNC_ADD:
    case LDAP_SYNC_MODIFY: break;
    default: return invalid("sync state");
  }
  HANGU_TRY(RawEntry entry, read_entry(connection, message));
  entry.id = id;
  out.what = EntryIs{std::move(entry)};
  return out;
}

/// SEQUENCE { cookie OPTIONAL, refreshDeletes DEFAULT FALSE, syncUUIDs SET OF … }
Result<SyncMessage> read_id_set(BerElement* ber) {
  SyncMessage out{CookieOnly{}, {}, false};
  bool gone = false;
  if (ber_scanf(ber, "{") == LBER_ERROR) return invalid("id set");
  HANGU_CHECK(take_cookie(ber, out.cookie));
  HANGU_CHECK(take_flag(ber, LDAP_TAG_REFRESHDELETES, gone));
  BerVarray values = nullptr;
  if (ber_scanf(ber, "[W]}", &values) == LBER_ERROR) return invalid("id set");
  std::vector<EntryId> ids;
  Done good;
  for (std::size_t i = 0; values != nullptr && values[i].bv_val != nullptr && good; ++i) {
    const Result<EntryId> id = id_of(values[i]);
    if (!id || i == kIdsMax) good = invalid("id set");
    if (id) ids.push_back(*id);
  }
  ber_bvarray_free(values);
  HANGU_CHECK(good);
  if (gone) {
    out.what = EntriesGone{std::move(ids)};
  } else {
    out.what = EntriesStay{std::move(ids)};
  }
  return out;
}

/// syncInfoValue ::= CHOICE { newcookie, refreshDelete, refreshPresent, syncIdSet }
Result<SyncMessage> read_info_value(std::string& value) {
  const BerPointer ber = reader_of(value);
  if (!ber) return invalid("sync info");
  SyncMessage out{CookieOnly{}, {}, false};
  ber_len_t length = 0;
  const ber_tag_t tag = ber_peek_tag(ber.get(), &length);
  if (tag == LDAP_TAG_SYNC_ID_SET) return read_id_set(ber.get());
  if (tag == LDAP_TAG_SYNC_NEW_COOKIE) {
    berval cookie{};
    if (ber_scanf(ber.get(), "m", &cookie) == LBER_ERROR || cookie.bv_len > policy::kCookieBytesMax)
      return invalid("new cookie");
    out.cookie.assign(cookie.bv_val, cookie.bv_len);
    return out;
  }
  if (tag != LDAP_TAG_SYNC_REFRESH_DELETE && tag != LDAP_TAG_SYNC_REFRESH_PRESENT)
    return invalid("sync info");
  if (ber_scanf(ber.get(), "{") == LBER_ERROR) return invalid("refresh");
  HANGU_CHECK(take_cookie(ber.get(), out.cookie));
  out.refresh_done = true;
  HANGU_CHECK(take_flag(ber.get(), LDAP_TAG_REFRESHDONE, out.refresh_done));
  if (tag == LDAP_TAG_SYNC_REFRESH_DELETE) out.what = DeletePhaseEnds{};
  if (tag == LDAP_TAG_SYNC_REFRESH_PRESENT) out.what = PresentPhaseEnds{};
  return out;
}

Result<SyncMessage> read_info(const Connection& connection, LDAPMessage* message) {
  char* oid = nullptr;
  berval* bytes = nullptr;
  const int code = ldap_parse_intermediate(connection.handle(), message, &oid, &bytes, nullptr, 0);
  const bool ours = oid != nullptr && std::string_view(oid) == LDAP_SYNC_INFO && bytes != nullptr;
  std::string value = ours ? std::string(bytes->bv_val, bytes->bv_len) : std::string();
  ldap_memfree(oid);
  ber_bvfree(bytes);
  if (code != LDAP_SUCCESS || !ours) return invalid("intermediate response");
  return read_info_value(value);
}

std::string_view server_of(std::string_view csn) {
  const auto pieces = split(csn, '#');  // time # count # server # change
  return pieces.size() == 4 ? pieces[2] : std::string_view();
}

}  // namespace

Result<int> begin_sync(const Connection& connection, const std::string& base,
                       const std::string& cookie) {
  const BerPointer ber(ber_alloc_t(LBER_USE_DER));
  constexpr ber_int_t kNoReloadHint = 0;
  berval old{cookie.size(), const_cast<char*>(cookie.data())};  // liblber only reads it
  const int written =
      !ber ? -1
      : cookie.empty()
          ? ber_printf(ber.get(), "{eb}", LDAP_SYNC_REFRESH_AND_PERSIST, kNoReloadHint)
          : ber_printf(ber.get(), "{eOb}", LDAP_SYNC_REFRESH_AND_PERSIST, &old, kNoReloadHint);
  berval value{};
  if (written < 0 || ber_flatten2(ber.get(), &value, 0) < 0)
    return fail(ErrorCode::internal, "directory-library", "sync request");
  std::string oid = LDAP_CONTROL_SYNC;
  LDAPControl sync{oid.data(), value, 1};
  std::array<LDAPControl*, 2> controls{&sync, nullptr};
  std::array<char*, kAttributes.size() + 1> names{};
  std::ranges::transform(kAttributes, names.begin(),
                         [](const char* name) { return const_cast<char*>(name); });
  int id = 0;
  const int code =
      ldap_search_ext(connection.handle(), base.c_str(), LDAP_SCOPE_SUBTREE, kFilter, names.data(),
                      0, controls.data(), nullptr, nullptr, LDAP_NO_LIMIT, &id);
  if (code != LDAP_SUCCESS) return connection.failed(code, "directory-unavailable");
  return id;
}

Result<SyncMessage> read_sync(const Connection& connection, LDAPMessage* message) {
  switch (ldap_msgtype(message)) {
    case LDAP_RES_SEARCH_ENTRY: return read_state(connection, message);
    case LDAP_RES_INTERMEDIATE: return read_info(connection, message);
    case LDAP_RES_SEARCH_REFERENCE: return fail(ErrorCode::forbidden, "directory-referral");
    case LDAP_RES_SEARCH_RESULT: break;
    default: return invalid("kind of message");
  }
  HANGU_TRY(OperationEnd end, read_end(connection, message));
  if (end.code == LDAP_REFERRAL) return fail(ErrorCode::forbidden, "directory-referral");
  return SyncMessage{SearchEnds{end.code, std::move(end.text)}, {}, false};
}

bool has_seen(std::string_view cookie, std::span<const std::string> context) {
  std::vector<std::string_view> seen;
  constexpr std::string_view kCsn = "csn=";
  for (const std::string_view piece : split(cookie, ','))
    if (piece.starts_with(kCsn)) seen = split(piece.substr(kCsn.size()), ';');
  return !context.empty() && std::ranges::all_of(context, [&](const std::string& csn) {
    const std::string_view server = server_of(csn);
    return !server.empty() && std::ranges::any_of(seen, [&](std::string_view one) {
      return server_of(one) == server && one >= csn;
    });
  });
}

}  // namespace hangu::directory
