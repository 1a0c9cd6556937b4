#include "cli/identity.hpp"

#include <charconv>
#include <filesystem>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kPemBytesMax = 64 * 1024;
constexpr std::size_t kZonesMax = 64;

auto invalid(std::string context) {
  return fail(ErrorCode::malformed, "identity-invalid", std::move(context));
}

Result<Signer> load_signer(const std::string& stem) {
  HANGU_TRY(const std::string pem, read_text(stem + ".crt", kPemBytesMax));
  HANGU_TRY(crypto::Certificate certificate, crypto::Certificate::parse_pem(pem));
  HANGU_TRY(Bytes secret, os::read_file(stem + ".key", kPemBytesMax));
  Result<crypto::SigningKey> key = crypto::read_signing_key_pem(secret);
  crypto::wipe(secret);
  if (!key) return std::unexpected(key.error().within(stem + ".key"));
  if (certificate.verify_key() == nullptr || *certificate.verify_key() != key->verify_key())
    return invalid(stem + ".key is not the key of " + stem + ".crt");
  return Signer{*std::move(key), std::move(certificate)};
}

}  // namespace

bool path_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, bytes_max));
  return std::string(text_of(bytes));
}

Result<NodeIdentity> NodeIdentity::load(const std::string& folder) {
  if (!path_exists(folder + "/node.json"))
    return invalid(printable(folder) + " has no node.json: it is no node's folder");
  HANGU_TRY(const std::string text, read_text(folder + "/node.json", kPemBytesMax));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kPemBytesMax));
  wire::Fields f(json, "node.json");
  auto node = f.accept("node", NodeId::create(f.text("node", 64)));
  const std::vector<std::string> zones = f.texts("zones", kZonesMax, 64);
  HANGU_CHECK(f.finish());
  return NodeIdentity(folder, *std::move(node), {zones.begin(), zones.end()});
}

Result<Signer> NodeIdentity::signer(crypto::Suite suite) const {
  return load_signer(folder_ + (suite == crypto::Suite::gm ? "/node-gm" : "/node"));
}

Result<net::Client> NodeIdentity::connect(const std::string& endpoint,
                                          const std::string& server_name) const {
  HANGU_TRY(const Endpoint at, parse_endpoint(endpoint));
  net::ClientPlan plan;
  plan.host = at.host;
  plan.port = at.port;
  plan.server_name = server_name;
  HANGU_TRY(plan.credentials.certificate_pem, read_text(folder_ + "/node.crt", kPemBytesMax));
  HANGU_TRY(plan.credentials.trust_anchors_pem, read_text(folder_ + "/anchors.pem", kPemBytesMax));
  HANGU_TRY(Bytes key, os::read_file(folder_ + "/node.key", kPemBytesMax));
  plan.credentials.key_pem = key;
  Result<net::Client> client = net::Client::create(std::move(plan));
  crypto::wipe(key);
  return client;
}

Result<std::vector<crypto::OpeningKey>> load_opening_keys(const std::string& folder) {
  std::vector<crypto::OpeningKey> keys;
  for (const crypto::Suite suite : {crypto::Suite::intl, crypto::Suite::gm}) {
    for (const char* start : {"/open-", "/opening-"}) {
      const std::string path = folder + start + std::string(crypto::to_text(suite)) + ".key";
      if (!path_exists(path)) continue;
      HANGU_TRY(Bytes pem, os::read_file(path, kPemBytesMax));
      Result<crypto::OpeningKey> key = crypto::read_opening_key_pem(suite, pem);
      crypto::wipe(pem);
      if (!key) return std::unexpected(key.error().within(path));
      keys.push_back(*std::move(key));
    }
  }
  if (keys.empty()) return invalid(printable(folder) + " holds no opening key");
  return keys;
}

Result<Signer> load_person(const std::string& folder) {
  if (!path_exists(folder + "/person.crt"))
    return invalid(printable(folder) + " has no person.crt: it is no person's folder");
  HANGU_TRY(Signer signer, load_signer(folder + "/person"));
  if (signer.certificate.subject().kind != crypto::HolderKind::person)
    return invalid(printable(folder) + "/person.crt is not a person's");
  return signer;
}

Result<crypto::RecipientKey> load_recipient(const std::string& path, crypto::Suite suite) {
  std::string file = path;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    const std::string end = std::string(crypto::to_text(suite)) + ".crt";
    file = path_exists(path + "/opening-" + end) ? path + "/opening-" + end : path + "/open-" + end;
  }
  HANGU_TRY(const std::string pem, read_text(file, kPemBytesMax));
  HANGU_TRY(const crypto::Certificate certificate, crypto::Certificate::parse_pem(pem));
  const crypto::RecipientKey* key = certificate.recipient_key();
  if (key == nullptr) return fail(ErrorCode::malformed, "identity-no-sealing-key", printable(file));
  if (key->suite() != suite)
    return fail(ErrorCode::malformed, "identity-suite",
                printable(file) + ": " + std::string(crypto::to_text(key->suite())) +
                    ", wanted: " + std::string(crypto::to_text(suite)));
  return *key;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return usage("--gateway", printable(text) + ": HOST:PORT is wanted");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return usage("--gateway", printable(text) + ": an IPv6 address stands in [ ]");
  }
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
    return usage("--gateway", printable(text) + ": port 1..65535");
  return Endpoint{std::string(host), port};
}

}  // namespace hangu::cli
