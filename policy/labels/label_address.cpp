// Addresses in labels: object identifiers as URNs (RFC 3061), digests as ni URIs (RFC 6920).

#include <algorithm>

#include "policy/labels/confidentiality_label.hpp"

namespace hangu::policy {
namespace {

constexpr std::string_view kOidUrn = "urn:oid:";
constexpr std::size_t kOidBytesMax = 256;
constexpr std::string_view kDigestAddress = "ni:///sha-256;";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Base64 as of RFC 4648 §5, without padding, from that of §4, and back.
void exchange(std::string& text, std::string_view from, std::string_view to) {
  for (char& c : text)
    if (const std::size_t at = from.find(c); at != std::string_view::npos) c = to[at];
}

}  // namespace

bool is_oid(std::string_view text) {
  if (text.size() > kOidBytesMax || text.empty() || text[0] > '2') return false;
  std::size_t arcs = 0;
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view arc = text.substr(0, end);
    if (arc.empty() || !std::ranges::all_of(arc, is_digit) || (arc.size() > 1 && arc[0] == '0') ||
        (arcs == 0 && arc.size() > 1))
      return false;
    ++arcs;
    if (end == text.size()) return arcs >= 2;
    text.remove_prefix(end + 1);
  }
}

std::string urn_of(std::string_view oid) { return std::string(kOidUrn) + std::string(oid); }

std::optional<std::string> oid_in(std::string_view urn) {
  if (!urn.starts_with(kOidUrn)) return std::nullopt;
  urn.remove_prefix(kOidUrn.size());
  if (!is_oid(urn)) return std::nullopt;
  return std::string(urn);
}

std::string address_of(const crypto::Hash& digest) {
  std::string text = to_base64(digest);
  text.erase(text.find_last_not_of('=') + 1);
  exchange(text, "+/", "-_");
  return std::string(kDigestAddress) + text;
}

std::optional<crypto::Hash> digest_in(std::string_view address) {
  if (!address.starts_with(kDigestAddress)) return std::nullopt;
  std::string text(address.substr(kDigestAddress.size()));
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  exchange(text, "-_", "+/");
  const Result<Bytes> bytes = from_base64(text + "=");
  crypto::Hash out;
  if (!bytes || bytes->size() != out.size()) return std::nullopt;
  std::ranges::copy(*bytes, out.begin());
  return out;
}

}  // namespace hangu::policy
