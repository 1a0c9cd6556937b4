// hangu pki grant: an officer's grant for one entry of the central directory.

#include <algorithm>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/pki.hpp"
#include "cli/values.hpp"
#include "policy/grant.hpp"
#include "wire/text_set.hpp"

namespace hangu::cli {
namespace {

/// The holder of this name in the registry, alone in a file of its own.
Result<policy::PeopleFile> holder_named(const policy::PeopleFile& people, const std::string& name) {
  std::vector<policy::NodeRecord> nodes;
  std::vector<policy::PersonRecord> persons;
  for (const policy::NodeRecord& one : people.nodes())
    if (one.node.text() == name) nodes.push_back(one);
  for (const policy::PersonRecord& one : people.people())
    if (one.person.text() == name) persons.push_back(one);
  if (nodes.size() + persons.size() != 1)
    return usage("NAME", printable(name) + ": not exactly one node or person of the registry");
  return policy::PeopleFile(1, std::move(nodes), std::move(persons));
}

/// The entry's values that the grant is narrowed by: all that was granted.
void add_granted(const policy::PeopleFile& holder,
                 std::vector<std::pair<std::string, std::string>>& values) {
  for (const policy::NodeRecord& node : holder.nodes()) {
    for (const std::string& zone : node.zones) values.emplace_back("hanguZone", zone);
    for (const std::string& role : node.roles.value_or(std::set<std::string>()))
      values.emplace_back("hanguRole", role);
    for (const auto& key : node.signing_keys) values.emplace_back("hanguKey", key.id());
    for (const auto& key : node.recipient_keys) values.emplace_back("hanguKey", to_hex(key.id()));
  }
  for (const policy::PersonRecord& person : holder.people()) {
    for (const std::string& role : person.roles) values.emplace_back("hanguRole", role);
    for (const auto& key : person.signing_keys) values.emplace_back("hanguKey", key.id());
  }
}

/// What `ldapmodify` takes (RFC 2849): each attribute is replaced by its values.
std::string modification(const std::string& dn,
                         const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out = "dn:: " + to_base64(bytes_of(dn)) + "\nchangetype: modify\n";
  std::string before;
  for (const auto& [name, value] : values) {
    if (name != before) out += (before.empty() ? "" : "-\n") + ("replace: " + name + "\n");
    out += name + ":: " + to_base64(bytes_of(value)) + "\n";
    before = name;
  }
  return out + "-\n";
}

Result<Exit> run_grant(Session& session, const Arguments& arguments) {
  const std::string entry = arguments.text("entry-uuid");
  if (!policy::is_entry_uuid(entry)) return usage("--entry-uuid", "8-4-4-4-12 hex digits");
  HANGU_TRY(const auto term, parse_duration("--term", arguments.text("term")));
  HANGU_TRY(const Pki pki, Pki::open(arguments.text("pki"), session.clock, session.entropy));
  HANGU_TRY(const policy::PeopleFile people, pki.people());
  HANGU_TRY(policy::PeopleFile holder, holder_named(people, arguments.text("name")));
  HANGU_TRY(const WallTime now, session.clock.now());
  HANGU_TRY(const crypto::SigningKey officer, pki.officer());
  policy::Grant grant{entry, now + term, wire::to_set(split_lists(arguments.list("compartment"))),
                      std::move(holder)};
  HANGU_TRY(std::string signed_text, grant.sign(officer));
  std::vector<std::pair<std::string, std::string>> values{{"hanguGrant", std::move(signed_text)}};
  add_granted(grant.holder, values);
  std::ranges::sort(values);
  const std::string ldif = modification(arguments.text("dn"), values);
  session.console.event(
      "granted",
      {{"name", arguments.text("name")}, {"notAfter", grant.not_after.to_text()}, {"ldif", ldif}});
  session.console.line(ldif);
  return Exit::done;
}

}  // namespace

CommandSpec pki_grant_command() {
  return {"grant",
          both("为中心目录的一个条目签发授权,输出供 ldapmodify 使用的 LDIF",
               "sign a grant for an entry of the central directory; LDIF for ldapmodify"),
          {{"name", "NAME", both("登记册中的节点或人员", "a node or person of the registry"),
            OptionKind::positional, true},
           {"--pki", "DIR", both("PKI 文件夹", "folder of the PKI"), OptionKind::value, true},
           {"--dn", "DN", both("条目的名字", "name of the entry"), OptionKind::value, true},
           {"--entry-uuid", "UUID", both("服务器给条目的 entryUUID", "the entry's entryUUID"),
            OptionKind::value, true},
           {"--compartment", "TEXT", both("知悉范围;可重复", "compartment; may be repeated"),
            OptionKind::list},
           {"--term", "DURATION", both("有效期,如 90d", "for how long it counts: 90d"),
            OptionKind::value, false, "90d"}},
          run_grant};
}

}  // namespace hangu::cli
