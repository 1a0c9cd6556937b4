#include "stages/approve/review_service.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "crypto/certificate.hpp"
#include "line/audit_client.hpp"
#include "line/stage_shell.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "stages/approve/approve.hpp"

namespace hangu::stages {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{500};
constexpr milliseconds kAnswerTime = std::chrono::seconds(10);

/// Answers one request of one connection. False when the connection is over.
bool serve_one(os::Channel& channel, const ReviewMeans& means) {
  const Result<os::Message> message = channel.receive(milliseconds(0));
  if (!message) return false;
  const Result<line::ReviewRequest> request = line::parse_review_request(message->bytes);
  if (!request) return false;
  const ReviewAnswer answer = answer_review(*request, means);
  const os::FdView file = answer.file.view();
  const Done sent =
      channel.send(line::encode(answer.reply), kAnswerTime,
                   file.valid() ? std::span(&file, 1) : std::span<const os::FdView>());
  return sent.has_value();
}

struct Person {
  os::Channel channel;
  uid_t uid;
  milliseconds heard;  ///< when he asked last, or came
};

/// Whose place a new connection gets: see serve_reviews.
std::vector<Person>::iterator who_makes_way(std::vector<Person>& people) {
  std::map<uid_t, std::size_t> places;
  for (const Person& person : people) ++places[person.uid];
  return std::ranges::max_element(people, {}, [&](const Person& person) {
    return std::pair(places[person.uid], -person.heard.count());
  });
}

/// Takes the connections that wait.
void let_in(os::Listener& listener, std::vector<Person>& people, const ReviewLimits& limits) {
  for (std::size_t i = 0; i < limits.connections_max; ++i) {
    auto accepted = listener.accept();
    if (!accepted || !*accepted) return;
    const Result<os::Peer> peer = (*accepted)->peer();
    if (!peer) continue;
    if (people.size() >= limits.connections_max) people.erase(who_makes_way(people));
    people.push_back({**std::move(accepted), peer->uid, os::monotonic_now()});
  }
}

}  // namespace

void serve_reviews(os::Listener& listener, const ReviewSockets& sockets, const Clock& clock,
                   const std::stop_token& stop, const ReviewLimits& limits) {
  crypto::SystemEntropy entropy;
  std::optional<line::CustodianClient> custodian;
  std::optional<line::AuditClient> audit;
  std::vector<Person> people;
  const milliseconds tick = std::min(kTick, limits.idle_max);
  while (!stop.stop_requested()) {
    std::vector<os::FdView> watched{listener.view()};
    for (const Person& person : people) watched.push_back(person.channel.view());
    const Result<std::vector<std::size_t>> ready = os::wait_readable(watched, tick);
    if (!ready) continue;
    if (!custodian && !ready->empty()) {
      if (auto made = line::CustodianClient::connect(sockets.custodian))
        custodian = *std::move(made);
    }
    if (!audit && !ready->empty()) {
      if (auto made = line::AuditClient::connect(sockets.audit, entropy)) audit = *std::move(made);
    }
    std::vector<Person> staying;
    for (std::size_t i = 0; i < people.size(); ++i) {
      Person& person = people[i];
      const bool asked = std::ranges::find(*ready, i + 1) != ready->end();
      if (asked &&
          (!custodian || !audit || !serve_one(person.channel, {*custodian, *audit, clock})))
        continue;
      const milliseconds now = os::monotonic_now();
      if (asked) person.heard = now;
      if (now - person.heard < limits.idle_max) staying.push_back(std::move(person));
    }
    people = std::move(staying);
    if (std::ranges::find(*ready, 0) != ready->end()) let_in(listener, people, limits);
  }
}

}  // namespace hangu::stages
