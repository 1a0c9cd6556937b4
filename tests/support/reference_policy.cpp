#include "tests/support/reference_policy.hpp"

#include <algorithm>
#include <array>

namespace hangu::test {
namespace {

bool all_in(const Texts& some, const Texts& all) {
  return std::all_of(some.begin(), some.end(), [&](auto& one) { return all.count(one) == 1; });
}

bool any_in(const Texts& some, const Texts& all) {
  return std::any_of(some.begin(), some.end(), [&](auto& one) { return all.count(one) == 1; });
}

bool is_during(const PlainRule::Hours& when, long hour) {
  const long day = hour / 24 % 7;  // 0 is a Monday
  return (!when.workdays || day < 5) && when.from <= hour % 24 && hour % 24 < when.to;
}

/// A permit holds what lies wholly inside every column, as far as that is known.
bool permits(const PlainRule& p, const PlainRequest& r) {
  if (p.from && p.from->count(r.from) == 0) return false;
  if (p.to && p.to->count(r.to) == 0) return false;
  if (p.dataset && !all_in(r.classes, *p.dataset)) return false;
  if (p.secrecy && r.secrecy > *p.secrecy) return false;
  if (p.grade && r.grade > *p.grade) return false;
  if (p.within && !all_in(r.compartments, *p.within)) return false;
  if (p.area) {
    if (r.areas.empty()) return false;
    for (const std::string& area : r.areas)
      if (std::none_of(p.area->begin(), p.area->end(),
                       [&](auto& prefix) { return area.rfind(prefix, 0) == 0; }))
        return false;
  }
  if (p.area_set && (!r.placed || !any_in(r.inside, *p.area_set))) return false;
  if (p.scale && (!r.scale || *r.scale < p.scale->first || *r.scale > p.scale->second))
    return false;
  if (p.when && (!r.hour || !is_during(*p.when, *r.hour))) return false;
  if (p.level && p.level->count(r.level) == 0) return false;
  if (p.role && (!r.roles_known || !any_in(r.roles, *p.role))) return false;
  return true;
}

/// A forbid takes what touches every column, or may.
bool forbids(const PlainRule& f, const PlainRequest& r) {
  if (f.from && f.from->count(r.from) == 0) return false;
  if (f.to && f.to->count(r.to) == 0) return false;
  if (f.dataset && !any_in(r.classes, *f.dataset)) return false;
  if (f.secrecy && r.secrecy < *f.secrecy) return false;
  if (f.grade && r.grade < *f.grade) return false;
  if (f.within && !any_in(r.compartments, *f.within)) return false;
  if (f.area && !r.areas.empty()) {
    bool touches = false;
    for (const std::string& area : r.areas)
      for (const std::string& prefix : *f.area)
        touches = touches || area.rfind(prefix, 0) == 0 || prefix.rfind(area, 0) == 0;
    if (!touches) return false;
  }
  if (f.area_set && r.placed && !any_in(r.touched, *f.area_set)) return false;
  if (f.scale && r.scale && (*r.scale < f.scale->first || *r.scale > f.scale->second)) return false;
  if (f.when && r.hour && !is_during(*f.when, *r.hour)) return false;
  if (f.level && !r.level.empty() && f.level->count(r.level) == 0) return false;
  if (f.role && r.roles_known && !any_in(r.roles, *f.role)) return false;
  return true;
}

void join(PlainRule& all, const PlainRule& one) {
  const auto add = [](Texts& to, const Texts& from) { to.insert(from.begin(), from.end()); };
  add(all.declassify, one.declassify);
  add(all.packs, one.packs);
  add(all.approver_roles, one.approver_roles);
  add(all.notify, one.notify);
  const int roles = static_cast<int>(all.approver_roles.size());
  all.approvals = std::max({all.approvals, one.approvals, roles});
  all.organisations |= one.organisations;
  all.watermark |= one.watermark;
  for (const auto& [key, bound] : one.limits)
    all.limits[key] = all.limits.count(key) == 1 ? std::min(all.limits[key], bound) : bound;
  Texts carriers;
  for (const std::string& carrier : all.carriers)
    if (one.carriers.count(carrier) == 1) carriers.insert(carrier);
  all.carriers = carriers;
}

std::string list(const Texts& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", \"" : "\"") + text + "\"";
  return out + "]";
}

std::string column(const std::string& key, const std::optional<Texts>& texts) {
  return texts ? key + " = " + list(*texts) + "\n" : "";
}

constexpr std::array kSecrecies{"open", "internal", "secret", "confidential", "top-secret"};
constexpr std::array kGrades{"general", "important", "core"};

std::string named(const std::string& table, char letter, int count, const std::string& more) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    const std::string id = letter + std::to_string(i);
    out.append("[[").append(table).append("]]\nid = \"").append(id);
    out.append("\"\ntitle_zh = \"名").append(id).append("\"\ntitle_en = \"name ").append(id);
    out.append("\"\n").append(more);
  }
  return out;
}

}  // namespace

