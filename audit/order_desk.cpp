#include "audit/order_desk.hpp"

#include "base/text.hpp"

namespace hangu::audit {

std::vector<GivenOrder> OrderDesk::read(WallTime now, const StandingOf& standing_of) {
  const Result<std::vector<std::string>> names = folder_->names(kOrdersMax);
  if (!names && names.error().reason() == "audit-folder-too-full") {
    tell_once("", Error(ErrorCode::exhausted, "order-too-many",
                        "more than " + std::to_string(kOrdersMax) + " files"));
    return {};
  }
  if (!names) {
    tell_once("", names.error());
    return {};
  }
  std::erase_if(told_, [](const std::string& what) { return what.starts_with(' '); });
  std::vector<GivenOrder> out;
  for (const std::string& name : *names) {
    if (!name.ends_with(kOrderSuffix)) continue;
    const Result<Bytes> bytes = folder_->read(name, kOrderBytesMax);
    if (!bytes) {
      tell_once(name, bytes.error());
      continue;
    }
    std::string text(text_of(*bytes));
    const OrderStanding standing = standing_of(text);
    if (standing == OrderStanding::recorded) carried_out(name);
    if (standing != OrderStanding::open) continue;
    Result<SignedOrder> order = open_order(text, auditors_, origin_, now);
    if (order) {
      out.push_back({*std::move(order), std::move(text), name});
    } else {
      tell_once(name + " " + text, order.error().within(name));
    }
  }
  return out;
}

void OrderDesk::carried_out(const std::string& file) {
  const Done removed = folder_->remove(file);
  const Done durable = removed ? folder_->sync() : removed;
  if (!first_time(file + " carried out")) return;
  tell_("HANGU-AUDIT-0011 an order was carried out and is in the log: " + printable(file) +
        (durable ? ", its file is removed"
                 : ", its file could not be removed: " + durable.error().message()));
}

bool OrderDesk::first_time(const std::string& what) {
  if (told_.size() > 2 * kOrdersMax) told_.clear();  // files come and go
  return told_.insert(what).second;
}

void OrderDesk::tell_once(const std::string& what, const Error& why) {
  if (!first_time(what + " " + std::string(why.reason()))) return;
  tell_("HANGU-AUDIT-0008 an order is not carried out: " + why.message());
}

}  // namespace hangu::audit
