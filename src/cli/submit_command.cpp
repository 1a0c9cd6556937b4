// hangu submit: hands a package to the gateway, whole or resumable, and may wait for its end.

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/digest_beside.hpp"
#include "cli/gateway_link.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "cli/values.hpp"
#include "net/transfer.hpp"
#include "os/file.hpp"
#include "os/regular_file.hpp"
#include "package/header.hpp"
#include "package/writer.hpp"

namespace hangu::cli {
namespace {

constexpr std::uint64_t kWholeBytesMax = std::uint64_t{8} << 20;  // larger ones go resumable
constexpr std::size_t kRememberedBytesMax = 8 * 1024;
constexpr std::string_view kPackageMediaType = "application/vnd.hangu.package";

/// What is kept beside a package while its upload is under way.
class UploadNote {
 public:
  /// `beginning` tells one package from another.
  UploadNote(const std::string& package, std::string gateway, std::string beginning)
      : path_(package + ".upload.json"),
        gateway_(std::move(gateway)),
        beginning_(std::move(beginning)) {}

  /// The location of this package's upload to this gateway, if one was begun.
  [[nodiscard]] std::string location() const {
    const auto text = read_text(path_, kRememberedBytesMax);
    if (!text) return {};
    const auto json = wire::Json::parse(*text, kRememberedBytesMax);
    if (!json) return {};
    wire::Fields f(*json, "upload");
    const bool ours = f.text("gateway", 300) == gateway_ && f.text("beginning", 64) == beginning_;
    std::string location = f.text("location", 2000);
    return ours && f.finish() ? location : std::string();
  }
  void remember(const std::string& location) const {
    const wire::Json json =
        wire::JsonObject{{"gateway", gateway_}, {"beginning", beginning_}, {"location", location}};
    // Without the note an interrupted upload starts anew: no reason to stop this one.
    (void)os::write_file_durably(path_, bytes_of(json.to_text()), 0600).has_value();
  }
  void forget() const { ::remove(path_.c_str()); }

 private:
  std::string path_;
  std::string gateway_;
  std::string beginning_;
};

/// A package that is ready to go.
struct Parcel {
  os::UniqueFd file;
  std::uint64_t bytes = 0;
  std::string beginning;  ///< digest of the first chunk, where the keys of this one package stand
};

Result<Parcel> open_parcel(const std::string& path) {
  Parcel parcel;
  HANGU_TRY(parcel.file, os::open_regular(path, os::LastLink::follow));
  HANGU_TRY(parcel.bytes, package::source_bytes(parcel.file.view()));
  Bytes first(static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, parcel.bytes)));
  HANGU_CHECK(os::read_exactly_at(parcel.file.view(), 0, first));
  if (!text_of(first).starts_with(package::kMagic))
    return fail(ErrorCode::malformed, "package-magic", printable(path));
  parcel.beginning = to_hex(crypto::hash(crypto::HashAlgorithm::sha256, first));
  return parcel;
}

Result<net::Answer> send_whole(Session& session, net::Client& client, const Parcel& parcel) {
  ProgressLine line(session.console, phrase::kUploading);
  const net::Ask ask{
      net::Method::post, "/v1/packages", {{"Content-Type", std::string(kPackageMediaType)}}};
  return client.send_file(ask, parcel.file.view(), 0, parcel.bytes,
                          [&](std::uint64_t done, std::uint64_t total) {
                            line.show(done, total);
                            return true;
                          });
}

Result<net::Answer> send_resumable(Session& session, net::Client& client, const Parcel& parcel,
                                   const UploadNote& note) {
  ProgressLine line(session.console, phrase::kUploading);
  net::UploadPlan plan;
  plan.file = parcel.file.view();
  plan.length = parcel.bytes;
  plan.location = note.location();
  plan.remember = [&](const std::string& location) { note.remember(location); };
  plan.progress = [&](std::uint64_t done, std::uint64_t total) {
    line.show(done, total);
    return true;
  };
  const bool resumed = !plan.location.empty();
  Result<net::Uploaded> uploaded = net::upload_resumable(client, plan);
  const bool gone = uploaded && (uploaded->answer.status == 404 || uploaded->answer.status == 410);
  if (resumed && gone) {
    plan.location.clear();
    uploaded = net::upload_resumable(client, plan);
  }
  if (!uploaded) return std::unexpected(uploaded.error());
  if (uploaded->answer.succeeded()) note.forget();
  return std::move(uploaded->answer);
}

