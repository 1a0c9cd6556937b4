#include "check/gpkg_catalogue.hpp"

#include <algorithm>
#include <variant>

#include "base/text.hpp"
#include "check/crs_facts.hpp"
#include "check/limits.hpp"

namespace hangu::check {
namespace {

constexpr std::string_view kNeutralTime = "1970-01-01T00:00:00.000Z";
constexpr std::size_t kSystemNameBytesMax = 512;

/// A value that a row must have.
using Wanted = std::variant<std::monostate, std::int64_t, double, std::string>;
using WantedRow = std::vector<Wanted>;

std::unexpected<Error> wrong(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

bool is(const Rows& rows, int column, const Wanted& wanted) {
  switch (rows.cell(column)) {
    case Cell::null: return std::holds_alternative<std::monostate>(wanted);
    case Cell::integer: return wanted == Wanted(rows.integer(column));
    case Cell::real: return wanted == Wanted(rows.real(column));  // zero has one meaning here
    case Cell::text: return wanted == Wanted(std::string(rows.text(column)));
    case Cell::bytes: return false;
  }
  return false;
}

/// The rows of a table, in the order of their rowids, are these.
Done compare_rows(const Database& database, const std::string& name,
                  const std::vector<WantedRow>& wanted) {
  HANGU_TRY(Rows rows, database.select("SELECT * FROM " + quoted(name) + " ORDER BY rowid"));
  for (const WantedRow& row : wanted) {
    HANGU_TRY(const bool there, rows.step());
    if (!there) return wrong("gpkg-catalogue", name + ": a row is missing");
    bool same = std::cmp_equal(rows.columns(), row.size());
    for (std::size_t i = 0; same && i < row.size(); ++i) {
      same = is(rows, static_cast<int>(i), row[i]);
    }
    if (!same) return wrong("gpkg-catalogue", name + ": a row differs");
  }
  HANGU_TRY(const bool more, rows.step());
  return more ? Done(wrong("gpkg-catalogue", name + ": a row too much")) : Done();
}

/// The first text in quotes: the name of a system in its definition.
std::string_view name_in(std::string_view wkt) {
  const std::size_t begin = wkt.find('"');
  if (begin == std::string_view::npos) return {};
  const std::size_t end = wkt.find('"', begin + 1);
  return end == std::string_view::npos ? std::string_view()
                                       : wkt.substr(begin + 1, end - begin - 1);
}

bool is_one_line(std::string_view text, std::size_t bytes_max = kDefinitionBytesMax) {
  return text.size() <= bytes_max && is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

/// What a definition by code may be: its meaning is the code's, which stands at its end.
bool ends_with_code(std::string_view wkt, const plain::Crs& crs) {
  const std::string code = std::to_string(crs.code);
  return is_one_line(wkt) && (wkt.ends_with("AUTHORITY[\"EPSG\",\"" + code + "\"]]") ||
                              wkt.ends_with("ID[\"EPSG\"," + code + "]]"));
}

/// One row of gpkg_spatial_ref_sys for a system of plain form.
Done check_system(const Rows& rows, const plain::Crs& crs, std::int32_t id, bool has_wkt2) {
  const bool epsg = crs.kind == plain::Crs::Kind::epsg;
  const std::string what = "system " + std::to_string(id);
  const bool fixed = is(rows, 1, std::int64_t{id}) && is(rows, 3, std::int64_t{id}) &&
                     is(rows, 2, std::string(epsg ? "EPSG" : "NONE")) &&
                     is(rows, 5, std::monostate()) && rows.cell(0) == Cell::text &&
                     rows.cell(4) == Cell::text && (!has_wkt2 || rows.cell(6) == Cell::text);
  if (!fixed) return wrong("gpkg-catalogue", what);
  const std::string name(rows.text(0));
  const std::string wkt1(rows.text(4));
  const std::string wkt2(has_wkt2 ? rows.text(6) : std::string_view());
  const bool undefined = wkt1 == "undefined";
  if (name.size() > kSystemNameBytesMax || name != name_in(undefined || !epsg ? wkt2 : wkt1)) {
    return wrong("gpkg-crs", what + ": name");
  }
  if (epsg) {
    const bool right = (undefined ? has_wkt2 : ends_with_code(wkt1, crs)) &&
                       (!has_wkt2 || ends_with_code(wkt2, crs));
    return right ? Done() : Done(wrong("gpkg-crs", what + ": definition"));
  }
  if (wkt2 != crs.text) return wrong("gpkg-crs", what + ": text");
  if (undefined) return {};
  if (!is_one_line(wkt1, plain::kCrsTextBytesMax)) return wrong("gpkg-crs", what + ": definition");
  HANGU_TRY(const CrsFacts said, read_wkt(wkt1));
  HANGU_TRY(const CrsFacts meant, read_wkt(crs.text));
  return said.agrees_with(meant) ? Done() : Done(wrong("gpkg-crs", what + ": definition differs"));
}

Done check_systems(const Database& database, const GpkgPlan& plan) {
  HANGU_TRY(Rows rows, database.select("SELECT * FROM gpkg_spatial_ref_sys ORDER BY rowid"));
  const auto fixed_row = [&](std::string name, std::int64_t id) -> Done {
    HANGU_TRY(const bool there, rows.step());
    WantedRow row{std::move(name), id, "NONE", id, "undefined", {}};
    if (plan.has_wkt2) row.emplace_back("undefined");
    bool same = there && std::cmp_equal(rows.columns(), row.size());
    for (std::size_t i = 0; same && i < row.size(); ++i)
      same = is(rows, static_cast<int>(i), row[i]);
    return same ? Done() : Done(wrong("gpkg-catalogue", "system " + std::to_string(id)));
  };
  HANGU_CHECK(fixed_row("Undefined Cartesian SRS", -1));
  HANGU_CHECK(fixed_row("Undefined geographic SRS", 0));
  for (std::size_t i = 0; i < plan.systems.size(); ++i) {
    HANGU_TRY(const bool there, rows.step());
    if (!there) return wrong("gpkg-catalogue", "a system is missing");
    HANGU_CHECK(check_system(rows, plan.systems[i], plan.ids[i], plan.has_wkt2));
  }
  HANGU_TRY(const bool more, rows.step());
  return more ? Done(wrong("gpkg-catalogue", "a system too much")) : Done();
}

std::string geometry_word(const std::string& layer_sql, const GpkgLayer& names) {
  // The type stands after the geometry column in the layer's own SQL, which was compared before.
  const std::string mark = ", " + quoted(names.geometry_column) + " ";
  const std::size_t begin = layer_sql.find(mark) + mark.size();
  return layer_sql.substr(begin, layer_sql.find_first_of(",)", begin) - begin);
}

}  // namespace

Done check_catalogue(const Database& database, const GpkgPlan& plan, const Content& content,
                     const std::vector<std::optional<plain::Box>>& extents) {
  std::vector<WantedRow> contents;
  std::vector<WantedRow> columns;
  std::vector<WantedRow> extensions;
  std::vector<WantedRow> sequence;
  if (plan.has_wkt2) {
    extensions.push_back({"gpkg_spatial_ref_sys", "definition_12_063", "gpkg_crs_wkt",
                          "http://www.geopackage.org/spec120/#extension_crs_wkt", "read-write"});
  }
  for (std::size_t i = 0; i < content.layers.size(); ++i) {
    const plain::Layer& layer = content.layers[i];
    const GpkgLayer& names = plan.layers[i];
    const bool spatial = !names.geometry_column.empty();
    WantedRow row{layer.name, spatial ? "features" : "attributes", layer.name, "",
                  std::string(kNeutralTime)};
    if (extents[i]) {
      const plain::Box& box = *extents[i];
      row.insert(row.end(), {box.min_x, box.min_y, box.max_x, box.max_y});
    } else {
      row.resize(row.size() + 4);
    }
    row.push_back(spatial ? Wanted(std::int64_t{names.srs_id}) : Wanted());
    contents.push_back(std::move(row));
    if (content.features[i] > 0) {
      sequence.push_back({layer.name, static_cast<std::int64_t>(content.features[i])});
    }
    if (!spatial) continue;
    const auto object = std::ranges::find(plan.objects, layer.name, &GpkgObject::name);
    columns.push_back({layer.name, names.geometry_column, geometry_word(object->sql, names),
                       std::int64_t{names.srs_id}, static_cast<std::int64_t>(layer.z),
                       static_cast<std::int64_t>(layer.m)});
    extensions.push_back({layer.name, names.geometry_column, "gpkg_rtree_index",
                          "http://www.geopackage.org/spec120/#extension_rtree", "write-only"});
  }
  HANGU_CHECK(check_systems(database, plan));
  HANGU_CHECK(compare_rows(database, "gpkg_contents", contents));
  HANGU_CHECK(compare_rows(database, "gpkg_geometry_columns", columns));
  HANGU_CHECK(compare_rows(database, "gpkg_extensions", extensions));
  return compare_rows(database, "sqlite_sequence", sequence);
}

}  // namespace hangu::check
