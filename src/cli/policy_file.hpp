#pragma once
// Policy file: what each command of `hangu policy` begins with.

#include "cli/command.hpp"
#include "policy/policy.hpp"

namespace hangu::cli {

/// A policy file, read with its catalogue.
struct PolicyFile {
  std::string path;
  policy::Catalogue catalogue;
  policy::PolicyReading reading;
};

/// --catalogue FILE.
[[nodiscard]] OptionSpec catalogue_option();
/// FILE and --catalogue FILE.
[[nodiscard]] std::vector<OptionSpec> policy_file_options();
/// The file that the word by this place names, with the catalogue of an option. Errors: of the
/// files; those of Catalogue::parse and read_policy().
[[nodiscard]] Result<PolicyFile> read_policy_file(const Arguments& arguments,
                                                  std::string_view word = "policy",
                                                  std::string_view catalogue = "catalogue");
/// As read_policy_file(), and of a policy with problems the first of them.
[[nodiscard]] Result<PolicyFile> read_good_policy_file(const Arguments& arguments,
                                                       std::string_view word = "policy",
                                                       std::string_view catalogue = "catalogue");

/// The exit status; what is wrong in a file is told, and becomes that of an error in it (5),
/// whatever command reads it.
[[nodiscard]] Result<Exit> settle_policy(Session& session, Result<Exit> exit);

/// "line 12:1: what" of a file as "PATH:12:1: what"; what has no place, as "PATH: what".
[[nodiscard]] Error placed_in(const Error& error, const std::string& path);
/// "line 12:1" as "PATH:12:1", so that an editor finds the place.
[[nodiscard]] std::string place_in(const std::string& path, std::string_view place);

}  // namespace hangu::cli
