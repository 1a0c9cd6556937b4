// RFC 5424: <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [SD-ELEMENT] MSG.

#include "audit/export/line_format.hpp"
#include "audit/export/line_text.hpp"

namespace hangu::audit {
namespace {

constexpr unsigned kFacilityAudit = 13;  ///< "log audit"
constexpr unsigned kSeverities = 8;
// RFC 5424 §6: longest header fields.
constexpr std::size_t kHostBytesMax = 255;
constexpr std::size_t kProcessBytesMax = 128;
constexpr std::size_t kMessageIdBytesMax = 32;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  ///< MSG-UTF8, §6.4

unsigned severity(Weight weight) {
  constexpr unsigned kError = 3, kWarning = 4, kNotice = 5, kInformational = 6;
  switch (weight) {
    case Weight::failed: return kError;
    case Weight::denied:
    case Weight::held:
    case Weight::notable: return kWarning;
    case Weight::decided: return kNotice;
    case Weight::usual: return kInformational;
  }
  return kNotice;
}

void add(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(" ").append(name).append("=\"").append(escape_structured(value)).append("\"");
}

}  // namespace

std::string rfc5424_line(const EntryFacts& facts, const LineSource& source) {
  std::string out = "<";
  out += std::to_string(kFacilityAudit * kSeverities + severity(weight_of(facts)));
  out += ">1 " + facts.time.to_text();
  out += " " + syslog_token(source.gateway(), kHostBytesMax) + " hangu ";
  out += syslog_token(facts.program, kProcessBytesMax) + " ";
  out += syslog_token(facts.type, kMessageIdBytesMax);
  out += " [hangu@" + std::to_string(source.pen);
  add(out, "idx", std::to_string(facts.index));
  add(out, "leaf", to_hex(facts.leaf));
  add(out, "size", std::to_string(source.size));
  add(out, "root", source.root);
  add(out, "act", line_text(facts.type));
  add(out, "dec", std::string(to_text(facts.decision)));
  add(out, "tid", line_text(facts.transfer));
  add(out, "why", line_text(facts.reason));
  add(out, "rule", line_texts(facts.rules));
  add(out, "pol", line_text(facts.policy));
  add(out, "node", line_text(facts.node));
  add(out, "who", line_text(facts.person));
  add(out, "set", line_text(facts.dataset));
  add(out, "src", line_text(facts.from));
  add(out, "dst", line_text(facts.to));
  out += "] ";
  out += kByteOrderMark;
  return out + line_sentence(facts, source);
}

}  // namespace hangu::audit
