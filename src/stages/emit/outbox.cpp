#include "stages/emit/outbox.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/limits.hpp"
#include "os/file.hpp"

namespace hangu::stages {
namespace {

constexpr unsigned kKeptFolderMode = 0700;  // and the outbox's group and setgid bit, inherited
constexpr unsigned kReleasedMode = 0440;    // deliver reads through its group
constexpr std::size_t kTagBytes = 8;
constexpr const char* kKept = "kept/";

std::string released_name(const TransferId& t) { return t.text() + ".hangu"; }
std::string consignment_name(const TransferId& t) { return t.text() + ".json"; }
/// Of an attempt, without its ending.
std::string attempt_name(const TransferId& t, const crypto::ObjectDigest& sealed) {
  return t.text() + "." + to_hex(ByteView(sealed.root).first(kTagBytes));
}

auto failed(std::string_view what, const std::string& name) {
  return fail(ErrorCode::internal, "outbox-failed", std::string(what) + " " + name, errno);
}

}  // namespace

Result<Outbox> Outbox::open(const std::string& folder) {
  HANGU_TRY(os::UniqueFd opened, os::open_folder(folder));
  if (::mkdirat(opened.get(), kKept, kKeptFolderMode) != 0 && errno != EEXIST)
    return failed("mkdir", folder);
  HANGU_TRY(os::UniqueFd kept, os::open_folder(folder + "/" + kKept));
  return Outbox(std::move(opened), std::move(kept), folder + "/");
}

Result<os::UniqueFd> Outbox::begin() const { return os::create_unnamed(kept_.view()); }

Done Outbox::keep(const Consignment& consignment, os::FdView sealed) const {
  const std::string name = attempt_name(consignment.transfer, consignment.sealed);
  HANGU_CHECK(os::sync_all(sealed));
  HANGU_CHECK(os::write_file_durably(path_ + kKept + name + ".json",
                                     bytes_of(consignment.to_json().to_text())));
  HANGU_CHECK(os::link_unnamed(sealed, kept_.view(), name + ".sealed"));
  return os::sync_all(kept_.view());
}

Result<std::optional<Consignment>> Outbox::read(const std::string& name) const {
  const Result<Bytes> bytes = os::read_file(path_ + name, flow::kConsignmentBytesMax);
  if (!bytes && bytes.error().code() == ErrorCode::unavailable) return std::optional<Consignment>();
  if (!bytes) return std::unexpected(bytes.error());
  HANGU_TRY(Consignment consignment, Consignment::parse(text_of(*bytes)));
  return std::optional(std::move(consignment));
}

Result<std::optional<Consignment>> Outbox::kept(const TransferId& transfer,
                                                const crypto::ObjectDigest& sealed) const {
  for (const std::string& name :
       {kKept + attempt_name(transfer, sealed) + ".json", consignment_name(transfer)}) {
    HANGU_TRY(std::optional<Consignment> consignment, read(name));
    if (consignment && consignment->transfer == transfer && consignment->sealed == sealed)
      return consignment;
  }
  return std::optional<Consignment>();
}

bool Outbox::is_released(const TransferId& transfer) const {
  return ::faccessat(folder_.get(), released_name(transfer).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) ==
         0;
}

/// Links an attempt's file to where deliver finds it. What is there already stays.
Done Outbox::give_out(const std::string& from, const std::string& to) const {
  HANGU_TRY(const os::UniqueFd file, os::open_read(path_ + kKept + from));
  if (::fchmod(file.get(), kReleasedMode) != 0) return failed("chmod", from);
  if (::linkat(kept_.get(), from.c_str(), folder_.get(), to.c_str(), 0) != 0 && errno != EEXIST)
    return failed("link", to);
  return {};
}

/// What deliver reads about the transfer must be about this package.
Done Outbox::check_given_out(const Consignment& consignment) const {
  HANGU_TRY(const auto there, read(consignment_name(consignment.transfer)));
  if (!there || there->sealed != consignment.sealed)
    return fail(ErrorCode::corrupt, "sealed-mismatch", consignment.transfer.text());
  return {};
}

Done Outbox::link_out(const Consignment& consignment) const {
  const TransferId& transfer = consignment.transfer;
  const std::string name = attempt_name(transfer, consignment.sealed);
  const Result<os::UniqueFd> file = os::open_read(path_ + kKept + name + ".sealed");
  if (!file) return fail(ErrorCode::corrupt, "sealed-lost", transfer.text());
  HANGU_TRY(const crypto::HashedObject hashed,
            crypto::hash_file(file->get(), consignment.sealed.algorithm));
  if (hashed.digest != consignment.sealed)
    return fail(ErrorCode::corrupt, "sealed-mismatch", transfer.text());
  HANGU_CHECK(give_out(name + ".json", consignment_name(transfer)));
  HANGU_CHECK(check_given_out(consignment));
  return give_out(name + ".sealed", released_name(transfer));
}

Done Outbox::release(const Consignment& consignment) const {
  if (!is_released(consignment.transfer)) {
    const Done linked = link_out(consignment);
    // Another may have released it meanwhile, and thrown the attempt away.
    if (!linked && !is_released(consignment.transfer)) return linked;
  }
  HANGU_CHECK(check_given_out(consignment));
  HANGU_CHECK(os::sync_all(folder_.view()));
  return discard_attempts(consignment.transfer);
}

Done Outbox::discard(const TransferId& transfer, const crypto::ObjectDigest& sealed) const {
  const std::string name = attempt_name(transfer, sealed);
  HANGU_CHECK(os::remove_file(kept_.view(), name + ".sealed"));
  return os::remove_file(kept_.view(), name + ".json");
}

Done Outbox::discard_attempts(const TransferId& transfer) const {
  std::error_code problem;
  std::filesystem::directory_iterator at(path_ + kKept, problem);
  for (; !problem && at != std::filesystem::directory_iterator(); at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (name.find(transfer.text()) != std::string::npos)
      HANGU_CHECK(os::remove_file(kept_.view(), name));
  }
  if (problem) return fail(ErrorCode::internal, "outbox-failed", problem.message());
  return {};
}

}  // namespace hangu::stages
