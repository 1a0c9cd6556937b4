// hangu policy label: our labels as other people's XML (STANAG 4774, 4778, Open XML SPIF), and
// back. docs/protocols/labels.md.

#include <algorithm>

#include "base/limits.hpp"
#include "base/page_buffer.hpp"
#include "base/text.hpp"
#include "cli/claims.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "cli/values.hpp"
#include "os/file.hpp"
#include "policy/labels/label_view.hpp"
#include "policy/labels/spif.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kLegal = both("标记合法:", "the label is legal: ");
constexpr Bilingual kBound = both("绑定的文件相符:", "files that it is bound to: ");

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  const Result<Bytes> bytes = os::read_file(path, bytes_max);
  if (!bytes) return std::unexpected(about_file(bytes.error(), path));
  return std::string(text_of(*bytes));
}

/// What a file's own parser makes of it; its errors are told with the file's name and line.
template <class Parse>
auto read_with(const std::string& path, std::size_t bytes_max, Parse parse)
    -> decltype(parse(std::string_view())) {
  HANGU_TRY(const std::string text, read_text(path, bytes_max));
  auto made = parse(std::string_view(text));
  if (!made) return std::unexpected(placed_in(made.error(), path));
  return made;
}

Result<policy::Catalogue> read_catalogue(const Arguments& arguments) {
  return read_with(arguments.text("catalogue"), policy::kPolicyBytesMax, policy::Catalogue::parse);
}

Result<policy::LabelPolicy> read_foreign(const Arguments& arguments) {
  return read_with(arguments.text("spif"), policy::kSpifBytesMax, policy::read_spif);
}

/// SHA-256 of a whole file.
Result<crypto::Hash> digest_of(const std::string& path) {
  const auto file = os::open_read(path);
  if (!file) return std::unexpected(about_file(file.error(), path));
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  PageBuffer buffer(kChunkBytes);
  while (true) {
    const auto read = os::read_some(file->view(), buffer.view());
    if (!read) return std::unexpected(about_file(read.error(), path));
    if (*read == 0) return hasher.finish();
    hasher.update(buffer.view().first(*read));
  }
}

/// The files of --data as what a label is bound to.
Result<std::vector<policy::DataReference>> references_of(const Arguments& arguments) {
  std::vector<policy::DataReference> out;
  for (const std::string& path : arguments.list("data")) {
    if (out.size() == policy::kDataReferencesMax)
      return usage("--data", "at most " + std::to_string(policy::kDataReferencesMax) + " files");
    HANGU_TRY(const crypto::Hash digest, digest_of(path));
    out.push_back({.digest = digest, .media_type = media_type_of(path)});
  }
  return out;
}

/// Every file is one that the label is bound to, and none is missing.
Done check_data(const policy::LabelDocument& document, const Arguments& arguments) {
  if (!document.data.empty() && !arguments.has("data"))
    return usage("--data", "the label is bound to data: name its files");
  HANGU_TRY(const std::vector<policy::DataReference> given, references_of(arguments));
  const std::vector<std::string> paths = arguments.list("data");
  const auto holds = [](const auto& all, const policy::DataReference& one) {
    return std::ranges::find(all, one.digest, &policy::DataReference::digest) != all.end();
  };
  for (std::size_t i = 0; i < given.size(); ++i)
    if (!holds(document.data, given[i]))
      return fail(ErrorCode::corrupt, "binding-differs", printable(paths[i]));
  for (const policy::DataReference& one : document.data)
    if (!holds(given, one))
      return fail(ErrorCode::corrupt, "binding-differs", policy::address_of(one.digest));
  return {};
}

/// Writes a document to --output, or to stdout; with --json it is a member of the event.
Result<Exit> give(Session& session, const Arguments& arguments, std::string_view event,
                  const std::string& xml) {
  if (!arguments.has("output")) {
    session.console.data(xml);
    session.console.event(event, {{"xml", xml}});
    return Exit::done;
  }
  const std::string path = arguments.text("output");
  HANGU_CHECK(check_not_dash("--output", path));
  HANGU_TRY(DraftFile draft, DraftFile::create(path));
  const Done written = os::write_all(draft.file(), bytes_of(xml));
  if (!written) return std::unexpected(about_file(written.error(), path));
  HANGU_CHECK(draft.finish());
  session.console.line(path);
  session.console.event(event, {{"file", path}});
  return Exit::done;
}

