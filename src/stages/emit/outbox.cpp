#include "stages/emit/outbox.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.hpp"

namespace hangu::stages {
namespace {

constexpr unsigned kFileMode = 0640;  // deliver reads through its group

std::string sealing_name(const TransferId& t) { return t.text() + ".sealing"; }
std::string sealed_name(const TransferId& t) { return t.text() + ".sealed"; }
std::string released_name(const TransferId& t) { return t.text() + ".hangu"; }
std::string consignment_name(const TransferId& t) { return t.text() + ".json"; }

auto failed(std::string_view what, const std::string& name) {
  return fail(ErrorCode::internal, "outbox-failed", std::string(what) + " " + name, errno);
}

}  // namespace

wire::Json Consignment::to_json() const {
  wire::JsonArray nodes;
  for (const NodeId& node : recipients) nodes.emplace_back(node.text());
  return wire::JsonObject{{"transfer", transfer.text()},
                          {"sealed", sealed.to_text()},
                          {"origin", origin.text()},
                          {"recipients", std::move(nodes)}};
}

Result<Outbox> Outbox::open(const std::string& folder) {
  HANGU_TRY(os::UniqueFd opened, os::open_folder(folder));
  return Outbox(std::move(opened), folder);
}

Result<os::UniqueFd> Outbox::begin(const TransferId& transfer) const {
  HANGU_CHECK(discard(transfer));
  return os::create_file(path_ + "/" + sealing_name(transfer), kFileMode);
}

Done Outbox::keep(const TransferId& transfer, os::FdView sealed) const {
  HANGU_CHECK(os::sync_all(sealed));
  if (::fchmod(sealed.get(), kFileMode) != 0) return failed("chmod", transfer.text());
  if (::renameat(folder_.get(), sealing_name(transfer).c_str(), folder_.get(),
                 sealed_name(transfer).c_str()) != 0)
    return failed("rename", transfer.text());
  return os::sync_all(folder_.view());
}

Result<bool> Outbox::holds(const TransferId& transfer) const {
  for (const std::string& name : {released_name(transfer), sealed_name(transfer)}) {
    if (::faccessat(folder_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (errno != ENOENT) return failed("look for", name);
  }
  return false;
}

Done Outbox::release(const Consignment& consignment, bool just_sealed) const {
  const TransferId& transfer = consignment.transfer;
  const std::string released = path_ + "/" + released_name(transfer);
  const std::string sealed = path_ + "/" + sealed_name(transfer);
  Result<os::UniqueFd> file = os::open_read(released);
  const bool done_before = file.has_value();
  if (!done_before) file = os::open_read(sealed);
  if (!file) return fail(ErrorCode::corrupt, "sealed-lost", transfer.text());
  if (!just_sealed) {
    HANGU_TRY(const crypto::HashedObject hashed,
              crypto::hash_file(file->get(), consignment.sealed.algorithm));
    if (hashed.digest != consignment.sealed)
      return fail(ErrorCode::corrupt, "sealed-mismatch", transfer.text());
  }
  if (done_before) return {};

  HANGU_CHECK(os::write_file_durably(path_ + "/" + consignment_name(transfer),
                                     bytes_of(consignment.to_json().to_text()), kFileMode));
  if (::linkat(folder_.get(), sealed_name(transfer).c_str(), folder_.get(),
               released_name(transfer).c_str(), 0) != 0 &&
      errno != EEXIST)
    return failed("link", released);
  HANGU_CHECK(os::remove_file(folder_.view(), sealed_name(transfer)));
  return os::sync_all(folder_.view());
}

Done Outbox::discard(const TransferId& transfer) const {
  HANGU_CHECK(os::remove_file(folder_.view(), sealing_name(transfer)));
  return os::remove_file(folder_.view(), sealed_name(transfer));
}

}  // namespace hangu::stages
