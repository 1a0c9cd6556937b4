#pragma once
// VerifiedSource: the bytes of a stored object, each chunk checked as it is read.

#include "check/byte_source.hpp"
#include "plain/verified_file.hpp"

namespace hangu::check {

/// Memory and thread: as plain::VerifiedFile.
class VerifiedSource final : public ByteSource {
 public:
  /// Borrows the descriptor, and the companion, which reads ahead (but for no twin).
  /// Errors: those of plain::VerifiedFile::open.
  [[nodiscard]] static Result<VerifiedSource> open(os::FdView file, crypto::ChunkVerifier verifier,
                                                   os::Companion* companion = nullptr);
  [[nodiscard]] std::uint64_t size() const override { return file_.size(); }
  /// Errors also: Corrupt "chunk-mismatch".
  [[nodiscard]] Done read_at(std::uint64_t offset, MutableByteView out) const override;
  [[nodiscard]] std::unique_ptr<ByteSource> twin() const override;

 private:
  explicit VerifiedSource(plain::VerifiedFile file) : file_(std::move(file)) {}
  mutable plain::VerifiedFile file_;  // what it keeps changes
};

}  // namespace hangu::check
