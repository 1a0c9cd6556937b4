#include "cli/completion.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

struct Row {
  std::string_view term;
  Bilingual text;
};

constexpr auto kExits = std::to_array<Row>({
    {"0", both("已放行,或所要求的已完成", "released, or what was asked is done")},
    {"1", both("本机或程序内部错误", "the machine or the program failed")},
    {"2", both("命令行有误", "the command line cannot be used")},
    {"3", both("证书、密钥或权限不足", "a certificate, key or right is missing")},
    {"4", both("网络错误,可重试", "network; try again")},
    {"5",
     both("完整性:字节、签名或证明不成立", "integrity: bytes, signatures or proofs do not hold")},
    {"10", both("被策略或审批拒绝", "refused by policy or a reviewer")},
    {"11", both("被内容检查拒绝", "refused by the content check")},
    {"12", both("已隔离", "in quarantine")},
    {"13", both("等待结束时还没有结果", "no end yet when waiting ended")},
    {"14", both("已撤回或已过期", "withdrawn or expired")},
});

constexpr auto kEnvironment = std::to_array<Row>({
    {"LANG, LC_ALL, LC_MESSAGES", both("以 zh 开头则用中文", "Chinese when it starts with zh")},
    {"NO_COLOR", both("设置则不用颜色", "no colours when set")},
});

constexpr auto kFiles = std::to_array<Row>({
    {"IDENTITY/sequence.json",
     both("本节点用过的最后序号和声明摘要;请备份",
          "the node's last sequence number and statement digest; back it up")},
    {"PACKAGE.upload.json", both("未完成的上传在哪里", "where an unfinished upload is")},
    {"FILE.part, FILE.part.json", both("未完成的下载", "an unfinished download")},
});

std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (out.empty() && (c == '.' || c == '\''))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

class Page {
 public:
  explicit Page(Language language) : language_(language) {}

  std::string_view say(const Bilingual& text) const {
    return language_ == Language::zh ? text.zh : text.en;
  }
  void heading(const Bilingual& text) { text_ += ".SH " + roff(say(text)) + "\n"; }
  void line(std::string_view text) { text_ += roff(text) + "\n"; }
  void raw(std::string_view text) { text_ += text; }
  void term(std::string_view term, std::string_view text) {
    text_ += ".TP\n.B " + roff(term) + "\n" + roff(text) + "\n";
  }
  template <std::size_t N>
  void rows(const std::array<Row, N>& rows) {
    for (const Row& row : rows) term(row.term, say(row.text));
  }
  void options(std::span<const OptionSpec> options) {
    for (const OptionSpec& option : options) {
      std::string name = option.name.starts_with("--") ? option.name : option.value_name;
      if (name != option.value_name && !option.value_name.empty()) name += " " + option.value_name;
      std::string help(say(option.help));
      if (!option.otherwise.empty())
        help += std::string(say(both("(默认 ", " (default "))) + option.otherwise +
                std::string(say(both(")", ")")));
      if (option.required && option.name.starts_with("--"))
        help += say(both("(必填)", " (required)"));
      term(name, help);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  Language language_;
  std::string text_;
};

std::string synopsis(const std::string& words, const CommandSpec& command) {
  std::string out = words;
  for (const OptionSpec& option : command.options) {
    const bool named = option.name.starts_with("--");
    std::string one = named ? option.name : option.value_name;
    if (named && !option.value_name.empty()) one += " " + option.value_name;
    const bool repeats =
        option.kind == OptionKind::list || option.kind == OptionKind::positional_list;
    if (repeats) one += "...";
    out += option.required ? " " + one : " [" + one + "]";
  }
  return out;
}

}  // namespace

std::string man_page(std::span<const CommandSpec> commands, Language language) {
  Page page(language);
  page.raw(".TH HANGU 1 \"\" \"hangu " HANGU_VERSION "\"\n");
  page.heading(both("名称", "NAME"));
  page.raw("hangu \\- ");
  page.line(page.say(both("网络之间的关口:封装、提交、审批、取回和核验",
                          "a guard between networks: pack, submit, approve, fetch and check")));
  page.heading(both("概要", "SYNOPSIS"));
  page.raw(".B hangu\n.I COMMAND\n[\\fIOPTION\\fR]...\n");
  page.heading(both("说明", "DESCRIPTION"));
  page.line(page.say(
      both("结果写到标准输出,消息和进度写到标准错误。用 --json 时结果是每行一个事件的 "
           "NDJSON。没有终端时从不提问。",
           "Results go to standard output, messages and progress to standard error. With --json "
           "results are NDJSON, one event a line. Without a terminal nothing is ever asked.")));
  page.heading(both("公共选项", "COMMON OPTIONS"));
  page.options(common_options());
  page.heading(both("命令", "COMMANDS"));
  for_each_command(commands, [&](const std::string& words, const CommandSpec& command) {
    if (!command.run) return;
    page.raw(".SS \"" + roff(synopsis(words, command)) + "\"\n");
    page.line(page.say(command.help));
    page.options(command.options);
  });
  page.heading(both("退出码", "EXIT STATUS"));
  page.rows(kExits);
  page.heading(both("环境变量", "ENVIRONMENT"));
  page.rows(kEnvironment);
  page.heading(both("文件", "FILES"));
  page.rows(kFiles);
  return page.take();
}

}  // namespace hangu::cli
