#include "audit/witness/policy.hpp"

#include <algorithm>
#include <charconv>

#include "audit/witness/limits.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::size_t kItemShownMax = 60;

using Items = std::vector<std::string_view>;

/// The items of a line, divided by spaces and tabs only.
Items items_of(std::string_view line) {
  Items items;
  while (true) {  // ends: each turn takes at least one byte
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return items;
    line.remove_prefix(start);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    items.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

bool is_policy_octet(char c) {
  const auto b = static_cast<unsigned char>(c);
  return b == '\t' || b == '\n' || (b >= 0x20 && b != 0x7f);
}

}  // namespace

/// Reads one policy, line by line.
class PolicyReader {
 public:
  Result<WitnessPolicy> read(std::string_view text) {
    if (text.size() > kWitnessPolicyBytesMax) return too_long("bytes");
    while (!text.empty()) {
      ++line_;
      const std::size_t end = std::min(text.find('\n'), text.size());  // the last may have none
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!std::ranges::all_of(line, is_policy_octet)) return expected("no control byte but tab");
      const Items items = items_of(line);
      if (items.empty() || items.front().starts_with('#')) continue;
      HANGU_CHECK(read_line(items));
    }
    ++line_;
    if (!quorum_read_) return expected("a quorum line");
    return std::move(policy_);
  }

 private:
  std::unexpected<Error> expected(std::string what) const {
    return fail(ErrorCode::malformed, "witness-policy-invalid",
                "line " + std::to_string(line_) + ": expected " + std::move(what));
  }
  std::unexpected<Error> too_long(const std::string& what) const {
    return fail(ErrorCode::exhausted, "witness-policy-too-long",
                "line " + std::to_string(line_) + ": " + what);
  }

  Done read_line(const Items& items) {
    if (items[0] == "log") return read_log(items);
    if (items[0] == "witness") return read_witness(items);
    if (items[0] == "group") return read_group(items);
    if (items[0] == "quorum") return read_quorum(items);
    return expected("log, witness, group or quorum instead of " +
                    printable(items[0], kItemShownMax));
  }

  Result<NoteKey> read_key(std::string_view vkey, NoteKeyType type, const char* what) {
    Result<NoteKey> key = NoteKey::parse(vkey);
    if (!key || key->type() != type) return expected(what);
    return key;
  }

  Result<std::optional<std::string>> read_url(const Items& items, std::size_t at) {
    if (items.size() <= at) return std::optional<std::string>();
    if (items.size() > at + 1) return expected("nothing after the URL");
    if (items[at].size() > kPolicyUrlBytesMax) return too_long("URL");
    return std::optional(std::string(items[at]));
  }

  Done read_log(const Items& items) {
    if (items.size() < 2) return expected("log VKEY [URL]");
    HANGU_TRY(NoteKey key,
              read_key(items[1], NoteKeyType::ed25519, "a log's vkey, of type Ed25519 (01)"));
    HANGU_TRY(std::optional<std::string> url, read_url(items, 2));
    if (std::ranges::any_of(policy_.logs_, [&](const auto& log) {
          return equal(log.key.key().point(), key.key().point());
        })) {
      return expected("a key that no log before has");
    }
    if (policy_.logs_.size() == kPolicyLogsMax) return too_long("logs");
    policy_.logs_.push_back({std::move(key), std::move(url)});
    return {};
  }

  Done read_witness(const Items& items) {
    if (items.size() < 3) return expected("witness NAME VKEY [URL]");
    HANGU_TRY(NoteKey key, read_key(items[2], NoteKeyType::cosignature,
                                    "a witness's vkey, of type Ed25519 cosignature (04)"));
    HANGU_TRY(std::optional<std::string> url, read_url(items, 3));
    if (std::ranges::any_of(policy_.witnesses_, [&](const auto& witness) {
          return equal(witness.key.key().point(), key.key().point());
        })) {
      return expected("a key that no witness before has");
    }
    if (policy_.witnesses_.size() == kPolicyWitnessesMax) return too_long("witnesses");
    HANGU_CHECK(define({.name = std::string(items[1]),
                        .witness = policy_.witnesses_.size(),
                        .threshold = 0,
                        .members = {}}));
    policy_.witnesses_.push_back({std::string(items[1]), std::move(key), std::move(url)});
    return {};
  }

  Done read_group(const Items& items) {
    if (items.size() < 4) return expected("group NAME all|any|K NAME...");
    WitnessPolicy::Definition group{
        .name = std::string(items[1]), .witness = std::nullopt, .threshold = 0, .members = {}};
    for (const std::string_view name : std::span(items).subspan(3)) {
      HANGU_TRY(const std::size_t member, find(name));
      if (in_a_group_[member]) {
        return expected("a name that is in no group yet instead of " +
                        printable(name, kItemShownMax));
      }
      in_a_group_[member] = true;
      group.members.push_back(member);
    }
    HANGU_TRY(group.threshold, read_threshold(items[2], group.members.size()));
    if (groups_++ == kPolicyGroupsMax) return too_long("groups");
    return define(std::move(group));
  }

  Result<std::size_t> read_threshold(std::string_view text, std::size_t members) {
    if (text == "all") return members;
    if (text == "any") return std::size_t{1};
    std::size_t k = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), k);
    if (problem != std::errc{} || stop != text.data() + text.size() || text.front() == '0' ||
        k > members) {
      return expected("all, any, or a number from 1 to " + std::to_string(members));
    }
    return k;
  }

  Done read_quorum(const Items& items) {
    if (items.size() != 2) return expected("quorum NAME, or quorum none");
    if (quorum_read_) return expected("one quorum line only");
    quorum_read_ = true;
    if (items[1] == kNone) return {};
    HANGU_TRY(policy_.quorum_, find(items[1]));
    return {};
  }

  Result<std::size_t> find(std::string_view name) const {
    const auto found = std::ranges::find(policy_.definitions_, name, &Definition::name);
    if (found == policy_.definitions_.end()) {
      return expected("a name defined on a line before instead of " +
                      printable(name, kItemShownMax));
    }
    return static_cast<std::size_t>(found - policy_.definitions_.begin());
  }

  Done define(WitnessPolicy::Definition definition) {
    if (definition.name.size() > kPolicyNameBytesMax) return too_long("name");
    if (definition.name == kNone ||
        std::ranges::find(policy_.definitions_, definition.name, &Definition::name) !=
            policy_.definitions_.end()) {
      return expected("a name that is not taken instead of " +
                      printable(definition.name, kItemShownMax));
    }
    policy_.definitions_.push_back(std::move(definition));
    in_a_group_.push_back(false);
    return {};
  }

  using Definition = WitnessPolicy::Definition;
  WitnessPolicy policy_;
  std::vector<bool> in_a_group_;  ///< of each definition
  std::size_t groups_ = 0;
  std::size_t line_ = 0;
  bool quorum_read_ = false;
};

Result<WitnessPolicy> WitnessPolicy::parse(std::string_view text) {
  return PolicyReader().read(text);
}

bool WitnessPolicy::satisfied_by(const std::vector<bool>& cosigned) const {
  HANGU_ASSERT(cosigned.size() == witnesses_.size());
  if (!quorum_) return true;
  std::vector<bool> holds;  // of each definition; members stand before their group
  for (const Definition& one : definitions_) {
    if (one.witness) {
      holds.push_back(cosigned[*one.witness]);
      continue;
    }
    const auto count =
        std::ranges::count_if(one.members, [&](std::size_t member) { return holds[member]; });
    holds.push_back(static_cast<std::size_t>(count) >= one.threshold);
  }
  return holds[*quorum_];
}

}  // namespace hangu::audit
