// The desk and the mover count approvals by different codes: both must agree on every case.

#include "stages/approve/approval_desk.hpp"

#include <catch2/catch.hpp>

#include "flow/approval_quorum.hpp"
#include "tests/unit/flow/chain_builder.hpp"

namespace {

using namespace hangu;
using stages::ApprovalDesk;
using stages::DeskState;
using test::ChainBuilder;

ApprovalDesk desk_for(const ChainBuilder& b) {
  const flow::Approval about = b.approval_statement("li");
  return ApprovalDesk({b.transfer, about.rendition, about.certificate, about.decision, b.decision});
}

std::string give(ApprovalDesk& desk, const flow::Envelope& envelope, WallTime now) {
  const Done done = desk.give(envelope, now);
  return done ? "taken" : std::string(done.error().reason());
}

}  // namespace

TEST_CASE("two people complete a desk that needs two", "[approve]") {
  const ChainBuilder b;
  ApprovalDesk desk = desk_for(b);
  CHECK(desk.state() == DeskState::waiting);
  CHECK(give(desk, b.approval_of("li"), b.now) == "taken");
  CHECK(desk.state() == DeskState::waiting);
  CHECK(give(desk, b.approval_of("wang"), b.now) == "taken");
  CHECK(desk.state() == DeskState::complete);
  CHECK(desk.signed_by() == std::vector<std::string>{"li", "wang"});
  CHECK(give(desk, b.approval_of("zhao"), b.now) == "approval-closed");
}

TEST_CASE("a desk says why a signature does not count", "[approve]") {
  const ChainBuilder b;
  ApprovalDesk desk = desk_for(b);
  const auto with = [&](auto change) { return give(desk, b.approval_of("wang", change), b.now); };
  const auto other = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("x"));
  CHECK(with([&](flow::Approval& a) { a.rendition = other; }) == "approval-other-rendition");
  CHECK(with([&](flow::Approval& a) { a.decision = other; }) == "approval-other-rendition");
  CHECK(with([&](flow::Approval& a) { a.certificate = other; }) == "approval-other-rendition");
  CHECK(with([&](flow::Approval& a) { a.expires = b.now; }) == "approval-expired");
  CHECK(with([&](flow::Approval& a) { a.role = "janitor"; }) == "approval-role");
  CHECK(with([&](flow::Approval& a) { a.person = *PersonId::create("ghost"); }) ==
        "approval-unknown-person");
  // What a terminal or a log would not show as it is.
  for (const char* reason :
       {"ok \xe2\x80\xae live", "\x1b[31mok", "two\nlines", "zero\xe2\x80\x8bwidth"})
    CHECK(with([&](flow::Approval& a) { a.reason = reason; }) == "approval-malformed");
  CHECK(give(desk, b.sign_approval(b.approval_statement("wang"), "stranger"), b.now) ==
        "approval-signature");
  CHECK(give(desk, b.approval_of("li"), b.now) == "taken");
  CHECK(give(desk, b.approval_of("li"), b.now) == "approval-twice");
}

TEST_CASE("one refusal closes the desk", "[approve]") {
  const ChainBuilder b;
  ApprovalDesk desk = desk_for(b);
  CHECK(give(desk, b.approval_of("li", false), b.now) == "taken");
  CHECK(desk.state() == DeskState::refused);
}

TEST_CASE("a flow that needs nobody is complete at once", "[approve]") {
  ChainBuilder b;
  b.decision.obligations = {};
  CHECK(desk_for(b).state() == DeskState::complete);
}

TEST_CASE("a signature that fills no further place is not taken", "[approve]") {
  ChainBuilder b;
  b.decision.obligations.approver_slots = {"officer", "reviewer"};
  b.decision.approvers[1].roles = {"officer"};
  ApprovalDesk desk = desk_for(b);
  CHECK(give(desk, b.approval_of("li"), b.now) == "taken");
  CHECK(give(desk, b.approval_of("zhao"), b.now) == "approval-not-needed");  // a second reviewer
  CHECK(desk.state() == DeskState::waiting);
}

TEST_CASE("desk and mover agree for every subset of people and roles", "[approve]") {
  const std::array people{"li", "wang", "zhao"};
  for (unsigned roles_of_wang = 0; roles_of_wang < 2; ++roles_of_wang)
    for (std::uint32_t needed = 0; needed <= 3; ++needed)
      for (unsigned who = 0; who < 8; ++who) {
        ChainBuilder b;
        auto& slots = b.decision.obligations.approver_slots;
        slots.assign(needed, "reviewer");
        if (roles_of_wang == 1) {
          slots.push_back("officer");
          slots.push_back("officer|reviewer");
          b.decision.approvers[1].roles.insert("officer");
        }
        ApprovalDesk desk = desk_for(b);
        for (unsigned i = 0; i < people.size(); ++i) {
          if ((who >> i & 1U) == 0 || desk.state() != DeskState::waiting) continue;
          const flow::Envelope envelope = b.approval_of(people[i]);
          const std::string said = give(desk, envelope, b.now);
          REQUIRE((said == "taken" || said == "approval-not-needed"));
        }
        const flow::Approval about = b.approval_statement("li");
        const Done mover = flow::check_approvals(
            desk.to_text(), {b.transfer, about.rendition, about.certificate, about.decision},
            b.decision, b.now);
        INFO(needed << " needed, people " << who << ", roles " << roles_of_wang);
        CHECK(mover.has_value() == (desk.state() == DeskState::complete));
      }
}