/// What the gateway answered to the last byte: in header fields, and of a whole upload also in the
/// body.
Result<Standing> verdict_of(const net::Answer& answer, bool& known) {
  const auto body = wire::Json::parse(text_of(answer.body), kAnswerJsonBytesMax);
  const wire::Json* member = body ? body->find("known") : nullptr;
  const std::string* field = answer.header("hangu-known");
  known = (field != nullptr && *field == "true") ||
          (member != nullptr && member->as_bool() != nullptr && *member->as_bool());
  if (const std::string* id = answer.header("hangu-transfer")) {
    const std::string* state = answer.header("hangu-state");
    return parse_standing(wire::JsonObject{{"id", *id}, {"state", state ? *state : ""}});
  }
  if (!body) return std::unexpected(body.error());
  return parse_standing(*body);
}

bool goes_resumable(const Arguments& arguments, std::uint64_t bytes) {
  if (arguments.has("whole")) return false;
  return arguments.has("resumable") || bytes > kWholeBytesMax;
}

Result<Exit> run_submit(Session& session, const Arguments& arguments) {
  if (arguments.has("whole") && arguments.has("resumable"))
    return usage("--whole", "not together with --resumable");
  HANGU_TRY(const std::chrono::milliseconds timeout,
            parse_duration("--timeout", arguments.text("timeout")));
  const std::string path = arguments.text("package");
  HANGU_CHECK(check_not_dash("PACKAGE", path));
  HANGU_TRY(net::Client client, connect(arguments));
  HANGU_TRY(const Parcel parcel, open_parcel(path));
  DigestBeside hashed(parcel.file.view(), parcel.bytes);  // while it is sent
  const UploadNote note(path, arguments.text("gateway"), parcel.beginning);
  HANGU_TRY(const net::Answer answer, goes_resumable(arguments, parcel.bytes)
                                          ? send_resumable(session, client, parcel, note)
                                          : send_whole(session, client, parcel));
  if (!answer.succeeded()) return tell_refusal(session, answer);
  bool known = false;
  HANGU_TRY(const Standing standing, verdict_of(answer, known));
  HANGU_TRY(const crypto::ObjectDigest digest, hashed.get());
  const TransferId transfer = package::transfer_id_of(digest);
  if (standing.id != transfer.text())
    return fail(ErrorCode::corrupt, "digest-mismatch",
                "the gateway took " + standing.id + ", the package is " + transfer.text());
  session.console.event("submitted", {{"id", standing.id},
                                      {"state", flow::to_text(standing.state)},
                                      {"known", known},
                                      {"bytes", parcel.bytes}});
  session.console.line(standing.id + "  " + std::string(flow::to_text(standing.state)));
  session.console.note(session.console.say(known ? phrase::kKnown : phrase::kSubmitted));
  if (!arguments.has("wait")) return Exit::done;
  return watch_until_end(session, client, transfer, timeout);
}

}  // namespace

CommandSpec submit_command() {
  return {
      "submit",
      both("把数据包交给网关;重复提交同一个包是同一次传输",
           "hand a package to the gateway; the same package again is the same transfer"),
      {{"package", "PACKAGE", both("数据包", "the package"), OptionKind::positional, true},
       identity_option(),
       gateway_option(),
       server_name_option(),
       {"--wait", "",
        both("等到有结果,退出码说明结果", "wait for the end; the exit status tells it"),
        OptionKind::flag},
       {"--timeout", "TIME", both("最多等多久", "how long to wait at most"), OptionKind::value,
        false, "1h"},
       {"--whole", "", both("一次发送", "send it in one request"), OptionKind::flag},
       {"--resumable", "", both("可续传(超过 8 MiB 时默认)", "resumable (the default over 8 MiB)"),
        OptionKind::flag}},
      run_submit};
}

}  // namespace hangu::cli
