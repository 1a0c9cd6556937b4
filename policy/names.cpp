#include "policy/names.hpp"

#include "base/text.hpp"
#include "config/nearest.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kTitleBytesMax = 200;
constexpr std::size_t kNamesTold = 12;  ///< of a list, when none of them is near

}  // namespace

Result<NameIndex> NameList::add(Named name) {
  if (names_.size() >= kNamesMax)
    return fail(ErrorCode::malformed, "config-value", "more than " + std::to_string(kNamesMax));
  const auto index = static_cast<NameIndex>(names_.size());
  for (const std::string* text : {&name.id, &name.title_zh, &name.title_en}) {
    if (text->empty()) continue;
    if (!is_printable(*text, kTitleBytesMax))
      return fail(ErrorCode::malformed, "config-value",
                  printable(*text, 60) + ": at most " + std::to_string(kTitleBytesMax) +
                      " bytes, no control characters");
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
  if (const auto key = to_collision_key(text)) {
    const auto same = look_alikes_.find(*key);  // full width, or other case
    if (same != look_alikes_.end()) {
      const Named& name = names_[same->second];
      return "; did you mean \"" + printable(name.id, 60) + "\"?";
    }
  }
  std::vector<std::string> known;
  known.reserve(places_.size());
  for (const auto& [name, index] : places_) known.push_back(name);
  std::string near = config::did_you_mean(known, text);
  if (!near.empty() || names_.empty() || names_.size() > kNamesTold) return near;
  for (const Named& name : names_)
    near += (near.empty() ? "; there are " : ", ") + printable(name.id, 60) +
            (name.title_zh.empty() ? "" : " " + printable(name.title_zh, 60));
  return near;
}

}  // namespace hangu::policy
