#include "audit/verifier/entries.hpp"

#include <nlohmann/json.hpp>

namespace hangu_verify {

using nlohmann::json;

void Entries::see(const Walked& entry) {
  const Facts& facts = entry.facts();
  if (!facts.is_entry) return entry.bad("entry-malformed");
  if (facts.time < last_time_) entry.bad("entry-time");
  last_time_ = facts.time;
  for (std::size_t i = 0; i < facts.keys.size(); ++i)
    if (!keys_.put(facts.keys[i], entry.index()))
      entry.bad("entry-key-again", {keys_of(entry.text()).at(i)});
  if (facts.transfer) follow_link(entry);
  if (facts.type == "sequence.gap") read_gap(entry);
  tell_statement(entry);
}

/// To an entry that is not seen nothing can be held against a link.
void Entries::follow_link(const Walked& entry) {
  const Facts& facts = entry.facts();
  const auto last = last_of_.find(*facts.transfer);
  const bool is_number = facts.previous == Facts::Previous::number;
  const bool matches = last ? is_number && facts.previous_index == *last
                            : facts.previous == Facts::Previous::none ||
                                  (is_number && facts.previous_index < first_);
  if (!matches) entry.bad("entry-link");
  (void)last_of_.put(*facts.transfer, entry.index());
}

void Entries::read_gap(const Walked& entry) {
  const json event = event_of(entry.text());
  const auto missing = number_in(event, "missing");
  const std::string node = text_in(event, "node");
  if (node.empty() || !missing) return entry.bad("entry-gap");
  gaps_.push_back({entry.index(), node, *missing});
}

void Entries::tell_statement(const Walked& entry) {
  switch (entry.facts().statement) {
    case Signed::not_asked: return;
    case Signed::good: ++report_.steps; return;
    case Signed::missing: return entry.bad("statement-missing");
    case Signed::unreadable: return entry.bad("statement-unreadable");
    case Signed::bad: return entry.bad("statement-unsigned", {entry.facts().signer});
  }
}

void Entries::tell_gaps() {
  for (const Gap& gap : gaps_) {
    const std::string missing = std::to_string(gap.missing);
    if (keys_.find(print_of("sequence:" + gap.node + ":" + missing))) continue;
    report_.look("gap", {missing, gap.node}, gap.index);
  }
}

}  // namespace hangu_verify
