#include "flow/decision.hpp"

#include "base/limits.hpp"

namespace hangu::flow {
namespace {

constexpr std::size_t kNamesMax = 64;
constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kSlotBytesMax = 4000;
constexpr std::size_t kExplanationBytesMax = 4000;

wire::Json to_array(const auto& texts) {
  wire::JsonArray out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

std::set<std::string> to_set(std::vector<std::string> texts) {
  return {std::make_move_iterator(texts.begin()), std::make_move_iterator(texts.end())};
}

wire::Json to_json(const Approver& a) {
  return wire::JsonObject{{"person", a.person.text()},
                          {"human", a.human},
                          {"organisation", a.organisation},
                          {"roles", to_array(a.roles)},
                          {"algorithm", crypto::to_text(a.key.algorithm())},
                          {"key", to_base64(a.key.point())}};
}

wire::Json key_to_json(const std::optional<crypto::VerifyKey>& key) {
  if (!key) return nullptr;
  return wire::JsonObject{{"algorithm", crypto::to_text(key->algorithm())},
                          {"point", to_base64(key->point())}};
}

/// The key in the members "algorithm" and `name`.
std::optional<crypto::VerifyKey> take_key(wire::Fields& f, std::string_view name) {
  const auto algorithm =
      f.accept("algorithm", crypto::parse_signature_algorithm(f.text("algorithm", 20)));
  const auto point = f.accept(name, from_base64(f.text(name, 200)));
  if (!algorithm || !point) return std::nullopt;
  return f.accept(name, crypto::VerifyKey::create(*algorithm, *point));
}

Result<std::optional<crypto::VerifyKey>> parse_key(const wire::Json& json) {
  if (json.is_null()) return std::optional<crypto::VerifyKey>();
  wire::Fields f(json, "key");
  auto key = take_key(f, "point");
  HANGU_CHECK(f.finish());
  return key;
}

Result<Approver> parse_approver(const wire::Json& json) {
  wire::Fields f(json, "approver");
  auto person = f.accept("person", PersonId::create(f.text("person", 64)));
  std::string human = f.text("human", kNameBytesMax);
  std::string organisation = f.text("organisation", kNameBytesMax);
  std::set<std::string> roles = to_set(f.texts("roles", kNamesMax, kNameBytesMax));
  auto key = take_key(f, "key");
  HANGU_CHECK(f.finish());
  return Approver{*std::move(person), std::move(human), std::move(organisation), std::move(roles),
                  *std::move(key)};
}

Result<Recipient> parse_recipient(const wire::Json& json, crypto::Suite suite) {
  wire::Fields f(json, "recipient");
  auto node = f.accept("node", NodeId::create(f.text("node", 64)));
  const auto point = f.accept("key", from_base64(f.text("key", 200)));
  HANGU_CHECK(f.finish());
  HANGU_TRY(crypto::RecipientKey key, crypto::RecipientKey::create(suite, *point));
  return Recipient{*std::move(node), std::move(key)};
}

wire::Json to_json(const Obligations& o) {
  return wire::JsonObject{{"approverSlots", to_array(o.approver_slots)},
                          {"declassifiers", to_array(o.declassifiers)},
                          {"bytesMax", o.bytes_max}};
}

Result<Obligations> parse_obligations(const wire::Json& json) {
  wire::Fields f(json, "obligations");
  Obligations out;
  out.approver_slots = f.texts("approverSlots", kApprovalsMax, kSlotBytesMax);
  out.declassifiers = to_set(f.texts("declassifiers", kNamesMax, kNameBytesMax));
  out.bytes_max = static_cast<std::uint64_t>(
      f.integer("bytesMax", 0, static_cast<std::int64_t>(kObjectBytesMax)));
  HANGU_CHECK(f.finish());
  return out;
}

}  // namespace

wire::Json Decision::to_json() const {
  wire::JsonArray to;
  for (const Recipient& r : recipients)
    to.emplace_back(wire::JsonObject{{"node", r.node.text()}, {"key", to_base64(r.key.point())}});
  wire::JsonArray people;
  for (const Approver& a : approvers) people.push_back(flow::to_json(a));
  return wire::JsonObject{{"allowed", allowed},
                          {"reason", reason},
                          {"rules", to_array(rules)},
                          {"explanationZh", explanation_zh},
                          {"explanationEn", explanation_en},
                          {"origin", origin.text()},
                          {"destination", destination.text()},
                          {"submitter", submitter.text()},
                          {"submitterKey", key_to_json(submitter_key)},
                          {"outputLabel", output_label.to_json()},
                          {"obligations", flow::to_json(obligations)},
                          {"suite", crypto::to_text(suite)},
                          {"recipients", std::move(to)},
                          {"approvers", std::move(people)},
                          {"policy", policy}};
}

Result<Decision> Decision::parse(const wire::Json& json) {
  wire::Fields f(json, "decision");
  const bool allowed = f.boolean("allowed");
  std::string reason = f.text("reason", kNameBytesMax);
  std::vector<std::string> rules = f.texts("rules", kRulesNamedMax, kNameBytesMax);
  std::string zh = f.text("explanationZh", kExplanationBytesMax);
  std::string en = f.text("explanationEn", kExplanationBytesMax);
  auto origin = f.accept("origin", ZoneId::create(f.text("origin", 64)));
  auto destination = f.accept("destination", ZoneId::create(f.text("destination", 64)));
  auto submitter = f.accept("submitter", NodeId::create(f.text("submitter", 64)));
  auto submitter_key = f.accept("submitterKey", parse_key(f.value("submitterKey")));
  auto label = f.accept("outputLabel", Label::parse(f.value("outputLabel")));
  auto obligations = f.accept("obligations", parse_obligations(f.value("obligations")));
  const auto suite = f.accept("suite", crypto::parse_suite(f.text("suite", 10)));
  const wire::JsonArray to = f.array("recipients", kRecipientsMax);
  const wire::JsonArray people = f.array("approvers", kApproversMax);
  std::string policy = f.text("policy", kNameBytesMax);
  HANGU_CHECK(f.finish());

  std::vector<Recipient> recipients;
  for (const wire::Json& item : to) {
    HANGU_TRY(Recipient recipient, parse_recipient(item, *suite));
    recipients.push_back(std::move(recipient));
  }
  std::vector<Approver> approvers;
  for (const wire::Json& item : people) {
    HANGU_TRY(Approver approver, parse_approver(item));
    approvers.push_back(std::move(approver));
  }
  if (allowed && (recipients.empty() || !*submitter_key))
    return fail(ErrorCode::malformed, "decision-invalid", "allowed, yet no recipient or sender");
  return Decision{allowed,
                  std::move(reason),
                  std::move(rules),
                  std::move(zh),
                  std::move(en),
                  *std::move(origin),
                  *std::move(destination),
                  *std::move(submitter),
                  *std::move(submitter_key),
                  *std::move(label),
                  *std::move(obligations),
                  std::move(recipients),
                  std::move(approvers),
                  *suite,
                  std::move(policy)};
}

}  // namespace hangu::flow
