// The custodian is killed at moments of chance; nothing that it had acknowledged may be missing.

#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>
#include <random>

#include "os/clock.hpp"
#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

constexpr int kRounds = 25;
constexpr int kPackagesMax = 5000;

struct Told {
  TransferId transfer;
  State state;
};

/// Works until it is killed; tells through `out` what was acknowledged.
[[noreturn]] void work(const std::string& folder, int round, int out) {
  auto book = SqliteLedger::open(folder + "/ledger.sqlite").value();
  auto store = ObjectStore::open(folder).value();
  AuditDouble audit;
  const ManualClock clock(kStart);
  SeededEntropy entropy("round " + std::to_string(round));
  Custodian custodian({}, *book, *store, audit, clock, entropy);
  if (!custodian.sweep_leftovers()) ::_exit(1);
  const auto ask = [&](const Caller& caller, Request request) -> Reply {
    const auto committed = [&](Result<Outgoing> outgoing) -> Reply {
      if (!outgoing || !book->commit()) ::_exit(1);
      custodian.committed();
      return std::move(outgoing->reply);
    };
    if (!book->begin()) ::_exit(1);
    auto answered = custodian.answer(caller, std::move(request));
    if (!answered) ::_exit(1);
    if (auto* const outgoing = std::get_if<Outgoing>(&*answered)) {
      return committed(std::move(*outgoing));
    }
    if (!book->commit()) ::_exit(1);
    Finish finish = std::get<Later>(*answered).job();
    if (!book->begin()) ::_exit(1);
    return committed(finish());
  };
  const auto tell = [&](const TransferId& id, State state) {
    const std::string line = id.text() + " " + std::to_string(static_cast<int>(state)) + "\n";
    if (::write(out, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(1);
  };

  const Caller receive{.program = Program::receive, .zone = zone("egov")};
  const Caller verify{.program = Program::verify, .zone = {}};
  for (int i = 0; i < kPackagesMax; ++i) {
    const Bytes package =
        to_bytes("round " + std::to_string(round) + " package " + std::to_string(i));
    const auto id = name_of_package(package);
    ask(receive, Begin{.transfer = id, .node = node("a"), .bytes = package.size()});
    ask(receive, Piece{.transfer = id, .offset = 0, .bytes = package});
    const auto stored = std::get<StoredObject>(ask(receive, Commit{.transfer = id}));
    ask(receive,
        Received{.transfer = id, .entry = 1, .table = table_bytes({{"package", stored.digest}})});
    tell(id, State::received);
    const auto claimed =
        std::get<ClaimedWork>(ask(verify, Claim{.stages = {Stage::verify}, .transfer = id}));
    if (!claimed.work) ::_exit(1);
    Completion done;
    done.stage = Stage::verify;
    done.verdict = Verdict::pass;
    done.reason = "ok";
    done.entry = 2;
    done.table = claimed.work->table;
    const auto document = std::get<StoredObject>(
        ask(verify, Put{.token = claimed.work->token, .bytes = to_bytes("evidence")}));
    done.evidence["submission"] = document.digest;
    ask(verify, Complete{.token = claimed.work->token, .completion = done});
    tell(id, State::verified);
  }
  ::_exit(0);
}

std::vector<Told> parse(const std::string& text) {
  std::vector<Told> told;
  std::size_t end = 0;
  for (std::size_t at = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string line = text.substr(at, end - at);
    told.push_back({.transfer = TransferId::create(line.substr(0, 32)).value(),
                    .state = static_cast<State>(std::stoi(line.substr(33)))});
  }
  return told;
}

}  // namespace

TEST_CASE("a custodian killed at any moment has kept all that it acknowledged", "[ledger]") {
  Folder folder;
  const unsigned seed = 20260301;
  INFO("seed " << seed);
  std::mt19937 chance(seed);
  std::size_t acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) work(folder.path(), round, pipe[1]);
    ::close(pipe[1]);
    // Longer and longer until something was acknowledged: a machine may be slow.
    const int spread = acknowledged == 0 ? 80 + 40 * round : 80;
    os::pause_for(std::chrono::milliseconds(20 + chance() % static_cast<unsigned>(spread)));
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    const os::UniqueFd in(pipe[0]);
    const auto told = parse(std::string(text_of(os::read_file(in.view(), 1 << 24).value())));
    acknowledged += told.size();

    auto book = SqliteLedger::open(folder.path() + "/ledger.sqlite");
    REQUIRE(book);
    auto store = ObjectStore::open(folder.path()).value();
    for (const auto& [id, state] : told) {
      const auto row = (*book)->find(id).value();
      REQUIRE(row);
      CHECK(row->state >= state);
      const auto record = (*book)->find_object(row->table).value();
      REQUIRE(record);
      const auto table = flow::ObjectTable::parse(record->bytes.value()).value();
      CHECK(store->open_object(table.rows().at(0).digest));
    }
  }
  CHECK(acknowledged > 0);
}
