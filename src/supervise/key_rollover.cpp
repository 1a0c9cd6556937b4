#include "supervise/key_rollover.hpp"

#include <algorithm>
#include <cstdio>

#include "audit/disk_folder.hpp"
#include "audit/epochs.hpp"
#include "audit/witness/files.hpp"
#include "audit/witness/limits.hpp"
#include "os/file.hpp"
#include "supervise/credentials.hpp"
#include "supervise/ownership.hpp"

namespace hangu::supervise {
namespace {

constexpr std::string_view kMember = "audit";
constexpr unsigned kWritable = 0600;

/// Durable before anything that comes after.
Done move(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return fail(ErrorCode::internal, "setup-failed", "rename " + from, errno);
  HANGU_TRY(const os::UniqueFd folder, os::open_folder(from.substr(0, from.rfind('/'))));
  return os::sync_all(folder.view());
}

Done write_vkeys(const std::string& path, const std::vector<audit::NoteKey>& keys) {
  std::string text;
  for (const audit::NoteKey& key : keys) text += key.to_text() + "\n";
  return os::write_file_durably(path, bytes_of(text), kPublicFileMode);
}

/// Whoever has to read what the present key signed finds it there once it is a former one.
Done remember_present(const config::Layout& layout) {
  HANGU_TRY(const audit::NoteKey present, audit::load_vkey(layout.log_key()));
  std::vector<audit::NoteKey> former;
  if (exists(layout.log_former_keys())) {
    HANGU_TRY(former, audit::load_vkeys(layout.log_former_keys()));
  }
  const bool there = std::ranges::any_of(
      former, [&](const audit::NoteKey& key) { return key.to_text() == present.to_text(); });
  if (there) return {};
  if (former.size() == audit::kFormerKeysMax)
    return fail(ErrorCode::exhausted, "vkeys-too-many", layout.log_former_keys());
  former.push_back(present);
  return write_vkeys(layout.log_former_keys(), former);
}

}  // namespace

LogKeyFiles::LogKeyFiles(const config::Layout& layout)
    : folder(layout.credentials(std::string(kMember))),
      key(folder + "/log.key"),
      gm_key(folder + "/log-gm.key"),
      former_key(folder + "/log-former.key"),
      former_gm_key(folder + "/log-gm-former.key"),
      erased_key(folder + "/log-former.key.erased"),
      erased_gm_key(folder + "/log-gm-former.key.erased") {}

Result<LogVkeys> make_log_keys(const config::Layout& layout, const config::Gateway& gateway,
                               Entropy& entropy) {
  const LogKeyFiles files(layout);
  const bool rolling = exists(files.former_gm_key);
  if (rolling && !exists(files.former_key)) HANGU_CHECK(move(files.key, files.former_key));
  if (!rolling) HANGU_CHECK(erase_former_log_keys(layout));
  const std::string member(kMember);
  HANGU_TRY(
      const crypto::VerifyKey log,
      make_signing_key(files.key, gateway, member, crypto::SignatureAlgorithm::ed25519, entropy));
  HANGU_TRY(const crypto::VerifyKey gm, make_signing_key(files.gm_key, gateway, member,
                                                         crypto::SignatureAlgorithm::sm2, entropy));
  HANGU_TRY(audit::NoteKey log_key, audit::NoteKey::create(gateway.log_origin(), log));
  HANGU_TRY(audit::NoteKey gm_key,
            audit::NoteKey::create(audit::gm_key_name(gateway.log_origin()), gm));
  HANGU_CHECK(make_our_folder(layout.anchors()));
  HANGU_CHECK(write_vkeys(layout.log_key(), {log_key}));
  HANGU_CHECK(write_vkeys(layout.log_gm_key(), {gm_key}));
  return LogVkeys{.log = std::move(log_key), .gm = std::move(gm_key)};
}

Result<LogVkeys> roll_log_keys(const config::Layout& layout, const config::Gateway& gateway,
                               Entropy& entropy) {
  const LogKeyFiles files(layout);
  if (exists(files.former_key) || exists(files.former_gm_key))
    return fail(ErrorCode::malformed, "log-keys-rolling", layout.folder());
  if (!exists(files.key) || !exists(files.gm_key) || !exists(layout.log_key()))
    return fail(ErrorCode::unavailable, "log-keys-missing", files.folder);
  HANGU_CHECK(remember_present(layout));
  HANGU_CHECK(move(files.gm_key, files.former_gm_key));
  HANGU_CHECK(move(files.key, files.former_key));
  return make_log_keys(layout, gateway, entropy);
}

Done erase_former_log_keys(const config::Layout& layout) {
  const LogKeyFiles files(layout);
  if (exists(files.former_gm_key)) HANGU_CHECK(move(files.former_gm_key, files.erased_gm_key));
  if (exists(files.former_key)) HANGU_CHECK(move(files.former_key, files.erased_key));
  for (const std::string& path : {files.erased_gm_key, files.erased_key}) {
    if (!exists(path)) continue;
    HANGU_CHECK(settle(path, {}, {}, kWritable));
    HANGU_TRY(const auto folder, audit::open_disk_folder(files.folder));
    HANGU_CHECK(folder->erase(path.substr(files.folder.size() + 1)));
    HANGU_CHECK(folder->sync());
  }
  return {};
}

}  // namespace hangu::supervise
