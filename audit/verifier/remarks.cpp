#include "audit/verifier/remarks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace hangu_verify {
namespace {

struct Sentence {
  std::string_view code;
  std::string_view en;
  std::string_view zh;
};

constexpr std::array kSentences{
    Sentence{"checkpoint-missing", "no checkpoint in {0}", "{0} 里没有检查点"},
    Sentence{"key-missing", "no log key given: the signatures of checkpoints are not checked",
             "没有给出日志公钥:检查点的签名没有核验"},
    Sentence{"stages-missing", "no stages' keys given: the stages' own signatures are not checked",
             "没有给出各阶段公钥:各阶段自己的签名没有核验"},
    Sentence{"note-malformed", "{0}: not a signed checkpoint", "{0}:不是签名的检查点"},
    Sentence{"line-missing", "{0}: not signed by {1}", "{0}:没有 {1} 的签名"},
    Sentence{"line-bad", "{0}: the signature of {1} is wrong", "{0}:{1} 的签名不对"},
    Sentence{"epoch-line-other", "{0}: signed by the key of another epoch than {1}",
             "{0}:由第 {1} 时期以外的密钥签名"},
    Sentence{"origin-other", "{0}: the checkpoint of another log, {1}",
             "{0}:是另一日志 {1} 的检查点"},
    Sentence{"log-too-large", "too many entries for this program: {0}",
             "条目太多,本程序无法核验:{0}"},
    Sentence{"file-missing", "{0} is missing", "缺少 {0}"},
    Sentence{"bundle-short", "{0} ends early", "{0} 不完整"},
    Sentence{"bundle-long", "{0} has bytes after its last entry", "{0} 最后一个条目之后还有字节"},
    Sentence{"entry-malformed", "not an entry", "不是条目"},
    Sentence{"entry-time", "its time is before the entry before", "时间早于前一条目"},
    Sentence{"entry-key-again", "key {0} was taken before", "键 {0} 此前已被占用"},
    Sentence{"entry-link", "its link to the transfer's entry before is wrong",
             "指向该传输前一条目的链接不对"},
    Sentence{"entry-gap", "not a gap", "不是序号缺口"},
    Sentence{"statement-missing", "no statement", "没有声明"},
    Sentence{"statement-unreadable", "statement not readable", "声明无法读取"},
    Sentence{"statement-unsigned", "statement not signed by {0}", "声明没有 {0} 的签名"},
    Sentence{"genesis-missing", "the log does not begin with genesis", "日志的第一条不是 genesis"},
    Sentence{"genesis-again", "a second genesis", "第二个 genesis"},
    Sentence{"genesis-key", "the log began with another {0} than the one given",
             "日志开始时的 {0} 与给出的不同"},
    Sentence{"epoch-order", "it does not close the present epoch, {0}",
             "它没有结束当前的第 {0} 时期"},
    Sentence{"epoch-root", "its root is not that of the entries before",
             "其中的根不是此前条目的根"},
    Sentence{"epoch-chain", "its SM3 chain is not that of the entries before",
             "其中的 SM3 链值不是此前条目的链值"},
    Sentence{"root-wrong", "{0}: the entries do not make the signed root",
             "{0}:条目得不出所签的根"},
    Sentence{"note-size", "{0}: of {1} entries, not {2}", "{0}:有 {1} 条,应为 {2} 条"},
    Sentence{"tile-wrong", "{0}: hash {1} is wrong", "{0}:第 {1} 个杂凑值不对"},
    Sentence{"tile-size", "{0}: not of the size of its hashes", "{0}:长度与其杂凑值个数不符"},
    Sentence{"pin-unreadable", "pin: not a checkpoint of this log", "保存的检查点:不是本日志的"},
    Sentence{"pin-ahead", "the log had {0} entries before and has fewer now",
             "日志此前有 {0} 条,现在更少"},
    Sentence{"pin-wrong", "entries before {0} are not those of the pinned checkpoint",
             "第 {0} 条之前的条目与保存的检查点不符"},
    Sentence{"gap", "number {0} of {1} was never taken", "{1} 的序号 {0} 一直没有用过"},
    Sentence{"stray", "{0} belongs to no log", "{0} 不是日志的文件"},
    Sentence{"beyond", "{0} lies beyond the checkpoint: has an older one been put in its place?",
             "{0} 超出检查点:是否换成了较旧的检查点?"},
};

}  // namespace

std::string Remark::text(Language language) const {
  const auto found = std::find_if(kSentences.begin(), kSentences.end(),
                                  [&](const Sentence& sentence) { return sentence.code == code; });
  std::string out = code;
  if (found != kSentences.end()) out = language == Language::zh ? found->zh : found->en;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string place = "{" + std::to_string(i) + "}";
    if (const std::size_t at = out.find(place); at != std::string::npos)
      out.replace(at, place.size(), words[i]);
  }
  if (!entry) return out;
  return (language == Language::zh ? "第 " + std::to_string(*entry) + " 条:"
                                   : "entry " + std::to_string(*entry) + ": ") +
         out;
}

}  // namespace hangu_verify
