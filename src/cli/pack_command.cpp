// hangu pack: states and signs what a dataset is, and seals it for the gateway.

#include <algorithm>
#include <filesystem>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/progress.hpp"
#include "cli/sequence.hpp"
#include "cli/values.hpp"
#include "flow/submission.hpp"
#include "os/write_behind.hpp"
#include "package/writer.hpp"

namespace hangu::cli {
namespace {

constexpr std::int64_t kThreadsOptionMax = 256;

Result<package::SourceObject> source_object(std::string_view name, const std::string& path) {
  if (!is_utf8(name)) return fail(ErrorCode::malformed, "name-not-utf8", printable(path));
  HANGU_TRY(std::string normal, to_nfc(name));
  if (const Done fits = flow::check_object_name(normal); !fits)
    return std::unexpected(fits.error().within(printable(path)));
  std::string media_type = media_type_of(normal);
  return package::SourceObject{std::move(normal), std::move(media_type), package::SourcePath{path}};
}

/// The caller named more than a package can hold: not a package that breaks its format.
Done check_number(std::size_t objects) {
  if (objects > kObjectsMax)
    return fail(ErrorCode::exhausted, "objects-too-many",
                "FILE: more than " + std::to_string(kObjectsMax));
  return {};
}

/// Every regular file below a folder, by its path from there, in order of names.
Done add_folder(const std::string& folder, std::vector<package::SourceObject>& objects) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    const fs::file_status status = at->symlink_status(failed);
    if (failed) break;
    if (fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status))
      return fail(ErrorCode::forbidden, "source-not-a-file", printable(at->path().string()));
    names.push_back(at->path().lexically_relative(folder).string());
    HANGU_CHECK(check_number(names.size() + objects.size()));
  }
  if (failed) return usage("FILE", printable(folder) + ": " + failed.message());
  std::ranges::sort(names);
  for (const std::string& name : names) {
    HANGU_TRY(package::SourceObject object,
              source_object(name, std::string(folder).append("/").append(name)));
    objects.push_back(std::move(object));
  }
  return {};
}

/// What the words FILE, NAME=FILE and DIR name.
Result<std::vector<package::SourceObject>> gather(const std::vector<std::string>& words) {
  std::vector<package::SourceObject> objects;
  std::error_code ignored;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const bool named = equals != std::string::npos && equals > 0 && !path_exists(word);
    const std::string path = named ? word.substr(equals + 1) : word;
    HANGU_CHECK(check_not_dash("FILE", path));
    const std::filesystem::file_status status = std::filesystem::symlink_status(path, ignored);
    if (!std::filesystem::exists(status))
      return fail(ErrorCode::unavailable, "file-missing", printable(path));
    if (!named && std::filesystem::is_directory(status)) {
      HANGU_CHECK(add_folder(path, objects));
      continue;
    }
    HANGU_TRY(package::SourceObject object,
              source_object(
                  named ? word.substr(0, equals) : std::filesystem::path(path).filename().string(),
                  path));
    objects.push_back(std::move(object));
  }
  if (objects.empty()) return usage("FILE", "nothing to pack");
  HANGU_CHECK(check_number(objects.size()));
  return objects;
}

Result<flow::Label> label_of(const Arguments& arguments, const crypto::Subject& sender) {
  flow::Label label;
  HANGU_TRY(label.secrecy,
            from_option("--secrecy", flow::parse_secrecy(arguments.text("secrecy"))));
  HANGU_TRY(label.grade, from_option("--grade", flow::parse_data_grade(arguments.text("grade"))));
  HANGU_TRY(const std::int64_t years,
            parse_number("--term-years", arguments.text("term-years"), 0, 100));
  label.term_years = static_cast<int>(years);
  label.owner = arguments.has("owner") ? arguments.text("owner") : sender.organisation;
  if (label.owner.empty()) return usage("--owner", "who answers for the data?");
  for (std::string& name : split_lists(arguments.list("compartment")))
    label.compartments.insert(std::move(name));
  if (label.secrecy <= flow::Secrecy::internal && label.term_years != 0)
    return usage("--term-years", "only with --secrecy secret or above");
  // The label's own invariants are those of its parser.
  return from_option("--secrecy", flow::Label::parse(label.to_json()));
}

