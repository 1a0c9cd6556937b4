#include "wire/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace hangu::wire {
namespace {

/// Builds our tree from nlohmann's events, refusing what a guard must not accept.
class StrictBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return place(Json(nullptr)); }
  bool boolean(bool value) override { return place(Json(value)); }
  bool number_integer(number_integer_t value) override { return place(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (!std::in_range<std::int64_t>(value)) return refuse("json-number");
    return place(Json(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.find_first_of(".eE") == string_t::npos || !std::isfinite(value))
      return refuse("json-number");
    return place(Json(value));
  }
  bool string(string_t& value) override {
    if (value.find('\0') != string_t::npos) return refuse("json-nul");
    return place(Json(std::move(value)));
  }
  bool binary(binary_t&) override { return refuse("json-syntax"); }
  bool start_object(std::size_t) override { return open(Open{.is_object = true}); }
  bool start_array(std::size_t) override { return open(Open{.is_object = false}); }
  bool key(string_t& value) override {
    if (value.find('\0') != string_t::npos) return refuse("json-nul");
    if (!open_.back().keys.insert(value).second) {
      context_ = printable(value, 60);
      return refuse("json-duplicate-key");
    }
    open_.back().key = std::move(value);
    return true;
  }
  bool end_object() override {
    Json made(std::move(open_.back().members));
    open_.pop_back();
    return place(std::move(made));
  }
  bool end_array() override {
    Json made(std::move(open_.back().items));
    open_.pop_back();
    return place(std::move(made));
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    context_ = "at byte " + std::to_string(position);
    return refuse("json-syntax");
  }

  [[nodiscard]] Error error() const { return {ErrorCode::malformed, reason_, context_}; }
  [[nodiscard]] Json take() { return std::move(root_); }

 private:
  struct Open {
    bool is_object = false;
    std::string key{};
    std::set<std::string, std::less<>> keys{};
    JsonObject members{};
    JsonArray items{};
  };

  bool open(Open scope) {
    if (open_.size() >= kJsonDepthMax) return refuse("json-too-deep");
    open_.push_back(std::move(scope));
    return true;
  }
  bool place(Json made) {
    if (open_.empty()) {
      root_ = std::move(made);
    } else if (open_.back().is_object) {
      open_.back().members.emplace_back(std::move(open_.back().key), std::move(made));
    } else {
      open_.back().items.push_back(std::move(made));
    }
    return true;
  }
  bool refuse(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
    return false;
  }

  std::vector<Open> open_;
  Json root_;
  std::string_view reason_;
  std::string context_;
};

void write_string(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\"\\\n\r\t";
  constexpr std::string_view kLetters = "\"\\nrt";
  constexpr auto kVerbatim = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '"' && c != '\\';
  };
  out += '"';
  for (auto at = text.begin(); at != text.end();) {
    const auto run = std::find_if_not(at, text.end(), kVerbatim);
    if (out.append(at, run); (at = run) == text.end()) break;
    if (const std::size_t letter = kEscaped.find(*at++); letter != std::string_view::npos) {
      (out += '\\') += kLetters[letter];
    } else {
      const auto value = static_cast<unsigned char>(*run);
      ((out += "\\u00") += kDigits[value >> 4]) += kDigits[value & 15];
    }
  }
  out += '"';
}

template <class T>
void write_number(std::string& out, T value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

/// A double is written so that it reads back as a double, never as an integer.
void write_double(std::string& out, double value) {
  HANGU_ASSERT(std::isfinite(value));
  const std::size_t start = out.size();
  write_number(out, value);
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

void write(std::string& out, const Json& json) {
  if (json.is_null()) {
    out += "null";
  } else if (const bool* b = json.as_bool()) {
    out += *b ? "true" : "false";
  } else if (const std::int64_t* i = json.as_integer()) {
    write_number(out, *i);
  } else if (const std::string* s = json.as_string()) {
    write_string(out, *s);
  } else if (const JsonArray* items = json.as_array()) {
    out += '[';
    for (const Json& item : *items) {
      if (&item != items->data()) out += ',';
      write(out, item);
    }
    out += ']';
  } else if (const JsonObject* members = json.as_object()) {
    out += '{';
    for (const auto& member : *members) {
      if (&member != members->data()) out += ',';
      write_string(out, member.first);
      out += ':';
      write(out, member.second);
    }
    out += '}';
  } else {
    write_double(out, *json.as_double());
  }
}

/// Compact text, indented. Not part of write(): the mover, whose lines count, has no use for it.
std::string indented(std::string_view compact) {
  std::string out;
  std::size_t depth = 0;
  bool quoted = false;
  const auto line = [&] { out.append("\n").append(depth * 2, ' '); };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (quoted) {
      out += c;
      if (c == '\\') out += compact[++i];
      if (c == '"') quoted = false;
    } else if (c == '{' || c == '[') {
      out += c;
      if (compact[i + 1] == c + 2) {  // closed at once
        out += compact[++i];
      } else {
        ++depth;
        line();
      }
    } else if (c == '}' || c == ']') {
      --depth;
      line();
      out += c;
    } else {
      quoted = c == '"';
      out += c;
      if (c == ',') line();
      if (c == ':') out += ' ';
    }
  }
  return out;
}

auto find_member(const JsonObject& members, std::string_view key) {
  return std::ranges::find(members, key, &JsonObject::value_type::first);
}

const Json kNull;

}  // namespace

