#include "policy/evaluate.hpp"

#include <algorithm>

namespace hangu::policy {
namespace {

using flow::Decision;
using flow::Submission;

/// The columns of one request, total: nothing is unknown by the time rules are matched.
struct Columns {
  std::string from;
  std::string to;
  std::set<std::string> classes;
  const flow::Label& label;
  const flow::ClaimedFacts& facts;
};

enum class Column : std::uint8_t { from, to, dataset, secrecy, grade, within, area, scale };

bool subset(const std::set<std::string>& inner, const std::set<std::string>& outer) {
  return std::ranges::includes(outer, inner);
}

bool area_inside(std::string_view area, const std::set<std::string>& prefixes) {
  return std::ranges::any_of(prefixes, [&](const std::string& p) { return area.starts_with(p); });
}

/// A permit matches when the request is wholly inside each column.
std::vector<Column> failing_columns(const Rule& rule, const Columns& c) {
  std::vector<Column> out;
  const auto need = [&](Column column, bool holds) {
    if (!holds) out.push_back(column);
  };
  need(Column::from, !rule.from || rule.from->contains(c.from));
  need(Column::to, !rule.to || rule.to->contains(c.to));
  need(Column::dataset, !rule.dataset || subset(c.classes, *rule.dataset));
  need(Column::secrecy, !rule.secrecy || c.label.secrecy <= *rule.secrecy);
  need(Column::grade, !rule.grade || c.label.grade <= *rule.grade);
  need(Column::within, !rule.within || subset(c.label.compartments, *rule.within));
  need(Column::area, !rule.area || (!c.facts.areas.empty() &&
                                    std::ranges::all_of(c.facts.areas, [&](const auto& area) {
                                      return area_inside(area, *rule.area);
                                    })));
  need(Column::scale, !rule.finest || (c.facts.scale && *c.facts.scale >= *rule.finest));
  return out;
}

/// A forbid matches when the request touches each column; what the request does not say, touches.
bool forbid_matches(const Rule& rule, const Columns& c) {
  const auto touches = [](const std::set<std::string>& a, const std::set<std::string>& b) {
    return std::ranges::any_of(a, [&](const std::string& x) { return b.contains(x); });
  };
  const auto area_touches = [&] {
    return c.facts.areas.empty() ||
           std::ranges::any_of(c.facts.areas, [&](const std::string& area) {
             return std::ranges::any_of(*rule.area, [&](const std::string& p) {
               return area.starts_with(p) || p.starts_with(area);
             });
           });
  };
  return (!rule.from || rule.from->contains(c.from)) && (!rule.to || rule.to->contains(c.to)) &&
         (!rule.dataset || touches(c.classes, *rule.dataset)) &&
         (!rule.secrecy || c.label.secrecy >= *rule.secrecy) &&
         (!rule.grade || c.label.grade >= *rule.grade) &&
         (!rule.within || touches(c.label.compartments, *rule.within)) &&
         (!rule.area || area_touches()) &&
         (!rule.finest || !c.facts.scale || *c.facts.scale < *rule.finest);
}

std::string_view column_zh(Column column) {
  switch (column) {
    case Column::from: return "来源区域";
    case Column::to: return "目的区域";
    case Column::dataset: return "数据类别";
    case Column::secrecy: return "密级";
    case Column::grade: return "数据级别";
    case Column::within: return "知悉范围";
    case Column::area: return "行政区划";
    case Column::scale: return "比例尺";
  }
  return "";
}

std::string_view column_en(Column column) {
  switch (column) {
    case Column::from: return "origin zone";
    case Column::to: return "destination zone";
    case Column::dataset: return "dataset class";
    case Column::secrecy: return "secrecy";
    case Column::grade: return "data grade";
    case Column::within: return "compartments";
    case Column::area: return "administrative area";
    case Column::scale: return "scale";
  }
  return "";
}

/// One evaluation, from the mandatory checks to the joined obligations.
class Evaluation {
 public:
  Evaluation(const Grounds& grounds, const Request& request, WallTime now)
      : g_(grounds), r_(request), now_(now) {}

  Decision run() {
    if (!submitter() || !zones_and_links() || !recipients() || !in_force()) return decision();
    const std::set<std::string> classes = g_.catalogue.classes_of(r_.submission.facts.product);
    if (classes.empty()) {
      deny("product-unknown", "产品代码未列入目录:" + r_.submission.facts.product,
           "The catalogue has no dataset class for product " + r_.submission.facts.product + ".");
      return decision();
    }
    const Columns columns{r_.submission.origin_zone.text(), r_.submission.destination_zone.text(),
                          classes, r_.submission.label, r_.submission.facts};
    if (match_rules(columns) && limits() && approvers()) {
      allowed_ = true;
      reason_ = "ok";
      zh_ = "策略允许。";
      en_ = "Allowed by policy.";
    }
    return decision();
  }

 private:
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

  std::string zone_zh(const std::string& id) const {
    const ZoneTerms* zone = g_.catalogue.zone(id);
    return zone != nullptr ? zone->name.title_zh : id;
  }
  std::string zone_en(const std::string& id) const {
    const ZoneTerms* zone = g_.catalogue.zone(id);
    return zone != nullptr ? zone->name.title_en : id;
  }

