#pragma once
// Facts as an entry of a log would give them.

#include "audit/export/line_format.hpp"

namespace hangu::audit::test {

inline WallTime at(std::string_view text) { return *WallTime::parse(text); }

inline EntryFacts stated(std::uint64_t index, std::string_view time, std::string transfer,
                         std::string node = "portal", std::string dataset = "division-table",
                         std::string from = "internet", std::string to = "egov") {
  EntryFacts facts;
  facts.index = index;
  facts.readable = true;
  facts.time = at(time);
  facts.type = "transfer.stated";
  facts.program = "verify";
  facts.boot = "0011223344556677";
  facts.transfer = std::move(transfer);
  facts.node = std::move(node);
  facts.dataset = std::move(dataset);
  facts.from = std::move(from);
  facts.to = std::move(to);
  facts.bytes = 2048;
  return facts;
}

inline EntryFacts act(std::uint64_t index, std::string_view time, std::string type,
                      std::string transfer, Ruling decision = Ruling::none,
                      std::string reason = "") {
  EntryFacts facts;
  facts.index = index;
  facts.readable = true;
  facts.time = at(time);
  facts.type = std::move(type);
  facts.boot = "0011223344556677";
  facts.transfer = std::move(transfer);
  facts.decision = decision;
  facts.reason = std::move(reason);
  if (facts.type.starts_with("step.")) facts.stage = facts.type.substr(5);
  return facts;
}

inline LineSource source() {
  return {.origin = "gw-demo/audit",
          .size = 7,
          .root = std::string(64, 'a'),
          .version = "0.1.0",
          .pen = kDocumentationPen,
          .language = LineLanguage::en};
}

}  // namespace hangu::audit::test
