// hangu pki init | issue node|person|zone|gateway: the development PKI.

#include <arpa/inet.h>

#include <array>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/phrases.hpp"
#include "cli/pki.hpp"
#include "cli/values.hpp"

namespace hangu::cli {
namespace {

const OptionSpec kName{"name", "NAME",
                       both("名字:小写字母、数字、. _ -", "name: lower case, digits, . _ -"),
                       OptionKind::positional, true};

OptionSpec folder_option() {
  return {"--pki", "DIR", both("PKI 文件夹", "folder of the PKI"), OptionKind::value, true};
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

std::set<std::string> to_set(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

void tell_issued(Session& session, std::string_view kind, const Arguments& arguments,
                 const std::string& folder) {
  session.console.event("issued",
                        {{"kind", kind}, {"name", arguments.text("name")}, {"folder", folder}});
  session.console.line(folder);
  session.console.note(std::string(session.console.say(phrase::kIssued)) + ": " +
                       std::string(kind) + " " + arguments.text("name"));
}

Result<Pki> open_pki(Session& session, const Arguments& arguments) {
  return Pki::open(arguments.text("pki"), session.clock, session.entropy);
}

Result<Exit> run_init(Session& session, const Arguments& arguments) {
  const std::string folder = arguments.text("folder");
  HANGU_TRY(const Pki pki, Pki::init(folder, session.clock, session.entropy));
  session.console.event("pki", {{"folder", pki.folder()}});
  session.console.line(pki.folder());
  session.console.note(session.console.say(phrase::kPkiMade));
  return Exit::done;
}

Result<Exit> run_node(Session& session, const Arguments& arguments) {
  HANGU_TRY(const NodeId node, from_option("NAME", NodeId::create(arguments.text("name"))));
  const std::set<std::string> zones = to_set(split_lists(arguments.list("zone")));
  for (const std::string& zone : zones)
    if (const Result<ZoneId> checked = ZoneId::create(zone); !checked)
      return std::unexpected(usage_error("--zone", checked.error()));
  HANGU_TRY(Pki pki, open_pki(session, arguments));
  HANGU_TRY(const std::string folder, pki.issue_node(node, zones, arguments.text("organisation")));
  tell_issued(session, "node", arguments, folder);
  return Exit::done;
}

Result<Exit> run_person(Session& session, const Arguments& arguments) {
  HANGU_TRY(PersonId person, from_option("NAME", PersonId::create(arguments.text("name"))));
  HANGU_TRY(const flow::Secrecy secrecy,
            from_option("--clearance", flow::parse_secrecy(arguments.text("clearance"))));
  HANGU_TRY(const flow::DataGrade grade,
            from_option("--grade", flow::parse_data_grade(arguments.text("grade"))));
  HANGU_TRY(
      const crypto::SignatureAlgorithm algorithm,
      from_option("--algorithm", crypto::parse_signature_algorithm(arguments.text("algorithm"))));
  PersonPlan plan{std::move(person),
                  arguments.has("human") ? arguments.text("human") : arguments.text("name"),
                  arguments.text("organisation"),
                  to_set(split_lists(arguments.list("role"))),
                  secrecy,
                  grade,
                  algorithm};
  HANGU_TRY(Pki pki, open_pki(session, arguments));
  HANGU_TRY(const std::string folder, pki.issue_person(plan));
  tell_issued(session, "person", arguments, folder);
  return Exit::done;
}

Result<Exit> run_zone(Session& session, const Arguments& arguments) {
  HANGU_TRY(const ZoneId zone, from_option("NAME", ZoneId::create(arguments.text("name"))));
  std::set<std::string> names = to_set(split_lists(arguments.list("dns")));
  for (const std::string& address : split_lists(arguments.list("address"))) {
    if (!is_address(address)) return usage("--address", printable(address) + ": no IP address");
    names.insert("ip:" + address);
  }
  HANGU_TRY(Pki pki, open_pki(session, arguments));
  HANGU_TRY(const std::string folder, pki.issue_zone(zone, names));
  tell_issued(session, "zone", arguments, folder);
  return Exit::done;
}

Result<Exit> run_gateway(Session& session, const Arguments& arguments) {
  const std::string name = arguments.text("name");
  if (const Done fits = check_id(IdForm::name, name); !fits)
    return std::unexpected(usage_error("NAME", fits.error()));
  HANGU_TRY(Pki pki, open_pki(session, arguments));
  HANGU_TRY(const std::string folder, pki.issue_gateway(name));
  tell_issued(session, "gateway", arguments, folder);
  return Exit::done;
}

CommandSpec issue_command() {
  const OptionSpec organisation{"--organisation", "TEXT", both("所属单位", "organisation"),
                                OptionKind::value, true};
  return {
      "issue",
      both("签发证书和密钥,并登记到 people.json", "issue certificates and keys, and register them"),
      {},
      {},
      {{"node",
        both("节点:两个套件的签名与加密证书",
             "a node: signing and sealing certificates of both suites"),
        {kName,
         folder_option(),
         {"--zone", "ZONE", both("所在区域;可重复", "zone of the node; may be repeated"),
          OptionKind::list, true},
         organisation},
        run_node},
       {"person",
        both("人员:签署审批用的证书", "a person: a certificate to sign approvals with"),
        {kName,
         folder_option(),
         organisation,
         {"--human", "TEXT",
          both("自然人标识;同一人的几个名字只算一人(默认:NAME)",
               "the human being; several names of one count once (default: NAME)")},
         {"--role", "ROLE", both("角色;可重复", "role; may be repeated"), OptionKind::list},
         {"--clearance", "GRADE", both("可接触的最高密级", "highest secrecy that may be seen"),
          OptionKind::value, false, "open"},
         {"--grade", "GRADE", both("可接触的最高数据级别", "highest data grade that may be seen"),
          OptionKind::value, false, "general"},
         {"--algorithm", "ALGORITHM",
          both("ed25519、sm2 或 ecdsa-p256", "ed25519, sm2 or ecdsa-p256"), OptionKind::value,
          false, "ed25519"}},
        run_person},
       {"zone",
        both("区域:入口的 TLS 服务器证书", "a zone: the TLS server certificate of its entrances"),
        {kName,
         folder_option(),
         {"--address", "ADDRESS", both("IP 地址;可重复", "IP address; may be repeated"),
          OptionKind::list},
         {"--dns", "HOST", both("主机名;可重复", "host name; may be repeated"), OptionKind::list}},
        run_zone},
       {"gateway",
        both("网关:提交包的收件密钥", "a gateway: the keys that submissions are sealed for"),
        {kName, folder_option()},
        run_gateway}}};
}

}  // namespace

CommandSpec pki_command() {
  return {"pki",
          both("开发用公钥基础设施", "the development public-key infrastructure"),
          {},
          {},
          {{"init",
            both("建立两个签发机构、信任锚、安全保密管理员密钥和登记册",
                 "make both authorities, the anchors, the officer's key and the registry"),
            {{"folder", "DIR", both("新文件夹", "a new folder"), OptionKind::positional, true}},
            run_init},
           issue_command(),
           pki_grant_command()}};
}

}  // namespace hangu::cli
