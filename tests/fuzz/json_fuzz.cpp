// Strict JSON. What is read is written in one form, which reads as the same value and is written
// as the same text; the indented form reads as the same value too. Fields takes every member of an
// object, and nothing less will do.

#include "base/limits.hpp"
#include "tests/fuzz/target.hpp"
#include "wire/json.hpp"

namespace {

using namespace hangu;
using wire::Json;

constexpr std::size_t kTextBytesMax = 1 << 20;

std::size_t depth_of(const Json& json) {
  std::size_t inner = 0;
  if (const auto* items = json.as_array())
    for (const Json& item : *items) inner = std::max(inner, depth_of(item));
  if (const auto* members = json.as_object())
    for (const auto& member : *members) inner = std::max(inner, depth_of(member.second));
  return json.as_array() != nullptr || json.as_object() != nullptr ? inner + 1 : 0;
}

/// Takes every member by its own type.
void take(wire::Fields& fields, const std::string& key, const Json& value) {
  if (const std::string* text = value.as_string()) {
    fuzz::must_hold(fields.text(key, kTextBytesMax) == *text);
  } else if (const std::int64_t* integer = value.as_integer()) {
    fuzz::must_hold(fields.integer(key, *integer, *integer) == *integer);
  } else if (const bool* flag = value.as_bool()) {
    fuzz::must_hold(fields.boolean(key) == *flag);
  } else if (const auto* items = value.as_array()) {
    fuzz::must_hold(fields.array(key, items->size()) == *items);
  } else if (value.is_null() || value.as_object() != nullptr) {
    fuzz::must_hold(fields.value(key) == value);
  } else {
    fuzz::must_hold(fields.number(key) == *value.as_double());
  }
}

void try_fields(const Json& json) {
  const auto* members = json.as_object();
  if (members == nullptr) {
    fuzz::must_hold(!wire::Fields(json, "value").finish());
    return;
  }
  wire::Fields all(json, "value");
  wire::Fields short_of_last(json, "value");
  for (std::size_t i = 0; i < members->size(); ++i) {
    const auto& [key, value] = (*members)[i];
    fuzz::must_hold(json.find(key) == &value);  // so no key is there twice
    take(all, key, value);
    if (i + 1 < members->size()) take(short_of_last, key, value);
  }
  fuzz::must_hold(all.finish().has_value());
  fuzz::must_hold(members->empty() || !short_of_last.finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(fuzz::view(data, size));
  const auto json = Json::parse(input, kTextBytesMax);
  if (!json) {
    fuzz::must_hold(!json.error().reason().empty());
    return 0;
  }
  fuzz::must_hold(depth_of(*json) <= kJsonDepthMax);
  // A number may be written longer than it was: 1e9 is 1000000000.0.
  constexpr std::size_t kGrowthMax = 32;
  const std::string text = json->to_text();
  const auto again = Json::parse(text, kGrowthMax * kTextBytesMax);
  fuzz::must_hold(again && *again == *json && again->to_text() == text);
  const auto pretty = Json::parse(json->to_pretty_text(), kGrowthMax * 2 * kTextBytesMax);
  fuzz::must_hold(pretty && *pretty == *json);
  try_fields(*json);
  return 0;
}
