// Statements and the other signed or stored documents: what is read can be written and is read
// again as the same. The first byte of an input says what the rest is:
//   0  an envelope, 1 the payload of one
//   2  a decision, 3 a release certificate, 4 a consignment, 5 an entry of the audit log

#include "base/limits.hpp"
#include "flow/approval.hpp"
#include "flow/consignment.hpp"
#include "flow/decision.hpp"
#include "flow/receipt.hpp"
#include "flow/release.hpp"
#include "flow/release_certificate.hpp"
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

/// Reads what an envelope of the same kind around `what`'s statement says.
template <class T>
void must_read_back(const T& what, flow::Envelope envelope) {
  envelope.payload = to_bytes(what.to_statement().to_json().to_text());
  const auto again = T::parse(envelope);
  fuzz::must_hold(again && *again == what);
}

void try_envelope(std::string_view text) {
  const auto envelope = flow::Envelope::parse(text);
  if (!envelope) return;
  const auto again = flow::Envelope::parse(envelope->to_text());
  fuzz::must_hold(again && *again == *envelope);
  try_payload(envelope->payload);
  if (const auto step = flow::Step::parse(*envelope)) {
    must_read_back(*step, *envelope);
    fuzz::must_hold(!flow::step_key(*step).empty());
  }
  if (const auto approval = flow::Approval::parse(*envelope)) must_read_back(*approval, *envelope);
}

template <class T>
void try_json(std::string_view text) {
  const auto json = wire::Json::parse(text, kStatementBytesMax);
  if (!json) return;
  const auto read = T::parse(*json);
  if (!read) {
    fuzz::must_hold(!read.error().reason().empty());
    return;
  }
  const auto again = T::parse(read->to_json());
  fuzz::must_hold(again && again->to_json() == read->to_json());
}

void try_entry(std::string_view text) {
  const auto entry = flow::parse_logged_statement(text);
  if (!entry) return;
  fuzz::must_hold(!entry->statement.signatures.empty());
  if (const auto step = flow::Step::parse(entry->statement))
    must_read_back(*step, entry->statement);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = fuzz::view(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0: try_envelope(text_of(input)); break;
    case 1: try_payload(input); break;
    case 2: try_json<flow::Decision>(text_of(input)); break;
    case 3: try_json<flow::ReleaseCertificate>(text_of(input)); break;
    case 4: try_json<flow::Consignment>(text_of(input)); break;
    default: try_entry(text_of(input));
  }
  return 0;
}
