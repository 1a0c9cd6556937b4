#pragma once
// Directory desk: where decide asks the central directory who somebody is, in place of the signed
// file of people. docs/protocols/directory.md §4 and §5.

#include <mutex>
#include <optional>
#include <string>

#include "config/gateway.hpp"
#include "flow/submission.hpp"
#include "policy/directory_answer.hpp"
#include "policy/policy.hpp"

namespace hangu::stages {

/// What one evaluation knows of the directory.
struct Consulted {
  policy::PeopleFile people;
  Bytes document;                               ///< the signed answer; what evidence keeps
  std::optional<policy::DirectoryState> state;  ///< absent: nobody answered
  /// Older than the label's grade may go by: nothing is allowed by it.
  bool stale = true;
};

/// How old knowledge may be for what is this secret.
[[nodiscard]] std::chrono::milliseconds age_limit(const config::DirectoryAges& ages,
                                                  flow::Secrecy secrecy);

/// Submitter and recipients, and the people whom some permit of the policy would have approve.
[[nodiscard]] policy::DirectoryQuestion question_about(const flow::Submission& submission,
                                                       const policy::Policy& policy,
                                                       const policy::Catalogue& catalogue,
                                                       Entropy& entropy);

/// Thread: any.
class DirectoryDesk {
 public:
  /// `directory` is hangu-directory's stage key; `now` is monotonic.
  DirectoryDesk(std::string socket, crypto::VerifyKey directory, config::DirectoryAges ages,
                std::chrono::milliseconds now)
      : socket_(std::move(socket)), directory_(std::move(directory)), ages_(ages), proved_(now) {}

  /// Asks, and waits at most kDirectoryPatience. Where no good answer comes, it is an error for as
  /// long as the last one, or else our own start, is no older than the label's grade allows (the
  /// transfer is tried again); after that it is nobody known, and stale.
  /// Errors: Unavailable "directory-unavailable".
  [[nodiscard]] Result<Consulted> ask(const policy::DirectoryQuestion& question);

 private:
  [[nodiscard]] Result<policy::DirectoryAnswer> receive(const policy::DirectoryQuestion& question,
                                                        Bytes& document) const;

  const std::string socket_;
  const crypto::VerifyKey directory_;
  const config::DirectoryAges ages_;
  std::mutex mutex_;                  // guards what follows
  std::chrono::milliseconds proved_;  ///< the youngest proof that an answer told of
};

inline constexpr std::chrono::milliseconds kDirectoryPatience{5'000};

}  // namespace hangu::stages
