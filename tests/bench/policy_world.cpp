#include "tests/bench/policy_world.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace hangu::bench {
namespace {

using policy::NameIndex;

constexpr std::array kSecrecies{"internal", "secret", "confidential"};
constexpr const char* kWhen = "2026-03-03T09:00:00+08:00";  // a Tuesday
constexpr int kMinute = 9 * 60;
constexpr int kFirstProvince = 31;

std::string named(const char* table, char letter, std::size_t count, const std::string& more = {}) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = letter + std::to_string(i);
    out.append("[[").append(table).append("]]\nid = \"").append(id).append("\"\ntitle_zh = \"");
    out.append(id).append("号\"\ntitle_en = \"number ").append(id).append("\"\n").append(more);
    if (std::string_view(table) == "dataset")
      out.append("products = [\"p").append(std::to_string(i)).append("\"]\n");
  }
  return out;
}

std::string toml_of(const BenchRule& rule) {
  std::string out = std::string(rule.forbid ? "[[forbid]]" : "[[permit]]") + "\nid = \"" + rule.id +
                    "\"\nfrom = [\"z" + std::to_string(rule.from) + "\"]\nto = [\"z" +
                    std::to_string(rule.to) + "\"]\ndataset = [\"c" + std::to_string(rule.dataset) +
                    "\"]\narea = [\"" + std::to_string(rule.province) + "\", \"32\", \"33\"]\n" +
                    "scale = { finest = " + std::to_string(rule.finest) + " }\n" +
                    "subject = { node_level = [\"n" + std::to_string(rule.level) +
                    "\", \"n0\"] }\n";
  if (rule.forbid) return out + "label = { secrecy_min = \"confidential\" }\n";
  return out + "label = { secrecy_max = \"" + kSecrecies.at(rule.secrecy) +
         "\", grade_max = \"important\", within = [\"k0\"] }\n"
         "when = { days = \"工作日\", hours = \"08:00-20:00\" }\n"
         "require.declassify = [\"d" +
         std::to_string(rule.declassifier) +
         "\"]\n"
         "require.approve = { count = 2, roles = [\"r" +
         std::to_string(rule.role) +
         "\"] }\n"
         "require.limit = { size_mb = " +
         std::to_string(rule.megabytes) + ", per_day = 20 }\n";
}

/// As GB/T 2260 writes it.
std::string text_of(const policy::Area& area) {
  const std::uint32_t width = area.end - area.first;
  return std::to_string(area.first / width);
}

}  // namespace

World make_world(std::size_t rules) {
  std::mt19937 chance(static_cast<unsigned>(rules));
  const auto below = [&](std::size_t end) { return chance() % end; };
  const std::size_t classes = std::max(std::size_t{3}, std::min(std::size_t{2000}, rules / 4));
  const std::string ceiling = "ceiling_secrecy = \"top-secret\"\nceiling_grade = \"core\"\n";
  World out;
  out.catalogue =
      "compartments = [\"k0\", \"k1\"]\n[catalogue]\nid = \"bench\"\nversion = 1\n" +
      named("zone", 'z', 3, ceiling) + named("dataset", 'c', classes) + named("role", 'r', 6) +
      named("node_level", 'n', 4) + named("declassifier", 'd', 8) +
      "[[calendar]]\nid = \"workdays\"\ntitle_zh = \"工作日\"\ntitle_en = \"working days\"\n"
      "offset = \"+08:00\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\n";
  out.policy =
      "[policy]\nid = \"bench\"\nversion = 1\neffective = 2026-01-01T00:00:00Z\n"
      "expires = 2027-01-01T00:00:00Z\ncatalogue = \"bench@1\"\n";
  for (std::size_t i = 0; i < rules; ++i) {
    BenchRule rule;
    rule.forbid = below(10) == 0;
    rule.id = "R-" + std::to_string(i);
    rule.from = below(3);
    rule.to = (rule.from + 1 + below(2)) % 3;
    rule.dataset = below(classes);
    rule.province = kFirstProvince + below(7);
    rule.finest = 1000 * (1 + below(20));
    rule.level = below(4);
    if (!rule.forbid) {
      rule.secrecy = below(kSecrecies.size());
      rule.declassifier = below(8);
      rule.role = below(6);
      rule.megabytes = 1 + below(900);
    }
    out.policy += toml_of(rule);
    out.rules.push_back(std::move(rule));
  }
  for (std::size_t i = 0; i < kRequests; ++i) {
    policy::Request r;
    r.from = static_cast<NameIndex>(below(3));
    r.to = static_cast<NameIndex>((r.from + 1U + below(2)) % 3);
    r.classes = {static_cast<NameIndex>(below(classes))};
    r.secrecy = static_cast<flow::Secrecy>(below(4));
    r.grade = static_cast<flow::DataGrade>(below(2));
    r.compartments = {0};
    r.areas = {*policy::Area::parse(below(2) == 0 ? "330106" : "3201")};
    r.scale = 1000 * static_cast<std::int64_t>(1 + below(40));
    r.at = *WallTime::parse(kWhen);
    r.node_level = static_cast<NameIndex>(below(2));
    out.requests.push_back(std::move(r));
  }
  return out;
}

std::string cedar_of(const std::vector<BenchRule>& rules) {
  std::string out;
  for (const BenchRule& rule : rules) {
    const auto number = [](std::size_t of) { return std::to_string(of); };
    out += "@id(\"" + rule.id + "\")\n" + (rule.forbid ? "forbid" : "permit") +
           " (principal == Zone::\"z" + number(rule.from) +
           "\", action == Action::\"send\", resource == Zone::\"z" + number(rule.to) +
           "\") when {\n  context.dataset == \"c" + number(rule.dataset) +
           "\" && (context.area like \"" + number(rule.province) +
           "*\" || context.area like \"32*\" || context.area like \"33*\") && context.scale >= " +
           number(rule.finest) + " && [\"n" + number(rule.level) +
           "\", \"n0\"].contains(context.level)";
    if (rule.forbid)
      out +=
          " && context.secrecy >= " + number(static_cast<std::size_t>(flow::Secrecy::confidential));
    else
      out +=
          " && context.secrecy <= " +
          number(static_cast<std::size_t>(flow::Secrecy::internal) + rule.secrecy) +
          " && context.grade <= " + number(static_cast<std::size_t>(flow::DataGrade::important)) +
          " && [\"k0\"].containsAll(context.compartments) && context.workday && "
          "context.minute >= 480 && context.minute < 1200";
    out += "\n};\n";
  }
  return out;
}

wire::Json question_of(const policy::Request& request, const policy::RuleBook& book) {
  const policy::Ruling ruling = book.judge(request);
  wire::JsonArray rules;
  for (const std::uint32_t rule : ruling.rules) rules.emplace_back(book.rules()[rule].id);
  return wire::JsonObject{
      {"from", "z" + std::to_string(request.from)},
      {"to", "z" + std::to_string(request.to)},
      {"context", wire::JsonObject{{"dataset", "c" + std::to_string(*request.classes.begin())},
                                   {"area", text_of(request.areas.front())},
                                   {"scale", *request.scale},
                                   {"level", "n" + std::to_string(*request.node_level)},
                                   {"secrecy", static_cast<int>(request.secrecy)},
                                   {"grade", static_cast<int>(request.grade)},
                                   {"compartments", wire::JsonArray{"k0"}},
                                   {"workday", true},
                                   {"minute", kMinute}}},
      {"allowed", ruling.allowed},
      {"rules", std::move(rules)}};
}

}  // namespace hangu::bench
