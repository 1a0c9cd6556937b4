#include "check/finding.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hangu::check {

void Findings::pass(std::string name, wire::JsonObject measured) {
  list_.push_back({std::move(name), flow::Verdict::pass, "ok", std::move(measured)});
}

void Findings::stop(std::string name, const Error& error) {
  const bool input_is_to_blame =
      error.code() == ErrorCode::malformed || error.code() == ErrorCode::forbidden;
  wire::JsonObject measured;
  if (!error.context().empty()) measured.emplace_back("detail", printable(error.context()));
  list_.push_back({std::move(name), input_is_to_blame ? flow::Verdict::fail : flow::Verdict::error,
                   std::string(error.reason()), std::move(measured)});
}

flow::Verdict Findings::verdict() const {
  const auto any = [this](flow::Verdict verdict) {
    return std::ranges::find(list_, verdict, &Finding::verdict) != list_.end();
  };
  if (list_.empty() || any(flow::Verdict::error)) return flow::Verdict::error;
  return any(flow::Verdict::fail) ? flow::Verdict::fail : flow::Verdict::pass;
}

std::string Findings::reason() const {
  const auto found = std::ranges::find_if(
      list_, [](const Finding& finding) { return finding.verdict != flow::Verdict::pass; });
  return found == list_.end() ? "ok" : found->reason;
}

wire::JsonArray Findings::to_json() const {
  wire::JsonArray out;
  for (const Finding& finding : list_) {
    out.push_back(wire::JsonObject{{"check", finding.name},
                                   {"verdict", flow::to_text(finding.verdict)},
                                   {"reason", finding.reason},
                                   {"measured", finding.measured}});
  }
  return out;
}

}  // namespace hangu::check
