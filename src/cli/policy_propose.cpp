// hangu policy sign-catalogue, propose, sign, unpack: how people turn texts into a bundle that a
// gateway takes. Each signs with a key of his own, on a machine of his own.
// docs/protocols/policy-release.md.

#include <filesystem>
#include <limits>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/draft_file.hpp"
#include "cli/pem_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_bundle.hpp"
#include "cli/policy_file.hpp"
#include "cli/values.hpp"
#include "os/file.hpp"
#include "policy/signed_document.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kSignedCatalogue = both("目录已签署", "the catalogue is signed");
constexpr Bilingual kProposed =
    both("策略包已写好并签署;交给下一位签署人",
         "the bundle is written and signed; give it to the next signer");
constexpr Bilingual kSigned = both("已签署", "signed");
constexpr Bilingual kSignatures = both("签名", "signatures");
constexpr Bilingual kRelease = both("发布号", "release");

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  const Result<Bytes> bytes = os::read_file(path, bytes_max);
  if (!bytes) return std::unexpected(about_file(bytes.error(), path));
  return std::string(text_of(*bytes));
}

/// Writes a file that is not there yet.
Done write_new(const std::string& path, std::string_view text) {
  HANGU_TRY(DraftFile draft, DraftFile::create(path));
  HANGU_CHECK(os::write_all(draft.file(), bytes_of(text)));
  return draft.finish();
}

Result<Exit> run_sign_catalogue(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("catalogue");
  HANGU_TRY(const std::string text, read_text(path, policy::kPolicyBytesMax));
  const Result<policy::Catalogue> names = policy::Catalogue::parse(text);
  if (!names) return std::unexpected(names.error().within(path));
  HANGU_TRY(const PersonalKey signer, load_signing_key("--key", arguments.text("key")));
  HANGU_TRY(const std::string envelope,
            policy::sign_document(policy::kCataloguePayloadType, text, signer.key));
  HANGU_CHECK(write_new(arguments.text("output"), envelope));
  const std::string name = names->id + "@" + std::to_string(names->version);
  session.console.line(name + ": " + std::string(session.console.say(kSignedCatalogue)));
  session.console.event("catalogue-signed",
                        {{"catalogue", name}, {"key", signer.key.verify_key().id()}});
  return Exit::done;
}

Result<std::uint32_t> release_of(const Arguments& arguments) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (arguments.has("release")) {
    HANGU_TRY(const std::int64_t number,
              parse_number("--release", arguments.text("release"), 1, kMost));
    return static_cast<std::uint32_t>(number);
  }
  if (!arguments.has("replaces")) return 1;
  HANGU_TRY(const BundleFile before, read_bundle(arguments.text("replaces")));
  if (before.bundle.release == kMost)
    return usage("--replaces", "no release is above " + std::to_string(before.bundle.release));
  return before.bundle.release + 1;
}

void tell_signed(Session& session, const Bilingual& what, const flow::Envelope& envelope,
                 const policy::Bundle& bundle) {
  Console& console = session.console;
  const std::string digest = policy::digest_of(envelope);
  console.line(std::string(console.say(what)) + ": " + std::string(console.say(kRelease)) + " " +
               std::to_string(bundle.release) + "; " + std::string(console.say(kSignatures)) +
               ": " + std::to_string(envelope.signatures.size()) + "; sha256 " + digest);
  console.event("bundle-signed", {{"release", bundle.release},
                                  {"bundle", digest},
                                  {"signatures", envelope.signatures.size()}});
}

Result<Exit> run_propose(Session& session, const Arguments& arguments) {
  const std::string path = arguments.text("policy");
  policy::Bundle bundle;
  HANGU_TRY(bundle.policy, read_text(path, policy::kPolicyBytesMax));
  HANGU_TRY(bundle.catalogue, read_text(arguments.text("catalogue"), kStatementBytesMax));
  if (arguments.has("parent")) {
    HANGU_TRY(bundle.parent, read_text(arguments.text("parent"), kStatementBytesMax));
  }
  HANGU_TRY(bundle.release, release_of(arguments));
  const Result<flow::Envelope> names = flow::Envelope::parse(bundle.catalogue);
  if (!names) return std::unexpected(names.error().within(arguments.text("catalogue")));
  HANGU_TRY(const bool passes,
            pass_gate(session, arguments, bundle, std::string(text_of(names->payload)), path));
  if (!passes) return Exit::integrity;
  HANGU_TRY(const PersonalKey signer, load_signing_key("--key", arguments.text("key")));
  HANGU_TRY(const flow::Envelope envelope,
            flow::Envelope::sign(std::string(policy::kBundlePayloadType),
                                 to_bytes(bundle.to_text()), signer.key));
  const std::string text = envelope.to_text();
  if (text.size() > kStatementBytesMax)
    return fail(ErrorCode::exhausted, "file-too-long", printable(path));
  HANGU_CHECK(write_new(arguments.text("output"), text));
  tell_signed(session, kProposed, envelope, bundle);
  return Exit::done;
}

