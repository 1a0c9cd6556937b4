#include "policy/names.hpp"

#include "base/text.hpp"
#include "config/nearest.hpp"

namespace hangu::policy {

Result<NameIndex> NameList::add(Named name) {
  if (names_.size() >= kNamesMax)
    return fail(ErrorCode::malformed, "config-value", "more than " + std::to_string(kNamesMax));
  const auto index = static_cast<NameIndex>(names_.size());
  for (const std::string* text : {&name.id, &name.title_zh, &name.title_en}) {
    if (text->empty()) continue;
    HANGU_TRY(const std::string composed, to_nfc(*text));
    if (composed != *text)
      return fail(ErrorCode::malformed, "config-value", printable(*text, 60) + " is not in NFC");
    HANGU_TRY(std::string key, to_collision_key(*text));
    const auto [known, fresh] = look_alikes_.emplace(std::move(key), index);
    if (!fresh && known->second != index)
      return fail(ErrorCode::malformed, "catalogue-twice", printable(*text, 60));
    places_.emplace(*text, index);
  }
  names_.push_back(std::move(name));
  return index;
}

std::optional<NameIndex> NameList::find(std::string_view id_or_title) const {
  const auto at = places_.find(id_or_title);
  if (at == places_.end()) return std::nullopt;
  return at->second;
}

std::string NameList::did_you_mean(std::string_view text) const {
  std::vector<std::string> known;
  known.reserve(places_.size());
  for (const auto& [name, index] : places_) known.push_back(name);
  return config::did_you_mean(known, text);
}

}  // namespace hangu::policy
