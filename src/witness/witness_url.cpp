#include "witness/witness_url.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

#include "base/text.hpp"
#include "net/target.hpp"

namespace hangu::witness {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::unexpected<Error> invalid(std::string_view url, const char* expected) {
  return fail(ErrorCode::malformed, "witness-url-invalid",
              printable(url) + ": expected " + expected);
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> scratch{};
  return ::inet_pton(AF_INET, host.c_str(), scratch.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), scratch.data()) == 1;
}

}  // namespace

Result<WitnessUrl> WitnessUrl::parse(std::string_view url) {
  WitnessUrl out;
  std::string_view rest = url;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    out.port = kHttpPort;
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    out.tls = true;
    out.port = kHttpsPort;
  } else {
    return invalid(url, "http:// or https://");
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!path.empty() && !net::parse_target(path)) return invalid(url, "a path without query");
  if (path.find('?') != std::string_view::npos) return invalid(url, "a path without query");
  out.prefix = path;

  std::size_t colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return invalid(url, "an IPv6 address in brackets");
    out.host = authority.substr(1, end - 1);
    colon = authority.find(':', end);
    if (colon == std::string_view::npos && end + 1 != authority.size()) {
      return invalid(url, "a port or a path behind the address");
    }
  } else {
    out.host = authority.substr(0, std::min(colon, authority.size()));
  }
  if (!is_address(out.host)) return invalid(url, "a numeric address");
  if (colon == std::string_view::npos) return out;
  const std::string_view port = authority.substr(colon + 1);
  const auto [stop, problem] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (problem != std::errc{} || stop != port.data() + port.size() || out.port == 0) {
    return invalid(url, "a port from 1 to 65535");
  }
  return out;
}

}  // namespace hangu::witness
