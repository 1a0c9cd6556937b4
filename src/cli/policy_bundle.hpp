#pragma once
// Policy bundle: what the commands that make, sign and unpack bundles share.

#include <optional>

#include "cli/command.hpp"
#include "policy/analysis/gate.hpp"
#include "policy/bundle.hpp"

namespace hangu::cli {

/// A bundle's file, read; whose signatures it bears is for the gateway to say.
struct BundleFile {
  std::string path;
  flow::Envelope envelope;
  policy::Bundle bundle;
  std::string catalogue;  ///< its text
};

/// Errors: of the file; those of policy::bundle_in and Envelope::parse.
[[nodiscard]] Result<BundleFile> read_bundle(const std::string& path);

/// What the gate says of a bundle, in sentences: its obstacles by place in `name`, what it changes,
/// and how many must sign. `widens`: against what is in force; nothing when that is not known.
void tell_gate(Console& console, const std::string& name, const policy::GateRuling& ruling,
               std::optional<bool> widens);

/// Runs the gate as a workstation can: against the bundle named by --replaces, and the parent that
/// the candidate carries. Tells all of it. True: it passes.
[[nodiscard]] Result<bool> pass_gate(Session& session, const Arguments& arguments,
                                     const policy::Bundle& bundle, const std::string& catalogue,
                                     const std::string& name);

/// --replaces BUNDLE.
[[nodiscard]] OptionSpec replaces_option();

[[nodiscard]] CommandSpec policy_enrol_command();
[[nodiscard]] CommandSpec policy_sign_catalogue_command();
[[nodiscard]] CommandSpec policy_propose_command();
[[nodiscard]] CommandSpec policy_sign_command();
[[nodiscard]] CommandSpec policy_unpack_command();

}  // namespace hangu::cli
