// Requests that race, processes that share a state, and crashes between the store and the answer.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/unit/audit/faulty_disk.hpp"
#include "tests/unit/audit_witness/tree.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::size_t kEntries = 200;

/// What a client does that wants its log witnessed: from the size that the last 409 told.
struct Client {
  const TestLog& log;
  std::size_t known = 0;

  /// The size that was cosigned, if any.
  std::optional<std::size_t> try_once(WitnessState& witness, std::size_t size) {
    if (known > size) size = known;
    const WitnessVerdict verdict = witness.add_checkpoint(log.request(known, size));
    if (verdict.answer.status == 200) {
      known = size;
      return size;
    }
    if (verdict.answer.status == 409) {
      known = static_cast<std::size_t>(parse_size_answer(verdict.answer.body).value());
    }
    return std::nullopt;
  }
};

std::size_t size_of(const std::string& note) {
  return Checkpoint::parse(Note::parse(note)->text)->head.size;
}

}  // namespace

TEST_CASE("however many race, what a witness has cosigned never becomes smaller", "[witness]") {
  const TestFolder folder;
  const ManualClock clock(kTestTime);
  const TestLog log(kEntries);
  const auto witness = witness_in(folder_at(folder.path()), clock);
  std::atomic<bool> done = false;
  std::atomic<bool> shrank = false;
  std::thread watcher([&] {
    std::size_t seen = 0;
    while (!done) {
      const auto note = witness->latest(origin_hash_of(kOrigin));
      if (!note || !*note) continue;
      const std::size_t size = size_of(**note);
      if (size < seen) shrank = true;
      seen = size;
    }
  });
  std::mutex mutex;
  std::vector<std::size_t> cosigned;  // in no order
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      SeededEntropy chance(t);
      Client client{.log = log};
      for (int i = 0; i < 60; ++i) {
        const auto size = client.try_once(*witness, 1 + chance.below(kEntries));
        if (!size) continue;
        const std::lock_guard lock(mutex);
        cosigned.push_back(*size);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  watcher.join();
  CHECK_FALSE(shrank);
  REQUIRE_FALSE(cosigned.empty());
  CHECK(size_of(witness->latest(origin_hash_of(kOrigin)).value().value()) ==
        *std::ranges::max_element(cosigned));
}

// transparency-dev/witness#361: A of size N and B of size N + K were both checked, B was stored,
// and then A, which rolled back K leaves.
TEST_CASE("of two requests from the same size exactly one is cosigned", "[witness]") {
  const TestLog log(kEntries);
  const ManualClock clock(kTestTime);
  for (int round = 0; round < 50; ++round) {
    const TestFolder folder;
    const auto witness = witness_in(folder_at(folder.path()), clock);
    REQUIRE(witness->add_checkpoint(log.request(0, 10)).answer.status == 200);
    std::atomic<int> good = 0;
    std::atomic<int> conflicts = 0;
    std::vector<std::thread> threads;
    for (const std::size_t size : {20U, 30U, 40U, 50U}) {
      threads.emplace_back([&, size] {
        const int status = witness->add_checkpoint(log.request(10, size)).answer.status;
        if (status == 200) ++good;
        if (status == 409) ++conflicts;
      });
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(good == 1);
    REQUIRE(conflicts == 3);
  }
}

TEST_CASE("of two histories that race only one is ever cosigned", "[witness]") {
  const TestLog log(kEntries);
  const TestLog fork(kEntries, 5);  // another from the sixth entry on, under the same key
  const ManualClock clock(kTestTime);
  for (int round = 0; round < 50; ++round) {
    const TestFolder folder;
    // Two of one folder: as two processes have it, each with a lock of its own.
    const std::array witnesses{witness_in(folder_at(folder.path()), clock),
                               witness_in(folder_at(folder.path()), clock)};
    std::array<std::atomic<int>, 2> cosigned{};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        const std::size_t history = t % 2;
        Client client{.log = history == 0 ? log : fork};
        for (std::size_t size = 10 + t; size < 20; size += 3)
          if (client.try_once(*witnesses[t / 2], size)) ++cosigned.at(history);
      });
    }
    for (std::thread& thread : threads) thread.join();
    CAPTURE(round, cosigned[0].load(), cosigned[1].load());
    REQUIRE((cosigned[0] == 0) != (cosigned[1] == 0));
  }
}