Result<Exit> run_sign(Session& session, const Arguments& arguments) {
  HANGU_TRY(BundleFile file, read_bundle(arguments.text("bundle")));
  HANGU_TRY(const bool passes,
            pass_gate(session, arguments, file.bundle, file.catalogue, file.path));
  if (!passes) return Exit::integrity;
  HANGU_TRY(const PersonalKey signer, load_signing_key("--key", arguments.text("key")));
  HANGU_CHECK(add_signature(file.envelope, signer, file.path));
  tell_signed(session, kSigned, file.envelope, file.bundle);
  return Exit::done;
}

Result<Exit> run_unpack(Session& session, const Arguments& arguments) {
  HANGU_TRY(const BundleFile file, read_bundle(arguments.text("bundle")));
  const std::string folder = arguments.text("output");
  HANGU_CHECK(os::make_folders(folder, 0755));
  const auto out = [&](const char* name, const std::string& text) -> Done {
    if (text.empty()) return {};
    HANGU_CHECK(write_new(folder + "/" + name, text));
    session.console.line(folder + "/" + name);
    session.console.event("unpacked", {{"file", folder + "/" + name}});
    return {};
  };
  HANGU_CHECK(out("policy.toml", file.bundle.policy));
  HANGU_CHECK(out("catalogue.toml", file.catalogue));
  HANGU_CHECK(out("catalogue.toml.dsse", file.bundle.catalogue));
  HANGU_CHECK(out("parent.bundle", file.bundle.parent));
  return Exit::done;
}

OptionSpec bundle_argument() {
  return {"bundle", "FILE", both("策略包", "the bundle"), OptionKind::positional, true};
}

OptionSpec output_option(const Bilingual& help, const char* kind) {
  return {"--output", kind, help, OptionKind::value, true};
}

}  // namespace

CommandSpec policy_sign_catalogue_command() {
  return {"sign-catalogue",
          both("定密责任人签署目录", "a classification authority signs a catalogue"),
          {{"catalogue", "FILE", both("目录文件(TOML)", "the catalogue file (TOML)"),
            OptionKind::positional, true},
           signer_option(),
           output_option(both("签署后的目录", "the signed catalogue"), "FILE")},
          run_sign_catalogue,
          {}};
}

CommandSpec policy_propose_command() {
  return {"propose",
          both("检查策略,写成策略包并签署", "checks a policy, makes a bundle of it and signs that"),
          {{"policy", "FILE", both("策略文件(TOML)", "the policy file (TOML)"),
            OptionKind::positional, true},
           {"--catalogue", "FILE", both("签署过的目录", "the signed catalogue"), OptionKind::value,
            true},
           signer_option(),
           output_option(both("策略包", "the bundle"), "FILE"),
           replaces_option(),
           {"--parent", "BUNDLE", both("上级的策略包", "the parent's bundle")},
           {"--release", "N",
            both("发布号(默认:比 --replaces 的大 1,否则 1)",
                 "the release (default: one above that of --replaces, else 1)")}},
          run_propose,
          {}};
}

CommandSpec policy_sign_command() {
  return {"sign",
          both("检查策略包并加上自己的签名", "checks a bundle and adds a signature to it"),
          {bundle_argument(), signer_option(), replaces_option()},
          run_sign,
          {}};
}

CommandSpec policy_unpack_command() {
  return {"unpack",
          both("取出策略包中的策略和目录", "writes out what a bundle holds"),
          {bundle_argument(), output_option(both("文件夹", "the folder"), "DIR")},
          run_unpack,
          {}};
}

}  // namespace hangu::cli
