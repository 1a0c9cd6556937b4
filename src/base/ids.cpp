#include "base/ids.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hangu {
namespace {

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool fits(IdForm form, std::string_view text) {
  if (text.empty()) return false;
  switch (form) {
    case IdForm::zone:
      return text.size() <= 15 && lower(text.front()) &&
             std::ranges::all_of(text, [](char c) { return lower(c) || digit(c) || c == '-'; });
    case IdForm::name:
      return text.size() <= 63 && (lower(text.front()) || digit(text.front())) &&
             std::ranges::all_of(text, [](char c) {
               return lower(c) || digit(c) || c == '-' || c == '_' || c == '.';
             });
    case IdForm::transfer:
      return text.size() == 32 &&
             std::ranges::all_of(text, [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
  }
  return false;
}

}  // namespace

Done check_id(IdForm form, std::string_view text) {
  if (!fits(form, text)) return fail(ErrorCode::malformed, "id-invalid", printable(text, 80));
  return {};
}

}  // namespace hangu
