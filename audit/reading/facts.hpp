#pragma once
// EntryFacts: what one entry of the log says, flat, for people who look for something. Taken from
// the entry alone: what a transfer is about stands in its `transfer.stated`, not in its other
// entries. Nothing here was checked but that it is written in the entry.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/reading/log_reader.hpp"
#include "base/time.hpp"

namespace hangu::audit {

/// How something was decided, by a rule, a person or a check.
enum class Ruling : std::uint8_t {
  none,   ///< nobody decided
  allow,  ///< a pass, an approval
  deny,   ///< a fail, a refusal
  hold,   ///< in quarantine until people act
  error,  ///< crash, limit, unreadable: never a pass
};
/// "" for none, "allow", "deny", "hold", "error".
[[nodiscard]] std::string_view to_text(Ruling ruling);

/// One object in an entry of a filter.
struct ObjectFacts {
  std::string name;
  std::string object;  ///< digest of what came in
  std::string output;  ///< digest of what went out; empty: nothing
  std::string verdict;
  std::string reason;
  std::vector<std::string> actions;  ///< what was done to it or taken out of it
};

/// What the entrances of a zone turned away, of one node and for one reason.
struct RefusalFacts {
  std::string zone;
  std::string node;  ///< empty where none was proved
  std::string reason;
  std::uint64_t count = 0;
};

/// Log-ins of one node at the entrances of a zone.
struct LoginFacts {
  std::string zone;
  std::string node;
  std::uint64_t count = 0;
};

/// A file that something works by: a program, a configuration, a list of keys, a policy.
struct DocumentFacts {
  std::string name;
  std::string sha256;  ///< hex digits
  bool operator==(const DocumentFacts&) const = default;
};

struct EntryFacts {
  std::uint64_t index = 0;
  Hash leaf{};
  bool readable = false;  ///< false: bytes that are no entry of ours; only index and leaf hold
  WallTime time;
  std::string id;
  std::string type;
  std::string program;  ///< whose socket it came through
  std::uint32_t uid = 0;
  std::uint32_t pid = 0;
  std::string boot;
  std::string transfer;  ///< 32 hex digits, or empty
  std::optional<std::uint64_t> previous;

  std::string stage;  ///< of the line, or empty
  Ruling decision = Ruling::none;
  std::string reason;              ///< stable code
  std::vector<std::string> rules;  ///< ids of the rules that decided
  std::string policy;              ///< "<id>@<version>"
  std::string node;                ///< that sent, withdrew, fetched or acknowledged
  std::string person;              ///< who signed an approval or another act
  std::string role;
  std::string key;                   ///< id of the key under a statement
  std::string words;                 ///< a person's own
  std::vector<std::string> signers;  ///< auditors under an order about the log
  std::string witness;               ///< that raised an alarm
  std::string detail;                ///< what an event about the log says of itself

  // Of a transfer: from its `transfer.stated`.
  std::string dataset;             ///< product code
  std::vector<std::string> areas;  ///< GB/T 2260: 2, 4 or 6 digits
  std::string secrecy;             ///< "open".. "top-secret"
  std::string grade;               ///< "general", "important", "core"
  std::string owner;
  std::string from;  ///< zones; also where a package came in, or was turned away
  std::string to;
  std::vector<std::string> recipients;

  std::vector<std::string> packages;  ///< digests of the submission or the sealed package
  std::optional<std::uint64_t> objects;
  std::optional<std::uint64_t> bytes;
  std::vector<ObjectFacts> seen;         ///< by a filter, one each
  std::vector<RefusalFacts> refused;     ///< by the entrances, since the entry before
  std::vector<LoginFacts> logins;        ///< the same
  std::vector<DocumentFacts> documents;  ///< in force from here on
  std::optional<std::int64_t> part;      ///< of a filter's entries for one step, from 1
  std::optional<std::int64_t> parts;
  std::optional<std::int64_t> count;  ///< an event's own number: epoch, size, missing sequence

  /// Whether it tells that the log's own keys were replaced (detail says by which).
  [[nodiscard]] bool replaces_keys() const { return type == "epoch.close" && !detail.empty(); }
  /// Who acted: the person, else the first signer, the node, the witness, or the program.
  [[nodiscard]] const std::string& actor() const;
};

/// The facts of an entry; never fails: what cannot be read stays empty. Thread: any.
[[nodiscard]] EntryFacts facts_of(const StoredEntry& entry);

/// A text for people in both languages.
struct FactText {
  std::string zh;
  std::string en;
};
/// What kind of thing happened, without names and numbers: few different texts in a whole log.
[[nodiscard]] FactText headline_of(const EntryFacts& facts);
/// What happened, in one sentence. Foreign text in it is escaped and cut.
[[nodiscard]] FactText sentence_of(const EntryFacts& facts);
/// "核验" for "verify"; the name itself for what is no stage.
[[nodiscard]] std::string_view stage_in_chinese(std::string_view stage);

}  // namespace hangu::audit
