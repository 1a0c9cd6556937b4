// hangu policy prove: whether the promises of a policy file hold over any number of flows.

#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "policy/analysis/prove.hpp"
#include "policy/analysis/sentence.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kHolds = both("成立", "holds");
constexpr Bilingual kBroken = both("不成立", "broken");
constexpr Bilingual kNotProved = both("未能证明", "not proved");
constexpr Bilingual kBySearch = both("搜索", "search");
constexpr Bilingual kBySolver = both("求解器", "solver");
constexpr Bilingual kExample = both("例如", "for example");
constexpr Bilingual kArea = both("区划", "area");
constexpr Bilingual kPromisesHold = both("条承诺成立", "promises hold");
constexpr Bilingual kAssumed = both(
    "前提:同一数据的类别、区划、比例尺和标签始终如实,中途不变。",
    "For data whose class, area, scale and label are told truly and stay the same on its way.");
constexpr Bilingual kClosedBy =
    both("此例另被禁止规则挡住(证明不计禁止规则)",
         "a forbid stops this example, which a proof does not count on");
constexpr Bilingual kDisagree =
    both("两种方法结论不同:请报告。", "the two methods disagree: report it");

class Prover {
 public:
  Prover(Console& console, const PolicyFile& file)
      : console_(console), file_(file), chinese_(console.style().language == Language::zh) {}

  /// Tells one promise; true when it is proved.
  bool prove(const policy::Promise& promise) {
    const policy::Proof proof = policy::prove(promise, file_.reading.policy.book, file_.catalogue);
    const Bilingual& outcome = proof.holds() ? kHolds : proof.breach ? kBroken : kNotProved;
    console_.line(
        place_in(file_.path, promise.place) + ": " + promise.id + ": " +
        console_.coloured(proof.holds() ? Colour::good : Colour::bad, console_.say(outcome)));
    console_.line("  " + sentence_of(promise, file_.catalogue,
                                     chinese_ ? policy::Tongue::zh : policy::Tongue::en));
    wire::JsonArray hops;
    if (proof.breach) hops = tell_breach(promise, *proof.breach);
    if (!proof.holds() && !proof.breach) tell_doubt(proof);
    console_.event("policy-proof", {{"promise", promise.id},
                                    {"place", promise.place},
                                    {"outcome", outcome.en},
                                    {"bySearch", policy::to_text(proof.by_search)},
                                    {"bySolver", policy::to_text(proof.by_solver)},
                                    {"detail", proof.detail},
                                    {"hops", std::move(hops)}});
    return proof.holds();
  }

 private:
  [[nodiscard]] std::string title(const policy::Named& named) const {
    const std::string& text = chinese_ ? named.title_zh : named.title_en;
    return text.empty() ? named.id : text;
  }

  /// Data that takes this way, and each of its hops with the permit that lets it.
  wire::JsonArray tell_breach(const policy::Promise& promise, const policy::Breach& breach) {
    const flow::Secrecy secrecy = promise.origin.secrecy_min;
    const flow::DataGrade grade = promise.origin.grade_min;
    const std::string area = std::to_string(1'000'000 + breach.slice.area.first).substr(1);
    console_.line("  " + std::string(console_.say(kExample)) + ": " +
                  title(file_.catalogue.datasets[breach.slice.dataset]) + ", " +
                  std::string(chinese_ ? to_chinese(secrecy) : to_text(secrecy)) + ", " +
                  std::string(chinese_ ? to_chinese(grade) : to_text(grade)) + ", " +
                  std::string(console_.say(kArea)) + " " + area +
                  ", 1:" + std::to_string(breach.slice.scale.finest));
    wire::JsonArray out;
    policy::NameIndex at = breach.from;
    for (const policy::Hop& hop : breach.hops) {
      const policy::Rule& rule = file_.reading.policy.book.rules()[hop.rule];
      console_.line("  " + title(file_.catalogue.zones[at]) + " → " +
                    title(file_.catalogue.zones[hop.to]) + ": " + rule.id + " (" +
                    place_in(file_.path, rule.place) + ")");
      out.emplace_back(wire::JsonObject{{"rule", rule.id},
                                        {"place", rule.place},
                                        {"from", file_.catalogue.zones[at].id},
                                        {"to", file_.catalogue.zones[hop.to].id}});
      tell_forbids(promise, breach, at, hop.to);
      at = hop.to;
    }
    return out;
  }

  /// So that nobody looks in vain for what cannot happen today.
  void tell_forbids(const policy::Promise& promise, const policy::Breach& breach,
                    policy::NameIndex from, policy::NameIndex to) {
    policy::Request data;
    data.from = from;
    data.to = to;
    data.classes = {breach.slice.dataset};
    data.secrecy = promise.origin.secrecy_min;
    data.grade = promise.origin.grade_min;
    data.compartments = promise.origin.within;
    data.areas = {{.first = breach.slice.area.first, .end = breach.slice.area.first + 1}};
    data.placement = policy::Placement{};
    data.scale = breach.slice.scale.finest;
    const policy::RuleBook& book = file_.reading.policy.book;
    for (const policy::Rule& rule : book.rules())
      if (rule.kind == policy::RuleKind::forbid && forbids(rule.box, data, book.calendars()))
        console_.line("    " + rule.id + ": " + std::string(console_.say(kClosedBy)));
  }

  void tell_doubt(const policy::Proof& proof) {
    const bool disagree =
        proof.by_search != policy::Answer::unknown && proof.by_solver != policy::Answer::unknown;
    console_.line("  " + std::string(console_.say(kBySearch)) + ": " +
                  std::string(policy::to_text(proof.by_search)) + ", " +
                  std::string(console_.say(kBySolver)) + ": " +
                  std::string(policy::to_text(proof.by_solver)) +
                  (proof.detail.empty() ? "" : " (" + proof.detail + ")") +
                  (disagree ? "; " + std::string(console_.say(kDisagree)) : ""));
  }

  Console& console_;
  const PolicyFile& file_;
  bool chinese_;
};

Result<Exit> run_prove(Session& session, const Arguments& arguments) {
  HANGU_TRY(const PolicyFile file, read_good_policy_file(arguments));
  Prover prover(session.console, file);
  std::size_t proved = 0;
  for (const policy::Promise& promise : file.reading.promises)
    if (prover.prove(promise)) ++proved;
  const std::size_t all = file.reading.promises.size();
  const bool chinese = session.console.style().language == Language::zh;
  session.console.line(file.reading.policy.name() + ": " + std::to_string(proved) +
                       (chinese ? "/" : " of ") + std::to_string(all) + (chinese ? "" : " ") +
                       std::string(session.console.say(kPromisesHold)));
  session.console.line(session.console.say(kAssumed));
  session.console.event(
      "policy-proved",
      {{"policy", file.reading.policy.name()}, {"promises", all}, {"holds", proved}});
  return proved == all ? Exit::done : Exit::integrity;
}

}  // namespace

CommandSpec policy_prove_command() {
  return {"prove",
          both("证明 [[never]]:任何多步流向都不能违反(两种方法)",
               "proves each [[never]] over any number of flows, by two methods"),
          policy_file_options(),
          run_prove,
          {}};
}

}  // namespace hangu::cli
