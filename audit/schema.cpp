#include "audit/schema.hpp"

#include <algorithm>

#include "audit/catalogue.hpp"
#include "audit/limits.hpp"
#include "base/limits.hpp"

namespace hangu::audit {
namespace {

using wire::Json;
using wire::JsonArray;
using wire::JsonObject;

bool follows(std::span<const Member> members, const Json& json);

bool may_be_absent(const Member& member) {
  return member.presence == Presence::optional || member.presence == Presence::optional_or_null;
}

bool may_be_null(const Member& member) {
  return member.presence == Presence::or_null || member.presence == Presence::optional_or_null;
}

bool is_text(const Json& json) {
  return json.as_string() != nullptr && json.as_string()->size() <= kEntryBytesMax;
}

/// True when `json` is an array whose every item is one that `accept` takes.
template <class Accept>
bool all_items(const Json& json, Accept accept) {
  return json.as_array() != nullptr && std::ranges::all_of(*json.as_array(), accept);
}

bool is_of(const Member& member, const Json& json) {
  switch (member.kind) {
    case MemberKind::text: return is_text(json);
    case MemberKind::number: return json.as_integer() != nullptr && *json.as_integer() >= 0;
    case MemberKind::flag: return json.as_bool() != nullptr;
    case MemberKind::texts: return all_items(json, is_text);
    case MemberKind::object: return follows(member.inner, json);
    case MemberKind::objects:
      return all_items(json, [&](const Json& item) { return follows(member.inner, item); });
  }
  return false;
}

bool follows(std::span<const Member> members, const Json& json) {
  if (json.as_object() == nullptr) return false;
  std::size_t known = 0;
  for (const Member& member : members) {
    const Json* value = json.find(member.name);
    if (value == nullptr) {
      if (!may_be_absent(member)) return false;
      continue;
    }
    ++known;
    if (may_be_null(member) && value->is_null()) continue;
    if (!is_of(member, *value)) return false;
  }
  return known == json.as_object()->size();
}

JsonObject object_schema(std::span<const Member> members);

JsonObject schema_of(const Member& member) {
  switch (member.kind) {
    case MemberKind::text: return {{"type", "string"}, {"maxLength", kEntryBytesMax}};
    case MemberKind::number: return {{"type", "integer"}, {"minimum", 0}};
    case MemberKind::flag: return {{"type", "boolean"}};
    case MemberKind::texts:
      return {{"type", "array"},
              {"items", JsonObject{{"type", "string"}, {"maxLength", kEntryBytesMax}}}};
    case MemberKind::object: return object_schema(member.inner);
    case MemberKind::objects: return {{"type", "array"}, {"items", object_schema(member.inner)}};
  }
  return {};
}

JsonObject object_schema(std::span<const Member> members) {
  JsonObject properties;
  JsonArray required;
  for (const Member& member : members) {
    JsonObject schema = schema_of(member);
    if (may_be_null(member))
      schema = {{"anyOf", JsonArray{std::move(schema), JsonObject{{"type", "null"}}}}};
    schema.emplace_back("description", std::string(member.meaning_en));
    properties.emplace_back(std::string(member.name), std::move(schema));
    if (!may_be_absent(member)) required.emplace_back(std::string(member.name));
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

JsonObject hex_digits(std::size_t digits) {
  return {{"type", "string"}, {"pattern", "^[0-9a-f]{" + std::to_string(digits) + "}$"}};
}

Json or_null(JsonObject schema) {
  return JsonObject{{"anyOf", JsonArray{std::move(schema), JsonObject{{"type", "null"}}}}};
}

/// What every entry has, whatever its type.
JsonObject common_members() {
  JsonArray names;
  for (const EntryType& type : catalogue()) names.emplace_back(std::string(type.name));
  const JsonObject number{{"type", "integer"}, {"minimum", 0}};
  return {
      {"v", JsonObject{{"const", 1}}},
      {"id", hex_digits(32)},
      {"type", JsonObject{{"enum", std::move(names)}}},
      {"time", JsonObject{{"type", "string"}, {"format", "date-time"}}},
      {"boot", hex_digits(16)},
      {"peer", JsonObject{{"type", "object"},
                          {"properties", JsonObject{{"program", JsonObject{{"type", "string"}}},
                                                    {"uid", number},
                                                    {"pid", number}}},
                          {"required", JsonArray{"program", "uid", "pid"}},
                          {"additionalProperties", false}}},
      {"transfer", or_null(hex_digits(32))},
      {"previous", or_null(number)},
      {"keys", JsonObject{{"type", "array"},
                          {"items", JsonObject{{"type", "string"}, {"maxLength", kKeyBytesMax}}},
                          {"maxItems", kKeysPerEntryMax}}},
      {"statement", or_null({{"type", "string"}, {"contentEncoding", "base64"}})},
      {"event", or_null({{"type", "object"}})},
      {"salt", hex_digits(32)}};
}

/// If an entry is of `type`, its body is.
Json body_of(const EntryType& type) {
  JsonObject then;
  const Json none = JsonObject{{"type", "null"}};
  const Json statement = JsonObject{{"type", "string"}};
  const Json event = object_schema(event_members(type.name));
  switch (type.body) {
    case AllowedBody::statement: then = {{"statement", statement}, {"event", none}}; break;
    case AllowedBody::event: then = {{"statement", none}, {"event", event}}; break;
  }
  const Json transfer = type.about_transfer ? Json(hex_digits(32)) : none;
  then.emplace_back("transfer", transfer);
  return JsonObject{
      {"if", JsonObject{{"properties",
                         JsonObject{{"type", JsonObject{{"const", std::string(type.name)}}}}}}},
      {"then", JsonObject{{"properties", std::move(then)}}}};
}

}  // namespace

bool follows_schema(std::string_view type, const Json& event) {
  return follows(event_members(type), event);
}

Json json_schema() {
  JsonObject members = common_members();
  JsonArray required;
  for (const auto& [name, schema] : members) required.emplace_back(name);
  JsonArray bodies;
  for (const EntryType& type : catalogue()) bodies.push_back(body_of(type));
  return JsonObject{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                    {"title", "Hangu audit log entry"},
                    {"type", "object"},
                    {"properties", std::move(members)},
                    {"required", std::move(required)},
                    {"additionalProperties", false},
                    {"allOf", std::move(bodies)}};
}

}  // namespace hangu::audit
