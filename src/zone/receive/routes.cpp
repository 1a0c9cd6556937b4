#include "zone/receive/routes.hpp"

#include "os/file.hpp"
#include "zone/status_json.hpp"

namespace hangu::zone {
namespace {

constexpr std::size_t kMemoryBytesMax = std::size_t{1} << 20;  // larger ones go to the spool
constexpr std::size_t kListMax = 1000;

net::Response not_found() {
  return net::problem(404, "transfer-unknown", "No transfer of this node has that id.");
}

net::Response arrival(const Arrived& arrived) {
  net::Response response = net::json_response(
      arrived.known ? 200 : 201, wire::JsonObject{{"id", arrived.transfer.text()},
                                                  {"state", flow::to_text(arrived.state)},
                                                  {"known", arrived.known}});
  response.with("Location", "/v1/packages/" + arrived.transfer.text());
  for (const auto& [name, value] : arrival_headers(arrived)) response.with(name, value);
  return response;
}

/// Takes a whole package: in memory, or in a file of the spool when it was given one, hashing as it
/// comes.
class WholeUpload final : public net::BodySink {
 public:
  WholeUpload(Intake& intake, Spool& spool, NodeId node, std::optional<WholeFile> whole)
      : intake_(intake),
        spool_(spool),
        node_(std::move(node)),
        tree_(crypto::HashAlgorithm::sha256),
        whole_(std::move(whole)) {}
  ~WholeUpload() override { discard(); }

  Done write(ByteView bytes) override {
    tree_.update(bytes);
    if (whole_) {
      HANGU_CHECK(spool_.append_whole(*whole_, held_, bytes));
    } else {
      append(memory_, bytes);
    }
    held_ += bytes.size();
    return {};
  }

  net::Response finish() override {
    const os::FdView file = whole_ ? whole_->file.view() : os::FdView();
    const Result<Arrived> arrived = intake_.take(node_, {tree_.finish(), std::move(memory_), file});
    discard();
    return arrived ? arrival(*arrived) : net::error_response(arrived.error());
  }

  void abort() override { discard(); }

 private:
  void discard() {
    if (!whole_) return;
    whole_->file.reset();
    // A file that stays is removed at the next start.
    (void)spool_.discard_whole(whole_->name).has_value();
    whole_.reset();
  }

