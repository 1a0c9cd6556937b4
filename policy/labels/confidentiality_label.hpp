#pragma once
// Confidentiality label: a label as STANAG 4774 (ADatP-4774) writes it, of whatever policy; alone,
// or bound by STANAG 4778 (ADatP-4778) to data that is named by its digest.
// docs/protocols/labels.md.

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "policy/labels/xml_tree.hpp"

namespace hangu::policy {

inline constexpr std::string_view kLabelNamespace =
    "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0";
inline constexpr std::string_view kBindingNamespace = "urn:nato:stanag:4778:bindinginformation:1:0";

enum class CategoryType : std::uint8_t {
  restrictive,  ///< a holder needs all of the values
  permissive,   ///< any of them
  informative,  ///< no matter who holds what
};

/// "RESTRICTIVE", "PERMISSIVE", "INFORMATIVE".
[[nodiscard]] std::string_view to_text(CategoryType type);

struct LabelCategory {
  std::string tag_set;  ///< its name, the label's TagName
  std::string oid;      ///< of the tag set; empty: not said
  CategoryType type = CategoryType::restrictive;
  std::vector<std::string> values;  ///< each once, in the order of the file

  bool operator==(const LabelCategory&) const = default;
};

/// Who made the label, and what kind of name that is: "directoryName", "rfc822Name", …
struct Originator {
  std::string kind;
  std::string name;

  bool operator==(const Originator&) const = default;
};

struct ConfidentialityLabel {
  std::string policy;  ///< its name
  std::string oid;     ///< of the policy; empty: not said
  std::string classification;
  std::vector<LabelCategory> categories;  ///< each tag set and type once
  std::optional<Originator> originator;
  WallTime created;
  std::optional<WallTime> review;  ///< when somebody should look at it again

  bool operator==(const ConfidentialityLabel&) const = default;
};

/// Bytes that a label is bound to.
struct DataReference {
  crypto::Hash digest{};   ///< SHA-256 of all of them
  std::string media_type;  ///< empty: not said

  bool operator==(const DataReference&) const = default;
};

struct LabelDocument {
  ConfidentialityLabel label;
  std::vector<DataReference> data;  ///< none: the label stands alone

  bool operator==(const LabelDocument&) const = default;
};

/// As originatorConfidentialityLabel, or in a detached BindingInformation when there is data. The
/// same document always makes the same bytes.
/// Errors: Malformed "xml-value" (a character that XML 1.0 cannot hold).
[[nodiscard]] Result<std::string> write_label_document(const LabelDocument& document);

/// Reads what is in docs/protocols/labels.md §2 and §3, and refuses all else.
/// Limits: kLabelXmlBytesMax. Errors: those of read_xml(), XmlFields::finish().
[[nodiscard]] Result<LabelDocument> read_label_document(std::string_view text);

/// "ni:///sha-256;…" (RFC 6920), in which a digest is its own address.
[[nodiscard]] std::string address_of(const crypto::Hash& digest);
/// Nothing when it is no such address in its one spelling.
[[nodiscard]] std::optional<crypto::Hash> digest_in(std::string_view address);

/// "urn:oid:1.2.3" and back; nothing when it is no object identifier in its one spelling.
[[nodiscard]] std::string urn_of(std::string_view oid);
[[nodiscard]] std::optional<std::string> oid_in(std::string_view urn);
[[nodiscard]] bool is_oid(std::string_view text);

}  // namespace hangu::policy
