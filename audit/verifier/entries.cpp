#include "audit/verifier/entries.hpp"

#include <nlohmann/json.hpp>

namespace hangu_verify {
namespace {

using nlohmann::json;

bool has_text(const json& object, const char* name) {
  return object.is_object() && object.contains(name) && object[name].is_string();
}

/// Whose key signs a step: each zone's receive has its own, decide signs the clearing too.
std::string signer_of(const std::string& type, const json& entry) {
  std::string stage = type.substr(5);
  if (stage == "clear") return "decide";
  if (stage != "receive") return stage;
  const json peer = entry.value("peer", json());
  return has_text(peer, "program") ? peer["program"].get<std::string>() : stage;
}

}  // namespace

std::optional<std::string> Entries::see(std::uint64_t index, const json& entry) {
  if (!has_text(entry, "time") || !has_text(entry, "type")) {
    report_.bad_entry(index, "entry-malformed");
    return std::nullopt;
  }
  const std::string time = entry["time"];
  if (time < last_time_) report_.bad_entry(index, "entry-time");
  last_time_ = time;
  const json keys = entry.value("keys", json());
  for (const json& key : keys.is_array() ? keys : json::array())
    if (key.is_string() && !keys_.insert(key.get<std::string>()).second)
      report_.bad_entry(index, "entry-key-again", {key.get<std::string>()});
  if (has_text(entry, "transfer"))
    follow_link(index, entry["transfer"], entry.value("previous", json()));
  std::string type = entry["type"];
  if (type == "sequence.gap") read_gap(index, entry.value("event", json()));
  if (type.starts_with("step.") && !request_.stage_keys.empty())
    check_statement(index, type, entry);
  return type;
}

void Entries::follow_link(std::uint64_t index, const std::string& transfer, const json& previous) {
  const auto last = last_of_.find(transfer);
  const bool matches = last == last_of_.end() ? previous.is_null()
                                              : previous.is_number_unsigned() &&
                                                    previous.get<std::uint64_t>() == last->second;
  if (!matches) report_.bad_entry(index, "entry-link");
  last_of_[transfer] = index;
}

void Entries::read_gap(std::uint64_t index, const json& event) {
  if (!has_text(event, "node") || !event.contains("missing") ||
      !event["missing"].is_number_unsigned())
    return report_.bad_entry(index, "entry-gap");
  gaps_.push_back({index, event["node"], event["missing"]});
}

void Entries::tell_gaps() {
  for (const Gap& gap : gaps_) {
    const std::string missing = std::to_string(gap.missing);
    if (keys_.contains("sequence:" + gap.node + ":" + missing)) continue;
    report_.worth_a_look.push_back({"gap", gap.index, {missing, gap.node}});
  }
}

/// The stage's own signature over its statement (DSSE).
void Entries::check_statement(std::uint64_t index, const std::string& type, const json& entry) {
  std::string envelope_text;
  if (!has_text(entry, "statement") ||
      !from_base64(entry["statement"].get<std::string>(), envelope_text))
    return report_.bad_entry(index, "statement-missing");
  const json envelope = json::parse(envelope_text, nullptr, false);
  const std::string program = signer_of(type, entry);
  const auto key = request_.stage_keys.find(program);
  std::string payload;
  std::string signature;
  if (!has_text(envelope, "payload") || !has_text(envelope, "payloadType") ||
      !from_base64(envelope["payload"].get<std::string>(), payload) ||
      !envelope.contains("signatures") || !envelope["signatures"].is_array() ||
      envelope["signatures"].size() != 1 || !has_text(envelope["signatures"][0], "sig") ||
      !from_base64(envelope["signatures"][0]["sig"].get<std::string>(), signature))
    return report_.bad_entry(index, "statement-unreadable");
  const std::string type_of_payload = envelope["payloadType"];
  const std::string message = "DSSEv1 " + std::to_string(type_of_payload.size()) + " " +
                              type_of_payload + " " + std::to_string(payload.size()) + " " +
                              payload;
  if (key == request_.stage_keys.end() || !verify_ed25519(key->second, message, signature))
    return report_.bad_entry(index, "statement-unsigned", {program});
  ++report_.steps;
}

}  // namespace hangu_verify
