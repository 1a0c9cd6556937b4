#pragma once
// Yard: a custodian in a folder of its own, with a clock that stands still, an audit log in memory
// and the packages that its tests send through.

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>

#include <catch2/catch.hpp>

#include "flow/object_table.hpp"
#include "ledger/custodian.hpp"
#include "ledger/sqlite_ledger.hpp"
#include "os/file.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace hangu::test {

using namespace ledger;
using flow::Stage;
using flow::State;
using flow::Verdict;

inline const WallTime kStart{std::chrono::milliseconds(1'772'352'000'000)};

inline ZoneId zone(std::string_view text) { return ZoneId::create(text).value(); }
inline NodeId node(std::string_view text) { return NodeId::create(text).value(); }

/// AuditDouble keeps ends and acknowledgements in memory; another party may take an end first.
class AuditDouble final : public AuditLog {
 public:
  Result<State> end_transfer(const TransferId& transfer, State end,
                             const std::optional<NodeId>& asked_by) override {
    const std::lock_guard lock(mutex_);
    if (down) return fail(ErrorCode::unavailable, "audit-unavailable");
    last_asker = asked_by;
    return ends.try_emplace(transfer, end).first->second;
  }
  Done acknowledge(const TransferId& transfer, const NodeId& by,
                   const crypto::ObjectDigest&) override {
    const std::lock_guard lock(mutex_);
    if (down) return fail(ErrorCode::unavailable, "audit-unavailable");
    acknowledged.emplace(transfer, by);
    return {};
  }
  Done quarantine(const TransferId& transfer, std::uint32_t, Stage stage, std::uint32_t) override {
    const std::lock_guard lock(mutex_);
    if (down) return fail(ErrorCode::unavailable, "audit-unavailable");
    quarantined.emplace(transfer, stage);
    return {};
  }

  bool down = false;
  std::map<TransferId, State> ends;
  std::set<std::pair<TransferId, NodeId>> acknowledged;
  std::map<TransferId, Stage> quarantined;
  std::optional<NodeId> last_asker;

 private:
  std::mutex mutex_;
};

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path() /
            ("hangu-ledger-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

inline TransferId name_of_package(ByteView package) {
  const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, package);
  return TransferId::create(to_hex(ByteView(digest.root).first(16))).value();
}

inline Bytes table_bytes(const std::vector<std::pair<std::string, crypto::ObjectDigest>>& rows) {
  std::vector<flow::ObjectRow> out;
  for (const auto& [name, digest] : rows) {
    out.push_back({.name = name, .media_type = "application/octet-stream", .digest = digest});
  }
  return flow::ObjectTable::create(std::move(out)).value().to_bytes();
}

class Yard {
 public:
  explicit Yard(CustodianSettings settings = {}) : settings_(settings) { open(); }

  /// Ends the custodian and starts it anew on the same folder.
  void restart() {
    custodian.reset();
    store.reset();
    book.reset();
    open();
  }

  Result<Outgoing> ask(const Caller& caller, Request request) {
    REQUIRE(book->begin());
    REQUIRE(book->mark());
    auto answered = custodian->answer(caller, std::move(request));
    REQUIRE((answered ? book->keep() : book->undo()));
    REQUIRE(book->commit());
    custodian->committed();
    if (!answered) return std::unexpected(answered.error());
    if (auto* const later = std::get_if<Later>(&*answered)) return run(std::move(*later));
    if (std::holds_alternative<Parked>(*answered)) return Outgoing{.reply = ClaimedWork{}};
    return std::get<Outgoing>(std::move(*answered));
  }
  Result<Outgoing> ask(Program program, Request request) {
    Caller caller{.program = program, .zone = {}};
    if (program == Program::receive || program == Program::deliver) caller.zone = zone("egov");
    return ask(caller, std::move(request));
  }

  Result<Outgoing> run(Later later) {
    Finish finish = later.job();
    REQUIRE(book->begin());
    REQUIRE(book->mark());
    auto outgoing = finish();
    REQUIRE((outgoing ? book->keep() : book->undo()));
    REQUIRE(book->commit());
    custodian->committed();
    return outgoing;
  }

  void tick() {
    REQUIRE(book->begin());
    REQUIRE(book->mark());
    auto jobs = custodian->tick();
    REQUIRE(jobs);
    REQUIRE(book->keep());
    REQUIRE(book->commit());
    custodian->committed();
    for (auto& job : *jobs) (void)run(std::move(job)).has_value();
  }

