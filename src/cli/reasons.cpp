#include "cli/reasons.hpp"

#include <algorithm>
#include <array>

#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

constexpr auto kExplanations = std::to_array<Explanation>({
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
    // Sender and package.
    {"sender-signature",
     both("提交声明的签名不成立。", "The signature of the submission does not hold."),
     both("用该节点自己的密钥重新封装。", "Pack again with the node's own key.")},
    {"sender-node",
     both("数据包不是提交它的节点封装的。",
          "The package was packed by another node than submits it."),
     both("由封装的节点自己提交。", "Submit as the node that packed it.")},
    {"sender-zone",
     both("数据包声明的来源区域不是它进来的区域。",
          "The package states another origin zone than it came in by."),
     both("核对 --from。", "Check --from.")},
    {"sender-",
     both("发送方的证书或签名不被接受。", "The sender's certificate or signature is not accepted."),
     both("核对证书的有效期、签发机构和算法套件。",
          "Check the certificate's validity, issuer and suite.")},
    {"submission-replayed",
     both("这份提交声明或序号已经用过。", "This statement or its sequence number was used before."),
     both("重新封装再提交。", "Pack again and submit.")},
    {"submission-expired", both("提交声明已过期。", "The submission has expired."),
     both("重新封装;用 --expires-in 给足时间。",
          "Pack again; allow enough time with --expires-in.")},
    {"submission-previous",
     both("这份声明所指的上一份,不是网关收下的上一个序号。",
          "The statement names another one before it than the gateway took under that number."),
     both("同一节点的序号有了两个来源:核对 sequence.json 和备份,并报告。",
          "The node's numbers come from two places: check sequence.json and backups, report it.")},
    {"submission-", both("提交声明不成立。", "The submission statement is not valid."),
     both("核对给 hangu pack 的各项。", "Check what was given to hangu pack.")},
    {"package-not-for-us",
     both("数据包不是封装给这些密钥的。", "The package is not sealed for any of these keys."),
     both("用收件节点的身份打开;提交包用网关的证书封装。",
          "Open it as a recipient; seal submissions for the gateway's certificate.")},
    {"package-", both("这不是完好的数据包。", "This is not a sound package."),
     both("重新传送或重新封装。", "Transfer or pack it again.")},
    {"chunk-not-authentic",
     both("数据包里有一块不真实:被改动或截断。",
          "A chunk of the package is not authentic: altered or cut."),
     both("重新传送;若再次出现,请保留原件并报告。",
          "Transfer it again; if it happens again, keep the file and report it.")},
    {"object-digest-mismatch",
     both("对象与声明的摘要不符。", "An object is not the one that the statement names."),
     both("重新封装。", "Pack it again.")},
    {"key-unwrap-failed", both("内容密钥解不开。", "The content key cannot be unwrapped."),
     both("数据包已损坏,或密钥不对。", "The package is damaged, or the key is another.")},
    {"statement-not-canonical",
     both("声明的写法不是唯一规定的写法。", "The statement is not written in its one spelling."),
     both("用 hangu pack 封装;不要加空白、转义,也不要改变次序。",
          "Pack with hangu pack; add no white space or escapes and keep the order.")},
    {"field-unknown", both("声明里有不认识的项。", "The statement has a member that is not known."),
     both("用同一版本的 hangu pack 封装。", "Pack with hangu pack of the same version.")},
    {"objects-too-many",
     both("一个数据包最多 10,000 个对象。", "A package holds at most 10,000 objects."),
     both("分成几个数据包提交。", "Submit it as several packages.")},
    {"object-too-large",
     both("一个对象声明的大小超过 1 PiB。", "An object is stated to be larger than 1 PiB."),
     both("核对大小,分成几个对象。", "Check its size; cut it into several objects.")},
    {"object-size-invalid",
     both("一个对象声明的大小是负数。", "An object is stated to have a negative size."),
     both("用 hangu pack 重新封装。", "Pack again with hangu pack.")},
    {"name-too-long", both("对象名超过 255 字节。", "An object's name is longer than 255 bytes."),
     both("用更短的名字;一个汉字占三个字节。",
          "Choose a shorter one; a Chinese character takes three bytes.")},
    {"name-", both("对象名不合规则。", "An object's name breaks the rules."),
     both(
         "用相对路径,NFC,不含 .. \\ : 和控制字符,最多 255 字节。",
         "Use a relative path in NFC without .., \\, : or control characters, at most 255 bytes.")},
    {"source-changed", both("文件在封装时变了。", "A file changed while it was packed."),
     both("停止写入后重新封装。", "Stop writing to it and pack again.")},
    {"source-not-a-file", both("这不是普通文件。", "This is not a regular file."),
     both("给出文件本身,不要链接或设备。", "Name the file itself, not a link or a device.")},
    // Content.
    {"format-not-supported", both("不支持这种文件类型。", "This type of file is not supported."),
     both("支持 GeoPackage、GeoTIFF 和 CSV。", "GeoPackage, GeoTIFF and CSV are.")},
    {"format-mismatch",
     both("内容与声明的类型不符。", "The content is not of the type that was stated."),
     both("核对文件与扩展名。", "Check the file and its extension.")},
    {"format-", both("这种内容无法重建。", "Content of this kind cannot be rebuilt."),
     both("转换为受支持的结构后重新提交。",
          "Convert it to a supported structure and submit again.")},
    {"crs-",
     both("坐标参考系不受支持或无法比对。",
          "The coordinate reference system is not supported or cannot be compared."),
     both("转换到登记的坐标系,如 EPSG:4490。",
          "Transform to a registered system, such as EPSG:4490.")},
    {"geometry-",
     both("几何数据有误或类型不受支持。", "A geometry is malformed or of an unsupported type."),
     both("修复几何后重新提交。", "Repair the geometry and submit again.")},
    {"raster-",
     both("影像或栅格的形式不受支持或已损坏。", "The raster is of an unsupported kind or damaged."),
     both("转换为普通的 GeoTIFF。", "Convert it to a plain GeoTIFF.")},
    {"gpkg-",
     both("GeoPackage 的结构有误或不受支持。",
          "The GeoPackage is malformed or uses what is not supported."),
     both("用 ogr2ogr 重写为普通 GeoPackage。", "Rewrite it as a plain GeoPackage with ogr2ogr.")},
    {"csv-", both("CSV 不合格式。", "The CSV breaks its format."),
     both("UTF-8,有表头,每行列数相同,引号成对。",
          "UTF-8, a header, the same number of columns in each row, quotes in pairs.")},
    {"tiff-", both("TIFF 的结构有误。", "The TIFF is malformed."),
     both("用 gdal_translate 重写。", "Rewrite it with gdal_translate.")},
    {"sqlite-", both("数据库文件的结构有误。", "The database file is malformed."),
     both("检查源文件是否完整。", "Check whether the source file is whole.")},
    {"rtree-", both("空间索引与数据不符。", "The spatial index does not agree with the data."),
     both("重建索引后重新提交。", "Rebuild the index and submit again.")},
    {"rendition-",
     both("重建的结果与原内容不一致。", "What was rebuilt does not agree with the content."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"worker-",
     both("处理进程异常结束或结果不一致。", "A worker ended abnormally, or two disagree."),
     both("已隔离;请两名管理员处理。", "It is in quarantine; two administrators decide.")},
    {"plain-", both("内容超出可重建的范围。", "The content is beyond what can be rebuilt."),
     both("减少图层、字段或尺寸。", "Reduce layers, fields or size.")},
    // Release and log.
    {"checkpoint-",
     both("日志检查点不是这本日志签的。", "The checkpoint is not signed by this log."),
     both("核对 --log-origin 和 --trust;若都对,请报告。",
          "Check --log-origin and --trust; if both are right, report it.")},
    {"not-checked",
     both("内容完整,但来历没有核验。",
          "The content is whole, but where it comes from was not checked."),
     both("给出 --trust(网关的 anchors/stages.json),提交包则给 --anchors。",
          "Give --trust (the gateway's anchors/stages.json), or --anchors for a submission.")},
    {"proof-", both("日志证明不成立。", "A log proof does not hold."),
     both("不要使用这些数据,并报告。", "Do not use the data, and report it.")},
    {"warrant-", both("放行的来历不成立。", "The story of the release does not hold."),
     both("不要使用这些数据,并报告。", "Do not use the data, and report it.")},
    {"story-",
     both("数据包自带的来历不完整或与内容不符。",
          "The story in the package is incomplete or does not fit its content."),
     both("不要使用这些数据,并报告。", "Do not use the data, and report it.")},
    {"release-", both("放行声明不成立。", "The release statement does not hold."),
     both("核对 --trust;若无误,请报告。", "Check --trust; if it is right, report it.")},
    {"digest-mismatch",
     both("取回的字节与网关登记的摘要不符。", "The bytes are not those that the gateway named."),
     both("重新取回。", "Fetch again.")},
    // Network and rights.
    {"network-unresolved", both("找不到这台主机。", "The host is not known."),
     both("核对 --gateway。", "Check --gateway.")},
    {"network-unreachable", both("连不上网关。", "The gateway cannot be reached."),
     both("核对地址和端口,稍后再试。", "Check address and port, and try again later.")},
    {"network-", both("与网关的连接中断。", "The connection to the gateway broke."),
     both("再试一次;上传和下载会接着做。",
          "Try again; uploads and downloads go on where they were.")},
    {"tls-untrusted", both("网关的证书不被信任。", "The gateway's certificate is not trusted."),
     both("核对身份文件夹里的 anchors.pem。", "Check anchors.pem in the identity folder.")},
    {"tls-wrong-name",
     both("网关的证书不是这个名字的。", "The gateway's certificate carries another name."),
     both("核对 --gateway,或用 --server-name。", "Check --gateway, or use --server-name.")},
    {"tls-",
     both("建立 TLS 连接失败:网关不接受本节点的证书,或本机文件有误。",
          "TLS failed: the gateway does not accept this node's certificate, or our own files are "
          "wrong."),
     both("核对 --identity。", "Check --identity.")},
    {"node-other-zone", both("本节点不属于这个区域。", "This node does not belong to that zone."),
     both("连接本节点所在区域的网关入口。", "Use the entrance of the node's own zone.")},
    {"node-quota", both("本节点在途的传输已到上限。", "This node has as much in flight as it may."),
     both("等前面的传输结束。", "Wait until earlier transfers end.")},
    {"certificate-", both("证书不被接受。", "A certificate is not accepted."),
     both("核对有效期和签发机构。", "Check validity and issuer.")},
    {"too-late",
     both("传输已经有了结果,不能再撤回。",
          "The transfer has ended already and cannot be withdrawn."),
     both("用 hangu status 看结果。", "See the result with hangu status.")},
    {"gateway-not-running", both("这个文件夹的网关没有运行。", "No gateway runs in this folder."),
     both("用 hangu up --folder 启动,或指明它的文件夹。",
          "Start it with hangu up --folder, or name the folder of one that runs.")},
    {"gateway-not-started", both("网关没有启动成功。", "The gateway did not start."),
     both("原因如上;各程序的日志在网关文件夹的 log/ 下。",
          "The cause is above; each program's log is in the gateway's folder, log/.")},
    {"transfer-unknown",
     both("网关没有本节点的这个传输。", "The gateway has no such transfer of this node."),
     both("用 hangu list 查看。", "See hangu list.")},
    {"package-unknown",
     both("没有给本节点的这个数据包。", "There is no such package for this node."),
     both("不带 ID 运行 hangu fetch 查看。", "Run hangu fetch without an id to see.")},
    {"disk-full", both("磁盘满了。", "The disk is full."),
     both("腾出空间后再试。", "Make room and try again.")},
    {"peer-", both("网关的这个程序没有运行。", "That program of the gateway is not running."),
     both("用 hangu ps 查看。", "See hangu ps.")},
    {"time-unknown",
     both("本机时钟没有同步,时间未知。", "The clock is not synchronised: the time is not known."),
     both("启动时间同步。", "Start time synchronisation.")},
    {"http-", both("对方的 HTTP 答复不合规则。", "The other side's HTTP breaks the rules."),
     both("核对地址是不是 Hangu 网关。", "Check that the address is a Hangu gateway.")},
    // The caller's own machine.
    {"usage-value", both("命令行里有一项不能用。", "Something on the command line cannot be used."),
     both("加 --help 查看该命令的说明。", "See the command's --help.")},
    {"file-missing", both("没有这个文件。", "There is no such file."),
     both("核对路径。", "Check the path.")},
    {"file-exists", both("文件已存在,不会覆盖。", "The file exists and is not overwritten."),
     both("换一个名字,或先移走它。", "Choose another name, or move it away.")},
    {"file-forbidden", both("没有权限访问这个文件。", "Access to the file is not permitted."),
     both("核对权限。", "Check its permissions.")},
    {"pki-already-issued", both("这个名字已经签发过了。", "This name was issued already."),
     both("换一个名字;密钥不会重发。", "Choose another name; keys are not issued twice.")},
    {"pki-exists", both("这里已经有一个 PKI。", "There is a PKI here already."),
     both("换一个文件夹。", "Choose another folder.")},
    {"pki-absent", both("这里没有 PKI。", "There is no PKI here."),
     both("先运行 hangu pki init。", "Run hangu pki init first.")},
    {"identity-", both("这不是可用的身份文件夹。", "This is not a usable identity folder."),
     both("用 hangu pki issue 签发的文件夹。", "Use a folder that hangu pki issue made.")},
    {"sequence-",
     both("本节点的序号记录损坏。", "The node's record of sequence numbers is damaged."),
     both("从备份恢复 sequence.json;不要从 1 重来。",
          "Restore sequence.json from a backup; do not begin at 1 again.")},
    {"no-terminal",
     both("要问您,但没有终端。", "A question must be asked, but there is no terminal."),
     both("确认内容后加 --yes。", "Give --yes once you are sure.")},
});

constexpr auto kPolicyFamilies = std::to_array<std::string_view>(
    {"policy-", "link-", "label-", "recipient-", "submitter-", "size-", "approvers-", "approval-",
     "zone-", "product-", "declassifier-"});

constexpr auto kUsageFamilies = std::to_array<std::string_view>(
    {"usage-", "file-missing", "file-exists", "pki-", "name-", "media-type-", "submission-",
     "label-", "source-not-a-file", "identity-", "no-terminal", "review-not-pending", "config-",
     "transfer-unknown"});
constexpr auto kAuthenticationFamilies = std::to_array<std::string_view>(
    {"tls-", "certificate-", "package-not-for-us", "approval-", "review-", "file-forbidden"});
constexpr auto kInternalFamilies = std::to_array<std::string_view>({"http-", "disk-full"});

template <std::size_t N>
bool among(std::string_view reason, const std::array<std::string_view, N>& families) {
  return std::ranges::any_of(families, [&](auto start) { return reason.starts_with(start); });
}

}  // namespace