Result<flow::ClaimedFacts> facts_of(const Arguments& arguments) {
  flow::ClaimedFacts facts;
  facts.product = arguments.text("product");
  facts.areas = split_lists(arguments.list("area"));
  facts.crs = arguments.text("crs");
  if (arguments.has("scale")) {
    HANGU_TRY(facts.scale, parse_number("--scale", arguments.text("scale"), 1, 1'000'000'000));
  }
  if (arguments.has("date-from")) facts.date_from = arguments.text("date-from");
  if (arguments.has("date-to")) facts.date_to = arguments.text("date-to");
  return facts;
}

Result<ZoneId> origin_zone(const Arguments& arguments, const NodeIdentity& identity) {
  if (arguments.has("from")) return from_option("--from", ZoneId::create(arguments.text("from")));
  if (identity.zones().size() == 1)
    return from_option("--from", ZoneId::create(*identity.zones().begin()));
  return usage("--from", "the node stands in several zones; say which");
}

/// Everything of a submission but its objects and its turn.
Result<flow::Submission> plan_submission(Session& session, const Arguments& arguments,
                                         const NodeIdentity& identity, crypto::Suite suite,
                                         const crypto::Subject& sender) {
  HANGU_TRY(flow::Label label, label_of(arguments, sender));
  HANGU_TRY(flow::ClaimedFacts facts, facts_of(arguments));
  HANGU_TRY(ZoneId from, origin_zone(arguments, identity));
  HANGU_TRY(ZoneId to, from_option("--to", ZoneId::create(arguments.text("to"))));
  std::vector<NodeId> nodes;
  for (const std::string& name : split_lists(arguments.list("to-node"))) {
    HANGU_TRY(NodeId node, from_option("--to-node", NodeId::create(name)));
    nodes.push_back(std::move(node));
  }
  HANGU_TRY(const std::chrono::milliseconds validity,
            parse_duration("--expires-in", arguments.text("expires-in")));
  HANGU_TRY(const WallTime now, session.clock.now());
  return flow::Submission{{},
                          std::move(label),
                          suite,
                          std::move(from),
                          identity.node(),
                          std::move(to),
                          std::move(nodes),
                          std::move(facts),
                          1,
                          std::nullopt,
                          now,
                          now + validity};
}

Result<std::vector<crypto::RecipientKey>> recipients_of(const Arguments& arguments,
                                                        crypto::Suite suite) {
  std::vector<crypto::RecipientKey> out;
  for (const std::string& path : arguments.list("gateway-cert")) {
    HANGU_TRY(crypto::RecipientKey key, load_recipient(path, suite));
    const auto same = [&](const crypto::RecipientKey& one) { return one.id() == key.id(); };
    if (std::ranges::any_of(out, same))
      return usage("--gateway-cert", printable(path) + ": the same key is given twice");
    out.push_back(std::move(key));
  }
  return out;
}

/// Seals what is planned into the draft, showing how far it is.
Result<package::Sealed> seal_into(DraftFile& draft, package::SealPlan plan, Session& session) {
  ProgressLine progress(session.console, phrase::kSealing);
  os::WriteBehind behind(draft.file());
  plan.progress = [&](std::uint64_t done, std::uint64_t total) {
    behind.reached(done);
    progress.show(done, total);
  };
  return package::seal(plan, draft.file(), session.entropy);
}

void tell_packed(Session& session, const std::string& out, const package::Sealed& sealed,
                 const flow::Submission& submission) {
  const std::string id = package::transfer_id_of(sealed.digest).text();
  session.console.event("packed", {{"id", id},
                                   {"file", out},
                                   {"bytes", sealed.digest.size},
                                   {"digest", sealed.digest.to_text()},
                                   {"objects", submission.objects.rows().size()},
                                   {"sequence", submission.sequence}});
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  session.console.table({{say(phrase::kTransfer), id},
                         {say(phrase::kPackage), out},
                         {say(phrase::kSize), bytes_text(sealed.digest.size)},
                         {say(phrase::kDigest), sealed.digest.to_text()},
                         {say(phrase::kSequence), std::to_string(submission.sequence)}});
}

Result<Exit> run_pack(Session& session, const Arguments& arguments) {
  const std::string out = arguments.text("out");
  HANGU_CHECK(check_not_dash("PACKAGE", out));
  HANGU_TRY(const NodeIdentity identity, NodeIdentity::load(arguments.text("identity")));
  HANGU_TRY(const crypto::Suite suite,
            from_option("--suite", crypto::parse_suite(arguments.text("suite"))));
  HANGU_TRY(const std::int64_t threads,
            parse_number("--threads", arguments.text("threads"), 0, kThreadsOptionMax));
  HANGU_TRY(const Signer signer, identity.signer(suite));
  HANGU_TRY(const std::vector<crypto::RecipientKey> recipients, recipients_of(arguments, suite));
  HANGU_TRY(const std::vector<package::SourceObject> objects, gather(arguments.list("files")));
  HANGU_TRY(flow::Submission submission,
            plan_submission(session, arguments, identity, suite, signer.certificate.subject()));
  HANGU_TRY(DraftFile draft, DraftFile::create(out));
  HANGU_TRY(submission.objects, package::outline_objects(objects, crypto::hash_of(suite)));
  HANGU_CHECK(submission.check());  // before the long work
  const auto state = [&](const flow::ObjectTable& table) {
    submission.objects = table;
    return take_turn(identity.folder(), crypto::hash_of(suite),
                     [&](const SequenceTurn& turn) -> Result<flow::Envelope> {
                       submission.sequence = turn.number;
                       submission.previous = turn.previous;
                       HANGU_CHECK(submission.check());
                       return submission.to_statement().sign(signer.key, signer.certificate.pem());
                     });
  };
  const package::SealPlan plan{suite, recipients, objects, state, static_cast<unsigned>(threads),
                               {}};
  const Result<package::Sealed> sealed = seal_into(draft, plan, session);
  if (!sealed) return std::unexpected(about_file(sealed.error(), out));
  if (const Done finished = draft.finish(); !finished)
    return std::unexpected(about_file(finished.error(), out));
  tell_packed(session, out, *sealed, submission);
  return Exit::done;
}

}  // namespace

CommandSpec pack_command() {
  return {
      "pack",
      both("声明、签名并封装数据", "state, sign and seal a dataset"),
      {{"out", "PACKAGE", both("要写的数据包,如 map.hangu", "package to write, such as map.hangu"),
        OptionKind::positional, true},
       {"files", "FILE", both("文件、NAME=FILE 或文件夹", "files, NAME=FILE, or folders"),
        OptionKind::positional_list, true},
       identity_option(),
       {"--from", "ZONE",
        both("来源区域(默认:节点唯一的区域)", "origin zone (default: the node's only one)")},
       {"--to", "ZONE", both("目的区域", "destination zone"), OptionKind::value, true},
       {"--to-node", "NODE", both("接收节点;可重复", "recipient node; may be repeated"),
        OptionKind::list, true},
       {"--gateway-cert", "FILE",
        both("收件证书或网关文件夹;可重复",
             "recipient certificate, or a gateway's folder; may be repeated"),
        OptionKind::list, true},
       {"--product", "CODE", both("产品代码", "product code"), OptionKind::value, true},
       {"--area", "CODES",
        both("行政区划代码 GB/T 2260:2、4 或 6 位,逗号分隔",
             "areas by GB/T 2260: 2, 4 or 6 digits, by commas"),
        OptionKind::list},
       {"--scale", "N", both("比例尺分母", "scale denominator")},
       {"--crs", "CRS",
        both("坐标参考系,如 EPSG:4490", "coordinate reference system, such as EPSG:4490")},
       {"--date-from", "DATE", both("数据起始日 YYYY-MM-DD", "first day of the data, YYYY-MM-DD")},
       {"--date-to", "DATE", both("数据截止日", "last day of the data")},
       {"--owner", "TEXT",
        both("数据责任单位(默认:证书里的单位)",
             "who answers for the data (default: the certificate's organisation)")},
       {"--secrecy", "GRADE",
        both("密级:open internal secret confidential top-secret",
             "secrecy: open internal secret confidential top-secret"),
        OptionKind::value, false, "open"},
       {"--grade", "GRADE",
        both("数据级别:general important core", "data grade: general important core"),
        OptionKind::value, false, "general"},
       {"--term-years", "N", both("保密期限(年)", "term of the secrecy in years"),
        OptionKind::value, false, "0"},
       {"--compartment", "NAME", both("知悉范围;可重复", "compartment; may be repeated"),
        OptionKind::list},
       {"--suite", "intl|gm", both("算法套件", "suite of algorithms"), OptionKind::value, false,
        "intl"},
       {"--expires-in", "TIME", both("有效期,如 7d", "validity, such as 7d"), OptionKind::value,
        false, "7d"},
       {"--threads", "N", both("线程数,0 为全部核", "threads, 0 for all cores"), OptionKind::value,
        false, "0"}},
      run_pack};
}

}  // namespace hangu::cli
