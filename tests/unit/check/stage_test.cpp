#include <map>
#include <thread>

#include "flow/release_certificate.hpp"
#include "ledger/messages.hpp"
#include "stages/check/check.hpp"
#include "tests/unit/check/made.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::check {
namespace {

using crypto::HashAlgorithm;
using crypto::ObjectDigest;

/// ShelfServer is a custodian that knows nothing but objects: it opens and stores them.
class ShelfServer {
 public:
  ShelfServer() : listener_(*os::Listener::bind(path())) {
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~ShelfServer() {
    thread_.request_stop();
    thread_.join();
  }
  ShelfServer(const ShelfServer&) = delete;
  ShelfServer& operator=(const ShelfServer&) = delete;

  [[nodiscard]] std::string path() const { return folder_ / "socket"; }

  ObjectDigest put(ByteView bytes) {
    const ObjectDigest digest = crypto::digest_of(HashAlgorithm::sha256, bytes);
    objects_[digest] = to_bytes(bytes);
    return digest;
  }
  /// Other bytes than the digest says.
  void lie(const ObjectDigest& about, ByteView bytes) { objects_[about] = to_bytes(bytes); }
  [[nodiscard]] const Bytes& get(const ObjectDigest& digest) const { return objects_.at(digest); }

 private:
  void serve(const std::stop_token& stop) {
    std::optional<os::Channel> channel;
    while (!stop.stop_requested()) {
      if (!channel) {
        auto accepted = listener_.accept();
        if (accepted && *accepted) channel = std::move(**accepted);
        if (!channel) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      const auto message = channel->receive(std::chrono::milliseconds(20));
      if (!message) {
        if (message.error().reason() == "peer-gone") channel.reset();
        continue;
      }
      const auto request = ledger::parse_request(message->bytes);
      std::vector<os::UniqueFd> files;
      const Bytes reply = encode(answer(*request, files));
      std::vector<os::FdView> views;
      views.reserve(files.size());
      for (const os::UniqueFd& file : files) views.push_back(file.view());
      (void)channel->send(reply, std::chrono::seconds(5), views);
    }
  }

  ledger::Reply answer(const ledger::Request& request, std::vector<os::UniqueFd>& files) {
    if (const auto* const wanted = std::get_if<ledger::Open>(&request)) {
      const auto found = objects_.find(wanted->digest);
      if (found == objects_.end()) {
        return ledger::Refused{ErrorCode::corrupt, "object-lost", {}};
      }
      if (!wanted->by_descriptor) return ledger::OpenedObject{false, found->second};
      files.push_back(file(found->second));
      if (crypto::chunk_count(wanted->digest.size) > 1) {
        std::vector<crypto::Hash> leaves;
        crypto::leaf_hashes(HashAlgorithm::sha256, found->second, leaves);
        Bytes all;
        for (const crypto::Hash& leaf : leaves) append(all, leaf);
        files.push_back(file(all));
      }
      return ledger::OpenedObject{true, {}};
    }
    if (const auto* const given = std::get_if<ledger::Put>(&request)) {
      return ledger::StoredObject{put(given->bytes)};
    }
    return ledger::Refused{ErrorCode::forbidden, "request-not-permitted", {}};
  }

  static os::UniqueFd file(ByteView bytes) {
    os::UniqueFd made(::memfd_create("object", MFD_CLOEXEC));
    (void)os::write_all_at(made.view(), 0, bytes);
    return made;
  }

  os::test::ScratchFolder folder_;
  os::Listener listener_;
  std::map<ObjectDigest, Bytes> objects_;  // the test's thread waits while the server's works
  std::jthread thread_;
};

Bytes table_form(std::string_view cell) {
  const os::UniqueFd file =
      test::plain_form({plain::DatasetKind::table, 1}, [cell](plain::Writer& writer) -> Done {
        plain::Layer layer;
        layer.name = "table";
        layer.fields = {{"a", plain::FieldType::text, 0, false}};
        HANGU_CHECK(writer.layer(layer));
        const std::array<plain::Value, 1> row{cell};
        HANGU_TRY([[maybe_unused]] const plain::Shape none, writer.feature(row, {}));
        return {};
      });
  return test::content_of(file);
}

struct Line {
  ShelfServer shelf;
  std::vector<flow::ObjectRow> plain;
  std::vector<flow::ObjectRow> rendition;

  void add(const std::string& name, std::string_view cell, std::string_view text) {
    plain.push_back({name, "application/vnd.hangu.plain", shelf.put(table_form(cell))});
    rendition.push_back({name, "text/csv", shelf.put(bytes_of(text))});
  }
  line::Work work() {
    const auto store = [this](const std::vector<flow::ObjectRow>& rows) {
      return shelf.put(flow::ObjectTable::create(rows)->to_bytes());
    };
    line::Work out{.transfer = *TransferId::create(std::string(32, 'a')),
                   .zone = *ZoneId::create("egov"),
                   .node = *NodeId::create("node-a")};
    out.stage = flow::Stage::check;
    out.table = store(rendition);
    out.evidence.emplace("plain", store(plain));
    return out;
  }
  Result<line::Outcome> check(const line::Work& work) {
    auto client = line::CustodianClient::connect(shelf.path());
    REQUIRE(client);
    return stages::check_rendition(work, *client);
  }
  flow::ReleaseCertificate certificate(const line::Outcome& outcome) {
    const auto json = wire::Json::parse(text_of(shelf.get(outcome.evidence.at("certificate"))),
                                        std::size_t{1} << 20);
    REQUIRE(json);
    const auto parsed = flow::ReleaseCertificate::parse(*json);
    REQUIRE(parsed);
    return *parsed;
  }
};

TEST_CASE("check passes a rendition that is plain form's, and certifies it", "[check][stage]") {
  Line line;
  line.add("one.csv", "x", "a\nx\n");
  line.add("two.csv", "y", "a\ny\n");
  const line::Work work = line.work();
  const auto outcome = line.check(work);
  REQUIRE(outcome);
  CHECK(outcome->verdict == flow::Verdict::pass);
  CHECK(outcome->table == work.table);
  const flow::ReleaseCertificate certificate = line.certificate(*outcome);
  CHECK(certificate.verdict == flow::Verdict::pass);
  CHECK(certificate.rendition == work.table);
  REQUIRE(certificate.objects.size() == 2);
  CHECK(*certificate.objects[1].find("name")->as_string() == "two.csv");
}

TEST_CASE("check refuses a rendition that differs, and the certificate says why",
          "[check][stage]") {
  Line line;
  line.add("one.csv", "x", "a\nx\n");
  line.add("two.csv", "y", "a\nz\n");
  const auto outcome = line.check(line.work());
  REQUIRE(outcome);
  CHECK(outcome->verdict == flow::Verdict::fail);
  CHECK(outcome->reason == "rendition-content-differs");
  const flow::ReleaseCertificate certificate = line.certificate(*outcome);
  CHECK(certificate.verdict == flow::Verdict::fail);
  REQUIRE(certificate.objects.size() == 2);
  CHECK(*certificate.objects[0].find("verdict")->as_string() == "pass");
  CHECK(*certificate.objects[1].find("reason")->as_string() == "rendition-content-differs");
}

TEST_CASE("check refuses a rendition table with other names, order or count", "[check][stage]") {
  const auto verdict = [](auto&& change) {
    Line line;
    line.add("one.csv", "x", "a\nx\n");
    line.add("two.csv", "x", "a\nx\n");
    change(line.rendition);
    const auto outcome = line.check(line.work());
    REQUIRE(outcome);
    CHECK(line.certificate(*outcome).verdict == outcome->verdict);
    return outcome->reason;
  };
  using Rows = std::vector<flow::ObjectRow>;
  CHECK(verdict([](Rows&) {}) == "ok");
  CHECK(verdict([](Rows& rows) { std::swap(rows[0], rows[1]); }) == "rendition-table-differs");
  CHECK(verdict([](Rows& rows) { rows.pop_back(); }) == "rendition-table-differs");
  CHECK(verdict([](Rows& rows) {
          rows.push_back(rows[0]);
          rows.back().name = "three.csv";
        }) == "rendition-table-differs");
  CHECK(verdict([](Rows& rows) { rows[0].name = "One.csv"; }) == "rendition-table-differs");
}

TEST_CASE("check believes no bytes that are not those of the digest", "[check][stage]") {
  Line line;
  line.add("one.csv", "x", "a\nx\n");
  const line::Work work = line.work();
  line.shelf.lie(line.rendition[0].digest, bytes_of("a\ny\n"));
  auto outcome = line.check(work);
  REQUIRE(outcome);
  CHECK(outcome->verdict == flow::Verdict::error);
  CHECK(outcome->reason == "chunk-mismatch");

  Line other;
  other.add("one.csv", "x", "a\ny\n");
  const line::Work lied = other.work();
  other.shelf.lie(other.plain[0].digest, table_form("y"));
  outcome = other.check(lied);
  REQUIRE(outcome);
  CHECK(outcome->verdict == flow::Verdict::error);
  CHECK(outcome->reason == "chunk-mismatch");
}

TEST_CASE("check does not go on without the plain forms' table", "[check][stage]") {
  Line line;
  line.add("one.csv", "x", "a\nx\n");
  line::Work work = line.work();
  work.evidence.clear();
  const auto outcome = line.check(work);
  REQUIRE(!outcome);
  CHECK(outcome.error().reason() == "evidence-missing");
}

}  // namespace
}  // namespace hangu::check