Result<WallTime> created_of(Session& session, const Arguments& arguments) {
  if (!arguments.has("created")) return session.clock.now();
  return parse_instant(session.clock, "--created", arguments.text("created"), Edge::start);
}

Result<flow::Label> label_of(const Arguments& arguments) {
  flow::Label label;
  HANGU_TRY(label.secrecy,
            from_option("--secrecy", flow::parse_secrecy(arguments.text("secrecy"))));
  HANGU_TRY(label.grade, from_option("--grade", flow::parse_data_grade(arguments.text("grade"))));
  HANGU_TRY(const std::int64_t years,
            parse_number("--term-years", arguments.text("term-years"), 0, 100));
  label.term_years = static_cast<int>(years);
  label.owner = arguments.text("owner");
  for (std::string& name : split_lists(arguments.list("compartment")))
    label.compartments.insert(std::move(name));
  return from_option("--secrecy", flow::Label::parse(label.to_json()));
}

Result<Exit> run_export(Session& session, const Arguments& arguments) {
  HANGU_TRY(const policy::Catalogue catalogue, read_catalogue(arguments));
  HANGU_TRY(const flow::Label label, label_of(arguments));
  HANGU_TRY(const WallTime created, created_of(session, arguments));
  policy::LabelDocument document;
  HANGU_TRY(document.label, policy::to_confidentiality_label(label, catalogue, created));
  HANGU_TRY(document.data, references_of(arguments));
  HANGU_TRY(const std::string xml, policy::write_label_document(document));
  return give(session, arguments, "label-exported", xml);
}

Result<policy::LabelDocument> read_document(const Arguments& arguments) {
  HANGU_TRY(
      policy::LabelDocument document,
      read_with(arguments.text("label"), policy::kLabelXmlBytesMax, policy::read_label_document));
  HANGU_CHECK(check_data(document, arguments));
  return document;
}

void tell_bound(Console& console, const policy::LabelDocument& document) {
  if (!document.data.empty())
    console.line(std::string(console.say(kBound)) + std::to_string(document.data.size()));
}

Result<Exit> run_import(Session& session, const Arguments& arguments) {
  HANGU_TRY(const policy::Catalogue catalogue, read_catalogue(arguments));
  HANGU_TRY(policy::LabelDocument document, read_document(arguments));
  if (arguments.has("spif") != arguments.has("owner"))
    return usage("--owner", "goes with --spif: whose data a foreign label is of");
  const std::string from = document.label.policy;
  if (arguments.has("spif")) {
    HANGU_TRY(const policy::LabelPolicy theirs, read_foreign(arguments));
    HANGU_TRY(document.label,
              policy::translate(document.label, theirs, policy::label_policy_of(catalogue)));
    document.label.originator = policy::originator_of(arguments.text("owner"));
  }
  HANGU_TRY(const flow::Label label, policy::to_label(document.label, catalogue));
  session.console.line(label_text(session.console, label));
  tell_bound(session.console, document);
  session.console.event("label-imported", {{"policy", from},
                                           {"created", document.label.created.to_text()},
                                           {"label", label.to_json()},
                                           {"bound", document.data.size()}});
  return Exit::done;
}

Result<Exit> run_check(Session& session, const Arguments& arguments) {
  if (arguments.has("spif") == arguments.has("catalogue"))
    return usage("--spif", "one of --spif and --catalogue says which labels are legal");
  policy::LabelPolicy of;
  if (arguments.has("spif")) {
    HANGU_TRY(of, read_foreign(arguments));
  } else {
    HANGU_TRY(const policy::Catalogue catalogue, read_catalogue(arguments));
    of = policy::label_policy_of(catalogue);
  }
  HANGU_TRY(const policy::LabelDocument document, read_document(arguments));
  HANGU_CHECK(policy::check_legal(document.label, of));
  const policy::ConfidentialityLabel& label = document.label;
  std::string text = printable(label.policy) + " " + printable(label.classification);
  wire::JsonArray categories;
  for (const policy::LabelCategory& category : label.categories) {
    wire::JsonArray values;
    text += "  " + printable(category.tag_set) + " {";
    for (const std::string& value : category.values) {
      text += (values.empty() ? "" : ", ") + printable(value);
      values.emplace_back(value);
    }
    text += "}";
    categories.emplace_back(wire::JsonObject{{"tagSet", category.tag_set},
                                             {"type", policy::to_text(category.type)},
                                             {"values", std::move(values)}});
  }
  session.console.line(std::string(session.console.say(kLegal)) + text);
  tell_bound(session.console, document);
  session.console.event("label-checked", {{"policy", label.policy},
                                          {"classification", label.classification},
                                          {"categories", std::move(categories)},
                                          {"bound", document.data.size()}});
  return Exit::done;
}

