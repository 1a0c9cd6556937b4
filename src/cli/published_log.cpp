#include "cli/published_log.hpp"

#include <climits>
#include <cstdlib>
#include <memory>

#include "audit/disk_folder.hpp"
#include "base/text.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/log_trust.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kOwnWord =
    both("没有 --key,也没有 anchors/log.vkey:公钥取自日志自己的第一条",
         "no --key and no anchors/log.vkey: the key is the log's own word");

struct Free {
  void operator()(char* text) const { std::free(text); }
};

/// The folder's one name, without links; the text itself where there is none.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, Free> found(::realpath(path.c_str(), nullptr));
  return found ? std::string(found.get()) : path;
}

Result<std::optional<audit::NoteKey>> key_of(const Arguments& arguments,
                                             const std::string& folder) {
  std::string from = arguments.text("key");
  if (from.empty() && path_exists(folder + "/../anchors/log.vkey"))
    from = folder + "/../anchors/log.vkey";
  if (from.empty()) return std::optional<audit::NoteKey>();
  HANGU_TRY(const flow::LogIdentity log, load_log_key(from));
  HANGU_TRY(audit::NoteKey key, audit::NoteKey::create(log.origin, log.key));
  return std::optional(std::move(key));
}

}  // namespace

audit::LineSource PublishedLog::source(const Session& session) const {
  return {.origin = reader.checkpoint().origin,
          .size = reader.size(),
          .root = to_hex(reader.checkpoint().head.root),
          .version = HANGU_VERSION,
          .language = session.console.style().language == Language::zh ? audit::LineLanguage::zh
                                                                       : audit::LineLanguage::en};
}

std::vector<OptionSpec> published_log_options() {
  return {{"dir", "DIR", both("日志文件夹(可以是副本)", "the log's folder; may be a copy"),
           OptionKind::positional},
          {"--folder", "DIR", both("网关文件夹(代替 DIR)", "a gateway's folder, instead of DIR")},
          {"--key", "FILE",
           both("日志公钥[DIR/../anchors/log.vkey]", "the log's key [DIR/../anchors/log.vkey]")}};
}

Result<PublishedLog> open_published_log(Session& session, const Arguments& arguments) {
  std::string path = arguments.text("dir");
  if (path.empty() && arguments.has("folder")) path = arguments.text("folder") + "/audit";
  if (path.empty()) return usage("DIR", "the log's folder, or --folder of a gateway");
  HANGU_TRY(const std::optional<audit::NoteKey> key, key_of(arguments, path));
  HANGU_TRY(auto folder, audit::open_disk_folder(path));
  HANGU_TRY(audit::LogReader reader, audit::LogReader::open(std::move(folder), key));
  if (!reader.key_given()) session.console.note(session.console.say(kOwnWord));
  return PublishedLog{std::move(path), std::move(reader)};
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
