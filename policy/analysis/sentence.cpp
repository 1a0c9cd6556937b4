#include "policy/analysis/sentence.hpp"

#include <vector>

namespace hangu::policy {

std::string scale_text(std::int64_t denominator, Tongue tongue) {
  if (tongue == Tongue::zh && denominator % 10'000 == 0)
    return "1:" + std::to_string(denominator / 10'000) + "万";
  std::string digits = std::to_string(denominator);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    if (tongue == Tongue::en) digits.insert(at - 3, ",");
  return "1:" + digits;
}

std::string hours_text(const Hours& hours) {
  const auto clock = [](std::chrono::minutes of_day) {
    const auto two_digits = [](long number) { return std::to_string(100 + number).substr(1); };
    return two_digits(of_day.count() / 60) + ":" + two_digits(of_day.count() % 60);
  };
  return clock(hours.from) + "–" + clock(hours.to);
}

std::string area_text(const Area& area) {
  const std::uint32_t width = area.end - area.first;
  const std::string code = std::to_string(1'000'000 + area.first).substr(1);
  return code.substr(0, width == 10'000 ? 2 : width == 100 ? 4 : 6);
}

namespace {

/// "a", "a and b", "a, b and c"; in Chinese "a、b".
std::string join(const std::vector<std::string>& parts, Tongue tongue, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && tongue == Tongue::zh) out += "、";
    if (i > 0 && tongue == Tongue::en)
      out += i + 1 == parts.size() ? " " + std::string(last) + " " : ", ";
    out += parts[i];
  }
  return out;
}

/// One rule, piece by piece.
class Speaker {
 public:
  Speaker(const Catalogue& catalogue, Tongue tongue) : catalogue_(catalogue), tongue_(tongue) {}

  std::string sentence(const Rule& rule) const {
    return tongue_ == Tongue::zh ? chinese(rule) : english(rule);
  }

  std::string sentence(const Promise& promise) const {
    const Origin& origin = promise.origin;
    const std::string data = listed(origin.dataset, catalogue_.datasets, "任何数据", "any data");
    const std::string labels =
        said(origin.secrecy_min) + say("及以上、", " and above, ") + said(origin.grade_min) +
        say("及以上", " and above") +
        (origin.within.empty() ? std::string()
                               : say("、知悉范围含", ", compartment ") +
                                     names(origin.within, catalogue_.compartments, "and"));
    const std::string from = names(origin.zones, catalogue_.zones);
    const std::string to = names(promise.reach, catalogue_.zones);
    if (tongue_ == Tongue::zh)
      return "起于【" + from + "】的" + data + "(" + labels + "),不论经过哪里,不得到达【" + to +
             "】" + unless(promise) + "。";
    return capital(data) + " (" + labels + ") that began in [" + from + "] never comes to [" + to +
           "], whatever way it takes" + unless(promise) + ".";
  }

  std::string demands(const Obligations& obligations) const {
    std::vector<std::string> parts;
    add_work(obligations, parts);
    add_approvals(obligations, parts);
    add_limits(obligations, parts);
    if (parts.empty()) return say("无附加要求", "nothing more");
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : say(";", "; ")) + part;
    return out;
  }

 private:
  [[nodiscard]] std::string say(const char* zh, const char* en) const {
    return tongue_ == Tongue::zh ? zh : en;
  }
  [[nodiscard]] std::string name(const Named& named) const {
    const std::string& title = tongue_ == Tongue::zh ? named.title_zh : named.title_en;
    return title.empty() ? named.id : title;
  }
  [[nodiscard]] std::string names(const NameSet& set, const NameList& list,
                                  std::string_view last = "or") const {
    std::vector<std::string> parts;
    for (const NameIndex index : set) parts.push_back(name(list[index]));
    return join(parts, tongue_, last);
  }
  /// Names in brackets, or what stands for any.
  [[nodiscard]] std::string listed(const std::optional<NameSet>& set, const NameList& list,
                                   const char* zh_any, const char* en_any) const {
    if (!set) return say(zh_any, en_any);
    return say("【", "[") + names(*set, list) + say("】", "]");
  }

  template <class Grade>
  [[nodiscard]] std::string said(Grade grade) const {
    const std::string chinese(flow::to_chinese(grade));
    // English has several orders of these words: the Chinese one beside it says which is meant.
    return tongue_ == Tongue::zh ? chinese : std::string(flow::to_text(grade)) + " " + chinese;
  }
  static std::string capital(std::string text) {
    if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
  }
  [[nodiscard]] std::string unless(const Promise& promise) const {
    if (promise.is_absolute()) return {};
    std::string out = say(",除非", ", unless ");
    if (!promise.declassified_by.empty())
      out += say("已做", "") + names(promise.declassified_by, catalogue_.declassifiers, "and") +
             say("", promise.declassified_by.size() == 1 ? " has run" : " have run");
    if (promise.approvals_min == 0) return out;
    const std::string number = std::to_string(promise.approvals_min);
    return out + (promise.declassified_by.empty() ? "" : say(",且", " and ")) +
           (tongue_ == Tongue::zh ? "其中一次经" + number + "人批准"
                                  : number + " people approved one of its hops");
  }

  [[nodiscard]] std::string time(const std::optional<When>& when) const {
    if (!when) return say("任何时间", "at any time");
    std::string out = say("", "on ") + name(catalogue_.calendars[when->calendar]);
    std::vector<std::string> parts;
    for (const Hours& part : when->hours) parts.push_back(hours_text(part));
    return parts.empty() ? out : out + " " + join(parts, tongue_, "and");
  }

  [[nodiscard]] std::string subject(const Rule& rule) const {
    const Box& box = rule.box;
    const std::string level =
        box.node_levels ? names(*box.node_levels, catalogue_.node_levels) : std::string();
    const std::string role = box.roles ? names(*box.roles, catalogue_.roles) : std::string();
    if (tongue_ == Tongue::zh)
      return (level.empty() ? "任何节点" : level + "节点") +
             (role.empty() ? "" : "的“" + role + "”");
    const std::string any = rule.kind == RuleKind::forbid ? "no" : level.empty() ? "any" : "a";
    return any + " node" + (level.empty() ? "" : " of level " + level) +
           (role.empty() ? "" : " as " + role);
  }

  [[nodiscard]] std::string areas(const Box& box) const {
    std::vector<std::string> parts;
    if (box.areas) {
      std::vector<std::string> codes;
      for (const Area& area : *box.areas) codes.push_back(area_text(area));
      parts.push_back(say("区划", "area ") + join(codes, tongue_, "or"));
    }
    if (box.area_sets)
      parts.push_back(say("区域集", "area set ") + names(*box.area_sets, catalogue_.area_sets));
    return parts.empty() ? say("任何地区", "any area") : join(parts, tongue_, "and");
  }

  /// A permit holds labels up to its limit, a forbid takes those from its limit on.
  [[nodiscard]] std::string conditions(const Rule& rule) const {
    const Box& box = rule.box;
    const bool permit = rule.kind == RuleKind::permit;
    const std::string bound = permit ? say("及以下", " and below") : say("及以上", " and above");
    std::vector<std::string> parts;
    const auto grade = [&](const auto& value, const char* zh_any, const char* en_any) {
      if (!value) return parts.push_back(say(zh_any, en_any));
      const bool lowest = permit && static_cast<int>(*value) == 0;
      parts.push_back(said(*value));
      if (!lowest) parts.back() += bound;
    };
    grade(box.secrecy, "任何密级", "any secrecy");
    grade(box.grade, "任何数据级别", "any data grade");
    if (box.within)
      parts.push_back(say(permit ? "知悉范围限于" : "知悉范围含",
                          permit ? "compartments within " : "compartment ") +
                      names(*box.within, catalogue_.compartments));
    else
      parts.push_back(say("任何知悉范围", "any compartments"));
    parts.push_back(scale(box.scale));
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : say("、", ", ")) + part;
    return out;
  }

  [[nodiscard]] std::string scale(const std::optional<ScaleRange>& range) const {
    if (!range) return say("任何比例尺", "any scale");
    const std::string finest = scale_text(range->finest, tongue_);
    const std::string coarsest = scale_text(range->coarsest, tongue_);
    if (range->coarsest == ScaleRange{}.coarsest) return finest + say("及更粗", " and coarser");
    if (range->finest == ScaleRange{}.finest) return coarsest + say("及更细", " and finer");
    return finest + say("至", " to ") + coarsest;
  }

  [[nodiscard]] std::string chinese(const Rule& rule) const {
    const Box& box = rule.box;
    const std::string what =
        areas(box) + "的" + listed(box.dataset, catalogue_.datasets, "任何数据", "") + "(" +
        conditions(rule) + ")由" + listed(box.from, catalogue_.zones, "任何区域", "") + "送往" +
        listed(box.to, catalogue_.zones, "任何区域", "");
    if (rule.kind == RuleKind::forbid)
      return time(box.when) + "," + subject(rule) + "不得将" + what + ";不知道的也算。";
    return time(box.when) + "," + subject(rule) + "可将" + what + ";" + demands(rule.obligations) +
           "。";
  }

  [[nodiscard]] std::string english(const Rule& rule) const {
    const Box& box = rule.box;
    const std::string what = listed(box.dataset, catalogue_.datasets, "", "any data") + " of " +
                             areas(box) + " (" + conditions(rule) + ") from " +
                             listed(box.from, catalogue_.zones, "", "any zone") + " to " +
                             listed(box.to, catalogue_.zones, "", "any zone");
    const std::string begin = capital(time(box.when));
    if (rule.kind == RuleKind::forbid)
      return begin + ", " + subject(rule) + " may send " + what + "; what is not known counts.";
    return begin + ", " + subject(rule) + " may send " + what + "; " + demands(rule.obligations) +
           ".";
  }

  void add_work(const Obligations& o, std::vector<std::string>& parts) const {
    if (!o.packs.empty())
      parts.push_back(say("按规则包", "desensitised by ") +
                      names(o.packs, catalogue_.packs, "and") + say("脱敏", ""));
    if (!o.declassifiers.empty())
      parts.push_back(say("须先做", "first ") +
                      names(o.declassifiers, catalogue_.declassifiers, "and"));
    if (o.watermark) parts.push_back(say("须加水印", "with a watermark"));
  }

  void add_approvals(const Obligations& o, std::vector<std::string>& parts) const {
    if (o.approvals > 0) {
      const std::string roles = names(o.approver_roles, catalogue_.roles, "and");
      const std::string number = std::to_string(o.approvals);
      const bool more = o.approvals > o.approver_roles.size();
      std::string part;
      if (tongue_ == Tongue::zh && roles.empty())
        part = "由" + number + "人批准";
      else if (tongue_ == Tongue::zh)
        part = "由" + roles + "各一人" + (more ? "、共" + number + "人" : "") + "批准";
      else
        part = "approved by " + number + (o.approvals == 1 ? " person" : " people") +
               (roles.empty()                  ? ""
                : o.approver_roles.size() == 1 ? ", one of them as " + roles
                                               : ", one each as " + roles);
      if (o.distinct_organisations) part += say(",各属不同单位", ", of different organisations");
      parts.push_back(std::move(part));
    }
    if (!o.notify.empty())
      parts.push_back(say("并通知", "told to ") + names(o.notify, catalogue_.roles, "and"));
  }

  void add_limits(const Obligations& o, std::vector<std::string>& parts) const {
    std::vector<std::string> limits;
    const auto add = [&](const std::optional<std::uint64_t>& bound, std::uint64_t unit,
                         const char* zh, const char* zh_unit, const char* en_unit) {
      if (!bound) return;
      const std::string number = std::to_string(*bound / unit);
      limits.push_back(tongue_ == Tongue::zh ? zh + ("≤" + number) + zh_unit : number + en_unit);
    };
    add(o.limits.bytes, 1'000'000, "单次", " MB", " MB a transfer");
    add(o.limits.objects, 1, "单次", " 个对象", " objects a transfer");
    add(o.limits.per_day, 1, "同一接收方每日", " 次", " transfers a day to one receiver");
    add(o.limits.contiguous_km2, 1, "同一接收方连续覆盖", " km²",
        " contiguous km² for one receiver");
    if (!limits.empty()) parts.push_back(say("", "at most ") + join(limits, tongue_, "and"));
    if (o.carriers != kAnyCarrier) parts.push_back(say("仅限", "only ") + carriers(o.carriers));
  }

  [[nodiscard]] std::string carriers(std::uint8_t bits) const {
    std::vector<std::string> parts;
    const auto has = [&](Carrier one) { return (bits & static_cast<std::uint8_t>(one)) != 0; };
    if (has(Carrier::online)) parts.push_back(say("在线", "online"));
    if (has(Carrier::one_way)) parts.push_back(say("单向", "one-way"));
    if (has(Carrier::media)) parts.push_back(say("介质", "on media"));
    return parts.empty() ? say("(无)", "by nothing") : join(parts, tongue_, "or");
  }

  const Catalogue& catalogue_;
  Tongue tongue_;
};

}  // namespace

std::string names_text(const NameSet& names, const NameList& list, Tongue tongue) {
  constexpr std::size_t kNamesTold = 8;
  std::vector<std::string> parts;
  for (const NameIndex index : names) {
    if (parts.size() == kNamesTold) break;
    const Named& named = list[index];
    const std::string& title = tongue == Tongue::zh ? named.title_zh : named.title_en;
    parts.push_back(title.empty() ? named.id : title);
  }
  const std::string more = std::to_string(names.size() - parts.size());
  if (names.size() > parts.size())
    parts.push_back(tongue == Tongue::zh ? "另外" + more + "个" : more + " more");
  return join(parts, tongue, "or");
}

std::string sentence_of(const Rule& rule, const Catalogue& catalogue, Tongue tongue) {
  return Speaker(catalogue, tongue).sentence(rule);
}

std::string sentence_of(const Promise& promise, const Catalogue& catalogue, Tongue tongue) {
  return Speaker(catalogue, tongue).sentence(promise);
}

std::string demands_of(const Obligations& obligations, const Catalogue& catalogue, Tongue tongue) {
  return Speaker(catalogue, tongue).demands(obligations);
}

}  // namespace hangu::policy
