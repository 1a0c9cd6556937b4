#pragma once
// Makes small logs, the same each time.

#include <filesystem>
#include <string>
#include <vector>

namespace hangu::audit::test {

/// The verifier key of every log that is made here.
[[nodiscard]] std::string log_vkey();

/// Makes `folder`/log as it is published, without the writer's journal, `folder`/epoch-keys, and
/// `folder`/anchors: `starts` runs of the writer, each with `entries` events beside its own.
/// Throws when the writer fails.
void make_log(const std::filesystem::path& folder, int starts, int entries);

/// The same of any bytes for entries, as who holds the log's key could make it; no epochs.
void make_raw_log(const std::filesystem::path& folder, const std::vector<std::string>& entries);

}  // namespace hangu::audit::test
