#include "policy/test_case_writer.hpp"

#include <array>
#include <utility>

namespace hangu::policy {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

/// A text of a catalogue has no control characters.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string digits_of(const Area& area) {
  const std::uint32_t width = area.end - area.first;
  return std::to_string(1'000'000 + area.first)
      .substr(1, width == 10'000 ? 2
                 : width == 100  ? 4
                                 : 6);
}

/// "2026-03-03T09:00:00+08:00", with milliseconds where there are some.
std::string time_text(WallTime time, std::chrono::minutes offset) {
  if (const auto local = time.since_epoch() + offset; local.count() < 0) offset = {};
  std::string out = (time + offset).to_text();  // "….000Z"
  out.pop_back();
  if (out.ends_with(".000")) out.resize(out.size() - 4);
  const auto minutes = std::chrono::abs(offset).count();
  const std::string hours = std::to_string(100 + minutes / 60).substr(1);
  return out + (offset.count() < 0 ? "-" : "+") + hours + ":" +
         std::to_string(100 + minutes % 60).substr(1);
}

/// The members of an inline table, in the order in which they are added.
class Inline {
 public:
  void add(std::string_view key, const std::string& value) {
    text_ += (text_.empty() ? " " : ", ") + std::string(key) + " = " + value;
  }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : "{" + text_ + " }"; }

 private:
  std::string text_;
};

class Writer {
 public:
  Writer(const Catalogue& catalogue, Naming naming) : catalogue_(catalogue), naming_(naming) {}

  [[nodiscard]] std::string given(const Request& r) const {
    const Catalogue& c = catalogue_;
    Inline out;
    out.add("from", name(c.zones[r.from]));
    out.add("to", name(c.zones[r.to]));
    out.add("dataset", names(r.classes, c.datasets));
    out.add("secrecy", grade(r.secrecy));
    out.add("grade", grade(r.grade));
    if (!r.compartments.empty()) out.add("compartments", names(r.compartments, c.compartments));
    std::vector<std::string> areas;
    for (const Area& area : r.areas) areas.push_back(quoted(digits_of(area)));
    if (!areas.empty()) out.add("area", list(areas));
    if (r.placement) {
      NameSet beside;
      for (const NameIndex set : r.placement->touched)
        if (!r.placement->inside.contains(set)) beside.insert(set);
      out.add("area_set", names(r.placement->inside, c.area_sets));
      if (!beside.empty()) out.add("touching", names(beside, c.area_sets));
    }
    if (r.scale) out.add("scale", std::to_string(*r.scale));
    if (r.at) out.add("at", time_text(*r.at, offset()));
    if (r.node_level) out.add("node_level", name(c.node_levels[*r.node_level]));
    if (r.roles) out.add("role", names(*r.roles, c.roles));
    return out.text();
  }

  [[nodiscard]] std::string require(const Obligations& o) const {
    const Catalogue& c = catalogue_;
    Inline out;
    if (!o.declassifiers.empty()) out.add("declassify", names(o.declassifiers, c.declassifiers));
    if (!o.packs.empty()) out.add("desensitise", names(o.packs, c.packs));
    Inline approve;
    if (o.approvals > 0) approve.add("count", std::to_string(o.approvals));
    if (!o.approver_roles.empty()) approve.add("roles", names(o.approver_roles, c.roles));
    if (o.distinct_organisations) approve.add("distinct_organisations", "true");
    if (!approve.empty()) out.add("approve", approve.text());
    Inline limit;
    const auto bound = [&](std::string_view key, const std::optional<std::uint64_t>& value,
                           std::uint64_t unit) {
      if (value) limit.add(key, std::to_string(*value / unit));
    };
    bound("size_mb", o.limits.bytes, kMegabyte);
    bound("objects", o.limits.objects, 1);
    bound("per_day", o.limits.per_day, 1);
    bound("contiguous_km2", o.limits.contiguous_km2, 1);
    if (!limit.empty()) out.add("limit", limit.text());
    if (o.carriers != kAnyCarrier) out.add("carrier", carriers(o.carriers));
    if (o.watermark) out.add("watermark", "true");
    if (!o.notify.empty()) out.add("notify", names(o.notify, c.roles));
    return out.text();
  }

  [[nodiscard]] std::string expect(const Expectation& e) const {
    Inline out;
    out.add("outcome", e.allowed ? "\"permit\"" : "\"deny\"");
    if (e.rules) {
      std::vector<std::string> ids;
      for (const std::string& id : *e.rules) ids.push_back(quoted(id));
      out.add("rules", "[" + joined(ids) + "]");
    }
    if (e.approvals && e.allowed) out.add("approvals", std::to_string(*e.approvals));
    if (e.require && e.allowed) out.add("require", require(*e.require));
    return out.text();
  }

 private:
  static std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
  }
  /// One as it is, else a list.
  static std::string list(const std::vector<std::string>& parts) {
    return parts.size() == 1 ? parts.front() : "[" + joined(parts) + "]";
  }
  [[nodiscard]] std::string name(const Named& named) const {
    return quoted(naming_ == Naming::chinese && !named.title_zh.empty() ? named.title_zh
                                                                        : named.id);
  }
  [[nodiscard]] std::string names(const NameSet& set, const NameList& all) const {
    std::vector<std::string> parts;
    for (const NameIndex index : set) parts.push_back(name(all[index]));
    return list(parts);
  }
  template <class Grade>
  [[nodiscard]] std::string grade(Grade value) const {
    return quoted(naming_ == Naming::chinese ? flow::to_chinese(value) : flow::to_text(value));
  }
  static std::string carriers(std::uint8_t bits) {
    constexpr std::array kCarriers{std::pair{Carrier::online, "online"},
                                   std::pair{Carrier::one_way, "one-way"},
                                   std::pair{Carrier::media, "media"}};
    std::vector<std::string> parts;
    for (const auto& [carrier, text] : kCarriers)
      if ((bits & static_cast<std::uint8_t>(carrier)) != 0) parts.push_back(quoted(text));
    return list(parts);
  }
  [[nodiscard]] std::chrono::minutes offset() const {
    return catalogue_.calendar_days.empty() ? std::chrono::minutes(0)
                                            : catalogue_.calendar_days.front().offset;
  }

  const Catalogue& catalogue_;
  Naming naming_;
};

}  // namespace

std::string given_text(const Request& request, const Catalogue& catalogue, Naming naming) {
  return Writer(catalogue, naming).given(request);
}

std::string require_text(const Obligations& obligations, const Catalogue& catalogue,
                         Naming naming) {
  return Writer(catalogue, naming).require(obligations);
}

std::string test_text(const TestCase& test, const Catalogue& catalogue, Naming naming) {
  const Writer writer(catalogue, naming);
  return "[[test]]\nid = " + quoted(test.id) + "\ngiven = " + writer.given(test.given) +
         "\nexpect = " + writer.expect(test.expect) + "\n";
}

}  // namespace hangu::policy
