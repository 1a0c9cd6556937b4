#include "policy/catalogue.hpp"

#include <algorithm>
#include <numeric>

#include "config/toml_table.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;

Named read_named(TomlTable& t) {
  Named name{t.text("id"), t.text("title_zh"), t.text("title_en")};
  if (!check_id(IdForm::name, name.id))
    t.note("config-value", t.source(), "id must be an ASCII id");
  return name;
}

/// Reads each table of an array with `read`, refusing an id that stands twice.
template <class T, class Read>
Done read_list(TomlTable& root, std::string_view key, std::vector<T>& out, Read read) {
  const toml::array* items = root.array(key);
  if (items == nullptr) return {};
  if (items->size() > kNamesMax)
    return fail(ErrorCode::malformed, "config-value", std::string(key) + ": too many");
  std::set<std::string> seen;
  for (const toml::node& item : *items) {
    const toml::table* table = item.as_table();
    if (table == nullptr)
      return fail(ErrorCode::malformed, "config-value", std::string(key) + " holds tables");
    TomlTable t(*table, std::string(key));
    const Named name = read_named(t);
    out.push_back(read(t, name));
    HANGU_CHECK(t.finish());
    if (!seen.insert(name.id).second)
      return fail(ErrorCode::malformed, "catalogue-twice",
                  config::place_of(table->source()) + ": " + name.id);
  }
  return {};
}

ZoneTerms read_zone(TomlTable& t, const Named& name) {
  ZoneTerms zone{name, flow::Secrecy::open, flow::DataGrade::general};
  if (const auto s = flow::parse_secrecy(t.text("ceiling_secrecy"))) {
    zone.ceiling_secrecy = *s;
  } else {
    t.note("config-value", t.source(), s.error().message());
  }
  if (const auto g = flow::parse_data_grade(t.text("ceiling_grade"))) {
    zone.ceiling_grade = *g;
  } else {
    t.note("config-value", t.source(), g.error().message());
  }
  return zone;
}

DatasetClass read_dataset(TomlTable& t, const Named& name) {
  DatasetClass out{name, {}};
  const auto products = t.texts("products", kNamesMax);
  if (!products) t.note("config-value", t.source(), "products is missing");
  for (const auto& product : products.value_or(std::vector<TomlTable::Placed>{}))
    out.products.insert(product.text);
  return out;
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80U) out.push_back(0);
    out.back() = out.back() << 8U | byte;
  }
  return out;
}

std::size_t edit_distance(std::string_view a_text, std::string_view b_text) {
  const std::u32string a = code_points(a_text);
  const std::u32string b = code_points(b_text);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
      corner = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

Result<Catalogue> Catalogue::parse(std::string_view text) {
  if (text.size() > kPolicyBytesMax) return fail(ErrorCode::exhausted, "catalogue-too-long");
  HANGU_TRY(const toml::table root, config::parse_toml(text));
  TomlTable t(root, "catalogue");
  Catalogue out;
  const toml::table* head = t.table("catalogue");
  if (head == nullptr) return fail(ErrorCode::malformed, "config-value", "[catalogue] is missing");
  TomlTable h(*head, "catalogue");
  out.id = h.text("id");
  out.version = static_cast<std::uint32_t>(h.integer("version", 1, 1'000'000'000, 0));
  HANGU_CHECK(h.finish());
  const auto same = [](TomlTable&, const Named& name) { return name; };
  HANGU_CHECK(read_list(t, "zone", out.zones, read_zone));
  HANGU_CHECK(read_list(t, "dataset", out.datasets, read_dataset));
  HANGU_CHECK(read_list(t, "role", out.roles, same));
  HANGU_CHECK(read_list(t, "declassifier", out.declassifiers, same));
  for (const auto& name :
       t.texts("compartments", kNamesMax).value_or(std::vector<TomlTable::Placed>{}))
    out.compartments.insert(name.text);
  HANGU_CHECK(t.finish());
  if (out.version == 0 || out.zones.empty() || out.datasets.empty())
    return fail(ErrorCode::malformed, "config-value", "catalogue needs version, zones, datasets");
  return out;
}

const ZoneTerms* Catalogue::zone(std::string_view zone_id) const {
  const auto at =
      std::ranges::find_if(zones, [&](const ZoneTerms& z) { return z.name.id == zone_id; });
  return at == zones.end() ? nullptr : &*at;
}

std::set<std::string> Catalogue::classes_of(std::string_view product) const {
  std::set<std::string> out;
  for (const DatasetClass& dataset : datasets)
    if (dataset.products.contains(std::string(product))) out.insert(dataset.name.id);
  return out;
}

const Named* find_named(const std::vector<Named>& list, std::string_view text) {
  const auto at = std::ranges::find_if(list, [&](const Named& n) {
    return n.id == text || n.title_zh == text || n.title_en == text;
  });
  return at == list.end() ? nullptr : &*at;
}

std::string nearest_name(const std::vector<Named>& list, std::string_view text) {
  std::string best;
  std::size_t least = 1000;
  for (const Named& name : list)
    for (const std::string* candidate : {&name.id, &name.title_zh, &name.title_en})
      if (const std::size_t distance = edit_distance(*candidate, text); distance < least) {
        least = distance;
        best = *candidate;
      }
  return best;
}

}  // namespace hangu::policy
