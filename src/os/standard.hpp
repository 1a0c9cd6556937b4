#pragma once
// Standard descriptors: 0, 1 and 2 belong to what the caller gave, or to nobody.

namespace hangu::os {

/// Opens /dev/null for reading on each of descriptors 0, 1 and 2 that the caller left closed, so
/// that no file or socket of ours gets that number and messages meant for people are written into
/// it. Reads find the end; writes fail with EBADF, as they did. Call it first in main(); without
/// /dev/null the process ends with status 1.
void hold_standard_descriptors();

/// True when `fd` is the writing end of a pipe or socket that nobody reads any more.
[[nodiscard]] bool is_reader_gone(int fd);

}  // namespace hangu::os
