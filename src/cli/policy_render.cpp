// hangu policy render: a policy as people read it: who may send what where, and each rule in a
// sentence.

#include "audit/export/report_html.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "os/file.hpp"
#include "policy/analysis/matrix.hpp"
#include "policy/analysis/sentence.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kDataset = both("数据类别", "dataset class");
constexpr Bilingual kMatrix = both("数据类别与流向", "dataset classes and ways");
constexpr Bilingual kRules = both("规则", "rules");
constexpr Bilingual kMarks =
    both("格中为涉及该类别与流向的允许规则;✗ 为禁止规则,优先。空格:不允许。",
         "A cell names the permits that speak of it, and with ✗ the forbids, "
         "which win. An empty cell: nothing goes.");
constexpr Bilingual kPromises =
    both("承诺(任何多步流向都不得违反)", "promises (over any number of flows)");
constexpr Bilingual kCatalogue = both("目录", "catalogue");
constexpr Bilingual kInForce = both("有效期", "in force");

policy::Tongue tongue_of(const Console& console) {
  return console.style().language == Language::zh ? policy::Tongue::zh : policy::Tongue::en;
}

std::string title_of(const Console& console, const policy::Named& named) {
  const std::string& title =
      console.style().language == Language::zh ? named.title_zh : named.title_en;
  return title.empty() ? named.id : title;
}

std::string cell_text(const policy::Cell& cell) {
  std::string out;
  for (const std::string& id : cell.permits) out += (out.empty() ? "" : " ") + id;
  if (!cell.permits.empty())
    for (const std::string& id : cell.forbids) out += " ✗" + id;
  return out;
}

/// The matrix with its heading row.
std::vector<std::vector<std::string>> table_of(const Console& console, const PolicyFile& file) {
  const policy::Matrix matrix = policy::matrix_of(file.reading.policy.book, file.catalogue);
  std::vector<std::vector<std::string>> out{{std::string(console.say(kDataset))}};
  for (const auto& [from, to] : matrix.ways)
    out.front().push_back(title_of(console, file.catalogue.zones[from]) + " → " +
                          title_of(console, file.catalogue.zones[to]));
  for (const auto& [dataset, cells] : matrix.rows) {
    out.push_back({title_of(console, file.catalogue.datasets[dataset])});
    for (const policy::Cell& cell : cells) out.back().push_back(cell_text(cell));
  }
  return out;
}

std::string period_of(const policy::Policy& policy) {
  return policy.effective.to_text() + " – " + policy.expires.to_text();
}

void tell(Console& console, const PolicyFile& file) {
  const policy::Policy& policy = file.reading.policy;
  console.line(policy.name() + "  " + std::string(console.say(kCatalogue)) + " " +
               file.catalogue.name() + "  " + std::string(console.say(kInForce)) + " " +
               period_of(policy));
  console.line("");
  console.table(table_of(console, file));
  console.line(console.say(kMarks));
  for (const policy::Rule& rule : policy.book.rules()) {
    const std::string sentence = sentence_of(rule, file.catalogue, tongue_of(console));
    console.line("");
    console.line(rule.id + (rule.title.empty() ? "" : "  " + rule.title));
    console.line("  " + sentence);
    console.event("policy-rule",
                  {{"rule", rule.id},
                   {"kind", rule.kind == policy::RuleKind::permit ? "permit" : "forbid"},
                   {"title", rule.title},
                   {"place", rule.place},
                   {"sentence", sentence}});
  }
  if (!file.reading.promises.empty()) console.line("\n" + std::string(console.say(kPromises)));
  for (const policy::Promise& promise : file.reading.promises) {
    const std::string sentence = sentence_of(promise, file.catalogue, tongue_of(console));
    console.line("\n" + promise.id + (promise.title.empty() ? "" : "  " + promise.title));
    console.line("  " + sentence);
    console.event("policy-promise", {{"promise", promise.id},
                                     {"title", promise.title},
                                     {"place", promise.place},
                                     {"sentence", sentence}});
  }
}

std::string page_of(const Console& console, const PolicyFile& file) {
  using audit::escape_html;
  const policy::Policy& policy = file.reading.policy;
  const bool chinese = console.style().language == Language::zh;
  std::string out = std::string("<!doctype html>\n<html lang=\"") + (chinese ? "zh" : "en") +
                    "\"><head><meta charset=\"utf-8\"><title>" + escape_html(policy.name()) +
                    "</title>\n<style>body{font:16px/1.5 sans-serif;margin:2em;max-width:70em}"
                    "table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3em .6em;"
                    "text-align:left}</style></head>\n<body><h1>" +
                    escape_html(policy.name()) + "</h1>\n<p>" +
                    escape_html(console.say(kCatalogue)) + " " +
                    escape_html(file.catalogue.name()) + "; " + escape_html(console.say(kInForce)) +
                    " " + escape_html(period_of(policy)) + "</p>\n<h2>" +
                    escape_html(console.say(kMatrix)) + "</h2>\n<table>\n";
  const auto table = table_of(console, file);
  for (std::size_t i = 0; i < table.size(); ++i) {
    out += "<tr>";
    for (std::size_t j = 0; j < table[i].size(); ++j) {
      const char* tag = i == 0 || j == 0 ? "th" : "td";
      out += std::string("<") + tag + ">" + escape_html(table[i][j]) + "</" + tag + ">";
    }
    out += "</tr>\n";
  }
  out += "</table>\n<p>" + escape_html(console.say(kMarks)) + "</p>\n<h2>" +
         escape_html(console.say(kRules)) + "</h2>\n";
  for (const policy::Rule& rule : policy.book.rules())
    out += "<h3>" + escape_html(rule.id) + " " + escape_html(rule.title) + "</h3>\n<p>" +
           escape_html(sentence_of(rule, file.catalogue, tongue_of(console))) + "</p>\n";
  if (!file.reading.promises.empty())
    out += "<h2>" + escape_html(console.say(kPromises)) + "</h2>\n";
  for (const policy::Promise& promise : file.reading.promises)
    out += "<h3>" + escape_html(promise.id) + " " + escape_html(promise.title) + "</h3>\n<p>" +
           escape_html(sentence_of(promise, file.catalogue, tongue_of(console))) + "</p>\n";
  return out + "</body></html>\n";
}

Result<Exit> run_render(Session& session, const Arguments& arguments) {
  HANGU_TRY(const PolicyFile file, read_good_policy_file(arguments));
  if (!arguments.has("output")) {
    tell(session.console, file);
    return Exit::done;
  }
  const std::string path = arguments.text("output");
  HANGU_CHECK(check_not_dash("--output", path));
  HANGU_TRY(DraftFile draft, DraftFile::create(path));
  const std::string page = page_of(session.console, file);
  const Done written = os::write_all(draft.file(), bytes_of(page));
  if (!written) return std::unexpected(about_file(written.error(), path));
  HANGU_CHECK(draft.finish());
  session.console.line(path);
  session.console.event("policy-rendered", {{"file", path}});
  return Exit::done;
}

}  // namespace

CommandSpec policy_render_command() {
  std::vector<OptionSpec> options = policy_file_options();
  options.push_back(
      {"--output", "FILE", both("写成 HTML 文件", "write it as an HTML file"), OptionKind::value});
  return {"render",
          both("用表格和句子写出策略", "the policy as a table and sentences"),
          std::move(options),
          run_render,
          {}};
}

}  // namespace hangu::cli
