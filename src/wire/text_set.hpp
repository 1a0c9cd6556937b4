#pragma once
// Sets of texts as JSON arrays, in rising order.

#include <set>
#include <string>
#include <vector>

#include "wire/json.hpp"

namespace hangu::wire {

[[nodiscard]] inline JsonArray to_array(const std::set<std::string>& texts) {
  JsonArray out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

[[nodiscard]] inline std::set<std::string> to_set(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace hangu::wire
