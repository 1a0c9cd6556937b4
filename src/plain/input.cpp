#include "plain/input.hpp"

#include "os/file.hpp"

namespace hangu::plain {

Result<std::uint64_t> Input::size() const {
  if (verified_ != nullptr) return verified_->size();
  return os::file_size(file_);
}

Done Input::read_at(std::uint64_t offset, MutableByteView out) const {
  return verified_ != nullptr ? verified_->read_at(offset, out)
                              : os::read_exactly_at(file_, offset, out);
}

}  // namespace hangu::plain
