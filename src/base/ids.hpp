#pragma once
// Identifiers: one type for each kind, checked when made, so that no two can be mixed up.

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hangu {

/// The alphabets that identifiers are made of.
enum class IdForm {
  zone,      ///< [a-z][a-z0-9-]{0,14}: also a unit, namespace and folder name
  name,      ///< [a-z0-9][a-z0-9._-]{0,62}: nodes, persons, programs
  transfer,  ///< 32 lower-case hex digits
};

/// Errors: Malformed "id-invalid".
[[nodiscard]] Done check_id(IdForm form, std::string_view text);

/// Id is a checked identifier; `Tag` keeps kinds apart, `F` is its alphabet.
template <class Tag, IdForm F>
class Id {
 public:
  [[nodiscard]] static Result<Id> create(std::string_view text) {
    HANGU_CHECK(check_id(F, text));
    return Id(std::string(text));
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const Id&) const = default;

 private:
  explicit Id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

using ZoneId = Id<struct ZoneTag, IdForm::zone>;
using NodeId = Id<struct NodeTag, IdForm::name>;
using PersonId = Id<struct PersonTag, IdForm::name>;
/// A transfer is named by the first 16 bytes of its sealed package's tree root, so the same bytes
/// submitted twice are the same transfer.
using TransferId = Id<struct TransferTag, IdForm::transfer>;

}  // namespace hangu

template <class Tag, hangu::IdForm F>
struct std::hash<hangu::Id<Tag, F>> {
  std::size_t operator()(const hangu::Id<Tag, F>& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};
