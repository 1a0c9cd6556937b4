// Attacks on the mover by a custodian that lies: over its real protocol, against the real emit and
// shell, beside an honest audit log. After each, no outbox holds a released package.
// docs/protocols/receipts.md §6.

#include <atomic>
#include <thread>

#include "tests/unit/stages/emit_line.hpp"

namespace {

using namespace hangu;
using flow::Stage;
using ledger::Work;
using std::chrono::milliseconds;
using test::EmitLine;
using test::Fate;
using test::Frame;
using test::LyingAudit;

const TransferId kOther = TransferId::create("ffffffffffffffffffffffffffffffff").value();

/// Has an honest line up to the mover, changes what the custodian says of the work, and lets the
/// mover try. Checks that nothing left and that no emission was logged.
template <class Change>
Fate offer_changed(EmitLine& line, Change change) {
  if (!line.work) line.make_steps();
  Work work = *line.work;
  change(work);
  line.custodian.offer(work);
  const Fate fate = line.run();
  CHECK(line.released().empty());
  CHECK(line.emissions().empty());
  return fate;
}
template <class Change>
Fate offer_changed(Change change) {
  EmitLine line;
  return offer_changed(line, change);
}

/// The mover tries while the custodian answers its requests for objects as `lie` says.
Fate lie_about_objects(EmitLine& line, const std::function<std::optional<Frame>(Frame)>& lie) {
  line.make_steps();
  line.custodian.lie([&](const ledger::Request& request, Frame honest) -> std::optional<Frame> {
    if (!std::holds_alternative<ledger::Open>(request)) return honest;
    return lie(std::move(honest));
  });
  const Fate fate = line.run();
  CHECK(line.released().empty());
  CHECK(line.emissions().empty());
  return fate;
}

crypto::ObjectDigest digest_of(std::string_view text) {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(text));
}

}  // namespace

TEST_CASE("an honest line releases exactly the rendition, with its story", "[emit][lies]") {
  EmitLine line;
  const Fate fate = line.run();
  CHECK(fate.reason == "ok");
  CHECK(fate.shell_reason.empty());
  REQUIRE(fate.finished);
  const auto released = line.released();
  REQUIRE(released.size() == 1);
  CHECK(released[0] == line.outbox("internet") + "/" + line.b.transfer.text() + ".hangu");
  const auto opened = line.open(released[0]);
  CHECK(opened.object == "the rendition");
  CHECK(flow::authorise(opened.story, line.trust(), line.b.transfer, line.b.now));
  const auto emissions = line.emissions();
  REQUIRE(emissions.size() == 1);
  CHECK(emissions[0] == line.digest_of_file(released[0]));
  REQUIRE(line.custodian.completions().size() == 1);
  CHECK(line.custodian.completions()[0].verdict == flow::Verdict::pass);
  CHECK(line.custodian.completions()[0].recipients == 1);
}

TEST_CASE("a custodian that leaves out any stage gets nothing past the mover", "[emit][lies]") {
  for (std::size_t left_out = 0; left_out < 8; ++left_out) {
    INFO("step " << left_out);
    const Fate fate = offer_changed([&](Work& work) {
      work.steps.erase(work.steps.begin() + static_cast<std::ptrdiff_t>(left_out));
    });
    CHECK(fate.reason == "warrant-steps");
    CHECK(fate.verdict == flow::Verdict::fail);
  }
}

TEST_CASE("a custodian that gives the steps in another order gets nothing past the mover",
          "[emit][lies]") {
  for (std::size_t first = 0; first < 7; ++first) {
    INFO("steps " << first << " and the next");
    const Fate fate =
        offer_changed([&](Work& work) { std::swap(work.steps[first], work.steps[first + 1]); });
    CHECK(fate.reason == "warrant-steps");
  }
}

TEST_CASE("a custodian that gives one step twice gets nothing past the mover", "[emit][lies]") {
  CHECK(offer_changed([](Work& work) { work.steps[5] = work.steps[4]; }).reason == "warrant-steps");
  CHECK(offer_changed([](Work& work) { work.steps.push_back(work.steps.back()); }).reason ==
        "warrant-steps");
}

TEST_CASE("a step that never was in the log gets nothing past the mover", "[emit][lies]") {
  // An entry that does not exist: the log cannot prove it, the transfer stops.
  const Fate beyond = offer_changed([](Work& work) { work.steps[5].entry = 1'000'000; });
  CHECK(beyond.reason == "audit-failed");
  CHECK_FALSE(beyond.verdict);
  // The log's own first entry in place of the step.
  CHECK(offer_changed([](Work& work) { work.steps[5].entry = 0; }).reason == "warrant-steps");
  // No step at all.
  CHECK(offer_changed([](Work& work) { work.steps.clear(); }).reason == "warrant-steps");
}

