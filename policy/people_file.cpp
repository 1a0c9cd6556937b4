#include "policy/people_file.hpp"

#include <algorithm>

#include "wire/text_set.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kZonesMax = 8;
constexpr std::size_t kRolesMax = 64;
constexpr std::size_t kKeysMax = 8;

wire::Json to_json(const std::vector<crypto::VerifyKey>& keys) {
  wire::JsonArray out;
  for (const crypto::VerifyKey& key : keys)
    out.emplace_back(wire::JsonObject{{"algorithm", crypto::to_text(key.algorithm())},
                                      {"key", to_base64(key.point())}});
  return out;
}

Result<std::vector<crypto::VerifyKey>> parse_keys(const wire::JsonArray& items) {
  std::vector<crypto::VerifyKey> out;
  for (const wire::Json& item : items) {
    wire::Fields f(item, "key");
    const auto algorithm =
        f.accept("algorithm", crypto::parse_signature_algorithm(f.text("algorithm", 20)));
    const auto point = f.accept("key", from_base64(f.text("key", 200)));
    HANGU_CHECK(f.finish());
    HANGU_TRY(crypto::VerifyKey key, crypto::VerifyKey::create(*algorithm, *point));
    out.push_back(std::move(key));
  }
  return out;
}

Result<std::vector<crypto::RecipientKey>> parse_recipient_keys(const wire::JsonArray& items) {
  std::vector<crypto::RecipientKey> out;
  for (const wire::Json& item : items) {
    wire::Fields f(item, "recipient key");
    const auto suite = f.accept("suite", crypto::parse_suite(f.text("suite", 10)));
    const auto point = f.accept("key", from_base64(f.text("key", 200)));
    HANGU_CHECK(f.finish());
    HANGU_TRY(crypto::RecipientKey key, crypto::RecipientKey::create(*suite, *point));
    if (std::ranges::any_of(out, [&](const auto& k) { return k.suite() == key.suite(); }))
      return fail(ErrorCode::malformed, "people-twice", "two recipient keys of one suite");
    out.push_back(std::move(key));
  }
  return out;
}

Result<NodeRecord> parse_node(const wire::Json& json) {
  wire::Fields f(json, "node");
  auto node = f.accept("node", NodeId::create(f.text("node", 64)));
  std::string organisation = f.text("organisation", kNameBytesMax);
  std::set<std::string> zones = wire::to_set(f.texts("zones", kZonesMax, kNameBytesMax));
  auto keys = f.accept("signingKeys", parse_keys(f.array("signingKeys", kKeysMax)));
  auto seal = f.accept("recipientKeys", parse_recipient_keys(f.array("recipientKeys", 2)));
  std::string level = f.optional_text("level", kNameBytesMax).value_or("");
  std::optional<std::set<std::string>> roles;
  if (f.has("roles")) roles = wire::to_set(f.texts("roles", kRolesMax, kNameBytesMax));
  HANGU_CHECK(f.finish());
  return NodeRecord{*std::move(node), std::move(organisation), std::move(zones), *std::move(keys),
                    *std::move(seal), std::move(level),        std::move(roles)};
}

Result<PersonRecord> parse_person(const wire::Json& json) {
  wire::Fields f(json, "person");
  auto person = f.accept("person", PersonId::create(f.text("person", 64)));
  std::string human = f.text("human", kNameBytesMax);
  std::string organisation = f.text("organisation", kNameBytesMax);
  std::set<std::string> roles = wire::to_set(f.texts("roles", kRolesMax, kNameBytesMax));
  const auto secrecy = f.accept("secrecy", flow::parse_secrecy(f.text("secrecy", 40)));
  const auto grade = f.accept("grade", flow::parse_data_grade(f.text("grade", 40)));
  const auto not_after = f.accept("notAfter", WallTime::parse(f.text("notAfter", 40)));
  auto keys = f.accept("signingKeys", parse_keys(f.array("signingKeys", kKeysMax)));
  HANGU_CHECK(f.finish());
  if (human.empty()) return fail(ErrorCode::malformed, "field-invalid", "person.human is empty");
  return PersonRecord{*std::move(person), std::move(human), std::move(organisation),
                      std::move(roles),   *secrecy,         *grade,
                      *not_after,         *std::move(keys)};
}

