#include "audit/entry.hpp"

#include <algorithm>
#include <charconv>

#include "audit/limits.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kBootDigits = 16;
constexpr std::string_view kStatementEnd = "\",\"event\":null";
constexpr std::string_view kSaltStart = ",\"salt\":\"";
constexpr std::string_view kEnd = "\"}";

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/// Scanner takes an entry's text apart from the front; the first mismatch sticks.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    if (!accept(expected)) failed_ = true;
  }
  bool accept(std::string_view expected) {
    if (failed_ || !rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  std::string_view fixed(std::size_t length) {
    if (failed_ || rest_.size() < length) return stop();
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  std::string_view hex(std::size_t digits) {
    const std::string_view taken = fixed(digits);
    if (!is_hex(taken, digits)) return stop();
    return taken;
  }
  /// Up to the next quotation mark.
  std::string_view until_quote() {
    const std::size_t end = rest_.find('"');
    if (failed_ || end == std::string_view::npos) return stop();
    return fixed(end);
  }
  std::string_view word() {
    const std::string_view taken = until_quote();
    if (!is_program(taken)) return stop();
    return taken;
  }
  template <class T>
  T number() {
    T value = 0;
    const char* const start = rest_.data();
    const auto [end, problem] = std::from_chars(start, start + rest_.size(), value);
    if (failed_ || problem != std::errc{} || (end - start > 1 && *start == '0')) {
      failed_ = true;
      return 0;
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - start));
    return value;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  void fail_now() { failed_ = true; }

 private:
  std::string_view stop() {
    failed_ = true;
    return {};
  }
  std::string_view rest_;
  bool failed_ = false;
};

std::vector<std::string_view> scan_keys(Scanner& s) {
  std::vector<std::string_view> keys;
  s.literal("[");
  if (s.accept("]")) return keys;
  do {
    s.literal("\"");
    const std::string_view key = s.until_quote();
    if (!is_key(key) || keys.size() == kKeysPerEntryMax) s.fail_now();
    s.literal("\"");
    keys.push_back(key);
  } while (s.accept(","));
  s.literal("]");
  return keys;
}

}  // namespace

bool is_program(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_word);
}

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= kKeyBytesMax && std::ranges::all_of(key, [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
}

std::string statement_body(std::string_view envelope) {
  std::string body = "\"statement\":\"";
  const std::string coded = to_base64(bytes_of(envelope));
  body.reserve(body.size() + coded.size() + kStatementEnd.size());
  return body.append(coded).append(kStatementEnd);
}

std::string event_body(std::string_view event) {
  return "\"statement\":null,\"event\":" + std::string(event);
}

std::unexpected<Error> invalid_entry(std::uint64_t index) {
  return fail(ErrorCode::corrupt, "audit-entry-invalid", "entry " + std::to_string(index));
}

std::string Entry::to_text() const {
  const std::string id_text = to_hex(id);
  const EntryHead head{
      .id = id_text,
      .type = type,
      .time = time,
      .boot = boot,
      .program = peer.program,
      .uid = peer.uid,
      .pid = peer.pid,
      .transfer = transfer ? std::optional<std::string_view>(transfer->text()) : std::nullopt,
      .previous = previous,
      .keys = {keys.begin(), keys.end()},
      .body = body};
  std::string text;
  head.append_to(text, time.to_text(), salt);
  return text;
}

// Written by hand: every member but the event is of an alphabet that needs no escape, and a test
// holds the text equal to wire::Json's.
void EntryHead::append_to(std::string& out, std::string_view time_text, const Salt& salt) const {
  const auto add = [&out](std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) out.append(part);
  };
  add({"{\"v\":1,\"id\":\"", id, "\",\"type\":\"", type, "\",\"time\":\"", time_text,
       "\",\"boot\":\"", boot, "\",\"peer\":{\"program\":\"", program,
       "\",\"uid\":", std::to_string(uid), ",\"pid\":", std::to_string(pid), "},\"transfer\":"});
  if (transfer) {
    add({"\"", *transfer, "\""});
  } else {
    add({"null"});
  }
  add({",\"previous\":", previous ? std::to_string(*previous) : "null", ",\"keys\":["});
  for (const std::string_view& key : keys) add({&key == keys.data() ? "\"" : ",\"", key, "\""});
  add({"],", body, kSaltStart, to_hex(salt), kEnd});
}

Result<EntryHead> EntryHead::parse(std::string_view text) {
  const auto invalid = [] { return fail(ErrorCode::malformed, "entry-invalid"); };
  Scanner s(text);
  EntryHead head;
  s.literal("{\"v\":1,\"id\":\"");
  head.id = s.hex(kIdDigits);
  s.literal("\",\"type\":\"");
  head.type = s.word();
  s.literal("\",\"time\":\"");
  const std::string_view time = s.until_quote();
  s.literal("\",\"boot\":\"");
  head.boot = s.hex(kBootDigits);
  s.literal("\",\"peer\":{\"program\":\"");
  head.program = s.word();
  s.literal("\",\"uid\":");
  head.uid = s.number<std::uint32_t>();
  s.literal(",\"pid\":");
  head.pid = s.number<std::uint32_t>();
  s.literal("},\"transfer\":");
  if (!s.accept("null")) {
    s.literal("\"");
    head.transfer = s.hex(kIdDigits);
    s.literal("\"");
  }
  s.literal(",\"previous\":");
  if (!s.accept("null")) head.previous = s.number<std::uint64_t>();
  if (head.previous.value_or(0) > kLogSizeMax) s.fail_now();
  s.literal(",\"keys\":");
  head.keys = scan_keys(s);
  s.literal(",");
  if (s.failed()) return invalid();
  HANGU_TRY(head.time, WallTime::parse(time));

  const std::string_view rest = s.rest();
  const std::size_t tail = kSaltStart.size() + kIdDigits + kEnd.size();
  if (rest.size() < tail || !rest.starts_with("\"statement\":")) return invalid();
  head.body = rest.substr(0, rest.size() - tail);
  const std::string_view salt = rest.substr(head.body.size());
  if (!salt.starts_with(kSaltStart) || !salt.ends_with(kEnd) ||
      !is_hex(salt.substr(kSaltStart.size(), kIdDigits), kIdDigits)) {
    return invalid();
  }
  return head;
}

}  // namespace hangu::audit