TEST_CASE("a failed step that the custodian calls passed gets nothing past the mover",
          "[emit][lies]") {
  for (const flow::Verdict verdict : {flow::Verdict::fail, flow::Verdict::error}) {
    EmitLine line;
    line.b.change_step[Stage::check] = [&](flow::Step& step) {
      step.verdict = verdict;
      step.reason = "rendition-content-differs";
    };
    CHECK(offer_changed(line, [](Work&) {}).reason == "warrant-verdict");
  }
}

TEST_CASE("another transfer's receipts serve no transfer but their own", "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  const Work own = *line.work;
  line.b.transfer = kOther;
  line.make_steps();
  const Work other = *line.work;

  // Its receipts under our name, and ours under its name.
  CHECK(offer_changed(line, [&](Work& work) {
          work = own;
          work.steps = other.steps;
        }).reason == "warrant-transfer");
  CHECK(offer_changed(line, [&](Work& work) {
          work = other;
          work.steps = own.steps;
        }).reason == "warrant-transfer");
  // One old receipt among fresh ones.
  for (std::size_t replayed = 0; replayed < 8; ++replayed) {
    INFO("step " << replayed);
    const Fate fate = offer_changed(line, [&](Work& work) {
      work = own;
      work.steps[replayed] = other.steps[replayed];
    });
    CHECK(fate.reason == "warrant-transfer");
  }
}

TEST_CASE("an earlier round's receipt does not link into the chain", "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  const Work first = *line.work;
  line.b.change_step.clear();
  for (const Stage stage : {Stage::receive, Stage::verify, Stage::inspect, Stage::decide,
                            Stage::transform, Stage::check, Stage::approve, Stage::clear})
    line.b.change_step[stage] = [](flow::Step& step) { step.round = 2; };
  line.make_steps();
  CHECK(offer_changed(line, [&](Work& work) { work.steps[5] = first.steps[5]; }).reason ==
        "warrant-link");
}

TEST_CASE("a swapped document gets nothing past the mover", "[emit][lies]") {
  for (const char* name : {"submission", "decision", "certificate", "approvals", "cleared"}) {
    INFO(name);
    // Other bytes under the right digest.
    EmitLine line;
    line.make_steps();
    Bytes bytes = line.documents.at(name);
    bytes[bytes.size() / 2] ^= std::byte{1};
    line.custodian.swap(line.work->evidence.at(name), bytes);
    const Fate swapped = offer_changed(line, [](Work&) {});
    CHECK(swapped.reason == "object-mismatch");
    CHECK_FALSE(swapped.verdict);
    // Another document under another digest, as if the step had named that.
    EmitLine renamed;
    renamed.make_steps();
    std::string text(text_of(renamed.documents.at(name)));
    text += name == std::string_view("approvals") ? " " : "";
    if (text.back() == '}') text.insert(text.size() - 1, " ");
    const auto digest = renamed.custodian.put(bytes_of(text));
    const Fate fate = offer_changed(renamed, [&](Work& work) { work.evidence.at(name) = digest; });
    CHECK((fate.reason == "warrant-document" || fate.reason.starts_with("json-")));
    // No document.
    const Fate missing = offer_changed([&](Work& work) { work.evidence.erase(name); });
    CHECK(missing.reason == "evidence-missing");
  }
}

TEST_CASE("a list of recipients that the custodian made gets nothing past the mover",
          "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  flow::Decision forged = line.b.decision;
  test::SeededEntropy thief("thief");
  forged.recipients.front().key =
      crypto::OpeningKey::generate(crypto::Suite::intl, thief)->recipient_key();
  const auto digest = line.custodian.put(bytes_of(forged.to_json().to_text()));
  CHECK(offer_changed(line, [&](Work& work) { work.evidence.at("cleared") = digest; }).reason ==
        "warrant-document");
  CHECK(offer_changed(line, [&](Work& work) {
          work.evidence.at("cleared") = digest;
          work.evidence.at("decision") = digest;
        }).reason == "warrant-document");
}

TEST_CASE("a rendition table with an object more, less or renamed gets nothing past the mover",
          "[emit][lies]") {
  const auto with_rows = [](auto change) {
    EmitLine line;
    line.make_steps();
    auto rows = line.b.rendition.rows();
    change(line, rows);
    const auto table = flow::ObjectTable::create(rows).value();
    line.custodian.put(table.to_bytes());
    return offer_changed(
               line, [&](Work& work) { work.table = table.digest(crypto::HashAlgorithm::sha256); })
        .reason;
  };
  using Rows = std::vector<flow::ObjectRow>;
  CHECK(with_rows([](EmitLine& line, Rows& rows) {
          rows.push_back({"more.gpkg", "text/csv", line.custodian.put(bytes_of("smuggled"))});
        }) == "warrant-document");
  CHECK(with_rows([](EmitLine&, Rows& rows) { rows[0].name = "other.gpkg"; }) ==
        "warrant-document");
  CHECK(with_rows([](EmitLine& line, Rows& rows) {
          rows[0].digest = line.custodian.put(bytes_of("the renditioN"));
        }) == "warrant-document");
  CHECK(with_rows([](EmitLine&, Rows& rows) { rows.clear(); }) == "warrant-document");
}

