#include "cli/command.hpp"

#include <array>

#include "base/text.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {

std::string Arguments::text(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() || at->second.empty() ? std::string() : at->second.front();
}

std::vector<std::string> Arguments::list(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? std::vector<std::string>() : at->second;
}

std::span<const OptionSpec> common_options() {
  static const std::array<OptionSpec, 4> kCommon{
      OptionSpec{"--json", "",
                 both("结果写成 NDJSON 事件(stdout)", "results as NDJSON events on stdout"),
                 OptionKind::flag},
      OptionSpec{"--quiet", "", both("不写消息和进度", "no messages, no progress"),
                 OptionKind::flag},
      OptionSpec{"--no-color", "", both("不用颜色(同 NO_COLOR)", "no colours (as NO_COLOR)"),
                 OptionKind::flag},
      OptionSpec{"--lang", "zh|en", both("语言;默认看 LANG", "language; default: by LANG")}};
  return kCommon;
}

Error usage_error(std::string_view option, const Error& why) {
  return {ErrorCode::malformed, "usage-value", std::string(option) + ": " + why.message()};
}

Done check_not_dash(std::string_view option, std::string_view path) {
  if (path == "-") return fail(ErrorCode::malformed, "usage-dash", std::string(option));
  return {};
}

Error about_file(const Error& error, const std::string& path) {
  const std::string_view reason = error.reason();
  const bool of_a_file = reason == "disk-full" || reason.starts_with("file-") ||
                         reason == "write-failed" || reason == "sync-failed";
  const std::string name = printable(path);
  return of_a_file && error.context().find(name) == std::string::npos ? error.within(name) : error;
}

std::unexpected<Error> usage(std::string_view option, std::string why) {
  return fail(ErrorCode::malformed, "usage-value", std::string(option) + ": " + std::move(why));
}

}  // namespace hangu::cli
