#include "flow/stage.hpp"

#include <array>
#include <string>

#include "base/text.hpp"

namespace hangu::flow {
namespace {

constexpr std::array<std::string_view, 9> kStages{
    "receive", "verify", "inspect", "decide", "transform", "check", "approve", "clear", "emit"};
constexpr std::array<std::string_view, 3> kVerdicts{"pass", "fail", "error"};

struct StateWords {
  std::string_view name;
  std::string_view chinese;
  std::string_view english;
};
constexpr std::array<StateWords, 15> kStates{{
    {"received", "已接收,等待验证。", "Received; waiting to be verified."},
    {"verified", "签名与完整性已验证。", "Signature and integrity verified."},
    {"inspected", "内容已检查并重建。", "Content inspected and rebuilt."},
    {"decided", "策略允许,正在履行附加要求。", "Allowed by policy; obligations being carried out."},
    {"transformed", "已生成发布件。", "The rendition has been made."},
    {"checked", "发布件已独立核验。", "The rendition has been checked independently."},
    {"awaiting-approval", "等待审批人签署。", "Waiting for reviewers to sign."},
    {"approved", "审批已完成。", "All approvals given."},
    {"cleared", "放行前复核通过。", "Cleared again just before release."},
    {"emitted", "已移交目的网络。", "Handed over to the destination."},
    {"acknowledged", "接收方已确认。", "Acknowledged by the recipient."},
    {"refused", "已拒绝。", "Refused."},
    {"quarantined", "处理出错,已隔离,等待人工处置。",
     "An error occurred; held in quarantine for people."},
    {"withdrawn", "发送方已撤回。", "Withdrawn by its sender."},
    {"expired", "已过有效期。", "Expired."},
}};

template <class E, std::size_t N>
Result<E> find(const std::array<std::string_view, N>& names, std::string_view text,
               std::string_view reason) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  return fail(ErrorCode::malformed, reason, printable(text, 40));
}

}  // namespace

std::string_view to_text(Stage stage) { return kStages[static_cast<std::size_t>(stage)]; }
Result<Stage> parse_stage(std::string_view text) {
  return find<Stage>(kStages, text, "stage-unknown");
}
std::string_view program_of(Stage stage) {
  return to_text(stage == Stage::clear ? Stage::decide : stage);
}

std::string_view to_text(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }
Result<Verdict> parse_verdict(std::string_view text) {
  return find<Verdict>(kVerdicts, text, "verdict-unknown");
}

std::string_view to_text(State state) { return kStates[static_cast<std::size_t>(state)].name; }
std::string_view sentence_in_chinese(State state) {
  return kStates[static_cast<std::size_t>(state)].chinese;
}
std::string_view sentence_in_english(State state) {
  return kStates[static_cast<std::size_t>(state)].english;
}
Result<State> parse_state(std::string_view text) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i].name == text) return static_cast<State>(i);
  return fail(ErrorCode::malformed, "state-unknown", printable(text, 40));
}

bool is_end(State state) { return state >= State::emitted; }

NextStage next_stage(State state) {
  switch (state) {
    case State::received: return {true, Stage::verify};
    case State::verified: return {true, Stage::inspect};
    case State::inspected: return {true, Stage::decide};
    case State::decided: return {true, Stage::transform};
    case State::transformed: return {true, Stage::check};
    case State::checked:
    case State::awaiting_approval: return {true, Stage::approve};
    case State::approved: return {true, Stage::clear};
    case State::cleared: return {true, Stage::emit};
    case State::emitted:
    case State::acknowledged:
    case State::refused:
    case State::quarantined:
    case State::withdrawn:
    case State::expired: return {};
  }
  return {};
}

State state_after(Stage stage) {
  switch (stage) {
    case Stage::receive: return State::received;
    case Stage::verify: return State::verified;
    case Stage::inspect: return State::inspected;
    case Stage::decide: return State::decided;
    case Stage::transform: return State::transformed;
    case Stage::check: return State::checked;
    case Stage::approve: return State::approved;
    case Stage::clear: return State::cleared;
    case Stage::emit: return State::emitted;
  }
  return State::quarantined;
}

}  // namespace hangu::flow