  bool zones_and_links() {
    const Submission& s = r_.submission;
    const std::string from = s.origin_zone.text();
    const std::string to = s.destination_zone.text();
    const ZoneTerms* target = g_.catalogue.zone(to);
    if (target == nullptr || g_.catalogue.zone(from) == nullptr)
      return deny("zone-unknown", "目录中没有该区域。", "The catalogue does not know the zone.");
    if (!g_.gateway.linked(s.origin_zone, s.destination_zone, config::Carrier::online))
      return deny("link-absent", "没有从" + zone_zh(from) + "到" + zone_zh(to) + "的在线链路。",
                  "There is no online link from " + zone_en(from) + " to " + zone_en(to) + ".");
    if (s.label.secrecy > target->ceiling_secrecy || s.label.grade > target->ceiling_grade)
      return deny("label-above-ceiling", "标签高于" + zone_zh(to) + "允许的上限。",
                  "The label is above the ceiling of " + zone_en(to) + ".");
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

  bool match_rules(const Columns& columns) {
    std::vector<std::string> forbids;
    std::vector<std::string> permits;
    std::vector<std::pair<std::string, Column>> nearest;
    for (const Rule& rule : g_.policy.rules) {
      if (rule.kind == RuleKind::forbid) {
        if (forbid_matches(rule, columns)) forbids.push_back(rule.id);
        continue;
      }
      const std::vector<Column> failing = failing_columns(rule, columns);
      if (failing.empty()) {
        permits.push_back(rule.id);
        join(rule.obligations);
      } else if (failing.size() == 1) {
        nearest.emplace_back(rule.id, failing.front());
      }
    }
    rules_ = forbids.empty() ? permits : forbids;
    std::ranges::sort(rules_);
    if (!forbids.empty()) return deny("policy-forbidden", "被禁止规则拒绝。", "A rule forbids it.");
    if (permits.empty()) return no_permit(std::move(nearest));
    return true;
  }

  bool no_permit(std::vector<std::pair<std::string, Column>> nearest) {
    std::ranges::sort(nearest);
    std::string zh = "没有允许此流向的规则。";
    std::string en = "No rule permits this flow.";
    constexpr std::size_t kNearestMax = 5;
    for (std::size_t i = 0; i < nearest.size() && i < kNearestMax; ++i) {
      zh += "规则" + nearest[i].first + "仅" + std::string(column_zh(nearest[i].second)) + "不符。";
      en += " Rule " + nearest[i].first + " fails only in " +
            std::string(column_en(nearest[i].second)) + ".";
    }
    return deny("policy-no-permit", std::move(zh), std::move(en));
  }

  /// The strictest of what is joined so far and one more permit's obligations.
  void join(const flow::Obligations& one) {
    obligations_.approvals = std::max(obligations_.approvals, one.approvals);
    obligations_.approver_roles.insert(one.approver_roles.begin(), one.approver_roles.end());
    obligations_.declassifiers.insert(one.declassifiers.begin(), one.declassifiers.end());
    if (one.bytes_max != 0)
      obligations_.bytes_max = obligations_.bytes_max == 0
                                   ? one.bytes_max
                                   : std::min(obligations_.bytes_max, one.bytes_max);
    obligations_.approvals = std::max(
        obligations_.approvals, static_cast<std::uint32_t>(obligations_.approver_roles.size()));
  }

  bool limits() {
    if (obligations_.bytes_max != 0 && r_.submission.objects.total_bytes() > obligations_.bytes_max)
      return deny("size-over-limit", "数据总量超过规则上限。",
                  "The objects together are over the rule's size limit.");
    if (!obligations_.declassifiers.empty())
      return deny("declassifier-missing", "所要求的脱敏算子在本网关不可用。",
                  "A demanded declassifier is not available on this gateway.");
    return true;
  }

  bool eligible(const PersonRecord& person) const {
    if (person.not_after <= now_ || person.human == r_.submission.origin_node.text()) return false;
    if (person.clearance_secrecy < r_.submission.label.secrecy ||
        person.clearance_grade < r_.submission.label.grade)
      return false;
    const auto& roles = obligations_.approver_roles;
    return roles.empty() || std::ranges::any_of(person.roles, [&](const auto& role) {
             return roles.contains(role);
           });
  }

  bool approvers() {
    if (obligations_.approvals == 0) return true;
    std::set<std::string> humans;
    for (const PersonRecord& person : g_.directory.people()) {
      if (!eligible(person)) continue;
      humans.insert(person.human);
      for (const crypto::VerifyKey& key : person.signing_keys)
        approvers_.push_back({person.person, person.human, person.organisation, person.roles, key});
    }
    if (humans.size() < obligations_.approvals)
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
  const Request& r_;
  WallTime now_;
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

Decision evaluate(const Grounds& grounds, const Request& request, WallTime now) {
  return Evaluation(grounds, request, now).run();
}

}  // namespace hangu::policy
