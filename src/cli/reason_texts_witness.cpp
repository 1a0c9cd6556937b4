// Texts of the reasons of witnesses: policies, cosignatures, pins.

#include <array>

#include "cli/phrases.hpp"
#include "cli/reason_texts.hpp"

namespace hangu::cli {
namespace {

constexpr auto kTexts = std::to_array<Explanation>({
    {"log-unwitnessed",
     both(
         "审计日志太久没有被见证,这一密级或级别的数据要等见证恢复。",
         "No witness has seen the audit log for too long; data of this grade waits until one has."),
     both("不用做什么,见证恢复后自动继续;管理员查看 hangu ps 和见证者。网关若没有配置见证者,"
          "要么配置,要么从策略里删去 [unwitnessed]。",
          "Nothing to do: it goes on by itself. The administrator looks at hangu ps and the "
          "witnesses; a gateway without any needs [witness], or a policy without [unwitnessed].")},
    {"witness-policy-too-long", both("见证策略太大。", "The witness policy is too large."),
     both("见 docs/protocols/audit-witness.md 的上限。",
          "See the bounds in docs/protocols/audit-witness.md.")},
    {"witness-policy-other-log",
     both("见证策略里的日志不是这个网关的。", "The witness policy is of other logs."),
     both("把 anchors/log.vkey 的内容写进策略的 log 行。",
          "Put the text of anchors/log.vkey into a log line of the policy.")},
    {"witness-policy-", both("见证策略写错了。", "The witness policy has a mistake."),
     both("改正所指的那一行(hangu up 会再检查)。",
          "Correct the line that is named; hangu up checks it again.")},
    {"witness-url-invalid", both("见证者的网址不能用。", "The witness's URL cannot be used."),
     both("写成 http://数字地址:端口/前缀。",
          "Write http://ADDRESS:PORT/PREFIX, a numeric address.")},
    {"witness-absent",
     both("网关配置里没有 [witness]。", "The gateway's configuration has no [witness] table."),
     both("见 docs/operations/witness.md。", "See docs/operations/witness.md.")},
    {"witness-undemanded",
     both("策略里有 [unwitnessed],可是网关没有要求任何见证者:超过限度的数据会一直等下去。",
          "The policy has [unwitnessed], and the gateway demands no witness: data above the limit "
          "would wait for ever."),
     both("在 gateway.toml 里配置 [witness](见 docs/operations/witness.md),或从 policy.toml "
          "删去 [unwitnessed]。",
          "Configure [witness] in gateway.toml (docs/operations/witness.md), or take "
          "[unwitnessed] out of policy.toml.")},
    {"witness-logs-invalid",
     both("要见证的日志没有写对。", "The logs to witness are not given right."),
     both("每个 --log 给一个日志公钥(anchors/log.vkey)。",
          "Give each --log the key of a log (anchors/log.vkey).")},
    {"witness-state-corrupt",
     both("见证者保存的进度被改动过。", "What the witness remembers was changed on its disk."),
     both("不要删除;与日志方、审计员一起核对。",
          "Do not delete it; compare with the log's side and an auditor.")},
    {"witness-disk-failed",
     both(
         "见证者的磁盘在保存进度时出错,见证者已停下,什么也没有签。",
         "The witness's disk failed while it stored what it saw: it has ended and signed nothing."),
     both("检查磁盘后再启动;不要用备份恢复进度。",
          "See to the disk, then start it again; do not restore its state from a backup.")},
    {"witness-busy",
     both("另一个见证程序正占用这个文件夹。", "Another witness program holds that folder."),
     both("等它结束再试。", "Wait for it to end.")},
    {"witness-answer-", both("见证者的回答不合格式。", "The witness's answer breaks its format."),
     both("核对对方是不是 tlog-witness 服务。", "Check that it is a tlog-witness server.")},
    {"add-checkpoint-", both("见证请求不合格式。", "The request to the witness breaks its format."),
     both("用 hangu audit pin --request 重新写出。", "Write it again: hangu audit pin --request.")},
    {"cosignature-invalid", both("有一个见证签名是坏的。", "A witness's cosignature is bad."),
     both("保留文件,查是谁改的。", "Keep the file and find out who changed it.")},
    {"quorum-missing", both("见证签名还不够数。", "Too few witnesses have cosigned."),
     both("看哪些见证者没有回答。", "See which witnesses do not answer.")},
    {"cosigned-other-tree",
     both("见证者签过同一日志密钥的另一棵树:密钥可能被盗。",
          "Witnesses cosigned another tree under this log's key: the key may be stolen."),
     both("停用日志,保留两份检查点,请审计员核对。",
          "Stop using the log, keep both checkpoints, call an auditor.")},
    {"cosigned-",
     both("审计程序不收这个见证过的检查点。", "Audit does not take that cosigned checkpoint."),
     both("看 hangu-audit 和 hangu-feeder 的日志。",
          "See the logs of hangu-audit and hangu-feeder.")},
    {"audit-witness-",
     both("见证者见过的日志与现在的不同:日志被退回或被换掉。",
          "The log is not what witnesses saw: it was put back, or another stands in its place."),
     both("保留磁盘原样,不要删除任何文件,请审计员核对。",
          "Keep the disk as it is, delete nothing, call an auditor.")},
    {"pin-larger",
     both("此前的存点比现在的日志还大:日志被截断或退回。",
          "The earlier pin is larger than the log is now: it was cut or put back."),
     both("两份都保留,用 hangu audit verify --pin 核对。",
          "Keep both and check with hangu audit verify --pin.")},
    {"pin-inconsistent",
     both("日志不是由此前的存点延续而来:历史被改写。",
          "The log does not go on from the earlier pin: its past was rewritten."),
     both("两份都保留,用 hangu audit verify --pin 核对。",
          "Keep both and check with hangu audit verify --pin.")},
});

}  // namespace

std::span<const Explanation> texts_of_witnesses() { return kTexts; }

}  // namespace hangu::cli
