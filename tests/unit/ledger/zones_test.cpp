#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;
using std::chrono::hours;

namespace {

const Caller kEgov{.program = Program::receive, .zone = zone("egov")};
const Caller kInternet{.program = Program::receive, .zone = zone("internet")};

}  // namespace

TEST_CASE("an upload in pieces becomes the transfer that its digest names", "[ledger]") {
  Yard yard;
  const Bytes package(kPieceBytes + 10, std::byte{3});
  const auto id = name_of_package(package);
  const Begin begin{.transfer = id, .node = node("node-a"), .bytes = package.size()};
  CHECK(yard.get<Begun>(Program::receive, begin) == Begun{});
  const ByteView view(package);
  const Piece first{.transfer = id, .offset = 0, .bytes = to_bytes(view.first(kPieceBytes))};
  yard.get<Nothing>(Program::receive, first);
  yard.get<Nothing>(Program::receive, first);  // again, the answer was lost
  CHECK(yard.get<Begun>(Program::receive, begin).offset == kPieceBytes);
  CHECK(yard.refusal(Program::receive, Commit{.transfer = id}) == "upload-short");
  CHECK(yard.refusal(Program::receive,
                     Piece{.transfer = id, .offset = kPieceBytes + 1, .bytes = to_bytes("x")}) ==
        "piece-offset");
  CHECK(yard.refusal(Program::receive,
                     Piece{.transfer = id, .offset = kPieceBytes, .bytes = Bytes(11)}) ==
        "piece-beyond-size");
  yard.get<Nothing>(
      Program::receive,
      Piece{.transfer = id, .offset = kPieceBytes, .bytes = to_bytes(view.subspan(kPieceBytes))});
  const auto stored = yard.get<StoredObject>(Program::receive, Commit{.transfer = id});
  CHECK(stored.digest == crypto::digest_of(crypto::HashAlgorithm::sha256, package));
  CHECK(yard.get<StoredObject>(Program::receive, Commit{.transfer = id}).digest == stored.digest);
  const auto begun = yard.get<Begun>(Program::receive, begin);
  CHECK(begun.result == BeginResult::committed);
  CHECK(begun.digest == stored.digest);

  yard.restart();  // committed bytes are durable
  const Received received{
      .transfer = id, .entry = 7, .table = table_bytes({{"package", stored.digest}})};
  CHECK(yard.get<NewState>(Program::receive, received).state == State::received);
  CHECK(yard.get<NewState>(Program::receive, received).state == State::received);
  CHECK(yard.refusal(Program::receive,
                     Received{.transfer = id, .entry = 8, .table = received.table}) ==
        "entry-differs");
  CHECK(yard.get<Begun>(Program::receive, begin).result == BeginResult::exists);
}

TEST_CASE("an upload is hashed while it comes, and has the digest of its whole", "[ledger]") {
  Yard yard;
  Bytes package(2 * kFollowBytes + kChunkBytes / 2);
  for (std::size_t i = 0; i < package.size(); ++i)
    package[i] = static_cast<std::byte>((i * 2654435761U) >> 13);
  const auto id = name_of_package(package);
  yard.get<Begun>(Program::receive,
                  Begin{.transfer = id, .node = node("node-a"), .bytes = package.size()});
  std::vector<Later> late;
  for (std::uint64_t offset = 0; offset < package.size(); offset += kPieceBytes) {
    const auto size = std::min<std::uint64_t>(kPieceBytes, package.size() - offset);
    yard.get<Nothing>(
        Program::receive,
        Piece{.transfer = id,
              .offset = offset,
              .bytes = to_bytes(ByteView(package).subspan(static_cast<std::size_t>(offset),
                                                          static_cast<std::size_t>(size)))});
    for (auto& job : yard.custodian->take_jobs()) {
      CHECK(job.kind == JobKind::disk);
      if (late.empty() && offset < kFollowBytes) {
        REQUIRE(yard.run(std::move(job)));  // the first runs while more comes
      } else {
        late.push_back(std::move(job));  // the second only after the upload has gone
      }
    }
  }
  CHECK(late.size() == 1);
  const auto stored = yard.get<StoredObject>(Program::receive, Commit{.transfer = id});
  const auto wanted = crypto::digest_of(crypto::HashAlgorithm::sha256, package);
  CHECK(stored.digest == wanted);
  const auto opened = yard.store->open_object(wanted);
  REQUIRE(opened);
  CHECK(os::read_file(opened->file.view(), package.size()).value() == package);
  for (auto& job : late) CHECK(yard.run(std::move(job)));
}

