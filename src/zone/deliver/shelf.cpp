#include "zone/deliver/shelf.hpp"

#include <dirent.h>

#include <algorithm>
#include <memory>

#include "base/limits.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"

namespace hangu::zone {
namespace {

constexpr std::size_t kConsignmentBytesMax = 64 * 1024;
constexpr std::string_view kReleased = ".hangu";

Result<Parcel> parse_consignment(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kConsignmentBytesMax));
  wire::Fields f(json, "consignment");
  auto transfer = f.accept("transfer", TransferId::create(f.text("transfer", 40)));
  const auto sealed = f.accept("sealed", crypto::ObjectDigest::parse(f.text("sealed", 120)));
  auto origin = f.accept("origin", ZoneId::create(f.text("origin", 64)));
  std::vector<NodeId> recipients;
  for (const std::string& name : f.texts("recipients", kRecipientsMax, 64))
    if (auto node = f.accept("recipients", NodeId::create(name)))
      recipients.push_back(*std::move(node));
  HANGU_CHECK(f.finish());
  return Parcel{*std::move(transfer), *sealed, *std::move(origin), std::move(recipients)};
}

}  // namespace

bool Parcel::is_for(const NodeId& node) const {
  return std::ranges::find(recipients, node) != recipients.end();
}

Result<std::optional<Parcel>> Shelf::find(const TransferId& transfer, const NodeId& node) const {
  const std::string start = folder_ + "/" + transfer.text();
  const Result<os::UniqueFd> released = os::open_read(start + std::string(kReleased));
  if (!released && released.error().code() == ErrorCode::unavailable)
    return std::optional<Parcel>();
  if (!released) return std::unexpected(released.error());
  HANGU_TRY(const Bytes text, os::read_file(start + ".json", kConsignmentBytesMax));
  HANGU_TRY(Parcel parcel, parse_consignment(text_of(text)));
  if (parcel.transfer != transfer) return fail(ErrorCode::corrupt, "consignment-mismatch");
  if (!parcel.is_for(node)) return std::optional<Parcel>();
  return std::optional(std::move(parcel));
}

Result<std::vector<Parcel>> Shelf::list(const NodeId& node, std::size_t parcels_max) const {
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  const std::unique_ptr<DIR, Close> dir(::opendir(folder_.c_str()));
  if (!dir) return fail(ErrorCode::internal, "outbox-failed", folder_, errno);
  std::vector<Parcel> out;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (!name.ends_with(kReleased)) continue;
    const auto id = TransferId::create(name.substr(0, name.size() - kReleased.size()));
    if (!id) continue;
    HANGU_TRY(std::optional<Parcel> parcel, find(*id, node));
    if (parcel) out.push_back(*std::move(parcel));
    if (out.size() >= parcels_max) break;
  }
  std::ranges::sort(out, {}, &Parcel::transfer);
  return out;
}

Result<os::UniqueFd> Shelf::open(const Parcel& parcel) const {
  return os::open_read(folder_ + "/" + parcel.transfer.text() + std::string(kReleased));
}

}  // namespace hangu::zone
