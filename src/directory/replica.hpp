#pragma once
// Replica: what the directory holds, in memory, with the questions that are asked of it. What is
// there twice is nobody's: two entries of one name, a key that two entries hold.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "directory/holder.hpp"
#include "flow/node_register.hpp"
#include "policy/directory_answer.hpp"

namespace hangu::directory {

/// The three administrators (三员): one human is at most one of them.
inline constexpr std::array<std::string_view, 3> kAdministrators{"system-administrator",
                                                                 "security-officer", "auditor"};

/// A copy shares the entries. Thread: one.
class Replica {
 public:
  using Entry = std::shared_ptr<const Holder>;

  /// Adds an entry, or replaces the one with its id. Errors: Exhausted "directory-too-large" (over
  /// kEntriesMax, or kNodesMax nodes); then nothing changed.
  [[nodiscard]] Done put(Entry entry);
  void erase(const EntryId& id);
  /// Erases what is not in `present`.
  void keep_only(const std::set<EntryId>& present);

  [[nodiscard]] const Entry* find(const EntryId& id) const;
  /// The node of this name, with the keys that are its alone; nothing when there is none with power
  /// at `now`, or more than one.
  [[nodiscard]] std::optional<policy::NodeRecord> node(const NodeId& id, WallTime now) const;
  /// The same of a person, with the roles that count.
  [[nodiscard]] std::optional<policy::PersonRecord> person(const PersonId& id, WallTime now) const;
  /// The nodes and people that a question is about, and nobody else.
  [[nodiscard]] policy::PeopleFile answer(const policy::DirectoryQuestion& question,
                                          WallTime now) const;
  /// What the edge may know: nodes, their zones and signing keys.
  [[nodiscard]] flow::NodeRegister node_register(WallTime now) const;

  /// Humans who hold two of the three administrators' roles, and so neither, in order.
  [[nodiscard]] const std::set<std::string>& conflicts() const { return conflicts_; }
  /// SHA-256 in hex over all entries in order of their ids.
  [[nodiscard]] std::string snapshot() const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t nodes() const { return nodes_; }
  /// Entries without power, by what they lack.
  [[nodiscard]] const std::map<std::string, std::size_t>& refused() const { return refused_; }
  /// Rises with each change of a node.
  [[nodiscard]] std::uint64_t node_changes() const { return node_changes_; }

 private:
  using Names = std::multimap<std::string, const Holder*>;
  void enter(const Holder& holder, int by);
  void enter_administrator(const policy::PersonRecord& person, int by);
  [[nodiscard]] bool is_alone(const Names& names, const std::string& name) const;
  template <class Key>
  [[nodiscard]] std::vector<Key> own(const std::vector<Key>& keys,
                                     const std::vector<std::string>& ids) const;
  [[nodiscard]] policy::PersonRecord effective(const Holder& holder) const;
  [[nodiscard]] policy::NodeRecord effective_node(const Holder& holder) const;
  void take_people(const Names& from, const std::string* role,
                   const policy::DirectoryQuestion& question, WallTime now,
                   std::map<PersonId, policy::PersonRecord>& into) const;

  std::map<EntryId, Entry> entries_;
  Names node_names_;
  Names person_names_;
  std::unordered_map<std::string, Names> roles_;       ///< as granted
  std::unordered_map<std::string, std::size_t> keys_;  ///< how many entries hold a key
  std::unordered_map<std::string, std::map<std::string, std::size_t>>
      administrators_;  ///< by human
  std::set<std::string> conflicts_;
  std::map<std::string, std::size_t> refused_;
  std::size_t nodes_ = 0;
  std::uint64_t node_changes_ = 0;
  mutable std::map<std::byte, Digest> shelves_;  ///< digests by the first byte of ids; known ones
};

}  // namespace hangu::directory
