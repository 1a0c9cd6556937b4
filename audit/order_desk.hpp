#pragma once
// OrderDesk: the folder into which auditors put what they have signed. What counts is taken from
// it; what does not is told once.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "audit/folder.hpp"
#include "audit/order.hpp"

namespace hangu::audit {

inline constexpr std::size_t kOrdersMax = 64;  ///< files in the folder
inline constexpr std::string_view kOrderSuffix = ".dsse";

/// Thread: one.
class OrderDesk {
 public:
  using Tell = std::function<void(const std::string& line)>;
  OrderDesk(std::unique_ptr<Folder> folder, std::vector<Auditor> auditors, std::string origin,
            Tell tell)
      : folder_(std::move(folder)),
        auditors_(std::move(auditors)),
        origin_(std::move(origin)),
        tell_(std::move(tell)) {}

  /// The orders that count at `now`, by file name. Errors: those of the folder.
  [[nodiscard]] Result<std::vector<GivenOrder>> read(WallTime now);
  /// Tells why an order is not carried out, once.
  void tell_once(const GivenOrder& order, const Error& why) { tell_once(order.envelope, why); }

 private:
  void tell_once(const std::string& what, const Error& why);

  std::unique_ptr<Folder> folder_;
  std::vector<Auditor> auditors_;
  std::string origin_;
  Tell tell_;
  std::set<std::string> told_;
};

}  // namespace hangu::audit
