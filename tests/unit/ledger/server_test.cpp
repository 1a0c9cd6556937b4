#include "ledger/server.hpp"

#include <thread>

#include "line/custodian_client.hpp"
#include "os/clock.hpp"
#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;
using line::CustodianClient;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const line::Patience kPatience{
    .answer = seconds(20), .long_answer = seconds(20), .reconnect = seconds(10)};

/// A server on sockets in the yard's folder, on a thread of its own.
class Serving {
 public:
  explicit Serving(Yard& yard, std::optional<uid_t> uid = {}) : yard_(yard) {
    std::vector<Door> doors;
    for (const auto* const name :
         {"custodian.verify", "custodian.inspect", "custodian.receive.egov", "custodian.admin"}) {
      auto listener = os::Listener::bind(path(name)).value();
      doors.push_back(
          {.listener = std::move(listener), .caller = parse_listener(name).value(), .uid = uid});
    }
    server_ = Server::create(*yard.custodian, *yard.book, std::move(doors)).value();
    auto ends = os::Channel::pair().value();
    stop_read_.emplace(std::move(ends.first));
    stop_write_.emplace(std::move(ends.second));
  }
  void start() {
    thread_ = std::thread([this] { result_ = server_->run(stop_read_->view()); });
  }
  ~Serving() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    REQUIRE(stop_write_->send(to_bytes("stop"), seconds(1)));
    thread_.join();
    CHECK(result_);
  }
  [[nodiscard]] std::string path(std::string_view name) const {
    return yard_.folder.path() + "/" + std::string(name);
  }
  CustodianClient client(std::string_view name) const {
    return CustodianClient::connect(path(name), kPatience).value();
  }
  [[nodiscard]] const ServerCounts& counts() const { return server_->counts(); }

 private:
  Yard& yard_;
  std::unique_ptr<Server> server_;
  std::optional<os::Channel> stop_read_;
  std::optional<os::Channel> stop_write_;
  std::thread thread_;
  Done result_;
};

}  // namespace

TEST_CASE("a package goes from receive to verify through the client", "[ledger]") {
  Yard yard;
  Serving serving(yard);
  serving.start();
  auto receive = serving.client("custodian.receive.egov");
  auto verify = serving.client("custodian.verify");

  const Bytes package(3 * kPieceBytes / 2, std::byte{1});
  const auto id = name_of_package(package);
  REQUIRE(receive.begin(id, node("a"), package.size()));
  const ByteView view(package);
  REQUIRE(receive.piece(id, 0, view.first(kPieceBytes)));
  REQUIRE(receive.piece(id, kPieceBytes, view.subspan(kPieceBytes)));
  const auto stored = receive.commit(id);
  REQUIRE(stored);
  REQUIRE(receive.received(id, 5, table_bytes({{"package", *stored}})));

  const std::array stages{Stage::verify};
  const auto work = verify.claim(stages, seconds(5));
  REQUIRE(work);
  REQUIRE(*work);
  const Work& step = **work;
  CHECK(step.transfer == id);
  auto opened = verify.open(step.token, *stored);
  REQUIRE(opened);
  CHECK(opened->read_all(package.size()).value() == package);
  CHECK(opened->verifier().value().check(0, view));

  Bytes large(2 * kChunkBytes, std::byte{9});
  const auto object = verify.store(step.token, large);
  REQUIRE(object);
  auto output = verify.create(step.token);
  REQUIRE(output);
  CHECK(verify.freeze(step.token, output->id).error().reason() == "output-still-writable");
  output->file.reset();
  CHECK(verify.freeze(step.token, output->id).value() ==
        crypto::digest_of(crypto::HashAlgorithm::sha256, {}));
  const auto leaves = verify.open(step.token, *object);
  REQUIRE(leaves);
  CHECK(leaves->verifier().value().check(1, ByteView(large).subspan(kChunkBytes)));

  Completion done;
  done.stage = Stage::verify;
  done.verdict = Verdict::pass;
  done.reason = "ok";
  done.entry = 6;
  done.table = verify.store(step.token, table_bytes({{"a", *object}})).value();
  CHECK(verify.complete(step.token, done).value() == State::verified);
  CHECK(receive.status(id, node("a")).value()->state == State::verified);
  CHECK(receive.withdraw(id, node("a")).value().withdrawn);
  auto admin = serving.client("custodian.admin");
  CHECK(admin.list_all(100).value().at(0).state == State::withdrawn);
  CHECK(admin.show(id).value()->history.size() == 3);
  CHECK(verify.list_all(1).error().reason() == "request-not-permitted");
}

TEST_CASE("a large package in pieces ahead of their answers is stored as it was sent", "[ledger]") {
  Yard yard;
  Serving serving(yard);
  serving.start();
  auto receive = serving.client("custodian.receive.egov");
  Bytes package(3 * kFollowBytes + 5);
  for (std::size_t i = 0; i < package.size(); ++i)
    package[i] = static_cast<std::byte>((i * 2654435761U) >> 13);
  const auto id = name_of_package(package);
  REQUIRE(receive.begin(id, node("a"), package.size()));
  REQUIRE(receive.pieces(id, 0, package.size(), [&](std::uint64_t at, MutableByteView out) -> Done {
    std::ranges::copy(ByteView(package).subspan(static_cast<std::size_t>(at), out.size()),
                      out.begin());
    return {};
  }));
  const auto stored = receive.commit(id);
  REQUIRE(stored);
  CHECK(*stored == crypto::digest_of(crypto::HashAlgorithm::sha256, package));
}

