// CEF: CEF:0|vendor|product|version|class|name|severity|extension.

#include "audit/export/line_format.hpp"
#include "audit/export/line_text.hpp"

namespace hangu::audit {
namespace {

// CEF severity: 0..3 low, 4..6 medium, 7..8 high.
unsigned severity(Weight weight) {
  switch (weight) {
    case Weight::usual: return 1;
    case Weight::decided: return 3;
    case Weight::notable:
    case Weight::held: return 5;
    case Weight::denied: return 6;
    case Weight::failed: return 8;
  }
  return 5;
}

/// The extension: key=value pairs with a space between them.
class Extension {
 public:
  void add(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    if (!text_.empty()) text_ += ' ';
    text_.append(key).append("=").append(escape_cef_value(value));
  }
  /// A custom field with its label.
  void add(std::string_view key, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    add(std::string(key) + "Label", label);
    add(key, value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string cef_line(const EntryFacts& facts, const LineSource& source) {
  const std::string type = line_text(facts.type);
  std::string out = "CEF:0|Hangu|gate|" + escape_cef_header(line_text(source.version));
  out += "|" + escape_cef_header(type);
  out += "|" + escape_cef_header(facts.decision == Ruling::none
                                     ? type
                                     : type + " " + std::string(to_text(facts.decision)));
  out += "|" + std::to_string(severity(weight_of(facts))) + "|";
  Extension e;
  e.add("rt", std::to_string(facts.time.since_epoch().count()));
  e.add("dvchost", line_text(source.gateway()));
  e.add("deviceProcessName", line_text(facts.program));
  e.add("suser", line_text(facts.person.empty() ? facts.node : facts.person));
  e.add("act", type);
  e.add("outcome", std::string(to_text(facts.decision)));
  e.add("reason", line_text(facts.reason));
  e.add("fname", line_text(facts.dataset));
  if (facts.bytes) e.add("fsize", std::to_string(*facts.bytes));
  e.add("fileHash", line_texts(facts.packages));
  e.add("externalId", line_text(facts.transfer));
  e.add("cs1", "policyHash", line_text(facts.policy));
  e.add("cs2", "leafHash", to_hex(facts.leaf));
  e.add("cs3", "zones", facts.from.empty() ? "" : line_text(facts.from + ">" + facts.to));
  e.add("cs4", "rules", line_texts(facts.rules));
  e.add("cs5", "logRoot", source.root);
  e.add("cs6", "node", facts.person.empty() ? "" : line_text(facts.node));
  e.add("cn1", "logIndex", std::to_string(facts.index));
  e.add("cn2", "logSize", std::to_string(source.size));
  e.add("msg", line_sentence(facts, source));
  return out + e.text();
}

}  // namespace hangu::audit
