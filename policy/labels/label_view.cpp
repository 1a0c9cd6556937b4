#include "policy/labels/label_view.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hangu::policy {
namespace {

constexpr TagKind kRestrictive{CategoryType::restrictive, false};
constexpr TagKind kEnumerated{CategoryType::restrictive, true};
constexpr TagKind kInformative{CategoryType::informative, false};
constexpr std::array kSecrecies{flow::Secrecy::open, flow::Secrecy::internal, flow::Secrecy::secret,
                                flow::Secrecy::confidential, flow::Secrecy::top_secret};
constexpr std::array kGrades{flow::DataGrade::general, flow::DataGrade::important,
                             flow::DataGrade::core};
constexpr int kTermYearsMax = 100;
/// When somebody should look at a label again that has no term.
constexpr std::chrono::years kReviewAfter{1};

/// The object identifier of a UUID (X.667 §7) that is made from a name (RFC 9562, version 8).
std::string oid_of(std::string_view name) {
  constexpr std::string_view kDomain = "hangu label policy\n";
  constexpr std::size_t kUuidBytes = 16;
  const crypto::Hash hash = crypto::hash(crypto::HashAlgorithm::sha256,
                                         bytes_of(std::string(kDomain) + std::string(name)));
  std::array<unsigned, kUuidBytes> bytes{};
  for (std::size_t i = 0; i < kUuidBytes; ++i) bytes.at(i) = std::to_integer<unsigned>(hash.at(i));
  bytes[6] = (bytes[6] & 0x0FU) | 0x80U;  // version 8
  bytes[8] = (bytes[8] & 0x3FU) | 0x80U;  // variant 10
  std::string digits;
  while (std::ranges::any_of(bytes, [](unsigned byte) { return byte != 0; })) {
    unsigned remainder = 0;
    for (unsigned& byte : bytes) {
      const unsigned value = remainder * 256 + byte;
      byte = value / 10;
      remainder = value % 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + remainder));
  }
  return "2.25." + digits;
}

/// Names in order, numbered from one.
LabelTag tag_of(std::string_view name, TagKind kind, std::vector<std::string> values) {
  LabelTag out;
  out.name = name;
  out.kind = kind;
  std::uint64_t number = 0;
  for (std::string& value : values) {
    LabelValue& one = out.values.emplace_back();
    one.name = std::move(value);
    one.number = ++number;
  }
  return out;
}

LabelTagSet grade_set(const std::string& oid) {
  std::vector<std::string> names;
  names.reserve(kGrades.size());
  for (const flow::DataGrade grade : kGrades) names.emplace_back(flow::to_chinese(grade));
  LabelTag tag = tag_of(kGradeTagSet, kRestrictive, std::move(names));
  tag.most = 1;
  return {.name = std::string(kGradeTagSet), .oid = oid + ".1", .tags = {std::move(tag)}};
}

LabelTagSet compartment_set(const std::string& oid, const Catalogue& catalogue) {
  std::vector<std::string> names;
  names.reserve(catalogue.compartments.size());
  for (const Named& named : catalogue.compartments) names.push_back(named.id);
  return {.name = std::string(kCompartmentTagSet),
          .oid = oid + ".2",
          .tags = {tag_of(kCompartmentTagSet, kEnumerated, std::move(names))}};
}

LabelTagSet term_set(const std::string& oid) {
  std::vector<std::string> names;
  names.reserve(kTermYearsMax);
  for (int years = 1; years <= kTermYearsMax; ++years) names.push_back(std::to_string(years));
  LabelTag tag = tag_of(kTermTagSet, kInformative, std::move(names));
  tag.most = 1;
  for (LabelValue& value : tag.values)  // only a state secret has a term
    for (const flow::Secrecy secrecy : {flow::Secrecy::open, flow::Secrecy::internal})
      value.classes_excluded.emplace(flow::to_chinese(secrecy));
  return {.name = std::string(kTermTagSet), .oid = oid + ".3", .tags = {std::move(tag)}};
}

WallTime years_after(WallTime time, std::chrono::years years) {
  const std::chrono::sys_time since(time.since_epoch());
  const auto day = std::chrono::floor<std::chrono::days>(since);
  std::chrono::year_month_day date(day);
  date += years;
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;  // 29 February
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + (since - day));
}

