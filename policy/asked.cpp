#include "policy/asked.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kTextBytesMax = 600;  ///< of a name: those of catalogues are shorter
constexpr std::size_t kItemsMax = kNamesMax;

wire::JsonArray ids_of(const NameSet& names, const NameList& list) {
  wire::JsonArray out;
  for (const NameIndex name : names) out.emplace_back(list[name].id);
  return out;
}

std::string digits_of(const Area& area) {
  const std::uint32_t width = area.end - area.first;
  return std::to_string(1'000'000 + area.first)
      .substr(1, width == 10'000 ? 2
                 : width == 100  ? 4
                                 : 6);
}

WallTime minute_of(WallTime time) {
  return WallTime(std::chrono::floor<std::chrono::minutes>(time.since_epoch()));
}

/// Reads the members, each by what it is.
class Reader {
 public:
  Reader(const wire::Json& json, const Catalogue& catalogue)
      : fields_(json, "asked"), catalogue_(catalogue) {}

  Result<Asked> read() {
    const Catalogue& c = catalogue_;
    Request& r = out_.request;
    out_.catalogue = fields_.text("catalogue", kTextBytesMax);
    r.from = name("from", c.zones);
    r.to = name("to", c.zones);
    r.classes = names("classes", c.datasets);
    r.secrecy = fields_.accept("secrecy", flow::parse_secrecy(fields_.text("secrecy", 40)))
                    .value_or(flow::Secrecy::top_secret);
    r.grade = fields_.accept("grade", flow::parse_data_grade(fields_.text("grade", 40)))
                  .value_or(flow::DataGrade::core);
    r.compartments = names("compartments", c.compartments);
    read_areas();
    read_placement();
    if (is_known("scale")) r.scale = fields_.integer("scale", 1, 1'000'000'000);
    if (is_known("at")) r.at = fields_.accept("at", WallTime::parse(fields_.text("at", 40)));
    // A level that the catalogue does not know is not known, as when it was decided.
    if (is_known("nodeLevel"))
      r.node_level = c.node_levels.find(fields_.text("nodeLevel", kTextBytesMax));
    if (is_known("roles")) r.roles = names("roles", c.roles);
    HANGU_CHECK(fields_.finish());
    return std::move(out_);
  }

 private:
  /// False when the member is null; then it has been read.
  bool is_known(std::string_view key) {
    const wire::Json* value = fields_.optional_value(key);
    if (value == nullptr) {
      fields_.reject(key, "missing");
      return false;
    }
    return !value->is_null();
  }

  NameIndex find(const std::string& text, const NameList& list) {
    const auto index = list.find(text);
    if (!index && out_.unknown.empty()) out_.unknown = text;
    return index.value_or(NameIndex{0});
  }
  NameIndex name(std::string_view key, const NameList& list) {
    return find(fields_.text(key, kTextBytesMax), list);
  }
  NameSet names(std::string_view key, const NameList& list) {
    NameSet out;
    for (const std::string& text : fields_.texts(key, kItemsMax, kTextBytesMax))
      out.insert(find(text, list));
    return out;
  }

  void read_areas() {
    for (const std::string& text : fields_.texts("areas", kItemsMax, kTextBytesMax)) {
      if (const auto area = Area::parse(text))
        out_.request.areas.push_back(*area);
      else
        fields_.reject("areas", "not a GB/T 2260 code");
    }
  }

  void read_placement() {
    const bool inside = is_known("inside");
    const bool touching = is_known("touching");
    if (inside != touching) fields_.reject("touching", "known only with inside");
    if (!inside || !touching) return;
    out_.request.placement = Placement{.inside = names("inside", catalogue_.area_sets),
                                       .touched = names("touching", catalogue_.area_sets)};
  }

  wire::Fields fields_;
  const Catalogue& catalogue_;
  Asked out_;
};

}  // namespace

wire::Json asked_json(const Request& r, const Catalogue& c) {
  wire::JsonArray areas;
  for (const Area& area : r.areas) areas.emplace_back(digits_of(area));
  const auto or_null = [](bool known, auto value) {
    return known ? wire::Json(value()) : wire::Json();
  };
  wire::Json out = wire::JsonObject{
      {"catalogue", c.name()},
      {"from", c.zones[r.from].id},
      {"to", c.zones[r.to].id},
      {"classes", ids_of(r.classes, c.datasets)},
      {"secrecy", flow::to_text(r.secrecy)},
      {"grade", flow::to_text(r.grade)},
      {"compartments", ids_of(r.compartments, c.compartments)},
      {"areas", std::move(areas)},
      {"inside",
       or_null(r.placement.has_value(), [&] { return ids_of(r.placement->inside, c.area_sets); })},
      {"touching",
       or_null(r.placement.has_value(), [&] { return ids_of(r.placement->touched, c.area_sets); })},
      {"scale", or_null(r.scale.has_value(), [&] { return *r.scale; })},
      // Rules look at minutes: a step that is made again soon leaves the same record.
      {"at", or_null(r.at.has_value(), [&] { return minute_of(*r.at).to_text(); })},
      {"nodeLevel",
       or_null(r.node_level.has_value(), [&] { return c.node_levels[*r.node_level].id; })},
      {"roles", or_null(r.roles.has_value(), [&] { return ids_of(*r.roles, c.roles); })}};
  if (out.to_text().size() > kAskedBytesMax) return {};
  return out;
}

Result<Asked> read_asked(const wire::Json& json, const Catalogue& catalogue) {
  return Reader(json, catalogue).read();
}

}  // namespace hangu::policy
