#include "policy/evaluate.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "flow/approval_quorum.hpp"
#include "policy/approver_slots.hpp"

namespace hangu::policy {
namespace {

using flow::Decision;
using flow::Submission;

/// The ids of names in a set.
std::set<std::string> ids_of(const NameSet& names, const NameList& list) {
  std::set<std::string> out;
  for (const NameIndex name : names) out.insert(list[name].id);
  return out;
}

/// One evaluation, from the mandatory checks to the joined obligations.
class Evaluation {
 public:
  Evaluation(const Grounds& grounds, const Submitted& submitted, WallTime now)
      : g_(grounds), r_(submitted), now_(now) {
    request_.at = now;
  }

  Evaluated run() {
    if (submitter() && zones_and_links() && recipients() && in_force() && facts() &&
        match_rules() && limits() && available() && approvers()) {
      allowed_ = true;
      reason_ = "ok";
      zh_ = "策略允许。";
      en_ = "Allowed by policy.";
    }
    Decision out = decision();
    if (!facts_known_) read_facts_beside();
    std::set<std::string> families = ids_of(request_.classes, g_.catalogue.datasets);
    return {.decision = std::move(out),
            .asked = facts_known_ ? std::optional(std::move(request_)) : std::nullopt,
            .limits = allowed_ ? joined_.limits : Limits{},
            .families = std::move(families)};
  }

 private:
  /// What would have been asked of the rules, where something before them refused.
  void read_facts_beside() {
    const Submission& s = r_.submission;
    const auto from = g_.catalogue.zones.find(s.origin_zone.text());
    const auto to = g_.catalogue.zones.find(s.destination_zone.text());
    if (!from || !to || g_.directory.node(s.origin_node) == nullptr) return;
    request_ = Request{};
    request_.at = now_;
    request_.from = *from;
    request_.to = *to;
    facts_known_ = facts();
  }

  bool deny(std::string reason, std::string zh, std::string en) {
    reason_ = std::move(reason);
    zh_ = std::move(zh);
    en_ = std::move(en);
    return false;
  }

  bool submitter() {
    const Submission& s = r_.submission;
    const NodeRecord* node = g_.directory.node(s.origin_node);
    if (node == nullptr)
      return deny("submitter-unknown", "目录中没有该提交节点。",
                  "The directory does not know the submitting node.");
    const auto key = std::ranges::find_if(
        node->signing_keys, [&](const auto& k) { return k.id() == r_.signing_key_id; });
    if (key == node->signing_keys.end())
      return deny("submitter-key", "签名密钥不属于该节点。", "The signing key is not the node's.");
    submitter_key_ = *key;
    if (!node->zones.contains(s.origin_zone.text()))
      return deny("submitter-zone", "该节点不得从此区域提交。",
                  "The node may not submit from this zone.");
    return true;
  }

  bool zones_and_links() {
    const Submission& s = r_.submission;
    const auto from = g_.catalogue.zones.find(s.origin_zone.text());
    const auto to = g_.catalogue.zones.find(s.destination_zone.text());
    if (!from || !to)
      return deny("zone-unknown", "目录中没有该区域。", "The catalogue does not know the zone.");
    request_.from = *from;
    request_.to = *to;
    const Named& origin = g_.catalogue.zones[*from];
    const Named& target = g_.catalogue.zones[*to];
    if (!g_.gateway.linked(s.origin_zone, s.destination_zone, config::Carrier::online))
      return deny(
          "link-absent", "没有从" + origin.title_zh + "到" + target.title_zh + "的在线链路。",
          "There is no online link from " + origin.title_en + " to " + target.title_en + ".");
    const Ceiling& ceiling = g_.catalogue.ceilings[*to];
    if (s.label.secrecy > ceiling.secrecy || s.label.grade > ceiling.grade)
      return deny("label-above-ceiling", "标签高于" + target.title_zh + "允许的上限。",
                  "The label is above the ceiling of " + target.title_en + ".");
    return true;
  }

