// Well-known text of coordinate reference systems, read into CrsFacts.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "check/crs_facts.hpp"
#include "check/limits.hpp"

namespace hangu::check {
namespace {

constexpr unsigned kDepthMax = 12;
constexpr std::size_t kNodesMax = 2'000;
constexpr double kCodeEnd = 1'000'000;
constexpr double kDegree = 0.017453292519943295;

struct Node {
  std::string_view keyword;             ///< or a bare word
  std::vector<std::string_view> texts;  ///< quoted, without the quotes
  std::vector<double> numbers;
  std::vector<Node> children;
};

std::unexpected<Error> bad_text(std::string_view what) {
  return fail(ErrorCode::malformed, "crs-text", std::string(what));
}
std::unexpected<Error> not_comparable(std::string_view what) {
  return fail(ErrorCode::exhausted, "crs-not-comparable", std::string(what));
}

/// Parser of KEYWORD["text",number,CHILD[...],WORD].
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<Node> whole() {
    HANGU_TRY(Node node, item(0));
    skip_space();
    if (!rest_.empty()) return bad_text("trailing characters");
    return node;
  }

 private:
  Result<Node> item(unsigned depth) {
    if (depth > kDepthMax || ++nodes_ > kNodesMax) return fail(ErrorCode::exhausted, "crs-limit");
    skip_space();
    Node node;
    const std::size_t end = rest_.find_first_of("[](),\" ");
    node.keyword = rest_.substr(0, end);
    rest_.remove_prefix(node.keyword.size());
    if (node.keyword.empty()) return bad_text("keyword");
    skip_space();
    if (!take('[')) return node;
    do {
      HANGU_CHECK(argument(node, depth));
      skip_space();
    } while (take(','));
    if (!take(']')) return bad_text("bracket");
    return node;
  }

  Done argument(Node& to, unsigned depth) {
    skip_space();
    if (take('"')) {
      const std::size_t end = rest_.find('"');
      if (end == std::string_view::npos) return bad_text("quote");
      to.texts.push_back(rest_.substr(0, end));
      rest_.remove_prefix(end + 1);
      // A doubled quote goes on with the text: such a name is kept cut, and compares as that.
      while (take('"')) {
        const std::size_t more = rest_.find('"');
        if (more == std::string_view::npos) return bad_text("quote");
        rest_.remove_prefix(more + 1);
      }
      return {};
    }
    if (!rest_.empty() && (rest_.front() == '-' || rest_.front() == '+' || rest_.front() == '.' ||
                           (rest_.front() >= '0' && rest_.front() <= '9'))) {
      return number(to);
    }
    HANGU_TRY(Node child, item(depth + 1));
    to.children.push_back(std::move(child));
    return {};
  }

  Done number(Node& to) {
    take('+');
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return bad_text("number");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    to.numbers.push_back(value);
    return {};
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }

  std::string_view rest_;
  std::size_t nodes_ = 0;
};

/// Lower case, with spaces for underscores: WKT 1 and 2 spell alike then, mostly.
std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = ' ';
  }
  return out;
}

bool is_any(std::string_view keyword, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, keyword) != names.end();
}

/// The first node with one of these keywords at or below `node`, in reading order.
const Node* find(const Node& node, std::initializer_list<std::string_view> names) {
  if (is_any(node.keyword, names)) return &node;
  for (const Node& child : node.children) {
    if (const Node* const found = find(child, names)) return found;
  }
  return nullptr;
}

const Node* child_of(const Node& node, std::initializer_list<std::string_view> names) {
  const auto found = std::ranges::find_if(
      node.children, [&](const Node& child) { return is_any(child.keyword, names); });
  return found == node.children.end() ? nullptr : &*found;
}