std::span<const Explanation> explanations() { return kExplanations; }

const Explanation* explain(std::string_view reason) {
  const Explanation* best = nullptr;
  for (const Explanation& one : kExplanations) {
    const bool fits =
        one.reason == reason || (one.reason.ends_with('-') && reason.starts_with(one.reason));
    if (fits && (best == nullptr || one.reason.size() > best->reason.size())) best = &one;
  }
  return best;
}

bool is_policy_reason(std::string_view reason) { return among(reason, kPolicyFamilies); }

Exit exit_of(flow::State state, std::string_view reason) {
  switch (state) {
    case flow::State::emitted:
    case flow::State::acknowledged: return Exit::done;
    case flow::State::refused:
      return is_policy_reason(reason) ? Exit::refused_policy : Exit::refused_content;
    case flow::State::quarantined: return Exit::quarantined;
    case flow::State::withdrawn:
    case flow::State::expired: return Exit::withdrawn;
    case flow::State::received:
    case flow::State::verified:
    case flow::State::inspected:
    case flow::State::decided:
    case flow::State::transformed:
    case flow::State::checked:
    case flow::State::awaiting_approval:
    case flow::State::approved:
    case flow::State::cleared: break;
  }
  return Exit::pending;
}

Exit exit_of_http(int status) {
  switch (status) {
    case 401:
    case 403: return Exit::authentication;
    case 404:
    case 410:
    case 413: return Exit::usage;
    case 408:
    case 409:
    case 423:
    case 429:
    case 502:
    case 503:
    case 504:
    case 507: return Exit::network;
    default: break;
  }
  return status >= 500 ? Exit::internal : Exit::integrity;
}

Exit exit_of(const Error& error) {
  const std::string_view reason = error.reason();
  if (reason.starts_with("network-")) return Exit::network;
  if (among(reason, kUsageFamilies)) return Exit::usage;
  if (error.code() == ErrorCode::corrupt) return Exit::integrity;
  if (among(reason, kAuthenticationFamilies)) return Exit::authentication;
  if (among(reason, kInternalFamilies)) return Exit::internal;
  switch (error.code()) {
    case ErrorCode::malformed:
    case ErrorCode::corrupt: return Exit::integrity;
    case ErrorCode::forbidden:
      return reason.starts_with("warrant-") || reason.starts_with("checkpoint-") ||
                     reason.starts_with("proof-") || reason.starts_with("policy-") ||
                     reason.starts_with("release-") || reason.starts_with("story-")
                 ? Exit::integrity
                 : Exit::authentication;
    case ErrorCode::unavailable: return Exit::network;
    case ErrorCode::exhausted:
    case ErrorCode::internal: break;
  }
  return Exit::internal;
}

}  // namespace hangu::cli
