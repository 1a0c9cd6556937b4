#pragma once
// Router: which route answers a method and a path.

#include <functional>
#include <variant>
#include <vector>

#include "net/head.hpp"
#include "net/http.hpp"
#include "net/target.hpp"

namespace hangu::net {

/// Decides about a request from its header alone; runs where the server runs its routes.
using Action = std::function<Reply(const Request&)>;

/// Router maps method and pattern to an action. A pattern is literal segments and "{name}"
/// segments, e.g. "/v1/packages/{id}"; a {name} takes exactly one non-empty segment. Routes are
/// tried in the order they were added. HEAD is answered by GET's route unless it has its own.
/// Thread: build it first; find() is const and may run anywhere.
class Router {
 public:
  /// Adds a route whose body may hold at most `body_bytes_max` bytes (0: none).
  Router& add(Method method, std::string_view pattern, Action action,
              std::uint64_t body_bytes_max = 0);

  /// Adds a header field to the router's own answers (405, 413) to paths that begin with the
  /// segments of `prefix`; a route gives it itself.
  Router& always(std::string_view prefix, std::string_view name, std::string_view value);

  struct Match {
    const Action* action = nullptr;
    std::uint64_t body_bytes_max = 0;
    std::map<std::string, std::string, std::less<>> parts;
  };
  /// The route, or the answer 404, or 405 with Allow.
  [[nodiscard]] std::variant<Match, Response> find(Method method, const Target& target) const;
  /// An answer of the router's own to this path.
  [[nodiscard]] Response own(Response response, const Target& target) const;

 private:
  struct Route {
    Method method;
    std::vector<std::string> segments;
    Action action;
    std::uint64_t body_bytes_max;
  };
  struct Field {
    std::vector<std::string> segments;
    std::string name;
    std::string value;
  };
  std::vector<Route> routes_;
  std::vector<Field> fields_;
};

/// Fills `request` (method, path, query, body length, parts; not the headers) from `head` and finds
/// its route, or gives the answer that refuses it: 400 "http-target", 404, 405, or 413
/// "http-body-too-long". Pure: what the server does with a head once it knows the peer.
[[nodiscard]] std::variant<Router::Match, Response> route_request(const Router& router,
                                                                  const RequestHead& head,
                                                                  Request& request);

}  // namespace hangu::net
