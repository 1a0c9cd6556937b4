#pragma once
// The device of a TPM that tpm2-tss names, and who may use it.

#include <sys/stat.h>

#include <optional>
#include <string>

namespace hangu::config {

/// The path in "device:/dev/tpmrm0"; nothing for a TPM that is reached otherwise.
[[nodiscard]] inline std::optional<std::string> tpm_device(const std::string& tcti) {
  constexpr std::string_view kDevice = "device:";
  if (!tcti.starts_with(kDevice)) return std::nullopt;
  return tcti.substr(kDevice.size());
}

/// The group that may read and write the device, where it is one of its own: Debian's tpm-udev
/// gives /dev/tpmrm0 to the group tss with mode 0660. Root's group is given to nobody.
[[nodiscard]] inline std::optional<gid_t> tpm_group(const std::string& device) {
  struct stat status{};
  constexpr mode_t kUse = S_IRGRP | S_IWGRP;
  if (::stat(device.c_str(), &status) != 0 || !S_ISCHR(status.st_mode) || status.st_gid == 0 ||
      (status.st_mode & kUse) != kUse)
    return std::nullopt;
  return status.st_gid;
}

}  // namespace hangu::config
