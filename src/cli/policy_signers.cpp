// hangu policy enrol: who may sign policies, as a list that a gateway trusts
// (anchors/signers.json). docs/protocols/policy-release.md §2.

#include "cli/commands.hpp"
#include "cli/pem_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_bundle.hpp"
#include "os/file.hpp"
#include "policy/signers.hpp"

namespace hangu::cli {
namespace {

constexpr unsigned kListMode = 0644;

/// Those of the list so far; a list that is not there yet has none.
Result<std::vector<policy::Signer>> signers_in(const std::string& path) {
  Result<policy::Signers> list = policy::Signers::load(path);
  if (list) return list->all();
  if (list.error().reason() == "file-missing") return std::vector<policy::Signer>();
  return std::unexpected(about_file(list.error(), path));
}

Result<Exit> run_enrol(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("list");
  HANGU_TRY(const policy::Duty duty,
            from_option("--duty", policy::parse_duty(arguments.text("duty"))));
  HANGU_TRY(const crypto::VerifyKey key, load_verify_key("--key", arguments.text("key")));
  HANGU_TRY(std::vector<policy::Signer> signers, signers_in(path));
  signers.push_back({arguments.text("human"), arguments.text("organisation"), duty, {key}});
  HANGU_TRY(const policy::Signers list, policy::Signers::create(std::move(signers)));
  HANGU_TRY(const policy::Signers read, policy::Signers::parse(list.to_text()));
  HANGU_CHECK(os::write_file_durably(path, bytes_of(read.to_text()), kListMode));
  for (const policy::Signer& signer : read.all()) {
    session.console.line(signer.human + ": " + std::string(to_text(signer.duty)) + ", " +
                         signer.organisation);
    session.console.event("signer", {{"human", signer.human},
                                     {"duty", to_text(signer.duty)},
                                     {"organisation", signer.organisation}});
  }
  return Exit::done;
}

}  // namespace

CommandSpec policy_enrol_command() {
  return {
      "enrol",
      both("把一人列入可签署策略的名单", "enters somebody in a list of those who sign policies"),
      {{"list", "FILE", both("名单(没有则新建)", "the list; made when it is missing"),
        OptionKind::positional, true},
       {"--human", "NAME", both("姓名;每人只列一次", "the human being, who stands there once"),
        OptionKind::value, true},
       {"--duty", "DUTY",
        both("policy-officer、data-owner 或 classification-authority",
             "policy-officer, data-owner or classification-authority"),
        OptionKind::value, true},
       {"--organisation", "NAME", both("单位", "where they belong"), OptionKind::value, true},
       {"--key", "FILE", both("其证书文件或文件夹", "their certificate, or folder"),
        OptionKind::value, true}},
      run_enrol,
      {}};
}

}  // namespace hangu::cli
