// Texts of the reasons of rules and people.

#include <array>

#include "cli/phrases.hpp"
#include "cli/reason_texts.hpp"

namespace hangu::cli {
namespace {

constexpr auto kTexts = std::to_array<Explanation>({
    // Rules and people.
    {"link-absent",
     both("这两个区域之间没有这个方向的在线通道。",
          "There is no online link in this direction between the two zones."),
     both("换用允许的通道;涉密数据只能经审查的介质导出。",
          "Use a permitted link; classified data leaves only as reviewed media export.")},
    {"policy-no-permit", both("没有哪条规则允许这次传输。", "No rule permits this transfer."),
     both("核对去向、产品代码、标记和比例尺,或请安全保密管理员增加规则。",
          "Check destination, product code, label and scale, or ask the security officer for a "
          "rule.")},
    {"policy-forbidden", both("有规则禁止这次传输。", "A rule forbids this transfer."),
     both("请安全保密管理员查看该规则。", "Ask the security officer about the rule.")},
    {"policy-changed",
     both("决定之后策略有变,原来的处理不再足够。",
          "Policy changed since the decision; what was done is no longer enough."),
     both("重新提交。", "Submit again.")},
    {"policy-", both("策略目前不可用。", "The policy cannot be used now."),
     both("请安全保密管理员发布有效的策略。",
          "Ask the security officer to publish a valid policy.")},
    {"zone-unknown", both("网关没有这个区域。", "The gateway has no such zone."),
     both("核对 --from 和 --to。", "Check --from and --to.")},
    {"product-unknown", both("目录里没有这个产品代码。", "The catalogue has no such product code."),
     both("核对 --product,或请安全保密管理员登记。",
          "Check --product, or ask the security officer to enter it.")},
    {"label-above-ceiling",
     both("标记高于目的区域允许的上限。", "The label is above what the destination zone may hold."),
     both("不得降低标记送出;请走审查流程。",
          "Do not lower the label to get through; use the review procedure.")},
    {"label-", both("标记不合规则。", "The label breaks a rule."),
     both("公开数据没有保密期限和知悉范围;核对 --secrecy、--grade、--term-years、--compartment。",
          "Open data has no term and no compartments; check --secrecy, --grade, --term-years, "
          "--compartment.")},
    {"recipient-unknown",
     both("登记册里没有这个接收节点。", "The registry has no such recipient node."),
     both("核对 --to-node。", "Check --to-node.")},
    {"recipient-zone",
     both("接收节点不属于目的区域。", "The recipient node is not in the destination zone."),
     both("核对 --to 和 --to-node。", "Check --to and --to-node.")},
    {"recipient-suite",
     both("接收节点没有这个算法套件的密钥。", "The recipient node has no key of this suite."),
     both("换 --suite,或给该节点签发密钥。", "Use another --suite, or issue a key to that node.")},
    {"submitter-",
     both("登记册不认这个提交节点、它的密钥或区域。",
          "The registry does not know this submitter, its key or its zone."),
     both("请登记节点(开发环境:hangu pki issue node 后 hangu publish)。",
          "Have the node registered (development: hangu pki issue node, then hangu publish).")},
    {"size-over-limit",
     both("数据超过规则允许的大小。", "The data is larger than the rule permits."),
     both("分批提交,或请安全保密管理员放宽。", "Submit in parts, or ask the security officer.")},
    {"declassifier-missing",
     both("规则要求的脱敏算子这里没有。", "A declassifier that the rule demands is not available."),
     both("请安全保密管理员处理。", "Ask the security officer.")},
    {"approvers-too-few", both("有资格审批的人不够。", "Too few people may approve this."),
     both("登记更多审批人,注意密级和角色。", "Register more reviewers; mind clearance and role.")},
    {"approval-refused", both("审批人拒绝了这次传输。", "A reviewer refused this transfer."),
     both("请向审批人了解理由,改正后重新提交。",
          "Ask the reviewer why; correct it and submit again.")},
    {"approval-twice", both("这个人已经签过了。", "This person has signed already."),
     both("需要另一个人签署。", "Another person has to sign.")},
    {"approval-role", both("这个人没有这个角色。", "This person does not hold that role."),
     both("用 --role 选其确有的角色。", "Choose a role that the person holds with --role.")},
    {"approval-unknown-person",
     both("这个人不在本次决定列出的审批人之中。",
          "The decision does not name this person as an approver."),
     both("核对登记、角色和涉密等级。", "Check registration, role and clearance.")},
    {"approval-submitter",
     both("提交者不能审批自己的数据。", "A submitter cannot approve its own data."),
     both("需要另一个人签署。", "Another person has to sign.")},
    {"approval-", both("签署没有被接受。", "The signature was not taken."),
     both("重新查看后再签;内容可能已变或已过期。",
          "Look again and sign anew; the content may have changed or expired.")},
    {"review-not-pending",
     both("这次传输现在不等人审批。", "This transfer does not await people now."),
     both("用 hangu pending 看哪些在等。", "See what waits with hangu pending.")},
    {"review-digest",
     both("网关给出的内容与摘要不符。", "What the gateway shows is not what the digests name."),
     both("不要签署,并报告。", "Do not sign, and report it.")},
    {"review-",
     both("审批服务拒绝了请求或答复不对。", "The review service refused, or answered wrongly."),
     both("看 log/approve.log。", "See log/approve.log.")},
});

}  // namespace

std::span<const Explanation> texts_of_rules() { return kTexts; }

}  // namespace hangu::cli