TEST_CASE("bytes that do not make the transfer's name are refused and forgotten", "[ledger]") {
  Yard yard;
  const auto id = name_of_package(bytes_of("announced"));
  yard.get<Begun>(Program::receive, Begin{.transfer = id, .node = node("a"), .bytes = 5});
  yard.get<Nothing>(Program::receive,
                    Piece{.transfer = id, .offset = 0, .bytes = to_bytes("other")});
  CHECK(yard.refusal(Program::receive, Commit{.transfer = id}) == "digest-mismatch");
  CHECK(yard.book->reserved_bytes().value() == 0);
  CHECK(yard.refusal(Program::receive, Commit{.transfer = id}) == "upload-unknown");
  CHECK_FALSE(
      yard.store->open_object(crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("other"))));
}

TEST_CASE("an upload that was cut short by a restart begins again from nothing", "[ledger]") {
  Yard yard;
  const auto id = name_of_package(bytes_of("abcdef"));
  const Begin begin{.transfer = id, .node = node("a"), .bytes = 6};
  yard.get<Begun>(Program::receive, begin);
  yard.get<Nothing>(Program::receive, Piece{.transfer = id, .offset = 0, .bytes = to_bytes("abc")});
  yard.restart();
  CHECK(yard.refusal(Program::receive,
                     Piece{.transfer = id, .offset = 3, .bytes = to_bytes("def")}) ==
        "upload-unknown");
  CHECK(yard.get<Begun>(Program::receive, begin).offset == 0);
}

TEST_CASE("five times the declared size is reserved, and it survives a restart", "[ledger]") {
  Yard yard;
  const auto one = name_of_package(bytes_of("one"));
  const auto two = name_of_package(bytes_of("two"));
  const std::uint64_t free = yard.store->free_bytes().value();
  const std::uint64_t most = free / 10 * 6 / 5;  // six tenths of the disk, five times over

  CHECK(yard.refusal(Program::receive, Begin{.transfer = one,
                                             .node = node("a"),
                                             .bytes = free / 5 + (std::uint64_t{1} << 30)}) ==
        "disk-full");
  CHECK(yard.refusal(Program::receive,
                     Begin{.transfer = one, .node = node("a"), .bytes = kObjectBytesMax + 1}) ==
        "transfer-too-long");
  yard.get<Begun>(Program::receive, Begin{.transfer = one, .node = node("a"), .bytes = most});
  CHECK(yard.book->reserved_bytes().value() == 5 * most);
  const Begin second{.transfer = two, .node = node("a"), .bytes = most};
  CHECK(yard.refusal(Program::receive, second) == "disk-full");
  yard.restart();
  CHECK(yard.refusal(Program::receive, second) == "disk-full");
  yard.clock.advance(hours(25));  // nobody sent the first: its place is free again
  yard.tick();
  CHECK(yard.book->reserved_bytes().value() == 0);
  yard.get<Begun>(Program::receive, second);
}

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kSlack = 512 * kMiB;  // others write to the test's disk too

}  // namespace