  Intake& intake_;
  Spool& spool_;
  NodeId node_;
  crypto::ChunkTree tree_;
  std::optional<WholeFile> whole_;
  std::uint64_t held_ = 0;
  Bytes memory_;
};

/// Runs `answer` for the requesting node and the transfer that the path names.
template <class Answer>
net::Reply with_transfer(const net::Request& request, Answer answer) {
  const auto id = TransferId::create(request.parts.find("id")->second);
  const auto node = NodeId::create(request.identity);
  if (!id || !node) return not_found();
  return answer(*node, *id);
}

net::Reply submit(Intake& intake, Spool& spool, const net::Request& request) {
  const auto node = NodeId::create(request.identity);
  if (!node) return net::error_response(node.error());
  std::optional<WholeFile> whole;
  if (request.body_bytes > kMemoryBytesMax) {
    Result<WholeFile> begun = spool.begin_whole(request.body_bytes);
    if (!begun) return net::error_response(begun.error());
    whole = *std::move(begun);
  }
  return std::make_unique<WholeUpload>(intake, spool, *node, std::move(whole));
}

net::Reply list(Intake& intake, const net::Request& request) {
  const auto node = NodeId::create(request.identity);
  if (!node) return net::error_response(node.error());
  const auto rows = intake.list(*node, kListMax);
  if (!rows) return net::error_response(rows.error());
  wire::JsonArray items;
  for (const ledger::Listed& row : *rows) items.push_back(to_json(row));
  return net::json_response(200, wire::JsonObject{{"packages", std::move(items)}});
}

net::Response show(Intake& intake, const NodeId& node, const TransferId& id) {
  const auto status = intake.status(node, id);
  if (!status) return net::error_response(status.error());
  if (!*status) return not_found();
  return net::json_response(200, to_json(**status));
}

net::Response withdraw(Intake& intake, const NodeId& node, const TransferId& id) {
  const auto status = intake.status(node, id);
  if (status && !*status) return not_found();
  const auto withdrawn = intake.withdraw(node, id);
  if (!withdrawn) return net::error_response(withdrawn.error());
  const bool done = withdrawn->withdrawn;
  wire::JsonObject body{{"id", id.text()},
                        {"withdrawn", done},
                        {"error", done ? "" : "too-late"},
                        {"state", flow::to_text(withdrawn->state)}};
  if (!done) body.emplace_back("message", "The transfer has ended already.");
  return net::json_response(done ? 200 : 409, std::move(body));
}

net::Response receipts(Intake& intake, const NodeId& node, const TransferId& id) {
  const auto found = intake.receipts(node, id);
  if (!found && found.error().reason() == "transfer-unknown") return not_found();
  if (!found) return net::error_response(found.error());
  wire::JsonArray items;
  for (const SenderReceipt& receipt : *found)
    items.emplace_back(wire::JsonObject{{"type", receipt.type},
                                        {"index", receipt.index},
                                        {"entry", receipt.entry},
                                        {"proof", receipt.proof}});
  return net::json_response(200,
                            wire::JsonObject{{"id", id.text()}, {"receipts", std::move(items)}});
}

}  // namespace

net::Router receive_routes(Intake& intake, Spool& spool) {
  net::Router router;
  const std::uint64_t bytes_max = spool.limits().package_bytes_max;
  router.add(
      net::Method::post, "/v1/packages",
      [&](const net::Request& r) { return submit(intake, spool, r); }, bytes_max);
  router.add(net::Method::get, "/v1/packages",
             [&](const net::Request& r) { return list(intake, r); });
  router.add(net::Method::get, "/v1/packages/{id}", [&](const net::Request& r) {
    return with_transfer(
        r, [&](const auto& node, const auto& id) -> net::Reply { return show(intake, node, id); });
  });
  router.add(net::Method::remove, "/v1/packages/{id}", [&](const net::Request& r) {
    return with_transfer(r, [&](const auto& node, const auto& id) -> net::Reply {
      return withdraw(intake, node, id);
    });
  });
  router.add(net::Method::get, "/v1/packages/{id}/receipts", [&](const net::Request& r) {
    return with_transfer(r, [&](const auto& node, const auto& id) -> net::Reply {
      return receipts(intake, node, id);
    });
  });
  net::add_tus_routes(router, "/v1/uploads", spool, bytes_max);
  return router;
}

Result<std::string> identify_node(const crypto::TrustAnchors& anchors, line::KnownNodes& nodes,
                                  std::string_view pem, const ZoneId& zone, const Clock& clock) {
  HANGU_TRY(const WallTime now, clock.now());
  HANGU_TRY(const crypto::Certificate certificate,
            anchors.check(pem, crypto::HolderKind::node, now));
  if (!certificate.subject().zones.contains(zone.text()))
    return fail(ErrorCode::forbidden, "node-other-zone", certificate.subject().name);
  const crypto::VerifyKey* key = certificate.verify_key();
  HANGU_TRY(NodeId node, NodeId::create(certificate.subject().name));
  HANGU_TRY(const flow::NodeStanding standing,
            nodes.standing(node, zone, key == nullptr ? std::string_view() : key->id()));
  switch (standing) {
    case flow::NodeStanding::unknown:
      return fail(ErrorCode::forbidden, "node-unknown", node.text());
    case flow::NodeStanding::other_key: return fail(ErrorCode::forbidden, "node-key", node.text());
    case flow::NodeStanding::other_zone:
      return fail(ErrorCode::forbidden, "node-other-zone", node.text());
    case flow::NodeStanding::known: break;
  }
  return node.text();
}

}  // namespace hangu::zone
