#include "cli/pdf_tool.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.hpp"
#include "cli/identity.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

namespace hangu::cli {
namespace {

constexpr const char* kTool = "/usr/bin/weasyprint";
constexpr std::chrono::milliseconds kToolTime{300'000};
constexpr std::size_t kLastWordsBytesMax = 64 * 1024;
constexpr std::size_t kToldBytesMax = 400;
constexpr int kExecFailed = 127;

std::unexpected<Error> failed(std::string why, int os_error = 0) {
  return fail(ErrorCode::internal, "pdf-tool-failed", std::move(why), os_error);
}

/// In the child: its three streams, no network where that can be had, and the tool.
[[noreturn]] void become_tool(os::FdView html, os::FdView pdf, os::FdView messages) {
  const bool placed = ::dup2(html.get(), STDIN_FILENO) >= 0 &&
                      ::dup2(pdf.get(), STDOUT_FILENO) >= 0 &&
                      ::dup2(messages.get(), STDERR_FILENO) >= 0;
  if (!placed) ::_exit(kExecFailed);
  // Who may make neither goes on: the HTML names nothing that could be fetched.
  if (::unshare(CLONE_NEWNET) != 0) (void)::unshare(CLONE_NEWUSER | CLONE_NEWNET);
  std::array<std::string, 6> words{kTool, "--encoding", "utf-8", "--base-url=about:blank",
                                   "-",   "-"};
  std::array<std::string, 3> variables{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent"};
  std::array<char*, words.size() + 1> arguments{};
  std::array<char*, variables.size() + 1> environment{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments.at(i) = words.at(i).data();
  for (std::size_t i = 0; i < variables.size(); ++i) environment.at(i) = variables.at(i).data();
  ::execve(kTool, arguments.data(), environment.data());
  ::_exit(kExecFailed);
}

/// The tool's last words, for the error.
std::string last_words(os::FdView messages) {
  const Result<Bytes> bytes = os::read_file(messages, kLastWordsBytesMax);
  if (!bytes) return {};
  const std::string_view text = text_of(*bytes);
  return printable(text.substr(text.size() > kToldBytesMax ? text.size() - kToldBytesMax : 0),
                   kToldBytesMax);
}

}  // namespace

Done make_pdf(const std::string& html, os::FdView folder, os::FdView pdf) {
  if (!path_exists(kTool))
    return fail(ErrorCode::internal, "pdf-tool-missing",
                std::string(kTool) + ": apt install weasyprint fonts-noto-cjk");
  HANGU_TRY(const os::UniqueFd input, os::create_unnamed(folder));
  HANGU_TRY(const os::UniqueFd messages, os::create_unnamed(folder));
  HANGU_CHECK(os::write_all_at(input.view(), 0, bytes_of(html)));
  const pid_t child = ::fork();
  if (child < 0) return failed("fork", errno);
  if (child == 0) become_tool(input.view(), pdf, messages.view());
  HANGU_TRY(const std::optional<int> status, os::wait_for(child, kToolTime));
  if (!status) {
    ::kill(child, SIGKILL);
    (void)os::wait_for(child, kToolTime).has_value();
    return failed("it takes too long");
  }
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) return failed(last_words(messages.view()));
  HANGU_TRY(const std::uint64_t size, os::file_size(pdf));
  if (size == 0) return failed("it wrote nothing");
  return {};
}

}  // namespace hangu::cli
