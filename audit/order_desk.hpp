#pragma once
// OrderDesk: the folder into which auditors put what they have signed. What counts is taken from
// it; what does not is told once; what the log tells of is carried out, and its file goes.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/folder.hpp"
#include "audit/order.hpp"

namespace hangu::audit {

/// Files in the folder. With more none of them counts, until somebody has cleared it up.
inline constexpr std::size_t kOrdersMax = 64;
inline constexpr std::string_view kOrderSuffix = ".dsse";

/// What is known of an order by its envelope alone.
enum class OrderStanding : std::uint8_t {
  open,
  under_way,
  recorded,  ///< the log tells of it, word for word
};

/// Thread: one.
class OrderDesk {
 public:
  using Tell = std::function<void(const std::string& line)>;
  using StandingOf = std::function<OrderStanding(std::string_view envelope)>;
  OrderDesk(std::unique_ptr<Folder> folder, std::vector<Auditor> auditors, std::string origin,
            Tell tell)
      : folder_(std::move(folder)),
        auditors_(std::move(auditors)),
        origin_(std::move(origin)),
        tell_(std::move(tell)) {}

  /// The open orders that count at `now`, by file name. A folder that cannot be read, or is too
  /// full, gives none and is told: the log goes on without.
  [[nodiscard]] std::vector<GivenOrder> read(
      WallTime now,
      const StandingOf& standing_of = [](std::string_view) { return OrderStanding::open; });
  /// Tells why an order is not carried out, once.
  void tell_once(const GivenOrder& order, const Error& why) {
    tell_once(order.file + " " + order.envelope, why.within(order.file));
  }

 private:
  /// Removes the file of an order that the log tells of.
  void carried_out(const std::string& file);
  void tell_once(const std::string& what, const Error& why);
  [[nodiscard]] bool first_time(const std::string& what);

  std::unique_ptr<Folder> folder_;
  std::vector<Auditor> auditors_;
  std::string origin_;
  Tell tell_;
  std::set<std::string> told_;
};

}  // namespace hangu::audit
