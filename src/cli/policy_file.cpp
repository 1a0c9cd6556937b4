#include "cli/policy_file.hpp"

#include "cli/phrases.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

Result<std::string> read_text(const std::string& path) {
  const Result<Bytes> bytes = os::read_file(path, policy::kPolicyBytesMax);
  if (!bytes) return std::unexpected(about_file(bytes.error(), path));
  return std::string(text_of(*bytes));
}

}  // namespace

Result<Exit> settle_policy(Session& session, Result<Exit> exit) {
  if (exit) return exit;
  const std::string_view reason = exit.error().reason();
  const bool of_content = reason.starts_with("config-") || reason.starts_with("policy-") ||
                          reason.starts_with("catalogue-") || reason.starts_with("text-") ||
                          reason.starts_with("xml-") || reason.starts_with("spif-");
  if (!of_content) return exit;
  session.console.error(exit.error());
  return Exit::integrity;
}

OptionSpec catalogue_option() {
  return {"--catalogue", "FILE", both("目录文件(TOML)", "the catalogue file (TOML)"),
          OptionKind::value, true};
}

std::vector<OptionSpec> policy_file_options() {
  return {{"policy", "FILE", both("策略文件(TOML)", "the policy file (TOML)"),
           OptionKind::positional, true},
          catalogue_option()};
}

Result<PolicyFile> read_policy_file(const Arguments& arguments, std::string_view word,
                                    std::string_view option) {
  PolicyFile out{.path = arguments.text(word), .catalogue = {}, .reading = {}};
  const std::string named = arguments.text(option);
  HANGU_TRY(const std::string catalogue, read_text(named));
  HANGU_TRY(const std::string text, read_text(out.path));
  Result<policy::Catalogue> names = policy::Catalogue::parse(catalogue);
  if (!names) return std::unexpected(placed_in(names.error(), named));
  out.catalogue = *std::move(names);
  Result<policy::PolicyReading> reading = policy::read_policy(text, out.catalogue);
  if (!reading) return std::unexpected(placed_in(reading.error(), out.path));
  out.reading = *std::move(reading);
  return out;
}

Result<PolicyFile> read_good_policy_file(const Arguments& arguments, std::string_view word,
                                         std::string_view catalogue) {
  HANGU_TRY(PolicyFile file, read_policy_file(arguments, word, catalogue));
  if (!file.reading.problems.empty())
    return std::unexpected(placed_in(file.reading.problems.front(), file.path));
  return file;
}

Error placed_in(const Error& error, const std::string& path) {
  const std::string& context = error.context();
  const std::size_t colon = context.find(": ");
  if (!context.starts_with("line ") || colon == std::string::npos) return error.within(path);
  return {error.code(), error.reason(),
          place_in(path, std::string_view(context).substr(0, colon)) + context.substr(colon)};
}

std::string place_in(const std::string& path, std::string_view place) {
  constexpr std::string_view kLine = "line ";
  if (place.starts_with(kLine)) place.remove_prefix(kLine.size());
  return path + (place.empty() ? "" : ":") + std::string(place);
}

}  // namespace hangu::cli