TEST_CASE("other bytes under the rendition's digest get nothing past the mover", "[emit][lies]") {
  for (const std::string_view swapped : {"the renditioN", "the renditio", "the rendition!", ""}) {
    INFO(swapped);
    EmitLine line;
    line.make_steps();
    line.custodian.swap(digest_of("the rendition"), bytes_of(swapped));
    const Fate fate = offer_changed(line, [](Work&) {});
    CHECK(fate.reason == "source-changed");
    CHECK_FALSE(fate.verdict);
    REQUIRE(line.custodian.completions().size() == 1);
    CHECK(line.custodian.completions()[0].verdict == flow::Verdict::error);
    CHECK(line.custodian.completions()[0].reason == "source-changed");
  }
}

TEST_CASE("content that changes while the mover reads it never leaves changed", "[emit][lies]") {
  const std::string content = test::long_text(6 * kChunkBytes + 77);
  constexpr int kAttempts = 12;
  constexpr int kAttemptsMax = 200;  // on a machine that lets the two seldom run at once
  unsigned refused = 0;
  for (int attempt = 0; attempt < kAttempts || (refused == 0 && attempt < kAttemptsMax);
       ++attempt) {
    EmitLine line(content);
    line.make_steps();
    std::atomic<bool> stop = false;
    std::atomic<bool> begun = false;
    std::thread changing;
    line.custodian.lie([&](const ledger::Request& request, Frame honest) {
      const auto* const open = std::get_if<ledger::Open>(&request);
      if (open != nullptr && open->digest.size == content.size() && !changing.joinable()) {
        // The custodian owns the file; the mover has its digest and a descriptor of it.
        changing = std::thread([&, writable = test::writable_twin(honest.files.at(0).view())] {
          for (std::uint64_t i = 0; !stop; ++i) {
            const std::uint64_t at = (i * 7919 * 4096) % content.size();
            const std::byte now{static_cast<unsigned char>(i)};
            (void)os::write_all_at(writable.view(), at, {&now, 1}).has_value();
            const std::byte was{static_cast<unsigned char>(content[at])};
            (void)os::write_all_at(writable.view(), at, {&was, 1}).has_value();
            begun = true;
          }
        });
        while (!begun) std::this_thread::yield();  // ends: the thread's first round
      }
      return std::optional(std::move(honest));
    });
    const Fate fate = line.run();
    stop = true;
    REQUIRE(changing.joinable());
    changing.join();
    const auto released = line.released();
    if (fate.reason == "ok") {
      REQUIRE(released.size() == 1);
      CHECK(line.open(released[0]).object == content);
    } else {
      CHECK(fate.reason == "source-changed");
      CHECK(released.empty());
      ++refused;
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("what is no file cannot stand for an object", "[emit][lies]") {
  EmitLine pipe;
  CHECK(lie_about_objects(pipe, [](Frame honest) {
          if (honest.files.empty()) return std::optional(std::move(honest));
          std::array<int, 2> ends{};
          REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
          ::close(ends[1]);
          honest.files[0] = os::UniqueFd(ends[0]);
          return std::optional(std::move(honest));
        }).reason != "ok");
  EmitLine device;
  CHECK(lie_about_objects(device, [](Frame honest) {
          if (!honest.files.empty()) honest.files[0] = os::open_read("/dev/zero").value();
          return std::optional(std::move(honest));
        }).reason != "ok");
}

TEST_CASE("answers that are no answers stop the mover", "[emit][lies]") {
  const auto reason = [](const std::function<std::optional<Frame>(Frame)>& lie) {
    EmitLine line;
    line.patience.answer = milliseconds(300);
    line.patience.reconnect = milliseconds(300);
    return lie_about_objects(line, lie).reason;
  };
  // Cut at every length of the smallest answer, and one byte too many.
  const Bytes whole = ledger::encode(ledger::OpenedObject{false, to_bytes("abc")});
  for (std::size_t length = 1; length < whole.size(); ++length) {
    INFO(length);
    CHECK(reason([&](const Frame&) {
            return std::optional(Frame{to_bytes(ByteView(whole).first(length))});
          }).starts_with("wire-"));
  }
  CHECK(reason([](Frame honest) {
          honest.bytes.push_back(std::byte{0});
          return std::optional(std::move(honest));
        }).starts_with("wire-"));
  CHECK(reason([](const Frame&) { return std::optional(Frame{Bytes(kMessageBytesMax + 1)}); }) ==
        "message-truncated");
  CHECK(reason([](const Frame&) {
          return std::optional(Frame{ledger::encode(ledger::Reply(ledger::Nothing{}))});
        }) == "custodian-refused");
  CHECK(reason([](Frame honest) {
          honest.files.push_back(test::file_in_memory({}));
          return std::optional(std::move(honest));
        }) == "message-descriptors");
  CHECK(reason([](Frame honest) {
          return std::optional(Frame{std::move(honest.bytes)});  // the descriptors left out
        }) == "message-descriptors");
}

TEST_CASE("a custodian that is silent or hangs up makes the mover try later", "[emit][lies]") {
  for (const bool silent : {true, false}) {
    EmitLine line;
    line.patience.answer = milliseconds(300);
    line.patience.reconnect = milliseconds(300);
    const Fate fate = lie_about_objects(line, [&](const Frame&) -> std::optional<Frame> {
      if (silent) return std::nullopt;
      return Frame{};
    });
    CHECK(fate.reason == (silent ? "peer-slow" : "peer-gone"));
    CHECK(line.custodian.given_back() == 1);
    CHECK(line.custodian.completions().empty());
    // Once it answers, the same work goes out.
    line.custodian.lie({});
    CHECK(line.run().reason == "ok");
    CHECK(line.released().size() == 1);
  }
}

TEST_CASE("a token that the custodian does not stand by lets nothing out", "[emit][lies]") {
  EmitLine line;
  const Fate fate = lie_about_objects(line, [](const Frame&) {
    return std::optional(
        Frame{ledger::encode(ledger::Refused{ErrorCode::forbidden, "claim-unknown", {}})});
  });
  CHECK(fate.reason == "claim-unknown");
  CHECK(line.custodian.given_back() == 1);
}

TEST_CASE("an approval that lapses before the emission goes back to people", "[emit][lies]") {
  EmitLine line;
  line.b.approvals = {line.b.approval_of("li"), line.b.approval_of("wang", [&](flow::Approval& a) {
                        a.expires = line.b.now;
                      })};
  line.make_steps();
  CHECK(offer_changed(line, [](Work&) {}).reason == "given-back");
  CHECK(line.custodian.approved_anew() == 1);
  CHECK(line.custodian.recleared() == 0);
  CHECK(line.custodian.completions().empty());
}

TEST_CASE("a clearance that is over is not acted on, it is made anew", "[emit][lies]") {
  EmitLine line;
  line.b.valid_until = line.b.now;
  const Fate fate = offer_changed(line, [](Work&) {});
  CHECK(fate.reason == "given-back");
  CHECK(line.custodian.recleared() == 1);
  CHECK(line.custodian.completions().empty());
  // Offered again all the same, again nothing goes.
  CHECK(offer_changed(line, [](Work&) {}).reason == "given-back");
  CHECK(line.custodian.recleared() == 2);
  // A millisecond of validity is enough, and the mover's own clock decides.
  EmitLine late;
  late.b.valid_until = late.b.now + milliseconds(1);
  late.make_steps();
  late.clock.advance(milliseconds(1));
  CHECK(offer_changed(late, [](Work&) {}).reason == "given-back");
  late.clock.advance(milliseconds(-1));
  late.custodian.offer(*late.work);
  CHECK(late.run().reason == "ok");
  CHECK(late.released().size() == 1);
}

TEST_CASE("an old clearance in place of the present one lets nothing out", "[emit][lies]") {
  EmitLine line;
  line.b.valid_until = line.b.now + milliseconds(-1);
  line.make_steps();
  const Work old = *line.work;
  line.b.valid_until = line.b.now + std::chrono::minutes(5);
  for (const Stage stage : {Stage::receive, Stage::verify, Stage::inspect, Stage::decide,
                            Stage::transform, Stage::check, Stage::approve, Stage::clear})
    line.b.change_step[stage] = [](flow::Step& step) { step.round = 2; };
  line.make_steps();
  CHECK(offer_changed(line, [&](Work& work) { work = old; }).reason == "given-back");
  CHECK(offer_changed(line, [&](Work& work) { work.steps[7] = old.steps[7]; }).reason ==
        "warrant-link");
}

TEST_CASE("work of another stage is not the mover's", "[emit][lies]") {
  EmitLine line;
  line.make_steps();
  line.custodian.lie([&](const ledger::Request& request, Frame honest) {
    if (!std::holds_alternative<ledger::Claim>(request)) return std::optional(std::move(honest));
    Work work = *line.work;
    work.stage = Stage::clear;
    return std::optional(Frame{ledger::encode(ledger::ClaimedWork{work})});
  });
  const Fate fate = line.run();
  CHECK(fate.reason == "custodian-refused");
  CHECK(line.released().empty());
}