  /// The reply of kind T; a refusal's reason otherwise makes the test fail.
  template <class T>
  T get(Program program, Request request) {
    auto outgoing = ask(program, std::move(request));
    if (!outgoing) FAIL(outgoing.error().message());
    if (const auto* const refused = std::get_if<Refused>(&outgoing->reply)) FAIL(refused->reason);
    REQUIRE(std::holds_alternative<T>(outgoing->reply));
    return std::get<T>(std::move(outgoing->reply));
  }
  std::string refusal(const Caller& caller, Request request) {
    auto outgoing = ask(caller, std::move(request));
    if (!outgoing) return std::string(outgoing.error().reason());
    if (const auto* const refused = std::get_if<Refused>(&outgoing->reply)) return refused->reason;
    return "not refused";
  }
  std::string refusal(Program program, Request request) {
    auto outgoing = ask(program, std::move(request));
    if (!outgoing) return std::string(outgoing.error().reason());
    if (const auto* const refused = std::get_if<Refused>(&outgoing->reply)) return refused->reason;
    return "not refused";
  }

  /// Sends a package in whole; its transfer is in state received.
  TransferId submit(std::string_view package, std::string_view from = "node-a") {
    const Bytes bytes = to_bytes(package);
    const TransferId id = name_of_package(bytes);
    get<Begun>(Program::receive, Begin{.transfer = id, .node = node(from), .bytes = bytes.size()});
    get<Nothing>(Program::receive, Piece{.transfer = id, .offset = 0, .bytes = bytes});
    const auto stored = get<StoredObject>(Program::receive, Commit{.transfer = id});
    get<NewState>(Program::receive, Received{.transfer = id,
                                             .entry = next_entry_++,
                                             .table = table_bytes({{"package", stored.digest}})});
    return id;
  }

  std::optional<Work> claim(Program program, Stage stage) {
    return get<ClaimedWork>(program, Claim{.stages = {stage}, .transfer = {}}).work;
  }
  Work must_claim(Program program, Stage stage) {
    auto work = claim(program, stage);
    REQUIRE(work);
    return *std::move(work);
  }

  crypto::ObjectDigest put(Program program, const Token& token, std::string_view text) {
    return get<StoredObject>(program, Put{.token = token, .bytes = to_bytes(text)}).digest;
  }
  /// An object as a frozen output.
  crypto::ObjectDigest make(Program program, const Token& token, ByteView bytes) {
    auto made = ask(program, Create{.token = token});
    REQUIRE(made);
    const auto output = std::get<CreatedOutput>(made->reply).output;
    REQUIRE(os::write_all(made->descriptors.at(0).view(), bytes));
    made->descriptors.clear();
    return get<StoredObject>(program, Freeze{.token = token, .output = output}).digest;
  }

  Completion passing(Stage stage, const crypto::ObjectDigest& table) {
    Completion completion;
    completion.stage = stage;
    completion.verdict = Verdict::pass;
    completion.reason = "ok";
    completion.entry = next_entry_++;
    completion.table = table;
    return completion;
  }
  /// Claims the stage's next work and passes it with its input table as output.
  Work pass(Program program, Stage stage) {
    const Work work = must_claim(program, stage);
    auto completion = passing(stage, work.table);
    if (stage == Stage::emit) completion.recipients = 2;
    get<NewState>(program, Complete{.token = work.token, .completion = completion});
    return work;
  }
  /// Takes the transfer that is next through every stage before `until`.
  void pass_until(Stage until) {
    constexpr std::array<std::pair<Program, Stage>, 8> kLine{
        {{Program::verify, Stage::verify},
         {Program::inspect, Stage::inspect},
         {Program::decide, Stage::decide},
         {Program::transform, Stage::transform},
         {Program::check, Stage::check},
         {Program::approve, Stage::approve},
         {Program::decide, Stage::clear},
         {Program::emit, Stage::emit}}};
    for (const auto& [program, stage] : kLine) {
      if (stage == until) return;
      pass(program, stage);
    }
  }
  /// Whether a claim of the transfer would be over now.
  bool is_free(const TransferId& id) {
    return book->find(id).value()->free_from <= clock.now().value();
  }
  State state_of(const TransferId& id) {
    const auto row = book->find(id);
    REQUIRE(row);
    REQUIRE(*row);
    return (*row)->state;
  }

  Folder folder;
  ManualClock clock{kStart};
  SeededEntropy entropy{"yard"};
  AuditDouble audit;
  std::unique_ptr<SqliteLedger> book;
  std::unique_ptr<ObjectStore> store;
  std::optional<Custodian> custodian;

 private:
  void open() {
    auto opened = SqliteLedger::open(folder.path() + "/ledger.sqlite");
    if (!opened) FAIL(opened.error().message());
    book = *std::move(opened);
    store = ObjectStore::open(folder.path()).value();
    custodian.emplace(settings_, *book, *store, audit, clock, entropy);
    REQUIRE(custodian->sweep_leftovers());
  }

  CustodianSettings settings_;
  std::uint64_t next_entry_ = 100;
};

}  // namespace hangu::test
