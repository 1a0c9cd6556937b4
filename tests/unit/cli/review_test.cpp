#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include <catch2/catch.hpp>

#include "line/review_protocol.hpp"
#include "os/channel.hpp"
#include "os/process.hpp"
#include "tests/unit/cli/workshop.hpp"
#include "tests/unit/flow/chain_builder.hpp"

using namespace hangu;
using test::invoke;
using test::Invoked;
using test::Workshop;

namespace {

constexpr auto kAlgorithm = crypto::HashAlgorithm::sha256;
constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(10);

crypto::ObjectDigest digest(ByteView bytes) { return crypto::digest_of(kAlgorithm, bytes); }

/// What inspect would have measured of map.gpkg: one layer in `crs`.
std::string facts_in(const std::string& crs, const std::string& object = "map.gpkg") {
  return R"([{"name":")" + object +
         R"(","format":"geopackage","leftBehind":"","content":"c0","measured":)"
         R"({"kind":"vector","features":2,"vertices":8,"tiles":0,"layers":[{"name":"roads",)"
         R"("geometry":"line-string","crs":")" +
         crs +
         R"(","fields":3,"features":2,)"
         R"("extent":[73.5,18,135,53.5]}],"raster":null}}])";
}

/// Desk plays approve's socket for people: it serves one case, honestly or not.
class Desk {
 public:
  explicit Desk(const std::string& path) : path_(path) { prepare(); }
  void prepare() {
    const flow::ReceiptChain chain = builder_.build();
    for (const char* name : {"rendition", "decision", "certificate", "submission"})
      set(name, chain.documents.at(name));
    set("facts", to_bytes(facts_in("EPSG:4490")));
    documents_["object"] = to_bytes("the rendition");
    digests_.insert_or_assign("object", digest(documents_["object"]));
    taken_.complete = true;
    taken_.state = "awaiting-approval";
  }
  ~Desk() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  /// Gives other bytes for the digest of a document.
  void lie_about(const std::string& name) {
    Bytes& bytes = documents_[name];
    bytes.back() = bytes.back() == std::byte{'x'} ? std::byte{'y'} : std::byte{'x'};
  }
  /// Shows a certificate that passes another rendition, under its true digest.
  void swap_certificate() {
    const flow::ReleaseCertificate other{digest(bytes_of("other")), flow::Verdict::pass, {}};
    documents_["certificate"] = to_bytes(other.to_json().to_text());
    digests_.insert_or_assign("certificate", digest(documents_["certificate"]));
  }
  /// Shows other bytes, under their true digest.
  void set(const std::string& name, Bytes bytes) {
    documents_[name] = std::move(bytes);
    digests_.insert_or_assign(name, digest(documents_[name]));
  }
  void refuse_signature(const std::string& reason) { refusal_ = reason; }

  void start() {
    auto listener = os::Listener::bind(path_);
    REQUIRE(listener);
    thread_ = std::thread([this, l = *std::move(listener)]() mutable { serve(l); });
  }
  /// The envelope that was given; read after the command ended.
  [[nodiscard]] const std::string& given() const { return given_; }
  [[nodiscard]] const test::ChainBuilder& builder() const { return builder_; }
  /// Before prepare(): what the case is made from.
  [[nodiscard]] test::ChainBuilder& change() { return builder_; }
  [[nodiscard]] const crypto::ObjectDigest& digest_of(const std::string& name) const {
    return digests_.at(name);
  }

 private:
  void serve(os::Listener& listener) {
    while (!stop_) {
      const std::array watched{listener.view()};
      const auto ready = os::wait_readable(watched, std::chrono::milliseconds(50));
      if (!ready || ready->empty()) continue;
      auto channel = listener.accept();
      if (!channel || !*channel) continue;
      while (true) {
        auto message = (*channel)->receive(kPatience);
        if (!message) break;
        const auto request = line::parse_review_request(message->bytes);
        if (!request) break;
        if (!(*channel)->send(line::encode(answer(*request)), kPatience)) break;
      }
    }
  }

  line::PendingRow row() const {
    return {builder_.transfer, "egov", "internet", "survey", 13, 2, 0};
  }

