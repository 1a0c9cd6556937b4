#pragma once
// A log of any number of entries, its checkpoints and proofs, and another that parts from it.

#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/witness/add_checkpoint.hpp"
#include "audit/witness/witness_state.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

/// TestLog signs checkpoints of its first entries. `twist` changes the entries from `fork_at` on.
class TestLog {
 public:
  explicit TestLog(std::size_t entries, std::size_t fork_at = SIZE_MAX)
      : tree_(leaves(entries, fork_at)) {}

  [[nodiscard]] TreeHead head(std::size_t size) const {
    return {.size = size, .root = tree_.root(0, size)};
  }
  [[nodiscard]] std::string note(std::size_t size) const {
    const NoteSigner signer = signer_from(0);
    const NoteSigner* const one = &signer;
    return sign_note(Checkpoint{.origin = kOrigin, .head = head(size)}.to_text(), {&one, 1})
        .value();
  }
  [[nodiscard]] std::vector<Hash> proof(std::size_t from, std::size_t to) const {
    return consistency_path(tree_, from, to).value();
  }
  [[nodiscard]] std::string request(std::size_t from, std::size_t to) const {
    AddCheckpoint request{.old_size = from, .proof = {}, .note = note(to)};
    if (from > 0) request.proof = proof(from, to);
    return request.to_text();
  }

 private:
  static std::vector<Hash> leaves(std::size_t entries, std::size_t fork_at) {
    std::vector<Hash> out;
    out.reserve(entries);
    for (std::size_t i = 0; i < entries; ++i) {
      out.push_back(leaf_hash(entry_of((i >= fork_at ? "other " : "entry ") + std::to_string(i))));
    }
    return out;
  }
  PlainTree tree_;
};

inline Cosigner cosigner_from(unsigned first, const std::string& name = "directory.example/w1") {
  return Cosigner::create(name, key_from(first)).value();
}

inline NoteKey log_key_of_tests() {
  return NoteKey::create(kOrigin, key_from(0).verify_key()).value();
}

inline std::unique_ptr<WitnessState> witness_in(std::unique_ptr<Folder> folder,
                                                const Clock& clock) {
  return WitnessState::create(std::move(folder), cosigner_from(0x20), {log_key_of_tests()}, clock)
      .value();
}

inline const WallTime kTestTime(std::chrono::seconds(1'760'000'000));

}  // namespace hangu::audit::test