Result<Json> Json::parse(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return fail(ErrorCode::exhausted, "json-too-long");
  if (!is_utf8(text)) return fail(ErrorCode::malformed, "json-not-utf8");
  // nlohmann skips a byte order mark, and takes a zero byte for the end of its input.
  if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos)
    return fail(ErrorCode::malformed, "json-syntax", "byte order mark or zero byte");
  StrictBuilder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) return std::unexpected(builder.error());
  return builder.take();
}

std::string Json::to_text() const {
  std::string out;
  write(out, *this);
  return out;
}

std::string Json::to_pretty_text() const { return indented(to_text()); }

std::optional<double> Json::as_double() const {
  if (const double* d = std::get_if<double>(&value_)) return *d;
  if (const std::int64_t* i = as_integer()) return static_cast<double>(*i);
  return std::nullopt;
}

const Json* Json::find(std::string_view key) const {
  const JsonObject* members = as_object();
  if (members == nullptr) return nullptr;
  const auto at = find_member(*members, key);
  return at == members->end() ? nullptr : &at->second;
}

Fields::Fields(const Json& json, std::string_view what) : members_(json.as_object()), what_(what) {
  if (members_ == nullptr) {
    note("field-type", what, "not an object");
  } else {
    taken_.resize(members_->size());
  }
}

bool Fields::has(std::string_view key) const {
  return members_ != nullptr && find_member(*members_, key) != members_->end();
}

void Fields::note(std::string_view reason, std::string_view key, std::string_view why) {
  if (error_) return;
  std::string context = what_ + "." + printable(key, 60);
  if (!why.empty()) context += ": " + std::string(why);
  error_.emplace(ErrorCode::malformed, reason, std::move(context));
}

void Fields::reject(std::string_view key, std::string_view why) { note("field-invalid", key, why); }

void Fields::reject(std::string_view key, const Error& error) {
  const bool is_field = error.reason().starts_with("field-");
  note(is_field ? error.reason() : "field-invalid", key, error.message());
}

const Json* Fields::take(std::string_view key) {
  if (!has(key)) return nullptr;
  const auto at = find_member(*members_, key);
  taken_[static_cast<std::size_t>(at - members_->begin())] = true;
  return &at->second;
}

const Json* Fields::optional_value(std::string_view key) { return take(key); }

const Json& Fields::value(std::string_view key) {
  if (const Json* json = take(key)) return *json;
  note("field-missing", key);
  return kNull;
}

std::optional<std::string> Fields::optional_text(std::string_view key, std::size_t bytes_max) {
  const Json* json = take(key);
  if (json == nullptr) return std::nullopt;
  const std::string* text = json->as_string();
  if (text == nullptr) {
    note("field-type", key, "not a text");
    return std::nullopt;
  }
  if (text->size() > bytes_max) note("field-range", key, "too long");
  return *text;
}

std::string Fields::text(std::string_view key, std::size_t bytes_max) {
  if (!has(key)) note("field-missing", key);
  return optional_text(key, bytes_max).value_or("");
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view key, std::int64_t min,
                                                     std::int64_t max) {
  const Json* json = take(key);
  if (json == nullptr) return std::nullopt;
  const std::int64_t* value = json->as_integer();
  if (value == nullptr) {
    note("field-type", key, "not an integer");
    return std::nullopt;
  }
  if (*value < min || *value > max) note("field-range", key);
  return *value;
}

std::int64_t Fields::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  if (!has(key)) note("field-missing", key);
  return optional_integer(key, min, max).value_or(min);
}

double Fields::number(std::string_view key) {
  const std::optional<double> value = this->value(key).as_double();
  if (!value) note("field-type", key, "not a number");
  return value.value_or(0.0);
}

bool Fields::boolean(std::string_view key) {
  const bool* b = value(key).as_bool();
  if (b == nullptr) note("field-type", key, "not a boolean");
  return b != nullptr && *b;
}

JsonArray Fields::array(std::string_view key, std::size_t items_max) {
  const JsonArray* items = value(key).as_array();
  if (items == nullptr) {
    note("field-type", key, "not an array");
    return {};
  }
  if (items->size() > items_max) {
    note("field-range", key, "too many items");
    return {};
  }
  return *items;
}

std::vector<std::string> Fields::texts(std::string_view key, std::size_t items_max,
                                       std::size_t bytes_max) {
  std::vector<std::string> out;
  for (const Json& item : array(key, items_max)) {
    const std::string* text = item.as_string();
    if (text == nullptr || text->size() > bytes_max) {
      note("field-type", key, "not an array of short texts");
      return {};
    }
    out.push_back(*text);
  }
  return out;
}

Done Fields::finish() const {
  if (error_) return std::unexpected(*error_);
  for (std::size_t i = 0; i < taken_.size(); ++i)
    if (!taken_[i])
      return fail(ErrorCode::malformed, "field-unknown",
                  what_ + "." + printable((*members_)[i].first, 60));
  return {};
}

}  // namespace hangu::wire
