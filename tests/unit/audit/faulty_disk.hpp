#pragma once
// FaultyDisk: a file system in memory on which operations fail, processes stop and power goes, in
// the worst order that POSIX permits. Same seed, same run.
//
// What it takes for possible:
//  - a write that fails may have written a part;
//  - a sync that fails leaves its pages clean: no later sync writes them (as Linux does), yet they
//    can still be read until the machine loses power (a failed change of a file's size stays
//    pending: of that the file system keeps a journal, or stops);
//  - a change of a name that fails may have happened;
//  - at a power cut any of what was not synced is there or not, in any order, of each write any of
//    its sectors; names too, each change for itself; a sync of a file says nothing of its name.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/folder.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

enum class Fault : std::uint8_t {
  error,  ///< this one operation fails
  full,   ///< this and all later writing operations fail, for want of space
  stop,   ///< the process is killed: nothing it does any more has any effect
};

/// Thread: one.
class FaultyDisk {
 public:
  explicit FaultyDisk(std::uint64_t seed);
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// The folder; the disk must outlive it.
  [[nodiscard]] std::unique_ptr<Folder> root();
  /// The fault comes with the operation `after` operations from now.
  void plan(std::uint64_t after, Fault fault);
  /// Whether the planned fault has come.
  [[nodiscard]] bool struck() const { return struck_; }
  /// The process is gone, and its locks: the next one finds what was written. No fault is planned.
  void restart();
  /// The machine lost its power, and comes again.
  void power_cut();

 private:
  struct Node;
  struct Write;
  struct NameChange;
  class FaultyFile;
  class FaultyFolder;

  /// What becomes of one operation: its result, and whether one that fails did a part of its work.
  struct Turn {
    Done result;
    bool partly = false;
    [[nodiscard]] bool acts() const { return result.has_value() || partly; }
  };
  [[nodiscard]] Turn turn(bool writes);
  [[nodiscard]] Done failure() const;
  [[nodiscard]] std::uint64_t below(std::uint64_t n) { return chance_.below(n); }
  [[nodiscard]] bool toss() { return below(2) == 0; }
  void reach(const Write& write, Node& node);
  void lose_writes(Node& node);
  void lose_power(Node& node);

  SeededEntropy chance_;
  std::shared_ptr<Node> root_;
  std::set<const Node*> locked_;
  std::uint64_t generation_ = 0;  ///< of processes
  std::optional<std::uint64_t> left_;
  Fault fault_ = Fault::error;
  std::atomic<bool> struck_ = false;  ///< may be asked from another thread
};

}  // namespace hangu::audit::test
