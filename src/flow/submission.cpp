#include "flow/submission.hpp"

#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace hangu::flow {
namespace {

constexpr std::size_t kAreasMax = 1000;
constexpr std::int64_t kScaleMax = 1'000'000'000;
constexpr std::size_t kProductBytesMax = 64;
constexpr std::size_t kCrsBytesMax = 64;
constexpr std::chrono::milliseconds kValidityMax = std::chrono::days(366);

auto invalid(std::string context) {
  return fail(ErrorCode::malformed, "submission-invalid", std::move(context));
}

bool is_area_code(std::string_view text) {
  return (text.size() == 2 || text.size() == 4 || text.size() == 6) &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_date(std::string_view text) {
  return text.size() == 10 && WallTime::parse(std::string(text) + "T00:00:00Z").has_value();
}

wire::Json facts_to_json(const ClaimedFacts& facts) {
  wire::JsonArray areas;
  for (const std::string& area : facts.areas) areas.emplace_back(area);
  wire::JsonObject out{{"product", facts.product}, {"areas", std::move(areas)}, {"crs", facts.crs}};
  if (facts.scale) out.emplace_back("scale", *facts.scale);
  if (facts.date_from) out.emplace_back("dateFrom", *facts.date_from);
  if (facts.date_to) out.emplace_back("dateTo", *facts.date_to);
  return out;
}

Result<ClaimedFacts> parse_facts(const wire::Json& json) {
  wire::Fields f(json, "facts");
  ClaimedFacts out;
  out.product = f.text("product", kProductBytesMax);
  out.areas = f.texts("areas", kAreasMax, 6);
  out.crs = f.text("crs", kCrsBytesMax);
  out.scale = f.optional_integer("scale", 1, kScaleMax);
  out.date_from = f.optional_text("dateFrom", 10);
  out.date_to = f.optional_text("dateTo", 10);
  HANGU_CHECK(f.finish());
  return out;
}

Done check_facts(const ClaimedFacts& facts) {
  if (!check_id(IdForm::name, facts.product)) return invalid("product code: lower-case name");
  for (const std::string& area : facts.areas)
    if (!is_area_code(area)) return invalid("area " + printable(area, 20) + ": 2, 4 or 6 digits");
  if (facts.scale && (*facts.scale < 1 || *facts.scale > kScaleMax)) return invalid("scale");
  if ((facts.date_from && !is_date(*facts.date_from)) ||
      (facts.date_to && !is_date(*facts.date_to)))
    return invalid("date: YYYY-MM-DD");
  if (facts.date_from && facts.date_to && *facts.date_to < *facts.date_from)
    return invalid("dateTo before dateFrom");
  return {};
}

}  // namespace

Statement Submission::to_statement() const {
  wire::JsonArray nodes;
  for (const NodeId& node : destination_nodes) nodes.emplace_back(node.text());
  wire::JsonObject predicate{
      {"suite", crypto::to_text(suite)},
      {"label", label.to_json()},
      {"origin", wire::JsonObject{{"zone", origin_zone.text()}, {"node", origin_node.text()}}},
      {"destination",
       wire::JsonObject{{"zone", destination_zone.text()}, {"nodes", std::move(nodes)}}},
      {"facts", facts_to_json(facts)},
      {"sequence", sequence},
      {"previous", previous ? wire::Json(previous->to_text()) : wire::Json(nullptr)},
      {"notBefore", not_before.to_text()},
      {"expires", expires.to_text()}};
  return {objects.rows(), std::string(kSubmissionPredicate), std::move(predicate)};
}

Result<Submission> Submission::parse(const Statement& statement) {
  if (statement.predicate_type != kSubmissionPredicate)
    return fail(ErrorCode::malformed, "statement-predicate", statement.predicate_type);
  wire::Fields f(statement.predicate, "submission");
  const auto suite = f.accept("suite", crypto::parse_suite(f.text("suite", 10)));
  auto label = f.accept("label", Label::parse(f.value("label")));
  wire::Fields origin(f.value("origin"), "origin");
  auto origin_zone = origin.accept("zone", ZoneId::create(origin.text("zone", 64)));
  auto origin_node = origin.accept("node", NodeId::create(origin.text("node", 64)));
  wire::Fields destination(f.value("destination"), "destination");
  auto zone = destination.accept("zone", ZoneId::create(destination.text("zone", 64)));
  std::vector<NodeId> nodes;
  for (const std::string& text : destination.texts("nodes", kRecipientsMax, 64))
    if (auto node = destination.accept("nodes", NodeId::create(text)))
      nodes.push_back(*std::move(node));
  auto facts = f.accept("facts", parse_facts(f.value("facts")));
  const auto sequence = f.integer("sequence", 1, std::numeric_limits<std::int64_t>::max());
  std::optional<crypto::ObjectDigest> previous;
  if (const wire::Json& json = f.value("previous"); !json.is_null()) {
    const std::string* text = json.as_string();
    previous = f.accept("previous", crypto::ObjectDigest::parse(text != nullptr ? *text : ""));
  }
  const auto not_before = f.accept("notBefore", WallTime::parse(f.text("notBefore", 40)));
  const auto expires = f.accept("expires", WallTime::parse(f.text("expires", 40)));
  HANGU_CHECK(f.finish());
  HANGU_CHECK(origin.finish());
  HANGU_CHECK(destination.finish());
  HANGU_TRY(ObjectTable objects, ObjectTable::create(statement.subjects));

  Submission out{std::move(objects),
                 *std::move(label),
                 *suite,
                 *std::move(origin_zone),
                 *std::move(origin_node),
                 *std::move(zone),
                 std::move(nodes),
                 *std::move(facts),
                 static_cast<std::uint64_t>(sequence),
                 previous,
                 *not_before,
                 *expires};
  HANGU_CHECK(out.check());
  return out;
}

Result<Submission> Submission::parse(const Envelope& envelope) {
  HANGU_TRY(const Statement statement, Statement::parse(envelope, kSubmissionPredicate));
  return parse(statement);
}

Done Submission::check() const {
  const crypto::HashAlgorithm algorithm = crypto::hash_of(suite);
  for (const ObjectRow& row : objects.rows())
    if (row.digest.algorithm != algorithm)
      return fail(ErrorCode::malformed, "suite-mismatch", printable(row.name, 100));
  if (objects.rows().empty()) return invalid("no objects");
  if (destination_nodes.empty() || destination_nodes.size() > kRecipientsMax)
    return invalid("destination nodes: 1.." + std::to_string(kRecipientsMax));
  if (std::set<NodeId>(destination_nodes.begin(), destination_nodes.end()).size() !=
      destination_nodes.size())
    return invalid("a destination node is named twice");
  HANGU_CHECK(check_facts(facts));
  if ((sequence == 1) != !previous.has_value())
    return invalid("previous statement: absent exactly for sequence 1");
  if (expires <= not_before || expires - not_before > kValidityMax)
    return invalid("expires must be after notBefore and within 366 days of it");
  return {};
}

}  // namespace hangu::flow
