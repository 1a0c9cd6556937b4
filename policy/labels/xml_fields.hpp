#pragma once
// XmlFields takes one element apart: each attribute and child once, by name; finish() refuses what
// is missing, what stands elsewhere, and what nobody asked for.
//
//     XmlFields f(element, kLabelNamespace);
//     const XmlElement& information = f.one("ConfidentialityInformation");
//     HANGU_CHECK(f.finish(XmlOrder::as_asked));

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/labels/xml_tree.hpp"

namespace hangu::policy {

/// Whether children must stand in the order in which they are asked for.
enum class XmlOrder : std::uint8_t { as_asked, any };

/// Borrows the element. Errors of finish(), with "line N: ": Malformed "xml-element" (missing,
/// twice, unknown, in another order, of another namespace), "xml-value".
class XmlFields {
 public:
  XmlFields(const XmlElement& element, std::string_view space);

  /// An attribute's value; empty when it is missing.
  std::string attribute(std::string_view name);
  std::optional<std::string> optional_attribute(std::string_view name, std::string_view space = {});
  /// A child that must be there once; an empty one in its place when it is missing.
  const XmlElement& one(std::string_view name);
  /// nullptr when there is none.
  const XmlElement* optional_one(std::string_view name);
  std::vector<const XmlElement*> all(std::string_view name, std::size_t most);
  /// As all(), and there must be one.
  std::vector<const XmlElement*> some(std::string_view name, std::size_t most);
  /// The text of a child that holds nothing else: not empty.
  std::string text_of_one(std::string_view name);
  /// This element's own text, which is not empty.
  std::string text();
  /// Marks a child, or the element itself, as one whose value cannot be used.
  void reject(const XmlElement& at, const std::string& why);
  /// Takes an inner error as this element's own.
  template <class T>
  std::optional<T> accept(Result<T> made) {
    if (made) return *std::move(made);
    if (!error_) error_.emplace(made.error());
    return std::nullopt;
  }
  void check(Done done) {
    if (!done && !error_) error_.emplace(done.error());
  }
  [[nodiscard]] Done finish(XmlOrder order) const;

 private:
  void note(std::string_view reason, int line, const std::string& why);
  void miss(std::string_view name);
  [[nodiscard]] std::string stray_text(const XmlElement& child) const;

  const XmlElement& element_;
  std::string space_;
  std::vector<bool> attributes_taken_;
  std::vector<std::size_t> ranks_;  ///< of each child: which question took it; 0: none
  std::size_t questions_ = 0;
  std::string asked_;  ///< the names of children, for a message
  std::optional<Error> error_;
  std::optional<Error> missing_;  ///< told only where nothing stands in its place
};

/// "<NAME>", safe to print.
[[nodiscard]] std::string tag_text(const XmlElement& element);

}  // namespace hangu::policy