TEST_CASE("room is there up to five times the sizes and what has yet to come, and no further",
          "[ledger]") {
  Yard yard;
  const std::uint64_t free = yard.store->free_bytes().value();
  REQUIRE(free > 20 * kSlack);
  const std::uint64_t most = (free - kDiskHeadroomBytes) / 6;
  const auto wanted = [](std::uint64_t bytes, std::uint64_t coming) {
    return Room{.bytes = bytes, .coming = coming};
  };
  yard.get<Nothing>(Program::receive, wanted(0, 0));
  CHECK(yard.refusal(Program::receive, wanted(most + kSlack, most + kSlack)) == "disk-full");
  yard.get<Nothing>(Program::receive, wanted(most - kSlack, most - kSlack));
  CHECK(yard.refusal(Program::receive, wanted(kObjectBytesMax + 1, 0)) == "disk-full");
  CHECK(yard.refusal(Program::receive, wanted(5, 6)) == "size-differs");
  CHECK(yard.book->reserved_bytes().value() == 0);  // nothing is reserved by asking
}

TEST_CASE("what is reserved and what uploads leave free is not offered as room", "[ledger]") {
  Yard yard;
  const std::uint64_t free = yard.store->free_bytes().value();
  const std::uint64_t half = free / 10;  // five times over
  const auto one = name_of_package(bytes_of("one"));
  yard.get<Begun>(Program::receive, Begin{.transfer = one, .node = node("a"), .bytes = half});
  const std::uint64_t left = free - 5 * half - kDiskHeadroomBytes;
  CHECK(yard.refusal(Program::receive, Room{.bytes = (left + kSlack) / 5}) == "disk-full");
  yard.get<Nothing>(Program::receive, Room{.bytes = (left - kSlack) / 5});
  // The same holds for what is reserved.
  const auto two = name_of_package(bytes_of("two"));
  CHECK(yard.refusal(Program::receive,
                     Begin{.transfer = two, .node = node("a"), .bytes = (left + kSlack) / 5}) ==
        "disk-full");
  yard.get<Begun>(Program::receive,
                  Begin{.transfer = two, .node = node("a"), .bytes = (left - kSlack) / 5});
}

TEST_CASE("zones that were told of room are bounded together, for as long as they say so",
          "[ledger]") {
  Yard yard;
  const std::uint64_t free = yard.store->free_bytes().value();
  const Room most{.bytes = free / 10 * 6 / 5, .coming = 0};  // six tenths of the disk, five times
  const auto refused = [&](const Caller& caller, const Room& room) {
    return yard.refusal(caller, room) == "disk-full";
  };
  CHECK_FALSE(refused(kEgov, most));
  CHECK(refused(kInternet, most));
  CHECK_FALSE(refused(kEgov, most));  // said again
  CHECK_FALSE(refused(kEgov, Room{}));
  CHECK_FALSE(refused(kInternet, most));
  CHECK(refused(kEgov, most));
  yard.clock.advance(kRoomLasts);  // nothing more was heard of it
  CHECK_FALSE(refused(kEgov, most));
  CHECK(refused(kInternet, most));
}

TEST_CASE("what is stored comes off the reservation, and the end of a transfer ends it",
          "[ledger]") {
  Yard yard;
  yard.submit("0123456789");
  const std::uint64_t after_submission = yard.book->reserved_bytes().value();
  CHECK(after_submission < 50);
  yard.pass_until(Stage::emit);
  yard.pass(Program::emit, Stage::emit);
  CHECK(yard.book->reserved_bytes().value() == 0);
}

