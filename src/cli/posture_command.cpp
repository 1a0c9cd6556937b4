// hangu posture order, sign: an officer's switch, written and signed away from the gateway.
// docs/protocols/policy.md §12.

#include <limits>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/pem_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/values.hpp"
#include "os/file.hpp"
#include "policy/posture.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kSignatures = both("签名", "signatures");
constexpr Bilingual kOrder = both("态势命令", "posture order");

void tell(Session& session, const flow::Envelope& envelope, const policy::PostureOrder& order) {
  Console& console = session.console;
  console.line(std::string(console.say(kOrder)) + " " + std::to_string(order.number) + ": " +
               order.gateway + " -> " + std::string(policy::to_text(order.posture)) + "; " +
               printable(order.reason) + "; " + std::string(console.say(kSignatures)) + ": " +
               std::to_string(envelope.signatures.size()));
  console.event("posture-order", {{"gateway", order.gateway},
                                  {"number", order.number},
                                  {"posture", policy::to_text(order.posture)},
                                  {"reason", order.reason},
                                  {"signatures", envelope.signatures.size()}});
}

Result<Exit> run_order(Session& session, const Arguments& arguments) {
  policy::PostureOrder order;
  HANGU_TRY(order.at, session.clock.now());
  order.gateway = arguments.text("gateway");
  HANGU_TRY(const std::int64_t number, parse_number("--number", arguments.text("number"), 1,
                                                    std::numeric_limits<std::uint32_t>::max()));
  order.number = static_cast<std::uint32_t>(number);
  HANGU_TRY(order.posture,
            from_option("POSTURE", policy::parse_posture(arguments.text("posture"))));
  order.reason = arguments.text("reason");
  HANGU_CHECK(from_option("--reason", policy::PostureOrder::parse(order.to_text())));
  HANGU_TRY(const PersonalKey signer, load_signing_key("--key", arguments.text("key")));
  HANGU_TRY(const flow::Envelope envelope,
            flow::Envelope::sign(std::string(policy::kPosturePayloadType),
                                 to_bytes(order.to_text()), signer.key));
  HANGU_TRY(DraftFile draft, DraftFile::create(arguments.text("output")));
  HANGU_CHECK(os::write_all(draft.file(), bytes_of(envelope.to_text())));
  HANGU_CHECK(draft.finish());
  tell(session, envelope, order);
  return Exit::done;
}

Result<Exit> run_sign(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("order");
  const Result<Bytes> bytes = os::read_file(path, kStatementBytesMax);
  if (!bytes) return std::unexpected(about_file(bytes.error(), path));
  HANGU_TRY(flow::Envelope envelope, flow::Envelope::parse(text_of(*bytes)));
  HANGU_TRY(const policy::PostureOrder order, policy::posture_order_in(envelope));
  HANGU_TRY(const PersonalKey signer, load_signing_key("--key", arguments.text("key")));
  HANGU_CHECK(add_signature(envelope, signer, path));
  tell(session, envelope, order);
  return Exit::done;
}

}  // namespace

CommandSpec posture_command() {
  return {
      "posture",
      both("运行态势:正常、只导入、停止", "posture of a gateway: normal, import-only, stop"),
      {},
      {},
      {{"order",
        both("写一份态势命令并签署", "writes an order and signs it"),
        {{"posture", "POSTURE", both("normal、import-only 或 stop", "normal, import-only or stop"),
          OptionKind::positional, true},
         {"--gateway", "NAME", both("网关名", "the gateway's name"), OptionKind::value, true},
         {"--number", "N",
          both("序号:上一份命令的序号加 1(hangu posture show)",
               "one above the last order's (hangu posture show)"),
          OptionKind::value, true},
         {"--reason", "TEXT", both("理由", "why"), OptionKind::value, true},
         signer_option(),
         {"--output", "FILE", both("命令文件", "the order's file"), OptionKind::value, true}},
        run_order,
        {}},
       {"sign",
        both("在态势命令上加自己的签名", "adds a signature to an order"),
        {{"order", "FILE", both("命令文件", "the order's file"), OptionKind::positional, true},
         signer_option()},
        run_sign,
        {}}}};
}

}  // namespace hangu::cli
