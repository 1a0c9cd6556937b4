// Texts of the reasons of signed policies: signers, bundles, the gate, releases, posture.

#include <array>

#include "cli/phrases.hpp"
#include "cli/reason_texts.hpp"

namespace hangu::cli {
namespace {

constexpr auto kTexts = std::to_array<Explanation>({
    {"policy-signatures-few",
     both("策略包的签署人不够。", "Too few of the right people have signed the bundle."),
     both("一般须两人(至少一名策略安全员);新增准许或放宽要求须三人,其中一名数据责任人。用 hangu "
          "policy sign 补签。",
          "It takes two people, one of them a policy officer; three, one of them a data owner, "
          "where it permits more or demands less. Add signatures with hangu policy sign.")},
    {"policy-ungated",
     both("这份策略没有经过本网关的检查。", "This policy did not pass the gate of this gateway."),
     both("用 hangu policy activate 使它执行,不要直接放文件。",
          "Put it in force with hangu policy activate; do not place files by hand.")},
    {"policy-refused", both("策略没有通过检查。", "The gate refuses the policy."),
     both("按所指的位置改正,再重新写策略包并签署。",
          "Correct what is named, then propose and sign it again.")},
    {"policy-superseded",
     both("审计日志表明,这份策略之后已有另一份执行:放在这里的是旧文件。",
          "By the audit log another policy came into force after this one: an older file lies "
          "there."),
     both("查明谁换了文件;用 hangu policy activate 使最新的策略包执行。",
          "Find out who put it there; put the latest bundle in force with hangu policy activate.")},
    {"policy-chain-broken",
     both("审计日志不知道这份策略之前执行的是哪一份。",
          "The audit log does not know what was in force before this policy."),
     both(
         "查明日志或策略文件是否被替换;若两者都对,撤下 policy/in-force.json,由三人签署后重新执行。",
         "Find out whether the log or the policy's file was replaced; if both are right, take "
         "policy/in-force.json away and put the policy in force anew, signed by three.")},
    {"gate-key-missing",
     both("网关的闸门密钥不见了,而策略已在执行。",
          "The gate's key is gone, and a policy is in force."),
     both("从备份取回 credentials/gate;另造一把,现行策略和以后的策略都不算数。",
          "Bring credentials/gate back from a copy: with another key neither what is in force nor "
          "what follows would count.")},
    {"policy-lost", both("正在执行的策略文件不见了。", "The file of the policy in force is gone."),
     both("把 policy/former 里编号最大的一份复制为 policy/in-force.json。",
          "Copy the highest of policy/former to policy/in-force.json.")},
    {"catalogue-unsigned",
     both("目录没有定密责任人的签名。", "No classification authority has signed the catalogue."),
     both("请定密责任人用 hangu policy sign-catalogue 签署。",
          "Have a classification authority sign it with hangu policy sign-catalogue.")},
    {"signers-invalid", both("签署人名单不能用。", "The list of signers cannot be used."),
     both("每人、每把密钥只列一次,每人只任一职,审计员不得在内。",
          "Each human and each key stands there once, with one duty, and no auditor among them.")},
    {"duty-unknown", both("没有这种职责。", "There is no such duty."),
     both("policy-officer、data-owner 或 classification-authority。",
          "policy-officer, data-owner or classification-authority.")},
    {"parent-signers-missing",
     both("策略包带着上级策略,网关却没有上级签署人名单。",
          "The bundle holds a parent, and this gateway has no list of its signers."),
     both("把上级的名单放到 anchors/parent-signers.json。",
          "Put the higher level's list at anchors/parent-signers.json.")},
    {"parent-catalogue",
     both("上级策略用的是另一份目录。", "The parent's policy is of another catalogue."),
     both("上下级须用同一份目录。", "Parent and child go by one catalogue.")},
    {"shadow-of-nothing",
     both("没有正在执行的策略,影子无从比较。",
          "No policy is in force that a shadow could stand beside."),
     both("先使一份策略执行。", "Put a policy in force first.")},
    {"rollback-missing", both("没有备用的策略包。", "No bundle stands by."),
     both("把旧内容写成发布号更大的策略包,签署后用 hangu policy activate;下次用 --rollback "
          "预先备好。",
          "Propose the old content under a higher release, have it signed and activate it; next "
          "time, prepare one with --rollback.")},
    {"posture-stop", both("网关已停止传输。", "The gateway has stopped."),
     both(
         "不用做什么,恢复后自动继续;原因见 hangu posture show 和审计日志。",
         "Nothing to do: it goes on by itself. See hangu posture show and the audit log for why.")},
    {"posture-import-only",
     both("网关目前只允许导入。", "The gateway lets only imports flow at present."),
     both(
         "不用做什么,恢复后自动继续;原因见 hangu posture show 和审计日志。",
         "Nothing to do: it goes on by itself. See hangu posture show and the audit log for why.")},
    {"posture-signatures-few",
     both("态势命令的签署人不够。", "Too few of the right people have signed the posture order."),
     both("收紧须一名策略安全员或数据责任人;放宽须两人,其中一名策略安全员。用 hangu posture sign "
          "补签。",
          "To tighten takes a policy officer or a data owner; to loosen two, one of them a policy "
          "officer. Add a signature with hangu posture sign.")},
    {"posture-superseded",
     both("审计日志里有更新的态势命令:放在这里的是旧文件,或文件被拿走。",
          "The audit log knows a later posture order: an older file lies there, or it was taken "
          "away."),
     both("查明谁换了文件;用 hangu posture set 执行最新的命令。",
          "Find out who did it; set the latest order with hangu posture set.")},
    {"posture-number",
     both("态势命令的序号不是下一个。", "The posture order does not have the next number."),
     both("用 hangu posture show 查下一个序号。", "hangu posture show says the next number.")},
    {"posture-other-gateway",
     both("这份态势命令是给另一网关的。", "The posture order is for another gateway."),
     both("核对 --gateway。", "Check --gateway.")},
    {"posture-unknown", both("没有这种运行态势。", "There is no such posture."),
     both("normal、import-only 或 stop。", "normal, import-only or stop.")},
    {"approval-not-needed",
     both("你的岗位已有人批准,还缺别的岗位。",
          "People of your roles have approved enough; others are still wanted."),
     both("不用做什么。", "Nothing to do.")},
    {"document-signed-already", both("这把密钥已经签过。", "This key has signed it already."),
     both("请另一位签署人签署。", "Have another signer sign it.")},
});

}  // namespace

std::span<const Explanation> texts_of_releases() { return kTexts; }

}  // namespace hangu::cli
