#include "directory/replica.hpp"

#include <algorithm>

#include "directory/limits.hpp"

namespace hangu::directory {
namespace {

bool is_administrator(const std::string& role) {
  return std::ranges::find(kAdministrators, role) != kAdministrators.end();
}

/// Adds `by` (1 or -1) to a count, which goes with its last.
template <class Map>
void count(Map& map, const std::string& key, int by) {
  const auto at = map.try_emplace(key, 0).first;
  at->second += static_cast<std::size_t>(by);
  if (at->second == 0) map.erase(at);
}

template <class Map>
void name(Map& map, const std::string& key, const Holder& holder, int by) {
  if (by > 0) {
    map.emplace(key, &holder);
    return;
  }
  const auto [first, last] = map.equal_range(key);
  const auto at = std::find_if(first, last, [&](const auto& one) { return one.second == &holder; });
  HANGU_ASSERT(at != last);
  map.erase(at);
}

}  // namespace

Done Replica::put(Entry entry) {
  const auto old = entries_.find(entry->id);
  const bool node_before = old != entries_.end() && old->second->node.has_value();
  const bool too_many = old == entries_.end() && entries_.size() >= kEntriesMax;
  if (too_many || (entry->node && !node_before && nodes_ >= kNodesMax))
    return fail(ErrorCode::exhausted, "directory-too-large");
  if (old != entries_.end()) enter(*old->second, -1);
  const EntryId id = entry->id;
  enter(*entry, 1);
  entries_.insert_or_assign(id, std::move(entry));
  shelves_.erase(id.front());
  return {};
}

void Replica::erase(const EntryId& id) {
  const auto at = entries_.find(id);
  if (at == entries_.end()) return;
  enter(*at->second, -1);
  entries_.erase(at);
  shelves_.erase(id.front());
}

void Replica::keep_only(const std::set<EntryId>& present) {
  std::vector<EntryId> gone;
  for (const auto& [id, entry] : entries_)
    if (!present.contains(id)) gone.push_back(id);
  for (const EntryId& id : gone) erase(id);
}

const Replica::Entry* Replica::find(const EntryId& id) const {
  const auto at = entries_.find(id);
  return at == entries_.end() ? nullptr : &at->second;
}

/// Enters a holder into every index, or (by -1) takes it out.
void Replica::enter(const Holder& holder, int by) {
  if (!holder.refusal.empty()) count(refused_, holder.refusal, by);
  for (const std::string& key : holder.signing_ids) count(keys_, key, by);
  for (const std::string& key : holder.recipient_ids) count(keys_, key, by);
  if (holder.node) {
    nodes_ += static_cast<std::size_t>(by);
    ++node_changes_;
    name(node_names_, holder.node->node.text(), holder, by);
  }
  if (!holder.person) return;
  name(person_names_, holder.person->person.text(), holder, by);
  for (const std::string& role : holder.person->roles)
    name(roles_[role], holder.person->person.text(), holder, by);
  if (!holder.signing_ids.empty()) ++node_changes_;  // a key that a node has too is then nobody's
  enter_administrator(*holder.person, by);
}

void Replica::enter_administrator(const policy::PersonRecord& person, int by) {
  if (std::ranges::none_of(person.roles, is_administrator)) return;
  auto& held = administrators_[person.human];
  for (const std::string& role : person.roles)
    if (is_administrator(role)) count(held, role, by);
  if (held.size() > 1) conflicts_.insert(person.human);
  if (held.size() <= 1) conflicts_.erase(person.human);
  if (held.empty()) administrators_.erase(person.human);
}

bool Replica::is_alone(const Names& names, const std::string& name) const {
  return names.count(name) == 1;
}

/// The keys of a holder that no other entry holds; `ids` are theirs, in their order.
template <class Key>
std::vector<Key> Replica::own(const std::vector<Key>& keys,
                              const std::vector<std::string>& ids) const {
  std::vector<Key> out;
  out.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys_.at(ids.at(i)) == 1) out.push_back(keys[i]);
  return out;
}

