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