Result<Exit> run_spif(Session& session, const Arguments& arguments) {
  HANGU_TRY(const policy::Catalogue catalogue, read_catalogue(arguments));
  HANGU_TRY(const WallTime created, created_of(session, arguments));
  HANGU_TRY(const std::string xml, policy::write_spif(policy::label_policy_of(catalogue), created));
  return give(session, arguments, "spif-exported", xml);
}

/// A label that its policy does not let be is refused, as a transfer with it would be.
CommandSpec refusing(CommandSpec command) {
  command.run = [run = std::move(command.run)](Session& session, const Arguments& arguments) {
    Result<Exit> exit = run(session, arguments);
    if (exit || exit.error().code() != ErrorCode::forbidden ||
        !exit.error().reason().starts_with("label-"))
      return exit;
    session.console.error(exit.error());
    return Result<Exit>(Exit::refused_policy);
  };
  return command;
}

OptionSpec label_argument() {
  return {"label", "FILE", both("标记文件(XML)", "the label's file (XML)"), OptionKind::positional,
          true};
}

OptionSpec data_option() {
  return {"--data", "FILE",
          both("标记所绑定的文件;可重复", "file that the label is bound to; may be repeated"),
          OptionKind::list};
}

OptionSpec created_option() {
  return {"--created", "TIME", both("生成时间(默认:现在)", "when it was made (default: now)")};
}

OptionSpec output_option() {
  return {"--output", "FILE", both("写入文件(默认:stdout)", "write to a file (default: stdout)")};
}

OptionSpec spif_option() {
  return {"--spif", "FILE",
          both("标记所属策略的 SPIF 文件", "the SPIF file of the policy that the label is of")};
}

CommandSpec export_command() {
  return {"export",
          both("把标记写成 STANAG 4774 XML;有 --data 时写成 STANAG 4778 绑定",
               "a label as STANAG 4774 XML; with --data in a STANAG 4778 binding"),
          {catalogue_option(),
           {"--secrecy", "GRADE",
            both("密级:公开、内部、秘密、机密、绝密",
                 "open 公开, internal 内部, secret 秘密, confidential 机密 or top-secret 绝密"),
            OptionKind::value, true},
           {"--grade", "GRADE",
            both("数据级别:一般、重要、核心", "general 一般, important 重要 or core 核心"),
            OptionKind::value, true},
           {"--owner", "TEXT", both("数据责任单位", "who answers for the data"), OptionKind::value,
            true},
           {"--term-years", "N", both("保密期限(年)", "term of the secrecy in years"),
            OptionKind::value, false, "0"},
           {"--compartment", "NAME", both("知悉范围;可重复", "compartment; may be repeated"),
            OptionKind::list},
           data_option(),
           created_option(),
           output_option()},
          run_export,
          {}};
}

CommandSpec import_command() {
  return {"import",
          both("读入 STANAG 4774 标记或 4778 绑定,说出它在本目录下是什么标记",
               "reads a STANAG 4774 label or 4778 binding, and says which label of ours it is"),
          {label_argument(),
           catalogue_option(),
           spif_option(),
           {"--owner", "TEXT",
            both("外来标记的数据责任单位(与 --spif 同用)",
                 "who answers for the data of a foreign label (with --spif)")},
           data_option()},
          run_import,
          {}};
}

}  // namespace

CommandSpec policy_label_command() {
  OptionSpec catalogue = catalogue_option();
  catalogue.required = false;
  return {"label",
          both("标记与其他标准互换", "labels in other standards' forms"),
          {},
          {},
          {refusing(export_command()),
           refusing(import_command()),
           refusing({"check",
                     both("标记在其策略下是否合法", "whether a label is legal under its policy"),
                     {label_argument(), spif_option(), catalogue, data_option()},
                     run_check,
                     {}}),
           {"spif",
            both("把目录的标记策略写成 Open XML SPIF",
                 "the catalogue's label policy as an Open XML SPIF"),
            {catalogue_option(), created_option(), output_option()},
            run_spif,
            {}}}};
}

}  // namespace hangu::cli