const LabelCategory* find(const ConfidentialityLabel& label, std::string_view tag_set) {
  const auto at = std::ranges::find(label.categories, tag_set, &LabelCategory::tag_set);
  return at == label.categories.end() ? nullptr : &*at;
}

}  // namespace

LabelPolicy label_policy_of(const Catalogue& catalogue) {
  LabelPolicy out;
  out.name = catalogue.id;
  out.oid = oid_of(catalogue.id);
  out.version = catalogue.version;
  out.tag_sets.push_back(grade_set(out.oid));
  if (!catalogue.compartments.empty()) out.tag_sets.push_back(compartment_set(out.oid, catalogue));
  out.tag_sets.push_back(term_set(out.oid));
  CategoryDemand one_grade{.operation = Operation::only_one, .groups = {}};
  for (const LabelValue& grade : out.tag_sets.front().tags.front().values)
    one_grade.groups.push_back(
        {.tag_set = std::string(kGradeTagSet), .kind = kRestrictive, .number = grade.number});
  for (const flow::Secrecy secrecy : kSecrecies) {
    LabelClass& one = out.classes.emplace_back();
    one.name = flow::to_chinese(secrecy);
    one.number = static_cast<std::uint64_t>(secrecy) + 1;
    one.hierarchy = one.number;
    one.demands = {one_grade};
  }
  return out;
}

Result<ConfidentialityLabel> to_confidentiality_label(const flow::Label& label,
                                                      const Catalogue& catalogue,
                                                      WallTime created) {
  // The label's own invariants are those of its parser.
  HANGU_CHECK(flow::Label::parse(label.to_json()));
  if (!is_utf8(label.owner))
    return fail(ErrorCode::malformed, "label-invalid", "the owner is not UTF-8");
  const LabelPolicy policy = label_policy_of(catalogue);
  ConfidentialityLabel out;
  out.policy = policy.name;
  out.oid = policy.oid;
  out.classification = flow::to_chinese(label.secrecy);
  const auto add = [&](std::string_view tag_set, CategoryType type,
                       std::vector<std::string> values) {
    const LabelTagSet* set = policy.find_tag_set(tag_set);
    out.categories.push_back({.tag_set = std::string(tag_set),
                              .oid = set == nullptr ? std::string() : set->oid,
                              .type = type,
                              .values = std::move(values)});
  };
  add(kGradeTagSet, CategoryType::restrictive, {std::string(flow::to_chinese(label.grade))});
  if (!label.compartments.empty())
    add(kCompartmentTagSet, CategoryType::restrictive,
        {label.compartments.begin(), label.compartments.end()});
  if (label.term_years != 0)
    add(kTermTagSet, CategoryType::informative, {std::to_string(label.term_years)});
  out.originator = originator_of(label.owner);
  out.created = created;
  out.review = years_after(
      created, label.term_years == 0 ? kReviewAfter : std::chrono::years(label.term_years));
  HANGU_CHECK(check_legal(out, policy));
  return out;
}

Result<flow::Label> to_label(const ConfidentialityLabel& label, const Catalogue& catalogue) {
  HANGU_CHECK(check_legal(label, label_policy_of(catalogue)));
  const auto owner = label.originator ? organisation_in(*label.originator) : std::nullopt;
  if (!owner)
    return fail(ErrorCode::forbidden, "label-illegal",
                "OriginatorID is expected to be the directoryName O=… of who answers for the data");
  flow::Label out;
  out.owner = *owner;
  HANGU_TRY(out.secrecy, flow::parse_secrecy(label.classification));
  // A legal label has one.
  HANGU_TRY(out.grade, flow::parse_data_grade(find(label, kGradeTagSet)->values.front()));
  if (const LabelCategory* within = find(label, kCompartmentTagSet))
    out.compartments.insert(within->values.begin(), within->values.end());
  if (const LabelCategory* term = find(label, kTermTagSet))
    out.term_years = std::stoi(term->values.front());
  return flow::Label::parse(out.to_json());
}

}  // namespace hangu::policy
