#pragma once
// FakeGateway: a zone's entrances played by net::Server in a thread of this process, answering from
// a script, so that the commands' own behaviour is what is tested.

#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "flow/stage.hpp"
#include "net/server.hpp"
#include "net/socket.hpp"
#include "net/tus_routes.hpp"
#include "package/writer.hpp"
#include "tests/unit/cli/workshop.hpp"

namespace hangu::test {

/// What the gateway will say; set before it runs.
struct Script {
  std::vector<flow::State> states{flow::State::emitted};  ///< one a question; the last again
  std::string reason = "ok";
  std::string detail{};         ///< of the reason
  int refuse_status = 0;        ///< of every upload, when not 0 …
  std::string refuse_reason{};  ///< … and why
  std::string receipts = "[]";
  Bytes parcel;                                ///< the package that waits
  std::optional<crypto::ObjectDigest> sealed;  ///< what it is said to be; absent: what it is
  std::string parcel_id = "00112233445566778899aabbccddeeff";
  bool acknowledged = false;  ///< the package that waits
  bool known = false;         ///< what is uploaded
  bool withdraws = true;
  bool lists = true;  ///< anything at all
};

class FakeGateway final : private net::UploadStore {
 public:
  FakeGateway(const Workshop& shop, Script script) : script_(std::move(script)) {
    auto listener = net::listen_tcp("127.0.0.1", 0);
    REQUIRE(listener);
    endpoint_ = "127.0.0.1:" + std::to_string(*net::local_port(listener->view()));
    key_ = shop.text_at(shop.path("pki/zones/egov/tls.key"));
    net::ServerPlan plan;
    plan.credentials = {shop.text_at(shop.path("pki/zones/egov/tls.crt")), bytes_of(key_),
                        shop.text_at(shop.path("pki/anchors.pem"))};
    std::vector<os::UniqueFd> listeners;
    listeners.push_back(*std::move(listener));
    auto server = net::Server::create(std::move(listeners), std::move(plan), routes());
    REQUIRE(server);
    server_ = std::make_unique<net::Server>(*std::move(server));
    stop_ = os::UniqueFd(::eventfd(0, EFD_CLOEXEC));
    thread_ = std::thread([this] { (void)server_->run(stop_.view()).has_value(); });
  }
  ~FakeGateway() override {
    const std::uint64_t one = 1;
    HANGU_ASSERT(::write(stop_.get(), &one, sizeof(one)) == sizeof(one));
    thread_.join();
  }
  FakeGateway(const FakeGateway&) = delete;
  FakeGateway& operator=(const FakeGateway&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] Bytes taken() {
    const std::scoped_lock lock(mutex_);
    return taken_;
  }
  [[nodiscard]] std::string acknowledged() {
    const std::scoped_lock lock(mutex_);
    return acknowledged_;
  }
  [[nodiscard]] int uploads_begun() {
    const std::scoped_lock lock(mutex_);
    return begun_;
  }

 private:
  /// Collects a body, then answers what `finish` makes of it.
  class Collect final : public net::BodySink {
   public:
    explicit Collect(std::function<net::Response(Bytes)> finish) : finish_(std::move(finish)) {}
    Done write(ByteView bytes) override {
      hangu::append(body_, bytes);
      return {};
    }
    net::Response finish() override { return finish_(std::move(body_)); }
    void abort() override {}

   private:
    std::function<net::Response(Bytes)> finish_;
    Bytes body_;
  };

  static std::string id_of(ByteView package) {
    return package::transfer_id_of(crypto::digest_of(crypto::HashAlgorithm::sha256, package))
        .text();
  }

  wire::Json standing(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    const flow::State state = script_.states[std::min(asked_++, script_.states.size() - 1)];
    return wire::JsonObject{
        {"id", id},
        {"state", flow::to_text(state)},
        {"reason", flow::is_end(state) ? script_.reason : ""},
        {"detail", flow::is_end(state) ? script_.detail : ""},
        {"bytes", 5},
        {"created", "2026-03-01T08:00:00.000Z"},
        {"updated", "2026-03-01T08:00:01.000Z"},
        {"history", wire::JsonArray{wire::JsonObject{{"state", "received"},
                                                     {"at", "2026-03-01T08:00:00.000Z"}}}},
        {"aLaterMember", true}};
  }

  net::Reply upload() {
    if (script_.refuse_status != 0)
      return net::problem(script_.refuse_status, script_.refuse_reason, "told");
    return std::make_unique<Collect>([this](Bytes body) {
      const std::string id = id_of(body);
      const std::scoped_lock lock(mutex_);
      taken_ = std::move(body);
      return net::json_response(
          201, wire::JsonObject{{"id", id}, {"state", "received"}, {"known", script_.known}});
    });
  }

