// Texts of the reasons of labels and label policies in XML.

#include <array>

#include "cli/phrases.hpp"
#include "cli/reason_texts.hpp"

namespace hangu::cli {
namespace {

constexpr auto kTexts = std::to_array<Explanation>({
    {"xml-syntax", both("不是格式良好的 UTF-8 XML。", "This is not well-formed XML in UTF-8."),
     both("让给出文件的一方重新导出。", "Have whoever gave the file export it anew.")},
    {"xml-forbidden",
     both(
         "XML 里有这里一律不收的东西:文档类型、实体、处理指令、CDATA、夹杂的文字或注释、其他编码。",
         "The XML holds what is never taken here: a document type, entities, instructions, CDATA, "
         "text or comments among values, another encoding."),
     both("让给出文件的一方不带这些重新导出;若来路不明,报告安全保密管理员。",
          "Have it exported without these; if its origin is doubtful, tell the security officer.")},
    {"xml-too-large",
     both("XML 超过了允许的大小、层数或数量。", "The XML is larger, deeper or more than is taken."),
     both("标记和标签策略都很小;核对是不是这个文件。",
          "Labels and label policies are small; check that this is the file.")},
    {"xml-element",
     both(
         "XML 里有标准没有的元素或属性,或缺了、错了次序。",
         "The XML has an element or attribute that the standard has not, or lacks one, or they are "
         "in another order."),
     both("按给出的行更正;可读的内容见 docs/protocols/labels.md。",
          "Mend the line that is told; docs/protocols/labels.md says what is read.")},
    {"xml-value", both("XML 里的一个值不合要求。", "A value in the XML is not what it must be."),
     both("按给出的行更正。", "Mend the line that is told.")},
    {"spif-invalid",
     both("SPIF 自相矛盾:名称、编号重复,或引用了没有的名称。",
          "The SPIF contradicts itself: a name or number twice, or a name that is not there."),
     both("让策略的制定者更正。", "Have whoever made the policy mend it.")},
    {"label-illegal",
     both("这个标记在其策略下不合法。", "The label is not legal under its policy."),
     both("更正标记;不要去掉它的任何类别来让它通过。",
          "Mend the label; do not take a category off to get it through.")},
    {"label-other-policy", both("标记属于另一个策略。", "The label is of another policy."),
     both("用 --spif 给出那个策略的 SPIF;它须写明与本目录等价之处。",
          "Name that policy's SPIF with --spif; it has to say what its labels are worth under "
          "ours.")},
    {"label-no-equivalent",
     both("标记里有一项在本目录下没有等价的写法,什么也没有舍去。",
          "Something in the label has no equivalent under the catalogue; nothing was let go of."),
     both("请两边的策略制定者商定等价关系。",
          "Ask the makers of both policies to agree on an equivalent.")},
    {"binding-differs",
     both("文件不是这个标记所绑定的。", "The file is not what the label is bound to."),
     both("不要把这个标记用于这个文件;核对文件是否被改动或弄混。",
          "Do not use the label for this file; check whether it was changed or mixed up.")},
});

}  // namespace

std::span<const Explanation> texts_of_labels() { return kTexts; }

}  // namespace hangu::cli
