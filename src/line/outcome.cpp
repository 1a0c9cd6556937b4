#include "line/outcome.hpp"

namespace hangu::line {
namespace {

Outcome stopped(const ledger::Work& work, flow::Verdict verdict, std::string_view reason) {
  Outcome outcome;
  outcome.verdict = verdict;
  outcome.reason = reason;
  outcome.table = work.table;
  return outcome;
}

}  // namespace

Outcome Outcome::refused(const ledger::Work& work, std::string_view reason) {
  return stopped(work, flow::Verdict::fail, reason);
}

Outcome Outcome::failed(const ledger::Work& work, std::string_view reason) {
  return stopped(work, flow::Verdict::error, reason);
}

Outcome Outcome::given_back() {
  Outcome outcome;
  outcome.handed_back = true;
  return outcome;
}

Outcome Outcome::passed(const crypto::ObjectDigest& table) {
  Outcome outcome;
  outcome.verdict = flow::Verdict::pass;
  outcome.reason = "ok";
  outcome.table = table;
  return outcome;
}

Outcome Outcome::of(const ledger::Work& work, const Error& error) {
  const bool input_is_to_blame =
      error.code() == ErrorCode::malformed || error.code() == ErrorCode::forbidden;
  return input_is_to_blame ? refused(work, error.reason()) : failed(work, error.reason());
}

}  // namespace hangu::line
