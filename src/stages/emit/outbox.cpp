#include "stages/emit/outbox.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "os/file.hpp"

namespace hangu::stages {
namespace {

constexpr unsigned kFileMode = 0640;  // deliver reads through its group
constexpr std::size_t kConsignmentBytesMax = 64 * 1024;

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

Result<Consignment> Consignment::parse(const wire::Json& json) {
  wire::Fields f(json, "consignment");
  auto transfer = f.accept("transfer", TransferId::create(f.text("transfer", 40)));
  const auto sealed = f.accept("sealed", crypto::ObjectDigest::parse(f.text("sealed", 120)));
  auto origin = f.accept("origin", ZoneId::create(f.text("origin", 64)));
  std::vector<NodeId> recipients;
  for (const std::string& text : f.texts("recipients", kRecipientsMax, 64))
    if (auto node = f.accept("recipients", NodeId::create(text)))
      recipients.push_back(*std::move(node));
  HANGU_CHECK(f.finish());
  return Consignment{*std::move(transfer), *sealed, *std::move(origin), std::move(recipients)};
}

Result<Outbox> Outbox::open(const std::string& folder) {
  HANGU_TRY(os::UniqueFd opened, os::open_folder(folder));
  return Outbox(std::move(opened), folder);
}

Result<os::UniqueFd> Outbox::begin(const TransferId& transfer) const {
  HANGU_CHECK(discard(transfer));
  return os::create_file(path_ + "/" + sealing_name(transfer), kFileMode);
}

Done Outbox::keep(const Consignment& consignment, os::FdView sealed) const {
  const TransferId& transfer = consignment.transfer;
  HANGU_CHECK(os::sync_all(sealed));
  if (::fchmod(sealed.get(), kFileMode) != 0) return failed("chmod", transfer.text());
  HANGU_CHECK(os::write_file_durably(path_ + "/" + consignment_name(transfer),
                                     bytes_of(consignment.to_json().to_text()), kFileMode));
  if (::renameat(folder_.get(), sealing_name(transfer).c_str(), folder_.get(),
                 sealed_name(transfer).c_str()) != 0)
    return failed("rename", transfer.text());
  return os::sync_all(folder_.view());
}

Result<std::optional<Consignment>> Outbox::kept(const TransferId& transfer) const {
  const Result<Bytes> bytes =
      os::read_file(path_ + "/" + consignment_name(transfer), kConsignmentBytesMax);
  if (!bytes && bytes.error().code() == ErrorCode::unavailable) return std::optional<Consignment>();
  if (!bytes) return std::unexpected(bytes.error());
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(*bytes), kConsignmentBytesMax));
  HANGU_TRY(Consignment consignment, Consignment::parse(json));
  return std::optional(std::move(consignment));
}

Done Outbox::release(const Consignment& consignment, const crypto::ObjectDigest& sealed) const {
  const TransferId& transfer = consignment.transfer;
  if (consignment.sealed != sealed)
    return fail(ErrorCode::corrupt, "sealed-mismatch", transfer.text());
  if (::faccessat(folder_.get(), released_name(transfer).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return os::remove_file(folder_.view(), sealed_name(transfer));
  const Result<os::UniqueFd> file = os::open_read(path_ + "/" + sealed_name(transfer));
  if (!file) return fail(ErrorCode::corrupt, "sealed-lost", transfer.text());
  HANGU_TRY(const crypto::HashedObject hashed, crypto::hash_file(file->get(), sealed.algorithm));
  if (hashed.digest != sealed) return fail(ErrorCode::corrupt, "sealed-mismatch", transfer.text());
  if (::linkat(folder_.get(), sealed_name(transfer).c_str(), folder_.get(),
               released_name(transfer).c_str(), 0) != 0)
    return failed("link", released_name(transfer));
  HANGU_CHECK(os::sync_all(folder_.view()));
  return os::remove_file(folder_.view(), sealed_name(transfer));
}

Done Outbox::discard(const TransferId& transfer) const {
  for (const std::string& name :
       {sealing_name(transfer), sealed_name(transfer), consignment_name(transfer)})
    HANGU_CHECK(os::remove_file(folder_.view(), name));
  return {};
}

}  // namespace hangu::stages
