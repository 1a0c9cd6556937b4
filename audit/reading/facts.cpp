#include "audit/reading/facts.hpp"

#include "audit/entry.hpp"
#include "audit/reading/fact_bodies.hpp"
#include "base/limits.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kEventStart = "\"statement\":null,\"event\":";
constexpr std::string_view kStatementStart = "\"statement\":\"";
constexpr std::string_view kStatementEnd = "\",\"event\":null";

}  // namespace

std::string_view to_text(Ruling ruling) {
  switch (ruling) {
    case Ruling::none: return "";
    case Ruling::allow: return "allow";
    case Ruling::deny: return "deny";
    case Ruling::hold: return "hold";
    case Ruling::error: return "error";
  }
  return "";
}

const std::string& EntryFacts::actor() const {
  if (!person.empty()) return person;
  if (!signers.empty()) return signers.front();
  if (!node.empty()) return node;
  return witness.empty() ? program : witness;
}

EntryFacts facts_of(const StoredEntry& entry) {
  EntryFacts facts;
  facts.index = entry.index;
  facts.leaf = entry.leaf;
  const auto head = EntryHead::parse(entry.text);
  if (!head) return facts;
  facts.readable = true;
  facts.time = head->time;
  facts.id = head->id;
  facts.type = head->type;
  facts.program = head->program;
  facts.uid = head->uid;
  facts.pid = head->pid;
  facts.boot = head->boot;
  facts.transfer = head->transfer.value_or("");
  facts.previous = head->previous;
  std::string_view body = head->body;
  if (body.starts_with(kEventStart)) {
    read_event(body.substr(kEventStart.size()), facts);
  } else if (body.starts_with(kStatementStart) && body.ends_with(kStatementEnd) &&
             body.size() >= kStatementStart.size() + kStatementEnd.size()) {
    body.remove_prefix(kStatementStart.size());
    body.remove_suffix(kStatementEnd.size());
    read_statement(body, facts);
  }
  return facts;
}

}  // namespace hangu::audit