PlainRuling judge_plainly(const std::vector<PlainRule>& rules, const PlainRequest& request) {
  PlainRuling out;
  for (const PlainRule& rule : rules)
    if (rule.forbid && forbids(rule, request)) out.rules.insert(rule.id);
  if (!out.rules.empty()) return out;
  for (const PlainRule& rule : rules) {
    if (rule.forbid || !permits(rule, request)) continue;
    out.rules.insert(rule.id);
    join(out.joined, rule);
  }
  out.allowed = !out.rules.empty();
  return out;
}

Texts PolicyMaker::some(char letter, std::size_t count) {
  Texts out;
  for (std::size_t i = 0; i < count; ++i)
    if (!one_in(3)) out.insert(letter + std::to_string(i));
  if (out.empty()) out.insert(letter + std::to_string(below(count)));
  return out;
}

std::string PolicyMaker::area() {
  const std::string code = std::to_string(11 + below(3)) + "0" + std::to_string(1 + below(2)) +
                           "0" + std::to_string(1 + below(2));
  return code.substr(0, 2 + 2 * below(3));
}

PlainRule PolicyMaker::rule(std::size_t number) {
  PlainRule out;
  out.forbid = one_in(5);
  out.id = "R-" + std::to_string(number);
  const auto maybe = [&](std::optional<Texts>& into, char letter, std::size_t count, bool always) {
    if (always || one_in(out.forbid ? 2 : 3)) into = some(letter, count);
  };
  maybe(out.from, 'z', 4, !out.forbid);
  maybe(out.to, 'z', 4, !out.forbid);
  maybe(out.dataset, 'c', 6, !out.forbid);
  maybe(out.within, 'k', 4, false);
  maybe(out.area_set, 's', 3, false);
  maybe(out.level, 'n', 4, false);
  maybe(out.role, 'r', 5, false);
  if (!out.forbid || one_in(2)) out.secrecy = static_cast<int>(below(5));
  if (!out.forbid || one_in(2)) out.grade = static_cast<int>(below(3));
  if (one_in(3)) out.area = Texts{area(), area()};
  if (one_in(3)) {
    const long finest = 1000 * static_cast<long>(1 + below(5));
    out.scale = {finest, finest + 1000 * static_cast<long>(below(6))};
  }
  if (one_in(4)) {
    const int from = static_cast<int>(below(23));
    out.when = {.workdays = one_in(2),
                .from = from,
                .to = from + 1 + static_cast<int>(below(4)) % (24 - from)};
  }
  if (out.forbid) return out;
  if (one_in(3)) out.declassify = some('d', 4);
  if (one_in(6)) out.packs = some('p', 2);
  if (one_in(6)) out.notify = some('r', 5);
  if (one_in(3)) out.approver_roles = some('r', 5);
  out.approvals = std::max(static_cast<int>(below(4)), static_cast<int>(out.approver_roles.size()));
  out.organisations = one_in(4);
  out.watermark = one_in(4);
  for (const char* key : {"size_mb", "objects", "per_day", "contiguous_km2"})
    if (one_in(4)) out.limits[key] = static_cast<long>(1 + below(50));
  if (one_in(4)) {
    const std::array carriers{"online", "one-way", "media"};
    out.carriers = {carriers[below(3)], carriers[below(3)]};
  }
  return out;
}

std::vector<PlainRule> PolicyMaker::rules(std::size_t count) {
  std::vector<PlainRule> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(rule(i));
  return out;
}

