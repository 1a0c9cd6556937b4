#include <fcntl.h>
#include <sys/mman.h>

#include "tests/unit/ledger/yard.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

struct Made {
  std::uint64_t output = 0;
  os::UniqueFd file;
};

Made create(Yard& yard, const Token& token) {
  auto made = yard.ask(Program::verify, Create{.token = token});
  REQUIRE(made);
  REQUIRE(made->descriptors.size() == 1);
  return {.output = std::get<CreatedOutput>(made->reply).output,
          .file = std::move(made->descriptors[0])};
}

}  // namespace

TEST_CASE("an output freezes only when every way to write it is gone", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  Made made = create(yard, work.token);
  REQUIRE(os::write_all(made.file.view(), bytes_of("result")));
  const Freeze freeze{.token = work.token, .output = made.output};

  SECTION("a kept descriptor") {
    CHECK(yard.refusal(Program::verify, freeze) == "output-still-writable");
    made.file.reset();
  }
  SECTION("a duplicate") {
    auto copy = made.file.duplicate();
    REQUIRE(copy);
    made.file.reset();
    CHECK(yard.refusal(Program::verify, freeze) == "output-still-writable");
    copy->reset();
  }
  SECTION("a shared mapping") {
    void* const map = ::mmap(nullptr, 6, PROT_READ | PROT_WRITE, MAP_SHARED, made.file.get(), 0);
    REQUIRE(map != MAP_FAILED);
    made.file.reset();
    CHECK(yard.refusal(Program::verify, freeze) == "output-still-writable");
    REQUIRE(::munmap(map, 6) == 0);
  }
  SECTION("another open of the same file") {
    const os::UniqueFd again(
        ::open(("/proc/self/fd/" + std::to_string(made.file.get())).c_str(), O_WRONLY | O_CLOEXEC));
    made.file.reset();
    // Without the owner's rights it cannot even be opened; with them it keeps the output open.
    if (again.valid()) CHECK(yard.refusal(Program::verify, freeze) == "output-still-writable");
  }
  const auto stored = yard.get<StoredObject>(Program::verify, freeze);
  CHECK(stored.digest == crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("result")));
  CHECK(yard.refusal(Program::verify, freeze) == "output-unknown");
}

TEST_CASE("a frozen object is given out read-only, with its leaves when it has several chunks",
          "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  Bytes large(2 * kChunkBytes + 5, std::byte{7});
  const auto digest = yard.make(Program::verify, work.token, large);
  CHECK(digest == crypto::digest_of(crypto::HashAlgorithm::sha256, large));
  auto opened = yard.ask(Program::verify, Open{.token = work.token, .digest = digest});
  REQUIRE(opened);
  REQUIRE(opened->descriptors.size() == 2);
  CHECK(::write(opened->descriptors[0].get(), "x", 1) == -1);
  CHECK(os::file_size(opened->descriptors[0].view()).value() == large.size());
  CHECK(os::file_size(opened->descriptors[1].view()).value() == 3 * 32);

  const auto small = yard.put(Program::verify, work.token, "small");
  auto as_file =
      yard.ask(Program::verify, Open{.token = work.token, .digest = small, .by_descriptor = true});
  REQUIRE(as_file);
  REQUIRE(as_file->descriptors.size() == 1);
  CHECK(text_of(os::read_file(as_file->descriptors[0].view(), 100).value()) == "small");
  CHECK(::write(as_file->descriptors[0].get(), "x", 1) == -1);
}

TEST_CASE("SM3 objects stand beside SHA-256 ones", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  const auto stored = yard.get<StoredObject>(
      Program::verify,
      Put{.token = work.token, .algorithm = crypto::HashAlgorithm::sm3, .bytes = to_bytes("abc")});
  CHECK(stored.digest == crypto::digest_of(crypto::HashAlgorithm::sm3, bytes_of("abc")));
}

TEST_CASE("an object of the largest small size is stored inline, one byte more is refused",
          "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  const Bytes largest(kSmallObjectBytesMax);
  yard.get<StoredObject>(Program::verify, Put{.token = work.token, .bytes = largest});
  CHECK(yard.refusal(Program::verify,
                     Put{.token = work.token, .bytes = Bytes(kSmallObjectBytesMax + 1)}) ==
        "object-too-long");
}

