// Messages between our own programs. The first byte of an input says what the rest is:
//   0  a request to the custodian, 1 its reply
//   2  a request to audit, 3 its reply
//   4  a request for review, 5 its reply
//   6  a job for a worker, 7 its reply
//   8  a count, so many reading steps, and the bytes that they read
//   9  the context of an error, which crosses the first three protocols
// What is accepted is written again as the same bytes.

#include <algorithm>

#include "audit/messages.hpp"
#include "base/text.hpp"
#include "ledger/messages.hpp"
#include "line/review_protocol.hpp"
#include "plain/worker_protocol.hpp"
#include "tests/fuzz/target.hpp"
#include "wire/codec.hpp"

namespace {

using namespace hangu;

constexpr std::size_t kFieldBytesMax = 1 << 16;  // of the reading steps
constexpr std::size_t kItemsMax = 1 << 10;

/// A message that is accepted has one spelling: the bytes that it was read from.
template <class Parse, class Write>
void must_be_canonical(ByteView input, Parse parse, Write write) {
  const auto message = parse(input);
  if (message) {
    fuzz::must_hold(equal(write(*message), input));
  } else {
    fuzz::must_hold(!message.error().reason().empty());
  }
}

void try_custodian_reply(ByteView input) {
  must_be_canonical(input, ledger::parse_reply,
                    [](const ledger::Reply& message) { return ledger::encode(message); });
  const auto reply = ledger::parse_reply(input);
  const auto* refused = reply ? std::get_if<ledger::Refused>(&*reply) : nullptr;
  if (refused != nullptr) fuzz::must_hold(ledger::to_error(*refused).code() == refused->code);
}

void try_audit_reply(ByteView input) {
  const auto reply = audit::parse_reply(input);
  if (!reply) return;
  const Bytes written = audit::to_bytes(*reply);
  const auto* failure = std::get_if<audit::FailureReply>(&*reply);
  if (failure == nullptr) {
    fuzz::must_hold(equal(written, input));
    return;
  }
  // The context of a failure is made printable by whoever writes it.
  const auto again = audit::parse_reply(written);
  const auto* same = again ? std::get_if<audit::FailureReply>(&*again) : nullptr;
  fuzz::must_hold(same != nullptr && same->id == failure->id && same->code == failure->code &&
                  same->reason == failure->reason);
}

void try_worker_reply(ByteView input) {
  const auto reply = plain::decode_reply(input);
  if (!reply) return;
  fuzz::must_hold(reply->passed() == (reply->reason == "ok"));
  const Bytes written = plain::encode(*reply);
  if (!reply->facts) {
    fuzz::must_hold(equal(written, input));
    return;
  }
  // The facts are JSON, read strictly and written in one form.
  const auto again = plain::decode_reply(written);
  fuzz::must_hold(again && again->facts == reply->facts && equal(plain::encode(*again), written));
}

/// One reading step, with the writing that undoes it.
void step(unsigned kind, wire::Reader& from, wire::Writer& to) {
  enum class Closed : std::uint8_t { a, b, c };
  switch (kind % 11) {
    case 0: to.u8(from.u8()); break;
    case 1: to.u16(from.u16()); break;
    case 2: to.u32(from.u32()); break;
    case 3: to.u64(from.u64()); break;
    case 4: to.f64(from.f64()); break;
    case 5: to.flag(from.flag()); break;
    case 6: to.enumerated(from.enumerated(Closed::c)); break;
    case 7: to.counted(from.counted(kFieldBytesMax)); break;
    case 8: {
      const std::string_view text = from.text(kFieldBytesMax);
      fuzz::must_hold(is_utf8(text));
      to.text(text);
      break;
    }
    case 9: {
      const std::size_t count = from.count(kItemsMax);
      fuzz::must_hold(count <= kItemsMax);
      to.count(count);
      break;
    }
    default: to.raw(from.raw(kind / 11));
  }
}

void try_steps(ByteView input) {
  if (input.empty()) return;
  const std::size_t count = std::min(std::to_integer<std::size_t>(input[0]), input.size() - 1);
  const ByteView steps = input.subspan(1, count);
  const ByteView content = input.subspan(1 + count);
  wire::Reader from(content);
  wire::Writer to;
  for (const std::byte kind : steps) {
    step(std::to_integer<unsigned>(kind), from, to);
    if (from.failed()) break;
    fuzz::must_hold(to.bytes().size() + from.remaining() == content.size());
  }
  if (!from.failed()) fuzz::must_hold(equal(to.bytes(), content.first(to.bytes().size())));
  const Done verdict = from.finish();
  fuzz::must_hold(verdict.has_value() == (!from.failed() && from.remaining() == 0));
  // After a failure nothing but zeros comes.
  if (from.failed()) fuzz::must_hold(from.u64() == 0 && from.counted(kFieldBytesMax).empty());
}

/// However long and foreign an error's context is, the peer can read the answer.
void try_context(ByteView input) {
  const std::string context(text_of(input));
  const ledger::Reply refused =
      ledger::to_refused(Error(ErrorCode::exhausted, "disk-full", context));
  fuzz::must_hold(ledger::parse_reply(ledger::encode(refused)).has_value());
  const audit::Reply failure = audit::FailureReply{
      .id = {}, .code = ErrorCode::internal, .reason = "sync-failed", .context = context};
  fuzz::must_hold(audit::parse_reply(audit::to_bytes(failure)).has_value());
  const line::ReviewReply review = line::ReviewRefused{"transfer-unknown", context};
  fuzz::must_hold(line::parse_review_reply(line::encode(review)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = fuzz::view(data + 1, size - 1);
  switch (data[0] % 10) {
    case 0:
      must_be_canonical(input, ledger::parse_request,
                        [](const ledger::Request& message) { return ledger::encode(message); });
      break;
    case 1: try_custodian_reply(input); break;
    case 2:
      must_be_canonical(input, audit::parse_request,
                        [](const audit::Request& message) { return audit::to_bytes(message); });
      break;
    case 3: try_audit_reply(input); break;
    case 4:
      must_be_canonical(input, line::parse_review_request,
                        [](const line::ReviewRequest& message) { return line::encode(message); });
      break;
    case 5:
      must_be_canonical(input, line::parse_review_reply,
                        [](const line::ReviewReply& message) { return line::encode(message); });
      break;
    case 6:
      must_be_canonical(input, plain::decode_request,
                        [](const plain::WorkerRequest& message) { return plain::encode(message); });
      break;
    case 7: try_worker_reply(input); break;
    case 8: try_steps(input); break;
    default: try_context(input);
  }
  return 0;
}