  net::Reply list() {
    const crypto::ObjectDigest sealed =
        script_.sealed.value_or(crypto::digest_of(crypto::HashAlgorithm::sha256, script_.parcel));
    wire::JsonArray items;
    if (!script_.lists) return net::json_response(200, wire::JsonObject{{"packages", items}});
    if (script_.parcel.empty()) {
      items.push_back(standing(script_.parcel_id));
    } else {
      items.emplace_back(wire::JsonObject{{"id", script_.parcel_id},
                                          {"sealed", sealed.to_text()},
                                          {"bytes", sealed.size},
                                          {"origin", "egov"},
                                          {"acknowledged", script_.acknowledged},
                                          {"aLaterMember", true}});
    }
    return net::json_response(200, wire::JsonObject{{"packages", std::move(items)}});
  }

  net::Reply about(const net::Request& request) {
    const std::string& id = request.parts.find("id")->second;
    if (script_.parcel.empty()) return net::json_response(200, standing(id));
    net::Response response;
    response.with("ETag", "\"tag\"").with("Accept-Ranges", "bytes");
    response.body = script_.parcel;
    return response;
  }

  net::Reply withdraw(const net::Request& request) const {
    return net::json_response(
        script_.withdraws ? 200 : 409,
        wire::JsonObject{{"id", request.parts.find("id")->second},
                         {"withdrawn", script_.withdraws},
                         {"error", script_.withdraws ? "" : "too-late"},
                         {"state", script_.withdraws ? "withdrawn" : "emitted"}});
  }

  net::Reply receipts(const net::Request& request) const {
    return net::text_response(200, "application/json",
                              R"({"id":")" + request.parts.find("id")->second + R"(","receipts":)" +
                                  script_.receipts + "}");
  }

  net::Reply acknowledge() {
    return std::make_unique<Collect>([this](Bytes body) {
      const std::scoped_lock lock(mutex_);
      acknowledged_ = std::string(text_of(body));
      return net::json_response(200, wire::JsonObject{{"state", "acknowledged"}});
    });
  }

  net::Router routes() {
    constexpr std::uint64_t kBodyMax = std::uint64_t{64} << 20;
    net::Router router;
    router.add(
        net::Method::post, "/v1/packages", [this](const auto&) { return upload(); }, kBodyMax);
    router.add(net::Method::get, "/v1/packages", [this](const auto&) { return list(); });
    router.add(net::Method::get, "/v1/packages/{id}",
               [this](const net::Request& r) { return about(r); });
    router.add(net::Method::remove, "/v1/packages/{id}",
               [this](const net::Request& r) { return withdraw(r); });
    router.add(net::Method::get, "/v1/packages/{id}/receipts",
               [this](const net::Request& r) { return receipts(r); });
    router.add(
        net::Method::post, "/v1/packages/{id}/acknowledgement",
        [this](const auto&) { return acknowledge(); }, 1024);
    net::add_tus_routes(router, "/v1/uploads", *this, kBodyMax);
    return router;
  }

  // The resumable upload: one at a time, kept in memory.
  Result<std::string> create(std::uint64_t length, const net::UploadMetadata&,
                             std::string_view) override {
    const std::scoped_lock lock(mutex_);
    ++begun_;
    length_ = length;
    taken_.clear();
    return std::string("one");
  }
  Result<net::UploadState> state(std::string_view id, std::string_view) override {
    const std::scoped_lock lock(mutex_);
    if (id != "one" || begun_ == 0) return fail(ErrorCode::forbidden, "upload-unknown");
    net::UploadState state;
    state.offset = taken_.size();
    state.length = length_;
    return state;
  }
  Done append(std::string_view, std::string_view, std::uint64_t, ByteView bytes) override {
    const std::scoped_lock lock(mutex_);
    hangu::append(taken_, bytes);
    return {};
  }
  Done settle(std::string_view, std::string_view) override { return {}; }
  Result<net::OutHeaders> finished(std::string_view, std::string_view) override {
    const std::scoped_lock lock(mutex_);
    return net::OutHeaders{{"Hangu-Transfer", id_of(taken_)},
                           {"Hangu-State", "received"},
                           {"Hangu-Known", script_.known ? "true" : "false"}};
  }
  Done terminate(std::string_view, std::string_view) override { return {}; }

  Script script_;
  std::string key_;
  std::string endpoint_;
  std::mutex mutex_;
  Bytes taken_;
  std::uint64_t length_ = 0;
  int begun_ = 0;
  std::size_t asked_ = 0;
  std::string acknowledged_;
  std::unique_ptr<net::Server> server_;
  os::UniqueFd stop_;
  std::thread thread_;
};

inline const std::string kTransfer = "00112233445566778899aabbccddeeff";

/// `words` as a node of the workshop asks the gateway, with --json.
inline std::vector<std::string> as(const Workshop& shop, const FakeGateway& gateway,
                                   std::vector<std::string> words,
                                   const std::string& node = "survey") {
  words.insert(words.end(),
               {"--identity", shop.node(node), "--gateway", gateway.endpoint(), "--json"});
  return words;
}

/// The path of a package that the workshop made.
inline std::string packed(const Workshop& shop) {
  REQUIRE(shop.pack("p.hangu", {shop.file("t.csv", "a\n1\n")}).status == 0);
  return shop.path("p.hangu");
}

}  // namespace hangu::test
