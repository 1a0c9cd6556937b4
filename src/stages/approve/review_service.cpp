#include "stages/approve/review_service.hpp"

#include <algorithm>
#include <vector>

#include "line/stage_shell.hpp"
#include "os/process.hpp"
#include "stages/approve/approve.hpp"

namespace hangu::stages {
namespace {

constexpr std::chrono::milliseconds kTick{500};
constexpr std::chrono::milliseconds kAnswerTime = std::chrono::seconds(10);

/// Answers one request of one connection. False when the connection is over.
bool serve_one(os::Channel& channel, line::CustodianClient& custodian, const Clock& clock) {
  const Result<os::Message> message = channel.receive(std::chrono::milliseconds(0));
  if (!message) return false;
  const Result<line::ReviewRequest> request = line::parse_review_request(message->bytes);
  if (!request) return false;
  const ReviewAnswer answer = answer_review(*request, custodian, clock);
  const os::FdView file = answer.file.view();
  const Done sent =
      channel.send(line::encode(answer.reply), kAnswerTime,
                   file.valid() ? std::span(&file, 1) : std::span<const os::FdView>());
  return sent.has_value();
}

}  // namespace

void serve_reviews(os::Listener& listener, const std::string& custodian_socket, const Clock& clock,
                   const std::stop_token& stop) {
  std::optional<line::CustodianClient> custodian;
  std::vector<os::Channel> people;
  while (!stop.stop_requested()) {
    std::vector<os::FdView> watched{listener.view()};
    for (const os::Channel& channel : people) watched.push_back(channel.view());
    const Result<std::vector<std::size_t>> ready = os::wait_readable(watched, kTick);
    if (!ready || ready->empty()) continue;
    if (!custodian) {
      if (auto made = line::CustodianClient::connect(custodian_socket))
        custodian = *std::move(made);
    }
    std::vector<os::Channel> staying;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const bool asked = std::ranges::find(*ready, i + 1) != ready->end();
      if (!asked || (custodian && serve_one(people[i], *custodian, clock)))
        staying.push_back(std::move(people[i]));
    }
    people = std::move(staying);
    if (ready->front() != 0) continue;
    if (auto accepted = listener.accept(); accepted && *accepted && people.size() < kReviewersMax)
      people.push_back(**std::move(accepted));
  }
}

}  // namespace hangu::stages