  bool recipients() {
    const Submission& s = r_.submission;
    for (const NodeId& id : s.destination_nodes) {
      const NodeRecord* node = g_.directory.node(id);
      if (node == nullptr)
        return deny("recipient-unknown", "目录中没有接收节点" + id.text() + "。",
                    "The directory does not know recipient " + id.text() + ".");
      if (!node->zones.contains(s.destination_zone.text()))
        return deny("recipient-zone", "接收节点" + id.text() + "不在目的区域。",
                    "Recipient " + id.text() + " is not in the destination zone.");
      const crypto::RecipientKey* key = node->recipient_key(s.suite);
      if (key == nullptr)
        return deny("recipient-suite", "接收节点" + id.text() + "没有该算法套件的密钥。",
                    "Recipient " + id.text() + " has no key of this suite.");
      recipients_.push_back({id, *key});
    }
    std::ranges::sort(recipients_, {}, &flow::Recipient::node);
    return true;
  }

  bool in_force() {
    if (now_ < g_.policy.effective)
      return deny("policy-not-effective", "策略尚未生效。", "The policy is not yet in force.");
    if (now_ >= g_.policy.expires)
      return deny("policy-expired", "策略已过期。", "The policy has expired.");
    return true;
  }

  /// The request as a total record: a name that the catalogue does not know denies.
  bool facts() {
    const Submission& s = r_.submission;
    request_.classes = g_.catalogue.classes_of(s.facts.product);
    if (request_.classes.empty())
      return deny("product-unknown", "产品代码未列入目录:" + s.facts.product,
                  "The catalogue has no dataset class for product " + s.facts.product + ".");
    request_.secrecy = s.label.secrecy;
    request_.grade = s.label.grade;
    for (const std::string& name : s.label.compartments) {
      const auto index = g_.catalogue.compartments.find(name);
      if (!index)
        return deny("compartment-unknown", "目录中没有该知悉范围:" + name,
                    "The catalogue does not know compartment " + name + ".");
      request_.compartments.insert(*index);
    }
    for (const std::string& text : s.facts.areas) {
      const auto area = Area::parse(text);
      if (!area)
        return deny("area-unknown", "不是行政区划代码:" + text, "Not an area code: " + text + ".");
      request_.areas.push_back(*area);
    }
    request_.scale = s.facts.scale;
    const NodeRecord* node = g_.directory.node(s.origin_node);
    if (!node->level.empty()) request_.node_level = g_.catalogue.node_levels.find(node->level);
    facts_known_ = !node->roles;
    if (!node->roles) return true;
    request_.roles.emplace();
    for (const std::string& role : *node->roles) {
      const auto index = g_.catalogue.roles.find(role);
      if (!index)
        return deny("role-unknown", "目录中没有该岗位:" + role,
                    "The catalogue does not know role " + role + ".");
      request_.roles->insert(*index);
    }
    facts_known_ = true;
    return true;
  }

  bool match_rules() {
    const RuleBook& book = g_.policy.book;
    const Ruling ruling = book.judge(request_);
    for (const std::uint32_t number : ruling.rules) rules_.push_back(book.rules()[number].id);
    std::ranges::sort(rules_);
    const bool too_many = rules_.size() > flow::kRulesNamedMax;
    if (too_many) rules_.resize(flow::kRulesNamedMax);
    if (ruling.allowed && too_many)
      return deny("policy-too-many-matches", "同时符合的规则过多。",
                  "More rules match than a decision can name.");
    if (ruling.allowed) {
      joined_ = ruling.obligations;
      demands_ = demands_of(book, ruling.rules);
      return true;
    }
    if (!rules_.empty()) return deny("policy-forbidden", "被禁止规则拒绝。", "A rule forbids it.");
    return no_permit();
  }

  /// Names the permits that fail in one column only.
  bool no_permit() {
    std::vector<std::pair<std::string, Column>> nearest;
    for (const Rule& rule : g_.policy.book.rules()) {
      if (rule.kind != RuleKind::permit) continue;
      const auto failing = failing_columns(rule.box, request_, g_.policy.book.calendars());
      if (failing.size() == 1) nearest.emplace_back(rule.id, failing.front());
    }
    std::ranges::sort(nearest);
    std::string zh = "没有允许此流向的规则。";
    std::string en = "No rule permits this flow.";
    constexpr std::size_t kNearestMax = 5;
    for (std::size_t i = 0; i < nearest.size() && i < kNearestMax; ++i) {
      zh +=
          "规则" + nearest[i].first + "仅" + std::string(to_chinese(nearest[i].second)) + "不符。";
      en += " Rule " + nearest[i].first + " fails only in " +
            std::string(to_english(nearest[i].second)) + ".";
    }
    return deny("policy-no-permit", std::move(zh), std::move(en));
  }

