#pragma once
// TOML reading for config and policy: closed tables whose unknown keys and wrong types are refused
// with their place in the file. Included by .cpp files only (it brings toml++ in).

#define TOML_EXCEPTIONS 0
#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "base/text.hpp"
#include "config/nearest.hpp"

namespace hangu::config {

/// "line 3:7"
[[nodiscard]] inline std::string place_of(const toml::source_region& source) {
  return "line " + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

inline constexpr std::size_t kKeyPartsMax = 32;  ///< of a dotted key; toml++ descends into each

/// Whether some run of text between the marks that end a key has more dots than a key may have.
/// Dots in strings and comments do not count; what is counted too much is no TOML anyhow.
[[nodiscard]] inline bool has_long_key(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      dots = 0;
    } else if (c == '"' || c == '\'') {
      const bool triple = text.substr(i, 3) == std::string(3, c);
      const std::string_view end = text.substr(i, triple ? 3 : 1);
      i += end.size();
      while (i < text.size() && text.substr(i, end.size()) != end && (triple || text[i] != '\n'))
        i += c == '"' && text[i] == '\\' ? 2U : 1U;
      i += end.size() - 1;
    } else if (c == '.') {
      if (++dots > kKeyPartsMax) return true;
    } else if (c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}' || c == '\n') {
      dots = 0;
    }
  }
  return false;
}

/// Errors: Malformed "config-syntax" with line:column; a byte order mark is refused.
[[nodiscard]] inline Result<toml::table> parse_toml(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf"))
    return fail(ErrorCode::malformed, "config-syntax",
                "byte order mark: save the file as UTF-8 without one");
  if (has_long_key(text))
    return fail(ErrorCode::malformed, "config-syntax",
                "a key of more than " + std::to_string(kKeyPartsMax) + " parts");
  toml::parse_result parsed = toml::parse(text);
  if (!parsed)
    return fail(
        ErrorCode::malformed, "config-syntax",
        place_of(parsed.error().source()) + ": " + std::string(parsed.error().description()));
  return std::move(parsed).table();
}

inline constexpr std::size_t kErrorsMax = 100;  ///< that one table is told

/// TomlTable reads the keys of one closed table; unknown keys and wrong types are refused with
/// their place in the file.
class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string what) : table_(table), what_(std::move(what)) {}

  std::string text(std::string_view key,
                   const std::optional<std::string>& otherwise = std::nullopt) {
    const toml::node* node = take(key);
    if (node == nullptr) {
      if (!otherwise) note("config-value", table_, what_ + "." + std::string(key) + " is missing");
      return otherwise.value_or("");
    }
    const auto value = node->value_exact<std::string>();
    if (!value) note("config-value", *node, what_ + "." + std::string(key) + " must be a text");
    return value.value_or("");
  }

  std::uint64_t integer(std::string_view key, std::uint64_t min, std::uint64_t max,
                        std::uint64_t otherwise) {
    const toml::node* node = take(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < min ||
        static_cast<std::uint64_t>(*value) > max) {
      note("config-value", *node,
           what_ + "." + std::string(key) + " must be " + std::to_string(min) + ".." +
               std::to_string(max));
      return otherwise;
    }
    return static_cast<std::uint64_t>(*value);
  }

  bool boolean(std::string_view key, bool otherwise) {
    const toml::node* node = take(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<bool>();
    if (!value)
      note("config-value", *node, what_ + "." + std::string(key) + " must be true or false");
    return value.value_or(otherwise);
  }

  /// A TOML offset date-time as RFC 3339 text.
  std::string date_time(std::string_view key) {
    const toml::node* node = take(key);
    const toml::date_time* value = nullptr;
    if (node != nullptr && node->is_date_time()) value = &node->as_date_time()->get();
    if (value == nullptr || !value->offset) {
      note("config-value", node != nullptr ? *node : table_,
           what_ + "." + std::string(key) + " must be a date-time with an offset");
      return {};
    }
    std::ostringstream out;
    out << *value;
    return out.str();
  }

  /// A text with its place in the file, so that a name which is not known can be shown.
  struct Placed {
    std::string text;
    const toml::node* node;
  };
  /// The texts of an array, `items_min`..`items_max`; nothing when the key is absent. An empty list
  /// mostly is an error: it would match nothing, which is never what was meant.
  std::optional<std::vector<Placed>> texts(std::string_view key, std::size_t items_max,
                                           std::size_t items_min = 1) {
    const toml::node* node = take(key);
    if (node == nullptr) return std::nullopt;
    const std::string name = what_ + "." + std::string(key);
    const toml::array* items = node->as_array();
    std::vector<Placed> out;
    if (items == nullptr || items->size() < items_min || items->size() > items_max) {
      note("config-value", *node,
           name + " must be a list of " + std::to_string(items_min) + ".." +
               std::to_string(items_max));
      return out;
    }
    for (const toml::node& item : *items) {
      const auto value = item.value_exact<std::string>();
      if (!value) note("config-value", item, name + " must hold texts");
      out.push_back({value.value_or(""), &item});
    }
    return out;
  }

  [[nodiscard]] bool is_text(std::string_view key) const { return table_[key].is_string(); }
  /// The text of this key, and where it stands; its absence stands where the table does.
  Placed placed(std::string_view key) {
    const toml::node* node = table_.get(key);
    std::string value = text(key);
    return {.text = std::move(value), .node = node != nullptr ? node : &table_};
  }

  const toml::table* table(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) note("config-value", *node, std::string(key) + " must be a table");
    return node->as_table();
  }

  /// Reads the table of this key with `read`, and takes over what is wrong in it; false when it is
  /// not there.
  template <class Read>
  bool inner(std::string_view key, Read read) {
    const toml::table* part = table(key);
    if (part == nullptr) return false;
    TomlTable t(*part, std::string(key));
    read(t);
    if (!t.finish())
      for (const Error& error : t.errors()) note_error(error);
    return true;
  }

  const toml::array* array(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return nullptr;
    if (!node->is_array())
      note("config-value", *node,
           std::string(key) + " must be an array: [[" + std::string(key) + "]]");
    return node->as_array();
  }

  /// Asking for a key makes it a known one.
  [[nodiscard]] bool has(std::string_view key) { return take(key) != nullptr; }
  [[nodiscard]] const toml::table& source() const { return table_; }
  /// What was found wrong so far, in the order of reading; at most kErrorsMax.
  [[nodiscard]] const std::vector<Error>& errors() const { return errors_; }

  void note(std::string_view reason, const toml::node& at, const std::string& why) {
    note_error({ErrorCode::malformed, reason, place_of(at.source()) + ": " + why});
  }
  void note_error(const Error& error) {
    if (errors_.size() < kErrorsMax) errors_.push_back(error);
  }

  /// Notes each key that nobody asked for. The first error of all stands for them.
  [[nodiscard]] Done finish() {
    const std::vector<std::string> known(taken_.begin(), taken_.end());
    for (const auto& [key, node] : table_)
      if (!taken_.contains(key.str()))
        note_error({ErrorCode::malformed, "config-unknown-key",
                    place_of(key.source()) + ": unknown key " + what_ + "." +
                        printable(key.str(), 60) + did_you_mean(known, key.str())});
    if (!errors_.empty()) return std::unexpected(errors_.front());
    return {};
  }

 private:
  const toml::node* take(std::string_view key) {
    taken_.emplace(key);
    return table_.get(key);
  }
  const toml::table& table_;
  std::string what_;
  std::set<std::string, std::less<>> taken_;
  std::vector<Error> errors_;
};

}  // namespace hangu::config
