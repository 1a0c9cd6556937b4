#include "policy/promise_reader.hpp"

#include "base/limits.hpp"
#include "policy/rule_reader.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;

Origin read_origin(TomlTable& t, const Catalogue& catalogue) {
  Origin out;
  const auto zones = read_names(t, "zone", catalogue.zones);
  if (!zones) t.note("config-value", t.source(), "origin.zone is missing");
  out.zones = zones.value_or(NameSet{});
  if (t.has("secrecy_min"))
    out.secrecy_min = read_secrecy(t, "secrecy_min").value_or(flow::Secrecy::open);
  if (t.has("grade_min"))
    out.grade_min = read_grade(t, "grade_min").value_or(flow::DataGrade::general);
  out.dataset = read_names(t, "dataset", catalogue.datasets);
  out.within = read_names(t, "within", catalogue.compartments).value_or(NameSet{});
  return out;
}

void read_unless(TomlTable& t, const Catalogue& catalogue, Promise& out) {
  out.declassified_by =
      read_names(t, "declassified_by", catalogue.declassifiers).value_or(NameSet{});
  out.approvals_min = static_cast<std::uint32_t>(t.integer("approvals_min", 1, kApprovalsMax, 0));
  if (out.is_absolute())
    t.note("config-value", t.source(), "unless: declassified_by, approvals_min or both");
  if (out.declassified_by.size() > kPromisedDeclassifiersMax)
    t.note("config-value", t.source(),
           "declassified_by: at most " + std::to_string(kPromisedDeclassifiersMax));
}

}  // namespace

std::optional<Promise> read_promise(const toml::table& table, const Catalogue& catalogue,
                                    std::vector<Error>& problems) {
  TomlTable t(table, "never");
  Promise out;
  out.place = config::place_of(table.source());
  out.id = read_rule_id(t);
  out.title = read_title(t);
  if (!t.inner("origin", [&](TomlTable& p) { out.origin = read_origin(p, catalogue); }))
    t.note("config-value", table, "never.origin is missing");
  t.inner("unless", [&](TomlTable& p) { read_unless(p, catalogue, out); });
  const auto reach = read_names(t, "reach", catalogue.zones);
  if (!reach) t.note("config-value", table, "never.reach is missing");
  out.reach = reach.value_or(NameSet{});
  if (out.reach.touches(out.origin.zones))
    t.note("config-value", table, "reach names a zone that is an origin: it is there already");
  if (t.finish()) return out;
  problems.insert(problems.end(), t.errors().begin(), t.errors().end());
  return std::nullopt;
}

}  // namespace hangu::policy
