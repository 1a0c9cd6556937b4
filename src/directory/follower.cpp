#include "directory/follower.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "crypto/revocation.hpp"
#include "directory/searches.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"

namespace hangu::directory {
namespace {

/// The questions for contextCSN on one connection: what was asked, and what its answer still waits
/// for to come through the stream.
class Heartbeat {
 public:
  Heartbeat(const Connection& connection, std::string context, milliseconds every)
      : connection_(connection), context_(std::move(context)), every_(every) {}

  /// Asks when it is time. Errors: Unavailable "directory-slow": no answer.
  Done beat(milliseconds now) {
    if (open_ && now - asked_ > kSilenceMax)
      return fail(ErrorCode::unavailable, "directory-slow", "no answer to the heartbeat");
    if (open_ || now < asked_ + every_) return {};
    HANGU_TRY(question_, ask_context(connection_, context_));
    asked_ = now;
    open_ = true;
    awaited_.clear();
    return {};
  }

  [[nodiscard]] bool is_answer(LDAPMessage* message) const {
    return open_ && ldap_msgid(message) == question_;
  }

  Done take(LDAPMessage* message) {
    if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY)
      awaited_ = read_context(connection_, message);
    if (ldap_msgtype(message) != LDAP_RES_SEARCH_RESULT) return {};
    open_ = false;
    HANGU_TRY(const OperationEnd end, read_end(connection_, message));
    if (end.code == LDAP_SUCCESS) return {};
    return fail(ErrorCode::unavailable, "directory-no-context", ldap_err2string(end.code));
  }

  /// When the answered question was asked, once the stream has come as far as its answer.
  std::optional<milliseconds> proof(std::string_view cookie) {
    if (open_ || awaited_.empty() || !has_seen(cookie, awaited_)) return std::nullopt;
    awaited_.clear();
    return asked_;
  }

 private:
  const Connection& connection_;
  std::string context_;
  milliseconds every_;
  milliseconds asked_{0};
  int question_ = 0;
  bool open_ = false;
  std::vector<std::string> awaited_;
};

std::string count_of(const Replica& replica) {
  std::string out =
      std::to_string(replica.size()) + " entries, " + std::to_string(replica.nodes()) + " nodes";
  for (const auto& [why, count] : replica.refused())
    out += ", " + std::to_string(count) + " without power: " + why;
  return out;
}

wire::JsonObject loaded_event(const Known& known, std::string_view how) {
  std::size_t refused = 0;
  for (const auto& [why, count] : known.replica.refused()) refused += count;
  return {{"entries", known.replica.size()},
          {"nodes", known.replica.nodes()},
          {"refused", refused},
          {"how", how},
          {"cookie", known.cookie},
          {"snapshot", known.replica.snapshot()}};
}

}  // namespace

void Follower::run(const std::stop_token& stop) {
  milliseconds wait = kRetryFirst;
  while (!stop.stop_requested()) {
    const Done ended = serve(stop);
    hand_over();
    if (ended) {  // at its time; the next one asks again what the server can
      pages_ = false;
      wait = kRetryFirst;
      continue;
    }
    note_failure(ended.error(), wait);
    if (pause(wait, stop)) return;
    wait = std::min(2 * wait, kRetryMax);
  }
}

Done Follower::serve(const std::stop_token& stop) {
  connected_ = os::monotonic_now();
  crl_ = crl();
  HANGU_CHECK(check_crl());
  HANGU_TRY(const Connection connection, Connection::open(plan_.server));
  if (told_ != "connected") plan_.tell("DIRECTORY-0001", "connected as " + connection.who());
  told_ = "connected";
  if (pages_) return load_by_pages(connection, stop);
  HANGU_TRY(const std::string context, find_context(connection, plan_.base));
  const bool resumes = std::exchange(resumes_, false);
  const std::string cookie =
      resumes ? standing_.look([](const Known* known) { return known->cookie; }) : std::string();
  const milliseconds asked = os::monotonic_now();
  HANGU_TRY(const int search, begin_sync(connection, plan_.base, cookie));
  Refresh made = resumes ? standing_.look([&](const Known* known) {
    return Refresh::from(known->replica, plan_.officers);
  })
                         : Refresh::from_nothing(former(), plan_.officers);
  if (Done whole = refresh(connection, search, made, stop); !whole) {
    const std::string_view reason = whole.error().reason();
    pages_ = reason == "directory-no-sync";
    if (pages_) plan_.tell("DIRECTORY-0006", "the server has no sync search: loading page by page");
    if (pages_) return load_by_pages(connection, stop);
    if (resumes && reason == "directory-refresh-required") return {};  // at once, from nothing
    return whole;
  }
  if (stop.stop_requested()) return {};
  stand(std::move(made), asked, resumes ? "resumed" : "whole");
  resumes_ = true;
  return follow(connection, search, context, stop);
}

Done Follower::refresh(const Connection& connection, int search, Refresh& made,
                       const std::stop_token& stop) {
  const milliseconds until = os::monotonic_now() + kLoadTime;
  milliseconds heard = os::monotonic_now();
  while (!made.is_done() && !stop.stop_requested()) {  // ends by `until`
    HANGU_TRY(const MessagePointer message, connection.next(kTick));
    const milliseconds now = os::monotonic_now();
    if (now > until || now - heard > kSilenceMax)
      return fail(ErrorCode::unavailable, "directory-slow");
    if (!message) continue;
    heard = now;
    if (ldap_msgid(message.get()) != search) continue;
    HANGU_TRY(const SyncMessage one, read_sync(connection, message.get()));
    HANGU_CHECK(made.take(one));
  }
  return {};
}

