#include "audit/verifier/facts.hpp"

#include <cstring>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "audit/verifier/dsse.hpp"
#include "audit/verifier/note.hpp"

namespace hangu_verify {
namespace {

using nlohmann::json;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
/// The fast parser counts depth in a way of its own; what it does not take, the slow one judges.
constexpr std::size_t kFastDepth = kDepthMax - 4;

bool has_text(const json& object, const char* name) {
  return object.is_object() && object.contains(name) && object[name].is_string();
}

/// Whose key signs a step: each zone's receive has its own, decide signs the clearing too.
std::string signer_of(std::string_view type, std::string_view program) {
  const std::string_view stage = type.substr(5);
  if (stage == "clear") return "decide";
  return std::string(stage == "receive" && !program.empty() ? program : stage);
}

/// The stage's own signature over its statement (DSSE).
Signed check_statement(std::string_view statement, const std::string& signer,
                       const StageKeys& keys) {
  std::string text;
  if (statement.empty() || !from_base64(statement, text)) return Signed::missing;
  const auto envelope = read_envelope(text);
  if (!envelope || envelope->signatures.size() != 1) return Signed::unreadable;
  const auto key = keys.find(signer);
  const bool good = key != keys.end() && verify_ed25519(key->second, envelope->signed_text(),
                                                        envelope->signatures.front());
  return good ? Signed::good : Signed::bad;
}

void finish(Facts& facts, std::string_view program, std::string_view statement,
            const StageKeys& keys) {
  facts.is_entry = !facts.time.empty() && !facts.type.empty();
  if (!facts.is_entry || keys.empty() || !facts.type.starts_with("step.")) return;
  facts.signer = signer_of(facts.type, program);
  facts.statement = check_statement(statement, facts.signer, keys);
}

using simdjson::dom::element;

std::string_view text_or_empty(const element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : std::string_view();
}

void read_keys(const element& value, Facts& facts) {
  simdjson::dom::array keys;
  if (value.get(keys) != simdjson::SUCCESS) return;
  for (const element key : keys)
    if (key.is_string()) facts.keys.push_back(print_of(text_or_empty(key)));
}

/// False when the slow parser has to look: this one cannot tell 0 from -0.
bool read_previous(const element& value, Facts& facts) {
  facts.previous = Facts::Previous::other;
  if (value.is_null()) facts.previous = Facts::Previous::none;
  if (value.get(facts.previous_index) != simdjson::SUCCESS) return true;
  facts.previous = Facts::Previous::number;
  return facts.previous_index != 0;
}

/// False when the text is no JSON to the fast parser. Of a member that comes twice the last counts.
bool read_fast(std::string_view entry, const StageKeys& keys, Facts& facts) {
  static thread_local simdjson::dom::parser parser;
  static thread_local std::string padded;
  if (parser.max_depth() != kFastDepth &&
      parser.allocate(entry.size() + simdjson::SIMDJSON_PADDING, kFastDepth) != simdjson::SUCCESS)
    return false;
  padded.assign(entry);
  padded.append(simdjson::SIMDJSON_PADDING, ' ');  // so much it may read
  element whole;
  simdjson::dom::object members;
  if (parser.parse(padded.data(), entry.size(), false).get(whole) != simdjson::SUCCESS ||
      whole.get(members) != simdjson::SUCCESS)
    return false;
  std::string_view statement;
  std::string_view program;
  for (const auto& [name, value] : members) {
    if (name == "time") facts.time = text_or_empty(value);
    if (name == "type") facts.type = text_or_empty(value);
    if (name == "boot") facts.boot = text_or_empty(value);
    if (name == "statement") statement = text_or_empty(value);
    if (name == "keys") {
      facts.keys.clear();
      read_keys(value, facts);
    }
    if (name == "transfer")
      facts.transfer =
          value.is_string() ? std::optional(print_of(text_or_empty(value))) : std::nullopt;
    if (name == "previous" && !read_previous(value, facts)) return false;
    if (name == "peer") {
      program = {};
      simdjson::dom::object peer;
      if (value.get(peer) == simdjson::SUCCESS)
        for (const auto& [inner, word] : peer)
          if (inner == "program") program = text_or_empty(word);
    }
  }
  finish(facts, program, statement, keys);
  return true;
}

}  // namespace

Print print_of(std::string_view text) {
  const Hash hash = hash_leaf(text);
  Print out{};
  std::memcpy(out.data(), hash.data(), sizeof(out));
  return out;
}

json parse_entry(std::string_view entry) {
  if (entry.starts_with(kByteOrderMark) || entry.find('\0') != std::string_view::npos)
    return {json::value_t::discarded};
  bool deep = false;
  const auto watch = [&deep](int depth, json::parse_event_t event, json&) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && depth >= kDepthMax) deep = true;
    return true;
  };
  json out = json::parse(entry, watch, false);
  return deep ? json(json::value_t::discarded) : out;
}

json event_of(std::string_view entry) {
  const json whole = parse_entry(entry);
  return whole.is_object() ? whole.value("event", json()) : json();
}

std::vector<std::string> keys_of(std::string_view entry) {
  std::vector<std::string> out;
  const json whole = parse_entry(entry);
  if (!whole.is_object() || !whole.contains("keys") || !whole["keys"].is_array()) return out;
  for (const json& key : whole["keys"])
    if (key.is_string()) out.push_back(key);
  return out;
}

std::string text_in(const json& event, const char* name) {
  return has_text(event, name) ? event[name].get<std::string>() : std::string();
}

std::optional<std::uint64_t> number_in(const json& event, const char* name) {
  if (!event.is_object() || !event.contains(name) || !event[name].is_number_unsigned())
    return std::nullopt;
  return event[name].get<std::uint64_t>();
}

Facts read_facts_slowly(std::string_view entry, const StageKeys& keys) {
  Facts facts;
  const json whole = parse_entry(entry);
  if (!whole.is_object()) return facts;
  facts.time = text_in(whole, "time");
  facts.type = text_in(whole, "type");
  facts.boot = text_in(whole, "boot");
  for (const std::string& key : keys_of(entry)) facts.keys.push_back(print_of(key));
  if (has_text(whole, "transfer")) facts.transfer = print_of(text_in(whole, "transfer"));
  const json previous = whole.value("previous", json());
  facts.previous = previous.is_null() ? Facts::Previous::none : Facts::Previous::other;
  if (const auto number = number_in(whole, "previous")) {
    facts.previous = Facts::Previous::number;
    facts.previous_index = *number;
  }
  finish(facts, text_in(whole.value("peer", json()), "program"), text_in(whole, "statement"), keys);
  return facts;
}

Facts read_facts(std::string_view entry, const StageKeys& keys) {
  Facts facts;
  if (read_fast(entry, keys, facts)) return facts;
  return read_facts_slowly(entry, keys);
}

}  // namespace hangu_verify
