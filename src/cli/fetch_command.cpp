// hangu fetch: takes delivered packages from the gateway; goes on where it was cut.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/gateway_link.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "net/transfer.hpp"
#include "os/failure.hpp"
#include "os/file.hpp"
#include "os/regular_file.hpp"
#include "os/write_behind.hpp"
#include "package/source.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kRememberedBytesMax = 4096;

/// A package for this node.
struct Waiting {
  TransferId id;
  crypto::ObjectDigest sealed;
  std::string origin;
  bool acknowledged = false;  ///< by this node
};

/// Members that a later gateway adds are passed over.
Result<std::vector<Waiting>> parse_waiting(const wire::Json& json) {
  const wire::Json* packages = json.find("packages");
  if (packages == nullptr || packages->as_array() == nullptr)
    return fail(ErrorCode::malformed, "http-answer", "no packages in it");
  std::vector<Waiting> out;
  for (const wire::Json& item : *packages->as_array()) {
    auto id = TransferId::create(text_member(item, "id"));
    const auto sealed = crypto::ObjectDigest::parse(text_member(item, "sealed"));
    if (!id || !sealed) return fail(ErrorCode::malformed, "http-answer", "no id or sealed in it");
    const wire::Json* known = item.find("acknowledged");
    const bool acknowledged = known != nullptr && known->as_bool() != nullptr && *known->as_bool();
    out.push_back({*std::move(id), *sealed, text_member(item, "origin"), acknowledged});
  }
  return out;
}

/// The file in the making and what its bytes are of: OUT.part and OUT.part.json.
class PartialFile {
 public:
  static Result<PartialFile> open(const std::string& out, const crypto::ObjectDigest& sealed) {
    const std::string path = out + ".part";
    os::UniqueFd file(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!file.valid()) return os::os_failure(errno, "file-open-failed", printable(path));
    PartialFile partial(out, path, std::move(file), sealed.to_text());
    HANGU_TRY(const std::uint64_t size, os::file_size(partial.file()));
    const bool goes_on = !partial.read_tag().empty() && size <= sealed.size;
    if (!goes_on && ::ftruncate(partial.file_.get(), 0) != 0)
      return fail(ErrorCode::internal, "write-failed", printable(path), errno);
    return partial;
  }
  [[nodiscard]] os::FdView file() const { return file_.view(); }
  /// The tag that the bytes so far came with; empty when they are of another package.
  [[nodiscard]] std::string read_tag() const {
    const auto text = read_text(path_ + ".json", kRememberedBytesMax);
    if (!text) return {};
    const auto json = wire::Json::parse(*text, kRememberedBytesMax);
    if (!json) return {};
    wire::Fields f(*json, "part");
    std::string tag = f.text("etag", 300);
    const bool same = f.text("sealed", 120) == sealed_;
    return f.finish() && same ? tag : std::string();
  }
  void remember(const std::string& tag) const {
    const wire::Json json = wire::JsonObject{{"etag", tag}, {"sealed", sealed_}};
    // Without the note an interrupted download starts anew: no reason to stop this one.
    (void)os::write_file_durably(path_ + ".json", bytes_of(json.to_text()), 0600).has_value();
  }
  Done finish() {
    HANGU_CHECK(os::sync_all(file_.view()));
    HANGU_CHECK(rename_anew(path_, out_));
    ::unlink((path_ + ".json").c_str());
    return {};
  }
  void discard() const {
    ::unlink(path_.c_str());
    ::unlink((path_ + ".json").c_str());
  }

 private:
  PartialFile(std::string out, std::string path, os::UniqueFd file, std::string sealed)
      : out_(std::move(out)),
        path_(std::move(path)),
        file_(std::move(file)),
        sealed_(std::move(sealed)) {}
  std::string out_;
  std::string path_;
  os::UniqueFd file_;
  std::string sealed_;
};

Done check_sealed(Session& session, os::FdView file, const crypto::ObjectDigest& sealed) {
  ProgressLine line(session.console, phrase::kHashing);
  HANGU_TRY(const crypto::ObjectDigest digest,
            package::digest_source(
                file, sealed.algorithm, 0,
                [&](std::uint64_t done, std::uint64_t total) { line.show(done, total); }));
  if (digest != sealed) return fail(ErrorCode::corrupt, "digest-mismatch", digest.to_text());
  return {};
}

void tell_taken(Session& session, const Waiting& waiting, const std::string& out, bool was_there) {
  session.console.event(was_there ? "there-already" : "fetched",
                        {{"id", waiting.id.text()},
                         {"file", out},
                         {"bytes", waiting.sealed.size},
                         {"sealed", waiting.sealed.to_text()},
                         {"origin", waiting.origin}});
  session.console.line(out);
  const Bilingual& what = was_there ? phrase::kThereAlready : phrase::kFetched;
  session.console.note(std::string(session.console.say(what)) + " " + waiting.id.text() + " " +
                       bytes_text(waiting.sealed.size));
}