TEST_CASE("another node or zone sees no transfer that is not its own", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package", "node-a");
  CHECK(yard.get<StatusReply>(Program::receive, AskStatus{.transfer = id, .node = node("node-a")})
            .status);
  CHECK_FALSE(
      yard.get<StatusReply>(Program::receive, AskStatus{.transfer = id, .node = node("node-b")})
          .status);
  const auto other_zone = yard.ask(kInternet, AskStatus{.transfer = id, .node = node("node-a")});
  REQUIRE(other_zone);
  CHECK_FALSE(std::get<StatusReply>(other_zone->reply).status);
  CHECK(yard.refusal(kEgov, Begin{.transfer = id, .node = node("node-b"), .bytes = 7}) ==
        "transfer-taken");
  CHECK(yard.refusal(kEgov, Withdraw{.transfer = id, .node = node("node-b")}) ==
        "transfer-unknown");
  CHECK(yard.refusal(kInternet, Withdraw{.transfer = id, .node = node("node-a")}) ==
        "transfer-unknown");
  CHECK(yard.get<Listing>(Program::receive, ListOfNode{.node = node("node-a"), .rows_max = 10})
            .rows.size() == 1);
  CHECK(yard.get<Listing>(Program::receive, ListOfNode{.node = node("node-b"), .rows_max = 10})
            .rows.empty());
}

TEST_CASE("a withdrawal that audit lets win ends the transfer", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  yard.pass_until(Stage::emit);
  const Work work = yard.must_claim(Program::emit, Stage::emit);
  const Withdraw withdraw{.transfer = id, .node = node("node-a")};
  CHECK(yard.get<Withdrawn>(Program::receive, withdraw) ==
        Withdrawn{.withdrawn = true, .state = State::withdrawn});
  CHECK(yard.state_of(id) == State::withdrawn);
  CHECK(yard.audit.last_asker == node("node-a"));
  CHECK(yard.refusal(Program::emit, Complete{.token = work.token,
                                             .completion = yard.passing(
                                                 Stage::emit, work.table)}) == "claim-unknown");
  CHECK(yard.get<Withdrawn>(Program::receive, withdraw).withdrawn);
}

TEST_CASE("a withdrawal after emission is in the log comes too late, and the step completes",
          "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  yard.pass_until(Stage::emit);
  const Work work = yard.must_claim(Program::emit, Stage::emit);
  yard.audit.ends.emplace(id, State::emitted);  // emit appended, and has not told yet
  const Withdraw withdraw{.transfer = id, .node = node("node-a")};
  CHECK(yard.get<Withdrawn>(Program::receive, withdraw) ==
        Withdrawn{.withdrawn = false, .state = State::emitted});
  CHECK(yard.state_of(id) == State::cleared);
  yard.get<NewState>(Program::emit, Complete{.token = work.token,
                                             .completion = yard.passing(Stage::emit, work.table)});
  CHECK(yard.get<Withdrawn>(Program::receive, withdraw) ==
        Withdrawn{.withdrawn = false, .state = State::emitted});
}

TEST_CASE("a withdrawal cut off after it was logged is found again after the restart", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  REQUIRE(yard.book->begin());
  auto answered = yard.custodian->answer(kEgov, Withdraw{.transfer = id, .node = node("node-a")});
  REQUIRE(answered);
  REQUIRE(yard.book->commit());
  (void)std::get<Later>(*answered).job();  // logged; then the power goes
  yard.restart();
  CHECK(yard.state_of(id) == State::received);
  yard.tick();
  CHECK(yard.state_of(id) == State::withdrawn);
}

TEST_CASE("a withdrawal while audit is down is refused and carried out later", "[ledger]") {
  Yard yard;
  const auto id = yard.submit("package");
  yard.audit.down = true;
  CHECK(yard.refusal(Program::receive, Withdraw{.transfer = id, .node = node("node-a")}) ==
        "audit-unavailable");
  CHECK(yard.state_of(id) == State::received);
  yard.audit.down = false;
  yard.tick();
  CHECK(yard.state_of(id) == State::withdrawn);
}

