#include "policy/test_case_writer.hpp"

namespace hangu::policy {
namespace {

/// A text of a catalogue has no control characters.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string list_of(const NameSet& names, const NameList& list) {
  std::string out;
  for (const NameIndex name : names) out += (out.empty() ? "" : ", ") + quoted(list[name].id);
  return names.size() == 1 ? out : "[" + out + "]";
}

std::string digits_of(const Area& area) {
  const std::uint32_t width = area.end - area.first;
  return std::to_string(1'000'000 + area.first)
      .substr(1, width == 10'000 ? 2
                 : width == 100  ? 4
                                 : 6);
}

}  // namespace

std::string given_text(const Request& r, const Catalogue& c) {
  std::string out;
  const auto add = [&](std::string_view key, const std::string& value) {
    out += (out.empty() ? "" : ", ") + std::string(key) + " = " + value;
  };
  add("from", quoted(c.zones[r.from].id));
  add("to", quoted(c.zones[r.to].id));
  add("dataset", list_of(r.classes, c.datasets));
  add("secrecy", quoted(flow::to_text(r.secrecy)));
  add("grade", quoted(flow::to_text(r.grade)));
  if (!r.compartments.empty()) add("compartments", list_of(r.compartments, c.compartments));
  std::string areas;
  for (const Area& area : r.areas) areas += (areas.empty() ? "" : ", ") + quoted(digits_of(area));
  if (!r.areas.empty()) add("area", r.areas.size() == 1 ? areas : "[" + areas + "]");
  if (r.placement) {
    NameSet beside;
    for (const NameIndex set : r.placement->touched)
      if (!r.placement->inside.contains(set)) beside.insert(set);
    add("area_set", list_of(r.placement->inside, c.area_sets));
    if (!beside.empty()) add("touching", list_of(beside, c.area_sets));
  }
  if (r.scale) add("scale", std::to_string(*r.scale));
  if (r.at) add("at", r.at->to_text());
  if (r.node_level) add("node_level", quoted(c.node_levels[*r.node_level].id));
  if (r.roles) add("role", list_of(*r.roles, c.roles));
  return "{ " + out + " }";
}

}  // namespace hangu::policy
