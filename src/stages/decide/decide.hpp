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
#include "stages/decide/directory_desk.hpp"

namespace hangu::stages {

/// What a decision stands on, read from signed documents; reloaded when they change.
struct DecideMeans {
  policy::Policy policy;
  policy::Catalogue catalogue;
  policy::PeopleFile people;
  const config::Gateway& gateway;
  const Clock& clock;
  /// Digests of the signed documents, named in the step: "policy", "catalogue", "directory".
  std::map<std::string, Bytes> documents;
  /// Who is asked in place of `people`, where a directory is configured. Borrowed.
  DirectoryDesk* desk = nullptr;
};

/// Standing gives the means of each moment: it reads the signed documents of `folder` anew for
/// every evaluation, and checks them against the officers' keys and parses them again when a byte
/// of them differs. Thread: any.
class Standing {
 public:
  Standing(std::string folder, std::vector<crypto::VerifyKey> officers,
           const config::Gateway& gateway, const Clock& clock, DirectoryDesk* desk = nullptr);
  /// Errors: those of policy::open_signed and the parsers; of files.
  [[nodiscard]] Result<std::shared_ptr<const DecideMeans>> now();

 private:
  const std::string folder_;
  const std::vector<crypto::VerifyKey> officers_;
  const config::Gateway& gateway_;
  const Clock& clock_;
  DirectoryDesk* const desk_;
  std::mutex mutex_;  // guards what follows
  std::vector<Bytes> read_;
  std::shared_ptr<const DecideMeans> means_;
};

/// The first decision. Evidence: "decision", "submission", "policy", "catalogue", "directory". What
/// it would allow and must wait for witnesses of the log (as `log` stands) is given back.
[[nodiscard]] Result<line::Outcome> decide(const line::Work& work, line::CustodianClient& custodian,
                                           const DecideMeans& means, const audit::Witnessed& log);

/// The second decision. Refuses ("policy-changed") what the first allowed when an obligation is
/// now demanded that was not carried out. Valid for kClearedValidity. Waits as decide() does.
[[nodiscard]] Result<line::Outcome> clear(const line::Work& work, line::CustodianClient& custodian,
                                          const DecideMeans& means, const audit::Witnessed& log);

}  // namespace hangu::stages