PlainRequest PolicyMaker::request() {
  PlainRequest out;
  out.from = "z" + std::to_string(below(4));
  out.to = "z" + std::to_string(below(4));
  for (std::size_t i = 0; i <= below(2); ++i) out.classes.insert("c" + std::to_string(below(6)));
  for (std::size_t i = below(3); i > 0; --i)
    out.compartments.insert("k" + std::to_string(below(4)));
  for (std::size_t i = below(3); i > 0; --i) out.areas.insert(area());
  out.roles_known = !one_in(5);
  out.placed = !one_in(4);
  for (int i = 0; i < 3 && out.placed; ++i) {
    if (one_in(2)) out.touched.insert("s" + std::to_string(i));
    if (one_in(2) && out.touched.count("s" + std::to_string(i)) == 1)
      out.inside.insert("s" + std::to_string(i));
  }
  for (std::size_t i = below(3); i > 0; --i) out.roles.insert("r" + std::to_string(below(5)));
  out.secrecy = static_cast<int>(below(5));
  out.grade = static_cast<int>(below(3));
  // A limit is met, and missed by one, as often as anything else.
  if (!one_in(4))
    out.scale = 1000 * static_cast<long>(1 + below(10)) - 1 + static_cast<long>(below(3));
  if (!one_in(4)) out.hour = static_cast<long>(below(7 * 24));
  if (!one_in(4)) out.level = "n" + std::to_string(below(4));
  return out;
}

std::string PolicyMaker::catalogue_toml() {
  const std::string digest = "digest = \"sha256:" + std::string(64, 'a') + "\"\n";
  return "compartments = [\"k0\", \"k1\", \"k2\", \"k3\"]\n[catalogue]\nid = \"made\"\nversion = "
         "1\n" +
         named("zone", 'z', 4, "ceiling_secrecy = \"top-secret\"\nceiling_grade = \"core\"\n") +
         named("dataset", 'c', 6, "products = [\"any\"]\n") + named("role", 'r', 5, "") +
         named("node_level", 'n', 4, "") + named("declassifier", 'd', 4, "") +
         named("pack", 'p', 2, "") + named("area_set", 's', 3, digest) +
         "[[calendar]]\nid = \"workdays\"\ntitle_zh = \"工作日\"\ntitle_en = \"workdays\"\n"
         "offset = \"+08:00\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\n"
         "[[calendar]]\nid = \"every-day\"\ntitle_zh = \"每天\"\ntitle_en = \"every day\"\n"
         "offset = \"+08:00\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", "
         "\"sun\"]\n";
}

std::string PolicyMaker::policy_toml(const std::vector<PlainRule>& rules) {
  std::string out =
      "[policy]\nid = \"made\"\nversion = 1\neffective = 1970-01-01T00:00:00Z\n"
      "expires = 2100-01-01T00:00:00Z\ncatalogue = \"made@1\"\n";
  for (const PlainRule& r : rules) {
    const std::string end = r.forbid ? "_min" : "_max";
    out += std::string(r.forbid ? "[[forbid]]\n" : "[[permit]]\n") + "id = \"" + r.id + "\"\n";
    out += column("from", r.from) + column("to", r.to) + column("dataset", r.dataset) +
           column("area", r.area) + column("area_set", r.area_set) +
           column("label.within", r.within) + column("subject.node_level", r.level) +
           column("subject.role", r.role);
    if (r.secrecy)
      out += "label.secrecy" + end + " = \"" + kSecrecies[static_cast<std::size_t>(*r.secrecy)] +
             "\"\n";
    if (r.grade)
      out += "label.grade" + end + " = \"" + kGrades[static_cast<std::size_t>(*r.grade)] + "\"\n";
    if (r.scale)
      out += "scale = { finest = " + std::to_string(r.scale->first) +
             ", coarsest = " + std::to_string(r.scale->second) + " }\n";
    if (r.when) {
      const auto hour = [](int of) { return (of < 10 ? "0" : "") + std::to_string(of) + ":00"; };
      out += std::string("when = { days = \"") + (r.when->workdays ? "工作日" : "every-day") +
             "\", hours = \"" + hour(r.when->from) + "-" + hour(r.when->to) + "\" }\n";
    }
    if (r.forbid) continue;
    if (!r.declassify.empty()) out += column("require.declassify", r.declassify);
    if (!r.packs.empty()) out += column("require.desensitise", r.packs);
    if (!r.notify.empty()) out += column("require.notify", r.notify);
    out += "require.carrier = " + list(r.carriers) + "\n";
    out += std::string("require.watermark = ") + (r.watermark ? "true\n" : "false\n");
    out += "require.approve.count = " + std::to_string(r.approvals) + "\n";
    if (!r.approver_roles.empty()) out += column("require.approve.roles", r.approver_roles);
    out += std::string("require.approve.distinct_organisations = ") +
           (r.organisations ? "true\n" : "false\n");
    for (const auto& [key, bound] : r.limits)
      out += "require.limit." + key + " = " + std::to_string(bound) + "\n";
  }
  return out;
}

}  // namespace hangu::test
