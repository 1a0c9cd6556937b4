#include "flow/label.hpp"

#include <array>

#include "base/text.hpp"

namespace hangu::flow {
namespace {

struct Names {
  std::string_view english;
  std::string_view chinese;
};
constexpr std::array<Names, 5> kSecrecy{{{"open", "公开"},
                                         {"internal", "内部"},
                                         {"secret", "秘密"},
                                         {"confidential", "机密"},
                                         {"top-secret", "绝密"}}};
constexpr std::array<Names, 3> kGrade{
    {{"general", "一般"}, {"important", "重要"}, {"core", "核心"}}};

template <class E, std::size_t N>
Result<E> parse_name(const std::array<Names, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (text == names[i].english || text == names[i].chinese) return static_cast<E>(i);
  return fail(ErrorCode::malformed, "label-invalid", "unknown grade " + printable(text, 40));
}

}  // namespace

std::string_view to_text(Secrecy s) { return kSecrecy[static_cast<std::size_t>(s)].english; }
std::string_view to_text(DataGrade g) { return kGrade[static_cast<std::size_t>(g)].english; }
std::string_view to_chinese(Secrecy s) { return kSecrecy[static_cast<std::size_t>(s)].chinese; }
std::string_view to_chinese(DataGrade g) { return kGrade[static_cast<std::size_t>(g)].chinese; }
Result<Secrecy> parse_secrecy(std::string_view text) { return parse_name<Secrecy>(kSecrecy, text); }
Result<DataGrade> parse_data_grade(std::string_view text) {
  return parse_name<DataGrade>(kGrade, text);
}

wire::Json Label::to_json() const {
  wire::JsonArray within;
  for (const std::string& name : compartments) within.emplace_back(name);
  return wire::JsonObject{{"secrecy", to_text(secrecy)},
                          {"grade", to_text(grade)},
                          {"termYears", term_years},
                          {"owner", owner},
                          {"compartments", std::move(within)}};
}

Result<Label> Label::parse(const wire::Json& json) {
  wire::Fields f(json, "label");
  Label label;
  label.secrecy = f.accept("secrecy", parse_secrecy(f.text("secrecy", 40))).value_or(Secrecy::open);
  label.grade =
      f.accept("grade", parse_data_grade(f.text("grade", 40))).value_or(DataGrade::general);
  label.term_years = static_cast<int>(f.integer("termYears", 0, 100));
  label.owner = f.text("owner", kLabelTextBytesMax);
  for (std::string& name : f.texts("compartments", kCompartmentsMax, kLabelTextBytesMax)) {
    if (name.empty() || !label.compartments.insert(std::move(name)).second)
      f.reject("compartments", "empty or twice");
  }
  HANGU_CHECK(f.finish());
  if (label.owner.empty()) return fail(ErrorCode::malformed, "label-invalid", "owner is empty");
  if (label.secrecy <= Secrecy::internal && label.term_years != 0)
    return fail(ErrorCode::malformed, "label-invalid", "only a state secret has a term");
  return label;
}

}  // namespace hangu::flow
