#include "audit/verifier/policy.hpp"

#include <algorithm>
#include <charconv>

namespace hangu_verify {
namespace {

constexpr std::string_view kNone = "none";

bool is_allowed(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return c == '\t' || c == '\n' || (octet >= ' ' && octet != 0x7f);
}

std::vector<std::string> items_of(std::string_view line) {
  std::vector<std::string> items;
  while (true) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return items;
    line.remove_prefix(start);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    items.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

/// Reads line by line; each function says what is wrong, or nothing.
class Reader {
 public:
  std::string_view read(const std::vector<std::string>& items) {
    if (items[0] == "log") return read_log(items);
    if (items[0] == "witness") return read_witness(items);
    if (items[0] == "group") return read_group(items);
    if (items[0] == "quorum") return read_quorum(items);
    return "unknown keyword";
  }
  std::string_view finish() const { return out_.quorum.empty() ? "no quorum" : ""; }
  Policy take() { return std::move(out_); }

 private:
  std::string_view read_log(const std::vector<std::string>& items) {
    if (items.size() < 2 || items.size() > 3) return "log <vkey> [<url>]";
    const auto key = parse_key(items[1]);
    if (!key || key->kind != KeyKind::ed25519) return "not a log's key";
    for (const LogKey& other : out_.logs)
      if (other.point == key->point) return "a log's key twice";
    out_.logs.push_back(*key);
    return {};
  }

  std::string_view read_witness(const std::vector<std::string>& items) {
    if (items.size() < 3 || items.size() > 4) return "witness <name> <vkey> [<url>]";
    const auto key = parse_key(items[2]);
    if (!key || key->kind != KeyKind::cosignature) return "not a witness's key";
    for (const Policy::Witness& other : out_.witnesses)
      if (other.key.point == key->point) return "a witness's key twice";
    if (const auto problem = define(items[1]); !problem.empty()) return problem;
    out_.witnesses.push_back({items[1], *key});
    return {};
  }

  std::string_view read_group(const std::vector<std::string>& items) {
    if (items.size() < 4) return "group <name> all|any|<k> <member>...";
    Policy::Group group{items[1], 0, {items.begin() + 3, items.end()}};
    const std::string& wanted = items[2];
    if (wanted == "all") {
      group.wanted = group.members.size();
    } else if (wanted == "any") {
      group.wanted = 1;
    } else {
      const char* const end = wanted.data() + wanted.size();
      const auto [stop, error] = std::from_chars(wanted.data(), end, group.wanted);
      if (error != std::errc{} || stop != end || wanted.front() == '0') return "how many members?";
    }
    if (group.wanted < 1 || group.wanted > group.members.size()) return "how many members?";
    for (const std::string& member : group.members) {
      if (!defined_.contains(member)) return "unknown member";
      if (!members_.insert(member).second) return "a member twice";
    }
    if (const auto problem = define(group.name); !problem.empty()) return problem;
    out_.groups.push_back(std::move(group));
    return {};
  }

  std::string_view read_quorum(const std::vector<std::string>& items) {
    if (items.size() != 2) return "quorum <name>|none";
    if (!out_.quorum.empty()) return "a second quorum";
    if (items[1] != kNone && !defined_.contains(items[1])) return "unknown quorum";
    out_.quorum = items[1];
    return {};
  }

  std::string_view define(const std::string& name) {
    if (name == kNone) return "a reserved name";
    return defined_.insert(name).second ? "" : "a name twice";
  }

  Policy out_;
  std::set<std::string> defined_;
  std::set<std::string> members_;
};

}  // namespace

bool Policy::met_by(const std::set<std::string>& witnesses_seen) const {
  if (!demands_witnesses()) return true;
  std::set<std::string> met = witnesses_seen;
  for (const Group& group : groups) {  // a group's members stand before it
    const auto there = std::ranges::count_if(
        group.members, [&](const std::string& member) { return met.contains(member); });
    if (static_cast<std::size_t>(there) >= group.wanted) met.insert(group.name);
  }
  return met.contains(quorum);
}

std::optional<Policy> parse_policy(std::string_view text, std::string& problem) {
  Reader reader;
  problem = text.size() > kPolicyBytesMax ? "too long" : "a control character";
  if (text.size() > kPolicyBytesMax || !std::ranges::all_of(text, is_allowed)) return std::nullopt;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string> items = items_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (items.empty() || items[0].starts_with('#')) continue;
    if (const auto wrong = reader.read(items); !wrong.empty()) {
      problem = "line " + std::to_string(number) + ": " + std::string(wrong);
      return std::nullopt;
    }
  }
  if (const auto wrong = reader.finish(); !wrong.empty()) {
    problem = wrong;
    return std::nullopt;
  }
  return reader.take();
}

}  // namespace hangu_verify
