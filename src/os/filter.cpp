#include "os/filter.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <set>
#include <string>

#include <seccomp.h>

namespace hangu::os {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "name the AUDIT_ARCH of this architecture and check the argument order of clone()"
#endif
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "argument offsets assume it");

constexpr std::uint32_t kForeignAbiBit = 0x4000'0000;  ///< x32 numbers on x86-64
constexpr std::uint32_t kNewestKnownCall = 450;        ///< set_mempolicy_home_node (Linux 5.17)
constexpr std::size_t kInstructionsMax = BPF_MAXINSNS;

/// Program collects BPF instructions; jumps are given as "skip the next n unless".
class Program {
 public:
  void load(std::uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset); }
  void keep_bits(std::uint32_t mask) { add(BPF_ALU | BPF_AND | BPF_K, 0, 0, mask); }
  void answer(Answer answer) { add(BPF_RET | BPF_K, 0, 0, static_cast<std::uint32_t>(answer)); }
  /// Skips the next `n` instructions unless the accumulator equals `value`.
  void skip_unless_equal(std::uint32_t value, std::uint8_t n) {
    add(BPF_JMP | BPF_JEQ | BPF_K, 0, n, value);
  }
  void skip_if_equal(std::uint32_t value, std::uint8_t n) {
    add(BPF_JMP | BPF_JEQ | BPF_K, n, 0, value);
  }
  /// Skips the next `n` instructions unless the accumulator is `value` or more.
  void skip_unless_at_least(std::uint32_t value, std::uint8_t n) {
    add(BPF_JMP | BPF_JGE | BPF_K, 0, n, value);
  }
  [[nodiscard]] std::vector<sock_filter>& instructions() { return out_; }

 private:
  void add(int code, std::uint8_t when_true, std::uint8_t when_false, std::uint32_t k) {
    out_.push_back({static_cast<std::uint16_t>(code), when_true, when_false, k});
  }
  std::vector<sock_filter> out_;
};

constexpr std::size_t kAlternativeInstructions = 4;
constexpr std::size_t kAlternativesMax = 60;  ///< keeps the jump over a rule within 8 bits

void add_rule(Program& program, std::uint32_t number, const CallRule& rule) {
  HANGU_ASSERT(rule.alternatives.size() <= kAlternativesMax);
  const std::size_t length = rule.alternatives.size() * kAlternativeInstructions + 1;
  program.skip_unless_equal(number, static_cast<std::uint8_t>(length));
  for (const Alternative& alternative : rule.alternatives) {
    const ArgumentTest& test = alternative.test;
    program.load(static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                            test.index * sizeof(std::uint64_t)));
    program.keep_bits(test.mask);
    program.skip_unless_equal(test.value, 1);
    program.answer(alternative.answer);
  }
  program.answer(rule.otherwise);
}

}  // namespace

Answer answer_allow() { return Answer{SECCOMP_RET_ALLOW}; }
Answer answer_kill() { return Answer{SECCOMP_RET_KILL_PROCESS}; }
Answer answer_errno(int os_error) {
  return Answer{SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(os_error) & SECCOMP_RET_DATA)};
}

Done install_filter(const std::vector<CallRule>& rules, Answer otherwise, bool log_refusals) {
  Program program;
  program.load(offsetof(seccomp_data, arch));
  program.skip_if_equal(kArchitecture, 1);
  program.answer(answer_kill());
  program.load(offsetof(seccomp_data, nr));
  program.skip_unless_at_least(kForeignAbiBit, 1);
  program.answer(answer_kill());
  program.skip_unless_at_least(kNewestKnownCall + 1, 1);
  program.answer(answer_errno(ENOSYS));

  std::set<int> seen;
  for (const CallRule& rule : rules) {
    const int number = seccomp_syscall_resolve_name(std::string(rule.name).c_str());
    if (number == __NR_SCMP_ERROR) {
      return fail(ErrorCode::internal, "sandbox-failed", "no such call: " + std::string(rule.name));
    }
    if (number < 0 || !seen.insert(number).second) continue;  // not on this architecture, or twice
    add_rule(program, static_cast<std::uint32_t>(number), rule);
  }
  program.answer(otherwise);

  auto& instructions = program.instructions();
  if (instructions.size() > kInstructionsMax) {
    return fail(ErrorCode::internal, "sandbox-failed", "the filter is too long");
  }
  const sock_fprog code{.len = static_cast<unsigned short>(instructions.size()),
                        .filter = instructions.data()};
  const unsigned long flags =
      SECCOMP_FILTER_FLAG_TSYNC | (log_refusals ? SECCOMP_FILTER_FLAG_LOG : 0UL);
  const long result = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &code);
  if (result != 0) {  // positive: the thread that could not follow
    return fail(ErrorCode::internal, "sandbox-failed", "seccomp", result < 0 ? errno : 0);
  }
  return {};
}

}  // namespace hangu::os