TEST_CASE("a transfer ends when its time is over, unless it was emitted first", "[ledger]") {
  const bool emitted_first = GENERATE(false, true);
  Yard yard;
  const auto id = yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  auto done = yard.passing(Stage::verify, work.table);
  done.expires = kStart + hours(1);
  yard.get<NewState>(Program::verify, Complete{.token = work.token, .completion = done});
  yard.clock.advance(hours(1) - std::chrono::milliseconds(1));
  yard.tick();
  CHECK(yard.state_of(id) == State::verified);
  if (emitted_first) yard.audit.ends.emplace(id, State::emitted);
  yard.clock.advance(std::chrono::milliseconds(1));
  yard.tick();
  CHECK(yard.state_of(id) == (emitted_first ? State::verified : State::expired));
  yard.tick();
  CHECK(yard.audit.ends.at(id) == (emitted_first ? State::emitted : State::expired));
}

TEST_CASE("a transfer is acknowledged when every recipient has said so, each counted once",
          "[ledger]") {
  Yard yard({.retention = hours(1)});
  const auto id = yard.submit("package");
  const auto sealed = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("sealed"));
  const auto by = [&](std::string_view who) {
    return Acknowledge{.transfer = id, .node = node(who), .sealed = sealed};
  };
  CHECK(yard.refusal(Program::deliver, by("r1")) == "not-emitted");
  yard.pass_until(Stage::emit);
  yard.pass(Program::emit, Stage::emit);  // to two recipients
  CHECK(yard.get<NewState>(Program::deliver, by("r1")).state == State::emitted);
  CHECK(yard.get<NewState>(Program::deliver, by("r1")).state == State::emitted);
  CHECK(yard.get<NewState>(Program::deliver, by("r2")).state == State::acknowledged);
  CHECK(yard.get<NewState>(Program::deliver, by("r2")).state == State::acknowledged);
  CHECK(yard.audit.acknowledged.size() == 2);
  const auto listed = [&](std::string_view who) {
    return yard.get<Listing>(Program::deliver, ListOfNode{.node = node(who), .rows_max = 9}).rows;
  };
  REQUIRE(listed("r1").size() == 1);  // its own, and nothing of them but the id
  CHECK(listed("r1").front().transfer == id);
  CHECK(listed("r1").front().bytes == 0);
  CHECK(listed("r1").front().node == node("r1"));
  CHECK(listed("r3").empty());
  const Caller elsewhere{.program = Program::deliver, .zone = zone("internet")};
  const auto of_r1 = yard.ask(elsewhere, ListOfNode{.node = node("r1"), .rows_max = 9});
  REQUIRE(of_r1);
  CHECK(std::get<Listing>(of_r1->reply).rows.empty());  // it was not by that zone's deliver

  const auto package = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("package"));
  yard.tick();
  CHECK(yard.store->open_object(package));
  yard.clock.advance(hours(1));
  yard.tick();  // retained long enough
  CHECK_FALSE(yard.store->open_object(package));
  const auto status =
      yard.get<StatusReply>(Program::receive, AskStatus{.transfer = id, .node = node("node-a")});
  REQUIRE(status.status);
  CHECK(status.status->acknowledgements == 2);
  CHECK(status.status->history.size() == 10);
}

TEST_CASE("a lister pages through transfers, and evidence is for approve alone", "[ledger]") {
  Yard yard;
  for (int i = 0; i < 5; ++i) yard.submit("package " + std::to_string(i));
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  auto done = yard.passing(Stage::verify, work.table);
  done.evidence["submission"] = yard.put(Program::verify, work.token, "statement");
  yard.get<NewState>(Program::verify, Complete{.token = work.token, .completion = done});

  const List received{.states = {State::received}, .rows_max = 3};
  CHECK(yard.get<Listing>(Program::admin, received).rows.size() == 3);
  CHECK(
      yard.get<Listing>(Program::admin, List{.states = {State::received}, .skip = 3, .rows_max = 3})
          .rows.size() == 1);
  const List verified{.states = {State::verified}, .with_evidence = true, .rows_max = 3};
  CHECK(yard.get<Listing>(Program::approve, verified).rows.at(0).evidence.size() == 1);
  CHECK(yard.get<Listing>(Program::admin, verified).rows.at(0).evidence.empty());
}