TEST_CASE("two processes with one state cosign no two answers to one size", "[witness]") {
  const TestFolder folder;
  const TestLog log(kEntries);
  const ManualClock clock(kTestTime);
  {
    const auto first = witness_in(folder_at(folder.path()), clock);
    REQUIRE(first->add_checkpoint(log.request(0, 1)).answer.status == 200);
  }
  // Each process writes what it cosigned: "<old> <size>\n".
  std::vector<pid_t> children;
  std::vector<int> pipes;
  for (unsigned p = 0; p < 2; ++p) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto witness = witness_in(folder_at(folder.path()), clock);
      SeededEntropy chance(p + 100);
      Client client{.log = log};
      for (int i = 0; i < 80; ++i) {
        const std::size_t old = client.known;
        const auto size = client.try_once(*witness, 1 + chance.below(kEntries));
        if (!size || *size == old) continue;
        const std::string line = std::to_string(old) + " " + std::to_string(*size) + "\n";
        if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
      }
      ::_exit(0);
    }
    REQUIRE(child > 0);
    ::close(ends[1]);
    children.push_back(child);
    pipes.push_back(ends[0]);
  }
  std::vector<std::pair<std::size_t, std::size_t>> steps;
  for (const int pipe : pipes) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(pipe, buffer.data(), buffer.size())) > 0;)
      text.append(buffer.data(), static_cast<std::size_t>(n));
    ::close(pipe);
    std::istringstream in(text);
    for (std::size_t old = 0, size = 0; in >> old >> size;) steps.emplace_back(old, size);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  // Together they are one chain: each step begins where another ended, and none begins twice.
  std::ranges::sort(steps);
  REQUIRE_FALSE(steps.empty());
  CHECK(steps.front().first == 1);
  for (std::size_t i = 1; i < steps.size(); ++i) CHECK(steps[i].first == steps[i - 1].second);
}

TEST_CASE("whatever fails on the disk, no cosignature that was given is forgotten", "[witness]") {
  const TestLog log(kEntries);
  const ManualClock clock(kTestTime);
  std::size_t faults = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    FaultyDisk disk(seed);
    SeededEntropy chance(seed);
    std::size_t given = 0;  // the largest size that a client holds a cosignature of
    for (int life = 0; life < 6; ++life) {
      const auto witness = witness_in(disk.root(), clock);
      Client client{.log = log};
      disk.plan(chance.below(40), static_cast<Fault>(chance.below(3)));
      for (int i = 0; i < 8; ++i) {
        const std::size_t size = std::min<std::size_t>(kEntries, given + 1 + chance.below(10));
        if (const auto cosigned = client.try_once(*witness, size)) {
          REQUIRE(*cosigned >= given);
          given = *cosigned;
        }
      }
      if (disk.struck()) ++faults;
      disk.restart();
      if (chance.below(2) == 0) disk.power_cut();
      const auto after = witness_in(disk.root(), clock);
      const auto kept = after->latest(origin_hash_of(kOrigin));
      REQUIRE(kept);
      // It may know more than it told: a crash between the store and the answer harms nobody.
      REQUIRE((kept->has_value() ? size_of(**kept) : 0) >= given);
    }
  }
  CHECK(faults > 400);
}

TEST_CASE("nothing is cosigned nor told that a power cut takes back, by no process of the state",
          "[witness]") {
  const TestLog log(kEntries);
  const ManualClock clock(kTestTime);
  const std::string origin = origin_hash_of(kOrigin);
  const auto told = [&](WitnessState& witness) {
    const auto note = witness.latest(origin);
    return note && *note ? size_of(**note) : 0;
  };
  int failed_disks = 0;
  int told_later = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    FaultyDisk disk(seed);
    const auto first = witness_in(disk.root(), clock);
    const auto second = witness_in(disk.root(), clock);
    REQUIRE(first->add_checkpoint(log.request(0, 5)).answer.status == 200);
    const std::uint64_t at = seed % 20;
    CAPTURE(seed, at);
    disk.plan(at, Fault::error);  // of one operation: the disk works again behind it
    const int status = first->add_checkpoint(log.request(5, 8)).answer.status;
    std::size_t seen = status == 200 ? 8 : 5;
    if (first->disk_failed()) {
      ++failed_disks;
      CHECK(status == 500);
      CHECK(told(*first) == 0);
      CHECK(first->add_checkpoint(log.request(5, 8)).answer.status == 500);
    } else {
      seen = std::max(seen, told(*first));
    }
    seen = std::max(seen, told(*second));
    if (second->add_checkpoint(log.request(8, 13)).answer.status == 200) seen = 13;
    if (first->disk_failed() && seen > 5) ++told_later;
    disk.power_cut();
    CHECK(told(*witness_in(disk.root(), clock)) >= seen);
  }
  CHECK(failed_disks > 50);
  CHECK(told_later > 5);  // it was there, and the other process made it durable
}

TEST_CASE("a full disk ends no witness: it cosigns nothing, and goes on when there is room",
          "[witness]") {
  const TestLog log(kEntries);
  const ManualClock clock(kTestTime);
  FaultyDisk disk(1);
  const auto witness = witness_in(disk.root(), clock);
  REQUIRE(witness->add_checkpoint(log.request(0, 5)).answer.status == 200);
  disk.plan(0, Fault::full);
  CHECK(witness->add_checkpoint(log.request(5, 8)).answer.status == 503);
  CHECK_FALSE(witness->disk_failed());
  disk.restart();  // no fault is planned any more
  CHECK(witness->add_checkpoint(log.request(5, 8)).answer.status == 200);
}

}  // namespace hangu::audit::test
