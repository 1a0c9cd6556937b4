// Who together must approve: each permit that matches has what it demands, whatever others demand.

#include "policy/approver_slots.hpp"

#include <algorithm>
#include <random>

#include "flow/approval_quorum.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace {

using namespace hangu;
using policy::ApprovalDemand;
using policy::NameSet;
using test::must;
using Slots = std::vector<std::string>;

const policy::NameList& roles() {
  static const policy::NameList list = [] {
    policy::NameList out;
    for (const char* id : {"a", "b", "c", "d"}) (void)must(out.add({id, id, id}));
    return out;
  }();
  return list;
}

Slots slots(const std::vector<ApprovalDemand>& demands) {
  return policy::approver_slots(demands, roles());
}

/// Humans of one role set each, as the mover sees them.
struct People {
  std::vector<flow::Approver> all;

  explicit People(const std::vector<std::set<std::string>>& held) {
    test::SeededEntropy entropy("people");
    static const crypto::VerifyKey key =
        must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy))
            .verify_key();
    for (const std::set<std::string>& one : held) {
      const std::string name = "p" + std::to_string(all.size());
      all.push_back({must(PersonId::create(name)), name, "office", one, key});
    }
  }
  [[nodiscard]] bool fill(const Slots& wanted) const {
    std::vector<const flow::Approver*> humans;
    for (const flow::Approver& one : all) humans.push_back(&one);
    return flow::slots_can_be_filled(wanted, humans);
  }
  /// The words of one demand alone: so many who hold one of its roles, each role by a human of his
  /// own. Few people: every way is tried.
  [[nodiscard]] bool meet(const ApprovalDemand& demand) const {
    std::vector<std::string> wanted;
    for (const policy::NameIndex role : demand.roles) wanted.push_back(roles()[role].id);
    const auto holds_any = [&](const flow::Approver& one) {
      return wanted.empty() || std::ranges::any_of(wanted, [&](const std::string& role) {
               return one.roles.contains(role);
             });
    };
    if (std::ranges::count_if(all, holds_any) < static_cast<std::ptrdiff_t>(demand.count))
      return false;
    std::vector<std::size_t> order(all.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (wanted.size() > all.size()) return false;
    do {
      bool each = true;
      for (std::size_t i = 0; i < wanted.size(); ++i)
        each = each && all[order[i]].roles.contains(wanted[i]);
      if (each) return true;
    } while (std::ranges::next_permutation(order).found);
    return wanted.empty();
  }
};

}  // namespace

TEST_CASE("one demand has as many slots as its count", "[slots]") {
  CHECK(slots({}).empty());
  CHECK(slots({{{0}, 2}}) == Slots{"a", "a"});
  CHECK(slots({{{0, 1}, 2}}) == Slots{"a", "b"});
  CHECK(slots({{{0, 1}, 3}}) == Slots{"a", "a|b", "b"});
  CHECK(slots({{{}, 2}}) == Slots{"", ""});
}

TEST_CASE("a demand beside another keeps its own people", "[slots]") {
  // Two reviewers, and beside them one officer: an officer does not stand for a reviewer.
  CHECK(slots({{{0}, 2}, {{1}, 1}}) == Slots{"a", "a", "b"});
  CHECK(slots({{{0}, 2}, {{0}, 3}}) == Slots{"a", "a", "a"});
  CHECK(slots({{{0}, 2}, {{0, 1}, 2}}) == Slots{"a", "a", "b"});
  CHECK(slots({{{0}, 1}, {{}, 3}}) == Slots{"", "", "a"});
  CHECK(slots({{{1}, 1}, {{0}, 2}}) == slots({{{0}, 2}, {{1}, 1}}));
  CHECK(slots({{{0}, 2}, {{0}, 2}}) == slots({{{0}, 2}}));  // said twice
}

TEST_CASE("whoever fills the slots of many demands has met each of them alone", "[slots]") {
  std::minstd_rand random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): replayed
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  int filled = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<ApprovalDemand> demands(1 + below(3));
    for (ApprovalDemand& demand : demands) {
      for (policy::NameIndex role = 0; role < 4; ++role)
        if (below(3) == 0) demand.roles.insert(role);
      demand.count = static_cast<std::uint32_t>(demand.roles.size()) + below(2);
      if (demand.count == 0) demand.count = 1;
    }
    std::vector<std::set<std::string>> held(1 + below(6));
    for (std::set<std::string>& one : held)
      for (const char* role : {"a", "b", "c", "d"})
        if (below(2) == 0) one.insert(role);
    const People people(held);
    const Slots wanted = slots(demands);
    auto other = demands;
    std::ranges::reverse(other);
    REQUIRE(slots(other) == wanted);
    for (const ApprovalDemand& demand : demands) REQUIRE(wanted.size() >= demand.count);
    if (!people.fill(wanted)) continue;
    ++filled;
    for (const ApprovalDemand& demand : demands) REQUIRE(people.meet(demand));
  }
  CHECK(filled > 1000);
}
