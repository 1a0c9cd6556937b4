#pragma once
// What decide asks the central directory, and what hangu-directory answers: the few nodes and
// people that one decision needs, signed, with how old that knowledge is.
// docs/protocols/directory.md §4.

#include <chrono>
#include <set>
#include <string>

#include "base/entropy.hpp"
#include "policy/people_file.hpp"

namespace hangu::policy {

inline constexpr std::string_view kDirectoryAnswerPayloadType =
    "application/vnd.hangu.directory-answer+json";
/// People of one role in an answer, in order of their ids: as many as a decision can name.
inline constexpr std::size_t kPeopleOfRoleMax = 256;
inline constexpr std::size_t kAnswerBytesMax = std::size_t{2} << 20;
inline constexpr std::size_t kCookieBytesMax = 1024;

struct DirectoryQuestion {
  std::string nonce;       ///< 32 hex digits; the answer is to this question and no earlier one
  std::set<NodeId> nodes;  ///< submitter and recipients, at most kRecipientsMax + 1
  std::set<std::string> roles;  ///< people who hold one of these …
  bool anybody = false;         ///< … and people of any role or none
  /// People are cleared for this, and for all compartments.
  flow::Secrecy secrecy = flow::Secrecy::top_secret;
  flow::DataGrade grade = flow::DataGrade::core;
  std::set<std::string> compartments;

  [[nodiscard]] static std::string new_nonce(Entropy& entropy);
  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…".
  [[nodiscard]] static Result<DirectoryQuestion> parse(const wire::Json& json);
  bool operator==(const DirectoryQuestion&) const = default;
};

/// The sync state and content that an answer was made of.
struct DirectoryState {
  std::string cookie;                ///< the server's (RFC 4533); empty where it has none
  std::string snapshot;              ///< SHA-256 in hex of all that was known
  std::chrono::milliseconds age{0};  ///< since it was last proved to be the present
  bool operator==(const DirectoryState&) const = default;
};

struct DirectoryAnswer {
  DirectoryQuestion question;
  DirectoryState state;
  PeopleFile people;

  /// The envelope, signed by hangu-directory's stage key.
  [[nodiscard]] Result<std::string> sign(const crypto::SigningKey& directory) const;
  /// Errors: those of open_signed() and PeopleFile::parse; Malformed "field-…".
  [[nodiscard]] static Result<DirectoryAnswer> open(std::string_view envelope_text,
                                                    const crypto::VerifyKey& directory);
};

}  // namespace hangu::policy
