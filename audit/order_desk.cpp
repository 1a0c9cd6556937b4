#include "audit/order_desk.hpp"

namespace hangu::audit {

Result<std::vector<GivenOrder>> OrderDesk::read(WallTime now) {
  HANGU_TRY(const std::vector<std::string> names, folder_->names(kOrdersMax));
  std::vector<GivenOrder> out;
  for (const std::string& name : names) {
    if (!name.ends_with(kOrderSuffix)) continue;
    const Result<Bytes> bytes = folder_->read(name, 2 * kOrderBytesMax);
    if (!bytes) {
      tell_once(name, bytes.error());
      continue;
    }
    std::string text(text_of(*bytes));
    Result<SignedOrder> order = open_order(text, auditors_, origin_, now);
    if (order) {
      out.push_back({*std::move(order), std::move(text)});
    } else {
      tell_once(name + " " + text, order.error().within(name));
    }
  }
  return out;
}

void OrderDesk::tell_once(const std::string& what, const Error& why) {
  if (!told_.insert(what + std::string(why.reason())).second) return;
  if (told_.size() > 2 * kOrdersMax) told_.clear();  // files come and go
  tell_("HANGU-AUDIT-0008 an order is not carried out: " + why.message());
}

}  // namespace hangu::audit