/// Ids are unique, and a key belongs to one holder only.
Done check_unique(const std::vector<NodeRecord>& nodes, const std::vector<PersonRecord>& people) {
  std::set<std::string> seen;
  const auto once = [&](const std::string& what) -> Done {
    if (!seen.insert(what).second) return fail(ErrorCode::malformed, "people-twice", what);
    return {};
  };
  for (const NodeRecord& n : nodes) {
    HANGU_CHECK(once("node " + n.node.text()));
    for (const crypto::VerifyKey& key : n.signing_keys) HANGU_CHECK(once("key " + key.id()));
  }
  for (const PersonRecord& p : people) {
    HANGU_CHECK(once("person " + p.person.text()));
    for (const crypto::VerifyKey& key : p.signing_keys) HANGU_CHECK(once("key " + key.id()));
  }
  return {};
}

}  // namespace

const crypto::RecipientKey* NodeRecord::recipient_key(crypto::Suite suite) const {
  const auto at = std::ranges::find(recipient_keys, suite, &crypto::RecipientKey::suite);
  return at == recipient_keys.end() ? nullptr : &*at;
}

PeopleFile::PeopleFile(std::uint32_t version, std::vector<NodeRecord> nodes,
                       std::vector<PersonRecord> people)
    : version_(version), nodes_(std::move(nodes)), people_(std::move(people)) {
  std::ranges::sort(nodes_, {}, &NodeRecord::node);
  std::ranges::sort(people_, {}, &PersonRecord::person);
}

const NodeRecord* PeopleFile::node(const NodeId& id) const {
  const auto at = std::ranges::lower_bound(nodes_, id, {}, &NodeRecord::node);
  return at != nodes_.end() && at->node == id ? &*at : nullptr;
}

Result<PeopleFile> PeopleFile::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kPeopleBytesMax));
  wire::Fields f(json, "people");
  const auto version = f.integer("version", 1, 1'000'000'000);
  const wire::JsonArray node_items = f.array("nodes", kPeopleMax);
  const wire::JsonArray person_items = f.array("people", kPeopleMax);
  HANGU_CHECK(f.finish());
  std::vector<NodeRecord> nodes;
  for (const wire::Json& item : node_items) {
    HANGU_TRY(NodeRecord record, parse_node(item));
    nodes.push_back(std::move(record));
  }
  std::vector<PersonRecord> people;
  for (const wire::Json& item : person_items) {
    HANGU_TRY(PersonRecord record, parse_person(item));
    people.push_back(std::move(record));
  }
  HANGU_CHECK(check_unique(nodes, people));
  return PeopleFile(static_cast<std::uint32_t>(version), std::move(nodes), std::move(people));
}

std::string PeopleFile::to_text() const {
  wire::JsonArray nodes;
  for (const NodeRecord& n : nodes_) {
    wire::JsonArray seal;
    for (const crypto::RecipientKey& key : n.recipient_keys)
      seal.emplace_back(wire::JsonObject{{"suite", crypto::to_text(key.suite())},
                                         {"key", to_base64(key.point())}});
    wire::JsonObject node{{"node", n.node.text()},
                          {"organisation", n.organisation},
                          {"zones", wire::to_array(n.zones)},
                          {"signingKeys", to_json(n.signing_keys)},
                          {"recipientKeys", std::move(seal)}};
    if (!n.level.empty()) node.emplace_back("level", n.level);
    if (n.roles) node.emplace_back("roles", wire::to_array(*n.roles));
    nodes.emplace_back(std::move(node));
  }
  wire::JsonArray people;
  for (const PersonRecord& p : people_)
    people.emplace_back(wire::JsonObject{{"person", p.person.text()},
                                         {"human", p.human},
                                         {"organisation", p.organisation},
                                         {"roles", wire::to_array(p.roles)},
                                         {"secrecy", flow::to_text(p.clearance_secrecy)},
                                         {"grade", flow::to_text(p.clearance_grade)},
                                         {"notAfter", p.not_after.to_text()},
                                         {"signingKeys", to_json(p.signing_keys)}});
  return wire::Json(wire::JsonObject{{"version", version_},
                                     {"nodes", std::move(nodes)},
                                     {"people", std::move(people)}})
      .to_text();
}

}  // namespace hangu::policy