/// Fetches one package into `out`. The exit is done unless the gateway refused.
Result<Exit> fetch_one(Session& session, net::Client& client, const Waiting& waiting,
                       const std::string& out) {
  if (path_exists(out)) return fail(ErrorCode::forbidden, "file-exists", printable(out));
  HANGU_TRY(PartialFile partial, PartialFile::open(out, waiting.sealed));
  net::DownloadPlan plan;
  plan.target = "/v1/packages/" + waiting.id.text();
  plan.file = partial.file();
  HANGU_TRY(plan.have, os::file_size(partial.file()));
  plan.etag = partial.read_tag();
  plan.bytes_max = waiting.sealed.size;
  plan.remember = [&](const std::string& tag) { partial.remember(tag); };
  {
    ProgressLine line(session.console, phrase::kDownloading);
    os::WriteBehind behind(partial.file(), plan.have);
    plan.progress = [&](std::uint64_t done, std::uint64_t total) {
      behind.reached(done);
      line.show(done, total);
      return true;
    };
    Result<net::Downloaded> tried = net::download_resumable(client, plan);
    if (!tried) return std::unexpected(about_file(tried.error(), out + ".part"));
    const net::Downloaded& downloaded = *tried;
    if (!downloaded.whole) return tell_refusal(session, downloaded.answer);
  }
  if (const Done same = check_sealed(session, partial.file(), waiting.sealed); !same) {
    partial.discard();
    return std::unexpected(same.error());
  }
  HANGU_CHECK(partial.finish());
  tell_taken(session, waiting, out, false);
  return Exit::done;
}

void tell_waiting(Session& session, const std::vector<Waiting>& all) {
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  std::vector<std::vector<std::string>> rows{
      {say(phrase::kTransfer), say(phrase::kSize), say(phrase::kOrigin)}};
  for (const Waiting& one : all) {
    session.console.event("waiting", {{"id", one.id.text()},
                                      {"bytes", one.sealed.size},
                                      {"sealed", one.sealed.to_text()},
                                      {"origin", one.origin},
                                      {"acknowledged", one.acknowledged}});
    rows.push_back({one.id.text(), bytes_text(one.sealed.size), printable(one.origin)});
  }
  if (!all.empty()) session.console.table(rows);
}

/// Whether the file is this package, byte for byte.
bool is_there(Session& session, const Waiting& waiting, const std::string& path) {
  const Result<os::UniqueFd> file = os::open_regular(path, os::LastLink::follow);
  if (!file) return false;
  const Result<std::uint64_t> size = os::file_size(file->view());
  return size && *size == waiting.sealed.size &&
         check_sealed(session, file->view(), waiting.sealed).has_value();
}

/// Each into a file of `folder` that has its name. Another file there does not keep the other
/// packages away.
Result<Exit> fetch_all(Session& session, net::Client& client, const std::vector<Waiting>& waiting,
                       const std::string& folder) {
  HANGU_CHECK(os::make_folders(folder, 0700));
  Exit exit = Exit::done;
  for (const Waiting& one : waiting) {
    const std::string path = folder + "/" + one.id.text() + ".hangu";
    if (path_exists(path) && is_there(session, one, path)) {
      tell_taken(session, one, path, true);
      continue;
    }
    const Result<Exit> fetched = fetch_one(session, client, one, path);
    if (!fetched && fetched.error().reason() != "file-exists")
      return std::unexpected(fetched.error());
    if (!fetched) {
      session.console.error(fetched.error());
      exit = exit_of(fetched.error());
    } else if (*fetched != Exit::done) {
      return *fetched;
    }
  }
  return exit;
}

Result<Exit> run_fetch(Session& session, const Arguments& arguments) {
  HANGU_CHECK(check_not_dash("--out", arguments.text("out")));
  std::optional<TransferId> wanted;
  if (arguments.has("id")) {
    HANGU_TRY(wanted, transfer_of(arguments));
  }
  HANGU_TRY(net::Client client, connect(arguments));
  Exit exit = Exit::done;
  HANGU_TRY(const auto json, ask(session, client, {net::Method::get, "/v1/packages", {}}, exit));
  if (!json) return exit;
  HANGU_TRY(std::vector<Waiting> waiting, parse_waiting(*json));
  const std::string out = arguments.text("out");
  if (wanted) {
    const auto at = std::ranges::find(waiting, *wanted, &Waiting::id);
    if (at == waiting.end()) {
      session.console.refusal("package-unknown", wanted->text());
      return Exit::usage;
    }
    return fetch_one(session, client, *at, out.empty() ? wanted->text() + ".hangu" : out);
  }
  if (!arguments.has("all")) std::erase_if(waiting, &Waiting::acknowledged);
  if (waiting.empty()) session.console.note(session.console.say(phrase::kNothingWaits));
  if (!out.empty()) return fetch_all(session, client, waiting, out);
  tell_waiting(session, waiting);
  return Exit::done;
}

}  // namespace

CommandSpec fetch_command() {
  return {"fetch",
          both("取回送达的数据包;不给 ID 则列出,或用 --out 取回全部",
               "fetch a delivered package; without an id list them, or with --out fetch all"),
          {transfer_argument(false),
           identity_option(),
           gateway_option(),
           server_name_option(),
           {"--out", "FILE",
            both("写到这个文件(不给 ID 时是文件夹)", "write to this file (without an id: folder)")},
           {"--all", "", both("连同本节点已回执的", "also what this node has acknowledged"),
            OptionKind::flag}},
          run_fetch};
}

}  // namespace hangu::cli
