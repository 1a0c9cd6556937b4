#include "cli/published_log.hpp"

#include <climits>
#include <cstdlib>
#include <memory>

#include "audit/disk_folder.hpp"
#include "base/text.hpp"
#include "cli/audit_phrases.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/log_keys.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kPruned = both("早于此条目的已按规定清除,不在其中",
                                   "entries below this one were pruned and are not in it");
constexpr Bilingual kOwnWord =
    both("没有 --key,日志旁边也没有 anchors/log.vkey:公钥取自日志自己的第一条",
         "no --key, and no anchors/log.vkey beside the log: the key is the log's own word");

struct Free {
  void operator()(char* text) const { std::free(text); }
};

/// The folder's one name, without links; the text itself where there is none.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, Free> found(::realpath(path.c_str(), nullptr));
  return found ? std::string(found.get()) : path;
}

/// A key, and whether the caller gave it.
struct FoundKey {
  std::optional<audit::NoteKey> key;
  bool given = false;
  std::vector<audit::NoteKey> former{};
};

Result<FoundKey> load(std::string_view option, const std::string& vkey_or_path, bool given,
                      const std::string& former) {
  HANGU_TRY(std::vector<audit::NoteKey> keys, load_log_keys(option, vkey_or_path, former));
  FoundKey out{.key = keys.front(), .given = given};
  out.former.assign(keys.begin() + 1, keys.end());
  return out;
}

Result<FoundKey> key_of(const Arguments& arguments, const std::string& folder, KeyFrom from) {
  const std::string former = arguments.text("former-keys");
  if (arguments.has("key")) return load("--key", arguments.text("key"), true, former);
  const std::string beside = folder + "/../anchors/log.vkey";
  if (!path_exists(beside)) {
    if (from == KeyFrom::others) return fail(ErrorCode::unavailable, "log-key-not-given", "--key");
    return FoundKey{};
  }
  return load(beside, beside, false, former);
}

}  // namespace

audit::LineSource PublishedLog::source(const Session& session) const {
  return {.origin = reader.checkpoint().origin,
          .size = reader.size(),
          .root = to_hex(reader.checkpoint().head.root),
          .first = reader.first(),
          .version = HANGU_VERSION,
          .language = session.console.style().language == Language::zh ? audit::LineLanguage::zh
                                                                       : audit::LineLanguage::en};
}

std::vector<OptionSpec> published_log_options() {
  return {{"dir", "DIR", both("日志文件夹(可以是副本)", "the log's folder; may be a copy"),
           OptionKind::positional},
          {"--folder", "DIR", both("网关文件夹(代替 DIR)", "a gateway's folder, instead of DIR")},
          {"--key", "FILE",
           both("日志公钥,或存有它的文件;要证明什么时必须给出",
                "the log's key, or a file with it; must be given where something is proved")}};
}

Result<PublishedLog> open_published_log(Session& session, const Arguments& arguments,
                                        KeyFrom from) {
  std::string path = arguments.text(arguments.has("log") ? "log" : "dir");
  if (path.empty() && arguments.has("folder")) path = arguments.text("folder") + "/audit";
  if (path.empty()) return usage("DIR", "the log's folder, or --folder of a gateway");
  HANGU_TRY(FoundKey found, key_of(arguments, path, from));
  HANGU_TRY(auto folder, audit::open_disk_folder(path));
  HANGU_TRY(audit::LogReader reader, audit::LogReader::open(std::move(folder), found.key));
  if (!found.given)
    session.console.note(session.console.say(found.key ? phrase::kKeyBeside : kOwnWord));
  return PublishedLog{std::move(path), std::move(reader), found.given, std::move(found.former)};
}

Done PublishedLog::look_again() {
  HANGU_TRY(auto files, audit::open_disk_folder(folder));
  HANGU_TRY(audit::LogReader now, audit::LogReader::open(std::move(files), reader.key()));
  HANGU_CHECK(now.check_root(reader.size(), reader.checkpoint().head.root));
  reader = std::move(now);
  return {};
}

void tell_pruned(Session& session, const PublishedLog& log) {
  if (log.reader.first() == 0) return;
  session.console.note(std::string(session.console.say(kPruned)) + ": " +
                       std::to_string(log.reader.first()));
}

Done check_outside(const PublishedLog& log, std::string_view option, const std::string& path) {
  HANGU_CHECK(check_not_dash(option, path));
  const std::string inside = real_path(log.folder) + "/";
  if ((real_path(parent_folder(path)) + "/").starts_with(inside))
    return fail(ErrorCode::malformed, "usage-into-log",
                std::string(option) + ": " + printable(path));
  return {};
}

}  // namespace hangu::cli
