#pragma once
// What the tests of the writer share: a writer, requests made by hand, and what came of them.

#include <catch2/catch.hpp>

#include "audit/catalogue.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {

inline const std::string kOtherTransfer = "ffeeddccbbaa99887766554433221100";
inline constexpr std::uint64_t kFirst =
    2;  ///< entry that is not the log's own: after genesis and boot
inline constexpr std::uint64_t kStart = 2;  ///< entries of each later start: epoch.close, boot

/// A writer with a clock that stands, and requests made by hand.
struct Desk {
  TestFolder folder;
  TestFolder epoch_keys;
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy{42};

  Result<OpenedWriter> open(std::optional<TreeHead> witnessed = {}) {
    WriterPlan plan =
        writer_plan(folder_at(folder.path()), folder_at(epoch_keys.path()), clock, entropy);
    plan.witnessed = witnessed;
    return Writer::open(std::move(plan));
  }
  Submission event(const std::string& type, const std::string& program,
                   std::vector<std::string> keys = {}, std::string body = "{}") {
    Submission s;
    s.request.id = new_request_id(entropy);
    s.request.type = type;
    if (find_type(type) == nullptr || find_type(type)->about_transfer) {
      s.request.transfer = *TransferId::create(kTransfer);
    }
    s.request.keys = std::move(keys);
    s.request.kind = BodyKind::event;
    s.request.body = std::move(body);
    s.caller = {.program = program, .uid = 1001, .pid = 4321};
    return s;
  }
  Submission step(const std::string& stage, const std::string& program,
                  std::vector<std::string> keys = {}, const std::string& payload = "{}") {
    Submission s = event("step." + stage, program, std::move(keys));
    s.request.kind = BodyKind::statement;
    s.request.body =
        flow::Envelope::sign("application/vnd.in-toto+json", hangu::to_bytes(payload), key_from(9))
            ->to_text();
    return s;
  }
};

inline AppendReply one(Writer& writer, const Submission& submission) {
  auto replies = writer.append({&submission, 1});
  REQUIRE(replies);
  REQUIRE(replies->size() == 1);
  CHECK((*replies)[0].id == submission.request.id);
  return (*replies)[0];
}

inline std::string reason(Writer& writer, const Submission& submission) {
  const AppendReply reply = one(writer, submission);
  return reply.outcome == AppendOutcome::refused ? reply.reason : "accepted";
}

}  // namespace hangu::audit::test
