#include "audit/export/report_words.hpp"

namespace hangu::audit {

const std::array<ExceptionWords, kExceptionKinds>& exception_words() {
  static const std::array<ExceptionWords, kExceptionKinds> kWords{{
      {ExceptionKind::unreadable,
       {"不可读条目", "Unreadable entries"},
       {"字节属于日志,但不是本系统的条目。",
        "The bytes belong to the log, but are no entry of this system."}},
      {ExceptionKind::recovery,
       {"日志恢复", "Recoveries"},
       {"写入程序异常结束后丢弃了从未确认的字节。",
        "Bytes that were never acknowledged were discarded after the writer ended badly."}},
      {ExceptionKind::witness,
       {"见证", "Witnesses"},
       {"见证者的警报,或日志久未被见证。",
        "A witness's alarm, or no quorum of witnesses saw the log for long."}},
      {ExceptionKind::counter_released,
       {"计数器放行", "Counter released"},
       {"两名审计员让与单调计数器不符的日志接着写;数为计数器当时的值。",
        "Two auditors took up a log that its monotonic counter does not fit; the number is the "
        "counter's."}},
      {ExceptionKind::clock_step,
       {"时钟回拨", "Clock steps"},
       {"时钟往回跳;条目时间停在原处直到追上。",
        "The clock stepped back; entries keep the last time until it has caught up."}},
      {ExceptionKind::unclean_stop,
       {"未正常停止", "Starts without a stop before"},
       {"上一次运行没有写下 stop:断电、崩溃或被强行结束。",
        "The run before wrote no stop: power, a crash, or a kill."}},
      {ExceptionKind::silence,
       {"心跳缺失", "Missing heartbeats"},
       {"运行期间长时间没有任何条目(分:秒)。",
        "No entry for too long while the writer ran (minutes:seconds)."}},
      {ExceptionKind::pruned,
       {"日志裁剪", "Pruning"},
       {"两名安全员裁去了最旧的条目;证明保留。",
        "Two officers had the oldest entries removed; proofs stay."}},
      {ExceptionKind::self_approval,
       {"自审企图", "Self-approval attempts"},
       {"日志里因提交方自审、或同一人审批两次而拒绝的条目;在审批入口就被拒的不成条目。",
        "Entries refused because a submitter, or one person twice, approved; what was turned away "
        "at "
        "approve's door is no entry."}},
      {ExceptionKind::refusal,
       {"拒绝", "Refusals"},
       {"规则、内容检查或审批人不同意。", "A rule, the content check or a reviewer said no."}},
      {ExceptionKind::quarantine,
       {"隔离", "Quarantines"},
       {"环节出错,等人处理;出错从不算通过。",
        "A stage failed and people must act; an error is never a pass."}},
      {ExceptionKind::sequence_gap,
       {"序号缺口", "Gaps in sequence"},
       {"发送方的编号跳过了一个;可能晚到,也可能丢失。",
        "A sender's numbering skipped one: late, refused or lost."}},
      {ExceptionKind::resubmit,
       {"失败后再次提交", "Submitted again after a failure"},
       {"同一节点、同一数据产品在拒绝或隔离之后再次提交。",
        "The same node and product came again after a refusal or a quarantine."}},
      {ExceptionKind::off_hours,
       {"非办公时间", "Off hours"},
       {"在办公时间之外放行或审批。", "Released or approved outside office hours."}},
      {ExceptionKind::administration,
       {"管理变更", "Administrative changes"},
       {"策略、目录、配置、密钥或程序与上一次启动或生效时不同;列出不同的文件。",
        "Policy, catalogue, configuration, keys or programs are others than at the start before; "
        "the files that differ are named."}},
      {ExceptionKind::turned_away,
       {"入口拒绝", "Turned away"},
       {"网络区入口拒绝了谁、为何、几次。",
        "Whom a zone's entrance turned away, why, and how often."}},
  }};
  return kWords;
}

}  // namespace hangu::audit
