#pragma once
// Phrases: the sentences that commands say, each in both languages in one place.

#include "cli/run.hpp"

namespace hangu::cli {

/// A text in both languages; one that is missing does not compile.
consteval Bilingual both(std::string_view zh, std::string_view en) {
  if (zh.empty() || en.empty()) throw "a text is missing in one language";
  return {zh, en};
}

namespace phrase {

// Acts that show progress.
inline constexpr Bilingual kHashing = both("计算摘要", "hashing");
inline constexpr Bilingual kSealing = both("封装", "sealing");
inline constexpr Bilingual kUploading = both("上传", "uploading");
inline constexpr Bilingual kDownloading = both("下载", "downloading");
inline constexpr Bilingual kOpening = both("打开", "opening");

// Headings and labels.
inline constexpr Bilingual kTransfer = both("传输", "transfer");
inline constexpr Bilingual kState = both("状态", "state");
inline constexpr Bilingual kReason = both("原因", "reason");
inline constexpr Bilingual kDetail = both("何处", "where");
inline constexpr Bilingual kSize = both("大小", "size");
inline constexpr Bilingual kUpdated = both("更新时间", "updated");
inline constexpr Bilingual kOrigin = both("来自", "from");
inline constexpr Bilingual kDestination = both("去往", "to");
inline constexpr Bilingual kSubmitter = both("提交节点", "submitter");
inline constexpr Bilingual kApprovals = both("审批", "approvals");
inline constexpr Bilingual kObject = both("对象", "object");
inline constexpr Bilingual kMediaType = both("类型", "media type");
inline constexpr Bilingual kDigest = both("摘要", "digest");
inline constexpr Bilingual kLabel = both("标记", "label");
inline constexpr Bilingual kFacts = both("数据说明", "facts");
inline constexpr Bilingual kPolicy = both("策略", "policy");
inline constexpr Bilingual kRules = both("规则", "rules");
inline constexpr Bilingual kRecipients = both("接收节点", "recipients");
inline constexpr Bilingual kSignedBy = both("已签署", "signed by");
inline constexpr Bilingual kCertificate = both("放行证书", "release certificate");
inline constexpr Bilingual kStep = both("步骤", "step");
inline constexpr Bilingual kTime = both("时间", "time");
inline constexpr Bilingual kVerdict = both("结论", "verdict");
inline constexpr Bilingual kEntry = both("日志条目", "log entry");
inline constexpr Bilingual kNode = both("节点", "node");
inline constexpr Bilingual kSequence = both("序号", "sequence");
inline constexpr Bilingual kPackage = both("数据包", "package");
inline constexpr Bilingual kPinLog = both("日志", "log");
inline constexpr Bilingual kPinSize = both("条目数", "size");
inline constexpr Bilingual kPinRoot = both("根", "root");
inline constexpr Bilingual kPinWitness = both("见证者", "witness");
inline constexpr Bilingual kPinExtends =
    both("由此前的存点延续而来,大小", "goes on from the pin of size");

inline constexpr Bilingual kClaimedLabel = both("声明的标记", "claimed label");
inline constexpr Bilingual kClaimedFacts = both("声明的数据说明", "claimed facts");
inline constexpr Bilingual kMeasured = both("实测对象", "measured object");
inline constexpr Bilingual kLayer = both("图层", "layer");
inline constexpr Bilingual kShape = both("几何", "shape");
inline constexpr Bilingual kCrs = both("坐标系", "CRS");
inline constexpr Bilingual kCount = both("数量", "count");
inline constexpr Bilingual kExtent = both("范围", "extent");
inline constexpr Bilingual kGroundResolution = both("地面分辨率(米)", "ground resolution (m)");
inline constexpr Bilingual kContradicts =
    both("声明与实测不符", "the claim contradicts what was measured");
inline constexpr Bilingual kYears = both(" 年", " years");

// What happened.
inline constexpr Bilingual kPkiMade = both("已建立开发用 PKI", "development PKI made");
inline constexpr Bilingual kIssued = both("已签发", "issued");
inline constexpr Bilingual kSubmitted = both("已提交", "submitted");
inline constexpr Bilingual kKnown =
    both("网关此前已收到这个数据包", "the gateway had this package already");
inline constexpr Bilingual kWithdrawn = both("已撤回", "withdrawn");
inline constexpr Bilingual kTooLate = both("太迟了,未能撤回", "too late to withdraw");
inline constexpr Bilingual kRefusedByReviewer = both("审批人已拒绝。", "Refused by a reviewer.");
inline constexpr Bilingual kRefusedByRule = both("规则不允许,已拒绝。", "Refused by a rule.");
inline constexpr Bilingual kFetched = both("已取回", "fetched");
inline constexpr Bilingual kThereAlready = both("已在这里", "there already");
inline constexpr Bilingual kOpened = both("已打开", "opened");
inline constexpr Bilingual kAcknowledged = both("已回执", "acknowledged");
inline constexpr Bilingual kNotAcknowledged =
    both("未经完整核验,不回执", "not acknowledged: it was not checked in full");
inline constexpr Bilingual kStoryGood =
    both("来历已核验:每一步、每个签名、每份证明都成立",
         "story checked: every step, signature and proof holds");
inline constexpr Bilingual kNotChecked = both(
    "没有核验:放行签名、各步骤、审批、日志证明(缺 --trust 与 --log-origin)",
    "not checked: release signature, steps, approvals, log proofs (no --trust and --log-origin)");
inline constexpr Bilingual kSenderGood =
    both("这是提交包;发送方的证书与签名成立",
         "a submission package; the sender's certificate and signature hold");
inline constexpr Bilingual kSenderNotChecked =
    both("这是提交包;没有核验发送方(缺 --anchors)",
         "a submission package; the sender was not checked (no --anchors)");
inline constexpr Bilingual kApprovalTaken = both("已接受签署", "signature taken");
inline constexpr Bilingual kApprovalComplete =
    both("所需签署已齐", "all needed signatures are there");
inline constexpr Bilingual kNothingWaits = both("没有等待的传输", "nothing waits");
inline constexpr Bilingual kNoTransfers = both("没有传输", "there are no transfers");
inline constexpr Bilingual kConfirmApprove =
    both("以上内容将离开本区域。批准?输入 yes: ", "This will leave the zone. Approve? type yes: ");
inline constexpr Bilingual kConfirmRefuse =
    both("拒绝这次传输?输入 yes: ", "Refuse this transfer? type yes: ");
inline constexpr Bilingual kNotConfirmed =
    both("没有确认,什么也没有签", "not confirmed; nothing was signed");
inline constexpr Bilingual kReceiptGood = both("证明成立", "proof holds");
inline constexpr Bilingual kReceiptsNone = both("还没有日志条目", "no log entries yet");
inline constexpr Bilingual kStillPending =
    both("等待结束,尚无结果", "waiting ended without a result");

}  // namespace phrase
}  // namespace hangu::cli
