#include "flow/submission.hpp"

#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "flow/route.hpp"

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

wire::Json facts_to_json(const ClaimedFacts& facts) {
  wire::JsonArray areas;
  for (const std::string& area : std::set(facts.areas.begin(), facts.areas.end()))
    areas.emplace_back(area);
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
  for (const auto& date : {facts.date_from, facts.date_to})
    if (date && !WallTime::parse_canonical(*date + "T00:00:00.000Z"))
      return invalid("date: YYYY-MM-DD");
  if (facts.date_from && facts.date_to && *facts.date_to < *facts.date_from)
    return invalid("dateTo before dateFrom");
  return {};
}

}  // namespace

Statement Submission::to_statement() const {
  wire::JsonObject predicate{{"suite", crypto::to_text(suite)}, {"label", label.to_json()}};
  write_route({origin_zone, origin_node, destination_zone, destination_nodes}, predicate);
  predicate.emplace_back("facts", facts_to_json(facts));
  predicate.emplace_back("sequence", sequence);
  predicate.emplace_back("previous",
                         previous ? wire::Json(previous->to_text()) : wire::Json(nullptr));
  predicate.emplace_back("notBefore", not_before.to_text());
  predicate.emplace_back("expires", expires.to_text());
  return {objects.rows(), std::string(kSubmissionPredicate), std::move(predicate)};
}

Result<Submission> Submission::parse(const Statement& statement) {
  if (statement.predicate_type != kSubmissionPredicate)
    return fail(ErrorCode::malformed, "statement-predicate", statement.predicate_type);
  wire::Fields f(statement.predicate, "submission");
  const auto suite = f.accept("suite", crypto::parse_suite(f.text("suite", 10)));
  auto label = f.accept("label", Label::parse(f.value("label")));
  auto route = f.accept("route", parse_route(f));
  auto facts = f.accept("facts", parse_facts(f.value("facts")));
  const auto sequence = f.integer("sequence", 1, std::numeric_limits<std::int64_t>::max());
  std::optional<crypto::ObjectDigest> previous;
  if (!f.value("previous").is_null())
    previous = f.accept("previous", crypto::ObjectDigest::parse(f.text("previous", 120)));
  const auto not_before = f.accept("notBefore", WallTime::parse_canonical(f.text("notBefore", 40)));
  const auto expires = f.accept("expires", WallTime::parse_canonical(f.text("expires", 40)));
  HANGU_CHECK(f.finish());
  HANGU_TRY(ObjectTable objects, ObjectTable::create(statement.subjects));

  Submission out{std::move(objects),
                 *std::move(label),
                 *suite,
                 std::move(route->origin_zone),
                 std::move(route->origin_node),
                 std::move(route->destination_zone),
                 std::move(route->destination_nodes),
                 *std::move(facts),
                 static_cast<std::uint64_t>(sequence),
                 previous,
                 *not_before,
                 *expires};
  HANGU_CHECK(out.check());
  HANGU_CHECK(statement.check_spelling(out.to_statement()));
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
  if (destination_nodes.empty() || destination_nodes.size() > kRecipientsMax)
    return invalid("destination nodes: 1.." + std::to_string(kRecipientsMax));
  HANGU_CHECK(check_facts(facts));
  if ((sequence == 1) != !previous.has_value())
    return invalid("previous statement: absent exactly for sequence 1");
  if (expires <= not_before || expires - not_before > kValidityMax)
    return invalid("expires must be after notBefore and within 366 days of it");
  return {};
}

}  // namespace hangu::flow
