#pragma once
// PreparedEntry: what an entry is to the index, made on another thread than the one that fills it.

#include <string>
#include <vector>

#include "audit/search/values.hpp"

namespace hangu::audit::search {

struct PreparedEntry {
  std::uint64_t index = 0;
  Hash leaf{};
  WallTime time;
  std::string transfer;
  std::vector<Value> values;
  bool is_stated = false;     ///< a `transfer.stated`
  std::vector<Value> stated;  ///< then: what it says of its transfer's entries from itself on
};

/// For Ahead. Thread: any.
[[nodiscard]] std::vector<PreparedEntry> prepare(const Bundle& bundle, const void* nothing);

}  // namespace hangu::audit::search
