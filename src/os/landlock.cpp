#include "os/landlock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/text.hpp"
#include "os/descriptor.hpp"

namespace hangu::os {
namespace {

// From linux/landlock.h; Debian 12's copy ends at version 2. The kernel takes a longer struct as
// long as the part that it does not know is zero.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;
  std::uint64_t scoped = 0;
};
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed_access = 0;
  std::int32_t parent_fd = -1;
};
struct NetPort {
  std::uint64_t allowed_access = 0;
  std::uint64_t port = 0;
};
constexpr unsigned kVersionFlag = 1;
constexpr int kRulePathBeneath = 1;
constexpr int kRuleNetPort = 2;

constexpr std::uint64_t bit(int n) { return std::uint64_t{1} << n; }
constexpr std::uint64_t kWriteFile = bit(1);
constexpr std::uint64_t kReadFile = bit(2);
constexpr std::uint64_t kReadDir = bit(3);
constexpr std::uint64_t kRemoveDir = bit(4);
constexpr std::uint64_t kRemoveFile = bit(5);
constexpr std::uint64_t kMakeDir = bit(7);
constexpr std::uint64_t kMakeRegular = bit(8);
constexpr std::uint64_t kRefer = bit(13);
constexpr std::uint64_t kTruncate = bit(14);
constexpr std::uint64_t kIoctlDevice = bit(15);

constexpr std::uint64_t kFirstVersionRights = bit(13) - 1;  ///< execute .. make_sym
constexpr std::uint64_t kBindTcp = bit(0);
constexpr std::uint64_t kConnectTcp = bit(1);
constexpr std::uint64_t kScopeAbstractUnix = bit(0);
constexpr std::uint64_t kScopeSignal = bit(1);

constexpr std::uint64_t kReading = kReadFile | kReadDir;
constexpr std::uint64_t kWriting =
    kReading | kWriteFile | kRemoveDir | kRemoveFile | kMakeDir | kMakeRegular | kRefer | kTruncate;
constexpr std::uint64_t kRightsOfFiles = kReadFile | kWriteFile | kTruncate;

/// Everything that version `abi` can close.
RulesetAttributes everything(int abi) {
  RulesetAttributes out;
  out.handled_access_fs = kFirstVersionRights;
  if (abi >= 2) out.handled_access_fs |= kRefer;
  if (abi >= 3) out.handled_access_fs |= kTruncate;
  if (abi >= 4) out.handled_access_net = kBindTcp | kConnectTcp;
  if (abi >= 5) out.handled_access_fs |= kIoctlDevice;
  if (abi >= 6) out.scoped = kScopeAbstractUnix | kScopeSignal;
  return out;
}

std::uint64_t rights_of(PathUse use) {
  switch (use) {
    case PathUse::read: return kReading;
    case PathUse::read_write: return kWriting;
    case PathUse::connect: return 0;  // reaching a UNIX socket needs no Landlock right
  }
  return 0;
}

std::unexpected<Error> failed(std::string context) {
  return fail(ErrorCode::internal, "sandbox-failed", std::move(context), errno);
}

Done add_path(FdView ruleset, const PathRule& rule, std::uint64_t handled) {
  const UniqueFd path(::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status{};
  if (!path.valid() || ::fstat(path.get(), &status) != 0) return failed(printable(rule.path));
  PathBeneath beneath{.allowed_access = rights_of(rule.use) & handled, .parent_fd = path.get()};
  if (!S_ISDIR(status.st_mode)) beneath.allowed_access &= kRightsOfFiles;
  if (beneath.allowed_access == 0) return {};
  if (::syscall(SYS_landlock_add_rule, ruleset.get(), kRulePathBeneath, &beneath, 0) != 0) {
    return failed("Landlock rule for " + printable(rule.path));
  }
  return {};
}

}  // namespace

int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersionFlag);
  return abi > 0 ? static_cast<int>(abi) : 0;  // ENOSYS, EOPNOTSUPP
}

Result<int> restrict_paths(const std::vector<PathRule>& paths,
                           const std::vector<std::uint16_t>& tcp_ports) {
  const int abi = landlock_abi();
  if (abi == 0) return 0;
  const RulesetAttributes attributes = everything(abi);
  const UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset.valid()) return failed("Landlock ruleset");
  for (const PathRule& rule : paths) {
    HANGU_CHECK(add_path(ruleset.view(), rule, attributes.handled_access_fs));
  }
  for (const std::uint16_t port : tcp_ports) {
    const NetPort rule{.allowed_access = kConnectTcp, .port = port};
    if (attributes.handled_access_net != 0 &&  // an older kernel does not govern TCP
        ::syscall(SYS_landlock_add_rule, ruleset.get(), kRuleNetPort, &rule, 0) != 0)
      return failed("Landlock rule for TCP port " + std::to_string(port));
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return failed("Landlock");
  return abi;
}

}  // namespace hangu::os
