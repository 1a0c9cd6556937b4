#pragma once
// GrantedEntries: an officer, and directory entries of nodes and people with grants that count.

#include <map>

#include "directory/holder.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace hangu::test {

class GrantedEntries {
 public:
  /// What a person's grant says.
  struct Person {
    std::string name;
    std::string human;
    std::set<std::string> roles{"reviewer"};
    flow::Secrecy secrecy = flow::Secrecy::confidential;
    std::set<std::string> compartments{};
  };

  [[nodiscard]] static directory::EntryId id(unsigned number) {
    directory::EntryId out{};
    store_u32(MutableByteView(out).first(4), number * 2654435761U);  // spread over the shelves
    store_u32(MutableByteView(out).last(4), number);
    return out;
  }
  const crypto::SigningKey& key(const std::string& name) {
    const auto found = keys_.find(name);
    if (found != keys_.end()) return found->second;
    return keys_
        .emplace(name,
                 must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy_)))
        .first->second;
  }
  [[nodiscard]] std::vector<crypto::VerifyKey> officers() {
    return {key("the officer").verify_key()};
  }

  [[nodiscard]] directory::RawEntry node(unsigned number, const std::string& name,
                                         const std::string& zone) {
    const auto seal = must(crypto::OpeningKey::generate(crypto::Suite::intl, entropy_));
    const policy::NodeRecord record{
        must(NodeId::create(name)), "bureau", {zone}, {public_key(name)}, {seal.recipient_key()}};
    directory::RawEntry out = with_grant(number, name, policy::PeopleFile(1, {record}, {}), {});
    out.values["hangukey"] = {record.signing_keys.front().id(), to_hex(seal.recipient_key().id())};
    out.values["hanguzone"] = {zone};
    return out;
  }
  [[nodiscard]] directory::RawEntry person(unsigned number, const Person& about) {
    const policy::PersonRecord record{must(PersonId::create(about.name)),
                                      about.human,
                                      "office",
                                      about.roles,
                                      about.secrecy,
                                      flow::DataGrade::core,
                                      not_after,
                                      {public_key(about.name)}};
    directory::RawEntry out =
        with_grant(number, about.name, policy::PeopleFile(1, {}, {record}), about.compartments);
    out.values["hangukey"] = {record.signing_keys.front().id()};
    out.values["hangurole"] = {about.roles.begin(), about.roles.end()};
    return out;
  }
  [[nodiscard]] std::shared_ptr<const directory::Holder> read(const directory::RawEntry& entry) {
    return directory::read_holder(entry, officers());
  }

  WallTime not_after = must(WallTime::parse("2034-01-01T00:00:00Z"));
  std::string signer = "the officer";

 private:
  /// Private keys stand in locked memory, which has an end: of the many only the public half is
  /// kept.
  crypto::VerifyKey public_key(const std::string& name) {
    constexpr std::size_t kPrivateKeysMax = 500;
    if (keys_.contains(name) || keys_.size() < kPrivateKeysMax) return key(name).verify_key();
    return must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy_))
        .verify_key();
  }
  directory::RawEntry with_grant(unsigned number, const std::string& name,
                                 policy::PeopleFile holder, std::set<std::string> compartments) {
    const directory::EntryId entry = id(number);
    const policy::Grant grant{directory::uuid_text(entry), not_after, std::move(compartments),
                              std::move(holder)};
    return {entry, {{"hanguname", {name}}, {"hangugrant", {must(grant.sign(key(signer)))}}}};
  }

  SeededEntropy entropy_{"granted entries"};
  std::map<std::string, crypto::SigningKey> keys_;
};

}  // namespace hangu::test
