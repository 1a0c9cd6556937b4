// One exchange with a witness, whatever it answers; rounds; and the feeder over witnesses that lie.

#include "witness/feed.hpp"

#include <deque>

#include <catch2/catch.hpp>

#include "audit/witness/cosigned_note.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit_witness/tree.hpp"
#include "witness/feeder.hpp"
#include "witness/witness_url.hpp"

namespace hangu::witness::test {
namespace {

using namespace audit::test;
using audit::NoteKey;
using audit::NoteSignature;

/// A log of 40 entries, and a target of any size.
const TestLog& log40() {
  static const TestLog kLog(40);
  return kLog;
}
Target target(std::size_t size, const TestLog& log = log40()) {
  return Target::read(log.note(size), log_key_of_tests()).value();
}
Prove prove(const TestLog& log = log40()) {
  return [&log](std::uint64_t from, const audit::TreeHead& to) -> Result<std::vector<audit::Hash>> {
    return log.proof(from, to.size);
  };
}

/// A true witness in a folder of the test.
class Honest {
 public:
  explicit Honest(unsigned first = 0x20, const std::string& name = "directory.example/w1")
      : state_(audit::WitnessState::create(folder_at(folder_.path()), cosigner_from(first, name),
                                           {log_key_of_tests()}, clock_)
                   .value()) {}
  Post post() {
    return [this](const std::string& body) -> Result<Posted> {
      ++asked;
      const audit::WitnessAnswer answer = state_->add_checkpoint(body).answer;
      return Posted{.status = answer.status, .body = answer.body};
    };
  }
  [[nodiscard]] NoteKey key() const { return state_->key(); }
  int asked = 0;

