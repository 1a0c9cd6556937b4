#include "witness/http_witness.hpp"

#include "audit/witness/limits.hpp"
#include "os/clock.hpp"
#include "witness/limits.hpp"

namespace hangu::witness {
namespace {

/// Takes a short body in a short time, whatever its sender announced.
class BoundedBody final : public net::AnswerSink {
 public:
  Result<bool> begin(const net::Answer& head, std::uint64_t size) override {
    status_ = head.status;
    until_ = os::monotonic_now() + kBodyTime;
    if (size > audit::kWitnessAnswerBytesMax) {
      return fail(ErrorCode::exhausted, "witness-answer-too-long", std::to_string(size));
    }
    return true;
  }
  Done write(ByteView bytes) override {
    if (os::monotonic_now() >= until_) {
      return fail(ErrorCode::unavailable, "network-timeout", "the answer's body");
    }
    body_ += text_of(bytes);
    return {};
  }
  [[nodiscard]] Posted take() { return {.status = status_, .body = std::move(body_)}; }

 private:
  int status_ = 0;
  std::string body_;
  Milliseconds until_{0};
};

}  // namespace

Result<HttpWitness> HttpWitness::create(WitnessUrl url, const std::string& anchors_pem) {
  net::ClientPlan plan;
  plan.host = url.host;
  plan.port = url.port;
  plan.plain = !url.tls;
  plan.credentials.trust_anchors_pem = anchors_pem;
  plan.connect_time = kConnectTime;
  plan.stall_time = kStallTime;
  plan.answer_time = kAnswerTime;
  HANGU_TRY(net::Client client, net::Client::create(std::move(plan)));
  return HttpWitness(std::move(url), std::move(client));
}

Result<Posted> HttpWitness::post(const std::string& body) {
  BoundedBody sink;
  const net::Ask ask{.method = net::Method::post,
                     .target = url_.submission(),
                     .headers = {{"Content-Type", "text/plain; charset=utf-8"}}};
  HANGU_TRY(const net::Answer answer, client_.receive(ask, bytes_of(body), sink));
  Posted posted = sink.take();
  posted.status = answer.status;  // also where there is no body at all
  return posted;
}

}  // namespace hangu::witness