  line::ReviewReply answer(const line::ReviewRequest& request) {
    if (std::holds_alternative<line::ListPending>(request)) return line::PendingList{{row()}};
    if (std::holds_alternative<line::ShowPending>(request))
      return line::PendingDetail{row(),
                                 digests_.at("rendition"),
                                 digests_.at("certificate"),
                                 digests_.at("decision"),
                                 digests_.at("submission"),
                                 digests_.at("facts"),
                                 {}};
    if (const auto* open = std::get_if<line::OpenForReview>(&request)) {
      for (const auto& [name, known] : digests_)
        if (known == open->digest) return line::OpenedForReview{documents_.at(name), false};
      return line::ReviewRefused{"object-missing", ""};
    }
    given_ = std::get<line::GiveApproval>(request).envelope;
    if (!refusal_.empty()) return line::ReviewRefused{refusal_, "li"};
    return taken_;
  }

  std::string path_;
  test::ChainBuilder builder_;
  std::map<std::string, Bytes> documents_;
  std::map<std::string, crypto::ObjectDigest> digests_;
  line::ApprovalTaken taken_;
  std::string refusal_;
  std::string given_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// A reviewer's folder and the words of a command of theirs.
struct Reviewer {
  bool as_json = true;
  Workshop shop;
  Desk desk{shop.path("people.sock")};

  Reviewer() {
    REQUIRE(invoke({"pki", "issue", "person", "li", "--pki", shop.path("pki"), "--organisation",
                    "o", "--role", "reviewer", "--algorithm", "sm2"})
                .status == 0);
  }
  [[nodiscard]] std::string person() const { return shop.path("pki/people/li"); }
  Invoked run(const std::string& command, std::vector<std::string> more) {
    desk.start();
    std::vector<std::string> words{command, "--socket", shop.path("people.sock")};
    if (as_json) words.emplace_back("--json");
    words.insert(words.end(), more.begin(), more.end());
    return invoke(words);
  }
  Invoked decide(const std::string& command, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {desk.builder().transfer.text(), "--identity", person(), "--reason",
                               "looked at it", "--yes"});
    return run(command, more);
  }
};

}  // namespace

TEST_CASE("approve signs exactly the digests of what it read", "[cli][review]") {
  Reviewer reviewer;
  const Invoked done = reviewer.decide("approve", {"--to", reviewer.shop.path("look")});
  INFO(done.err);
  REQUIRE(done.status == 0);
  CHECK(reviewer.shop.text_at(reviewer.shop.path("look/map.gpkg")) == "the rendition");
  const auto envelope = flow::Envelope::parse(reviewer.desk.given());
  REQUIRE(envelope);
  const auto approval = flow::Approval::parse(*envelope);
  REQUIRE(approval);
  CHECK(approval->approved);
  CHECK(approval->person.text() == "li");
  CHECK(approval->role == "reviewer");
  CHECK(approval->reason == "looked at it");
  CHECK(approval->transfer == reviewer.desk.builder().transfer);
  CHECK(approval->rendition == reviewer.desk.digest_of("rendition"));
  CHECK(approval->certificate == reviewer.desk.digest_of("certificate"));
  CHECK(approval->decision == reviewer.desk.digest_of("decision"));
  const auto certificate =
      crypto::Certificate::parse_pem(reviewer.shop.text_at(reviewer.person() + "/person.crt"));
  REQUIRE(certificate);
  CHECK(envelope->signed_by(*certificate->verify_key()));
}

TEST_CASE("refuse signs a refusal", "[cli][review]") {
  Reviewer reviewer;
  REQUIRE(reviewer.decide("refuse").status == 0);
  const auto approval = flow::Approval::parse(*flow::Envelope::parse(reviewer.desk.given()));
  REQUIRE(approval);
  CHECK_FALSE(approval->approved);
}

TEST_CASE("nothing is signed when the gateway shows other bytes than the digests name",
          "[cli][review]") {
  for (const char* name :
       {"rendition", "decision", "certificate", "submission", "facts", "object"}) {
    INFO(name);
    Reviewer reviewer;
    reviewer.desk.lie_about(name);
    const Invoked done = reviewer.decide("approve", {"--to", reviewer.shop.path("look")});
    CHECK(done.status == 5);
    CHECK(done.text("reason") == "review-digest");
    CHECK(reviewer.desk.given().empty());
    CHECK_FALSE(std::filesystem::exists(reviewer.shop.path("look/map.gpkg")));
  }
  Reviewer reviewer;
  reviewer.desk.swap_certificate();
  CHECK(reviewer.decide("approve").text("reason") == "review-digest");
  CHECK(reviewer.desk.given().empty());
}

