// Statements: what is read can be written and is read again as the same. The first byte of an input
// says what the rest is: an envelope, or the payload of one.

#include "flow/release.hpp"
#include "flow/submission.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace hangu;

void try_payload(ByteView payload) {
  const auto statement = flow::Statement::parse(payload);
  if (!statement) return;
  const auto again = flow::Statement::parse(bytes_of(statement->to_json().to_text()));
  fuzz::must_hold(again && again->subjects == statement->subjects &&
                  again->predicate == statement->predicate);
  if (const auto submission = flow::Submission::parse(*statement)) {
    const flow::Statement written = submission->to_statement();
    const auto read = flow::Submission::parse(written);
    fuzz::must_hold(read && read->to_statement().to_json() == written.to_json());
  }
  if (const auto release = flow::Release::parse(*statement)) {
    const flow::Statement written = release->to_statement();
    const auto read = flow::Release::parse(written);
    fuzz::must_hold(read && read->to_statement().to_json() == written.to_json());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = fuzz::view(data + 1, size - 1);
  if (data[0] % 2 == 1) {
    try_payload(input);
    return 0;
  }
  const auto envelope = flow::Envelope::parse(text_of(input));
  if (!envelope) return 0;
  const auto again = flow::Envelope::parse(envelope->to_text());
  fuzz::must_hold(again && *again == *envelope);
  try_payload(envelope->payload);
  return 0;
}
