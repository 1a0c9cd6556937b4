// Memory does not grow with the object. Measured in a child of its own, as the highest resident
// size over what it was before.

#include <sys/wait.h>

#include <fstream>

#include "package/folder.hpp"
#include "tests/unit/package/sample.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

#ifdef HANGU_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
constexpr std::uint64_t kObjectBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kMemoryBytesMax = std::uint64_t{64} << 20;

/// A line of /proc/self/status in bytes.
std::uint64_t status_bytes(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stoull(line.substr(name.size() + 1)) * 1024;
  return 0;
}

/// Runs `act` in a child; the memory that it took at its peak, or nothing when it failed.
std::optional<std::uint64_t> peak_of(const std::function<bool()>& act) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const os::UniqueFd from(ends[0]);
  os::UniqueFd to(ends[1]);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew
    const std::uint64_t before = status_bytes("VmRSS:");
    const bool good = act();
    std::array<std::byte, 8> peak{};
    store_u64(peak, status_bytes("VmHWM:") - before);
    const bool told = os::write_all(to.view(), peak).has_value();
    ::_exit(good && told ? 0 : 1);
  }
  to.reset();
  std::array<std::byte, 8> peak{};
  const auto got = os::read_some(from.view(), peak);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (status != 0 || !got || *got != peak.size()) return std::nullopt;
  return load_u64(peak);
}

}  // namespace

TEST_CASE("sealing and opening a large object takes at most 64 MiB of memory",
          "[package][memory]") {
  if (kSanitized) {
    SUCCEED("shadow memory is not ours to bound");
    return;
  }
  using Case = std::pair<crypto::Suite, unsigned>;
  for (const auto& [suite, threads] :
       {Case{crypto::Suite::intl, 1}, Case{crypto::Suite::intl, 2}, Case{crypto::Suite::intl, 64},
        Case{crypto::Suite::gm, 2}, Case{crypto::Suite::gm, 3}}) {
    Parties parties(suite);
    const unsigned count = threads;
    const os::UniqueFd source = memory_file();
    REQUIRE(::ftruncate(source.get(), static_cast<off_t>(kObjectBytes)) == 0);
    const os::UniqueFd sealed = memory_file();
    const os::UniqueFd opened = memory_file();

    const auto sealing = peak_of([&] {
      const package::SourceObject object{"big.bin", "application/octet-stream", source.view()};
      const package::StateObjects state = [&](const flow::ObjectTable& table) {
        return submission_of(table.rows(), parties.suite).to_statement().sign(parties.signer);
      };
      return package::seal({.suite = parties.suite,
                            .recipients = parties.recipients,
                            .objects = {&object, 1},
                            .state = state,
                            .threads = count,
                            .progress = {}},
                           sealed.view(), parties.entropy)
          .has_value();
    });
    REQUIRE(sealing.has_value());
    INFO(crypto::to_text(suite) << ", " << count << " threads: sealing took " << *sealing / 1024
                                << " KiB");
    CHECK(*sealing <= kMemoryBytesMax);

    const auto opening = peak_of([&] {
      const auto reader = package::Reader::open(sealed.view(), parties.opener);
      return reader && reader->extract(0, opened.view(), count).has_value();
    });
    REQUIRE(opening.has_value());
    INFO(crypto::to_text(suite) << ", " << count << " threads: opening took " << *opening / 1024
                                << " KiB");
    CHECK(*opening <= kMemoryBytesMax);
    CHECK(os::file_size(opened.view()).value_or(0) == kObjectBytes);
  }
}
