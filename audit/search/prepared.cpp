#include "audit/search/prepared.hpp"

namespace hangu::audit::search {

std::vector<PreparedEntry> prepare(const Bundle& bundle, const void*) {
  std::vector<PreparedEntry> out;
  out.reserve(bundle.entries().size());
  for (const StoredEntry& entry : bundle.entries()) {
    const EntryFacts facts = facts_of(entry);
    PreparedEntry one{.index = entry.index,
                      .leaf = entry.leaf,
                      .time = facts.time,
                      .transfer = facts.transfer,
                      .values = own_values(facts),
                      .is_stated = facts.type == kStatedType && !facts.transfer.empty(),
                      .stated = {}};
    if (one.is_stated) one.stated = stated_values(facts);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace hangu::audit::search
