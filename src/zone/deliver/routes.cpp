#include "zone/deliver/routes.hpp"

#include <memory>

#include "net/range.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"
#include "zone/deliver/acknowledged.hpp"

namespace hangu::zone {
namespace {

constexpr std::size_t kListMax = 1000;
constexpr std::size_t kAcknowledgementBytesMax = 1024;
constexpr std::string_view kPackageMediaType = "application/vnd.hangu.package";

net::Response not_found() {
  return net::problem(404, "package-unknown", "No package for this node has that id.");
}

/// The consignment that a request names, or the answer that there is none.
std::variant<Consignment, net::Response> consignment_of(const Shelf& shelf,
                                                        const net::Request& request) {
  const auto id = TransferId::create(request.parts.find("id")->second);
  const auto node = NodeId::create(request.identity);
  if (!id || !node) return not_found();
  auto found = shelf.find(*id, *node);
  if (!found) return net::error_response(found.error());
  if (!*found) return not_found();
  return **std::move(found);
}

net::Reply list(const Shelf& shelf, Acknowledged& acknowledged, const net::Request& request) {
  const auto node = NodeId::create(request.identity);
  if (!node) return net::error_response(node.error());
  const std::set<TransferId> taken = acknowledged.of(*node);
  const auto consignments = shelf.list(*node, taken, kListMax);
  if (!consignments) return net::error_response(consignments.error());
  wire::JsonArray items;
  for (const Consignment& consignment : *consignments)
    items.emplace_back(wire::JsonObject{{"id", consignment.transfer.text()},
                                        {"sealed", consignment.sealed.to_text()},
                                        {"bytes", consignment.sealed.size},
                                        {"origin", consignment.origin.text()},
                                        {"acknowledged", taken.contains(consignment.transfer)}});
  return net::json_response(200, wire::JsonObject{{"packages", std::move(items)}});
}

net::Reply fetch(const Shelf& shelf, Fetches& fetches, const net::Request& request) {
  auto consignment = consignment_of(shelf, request);
  if (auto* answer = std::get_if<net::Response>(&consignment)) return std::move(*answer);
  const Consignment& found = std::get<Consignment>(consignment);
  auto file = shelf.open(found);
  if (!file) return net::error_response(file.error());
  if (request.method == net::Method::get) {
    const Done told = fetches.tell(*NodeId::create(request.identity), found);
    if (!told) return net::error_response(told.error());
  }
  return net::serve_representation(
      request, {*std::move(file), found.sealed.size, "\"" + to_hex(found.sealed.root) + "\"",
                std::string(kPackageMediaType), true});
}

/// Takes the acknowledgement's small body and passes it on to the custodian.
class Acknowledgement final : public net::BodySink {
 public:
  Acknowledgement(Links& links, Acknowledged& acknowledged, Consignment consignment, NodeId node)
      : links_(links),
        acknowledged_(acknowledged),
        consignment_(std::move(consignment)),
        node_(std::move(node)) {}

  Done write(ByteView bytes) override {
    if (body_.size() + bytes.size() > kAcknowledgementBytesMax)
      return fail(ErrorCode::exhausted, "acknowledgement-too-long");
    append(body_, bytes);
    return {};
  }
  net::Response finish() override {
    const Result<flow::State> state = acknowledge();
    if (!state) return net::error_response(state.error());
    return net::json_response(200, wire::JsonObject{{"id", consignment_.transfer.text()},
                                                    {"state", flow::to_text(*state)}});
  }
  void abort() override {}

 private:
  Result<flow::State> acknowledge() {
    HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(body_), kAcknowledgementBytesMax));
    wire::Fields f(json, "acknowledgement");
    const auto sealed = f.accept("sealed", crypto::ObjectDigest::parse(f.text("sealed", 120)));
    HANGU_CHECK(f.finish());
    if (*sealed != consignment_.sealed)
      return fail(ErrorCode::malformed, "acknowledgement-mismatch", sealed->to_text());
    HANGU_TRY(Links::Lease links, links_.take());
    HANGU_TRY(const flow::State state,
              links->custodian.acknowledge(consignment_.transfer, node_, *sealed));
    acknowledged_.note(node_, consignment_.transfer);
    return state;
  }
  Links& links_;
  Acknowledged& acknowledged_;
  Consignment consignment_;
  NodeId node_;
  Bytes body_;
};

net::Reply acknowledge(const Shelf& shelf, Links& links, Acknowledged& acknowledged,
                       const net::Request& request) {
  auto consignment = consignment_of(shelf, request);
  if (auto* answer = std::get_if<net::Response>(&consignment)) return std::move(*answer);
  const auto node = NodeId::create(request.identity);
  return std::make_unique<Acknowledgement>(links, acknowledged,
                                           std::get<Consignment>(std::move(consignment)), *node);
}

}  // namespace

net::Router deliver_routes(const Shelf& shelf, Fetches& fetches, Links& links) {
  net::Router router;
  const auto acknowledged = std::make_shared<Acknowledged>(links);  // owned by the two routes
  router.add(net::Method::get, "/v1/packages", [&shelf, acknowledged](const net::Request& r) {
    return list(shelf, *acknowledged, r);
  });
  router.add(net::Method::get, "/v1/packages/{id}",
             [&](const net::Request& r) { return fetch(shelf, fetches, r); });
  router.add(
      net::Method::post, "/v1/packages/{id}/acknowledgement",
      [&shelf, &links, acknowledged](const net::Request& r) {
        return acknowledge(shelf, links, *acknowledged, r);
      },
      kAcknowledgementBytesMax);
  return router;
}

}  // namespace hangu::zone
