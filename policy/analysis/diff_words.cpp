#include "policy/analysis/diff_words.hpp"

#include "policy/test_case_writer.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kRegionsSaid = 3;  ///< of one change, in its sentence

}  // namespace

Instance DiffWords::instance_of(const Request& request) const {
  return {.request = request,
          .given = given_text(request, catalogue_),
          .before_zh = answer(before_, request, Tongue::zh),
          .before_en = answer(before_, request, Tongue::en),
          .after_zh = answer(after_, request, Tongue::zh),
          .after_en = answer(after_, request, Tongue::en)};
}

std::string DiffWords::answer(const Half& half, const Request& request, Tongue tongue) const {
  const bool chinese = tongue == Tongue::zh;
  const Ruling ruling = half.side.book.judge(request);
  std::string ids;
  for (const std::uint32_t number : ruling.rules)
    ids += (ids.empty() ? "" : chinese ? "、" : ", ") + half.rules()[number].id;
  if (ruling.allowed)
    return (chinese ? "允许(" + ids + "):" : "permitted (" + ids + "): ") +
           demands_of(ruling.obligations, catalogue_, tongue);
  if (ids.empty()) return chinese ? "没有规则允许" : "no rule permits it";
  return chinese ? "禁止(" + ids + ")" : "forbidden (" + ids + ")";
}

std::string DiffWords::regions_text(const std::vector<Region>& regions, bool full,
                                    Tongue tongue) const {
  const bool chinese = tongue == Tongue::zh;
  std::string out;
  for (std::size_t i = 0; i < regions.size() && i < kRegionsSaid; ++i)
    out += (i == 0    ? ""
            : chinese ? " / "
                      : " / ") +
           space_.words_of(regions[i], catalogue_, tongue);
  if (regions.size() <= kRegionsSaid) return out + (full ? " / …" : "");
  const std::string more = std::to_string(regions.size() - kRegionsSaid) + (full ? "+" : "");
  return out + (chinese ? " / 另外" + more + "块" : " / " + more + " more boxes");
}

std::string DiffWords::demands_text(const Found& found, Tongue tongue) const {
  Obligations all;
  if (found.approvers) {
    all.approvals = found.approvers->count;
    all.approver_roles = found.approvers->roles;
    return policy::demands_of(all, catalogue_, tongue);
  }
  for (const Demand& demand : found.demands) all.join(obligations_of(demand));
  return demands_of(all, catalogue_, tongue);
}

std::string DiffWords::sentence(const Found& found, const std::vector<Region>& regions,
                                bool searched, Tongue tongue) const {
  const bool chinese = tongue == Tongue::zh;
  const std::string& id = found.rules.front().id;
  const std::string where = regions_text(regions, found.is_full(), tongue);
  const std::string& other = found.other;
  switch (found.kind) {
    case ChangeKind::newly_allowed:
      if (chinese)
        return id + "现在允许,原来不允许" + (other.empty() ? "" : ",不再被" + other + "禁止") +
               ":" + where + "。";
      return id + " newly allows" +
             (other.empty() ? "" : ", since " + other + " no longer forbids it") + ": " + where +
             ".";
    case ChangeKind::newly_refused:
      if (chinese)
        return id + (other.empty() ? "不再允许" : "原来允许的,现在被" + other + "禁止") + ":" +
               where + "。";
      return (other.empty() ? id + " no longer allows: "
                            : other + " newly forbids what " + id + " allowed: ") +
             where + ".";
    case ChangeKind::weakened:
      if (chinese)
        return "不再须“" + demands_text(found, tongue) + "”(" + id + "的要求):" + where + "。";
      return "No longer demanded, as " + id + " did (" + demands_text(found, tongue) +
             "): " + where + ".";
    case ChangeKind::strengthened:
      if (chinese)
        return "现在须“" + demands_text(found, tongue) + "”(" + id + "的要求):" + where + "。";
      return "Newly demanded by " + id + " (" + demands_text(found, tongue) + "): " + where + ".";
    case ChangeKind::notice: {
      // Not said where the search for what is allowed did not come to its end.
      const char* sure = !searched ? ""
                         : chinese ? "(本来也没有规则允许)"
                                   : " (nor does any permit allow)";
      if (chinese) return "禁止规则" + id + "不再禁止" + sure + ":" + where + "。";
      return "The forbid " + id + " no longer takes" + sure + ": " + where + ".";
    }
  }
  return {};
}

}  // namespace hangu::policy
