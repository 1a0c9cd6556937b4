#pragma once
// Names: what a catalogue calls things. Within one gateway a name is its place in its list, so that
// a rule is matched by numbers; people and files use ids and titles.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hangu::policy {

inline constexpr std::size_t kNamesMax = 2000;  ///< of one list

/// Something with an ASCII id and titles for people; a rule may use any of the three.
struct Named {
  std::string id;
  std::string title_zh;
  std::string title_en;
};

/// A name's place in its list.
using NameIndex = std::uint16_t;

/// A set of names of one list, in rising order.
class NameSet {
 public:
  NameSet() = default;
  NameSet(std::initializer_list<NameIndex> names) {
    for (const NameIndex name : names) insert(name);
  }

  void insert(NameIndex name) {
    const auto at = std::ranges::lower_bound(names_, name);
    if (at == names_.end() || *at != name) names_.insert(at, name);
  }
  void merge(const NameSet& other) {
    for (const NameIndex name : other.names_) insert(name);
  }
  [[nodiscard]] bool contains(NameIndex name) const {
    return std::ranges::binary_search(names_, name);
  }
  [[nodiscard]] bool contains_all(const NameSet& other) const {
    return std::ranges::includes(names_, other.names_);
  }
  [[nodiscard]] bool touches(const NameSet& other) const {
    return std::ranges::any_of(other.names_, [&](NameIndex name) { return contains(name); });
  }
  [[nodiscard]] bool empty() const { return names_.empty(); }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] auto begin() const { return names_.begin(); }
  [[nodiscard]] auto end() const { return names_.end(); }
  bool operator==(const NameSet&) const = default;

 private:
  std::vector<NameIndex> names_;
};

/// The names of one kind: zones, dataset classes, roles…
class NameList {
 public:
  /// Errors: Malformed "catalogue-twice" (an id or title that another name has, or one that looks
  /// the same: NFKC and case folding), "config-value" (not NFC, or the list is full).
  [[nodiscard]] Result<NameIndex> add(Named name);

  [[nodiscard]] std::optional<NameIndex> find(std::string_view id_or_title) const;
  /// "; did you mean …?", or nothing when no name is near.
  [[nodiscard]] std::string did_you_mean(std::string_view text) const;

  [[nodiscard]] const Named& operator[](NameIndex index) const { return names_[index]; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] bool empty() const { return names_.empty(); }
  [[nodiscard]] auto begin() const { return names_.begin(); }
  [[nodiscard]] auto end() const { return names_.end(); }
  /// The places of all names.
  [[nodiscard]] auto indices() const {
    return std::views::iota(NameIndex{0}, static_cast<NameIndex>(names_.size()));
  }

 private:
  std::vector<Named> names_;
  std::map<std::string, NameIndex, std::less<>> places_;       ///< of ids and titles
  std::map<std::string, NameIndex, std::less<>> look_alikes_;  ///< of their collision keys
};

}  // namespace hangu::policy
