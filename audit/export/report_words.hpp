#pragma once
// Words of the report in Chinese and English.

#include "audit/export/line_format.hpp"
#include "audit/export/report.hpp"

namespace hangu::audit {

struct Words {
  std::string_view zh;
  std::string_view en;
  [[nodiscard]] std::string_view in(LineLanguage language) const {
    return language == LineLanguage::zh ? zh : en;
  }
};

/// What a kind of exception is called, and what an auditor should know of it.
struct ExceptionWords {
  ExceptionKind kind;
  Words name;
  Words meaning;
};
/// All kinds, the gravest first.
[[nodiscard]] const std::array<ExceptionWords, kExceptionKinds>& exception_words();

namespace word {
inline constexpr Words kTitle{"审计月报", "Monthly audit report"};
inline constexpr Words kGateway{"网关", "Gateway"};
inline constexpr Words kLog{"日志", "Log"};
inline constexpr Words kMonth{"月份", "Month"};
inline constexpr Words kPeriod{"时段", "Period"};
inline constexpr Words kLogSize{"检查点大小", "Checkpoint size"};
inline constexpr Words kRoot{"检查点根", "Checkpoint root"};
inline constexpr Words kFirstKept{"现存第一条(更早的已按规定清除)",
                                  "First entry kept (older ones were pruned)"};
inline constexpr Words kAccess{"网络区入口", "At the zones' entrances"};
inline constexpr Words kLogins{"登录", "Log-ins"};
inline constexpr Words kTypes{"各类条目", "Entries by type"};
inline constexpr Words kRange{"本月条目", "Entries of the month"};
inline constexpr Words kNoEntries{"本月没有条目", "no entries in this month"};
inline constexpr Words kScope{"范围", "Scope"};
inline constexpr Words kWhole{"全部区域与节点", "all zones and nodes"};
inline constexpr Words kMade{"制作时间", "Made"};
inline constexpr Words kOfficeHours{"办公时间", "Office hours"};
inline constexpr Words kMondayToFriday{"周一至周五", "Monday to Friday"};
inline constexpr Words kSource{
    "本报告逐条读自日志的公开文件,根与签名已核对;不经过检索索引。",
    "This report was read entry by entry from the log's published files, whose root and signature "
    "were checked; the search index was not asked."};
inline constexpr Words kSummary{"概览", "Summary"};
inline constexpr Words kExceptions{"异常事项", "Exceptions"};
inline constexpr Words kKind{"类别", "Kind"};
inline constexpr Words kCount{"次数", "Count"};
inline constexpr Words kMeaning{"说明", "Meaning"};
inline constexpr Words kNone{"没有。", "None."};
inline constexpr Words kLeftOut{"未列出的还有:", "More, not listed here: "};
inline constexpr Words kEntry{"条目", "Entry"};
inline constexpr Words kTime{"时间", "Time"};
inline constexpr Words kTransfer{"传输", "Transfer"};
inline constexpr Words kWhat{"事由", "What"};
inline constexpr Words kNode{"节点", "Node"};
inline constexpr Words kPerson{"人员", "Person"};
inline constexpr Words kZones{"区域", "Zones"};
inline constexpr Words kZonePairs{"按区域", "By zone pair"};
inline constexpr Words kNodes{"按节点", "By node"};
inline constexpr Words kReasons{"拒绝与隔离的原因", "Reasons of refusals and quarantines"};
inline constexpr Words kStage{"环节", "Stage"};
inline constexpr Words kDecision{"决定", "Decision"};
inline constexpr Words kReason{"原因", "Reason"};
inline constexpr Words kPeople{"审批人", "Approvals by person"};
inline constexpr Words kApproved{"批准", "Approved"};
inline constexpr Words kOffHours{"非办公时间", "Off hours"};
inline constexpr Words kDays{"按日趋势", "Trend by day"};
inline constexpr Words kDay{"日", "Day"};
inline constexpr Words kSubmitted{"提交", "Submitted"};
inline constexpr Words kReleased{"放行", "Released"};
inline constexpr Words kAcknowledged{"签收", "Acknowledged"};
inline constexpr Words kRefused{"拒绝", "Refused"};
inline constexpr Words kQuarantined{"隔离", "Quarantined"};
inline constexpr Words kWithdrawn{"撤回", "Withdrawn"};
inline constexpr Words kExpired{"过期", "Expired"};
inline constexpr Words kVolume{"数据量(提交)", "Volume submitted"};
inline constexpr Words kVolumeOut{"数据量(放行)", "Volume released"};
inline constexpr Words kTotal{"合计", "Total"};
inline constexpr Words kHeartbeats{"心跳", "Heartbeats"};
inline constexpr Words kStarts{"启动", "Starts"};
inline constexpr Words kDaysChart{"每日提交、放行、拒绝与隔离的次数;数字见下表。",
                                  "Submitted, released, refused and quarantined by day; the table "
                                  "below has the numbers."};
inline constexpr Words kPairsChart{
    "各区域提交的数据量;数字见下表。",
    "Volume submitted by zone pair; the table below has the numbers."};
}  // namespace word

}  // namespace hangu::audit
