#include "net/router.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "base/text.hpp"

namespace hangu::net {
namespace {

using Parts = std::map<std::string, std::string, std::less<>>;

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::optional<Parts> match(const std::vector<std::string>& pattern,
                           const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  Parts parts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) {
      if (segments[i].empty()) return std::nullopt;
      parts.emplace(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return parts;
}

std::vector<std::string> segments_of(std::string_view pattern) {
  std::vector<std::string> segments;
  if (pattern.size() > 1) {
    for (const auto segment : split(pattern.substr(1), '/')) segments.emplace_back(segment);
  }
  return segments;
}

}  // namespace

Router& Router::add(Method method, std::string_view pattern, Action action,
                    std::uint64_t body_bytes_max) {
  HANGU_ASSERT(!pattern.empty() && pattern.front() == '/' && action);
  routes_.push_back({method, segments_of(pattern), std::move(action), body_bytes_max});
  return *this;
}

Router& Router::always(std::string_view prefix, std::string_view name, std::string_view value) {
  fields_.push_back({segments_of(prefix), std::string(name), std::string(value)});
  return *this;
}

Response Router::own(Response response, const Target& target) const {
  for (const Field& field : fields_) {
    const bool below =
        field.segments.size() <= target.segments.size() &&
        std::ranges::equal(field.segments, std::span(target.segments).first(field.segments.size()));
    if (below) response.with(field.name, field.value);
  }
  return response;
}

std::variant<Router::Match, Response> Router::find(Method method, const Target& target) const {
  const Route* chosen = nullptr;
  std::optional<Parts> parts;
  std::vector<std::string_view> allowed;
  for (const Route& route : routes_) {
    auto found = match(route.segments, target.segments);
    if (!found) continue;
    const std::string_view name = to_text(route.method);
    if (std::ranges::find(allowed, name) == allowed.end()) allowed.push_back(name);
    const bool exact = route.method == method;
    const bool stands_in = method == Method::head && route.method == Method::get;
    const bool better = exact && (chosen == nullptr || chosen->method != method);
    if (better || (stands_in && chosen == nullptr)) {
      chosen = &route;
      parts = std::move(found);
    }
  }
  if (chosen != nullptr) return Match{&chosen->action, chosen->body_bytes_max, *std::move(parts)};
  if (allowed.empty()) return problem(404, "http-not-found", "nothing is here");

  const bool get = std::ranges::find(allowed, "GET") != allowed.end();
  if (get && std::ranges::find(allowed, "HEAD") == allowed.end()) allowed.push_back("HEAD");
  std::ranges::sort(allowed);
  std::string allow;
  for (const auto name : allowed) allow.append(allow.empty() ? "" : ", ").append(name);
  Response response = problem(405, "http-method", "the method is not offered here");
  response.with("Allow", allow);
  return own(std::move(response), target);
}

std::variant<Router::Match, Response> route_request(const Router& router, const RequestHead& head,
                                                    Request& request) {
  auto target = parse_target(head.target);
  if (!target) {
    Response response = error_response(target.error());
    response.close = true;  // another reader may have seen another path
    return response;
  }
  request.method = parse_method(head.method);
  request.path = target->path;
  request.query = target->query;
  request.body_bytes = head.body_bytes.value_or(0);
  auto found = router.find(request.method, *target);
  auto* match = std::get_if<Router::Match>(&found);
  if (match == nullptr) return found;
  if (request.body_bytes > match->body_bytes_max) {
    return router.own(problem(413, "http-body-too-long",
                              "at most " + std::to_string(match->body_bytes_max) + " bytes"),
                      *target);
  }
  request.parts = std::move(match->parts);
  return found;
}

}  // namespace hangu::net