/// The EPSG code that stands in this very node, or 0.
std::uint32_t code_in(const Node& node) {
  const Node* const id = child_of(node, {"ID", "AUTHORITY"});
  if (id == nullptr || id->texts.empty() || id->texts[0] != "EPSG") return 0;
  double code = 0;
  if (id->texts.size() == 2) {
    const std::string_view text = id->texts[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (error != std::errc() || end != text.data() + text.size()) return 0;
  } else if (id->numbers.size() == 1) {
    code = id->numbers[0];
  }
  return code >= 1 && code < kCodeEnd ? static_cast<std::uint32_t>(code) : 0;
}

Result<Projection> projection_of(const Node& system) {
  const Node* method = find(system, {"METHOD", "PROJECTION"});
  if (method == nullptr || method->texts.empty()) return bad_text("no method");
  struct Row {
    std::string_view name;
    Projection projection;
  };
  constexpr auto kRows = std::to_array<Row>({
      {"transverse mercator", Projection::transverse_mercator},
      {"mercator (variant a)", Projection::mercator_1sp},
      {"mercator 1sp", Projection::mercator_1sp},
      {"lambert conic conformal (1sp)", Projection::lambert_conformal_1sp},
      {"lambert conformal conic 1sp", Projection::lambert_conformal_1sp},
      {"lambert conic conformal (2sp)", Projection::lambert_conformal_2sp},
      {"lambert conformal conic 2sp", Projection::lambert_conformal_2sp},
      {"lambert azimuthal equal area", Projection::lambert_equal_area},
      {"albers equal area", Projection::albers},
      {"albers conic equal area", Projection::albers},
      {"polar stereographic (variant a)", Projection::polar_stereographic},
      {"polar stereographic", Projection::polar_stereographic},
      {"oblique stereographic", Projection::oblique_stereographic},
  });
  const std::string name = folded(method->texts.front());
  const auto* const row = std::ranges::find(kRows, name, &Row::name);
  if (row == kRows.end()) return not_comparable("method");
  return row->projection;
}

std::optional<ProjectionTerm> term_of(std::string_view name) {
  struct Row {
    std::string_view name;
    ProjectionTerm term;
  };
  using enum ProjectionTerm;
  constexpr auto kRows = std::to_array<Row>({
      {"latitude of natural origin", latitude_of_origin},
      {"latitude of false origin", latitude_of_origin},
      {"latitude of projection centre", latitude_of_origin},
      {"latitude of origin", latitude_of_origin},
      {"latitude of center", latitude_of_origin},
      {"longitude of natural origin", longitude_of_origin},
      {"longitude of false origin", longitude_of_origin},
      {"longitude of projection centre", longitude_of_origin},
      {"longitude of origin", longitude_of_origin},
      {"longitude of center", longitude_of_origin},
      {"central meridian", longitude_of_origin},
      {"scale factor at natural origin", scale},
      {"scale factor", scale},
      {"false easting", false_easting},
      {"easting at false origin", false_easting},
      {"false northing", false_northing},
      {"northing at false origin", false_northing},
      {"latitude of 1st standard parallel", parallel_1},
      {"standard parallel 1", parallel_1},
      {"latitude of 2nd standard parallel", parallel_2},
      {"standard parallel 2", parallel_2},
  });
  const std::string key = folded(name);
  const auto* const row = std::ranges::find(kRows, key, &Row::name);
  return row == kRows.end() ? std::nullopt : std::optional(row->term);
}

/// Units other than degree and metre are not on the list.
bool is_plain_unit(const Node& unit) {
  if (unit.numbers.empty()) return false;
  const double factor = unit.numbers.front();
  if (unit.keyword == "ANGLEUNIT") return std::abs(factor - kDegree) < 1e-12;
  if (unit.keyword == "UNIT") return std::abs(factor - kDegree) < 1e-12 || factor == 1;
  return factor == 1;
}

Done check_units(const Node& node) {
  if (is_any(node.keyword, {"UNIT", "ANGLEUNIT", "LENGTHUNIT", "SCALEUNIT"}) &&
      !is_plain_unit(node)) {
    return not_comparable("unit");
  }
  for (const Node& child : node.children) HANGU_CHECK(check_units(child));
  return {};
}

Done read_terms(const Node& node, CrsFacts& facts) {
  for (const Node& child : node.children) {
    if (child.keyword == "CONVERSION") HANGU_CHECK(read_terms(child, facts));
    if (child.keyword != "PARAMETER") continue;
    if (child.texts.empty() || child.numbers.empty()) return bad_text("parameter");
    const auto term = term_of(child.texts.front());
    if (!term) return not_comparable("parameter");
    auto& slot = facts.terms[static_cast<std::size_t>(*term)];
    if (slot) return bad_text("parameter twice");
    slot = child.numbers.front();
  }
  return {};
}

}  // namespace

Result<CrsFacts> read_wkt(std::string_view text) {
  if (text.size() > kDefinitionBytesMax) return fail(ErrorCode::exhausted, "crs-limit");
  HANGU_TRY(const Node root, Parser(text).whole());
  const Node* bound = &root;
  if (root.keyword == "BOUNDCRS") {
    bound = child_of(root, {"SOURCECRS"});
    if (bound == nullptr || bound->children.empty()) return bad_text("bound CRS");
    bound = &bound->children.front();
  }
  const Node& system = *bound;
  if (!is_any(system.keyword, {"PROJCRS", "PROJCS", "GEOGCRS", "GEOGCS", "GEODCRS"})) {
    return not_comparable("kind of system");
  }
  CrsFacts facts;
  HANGU_CHECK(check_units(system));
  const Node* const ellipsoid = find(system, {"ELLIPSOID", "SPHEROID"});
  if (ellipsoid == nullptr || ellipsoid->numbers.size() < 2) return bad_text("ellipsoid");
  facts.semi_major = ellipsoid->numbers[0];
  facts.inverse_flattening = ellipsoid->numbers[1];
  if (const Node* const meridian = find(system, {"PRIMEM"})) {
    if (meridian->numbers.empty()) return bad_text("prime meridian");
    facts.prime_meridian = meridian->numbers.front();
  }
  if (is_any(system.keyword, {"PROJCRS", "PROJCS"})) {
    HANGU_TRY(facts.projection, projection_of(system));
    HANGU_CHECK(read_terms(system, facts));
    const Node* const base = child_of(system, {"BASEGEOGCRS", "GEOGCS"});
    facts.base = base == nullptr ? 0 : code_in(*base);
  }
  return facts;
}

bool CrsFacts::agrees_with(const CrsFacts& other) const {
  const auto same = [](double a, double b) {
    return std::abs(a - b) <= 1e-13 * std::max(std::abs(a), std::abs(b));
  };
  if (projection != other.projection || base != other.base || !same(semi_major, other.semi_major) ||
      !same(inverse_flattening, other.inverse_flattening) ||
      !same(prime_meridian, other.prime_meridian)) {
    return false;
  }
  for (std::size_t i = 0; i < kProjectionTerms; ++i) {
    // A term left out has its usual value.
    const double usual = static_cast<ProjectionTerm>(i) == ProjectionTerm::scale ? 1 : 0;
    if (!same(terms[i].value_or(usual), other.terms[i].value_or(usual))) return false;
  }
  return true;
}

}  // namespace hangu::check
