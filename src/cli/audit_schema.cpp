// hangu audit schema: what the log's entries say, type by type.

#include "audit/catalogue.hpp"
#include "audit/schema.hpp"
#include "cli/commands.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kStatement = both("已签名的声明(DSSE)", "a signed statement (DSSE envelope)");
constexpr Bilingual kNoMembers = both("没有成员", "no members");
constexpr Bilingual kBy = both("写入者", "written by");
constexpr Bilingual kType = both("类型", "type");
constexpr Bilingual kBody = both("内容", "body");
constexpr Bilingual kMember = both("成员", "member");
constexpr Bilingual kKind = both("种类", "kind");
constexpr Bilingual kMeaning = both("含义", "meaning");

std::string kind_text(const audit::Member& member) {
  const auto kind = [&]() -> std::string {
    switch (member.kind) {
      case audit::MemberKind::text: return "text";
      case audit::MemberKind::number: return "number";
      case audit::MemberKind::flag: return "flag";
      case audit::MemberKind::texts: return "text[]";
      case audit::MemberKind::object: return "object";
      case audit::MemberKind::objects: return "object[]";
    }
    return "text";
  }();
  switch (member.presence) {
    case audit::Presence::always: return kind;
    case audit::Presence::or_null: return kind + "|null";
    case audit::Presence::optional: return kind + "?";
    case audit::Presence::optional_or_null: return kind + "?|null";
  }
  return kind;
}

void add_rows(std::vector<std::vector<std::string>>& rows, const Console& console,
              std::span<const audit::Member> members, const std::string& before) {
  for (const audit::Member& member : members) {
    const std::string name = before + std::string(member.name);
    rows.push_back({name, kind_text(member),
                    std::string(console.say({member.meaning_zh, member.meaning_en}))});
    add_rows(rows, console, member.inner, name + ".");
  }
}

std::string words(std::string_view programs) {
  std::string out;
  for (const char c : programs) out += c == ' ' ? std::string(", ") : std::string(1, c);
  return out;
}

Result<Exit> show_one(Console& console, const std::string& name) {
  const audit::EntryType* type = audit::find_type(name);
  if (type == nullptr) return usage("TYPE", name);
  console.line(name + "  (" + std::string(console.say(kBy)) + ": " + words(type->programs) + ")");
  if (type->body == audit::AllowedBody::statement) {
    console.line(console.say(kStatement));
    return Exit::done;
  }
  std::vector<std::vector<std::string>> rows{{std::string(console.say(kMember)),
                                              std::string(console.say(kKind)),
                                              std::string(console.say(kMeaning))}};
  add_rows(rows, console, audit::event_members(name), "");
  if (rows.size() == 1) {
    console.line(console.say(kNoMembers));
  } else {
    console.table(rows);
  }
  return Exit::done;
}

Result<Exit> run_schema(Session& session, const Arguments& arguments) {
  Console& console = session.console;
  if (console.style().json) {
    // An event like any other, and a schema: validators pass over a keyword that they do not know.
    console.event("schema", *audit::json_schema().as_object());
    return Exit::done;
  }
  if (arguments.has("type")) return show_one(console, arguments.text("type"));
  std::vector<std::vector<std::string>> rows{{std::string(console.say(kType)),
                                              std::string(console.say(kBy)),
                                              std::string(console.say(kBody))}};
  for (const audit::EntryType& type : audit::catalogue())
    rows.push_back({std::string(type.name), words(type.programs),
                    type.body == audit::AllowedBody::statement ? "statement" : "event"});
  console.table(rows);
  return Exit::done;
}

}  // namespace

CommandSpec audit_schema_command() {
  return {"schema",
          both("日志条目的结构;--json 输出 JSON Schema",
               "what the log's entries say; --json prints a JSON Schema"),
          {{"type", "TYPE", both("某一类条目", "one type of entry"), OptionKind::positional}},
          run_schema,
          {}};
}

}  // namespace hangu::cli