Done Follower::follow(const Connection& connection, int search, const std::string& context,
                      const std::stop_token& stop) {
  Heartbeat heart(connection, context, plan_.heartbeat);
  while (!is_over(stop)) {
    HANGU_CHECK(check_crl());
    HANGU_CHECK(heart.beat(os::monotonic_now()));
    HANGU_TRY(const MessagePointer message, connection.next(kTick));
    if (message && heart.is_answer(message.get())) {
      HANGU_CHECK(heart.take(message.get()));
    } else if (message && ldap_msgid(message.get()) == search) {
      if (Done taken = take_change(connection, message.get()); !taken) {
        resumes_ = false;
        return taken;
      }
    }
    const std::string cookie = standing_.look([](const Known* known) { return known->cookie; });
    if (const auto proved = heart.proof(cookie)) standing_.prove(*proved);
  }
  return {};
}

Done Follower::take_change(const Connection& connection, LDAPMessage* message) {
  HANGU_TRY(const SyncMessage change, read_sync(connection, message));
  Replica::Entry holder;
  if (const auto* is = std::get_if<EntryIs>(&change.what))
    holder = holder_of(is->entry, former(), plan_.officers);
  HANGU_CHECK(standing_.change([&](Replica& replica) { return apply(change, holder, replica); },
                               change.cookie));
  tell_conflicts();
  return {};
}

Done Follower::load_by_pages(const Connection& connection, const std::stop_token& stop) {
  while (!is_over(stop)) {
    HANGU_CHECK(check_crl());
    const milliseconds asked = os::monotonic_now();
    Refresh made = Refresh::from_nothing(former(), plan_.officers);
    HANGU_CHECK(
        load_pages(connection, plan_.base, [&](const RawEntry& entry) { return made.put(entry); }));
    stand(std::move(made), asked, "pages");
    const milliseconds next = asked + plan_.heartbeat;
    if (pause(next - std::min(next, os::monotonic_now()), stop)) return {};
  }
  return {};
}

void Follower::stand(Refresh made, milliseconds asked, std::string_view how) {
  std::string cookie = made.cookie();
  Known known{std::move(made).take_replica(), std::move(cookie), asked};
  const std::string snapshot = known.replica.snapshot();
  if (snapshot_ != snapshot) {
    plan_.tell("DIRECTORY-0002", std::string(how) + ": " + count_of(known.replica));
    if (waiting_.size() < kEventsWaitingMax)
      waiting_.emplace_back("directory.loaded", loaded_event(known, how));
  }
  snapshot_ = snapshot;
  standing_.replace(std::move(known));
  tell_conflicts();
  hand_over();
}

/// Each human who is found to be two of the three administrators, once.
void Follower::tell_conflicts() {
  const std::set<std::string> now =
      standing_.look([](const Known* known) { return known->replica.conflicts(); });
  if (now == conflicts_told_) return;
  for (const std::string& human : now) {
    if (conflicts_told_.contains(human)) continue;
    plan_.tell("DIRECTORY-0004", human + " is two of the three administrators, and so neither");
    if (waiting_.size() < kEventsWaitingMax)
      waiting_.emplace_back("directory.conflict", wire::JsonObject{{"human", human}});
  }
  conflicts_told_ = now;
  hand_over();
}

void Follower::hand_over() {
  handed_over_ = os::monotonic_now();
  while (!waiting_.empty() && plan_.record(waiting_.front().first, waiting_.front().second))
    waiting_.erase(waiting_.begin());
}

/// At the end of its life, when the CRL is another, or when told to stop.
bool Follower::is_over(const std::stop_token& stop) {
  const milliseconds now = os::monotonic_now();
  if (!waiting_.empty() && now - handed_over_ > plan_.heartbeat) hand_over();
  return stop.stop_requested() || now - connected_ > plan_.connection_life || crl() != crl_;
}

bool Follower::pause(milliseconds time, const std::stop_token& stop) {
  for (milliseconds waited{0}; waited < time && !stop.stop_requested(); waited += kTick)
    os::pause_for(std::min(kTick, time - waited));
  return stop.stop_requested();
}

void Follower::note_failure(const Error& error, milliseconds next_try) {
  if (told_ == error.reason()) return;
  told_ = error.reason();
  plan_.tell("DIRECTORY-0003",
             error.message() + "; tried again in " + std::to_string(next_try.count()) + " ms");
}

const Replica* Follower::former() const {
  return standing_.look(
      [](const Known* known) { return known == nullptr ? nullptr : &known->replica; });
}

Done Follower::check_crl() const {
  if (plan_.server.crl_file.empty()) return {};
  const Result<WallTime> end = crypto::next_update(text_of(crl_));
  const Result<WallTime> now = clock_.now();
  if (!end || !now || *now >= *end)
    return fail(ErrorCode::unavailable, "directory-crl-over",
                end ? end->to_text() : end.error().message());
  return {};
}

Bytes Follower::crl() const {
  if (plan_.server.crl_file.empty()) return {};
  return os::read_file(plan_.server.crl_file, kCredentialBytesMax).value_or(Bytes{});
}

}  // namespace hangu::directory
