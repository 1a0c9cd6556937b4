#include "ledger/permit.hpp"

#include <array>

#include "base/text.hpp"

namespace hangu::ledger {
namespace {

using flow::State;

constexpr std::array<std::string_view, 10> kPrograms{"verify",  "inspect", "decide", "transform",
                                                     "check",   "approve", "emit",   "receive",
                                                     "deliver", "admin"};

template <class... E>
constexpr std::uint32_t set_of(E... members) {
  return ((std::uint32_t{1} << static_cast<unsigned>(members)) | ...);
}

constexpr std::uint32_t kStages =
    set_of(Program::verify, Program::inspect, Program::decide, Program::transform, Program::check,
           Program::approve, Program::emit);
constexpr std::uint32_t kApprove = set_of(Program::approve);
constexpr std::uint32_t kEmit = set_of(Program::emit);
constexpr std::uint32_t kReceive = set_of(Program::receive);
constexpr std::uint32_t kDeliver = set_of(Program::deliver);
constexpr std::uint32_t kAdmin = set_of(Program::admin);

constexpr std::uint32_t kAnyState = ~std::uint32_t{0};
constexpr std::uint32_t kOnTheLine =
    set_of(State::received, State::verified, State::inspected, State::decided, State::transformed,
           State::checked, State::awaiting_approval, State::approved, State::cleared);

struct Permit {
  std::string_view request;
  std::uint32_t programs;
  std::uint32_t states;
};
/// In the order of Request's alternatives.
constexpr std::array<Permit, std::variant_size_v<Request>> kPermits{{
    {"claim", kStages, kOnTheLine},
    {"renew", kStages, kOnTheLine},
    {"open", kStages, kOnTheLine},
    {"look", kApprove,
     set_of(State::checked, State::awaiting_approval, State::approved, State::cleared)},
    {"put", kStages, kOnTheLine},
    {"create", kStages, kOnTheLine},
    {"freeze", kStages, kOnTheLine},
    {"complete", kStages, kOnTheLine},
    {"hold", kApprove, set_of(State::checked, State::awaiting_approval)},
    {"release", kStages, kOnTheLine},
    {"attach", kApprove, set_of(State::awaiting_approval)},
    {"reclear", kEmit, set_of(State::cleared)},
    {"list", kApprove | kAdmin, kAnyState},
    {"begin", kReceive, kAnyState},
    {"piece", kReceive, kAnyState},
    {"commit", kReceive, kAnyState},
    {"received", kReceive, kAnyState},
    {"status", kReceive, kAnyState},
    {"list-of-node", kReceive | kDeliver, kAnyState},
    {"withdraw", kReceive, kAnyState},
    {"acknowledge", kDeliver, set_of(State::emitted, State::acknowledged)},
    {"show", kAdmin, kAnyState},
    {"room", kReceive, kAnyState},
}};

constexpr bool holds(std::uint32_t set, unsigned member) { return ((set >> member) & 1U) != 0; }

}  // namespace

std::string_view to_text(Program program) { return kPrograms[static_cast<std::size_t>(program)]; }

Result<Caller> parse_listener(std::string_view name) {
  const auto unknown = [&] {
    return fail(ErrorCode::malformed, "listener-unknown", printable(name, 60));
  };
  const auto parts = split(name, '.');
  if (parts.size() < 2 || parts.size() > 3 || parts[0] != "custodian") return unknown();
  for (std::size_t i = 0; i < kPrograms.size(); ++i) {
    if (kPrograms[i] != parts[1]) continue;
    Caller caller{.program = static_cast<Program>(i), .zone = {}};
    const bool half = caller.program == Program::receive || caller.program == Program::deliver;
    if (half != (parts.size() == 3)) return unknown();
    if (half) {
      HANGU_TRY(caller.zone, ZoneId::create(parts[2]));
    }
    return caller;
  }
  return unknown();
}

std::string_view name_of(std::size_t kind) { return kPermits[kind].request; }

Done check_permit(const Caller& caller, std::size_t kind) {
  const Permit& permit = kPermits[kind];
  if (holds(permit.programs, static_cast<unsigned>(caller.program))) return {};
  return fail(ErrorCode::forbidden, "request-not-permitted",
              std::string(to_text(caller.program)) + " may not " + std::string(permit.request));
}

Done check_permit_in(std::size_t kind, flow::State state) {
  const Permit& permit = kPermits[kind];
  if (holds(permit.states, static_cast<unsigned>(state))) return {};
  return fail(ErrorCode::forbidden, "request-not-in-this-state",
              std::string(permit.request) + " in " + std::string(flow::to_text(state)));
}

Done check_stage_of(const Caller& caller, flow::Stage stage) {
  const bool own = flow::program_of(stage) == to_text(caller.program);
  if (own && stage != flow::Stage::receive) return {};
  return fail(ErrorCode::forbidden, "stage-wrong",
              std::string(to_text(caller.program)) + " for " + std::string(flow::to_text(stage)));
}

std::string describe_permits() {
  std::string out = "| request | programs | states |\n|---|---|---|\n";
  for (const Permit& permit : kPermits) {
    std::string programs;
    for (unsigned i = 0; i < kPrograms.size(); ++i) {
      if (holds(permit.programs, i)) programs += " " + std::string(kPrograms[i]);
    }
    std::string states;
    for (unsigned i = 0; i <= static_cast<unsigned>(State::expired); ++i) {
      if (holds(permit.states, i)) {
        states.append(" ").append(flow::to_text(static_cast<State>(i)));
      }
    }
    if (permit.programs == kStages) programs = " every stage";
    if (permit.states == kAnyState) states = " any";
    if (permit.states == kOnTheLine) states = " received to cleared";
    out.append("| `").append(permit.request).append("` |").append(programs);
    out.append(" |").append(states).append(" |\n");
  }
  return out;
}

}  // namespace hangu::ledger
