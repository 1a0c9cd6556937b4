#include "os/failure.hpp"

#include <cerrno>

namespace hangu::os {

std::unexpected<Error> os_failure(int os_error, std::string_view otherwise, std::string context,
                                  std::source_location where) {
  const auto as = [&](ErrorCode code, std::string_view reason) {
    return fail(code, reason, std::move(context), os_error, where);
  };
  switch (os_error) {
    case ENOENT:
    case ENOTDIR: return as(ErrorCode::unavailable, "file-missing");
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP: return as(ErrorCode::forbidden, "file-forbidden");
    case EEXIST: return as(ErrorCode::forbidden, "file-exists");
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return as(ErrorCode::exhausted, "disk-full");
    case EMFILE:
    case ENFILE: return as(ErrorCode::exhausted, "descriptors-exhausted");
    default: return as(ErrorCode::internal, otherwise);
  }
}

}  // namespace hangu::os