 private:
  TestFolder folder_;
  os::SystemClock clock_;
  std::unique_ptr<audit::WitnessState> state_;
};

/// Answers in turn; the last for ever.
Post says(std::deque<Posted> answers) {
  return [answers](const std::string&) mutable -> Result<Posted> {
    Posted one = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return one;
  };
}

FeedEnd end_of(const Post& post, std::size_t size = 20) {
  WitnessFeed feed(cosigner_from(0x20).key());
  return feed.feed(target(size), post, prove()).end;
}

}  // namespace

TEST_CASE("a feed that forgot the witness's size learns it and goes on from there", "[witness]") {
  Honest witness;
  WitnessFeed first(witness.key());
  const FeedOutcome begun = first.feed(target(5), witness.post(), prove());
  CHECK(begun.end == FeedEnd::cosigned);
  CHECK(witness.asked == 1);
  CHECK(first.feed(target(9), witness.post(), prove()).end == FeedEnd::cosigned);
  CHECK(witness.asked == 2);
  WitnessFeed forgetful(witness.key());
  const FeedOutcome outcome = forgetful.feed(target(20), witness.post(), prove());
  CHECK(outcome.end == FeedEnd::cosigned);
  CHECK(witness.asked == 4);  // 409, then 200
  CHECK(outcome.line->name == "directory.example/w1");
  CHECK(forgetful.feed(target(20), witness.post(), prove()).end == FeedEnd::cosigned);
  CHECK(witness.asked == 5);
}

TEST_CASE("a witness that saw another tree, or more of the log, is an alarm", "[witness]") {
  const TestLog fork(40, 3);
  Honest witness;
  WitnessFeed honest(witness.key());
  REQUIRE(honest.feed(target(12), witness.post(), prove()).end == FeedEnd::cosigned);
  WitnessFeed other(witness.key());
  const FeedOutcome forked = other.feed(target(20, fork), witness.post(), prove(fork));
  CHECK(forked.end == FeedEnd::forked);
  CHECK(forked.witness_size == 12);
  WitnessFeed back(witness.key());
  const FeedOutcome ahead = back.feed(target(7), witness.post(), prove());
  CHECK(ahead.end == FeedEnd::ahead);
  CHECK(ahead.witness_size == 12);
  // The witness was not moved by any of it.
  CHECK(honest.feed(target(20), witness.post(), prove()).end == FeedEnd::cosigned);
}

TEST_CASE("nothing but a good line of the witness's own key is a cosignature", "[witness]") {
  const auto line_of = [](unsigned first, const std::string& name, std::size_t size) {
    return audit::to_answer(
        {cosigner_from(first, name).cosign(target(size).text, std::chrono::seconds(1)).value()});
  };
  const std::string good = line_of(0x20, "directory.example/w1", 20);
  CHECK(end_of(says({{200, good}})) == FeedEnd::cosigned);
  CHECK(end_of(says({{200, line_of(0x21, "else", 20) + good}})) == FeedEnd::cosigned);
  CHECK(end_of(says({{200, line_of(0x20, "directory.example/w1", 19)}})) == FeedEnd::nonsense);
  CHECK(end_of(says({{200, line_of(0x21, "directory.example/w1", 20)}})) == FeedEnd::nonsense);
  CHECK(end_of(says({{200, ""}})) == FeedEnd::nonsense);
  CHECK(end_of(says({{200, "<html>"}})) == FeedEnd::nonsense);
  CHECK(end_of(says({{200, good + good.substr(0, 30)}})) == FeedEnd::nonsense);
  CHECK(end_of(says({{201, good}})) == FeedEnd::refused);
}

TEST_CASE("answers that no witness gives end the exchange in bounded time", "[witness]") {
  CHECK(end_of(says({{409, "0\n"}})) == FeedEnd::nonsense);  // what we said
  CHECK(end_of(says({{409, "x\n"}})) == FeedEnd::nonsense);
  CHECK(end_of(says({{409, "3\n"}, {409, "4\n"}, {409, "5\n"}, {409, "6\n"}})) ==
        FeedEnd::nonsense);
  CHECK(end_of(says({{409, "18446744073709551615\n"}})) == FeedEnd::ahead);
  CHECK(end_of(says({{409, "21\n"}})) == FeedEnd::ahead);
  CHECK(end_of(says({{409, "3\n"}, {422, "no\n"}})) == FeedEnd::forked);
  CHECK(end_of(says({{422, "no\n"}})) == FeedEnd::refused);  // from size 0 nothing is proved
  for (const int status : {100, 204, 301, 400, 403, 404, 429, 500, 503})
    CHECK(end_of(says({{status, "why"}})) == FeedEnd::refused);
  CHECK(end_of([](const std::string&) -> Result<Posted> {
          return fail(ErrorCode::unavailable, "network-timeout");
        }) == FeedEnd::unreachable);
}

TEST_CASE("a log whose own tiles cannot be read accuses no witness", "[witness]") {
  WitnessFeed feed(cosigner_from(0x20).key());
  const Prove broken = [](std::uint64_t,
                          const audit::TreeHead&) -> Result<std::vector<audit::Hash>> {
    return fail(ErrorCode::corrupt, "audit-tiles-corrupt");
  };
  CHECK(feed.feed(target(20), says({{409, "3\n"}}), broken).end == FeedEnd::unable);
}

TEST_CASE("a witness's URL names a numeric address, a port and a prefix", "[witness]") {
  const auto url = [](std::string_view text) { return WitnessUrl::parse(text); };
  const auto plain = url("http://192.0.2.7:8080/w1/").value();
  CHECK_FALSE(plain.tls);
  CHECK(plain.host == "192.0.2.7");
  CHECK(plain.port == 8080);
  CHECK(plain.submission() == "/w1/add-checkpoint");
  const auto six = url("https://[2001:db8::7]").value();
  CHECK(six.tls);
  CHECK(six.host == "2001:db8::7");
  CHECK(six.port == 443);
  CHECK(six.submission() == "/add-checkpoint");
  CHECK(url("http://192.0.2.7")->port == 80);
  for (const char* bad :
       {"", "192.0.2.7", "ftp://192.0.2.7", "http://", "http://witness.example/",
        "http://192.0.2.7:0", "http://192.0.2.7:65536", "http://192.0.2.7:", "http://192.0.2.7:8o",
        "http://2001:db8::7/", "http://[2001:db8::7", "http://[2001:db8::7]x",
        "http://[::1]:", "http://user@192.0.2.7", "http://192.0.2.7/a?b", "http://192.0.2.7/../x",
        "http://192.0.2.7/%2e%2e", "http://192.0.2.7/#x", "http:///x"}) {
    CAPTURE(bad);
    CHECK_FALSE(url(bad));
  }
}

TEST_CASE("a round lasts until its quorum, or until nobody is left to ask, or its time is over",
          "[witness]") {
  const auto shared = std::make_shared<const Target>(target(5));
  const Milliseconds start(1000);
  const Round round(shared, 2, start);
  CHECK_FALSE(round.over(true, true, start + kRoundEvery - Milliseconds(1)));
  CHECK(round.over(true, true, start + kRoundEvery));
  CHECK(round.over(false, false, start + kRoundEvery));
  CHECK_FALSE(round.over(false, true, start + kRoundEvery));
  CHECK_FALSE(round.over(false, true, start + kRoundTimeMax - Milliseconds(1)));
  CHECK(round.over(false, true, start + kRoundTimeMax));
}

}  // namespace hangu::witness::test
