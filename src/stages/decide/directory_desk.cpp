#include "stages/decide/directory_desk.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "os/channel.hpp"
#include "os/clock.hpp"

namespace hangu::stages {

std::chrono::milliseconds age_limit(const config::DirectoryAges& ages, flow::Secrecy secrecy) {
  switch (secrecy) {
    case flow::Secrecy::open:
    case flow::Secrecy::internal: return ages.internal;
    case flow::Secrecy::secret: return ages.secret;
    case flow::Secrecy::confidential:
    case flow::Secrecy::top_secret: break;
  }
  return ages.confidential;
}

policy::DirectoryQuestion question_about(const flow::Submission& submission,
                                         const policy::Policy& policy,
                                         const policy::Catalogue& catalogue, Entropy& entropy) {
  policy::DirectoryQuestion out;
  out.nonce = policy::DirectoryQuestion::new_nonce(entropy);
  out.nodes = {submission.destination_nodes.begin(), submission.destination_nodes.end()};
  out.nodes.insert(submission.origin_node);
  out.secrecy = submission.label.secrecy;
  out.grade = submission.label.grade;
  out.compartments = submission.label.compartments;
  for (const policy::Rule& rule : policy.book.rules()) {
    const policy::Obligations& demanded = rule.obligations;
    for (const policy::NameIndex role : demanded.approver_roles)
      out.roles.insert(catalogue.roles[role].id);
    out.anybody = out.anybody || (demanded.approvals > 0 && demanded.approver_roles.empty());
  }
  return out;
}

Result<policy::DirectoryAnswer> DirectoryDesk::receive(const policy::DirectoryQuestion& question,
                                                       Bytes& document) const {
  const std::chrono::milliseconds until = os::monotonic_now() + kDirectoryPatience;
  const auto left = [&] {
    return std::max(until - os::monotonic_now(), std::chrono::milliseconds(0));
  };
  HANGU_TRY(os::Channel channel, os::Channel::connect(socket_));
  HANGU_CHECK(channel.send(bytes_of(question.to_json().to_text()), left()));
  HANGU_TRY(const os::Message head, channel.receive(left()));
  if (head.bytes.size() != sizeof(std::uint32_t))
    return fail(ErrorCode::malformed, "directory-answer-invalid", "length");
  const std::uint32_t length = load_u32(head.bytes);
  if (length == 0) return fail(ErrorCode::unavailable, "directory-loading");
  if (length > kStatementBytesMax)
    return fail(ErrorCode::exhausted, "directory-answer-invalid", "too long");
  document.clear();
  while (document.size() < length) {  // ends: each piece has bytes, or the time is over
    HANGU_TRY(const os::Message piece, channel.receive(left()));
    append(document, piece.bytes);
  }
  HANGU_TRY(policy::DirectoryAnswer answer,
            policy::DirectoryAnswer::open(text_of(document), directory_));
  if (answer.question != question)
    return fail(ErrorCode::forbidden, "directory-answer-invalid", "to another question");
  return answer;
}

Result<Consulted> DirectoryDesk::ask(const policy::DirectoryQuestion& question) {
  const std::chrono::milliseconds limit = age_limit(ages_, question.secrecy);
  const std::chrono::milliseconds asked = os::monotonic_now();
  Bytes document;
  Result<policy::DirectoryAnswer> answer = receive(question, document);
  const std::chrono::milliseconds now = os::monotonic_now();
  const std::lock_guard lock(mutex_);
  if (answer) {
    policy::DirectoryState state = std::move(answer->state);
    proved_ = std::max(proved_, asked - state.age);
    state.age += now - asked;  // it may have been answered as soon as it was asked
    const bool stale = state.age > limit;
    return Consulted{std::move(answer->people), std::move(document), std::move(state), stale};
  }
  if (now - proved_ <= limit)
    return fail(ErrorCode::unavailable, "directory-unavailable", answer.error().message());
  const wire::Json unanswered =
      wire::JsonObject{{"question", question.to_json()}, {"unanswered", answer.error().reason()}};
  return Consulted{policy::PeopleFile(1, {}, {}), to_bytes(unanswered.to_text()), std::nullopt,
                   true};
}

}  // namespace hangu::stages