TEST_CASE("a claim that waits is answered as soon as work comes", "[ledger]") {
  Yard yard;
  Serving serving(yard);
  serving.start();
  std::optional<Work> got;
  std::thread waiting([&] {
    auto verify = serving.client("custodian.verify");
    const std::array stages{Stage::verify};
    got = verify.claim(stages, seconds(60)).value();
  });
  auto receive = serving.client("custodian.receive.egov");
  const Bytes package = to_bytes("package");
  const auto id = name_of_package(package);
  REQUIRE(receive.begin(id, node("a"), package.size()));
  REQUIRE(receive.piece(id, 0, package));
  const auto stored = receive.commit(id).value();
  REQUIRE(receive.received(id, 5, table_bytes({{"package", stored}})));
  waiting.join();
  REQUIRE(got);
  CHECK(got->transfer == id);

  auto verify = serving.client("custodian.verify");
  const std::array stages{Stage::verify};
  CHECK_FALSE(verify.claim(stages, milliseconds(1)).value());
}

TEST_CASE("requests that are ready together share one durable transaction", "[ledger]") {
  Yard yard;
  constexpr std::uint64_t kClients = 40;
  for (std::uint64_t i = 0; i < kClients; ++i) yard.submit("package " + std::to_string(i));
  Serving serving(yard);
  std::vector<os::Channel> channels;
  for (std::uint64_t i = 0; i < kClients; ++i) {
    channels.push_back(os::Channel::connect(serving.path("custodian.verify")).value());
    REQUIRE(channels.back().send(encode(Request(Claim{.stages = {Stage::verify}, .transfer = {}})),
                                 seconds(5)));
  }
  serving.start();
  std::set<TransferId> transfers;
  for (auto& channel : channels) {
    auto message = channel.receive(seconds(20));
    REQUIRE(message);
    const auto reply = parse_reply(message->bytes).value();
    REQUIRE(std::holds_alternative<ClaimedWork>(reply));
    REQUIRE(std::get<ClaimedWork>(reply).work);
    transfers.insert(std::get<ClaimedWork>(reply).work->transfer);
  }
  CHECK(transfers.size() == kClients);
  serving.stop();
  CHECK(serving.counts().requests == kClients);
  CHECK(serving.counts().transactions < 10);  // the group, and a tick or two
}

TEST_CASE("a client finds a custodian again that was started anew", "[ledger]") {
  Yard yard;
  yard.submit("package");
  auto first = std::make_unique<Serving>(yard);
  first->start();
  auto verify = first->client("custodian.verify");
  const std::array stages{Stage::verify};
  const auto work = verify.claim(stages, seconds(1)).value();
  REQUIRE(work);
  first.reset();
  yard.restart();
  Serving second(yard);
  second.start();
  CHECK(verify.renew(work->token));
}

TEST_CASE("a peer with another uid is turned away, and so is one that breaks the protocol",
          "[ledger]") {
  Yard yard;
  SECTION("uid") {
    Serving serving(yard, ::getuid() + 1);
    serving.start();
    auto channel = os::Channel::connect(serving.path("custodian.verify")).value();
    (void)channel.send(encode(Request(Claim{})), seconds(1)).has_value();
    CHECK_FALSE(channel.receive(seconds(20)));
    serving.stop();
    CHECK(serving.counts().turned_away == 1);
    CHECK(serving.counts().requests == 0);
  }
  SECTION("rubbish") {
    Serving serving(yard, ::getuid());
    serving.start();
    auto channel = os::Channel::connect(serving.path("custodian.verify")).value();
    REQUIRE(channel.send(to_bytes("\xff rubbish"), seconds(1)));
    auto answer = channel.receive(seconds(20));
    REQUIRE(answer);
    CHECK(std::holds_alternative<Refused>(parse_reply(answer->bytes).value()));
    CHECK_FALSE(channel.receive(seconds(20)));
  }
  SECTION("a descriptor where none belongs") {
    Serving serving(yard);
    serving.start();
    auto channel = os::Channel::connect(serving.path("custodian.receive.egov")).value();
    const std::array descriptors{channel.view()};
    REQUIRE(channel.send(encode(Request(Renew{})), seconds(1), descriptors));
    auto answer = channel.receive(seconds(20));
    REQUIRE(answer);
    CHECK(std::get<Refused>(parse_reply(answer->bytes).value()).reason == "message-descriptors");
  }
}

TEST_CASE("two stages that claim at once share the work without doubles", "[ledger]") {
  Yard yard;
  constexpr int kPackages = 60;
  for (int i = 0; i < kPackages; ++i) yard.submit("package " + std::to_string(i));
  Serving serving(yard);
  serving.start();
  std::array<std::vector<TransferId>, 3> taken;
  std::vector<std::thread> claimers;
  for (auto& mine : taken) {
    claimers.emplace_back([&] {
      auto verify = serving.client("custodian.verify");
      const std::array stages{Stage::verify};
      for (int i = 0; i < kPackages + 1; ++i) {
        const auto work = verify.claim(stages, milliseconds(0));
        if (!work || !*work) return;
        mine.push_back((*work)->transfer);
        Completion done;
        done.stage = Stage::verify;
        done.verdict = Verdict::pass;
        done.reason = "ok";
        done.entry = 1;
        done.table = (*work)->table;
        if (!verify.complete((*work)->token, done)) return;
      }
    });
  }
  for (auto& claimer : claimers) claimer.join();
  std::set<TransferId> all;
  std::size_t count = 0;
  for (const auto& mine : taken) {
    all.insert(mine.begin(), mine.end());
    count += mine.size();
  }
  CHECK(all.size() == kPackages);
  CHECK(count == kPackages);
}