policy::PersonRecord Replica::effective(const Holder& holder) const {
  policy::PersonRecord out = *holder.person;
  out.signing_keys = own(holder.person->signing_keys, holder.signing_ids);
  if (conflicts_.contains(out.human))
    std::erase_if(out.roles, [](const std::string& role) { return is_administrator(role); });
  return out;
}

policy::NodeRecord Replica::effective_node(const Holder& holder) const {
  policy::NodeRecord out = *holder.node;
  out.signing_keys = own(holder.node->signing_keys, holder.signing_ids);
  out.recipient_keys = own(holder.node->recipient_keys, holder.recipient_ids);
  return out;
}

std::optional<policy::NodeRecord> Replica::node(const NodeId& id, WallTime now) const {
  const auto [first, last] = node_names_.equal_range(id.text());
  if (first == last || std::next(first) != last) return std::nullopt;
  if (first->second->not_after <= now) return std::nullopt;
  return effective_node(*first->second);
}

std::optional<policy::PersonRecord> Replica::person(const PersonId& id, WallTime now) const {
  const auto [first, last] = person_names_.equal_range(id.text());
  if (first == last || std::next(first) != last) return std::nullopt;
  if (first->second->not_after <= now) return std::nullopt;
  return effective(*first->second);
}

void Replica::take_people(const Names& from, const std::string* role,
                          const policy::DirectoryQuestion& question, WallTime now,
                          std::map<PersonId, policy::PersonRecord>& into) const {
  std::size_t taken = 0;
  for (const auto& [id, holder] : from) {
    const policy::PersonRecord& person = *holder->person;
    if (taken == policy::kPeopleOfRoleMax) return;
    if (holder->not_after <= now || person.clearance_secrecy < question.secrecy ||
        person.clearance_grade < question.grade || !is_alone(person_names_, id) ||
        !std::ranges::includes(holder->compartments, question.compartments))
      continue;
    policy::PersonRecord record = effective(*holder);
    if (record.signing_keys.empty() || (role != nullptr && !record.roles.contains(*role))) continue;
    ++taken;
    into.emplace(person.person, std::move(record));
  }
}

policy::PeopleFile Replica::answer(const policy::DirectoryQuestion& question, WallTime now) const {
  std::vector<policy::NodeRecord> nodes;
  for (const NodeId& id : question.nodes)
    if (auto found = node(id, now)) nodes.push_back(*std::move(found));
  std::map<PersonId, policy::PersonRecord> people;
  for (const std::string& role : question.roles)
    if (const auto held = roles_.find(role); held != roles_.end())
      take_people(held->second, &role, question, now, people);
  if (question.anybody) take_people(person_names_, nullptr, question, now, people);
  std::vector<policy::PersonRecord> list;
  list.reserve(people.size());
  for (auto& [id, record] : people) list.push_back(std::move(record));
  return {1, std::move(nodes), std::move(list)};
}

flow::NodeRegister Replica::node_register(WallTime now) const {
  flow::NodeRegister::Nodes out;
  for (const auto& [name, holder] : node_names_) {
    if (holder->not_after <= now || !is_alone(node_names_, name)) continue;
    const policy::NodeRecord node = effective_node(*holder);
    flow::RegisteredNode one{node.zones, {}};
    for (const crypto::VerifyKey& key : node.signing_keys) one.key_ids.insert(key.id());
    out.emplace(node.node, std::move(one));
  }
  return flow::NodeRegister(std::move(out));
}

std::string Replica::snapshot() const {
  crypto::Hasher all(crypto::HashAlgorithm::sha256);
  for (auto at = entries_.begin(); at != entries_.end();) {
    const std::byte shelf = at->first.front();
    const auto known = shelves_.find(shelf);
    crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
    // A shelf is the entries whose ids begin alike: after a change one of 256 is counted anew.
    EntryId beyond{};
    beyond.fill(std::byte{0xff});
    beyond.front() = shelf;
    const auto end = entries_.upper_bound(beyond);
    if (known != shelves_.end()) {
      all.update(known->second);
      at = end;
      continue;
    }
    for (; at != end; ++at) hasher.update(at->second->id).update(at->second->digest);
    all.update(shelves_.insert_or_assign(shelf, hasher.finish()).first->second);
  }
  return to_hex(all.finish());
}

}  // namespace hangu::directory
