#include "zone/deliver/shelf.hpp"

#include <dirent.h>

#include <algorithm>
#include <memory>

#include "os/file.hpp"

namespace hangu::zone {
namespace {

constexpr std::string_view kReleased = ".hangu";

}  // namespace

Result<std::optional<Consignment>> Shelf::find(const TransferId& transfer,
                                               const NodeId& node) const {
  const std::string start = folder_ + "/" + transfer.text();
  const Result<os::UniqueFd> released = os::open_read(start + std::string(kReleased));
  if (!released && released.error().code() == ErrorCode::unavailable)
    return std::optional<Consignment>();
  if (!released) return std::unexpected(released.error());
  HANGU_TRY(const Bytes text, os::read_file(start + ".json", flow::kConsignmentBytesMax));
  HANGU_TRY(Consignment consignment, Consignment::parse(text_of(text)));
  if (consignment.transfer != transfer) return fail(ErrorCode::corrupt, "consignment-mismatch");
  if (!consignment.is_for(node)) return std::optional<Consignment>();
  return std::optional(std::move(consignment));
}

Result<std::vector<Consignment>> Shelf::list(const NodeId& node, const std::set<TransferId>& last,
                                             std::size_t packages_max) const {
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  const std::unique_ptr<DIR, Close> dir(::opendir(folder_.c_str()));
  if (!dir) return fail(ErrorCode::internal, "outbox-failed", folder_, errno);
  std::vector<Consignment> out;
  std::vector<Consignment> later;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (!name.ends_with(kReleased)) continue;
    const auto id = TransferId::create(name.substr(0, name.size() - kReleased.size()));
    if (!id) continue;
    const bool waits = !last.contains(*id);
    if (!waits && later.size() >= packages_max) continue;
    HANGU_TRY(std::optional<Consignment> consignment, find(*id, node));
    if (consignment) (waits ? out : later).push_back(*std::move(consignment));
    if (out.size() >= packages_max) break;
  }
  std::ranges::sort(out, {}, &Consignment::transfer);
  std::ranges::sort(later, {}, &Consignment::transfer);
  later.erase(later.begin() +
                  static_cast<std::ptrdiff_t>(std::min(later.size(), packages_max - out.size())),
              later.end());
  std::ranges::move(later, std::back_inserter(out));
  return out;
}

Result<os::UniqueFd> Shelf::open(const Consignment& consignment) const {
  return os::open_read(folder_ + "/" + consignment.transfer.text() + std::string(kReleased));
}

}  // namespace hangu::zone
