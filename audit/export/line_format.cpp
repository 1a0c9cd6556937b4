#include "audit/export/line_format.hpp"

#include <algorithm>
#include <array>

#include "audit/export/line_text.hpp"
#include "base/text.hpp"
#include "wire/json.hpp"

namespace hangu::audit {
namespace {

struct NamedFormat {
  std::string_view name;
  LineFormat format;
};
constexpr std::array kFormats{
    NamedFormat{"rfc5424", LineFormat::rfc5424}, NamedFormat{"cef", LineFormat::cef},
    NamedFormat{"ocsf", LineFormat::ocsf}, NamedFormat{"csv", LineFormat::csv},
    NamedFormat{"json", LineFormat::json}};

/// "egov/portal:3"
std::vector<std::string> login_texts(const EntryFacts& facts) {
  std::vector<std::string> out;
  for (const LoginFacts& login : facts.logins)
    out.push_back(login.zone + "/" + login.node + ":" + std::to_string(login.count));
  return out;
}

/// "egov/portal:tls-refused:3"; no node where none was proved.
std::vector<std::string> refusal_texts(const EntryFacts& facts) {
  std::vector<std::string> out;
  for (const RefusalFacts& refusal : facts.refused)
    out.push_back(refusal.zone + "/" + refusal.node + ":" + refusal.reason + ":" +
                  std::to_string(refusal.count));
  return out;
}

/// Texts of one entry in the order of CSV's columns; json has the same names.
std::vector<std::pair<std::string_view, std::string>> columns(const EntryFacts& facts,
                                                              const LineSource& source) {
  const auto number = [](const auto& value) { return value ? std::to_string(*value) : ""; };
  return {{"index", std::to_string(facts.index)},
          {"leaf", to_hex(facts.leaf)},
          {"time", facts.time.to_text()},
          {"type", line_text(facts.type)},
          {"program", line_text(facts.program)},
          {"uid", std::to_string(facts.uid)},
          {"boot", line_text(facts.boot)},
          {"transfer", line_text(facts.transfer)},
          {"previous", number(facts.previous)},
          {"stage", line_text(facts.stage)},
          {"decision", std::string(to_text(facts.decision))},
          {"reason", line_text(facts.reason)},
          {"rules", line_texts(facts.rules)},
          {"policy", line_text(facts.policy)},
          {"node", line_text(facts.node)},
          {"person", line_text(facts.person)},
          {"dataset", line_text(facts.dataset)},
          {"areas", line_texts(facts.areas)},
          {"secrecy", line_text(facts.secrecy)},
          {"grade", line_text(facts.grade)},
          {"from", line_text(facts.from)},
          {"to", line_text(facts.to)},
          {"submission", line_texts(facts.packages)},
          {"objects", number(facts.objects)},
          {"bytes", number(facts.bytes)},
          {"witness", line_text(facts.witness)},
          {"signers", line_texts(facts.signers)},
          {"words", line_text(facts.words)},
          {"detail", line_text(facts.detail)},
          {"logins", line_texts(login_texts(facts))},
          {"refusals", line_texts(refusal_texts(facts))},
          {"sentence", line_sentence(facts, source)},
          {"log", line_text(source.origin)},
          {"size", std::to_string(source.size)},
          {"root", source.root}};
}

/// Columns that are numbers where they are not empty.
bool is_number(std::string_view column) {
  constexpr std::array<std::string_view, 6> kNumbers{"index",   "uid",   "previous",
                                                     "objects", "bytes", "size"};
  return std::ranges::find(kNumbers, column) != kNumbers.end();
}

wire::Json json_value(std::string_view column, const std::string& text) {
  if (text.empty()) return nullptr;
  if (is_number(column)) return static_cast<std::int64_t>(std::stoll(text));
  return text;
}

}  // namespace

Result<LineFormat> parse_line_format(std::string_view text) {
  const auto found = std::ranges::find(kFormats, text, &NamedFormat::name);
  if (found == kFormats.end())
    return fail(ErrorCode::malformed, "export-format", printable(text, 40));
  return found->format;
}

std::string LineSource::gateway() const { return origin.substr(0, origin.find('/')); }

Weight weight_of(const EntryFacts& facts) {
  if (facts.decision == Ruling::deny) return Weight::denied;
  if (facts.decision == Ruling::hold) return Weight::held;
  if (facts.decision == Ruling::error || !facts.readable) return Weight::failed;
  constexpr std::array<std::string_view, 8> kNotable{
      "log.pruned",       "counter.released", "policy.released", "policy.changed",
      "posture.switched", "posture.changed",  "sequence.gap",    "directory.conflict"};
  if (std::ranges::find(kNotable, facts.type) != kNotable.end() || facts.replaces_keys())
    return Weight::notable;
  return facts.decision == Ruling::none ? Weight::usual : Weight::decided;
}

std::string line_sentence(const EntryFacts& facts, const LineSource& source) {
  return line_text(source.language == LineLanguage::zh ? sentence_of(facts).zh
                                                       : sentence_of(facts).en);
}

std::string csv_line(const EntryFacts& facts, const LineSource& source) {
  std::string out;
  for (const auto& [name, text] : columns(facts, source)) {
    if (!out.empty()) out += ',';
    out += escape_csv(text);
  }
  return out;
}

std::string json_line(const EntryFacts& facts, const LineSource& source) {
  wire::JsonObject out;
  for (const auto& [name, text] : columns(facts, source))
    out.emplace_back(name, json_value(name, text));
  return wire::Json(std::move(out)).to_text();
}

std::string line_of(LineFormat format, const EntryFacts& facts, const LineSource& source) {
  switch (format) {
    case LineFormat::rfc5424: return rfc5424_line(facts, source);
    case LineFormat::cef: return cef_line(facts, source);
    case LineFormat::ocsf: return ocsf_line(facts, source);
    case LineFormat::csv: return csv_line(facts, source);
    case LineFormat::json: return json_line(facts, source);
  }
  return {};
}

std::string first_line(LineFormat format) {
  if (format != LineFormat::csv) return {};
  std::string out;
  for (const auto& column : columns({}, {})) {
    if (!out.empty()) out += ',';
    out += column.first;
  }
  return out;
}

std::string_view line_break(LineFormat format) { return format == LineFormat::csv ? "\r\n" : "\n"; }

}  // namespace hangu::audit
