#include "check/verified_source.hpp"

namespace hangu::check {

Result<VerifiedSource> VerifiedSource::open(os::FdView file, crypto::ChunkVerifier verifier,
                                            os::Companion* companion) {
  HANGU_TRY(plain::VerifiedFile verified, plain::VerifiedFile::open(file, std::move(verifier)));
  if (companion != nullptr) verified.read_ahead(*companion);
  return VerifiedSource(std::move(verified));
}

Done VerifiedSource::read_at(std::uint64_t offset, MutableByteView out) const {
  HANGU_CHECK(check_range(offset, out.size()));
  return file_.read_at(offset, out);
}

std::unique_ptr<ByteSource> VerifiedSource::twin() const {
  return std::unique_ptr<ByteSource>(new VerifiedSource(file_.twin()));
}

}  // namespace hangu::check