TEST_CASE("outputs of one claim are bounded, and go with the claim", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  std::optional<std::uint64_t> first;
  for (std::size_t i = 0; i < kOutputsOfClaimMax; ++i) {
    const Made made = create(yard, work.token);
    if (!first) first = made.output;
  }
  CHECK(yard.refusal(Program::verify, Create{.token = work.token}) == "outputs-too-many");
  yard.get<Nothing>(Program::verify, Release{.token = work.token});
  const Work again = yard.must_claim(Program::verify, Stage::verify);
  create(yard, again.token);
  CHECK(yard.refusal(Program::verify, Freeze{.token = again.token, .output = *first}) ==
        "output-unknown");
}

TEST_CASE("an output frozen for a claim that was lost meanwhile is thrown away", "[ledger]") {
  Yard yard;
  yard.submit("package");
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  Made made = create(yard, work.token);
  REQUIRE(os::write_all(made.file.view(), bytes_of("too late")));
  made.file.reset();

  REQUIRE(yard.book->begin());
  auto answered = yard.custodian->answer({.program = Program::verify, .zone = {}},
                                         Freeze{.token = work.token, .output = made.output});
  REQUIRE(yard.book->commit());
  REQUIRE(answered);
  Finish finish = std::get<Later>(*answered).job();
  yard.clock.advance(std::chrono::seconds(60));
  yard.must_claim(Program::verify, Stage::verify);
  REQUIRE(yard.book->begin());
  const auto outgoing = finish();
  REQUIRE(yard.book->commit());
  yard.custodian->committed();
  REQUIRE(outgoing);
  CHECK(std::get<Refused>(outgoing->reply).reason == "claim-unknown");
  const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("too late"));
  CHECK(yard.store->open_object(digest));
  yard.tick();
  CHECK_FALSE(yard.store->open_object(digest));
}

TEST_CASE("an object that two transfers share stays until both have let it go", "[ledger]") {
  Yard yard({.retention = std::chrono::hours(1)});
  const auto one = yard.submit("one");
  yard.clock.advance(std::chrono::milliseconds(1));  // the longest waiting is given out first
  yard.submit("two");
  const Work first = yard.must_claim(Program::verify, Stage::verify);
  const Work second = yard.must_claim(Program::verify, Stage::verify);
  const auto shared = yard.make(Program::verify, first.token, bytes_of("shared"));
  CHECK(yard.make(Program::verify, second.token, bytes_of("shared")) == shared);
  REQUIRE(first.transfer == one);

  auto refused = yard.passing(Stage::verify, first.table);
  refused.verdict = Verdict::fail;
  refused.evidence["facts"] = shared;
  yard.get<NewState>(Program::verify, Complete{.token = first.token, .completion = refused});
  yard.clock.advance(std::chrono::hours(2));
  yard.tick();
  CHECK(yard.store->open_object(shared));
  CHECK_FALSE(yard.book->refers(one, shared).value());
  auto also = yard.passing(Stage::verify, second.table);
  yard.get<NewState>(Program::verify, Complete{.token = second.token, .completion = also});
  yard.tick();
  CHECK_FALSE(yard.store->open_object(shared));
}

TEST_CASE("files that no row knows are removed at the start", "[ledger]") {
  Yard yard;
  yard.submit("package");
  auto output = yard.store->create();
  REQUIRE(output);
  REQUIRE(os::write_all(output->writer.view(), Bytes(kChunkBytes + 1)));
  output->writer.reset();
  const auto hashed =
      ObjectStore::hash_frozen(output->reader.view(), crypto::HashAlgorithm::sha256);
  REQUIRE(hashed);
  REQUIRE(yard.store->keep(output->reader.view(), *hashed));
  CHECK(yard.store->open_object(hashed->digest));
  yard.restart();
  CHECK_FALSE(yard.store->open_object(hashed->digest));
  const Work work = yard.must_claim(Program::verify, Stage::verify);
  CHECK(yard.ask(Program::verify, Open{.token = work.token, .digest = work.table}));
}

TEST_CASE("an object that is being kept is not removed under its maker's hands", "[ledger]") {
  Yard yard;
  auto output = yard.store->create();
  REQUIRE(output);
  output->writer.reset();
  const auto hashed =
      ObjectStore::hash_frozen(output->reader.view(), crypto::HashAlgorithm::sha256);
  REQUIRE(hashed);
  REQUIRE(yard.store->keep(output->reader.view(), *hashed));
  REQUIRE(yard.store->remove(hashed->digest));
  CHECK(yard.store->open_object(hashed->digest));
  yard.store->settle(hashed->digest);
  REQUIRE(yard.store->remove(hashed->digest));
  CHECK(yard.store->open_object(hashed->digest).error().reason() == "object-lost");
}
