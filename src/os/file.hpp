#pragma once
// Files: whole reads and writes, durable creation, frozen outputs. All descriptors are CLOEXEC.

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "os/descriptor.hpp"

namespace hangu::os {

/// Opens. Errors of this file: os/failure.hpp (Unavailable "file-missing", Forbidden
/// "file-forbidden", Exhausted "disk-full" ...), else Internal "file-open-failed" and the like.
[[nodiscard]] Result<UniqueFd> open_read(const std::string& path);
[[nodiscard]] Result<UniqueFd> open_folder(const std::string& path);
/// Creates anew (O_EXCL) for reading and writing, with exactly `mode` whatever the umask. Errors
/// also: Forbidden "file-exists".
[[nodiscard]] Result<UniqueFd> create_file(const std::string& path, unsigned mode = 0600);
/// An unnamed file in `folder` (O_TMPFILE), mode 0400, for writing and reading.
[[nodiscard]] Result<UniqueFd> create_unnamed(FdView folder);

[[nodiscard]] Result<std::uint64_t> file_size(FdView file);
/// Exactly out.size() bytes at `offset`; Malformed "file-short" at the end of the file.
[[nodiscard]] Done read_exactly_at(FdView file, std::uint64_t offset, MutableByteView out);
/// Up to out.size() bytes from the current position; 0 at the end.
[[nodiscard]] Result<std::size_t> read_some(FdView file, MutableByteView out);
[[nodiscard]] Done write_all(FdView file, ByteView bytes);
[[nodiscard]] Done write_all_at(FdView file, std::uint64_t offset, ByteView bytes);
/// A whole file of at most `bytes_max`; Exhausted "file-too-long".
[[nodiscard]] Result<Bytes> read_file(const std::string& path, std::size_t bytes_max);
[[nodiscard]] Result<Bytes> read_file(FdView file, std::size_t bytes_max);

/// Writes to a temporary name, syncs, renames over `path`, syncs the folder.
[[nodiscard]] Done write_file_durably(const std::string& path, ByteView bytes,
                                      unsigned mode = 0600);
/// fdatasync / fsync. Errors: Internal "sync-failed": treat what was written as lost.
[[nodiscard]] Done sync_data(FdView file);
[[nodiscard]] Done sync_all(FdView file_or_folder);
/// Has the kernel begin to write what is dirty in this part of the file, so that a later sync finds
/// little left. A hint: no error, no promise; failed writes show at the sync.
void start_writing_back(FdView file, std::uint64_t offset, std::uint64_t bytes);
/// Tells the kernel that this part of the file is not read again: its clean pages in memory become
/// free at once, for the next file that is written, and nobody's cache is pushed out by a package
/// that passes once. A hint: no error, no promise.
void drop_behind(FdView file, std::uint64_t offset, std::uint64_t bytes);
/// Gives an unnamed file a name without overwriting (linkat). Forbidden "file-exists".
[[nodiscard]] Done link_unnamed(FdView file, FdView folder, const std::string& name);
/// Removes a name; missing is fine.
[[nodiscard]] Done remove_file(FdView folder, const std::string& name);
/// mkdir -p with `mode` for what is made.
[[nodiscard]] Done make_folders(const std::string& path, unsigned mode = 0700);
/// A second, read-only open of the same inode (through /proc/self/fd).
[[nodiscard]] Result<UniqueFd> reopen_read_only(FdView file);

/// Proves that nobody can write `read_only` any more: takes and releases a read lease, which the
/// kernel refuses while any write descriptor or shared writable mapping of the inode lives.
/// Only for the owner of the file (or with CAP_LEASE); sets F_SETSIG of the descriptor to SIGURG.
/// Errors: Forbidden "output-still-writable", Internal "lease-failed" (not proved).
[[nodiscard]] Done prove_frozen(FdView read_only);

/// Bytes that the file system of `folder` can still take (unprivileged).
[[nodiscard]] Result<std::uint64_t> free_bytes(FdView folder);

}  // namespace hangu::os
