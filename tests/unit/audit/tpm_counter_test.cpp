// The counter in a TPM: a real one in software (swtpm), on a socket of this test.

#include "audit/tpm/tpm_counter.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

/// swtpm with its state below `folder`; stopped by its process id.
class SoftwareTpm {
 public:
  explicit SoftwareTpm(const std::filesystem::path& folder) : port_(port()) {
    std::filesystem::create_directories(folder);
    std::vector<std::string> words{"swtpm",
                                   "socket",
                                   "--tpm2",
                                   "--tpmstate",
                                   "dir=" + folder.string(),
                                   "--server",
                                   "type=tcp,bindaddr=127.0.0.1,port=" + std::to_string(port_),
                                   "--ctrl",
                                   "type=tcp,bindaddr=127.0.0.1,port=" + std::to_string(port_ + 1),
                                   "--flags",
                                   "not-need-init"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::posix_spawnp(&child_, "swtpm", nullptr, nullptr, arguments.data(), ::environ) != 0)
      child_ = -1;
  }
  ~SoftwareTpm() {
    if (child_ <= 0) return;
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  SoftwareTpm(const SoftwareTpm&) = delete;
  SoftwareTpm& operator=(const SoftwareTpm&) = delete;

  [[nodiscard]] std::string tcti() const {
    return "swtpm:host=127.0.0.1,port=" + std::to_string(port_);
  }
  /// Connects, once the program listens; a few seconds at most.
  [[nodiscard]] Result<std::unique_ptr<MonotonicCounter>> open() const {
    for (int i = 0; i < 100; ++i) {
      auto counter = open_tpm_counter(tcti());
      if (counter || counter.error().reason() != "counter-unavailable") return counter;
      ::usleep(50'000);
    }
    return open_tpm_counter(tcti());
  }

 private:
  /// Two ports of this process's own twenty, below those that the system gives out: processes that
  /// run side by side have numbers close together, and no port in common.
  static int port() {
    constexpr int kFirst = 12'000;
    constexpr int kOwn = 20;
    static int used = 0;
    const int port = kFirst + static_cast<int>(::getpid() % 1000) * kOwn + used;
    used = (used + 2) % kOwn;
    return port;
  }
  int port_;
  pid_t child_ = -1;
};

}  // namespace

TEST_CASE("a TPM's counter only rises, over restarts too", "[audit][tpm]") {
  const TestFolder folder;
  std::uint64_t last = 0;
  {
    const SoftwareTpm tpm(folder / "tpm");
    auto counter = tpm.open();
    INFO((counter ? std::string() : counter.error().message()));
    REQUIRE(counter);
    CHECK((*counter)->kind() == "tpm");
    last = (*counter)->read().value();
    CHECK((*counter)->raise().value() == last + 1);
    CHECK((*counter)->raise().value() == last + 2);
    CHECK((*counter)->read().value() == last + 2);
  }
  const SoftwareTpm again(folder / "tpm");
  auto counter = again.open();
  REQUIRE(counter);
  CHECK((*counter)->read().value() == last + 2);
  CHECK((*counter)->raise().value() == last + 3);
}

TEST_CASE("a TPM's counter that was defined and never raised is given its first value, as new",
          "[audit][tpm]") {
  const TestFolder folder;
  const SoftwareTpm tpm(folder / "tpm");
  REQUIRE(tpm.open());  // as of a start that ended here
  std::uint64_t first = 0;
  {
    auto counter = tpm.open();
    REQUIRE(counter);
    CHECK((*counter)->is_new());
    first = (*counter)->read().value();
    CHECK(first > 0);
    CHECK((*counter)->read().value() == first);
    CHECK((*counter)->is_new());  // for the whole of this start
    CHECK((*counter)->raise().value() == first + 1);
  }
  auto again = tpm.open();
  REQUIRE(again);
  CHECK_FALSE((*again)->is_new());
  CHECK((*again)->read().value() == first + 1);
}

TEST_CASE("without a TPM the counter says so", "[audit][tpm]") {
  const auto counter = open_tpm_counter("device:/dev/null/no-tpm");
  REQUIRE_FALSE(counter);
  CHECK(counter.error().reason() == "counter-unavailable");
}

}  // namespace hangu::audit::test
