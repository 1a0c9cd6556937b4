// Texts of the reasons of reading and searching the audit log.

#include <array>

#include "cli/phrases.hpp"
#include "cli/reason_texts.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kVerify =
    both("保持磁盘原样;用 hangu audit verify 核验,并与副本和此前保存的检查点比较。",
         "Leave the disk as it is; run hangu audit verify, and compare with copies and checkpoints "
         "that were kept.");
constexpr Bilingual kRebuild = both("用 hangu audit index --rebuild 重新建立,再查是谁改的。",
                                    "Make it anew with hangu audit index --rebuild, and find out "
                                    "who changed it.");
constexpr Bilingual kAskAgain =
    both("向签署人要一份新的证书。", "Ask who signed it for a new certificate.");

constexpr auto kTexts = std::to_array<Explanation>({
    // The published log.
    {"log-missing", both("这里没有审计日志。", "There is no audit log here."),
     both("给出日志文件夹,或用 --folder 给网关文件夹。",
          "Name the log's folder, or a gateway's with --folder.")},
    {"log-no-key",
     both("不知道日志公钥:没有给出,日志里也没有。",
          "The log's key is not known: it was not given, nor is it in the log."),
     both("用 --key 给出 anchors/log.vkey。", "Give anchors/log.vkey with --key.")},
    {"log-pruned", both("所需的条目已按规定清除。", "Entries that are needed were pruned."),
     both("用归档的副本。", "Use the archived copy.")},
    {"log-shorter", both("日志比证书上的短。", "The log is shorter than the certificate's."),
     kVerify},
    {"log-root-differs",
     both("日志的内容与签名的检查点不符。", "The log is not what its signed checkpoint says."),
     kVerify},
    {"log-bundle-missing", both("日志缺了一段条目。", "A part of the log's entries is missing."),
     kVerify},
    {"log-bundle-invalid",
     both("日志的一段条目不成形。", "A part of the log's entries is not in its form."), kVerify},
    {"log-tile-missing", both("日志缺了哈希。", "Hashes of the log are missing."), kVerify},
    {"log-tile-invalid", both("日志的哈希不成形。", "Hashes of the log are not in their form."),
     kVerify},
    // The index.
    {"index-missing", both("还没有索引。", "There is no index yet."),
     both("先用 hangu audit index。", "Run hangu audit index first.")},
    {"index-in-use", both("索引正在更新。", "The index is being updated."),
     both("稍后再试。", "Try again later.")},
    {"index-failed", both("索引不能用。", "The index cannot be used."),
     both("看 --state 文件夹的权限和剩余空间。",
          "See the rights and the space of the --state folder.")},
    {"index-corrupt", both("索引坏了,或被改动。", "The index is damaged, or was changed."),
     kRebuild},
    {"index-entry-differs",
     both("索引与日志的条目不符。", "The index and the log's entries contradict each other."),
     both("用 hangu audit verify index 看哪些不符。", "See which with hangu audit verify index.")},
    {"index-ahead",
     both("日志比索引过的短:它被截断,或放回了旧的。",
          "The log is shorter than what was indexed: it was cut, or an older one was put back."),
     kVerify},
    // Orders, archive, counter.
    {"archive-other",
     both("这份归档不含要删除的条目。", "The archive does not hold what is to be deleted."),
     both("重新归档(hangu audit archive)。", "Archive anew with hangu audit archive.")},
    {"order-invalid", both("这不是审计命令。", "This is no order to the audit log."),
     both("用 hangu audit order 重新写一份。", "Write it anew with hangu audit order.")},
    {"find-before",
     both("所给的条目不是这次传输的。", "The entry that was named is not one of this transfer."),
     both("程序版本是否一致?", "Are all programs of one version?")},
    {"order-unsigned",
     both("命令没有两名审计员的签署。", "The order is not signed by two different auditors."),
     both("再请一名审计员用 hangu audit order sign 签署。",
          "Have another auditor sign it with hangu audit order sign.")},
    {"order-signed-twice", both("这把密钥已签过。", "This key has signed the order already."),
     both("要两个人各用自己的密钥。", "Two people must sign, each with a key of their own.")},
    {"order-expired", both("命令已过有效期。", "The order's time is over."),
     both("重新写一份并签署。", "Write and sign it anew.")},
    {"order-other-log", both("命令是给另一个日志的。", "The order is for another log."),
     both("核对 --folder。", "Check --folder.")},
    {"prune-busy", both("正在清除。", "A pruning is under way."),
     both("等它结束。", "Wait until it is through.")},
    {"prune-too-far",
     both("只能清除已发布、且所在时期已结束的条目。",
          "Only published entries of epochs that have ended can be deleted."),
     both("换一个更早的位置。", "Choose an earlier place.")},
    {"prune-too-young", both("这些条目还在保存期内。", "Those entries are inside their retention."),
     both("见 gateway.toml 的 [audit] retention_months。",
          "See [audit] retention_months in gateway.toml.")},
    {"counter-unavailable", both("用不了单调计数器。", "The monotonic counter cannot be used."),
     both("检查 TPM 和 [audit] tpm。", "See to the TPM and [audit] tpm.")},
    {"counter-invalid",
     both("单调计数器坏了,或是别的东西。", "The counter is damaged, or something else."),
     both("查明原因;由两名审计员放行(hangu audit order release)。",
          "Find out why; two auditors may release it with hangu audit order release.")},
    // Queries.
    {"query-invalid", both("这样不能查询。", "That cannot be asked."),
     both("见 hangu audit search --help。", "See hangu audit search --help.")},
    {"query-unknown", both("没有保存过这个查询。", "No query was kept under this name."),
     both("见 hangu audit queries。", "See hangu audit queries.")},
    {"query-name-invalid", both("这不能作查询的名字。", "That cannot be the name of a query."),
     both("用 1 到 100 字节的一行文字。", "Use one line of 1 to 100 bytes.")},
    {"saved-queries-malformed",
     both("保存的查询不成形。", "The file of kept queries is not in its form."),
     both("改正或移走 queries.json。", "Correct queries.json, or move it away.")},
    {"saved-queries-too-many", both("保存的查询太多。", "Too many queries are kept."),
     both("用 hangu audit queries --delete 删去一些。",
          "Delete some with hangu audit queries --delete.")},
    // Query certificates.
    {"certificate-unsigned",
     both("查询证书不是这个签署人签的。", "This signer did not sign the query certificate."),
     both("核对 --signer;若无误,不要相信它。",
          "Check --signer; if it is right, do not believe the certificate.")},
    {"certificate-malformed",
     both("查询证书不成形,或自相矛盾。",
          "The query certificate is not in its form, or contradicts itself."),
     kAskAgain},
    {"certificate-checkpoint",
     both("查询证书里的检查点不是这个日志的。",
          "The checkpoint in the query certificate is not this log's."),
     both("核对 --key 和日志文件夹。", "Check --key and the log's folder.")},
    {"certificate-differs",
     both("重新查询,结果与证书不同。",
          "The search, made again, finds something else than the certificate says."),
     both("日志可信:不要相信这份证书。",
          "The log bears out what was found now: do not believe the certificate.")},
});

}  // namespace

std::span<const Explanation> texts_of_auditing() { return kTexts; }

}  // namespace hangu::cli
