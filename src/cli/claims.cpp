#include "cli/claims.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

constexpr std::string_view kEpsg = "EPSG:";
constexpr std::string_view kNoCrs = "none";
constexpr std::size_t kCrsBytesShown = 400;  ///< plain::kCrsSummaryBytesMax

auto not_facts(std::string_view what) {
  return fail(ErrorCode::malformed, "review-facts", std::string(what));
}

std::string text_in(const wire::Json& json, std::string_view key) {
  const wire::Json* value = json.find(key);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}
wire::Json value_in(const wire::Json& json, std::string_view key) {
  const wire::Json* value = json.find(key);
  return value == nullptr ? wire::Json() : *value;
}

MeasuredPart layer_part(const std::string& object, const wire::Json& layer) {
  return {object,
          text_in(layer, "name"),
          text_in(layer, "geometry"),
          text_in(layer, "crs"),
          value_in(layer, "features").to_text(),
          value_in(layer, "extent"),
          nullptr};
}

MeasuredPart raster_part(const std::string& object, const wire::Json& raster) {
  const wire::Json bands = value_in(raster, "bands");
  const std::size_t count = bands.as_array() == nullptr ? 0 : bands.as_array()->size();
  return {object,
          "",
          "raster",
          text_in(raster, "crs"),
          value_in(raster, "width").to_text() + "x" + value_in(raster, "height").to_text() + "x" +
              std::to_string(count),
          value_in(raster, "extent"),
          value_in(raster, "ground_resolution_m")};
}

std::string extent_text(const wire::Json& extent) {
  const wire::JsonArray* numbers = extent.as_array();
  if (numbers == nullptr) return "-";
  std::string out;
  for (const wire::Json& number : *numbers) out += (out.empty() ? "" : " ") + number.to_text();
  return out;
}

bool is_epsg(std::string_view crs) {
  return crs.size() > kEpsg.size() && crs.starts_with(kEpsg) &&
         std::ranges::all_of(crs.substr(kEpsg.size()), [](char c) { return c >= '0' && c <= '9'; });
}

/// As people write it: "epsg:04490" is EPSG:4490.
std::string normal_crs(std::string_view claimed) {
  std::string out(claimed);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (is_epsg(out)) {
    const std::size_t first = std::min(out.find_first_not_of('0', kEpsg.size()), out.size() - 1);
    out.erase(kEpsg.size(), first - kEpsg.size());
  }
  return out;
}

std::string where_of(const MeasuredPart& part) {
  return part.part.empty() ? part.object : part.object + ": " + part.part;
}

std::string facts_text(const flow::ClaimedFacts& facts) {
  std::string out = facts.product;
  if (!facts.crs.empty()) out += "  " + printable(facts.crs);
  if (facts.scale) out += "  1:" + std::to_string(*facts.scale);
  if (facts.date_from || facts.date_to)
    out += "  " + facts.date_from.value_or("") + ".." + facts.date_to.value_or("");
  std::string areas;
  for (const std::string& area : facts.areas) areas += (areas.empty() ? "  " : ",") + area;
  return out + areas;
}

}  // namespace

Result<std::vector<MeasuredPart>> parse_measured(const wire::Json& facts) {
  const wire::JsonArray* items = facts.as_array();
  if (items == nullptr) return not_facts("not a list");
  std::vector<MeasuredPart> out;
  for (const wire::Json& item : *items) {
    const std::string object = text_in(item, "name");
    const wire::Json* measured = item.find("measured");
    if (object.empty() || measured == nullptr || measured->as_object() == nullptr)
      return not_facts("an item without its name or what was measured");
    const wire::Json* raster = measured->find("raster");
    if (raster != nullptr && raster->as_object() != nullptr)
      out.push_back(raster_part(object, *raster));
    const wire::Json* layers = measured->find("layers");
    if (layers == nullptr || layers->as_array() == nullptr) return not_facts("no layers");
    for (const wire::Json& layer : *layers->as_array()) out.push_back(layer_part(object, layer));
  }
  return out;
}

std::vector<Contradiction> contradictions(const flow::Submission& claimed,
                                          const flow::Label& outgoing,
                                          const std::vector<MeasuredPart>& measured) {
  std::vector<Contradiction> out;
  if (claimed.label != outgoing)
    out.push_back({"label", claimed.label.to_json().to_text(), outgoing.to_json().to_text(), ""});
  const std::string crs = normal_crs(claimed.facts.crs);
  if (!is_epsg(crs)) return out;
  // Rows have none; what has none known contradicts nothing.
  for (const MeasuredPart& part : measured)
    if (part.crs != kNoCrs && part.crs != crs)
      out.push_back({"crs", crs, part.crs, where_of(part)});
  return out;
}

wire::Json to_json(const std::vector<Contradiction>& list) {
  wire::JsonArray out;
  for (const Contradiction& one : list)
    out.emplace_back(wire::JsonObject{{"claim", one.claim},
                                      {"claimed", one.claimed},
                                      {"measured", one.measured},
                                      {"where", one.where}});
  return out;
}

wire::Json claimed_json(const flow::Submission& claimed) {
  const wire::Json predicate = claimed.to_statement().predicate;
  return wire::JsonObject{{"label", value_in(predicate, "label")},
                          {"facts", value_in(predicate, "facts")}};
}

std::string label_text(const Console& console, const flow::Label& label) {
  const bool zh = console.style().language == Language::zh;
  std::string out(zh ? flow::to_chinese(label.secrecy) : flow::to_text(label.secrecy));
  out += " / ";
  out += zh ? flow::to_chinese(label.grade) : flow::to_text(label.grade);
  out += "  " + printable(label.owner);
  if (label.term_years > 0)
    out += "  " + std::to_string(label.term_years) + std::string(console.say(phrase::kYears));
  std::string rooms;
  for (const std::string& room : label.compartments)
    rooms += (rooms.empty() ? "  {" : ", ") + printable(room);
  return rooms.empty() ? out : out + rooms + "}";
}

void tell_claims(Console& console, const flow::Submission& claimed,
                 const std::vector<MeasuredPart>& measured,
                 const std::vector<Contradiction>& contradicting) {
  const auto say = [&](const Bilingual& text) { return std::string(console.say(text)); };
  console.table({{say(phrase::kClaimedLabel), label_text(console, claimed.label)},
                 {say(phrase::kClaimedFacts), facts_text(claimed.facts)}});
  std::vector<std::vector<std::string>> rows{
      {say(phrase::kMeasured), say(phrase::kLayer), say(phrase::kShape), say(phrase::kCrs),
       say(phrase::kCount), say(phrase::kExtent), say(phrase::kGroundResolution)}};
  for (const MeasuredPart& part : measured)
    rows.push_back({printable(part.object), part.part.empty() ? "-" : printable(part.part),
                    printable(part.shape), printable(part.crs, kCrsBytesShown), part.count,
                    extent_text(part.extent),
                    part.ground_resolution.is_null() ? "-" : part.ground_resolution.to_text()});
  console.table(rows);
  for (const Contradiction& one : contradicting)
    console.line(console.coloured(Colour::bad, "!! " + say(phrase::kContradicts)) + "  " +
                 one.claim + ": " + printable(one.claimed) +
                 " != " + printable(one.measured, kCrsBytesShown) +
                 (one.where.empty() ? "" : "  (" + printable(one.where) + ")"));
}

}  // namespace hangu::cli
