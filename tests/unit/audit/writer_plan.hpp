#pragma once
// What a writer stands on in a test, but for what the test is about: change that in the plan.

#include "audit/writer.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

inline const std::string kTransfer = "00112233445566778899aabbccddeeff";

/// By the worked example's key, without an SM2 key, a counter or a reserve of the disk.
inline WriterPlan writer_plan(std::unique_ptr<Folder> log, std::unique_ptr<Folder> epoch_keys,
                              const Clock& clock, Entropy& entropy) {
  return {.folder = std::move(log),
          .epoch_keys = std::move(epoch_keys),
          .origin = kOrigin,
          .key = key_from(0),
          .gm_key = {},
          .clock = clock,
          .entropy = entropy,
          .self = {.program = "audit", .uid = 7, .pid = 8},
          .limits = {.disk_reserve_bytes = 0}};
}

/// With its log in `folder`/log and its epochs' keys in `folder`/epoch-keys.
inline WriterPlan writer_plan(const std::filesystem::path& folder, const Clock& clock,
                              Entropy& entropy) {
  return writer_plan(folder_at(folder / "log"), folder_at(folder / "epoch-keys"), clock, entropy);
}

}  // namespace hangu::audit::test
