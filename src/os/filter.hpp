#pragma once
// A seccomp filter from a table: rules in order, each a system call with argument tests. This
// file knows how BPF looks; call_table.cpp knows what is allowed.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hangu::os {

/// What the kernel does with a call: the 32-bit value a filter returns.
enum class Answer : std::uint32_t {};

[[nodiscard]] Answer answer_allow();
[[nodiscard]] Answer answer_kill();
[[nodiscard]] Answer answer_errno(int os_error);

/// True when (low 32 bits of argument `index`) & `mask` == `value`. Every argument tested here is
/// an int or a flag word whose upper half the kernel ignores.
struct ArgumentTest {
  std::uint32_t index;
  std::uint32_t mask;
  std::uint32_t value;
};

/// One way a call may be made: the answer when the test holds.
struct Alternative {
  ArgumentTest test;
  Answer answer;
};

/// CallRule: the first alternative that holds answers, else `otherwise`.
struct CallRule {
  std::string_view name;
  std::vector<Alternative> alternatives;
  Answer otherwise;
};

/// Installs the filter for all threads of the process. The first rule of a name wins. A name that
/// this architecture does not have is skipped; one that no architecture has is Internal
/// "sandbox-failed" (a spelling mistake). A foreign architecture's call kills the process; a call
/// newer than the table answers ENOSYS, as on an older kernel.
[[nodiscard]] Done install_filter(const std::vector<CallRule>& rules, Answer otherwise,
                                  bool log_refusals);

}  // namespace hangu::os