  bool limits() {
    const Limits& limits = joined_.limits;
    if (limits.bytes && r_.submission.objects.total_bytes() > *limits.bytes)
      return deny("size-over-limit", "数据总量超过规则上限。",
                  "The objects together are over the rule's size limit.");
    if (limits.objects && r_.submission.objects.rows().size() > *limits.objects)
      return deny("objects-over-limit", "对象数量超过规则上限。",
                  "The objects are more than the rule's limit.");
    return true;
  }

  /// What this gateway cannot carry out, it refuses.
  bool available() {
    const auto refusal = refusal_of(joined_);
    if (refusal == "carrier-refused")
      return deny("carrier-refused", "规则不允许以在线方式传输。",
                  "The rules do not let it go online.");
    if (refusal == "declassifier-missing")
      return deny("declassifier-missing", "所要求的脱敏算子在本网关不可用。",
                  "A demanded declassifier is not available on this gateway.");
    if (refusal)
      return deny("obligation-unavailable", "所要求的义务在本网关不可用。",
                  "A demanded obligation is not available on this gateway.");
    std::vector<std::string> slots = approver_slots(demands_, g_.catalogue.roles);
    if (slots.size() > kApprovalsMax)
      return deny("obligation-unavailable", "合起来要求的审批人太多。",
                  "Together the rules demand more approvers than there may be.");
    obligations_ = {.approver_slots = std::move(slots),
                    .declassifiers = {},
                    .bytes_max = joined_.limits.bytes.value_or(0)};
    return true;
  }

  bool eligible(const PersonRecord& person) const {
    if (person.not_after <= now_ || person.human == r_.submission.origin_node.text()) return false;
    if (person.clearance_secrecy < r_.submission.label.secrecy ||
        person.clearance_grade < r_.submission.label.grade)
      return false;
    return true;
  }

  /// Whether each slot can be filled by a human of its own.
  bool slots_filled() const {
    std::vector<const flow::Approver*> people;
    std::set<std::string> humans;
    for (const flow::Approver& approver : approvers_)
      if (humans.insert(approver.human).second) people.push_back(&approver);
    return flow::slots_can_be_filled(obligations_.approver_slots, people);
  }

  bool approvers() {
    if (obligations_.approver_slots.empty()) return true;
    for (const PersonRecord& person : g_.directory.people()) {
      if (!eligible(person)) continue;
      for (const crypto::VerifyKey& key : person.signing_keys) {
        flow::Approver one{person.person, person.human, person.organisation, person.roles, key};
        const auto& slots = obligations_.approver_slots;
        if (std::ranges::none_of(slots, [&](const auto& slot) { return flow::fits(one, slot); }))
          break;  // nor with another key
        approvers_.push_back(std::move(one));
      }
    }
    // In order of their ids: fewer than all may approve, never more.
    if (approvers_.size() > flow::kApproversMax)
      approvers_.erase(approvers_.begin() + flow::kApproversMax, approvers_.end());
    if (!slots_filled())
      return deny("approvers-too-few", "具备资格的审批人不足。",
                  "Too few people are entitled to approve.");
    return true;
  }

  Decision decision() {
    return Decision{allowed_,
                    reason_,
                    rules_,
                    zh_,
                    en_,
                    r_.submission.origin_zone,
                    r_.submission.destination_zone,
                    r_.submission.origin_node,
                    submitter_key_,
                    r_.submission.label,
                    allowed_ ? obligations_ : flow::Obligations{},
                    allowed_ ? recipients_ : std::vector<flow::Recipient>{},
                    allowed_ ? approvers_ : std::vector<flow::Approver>{},
                    r_.submission.suite,
                    g_.policy.name()};
  }

  const Grounds& g_;
  const Submitted& r_;
  WallTime now_;
  Request request_;
  bool facts_known_ = false;  ///< request_ is whole
  Obligations joined_;
  std::vector<ApprovalDemand> demands_;
  bool allowed_ = false;
  std::string reason_ = "policy-no-permit";
  std::string zh_;
  std::string en_;
  std::vector<std::string> rules_;
  flow::Obligations obligations_;
  std::vector<flow::Recipient> recipients_;
  std::vector<flow::Approver> approvers_;
  std::optional<crypto::VerifyKey> submitter_key_;
};

}  // namespace

Evaluated evaluate(const Grounds& grounds, const Submitted& submitted, WallTime now) {
  return Evaluation(grounds, submitted, now).run();
}

}  // namespace hangu::policy
