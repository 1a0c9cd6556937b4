#include "audit/search/query.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "flow/label.hpp"

namespace hangu::audit::search {
namespace {

constexpr auto kKinds = std::to_array<CriterionKind>({
    {"actor", {Field::actor, Field::program}},
    {"node", {Field::node, Field::recipient}},
    {"dataset", {Field::dataset, Field::dataset}},
    {"area", {Field::area, Field::area}, Likeness::area},
    {"secrecy", {Field::secrecy, Field::secrecy}},
    {"grade", {Field::grade, Field::grade}},
    {"from", {Field::from, Field::from}},
    {"to", {Field::to, Field::to}},
    {"decision", {Field::decision, Field::decision}},
    {"rule", {Field::rule, Field::rule}},
    {"transfer", {Field::transfer, Field::transfer}},
    {"package", {Field::package, Field::package}},
    {"type", {Field::type, Field::type}},
    {"stage", {Field::stage, Field::stage}},
    {"reason", {Field::reason, Field::reason}},
});

std::unexpected<Error> invalid(std::string_view name, std::string_view why) {
  return fail(ErrorCode::malformed, "query-invalid", std::string(name) + ": " + printable(why));
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// What was asked for in its one spelling.
Result<std::string> spelled(const CriterionKind& kind, std::string_view wanted) {
  if (wanted.empty()) return invalid(kind.name, "empty");
  if (wanted.size() > kWantedBytesMax) return invalid(kind.name, "too long");
  if (!is_utf8(wanted)) return invalid(kind.name, "not UTF-8");
  if (kind.name == "secrecy") {
    const auto secrecy = flow::parse_secrecy(wanted);
    if (!secrecy) return invalid(kind.name, wanted);
    return std::string(flow::to_text(*secrecy));
  }
  if (kind.name == "grade") {
    const auto grade = flow::parse_data_grade(wanted);
    if (!grade) return invalid(kind.name, wanted);
    return std::string(flow::to_text(*grade));
  }
  if (kind.name == "decision") {
    for (const Ruling ruling : {Ruling::allow, Ruling::deny, Ruling::hold, Ruling::error})
      if (wanted == audit::to_text(ruling)) return std::string(wanted);
    return invalid(kind.name, wanted);
  }
  if (kind.likeness == Likeness::area && (!is_digits(wanted) || wanted.size() > 6))
    return invalid(kind.name, "1 to 6 digits of GB/T 2260");
  if (kind.name == "package") return std::string(wanted.substr(wanted.rfind(':') + 1));
  return std::string(wanted);
}

}  // namespace

std::span<const CriterionKind> criterion_kinds() { return kKinds; }

bool Criterion::accepts(const Value& value) const {
  if (!looks_at(value.field)) return false;
  return std::ranges::any_of(wanted, [&](const std::string& text) {
    if (kind->likeness == Likeness::area)
      return value.text.starts_with(text) || text.starts_with(value.text);
    if (text.ends_with('*'))
      return value.text.starts_with(std::string_view(text).substr(0, text.size() - 1));
    return value.text == text;
  });
}

Done SearchQuery::add(std::string_view name, std::string_view wanted) {
  const auto kind = std::ranges::find(kKinds, name, &CriterionKind::name);
  if (kind == kKinds.end()) return invalid(name, "no such criterion");
  HANGU_TRY(std::string one, spelled(*kind, wanted));
  auto at = std::ranges::find(criteria, &*kind, &Criterion::kind);
  if (at == criteria.end()) {
    const auto behind =
        std::ranges::find_if(criteria, [&](const Criterion& other) { return other.kind > &*kind; });
    at = criteria.insert(behind, Criterion{&*kind, {}});
  }
  if (at->wanted.size() == kAlternativesMax) return invalid(name, "too many");
  if (std::ranges::find(at->wanted, one) == at->wanted.end()) at->wanted.push_back(std::move(one));
  std::ranges::sort(at->wanted);
  return {};
}

Done SearchQuery::add_text(std::string_view phrase) {
  if (phrase.size() > kWantedBytesMax) return invalid("text", "too long");
  if (phrase_of(phrase).words.empty()) return invalid("text", "no letter or digit");
  if (text.size() == kAlternativesMax) return invalid("text", "too many");
  text.emplace_back(phrase);
  return {};
}

wire::Json SearchQuery::to_json() const {
  wire::JsonObject out;
  if (since) out.emplace_back("since", since->to_text());
  if (until) out.emplace_back("until", until->to_text());
  for (const Criterion& criterion : criteria)
    out.emplace_back(std::string(criterion.kind->name),
                     wire::JsonArray(criterion.wanted.begin(), criterion.wanted.end()));
  if (!text.empty()) out.emplace_back("text", wire::JsonArray(text.begin(), text.end()));
  return out;
}

Result<SearchQuery> SearchQuery::parse(const wire::Json& json) {
  wire::Fields f(json, "query");
  SearchQuery out;
  constexpr std::size_t kTimeBytesMax = 40;
  if (const auto since = f.optional_text("since", kTimeBytesMax))
    out.since = f.accept("since", WallTime::parse_canonical(*since));
  if (const auto until = f.optional_text("until", kTimeBytesMax))
    out.until = f.accept("until", WallTime::parse_canonical(*until));
  for (const CriterionKind& kind : kKinds) {
    if (!f.has(kind.name)) continue;
    for (const std::string& wanted : f.texts(kind.name, kAlternativesMax, kWantedBytesMax))
      HANGU_CHECK(out.add(kind.name, wanted));
  }
  if (f.has("text"))
    for (const std::string& phrase : f.texts("text", kAlternativesMax, kWantedBytesMax))
      HANGU_CHECK(out.add_text(phrase));
  HANGU_CHECK(f.finish());
  return out;
}

const Criterion* SearchQuery::find(std::string_view name) const {
  const auto at = std::ranges::find_if(
      criteria, [&](const Criterion& criterion) { return criterion.kind->name == name; });
  return at == criteria.end() ? nullptr : &*at;
}

bool SearchQuery::needs_stated() const {
  constexpr std::array kStated{Field::node,  Field::dataset, Field::area, Field::secrecy,
                               Field::grade, Field::from,    Field::to,   Field::package};
  return !text.empty() || std::ranges::any_of(criteria, [&](const Criterion& criterion) {
    return std::ranges::find(kStated, criterion.kind->fields[0]) != kStated.end();
  });
}

Matcher::Matcher(const SearchQuery& query) : query_(&query) {
  for (const std::string& text : query.text) phrases_.push_back(phrase_of(text));
}

bool Matcher::matches(std::span<const Value> own, std::span<const Value> stated) const {
  for (const Criterion& criterion : query_->criteria) {
    const auto accepts = [&](const Value& value) { return criterion.accepts(value); };
    if (!std::ranges::any_of(own, accepts) && !std::ranges::any_of(stated, accepts)) return false;
  }
  for (const Phrase& phrase : phrases_) {
    const auto holds = [&](const Value& value) {
      return phrase.is_in(words_of(searched_text(value.field, value.text)));
    };
    if (!std::ranges::any_of(own, holds) && !std::ranges::any_of(stated, holds)) return false;
  }
  return true;
}

bool Matcher::may_match(std::string_view type, std::string_view transfer) const {
  if (const Criterion* criterion = query_->find("type");
      criterion != nullptr && !criterion->accepts({Field::type, std::string(type)}))
    return false;
  const Criterion* const criterion = query_->find("transfer");
  return criterion == nullptr || criterion->accepts({Field::transfer, std::string(transfer)});
}

}  // namespace hangu::audit::search
