#include "line/outcome.hpp"

#include "base/text.hpp"

namespace hangu::line {
namespace {

constexpr std::size_t kEllipsisRoom = 16;  ///< what printable() may add: an escape and the ellipsis
constexpr std::size_t kObjectShownMax = 120;  ///< of an object's name: what is said of it has room

/// As it is, or else printable and cut between characters.
std::string shown(std::string_view text, std::size_t bytes_max) {
  if (is_printable(text, bytes_max)) return std::string(text);
  return printable(text, bytes_max - kEllipsisRoom);
}

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

Outcome Outcome::at(std::string_view object, std::string_view what) && {
  detail = shown(object, kObjectShownMax);
  if (!detail.empty() && !what.empty()) detail += ": ";
  detail += shown(what, ledger::kDetailBytesMax - detail.size());
  return std::move(*this);
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
