#pragma once
// XmlWriter: XML whose bytes follow from what it says: two spaces a level, attributes as given.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace hangu::policy {

class XmlWriter {
 public:
  using Attributes = std::vector<std::pair<std::string_view, std::string>>;

  XmlWriter();
  void open(std::string_view name, const Attributes& attributes = {});
  void close();
  void empty(std::string_view name, const Attributes& attributes = {});
  void text(std::string_view name, const Attributes& attributes, std::string_view value);

  /// Errors: Malformed "xml-value" (a value holds what XML 1.0 has no way to write).
  [[nodiscard]] Result<std::string> finish() &&;

 private:
  void start(std::string_view name, const Attributes& attributes);
  std::string escaped(std::string_view value);

  std::string out_;
  std::vector<std::string> open_;
  bool unwritable_ = false;
};

}  // namespace hangu::policy
