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

OptionSpec catalogue_option() {
  return {"--catalogue", "FILE", both("目录文件(TOML)", "the catalogue file (TOML)"),
          OptionKind::value, true};
}

std::vector<OptionSpec> policy_file_options() {
  return {{"policy", "FILE", both("策略文件(TOML)", "the policy file (TOML)"),
           OptionKind::positional, true},
          catalogue_option()};
}

Result<PolicyFile> read_policy_file(const Arguments& arguments, std::string_view word) {
  PolicyFile out{.path = arguments.text(word), .catalogue = {}, .reading = {}};
  const std::string named = arguments.text("catalogue");
  HANGU_TRY(const std::string catalogue, read_text(named));
  HANGU_TRY(const std::string text, read_text(out.path));
  Result<policy::Catalogue> names = policy::Catalogue::parse(catalogue);
  if (!names) return std::unexpected(names.error().within(named));
  out.catalogue = *std::move(names);
  Result<policy::PolicyReading> reading = policy::read_policy(text, out.catalogue);
  if (!reading) return std::unexpected(reading.error().within(out.path));
  out.reading = *std::move(reading);
  return out;
}

Result<PolicyFile> read_good_policy_file(const Arguments& arguments, std::string_view word) {
  HANGU_TRY(PolicyFile file, read_policy_file(arguments, word));
  if (!file.reading.problems.empty())
    return std::unexpected(file.reading.problems.front().within(file.path));
  return file;
}

std::string place_in(const std::string& path, std::string_view place) {
  constexpr std::string_view kLine = "line ";
  if (place.starts_with(kLine)) place.remove_prefix(kLine.size());
  return path + (place.empty() ? "" : ":") + std::string(place);
}

}  // namespace hangu::cli
