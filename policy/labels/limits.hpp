#pragma once
// Limits of labels and label policies in XML.

#include <cstddef>
#include <cstdint>

namespace hangu::policy {

inline constexpr std::size_t kLabelXmlBytesMax = std::size_t{64} << 10;  ///< a label, a binding
inline constexpr std::size_t kSpifBytesMax = std::size_t{1} << 20;

inline constexpr std::size_t kXmlDepthMax = 16;
inline constexpr std::size_t kXmlElementsMax = 20'000;
inline constexpr std::size_t kXmlAttributesMax = 32;   ///< of an element, its namespaces included
inline constexpr std::size_t kXmlTextBytesMax = 1000;  ///< of an element or an attribute

inline constexpr std::size_t kLabelCategoriesMax = 32;       ///< of a label
inline constexpr std::size_t kLabelCategoryValuesMax = 256;  ///< of a category
inline constexpr std::size_t kDataReferencesMax = 64;        ///< of a binding

}  // namespace hangu::policy
