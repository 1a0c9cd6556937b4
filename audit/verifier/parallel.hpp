#pragma once
// Work on many threads whose results are taken in order, with a bounded number of them waiting.

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace hangu_verify {

/// Results that may wait for one before them, for each thread.
inline constexpr std::uint64_t kWaitingPerThread = 4;

/// Calls make(i) for i of [0, count) on `threads` threads and take(i, result) in ascending order on
/// the caller's, until that says false. What make() throws is thrown here, in its turn. One thread
/// is the caller's own.
template <class Make, class Take>
void in_order(std::uint64_t count, unsigned threads, Make make, Take take) {
  if (threads <= 1 || count <= 1) {
    for (std::uint64_t i = 0; i < count; ++i)
      if (!take(i, make(i))) return;
    return;
  }
  using Made = decltype(make(std::uint64_t{}));
  struct Result {
    std::exception_ptr problem;
    std::vector<Made> made;  // one, or none
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, Result> ready;
  std::uint64_t next = 0;   // to be made
  std::uint64_t taken = 0;  // so far
  bool stop = false;
  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] {
        return stop || next >= count || next < taken + kWaitingPerThread * threads;
      });
      if (stop || next >= count) return;
      const std::uint64_t mine = next++;
      lock.unlock();
      Result result;
      try {
        result.made.push_back(make(mine));
      } catch (...) {
        result.problem = std::current_exception();
      }
      lock.lock();
      ready.emplace(mine, std::move(result));
      changed.notify_all();
    }
  };
  std::vector<std::jthread> workers;
  workers.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(work);
  std::unique_lock lock(mutex);
  std::exception_ptr problem;
  while (taken < count && !stop) {
    changed.wait(lock, [&] { return ready.contains(taken); });
    const auto node = ready.extract(taken);
    lock.unlock();
    bool more = false;
    try {
      if (node.mapped().problem) std::rethrow_exception(node.mapped().problem);
      more = take(taken, std::move(node.mapped().made.front()));
    } catch (...) {
      problem = std::current_exception();
    }
    lock.lock();
    ++taken;
    stop = !more;
    changed.notify_all();
  }
  stop = true;
  changed.notify_all();
  lock.unlock();
  workers.clear();  // joins
  if (problem) std::rethrow_exception(problem);
}

}  // namespace hangu_verify
