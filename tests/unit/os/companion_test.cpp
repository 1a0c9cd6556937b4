#include "os/companion.hpp"

#include <sys/syscall.h>

#include <atomic>
#include <deque>
#include <stdexcept>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "os/clock.hpp"
#include "tests/unit/os/sandbox_child.hpp"

namespace hangu::os {
namespace {

using namespace std::chrono_literals;

Companion companion() {
  auto started = Companion::start();
  REQUIRE(started);
  return *std::move(started);
}

TEST_CASE("a companion does errands in the order in which they are begun", "[os][companion]") {
  Companion other = companion();
  std::vector<int> order;
  std::deque<Errand> errands;
  for (int i = 0; i < 8; ++i) {
    errands.emplace_back([&order, i]() -> Done {
      order.push_back(i);
      return {};
    });
  }
  for (int round = 0; round < 100; ++round) {
    for (Errand& errand : errands) errand.begin(&other);
    for (Errand& errand : errands) CHECK(errand.finish());
  }
  REQUIRE(order.size() == 800);
  bool in_order = true;
  for (std::size_t i = 0; i < order.size(); ++i) in_order &= order[i] == static_cast<int>(i % 8);
  CHECK(in_order);
}

TEST_CASE("an errand is done by another thread, and by its owner where there is no companion",
          "[os][companion]") {
  std::thread::id doer;
  Errand errand([&doer]() -> Done {
    doer = std::this_thread::get_id();
    return {};
  });
  CHECK(errand.finish());  // not begun
  errand.begin(nullptr);
  CHECK(doer == std::this_thread::get_id());
  CHECK(errand.finish());
  Companion other = companion();
  errand.begin(&other);
  CHECK(errand.finish());
  CHECK(doer != std::this_thread::get_id());
}

TEST_CASE("what fails on the companion fails where it is finished, once", "[os][companion]") {
  Companion other = companion();
  int runs = 0;
  Errand errand([&runs]() -> Done {
    ++runs;
    if (runs == 1) return fail(ErrorCode::exhausted, "disk-full");
    if (runs == 2) throw std::bad_alloc();
    return {};
  });
  errand.begin(&other);
  const Done failed = errand.finish();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().reason() == "disk-full");
  CHECK(errand.finish());
  errand.begin(&other);
  CHECK_THROWS_AS(errand.finish(), std::bad_alloc);
  errand.begin(&other);
  CHECK(errand.finish());
  CHECK(runs == 3);
}

TEST_CASE("nothing that an errand uses goes away before its act is over", "[os][companion]") {
  Companion other = companion();
  std::atomic<bool> over = false;
  {
    Errand errand([&over]() -> Done {
      pause_for(50ms);
      over = true;
      return {};
    });
    errand.begin(&other);
  }
  CHECK(over);
}

#if !defined(HANGU_SANITIZED)
/// What `act` gives on the companion of a process that locked itself in with it.
int on_companion(const Profile& profile, const std::function<int()>& act) {
  std::optional<Companion> other;
  const auto entered = enter_sandbox(profile, [&other]() -> Done {
    HANGU_TRY(other, Companion::start());
    return {};
  });
  if (!entered) return test::kSandboxFailed;
  int answer = 0;
  Errand errand([&]() -> Done {
    answer = act();
    return {};
  });
  errand.begin(&*other);
  return errand.finish() ? answer : 1;
}

TEST_CASE("a companion that is started last stands under every lock of its process",
          "[os][companion][sandbox]") {
  const auto answer = [](const std::function<int()>& act) {
    return test::exit_code_of([&] { return on_companion(test::daemon(), act); });
  };
  // Landlock's, since the filter lets files be opened.
  CHECK(answer([] { return test::open_path("/etc/passwd", O_RDONLY); }) == EACCES);
  // The filter's.
  CHECK(answer([] { return test::outcome(::fork()); }) == EPERM);
  CHECK(answer([] { return Companion::start() ? 0 : EPERM; }) == EPERM);
  CHECK(answer([] { return test::outcome(::syscall(SYS_memfd_create, "a", 0)); }) == EPERM);
  CHECK(test::killed_by_filter(test::in_child(
      [] { return on_companion(test::worker(), [] { return test::outcome(::fork()); }); })));
  // And its owner can start no other one.
  CHECK(test::exit_code_of([] {
          const int one = on_companion(test::daemon(), [] { return 0; });
          return one == 0 && !Companion::start() ? 0 : 1;
        }) == 0);
}

TEST_CASE("what fails in the last act before the filter fails the sandbox",
          "[os][companion][sandbox]") {
  CHECK(test::exit_code_of([] {
          const auto entered = enter_sandbox(
              test::daemon(), []() -> Done { return fail(ErrorCode::internal, "thread-failed"); });
          return !entered && entered.error().reason() == "thread-failed" ? 0 : 1;
        }) == 0);
}
#endif

}  // namespace
}  // namespace hangu::os
