#pragma once
// Strict JSON: the only way into and out of JSON in Hangu.
//
// Reading refuses duplicate keys, trailing bytes, a byte order mark, invalid UTF-8, nesting over
// kJsonDepthMax, integers outside int64, and "\u0000". Objects keep the order of their keys, so
// writing what was built is deterministic: no white space, keys as inserted, shortest numbers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"

namespace hangu::wire {

class Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<std::pair<std::string, Json>>;

/// Json is one value: null, bool, int64, double, text, array or object. Value semantics.
class Json {
 public:
  Json() = default;
  // NOLINTBEGIN(google-explicit-constructor): a value is written where a Json is wanted.
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Json(T value) : value_(checked(value)) {}
  Json(double value) : value_(value) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(std::string_view text) : value_(std::string(text)) {}
  Json(std::string text) : value_(std::move(text)) {}
  Json(JsonArray items) : value_(std::move(items)) {}
  Json(JsonObject members) : value_(std::move(members)) {}
  // NOLINTEND(google-explicit-constructor)

  /// Errors: Malformed "json-syntax", "json-duplicate-key", "json-too-deep", "json-number",
  /// "json-not-utf8"; Exhausted "json-too-long" when longer than `bytes_max`.
  [[nodiscard]] static Result<Json> parse(std::string_view text, std::size_t bytes_max);
  /// Compact canonical text. Non-finite doubles are a defect.
  [[nodiscard]] std::string to_text() const;
  /// The same value, indented for people.
  [[nodiscard]] std::string to_pretty_text() const;

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const std::int64_t* as_integer() const {
    return std::get_if<std::int64_t>(&value_);
  }
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const JsonArray* as_array() const { return std::get_if<JsonArray>(&value_); }
  [[nodiscard]] const JsonObject* as_object() const { return std::get_if<JsonObject>(&value_); }
  /// A double, or an integer read as one.
  [[nodiscard]] std::optional<double> as_double() const;
  /// The member of an object, or nullptr.
  [[nodiscard]] const Json* find(std::string_view key) const;
  bool operator==(const Json&) const = default;

 private:
  template <class T>
  static std::int64_t checked(T value) {
    HANGU_ASSERT(std::in_range<std::int64_t>(value));
    return static_cast<std::int64_t>(value);
  }
  std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject>
      value_;
};

/// Fields reads the members of a closed object: each once, by name and type; finish() refuses
/// what is missing, of another type, or not asked for ("unknown critical field").
///
///     Fields f(json, "label");
///     const std::string owner = f.text("owner", 100);
///     const std::int64_t term = f.integer("term", 0, 100);
///     HANGU_CHECK(f.finish());
///
/// Errors of finish(): Malformed "field-missing", "field-type", "field-range", "field-unknown",
/// "field-invalid"; the context says which field of which object.
class Fields {
 public:
  Fields(const Json& json, std::string_view what);

  [[nodiscard]] bool has(std::string_view key) const;
  std::string text(std::string_view key, std::size_t bytes_max);
  std::optional<std::string> optional_text(std::string_view key, std::size_t bytes_max);
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t min,
                                               std::int64_t max);
  double number(std::string_view key);
  bool boolean(std::string_view key);
  /// The items of an array, at most `items_max`.
  JsonArray array(std::string_view key, std::size_t items_max);
  std::vector<std::string> texts(std::string_view key, std::size_t items_max,
                                 std::size_t bytes_max);
  /// A nested value of any kind, for a Fields of its own; null when missing (and marked so).
  const Json& value(std::string_view key);
  const Json* optional_value(std::string_view key);
  /// Marks a field whose value the caller could not accept.
  void reject(std::string_view key, std::string_view why);
  /// Takes the value of a Result made from a field, or marks the field as invalid: with the reason
  /// that Fields of its own gave ("field-…"), else "field-invalid".
  template <class T>
  std::optional<T> accept(std::string_view key, Result<T> made) {
    if (made) return *std::move(made);
    reject(key, made.error());
    return std::nullopt;
  }
  [[nodiscard]] Done finish() const;

 private:
  void reject(std::string_view key, const Error& error);
  const Json* take(std::string_view key);
  void note(std::string_view reason, std::string_view key, std::string_view why = {});

  const JsonObject* members_;
  std::vector<bool> taken_;
  std::string what_;
  std::optional<Error> error_;
};

}  // namespace hangu::wire
