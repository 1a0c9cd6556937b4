#include "supervise/software.hpp"

#include <set>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "os/file.hpp"
#include "supervise/roster.hpp"
#include "wire/json.hpp"

namespace hangu::supervise {
namespace {

constexpr std::size_t kHashedAtOnce = std::size_t{1} << 20;
constexpr unsigned kMode = 0644;

Result<std::string> sha256_of(const std::string& path) {
  HANGU_TRY(const os::UniqueFd file, os::open_read(path));
  HANGU_TRY(const std::uint64_t size, os::file_size(file.view()));
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  Bytes piece(kHashedAtOnce);
  for (std::uint64_t at = 0; at < size; at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), size - at)));
    HANGU_CHECK(os::read_exactly_at(file.view(), at, piece));
    hasher.update(piece);
  }
  return to_hex(hasher.finish());
}

/// What is not there is not listed: it cannot run, and its own start will say so.
Done add(wire::JsonArray& documents, const std::string& name, const std::string& path) {
  Result<std::string> digest = sha256_of(path);
  if (!digest && digest.error().reason() == "file-missing") return {};
  if (!digest) return std::unexpected(digest.error());
  documents.emplace_back(wire::JsonObject{{"name", name}, {"sha256", *std::move(digest)}});
  return {};
}

}  // namespace

Result<std::string> software(const config::Layout& layout, const config::Gateway& gateway,
                             const std::string& binaries) {
  std::set<std::string> programs{"hangu-audit-verify"};
  for (const Member& member : roster(gateway)) programs.insert(member.binary);
  wire::JsonArray documents;
  for (const std::string& program : programs)
    HANGU_CHECK(add(documents, program, binaries + "/" + program));
  HANGU_CHECK(add(documents, "gateway.toml", layout.configuration()));
  HANGU_CHECK(add(documents, "stages.json", layout.stage_keys()));
  HANGU_CHECK(add(documents, "officers.json", layout.officer_keys()));
  HANGU_CHECK(add(documents, "signers.json", layout.signers()));
  HANGU_CHECK(add(documents, "parent-signers.json", layout.parent_signers()));
  HANGU_CHECK(add(documents, "auditors.json", layout.auditor_keys()));
  HANGU_CHECK(add(documents, "log-former.vkey", layout.log_former_keys()));
  if (gateway.witness) HANGU_CHECK(add(documents, "witness-policy", gateway.witness_policy_file()));
  HANGU_CHECK(add(documents, "nodes.pem", layout.node_anchors()));
  HANGU_CHECK(add(documents, "nodes.json.dsse", layout.node_register()));
  return wire::Json(
             wire::JsonObject{{"version", HANGU_VERSION}, {"documents", std::move(documents)}})
      .to_text();
}

Done write_software(const config::Layout& layout, const config::Gateway& gateway,
                    const std::string& binaries) {
  HANGU_TRY(const std::string text, software(layout, gateway, binaries));
  return os::write_file_durably(layout.software(), bytes_of(text), kMode);
}

}  // namespace hangu::supervise
