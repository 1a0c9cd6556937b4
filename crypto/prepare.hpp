#pragma once
// prepare: everything that the libraries do once, done before a program locks itself in.

namespace hangu::crypto {

/// Uses every primitive that signs, verifies, hashes and seals once, so that later calls find the
/// libraries started, their algorithms fetched, curves decoded and random generators seeded: inside
/// a sandbox they then need memory and getrandom only (mmap, munmap, mprotect, madvise, mlock,
/// munlock, brk, getrandom; getpid and futex). Takes some milliseconds. Thread: call it from the
/// first, before others start.
void prepare();

/// The same for opening what was sealed, which only some programs may.
void prepare_opening();

/// The same for certificates, which not every program reads.
void prepare_certificates();

}  // namespace hangu::crypto
