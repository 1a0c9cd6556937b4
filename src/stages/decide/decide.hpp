#pragma once
// decide: pure policy evaluation, twice. `decide` looks at a transfer after inspection; `clear`
// looks again just before release, with the policy, directory and clock of that moment.

#include <memory>
#include <mutex>
#include <vector>

#include "audit/witnessing.hpp"
#include "base/time.hpp"
#include "line/custodian_client.hpp"
#include "line/outcome.hpp"
#include "policy/evaluate.hpp"
#include "policy/people_file.hpp"
#include "policy/release.hpp"
#include "stages/decide/directory_desk.hpp"
#include "stages/decide/over_time.hpp"

namespace hangu::stages {

/// A policy that is asked beside the one in force, and changes nothing.
struct Shadow {
  policy::Policy policy;
  policy::Catalogue catalogue;
  policy::GateReport report;
};

/// What a decision stands on, read from signed documents; reloaded when they change.
struct DecideMeans {
  policy::Policy policy;
  policy::Catalogue catalogue;
  policy::PeopleFile people;
  const config::Gateway& gateway;
  const Clock& clock;
  /// Digests of the signed documents, named in the step: "policy", "catalogue", "directory".
  std::map<std::string, Bytes> documents;
  policy::GateReport release{};                ///< of the policy
  std::vector<policy::GateReport> releases{};  ///< before it
  std::optional<Shadow> shadow{};
  std::string shadow_trouble{};  ///< why a shadow that lies there is not asked; empty: it is
  /// By which anchors all of it counts, as decide holds them: name and SHA-256.
  std::map<std::string, std::string> anchors{};
  /// Who is asked in place of `people`, where a directory is configured. Borrowed.
  DirectoryDesk* desk = nullptr;
};

/// By whose keys documents count.
struct Anchors {
  std::vector<crypto::VerifyKey> officers;  ///< of the people file
  policy::Signers signers;                  ///< of policies
  crypto::VerifyKey gate;                   ///< lets them in
};

/// Standing gives the means of each moment: it reads the signed documents of `folder` anew for
/// every evaluation, and checks their signatures and parses them again when a byte of them differs.
/// A shadow that was made beside another release than the one in force, or that cannot be used, is
/// left out: it must not stop what it may not change.
/// Thread: any.
class Standing {
 public:
  Standing(std::string folder, Anchors anchors, const config::Gateway& gateway, const Clock& clock,
           DirectoryDesk* desk = nullptr);
  /// Errors, all Unavailable, so that work waits until somebody has mended it: those of
  /// policy::Release::open, policy::open_signed and the parsers; of files.
  [[nodiscard]] Result<std::shared_ptr<const DecideMeans>> now();

 private:
  const std::string folder_;
  const Anchors anchors_;
  const config::Gateway& gateway_;
  const Clock& clock_;
  DirectoryDesk* const desk_;
  std::mutex mutex_;  // guards what follows
  std::vector<Bytes> read_;
  std::shared_ptr<const DecideMeans> means_;
};

/// What a moment adds to the documents.
struct Circumstances {
  audit::Witnessed log{};
  policy::Posture posture = policy::Posture::normal;
  Reserve reserve{};  ///< without it a limit over time is refused ("obligation-unavailable")
};

/// The first decision. Evidence: "decision", "submission", "policy", "catalogue", "directory". What
/// it would allow and must wait for witnesses of the log (as `log` stands) is given back. Where an
/// area is limited and the ground is not known it refuses at once ("footprint-unknown").
[[nodiscard]] Result<line::Outcome> decide(const line::Work& work, line::CustodianClient& custodian,
                                           const DecideMeans& means, const Circumstances& moment);

/// The second decision. Refuses ("policy-changed") what the first allowed when an obligation is
/// now demanded that was not carried out. Valid for kClearedValidity. Waits as decide() does. What
/// it takes of limits over time is reserved last; refused where there is none left.
[[nodiscard]] Result<line::Outcome> clear(const line::Work& work, line::CustodianClient& custodian,
                                          const DecideMeans& means, const Circumstances& moment);

}  // namespace hangu::stages