TEST_CASE("pending lists, and with an id shows what would leave", "[cli][review]") {
  {
    Reviewer reviewer;
    const Invoked list = reviewer.run("pending", {});
    CHECK(list.status == 0);
    CHECK(list.text("id") == reviewer.desk.builder().transfer.text());
  }
  Reviewer reviewer;
  const Invoked shown = reviewer.run("pending", {reviewer.desk.builder().transfer.text()});
  CHECK(shown.status == 0);
  CHECK(shown.text("event") == "case");
  CHECK(shown.out.find("map.gpkg") != std::string::npos);
}

TEST_CASE("a reviewer sees what the sender claimed beside what was measured", "[cli][review]") {
  Reviewer reviewer;
  flow::Submission& submission = reviewer.desk.change().submission;
  submission.label = {flow::Secrecy::secret, flow::DataGrade::core, 10, "survey bureau", {"north"}};
  submission.facts = {"dem-tiles", {"11", "3201"}, 50'000, "EPSG:4490", "2020-01-01", "2021-12-31"};
  reviewer.desk.change().decision.output_label = submission.label;
  reviewer.desk.prepare();
  const Invoked shown = reviewer.run("pending", {reviewer.desk.builder().transfer.text()});
  INFO(shown.err);
  REQUIRE(shown.status == 0);
  const wire::Json about = shown.events().back();
  const wire::Json& claimed = *about.find("claimed");
  CHECK(claimed.find("facts")->to_text() ==
        R"({"product":"dem-tiles","areas":["11","3201"],"crs":"EPSG:4490","scale":50000,)"
        R"("dateFrom":"2020-01-01","dateTo":"2021-12-31"})");
  CHECK(claimed.find("label")->find("owner")->to_text() == "\"survey bureau\"");
  CHECK(claimed.find("label")->find("termYears")->to_text() == "10");
  CHECK(about.find("measured")->to_text() == facts_in("EPSG:4490"));
  CHECK(about.find("contradictions")->to_text() == "[]");
}

TEST_CASE("claims stand in words for people in both languages", "[cli][review]") {
  for (const bool chinese : {false, true}) {
    Reviewer reviewer;
    reviewer.as_json = false;
    reviewer.desk.set("facts", to_bytes(facts_in("EPSG:4326")));
    const Invoked shown = reviewer.run(
        "pending", {reviewer.desk.builder().transfer.text(), "--lang", chinese ? "zh" : "en"});
    REQUIRE(shown.status == 0);
    for (const char* text : {"world-map  EPSG:4490", "bureau", "roads", "line-string", "EPSG:4326",
                             "73.5 18 135 53.5", "!! "}) {
      INFO(text << " in " << shown.out);
      CHECK(shown.out.find(text) != std::string::npos);
    }
    CHECK((shown.out.find("声明的标记") != std::string::npos) == chinese);
    CHECK((shown.out.find("the claim contradicts") != std::string::npos) != chinese);
  }
}

TEST_CASE("a claim that measuring contradicts is marked, and nothing else is", "[cli][review]") {
  const auto found = [](const std::string& claimed, const std::string& measured) {
    Reviewer reviewer;
    reviewer.desk.change().submission.facts.crs = claimed;
    reviewer.desk.prepare();
    reviewer.desk.set("facts", to_bytes(facts_in(measured)));
    const Invoked shown = reviewer.run("pending", {reviewer.desk.builder().transfer.text()});
    REQUIRE(shown.status == 0);
    return shown.events().back().find("contradictions")->to_text();
  };
  CHECK(found("EPSG:4490", "EPSG:4326") == R"([{"claim":"crs","claimed":"EPSG:4490",)"
                                           R"("measured":"EPSG:4326","where":"map.gpkg: roads"}])");
  CHECK(found("EPSG:4490", "tmerc lat_0=0 lon_0=101 on EPSG:4490") ==
        R"([{"claim":"crs","claimed":"EPSG:4490",)"
        R"("measured":"tmerc lat_0=0 lon_0=101 on EPSG:4490","where":"map.gpkg: roads"}])");
  CHECK(found("EPSG:4490", "text") ==
        R"([{"claim":"crs","claimed":"EPSG:4490","measured":"text","where":"map.gpkg: roads"}])");
  CHECK(found("epsg:04490", "EPSG:4490") == "[]");
  CHECK(found("", "EPSG:4490") == "[]");          // nothing was claimed
  CHECK(found("EPSG:4490", "none") == "[]");      // rows have none
  CHECK(found("CGCS2000", "EPSG:4490") == "[]");  // a name cannot be held against a code
}

TEST_CASE("a label other than the one claimed is marked", "[cli][review]") {
  Reviewer reviewer;
  reviewer.desk.change().submission.label.grade = flow::DataGrade::important;
  reviewer.desk.prepare();
  const Invoked shown = reviewer.run("pending", {reviewer.desk.builder().transfer.text()});
  REQUIRE(shown.status == 0);
  const wire::Json list = *shown.events().back().find("contradictions");
  REQUIRE(list.as_array()->size() == 1);
  CHECK(list.as_array()->front().find("claim")->to_text() == "\"label\"");
}

TEST_CASE("claims that are not the sender's, and facts of something else, are not signed under",
          "[cli][review]") {
  const auto reason = [](const std::function<void(Desk&)>& spoil) {
    Reviewer reviewer;
    spoil(reviewer.desk);
    const Invoked done = reviewer.decide("approve");
    CHECK(reviewer.desk.given().empty());
    CHECK(done.status == 5);
    return done.text("reason");
  };
  CHECK(reason([](Desk& desk) {
          desk.change().sender = "stranger";
          desk.prepare();
        }) == "review-digest");
  CHECK(reason([](Desk& desk) {
          test::ChainBuilder other;
          other.submission.destination_zone = ZoneId::create("other").value();
          desk.set("submission", other.build().documents.at("submission"));
        }) == "review-digest");
  CHECK(reason([](Desk& desk) {
          desk.set("facts", to_bytes(facts_in("EPSG:4490", "other.gpkg")));
        }) == "review-digest");
  CHECK(reason([](Desk& desk) { desk.set("facts", to_bytes("[]")); }) == "review-digest");
  CHECK(reason([](Desk& desk) {
          const auto checked = wire::Json::parse(
              R"({"name":"map.gpkg","checks":[{"check":"plain-form","measured":{"digest":"c1"}}]})",
              1000);
          desk.change().certificate = flow::ReleaseCertificate{
              desk.digest_of("rendition"), flow::Verdict::pass, {checked.value()}};
          desk.prepare();
        }) == "review-digest");
}

TEST_CASE("the review service's own reason is told, and exits by its kind", "[cli][review]") {
  Reviewer reviewer;
  reviewer.desk.refuse_signature("approval-twice");
  const Invoked done = reviewer.decide("approve");
  CHECK(done.status == 3);
  CHECK(done.events().back().find("reason")->as_string()->starts_with("approval-twice"));
}

TEST_CASE("a reviewer must give a reason and know the socket", "[cli][review]") {
  const Workshop shop;
  const std::string id(32, '0');
  CHECK(invoke({"approve", id, "--identity", "x", "--yes"}).status == 2);
  for (const char* reason : {"", "   ", "\t\n", "\xe3\x80\x80 \xe3\x80\x80"})
    CHECK(invoke({"approve", id, "--identity", "x", "--yes", "--reason", reason, "--socket",
                  shop.path("none"), "--json"})
              .text("context")
              .starts_with("--reason"));
  CHECK(invoke({"approve", id, "--identity", shop.node("survey"), "--yes", "--reason", "r",
                "--socket", shop.path("none")})
            .status == 2);
  CHECK(invoke({"pending"}).status == 2);
  CHECK(invoke({"pending", "--to", shop.path("x"), "--socket", shop.path("none")}).status == 2);
  CHECK(invoke({"pending", "--socket", shop.path("none")}).status == 4);
}
