#pragma once
// Pki: a development public-key infrastructure in one folder, for workstations, demos and tests.
// A real site has its own authorities; the files that `issue_*` makes show what they must give.
// docs/operations/command-line.md §2.
//
//   authority-intl.{crt,key}  authority-gm.{crt,key}   the two roots (Ed25519; SM2)
//   anchors.pem                                        both root certificates
//   officer.key                                        the security officer's (Ed25519)
//   signers/*.key                                      those who sign policies (Ed25519)
//   auditor-1.key  auditor-2.key                       two auditors' (Ed25519)
//   people.json                                        policy::PeopleFile, unsigned
//   nodes/<node>/     node.{crt,key}  node-gm.{crt,key}  open-intl.{crt,key}  open-gm.{crt,key}
//                     anchors.pem  node.json
//   people/<person>/  person.{crt,key}  person.json
//   zones/<zone>/     tls.{crt,key}
//   gateways/<name>/  opening-intl.{crt,key}  opening-gm.{crt,key}
//
// Folders are 0700, key files 0600. A name's folder appears whole (made aside, then renamed), so
// that a crash leaves either everything of a name or nothing.

#include <set>
#include <string>
#include <vector>

#include "base/entropy.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "config/trust.hpp"
#include "crypto/certificate.hpp"
#include "os/descriptor.hpp"
#include "policy/people_file.hpp"
#include "policy/signers.hpp"

namespace hangu::cli {

inline constexpr int kAuthorityDays = 3650;
inline constexpr int kLeafDays = 730;

/// What the registry says of a person.
struct PersonPlan {
  PersonId person;
  std::string human;  ///< the human being behind the name: two names of one human count once
  std::string organisation;
  std::set<std::string> roles;
  flow::Secrecy clearance_secrecy;
  flow::DataGrade clearance_grade;
  crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::ed25519;
};

/// Pki works on one folder. Each issue_* returns the folder that it made. Changes of people.json
/// by several processes are kept apart by an advisory lock. `clock` and `entropy` must outlive it.
///
/// Errors: Forbidden "pki-exists" (init over another), "pki-already-issued"; Unavailable
/// "pki-absent" (no authority there); those of os/file.hpp, crypto/certificate.hpp and PeopleFile.
/// Thread: one at a time.
class Pki {
 public:
  [[nodiscard]] static Result<Pki> init(const std::string& folder, const Clock& clock,
                                        Entropy& entropy);
  [[nodiscard]] static Result<Pki> open(const std::string& folder, const Clock& clock,
                                        Entropy& entropy);

  /// Certificates and keys of a node (both suites), and its entry in people.json.
  [[nodiscard]] Result<std::string> issue_node(const NodeId& node,
                                               const std::set<std::string>& zones,
                                               const std::string& organisation);
  [[nodiscard]] Result<std::string> issue_person(const PersonPlan& plan);
  /// The TLS server certificate of a zone half. `names`: DNS names, and addresses as
  /// "ip:127.0.0.1".
  [[nodiscard]] Result<std::string> issue_zone(const ZoneId& zone,
                                               const std::set<std::string>& names);
  /// The opening keys of a gateway, to which senders seal.
  [[nodiscard]] Result<std::string> issue_gateway(const std::string& name);

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string node_folder(const NodeId& node) const;
  [[nodiscard]] std::string person_folder(const PersonId& person) const;
  [[nodiscard]] std::string zone_folder(const ZoneId& zone) const;
  [[nodiscard]] std::string gateway_folder(const std::string& name) const;

  /// Both root certificates, as in anchors.pem.
  [[nodiscard]] std::string anchors_pem() const;
  /// The registry as it stands now.
  [[nodiscard]] Result<policy::PeopleFile> people() const;
  [[nodiscard]] Result<crypto::SigningKey> officer() const;
  /// Who signs policies: two officers, a data owner and a classification authority; their keys,
  /// where there are none yet, are made.
  [[nodiscard]] Result<policy::Signers> signers() const;
  /// The key of one of them, by name. The same.
  [[nodiscard]] Result<crypto::SigningKey> signer(const std::string& human) const;
  /// The auditors' public keys by name; those of a folder that has none yet are made.
  [[nodiscard]] Result<config::StageKeys> auditors() const;
  [[nodiscard]] Result<crypto::RecipientKey> gateway_recipient(const std::string& name,
                                                               crypto::Suite suite) const;

 private:
  class Batch;
  Pki(std::string folder, crypto::Authority intl, crypto::Authority gm, const Clock& clock,
      Entropy& entropy)
      : folder_(std::move(folder)),
        intl_(std::move(intl)),
        gm_(std::move(gm)),
        clock_(clock),
        entropy_(entropy) {}
  [[nodiscard]] const crypto::Authority& authority(crypto::Suite suite) const {
    return suite == crypto::Suite::gm ? gm_ : intl_;
  }

  std::string folder_;
  crypto::Authority intl_;
  crypto::Authority gm_;
  const Clock& clock_;
  Entropy& entropy_;
};

}  // namespace hangu::cli
