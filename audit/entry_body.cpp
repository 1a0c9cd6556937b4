#include "audit/entry_body.hpp"

#include <algorithm>

#include "audit/entry.hpp"
#include "audit/schema.hpp"
#include "base/limits.hpp"
#include "flow/envelope.hpp"

namespace hangu::audit {
namespace {

constexpr auto kInAlphabet = [] {
  std::array<bool, 256> in{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    in[static_cast<unsigned char>(c)] = true;
  return in;
}();

/// What from_base64 takes. Only the last four characters can be padding, or say too much.
bool is_base64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  const std::string_view last = text.substr(text.size() - std::min<std::size_t>(4, text.size()));
  text.remove_suffix(last.size());
  bool good = true;
  for (const char c : text) good = good && kInAlphabet[static_cast<unsigned char>(c)];
  return good && from_base64(last).has_value();
}

/// Printable ASCII that needs no escape.
bool is_verbatim(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '\\'; });
}

/// Takes a text apart from the front; the first mismatch sticks.
class Walk {
 public:
  explicit Walk(std::string_view text) : rest_(text) {}

  Walk& literal(std::string_view expected) {
    good_ = good_ && rest_.starts_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
    return *this;
  }
  /// Up to a quotation mark, at most `bytes_max`.
  Walk& text(std::size_t bytes_max) {
    const std::string_view taken = until_quote(bytes_max);
    good_ = good_ && is_verbatim(taken);
    return *this;
  }
  Walk& base64(std::size_t bytes_max) {
    const std::string_view taken = until_quote(bytes_max);
    good_ = good_ && is_base64(taken);
    return *this;
  }
  [[nodiscard]] bool next_is(char c) const { return good_ && rest_.starts_with(c); }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view until_quote(std::size_t bytes_max) {
    const std::size_t end = rest_.find('"');
    good_ = good_ && end != std::string_view::npos && end <= bytes_max;
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

bool is_plain_envelope(std::string_view text) {
  if (text.size() > kStatementBytesMax) return false;
  Walk walk(text);
  walk.literal(R"({"payload":")").base64(kStatementBytesMax);
  walk.literal(R"(","payloadType":")").text(flow::kPayloadTypeBytesMax);
  walk.literal(R"(","signatures":[)");
  for (std::size_t i = 0; i < kApprovalsMax; ++i) {
    walk.literal(R"({"keyid":")").text(flow::kKeyIdBytesMax);
    walk.literal(R"(","sig":")").base64(flow::kSignatureTextBytesMax).literal("\"}");
    if (!walk.next_is(',')) break;
    walk.literal(",");
  }
  return walk.literal("]}").at_end();
}

std::optional<std::string> body_of(const AppendRequest& request) {
  if (request.kind == BodyKind::statement) {
    if (!flow::Envelope::parse(request.body)) return std::nullopt;
    return statement_body(request.body);
  }
  const auto json = wire::Json::parse(request.body, kEntryBytesMax);
  if (!json || !follows_schema(request.type, *json)) return std::nullopt;
  return event_body(json->to_text());
}

}  // namespace hangu::audit
