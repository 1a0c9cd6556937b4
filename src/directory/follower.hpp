#pragma once
// Follower: keeps what is Standing the same as the directory, and proves that it is: connects,
// loads, follows changes as they come, and connects again after whatever ends that.
// docs/protocols/directory.md §3 and §5.

#include <functional>
#include <stop_token>

#include "base/time.hpp"
#include "directory/connection.hpp"
#include "directory/refresh.hpp"
#include "directory/standing.hpp"

namespace hangu::directory {

struct FollowerPlan {
  ServerPlan server;
  std::string base;
  milliseconds heartbeat{10'000};
  std::vector<crypto::VerifyKey> officers;
  /// One line of the operations log: id ("DIRECTORY-0002") and text.
  std::function<void(std::string_view, const std::string&)> tell;
  /// An event for the audit log; one that cannot be written is given again by the next call.
  std::function<Done(const std::string& type, const wire::JsonObject& event)> record;
  milliseconds connection_life = kConnectionLife;
};

/// Thread: one. `standing` and `clock` are borrowed; nobody else writes to it.
class Follower {
 public:
  Follower(FollowerPlan plan, Standing& standing, const Clock& clock)
      : plan_(std::move(plan)), standing_(standing), clock_(clock) {}
  /// Works until `stop`; a server that is away is no error, but age that grows.
  void run(const std::stop_token& stop);

 private:
  /// One connection's life: the error that ended it, or nothing at its time or when told to stop.
  [[nodiscard]] Done serve(const std::stop_token& stop);
  [[nodiscard]] Done follow(const Connection& connection, int search, const std::string& context,
                            const std::stop_token& stop);
  [[nodiscard]] Done load_by_pages(const Connection& connection, const std::stop_token& stop);
  /// The refresh stage of `search`, from its beginning to its end.
  [[nodiscard]] Done refresh(const Connection& connection, int search, Refresh& made,
                             const std::stop_token& stop);
  /// `made` stands from now on; it was the present when it was asked for.
  void stand(Refresh made, milliseconds asked, std::string_view how);
  [[nodiscard]] Done take_change(const Connection& connection, LDAPMessage* message);
  [[nodiscard]] bool is_over(const std::stop_token& stop);
  /// Waits; true when told to stop.
  [[nodiscard]] bool pause(milliseconds time, const std::stop_token& stop);
  void tell_conflicts();
  void hand_over();
  void note_failure(const Error& error, milliseconds next_try);
  /// What stands; it stays where it is until this thread replaces it.
  [[nodiscard]] const Replica* former() const;
  [[nodiscard]] Bytes crl() const;
  /// Errors: Unavailable "directory-crl-over": past its next update, or its time cannot be read.
  [[nodiscard]] Done check_crl() const;

  FollowerPlan plan_;
  Standing& standing_;
  const Clock& clock_;
  bool resumes_ = false;  ///< the cookie is good for going on
  bool pages_ = false;    ///< the server has no sync search
  milliseconds connected_{0};
  milliseconds handed_over_{0};
  Bytes crl_;
  std::string snapshot_;
  std::set<std::string> conflicts_told_;
  std::vector<std::pair<std::string, wire::JsonObject>> waiting_;  ///< for the log
  std::string told_;
};

}  // namespace hangu::directory
