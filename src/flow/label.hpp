#pragma once
// Label: how secret a dataset is, on two axes that are never one number.

#include <set>
#include <string>
#include <string_view>

#include "wire/json.hpp"

namespace hangu::flow {

/// State secrecy (密级). `internal` is no state secret.
enum class Secrecy : std::uint8_t { open, internal, secret, confidential, top_secret };
/// Data grade (数据级别, GB/T 43697-2024).
enum class DataGrade : std::uint8_t { general, important, core };

/// "open" 公开, "internal" 内部, "secret" 秘密, "confidential" 机密, "top-secret" 绝密;
/// "general" 一般, "important" 重要, "core" 核心. Parsing takes either language.
/// Errors: Malformed "label-invalid".
[[nodiscard]] std::string_view to_text(Secrecy secrecy);
[[nodiscard]] std::string_view to_text(DataGrade grade);
[[nodiscard]] std::string_view to_chinese(Secrecy secrecy);
[[nodiscard]] std::string_view to_chinese(DataGrade grade);
[[nodiscard]] Result<Secrecy> parse_secrecy(std::string_view text);
[[nodiscard]] Result<DataGrade> parse_data_grade(std::string_view text);

inline constexpr std::size_t kCompartmentsMax = 32;
inline constexpr std::size_t kLabelTextBytesMax = 200;

/// Label is what a sender states about a dataset and signs.
struct Label {
  Secrecy secrecy = Secrecy::open;
  DataGrade grade = DataGrade::general;
  int term_years = 0;                  ///< protection period of the secrecy, 0..100; 0 = none
  std::string owner;                   ///< organisation that answers for the data; not empty
  std::set<std::string> compartments;  ///< a holder needs all of them

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…", "label-invalid" (an open dataset with a term or compartments).
  [[nodiscard]] static Result<Label> parse(const wire::Json& json);
  bool operator==(const Label&) const = default;
};

}  // namespace hangu::flow
