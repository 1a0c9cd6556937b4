#pragma once
// Layout: where each thing of a gateway lies below its folder. docs/operations/workstation.md.
//
//   gateway.toml                    configuration
//   anchors/                        what programs trust: nodes.pem, stages.json, officers.json,
//                                   signers.json, parent-signers.json, auditors.json, log.vkey,
//                                   log-gm.vkey, log-former.vkey, nodes.json.dsse, software.json
//   policy/                         policy.toml, catalogue.toml; in-force.json, shadow.json: what
//                                   the gate let pass; people.json.dsse
//   credentials/<program>/          that program's private keys; root's, it alone may read them
//   run/<server>/<client>.sock      local sockets, one for each pair
//   store/  audit/                  custodian's ledger and objects; the log
//   epoch-keys/                     the log's short-lived keys; in no copy of it
//   audit-counter/                  the log's counter, where there is no TPM
//   audit-orders/                   what two auditors have signed for the log to do
//   forward/                        hangu-forward's cursor and state, where it is configured
//   zones/<zone>/spool/             receive's uploads
//   zones/<zone>/outbox/            sealed packages that emit handed over, read by deliver
//   log/<program>.log               operations log under `hangu up`

#include <string>

#include "base/ids.hpp"

namespace hangu::config {

class Layout {
 public:
  explicit Layout(std::string folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string configuration() const { return folder_ + "/gateway.toml"; }
  [[nodiscard]] std::string anchors() const { return folder_ + "/anchors"; }
  [[nodiscard]] std::string node_anchors() const { return anchors() + "/nodes.pem"; }
  [[nodiscard]] std::string stage_keys() const { return anchors() + "/stages.json"; }
  /// Held by who runs the gateway, or replaces its keys.
  [[nodiscard]] std::string lock() const { return folder_ + "/lock"; }
  /// The audit log's verifier key, as auditors' tools read it.
  [[nodiscard]] std::string log_key() const { return anchors() + "/log.vkey"; }
  /// The same of its SM2 line.
  /// Those before it, one a line, the newest last; missing while there were none.
  [[nodiscard]] std::string log_former_keys() const { return anchors() + "/log-former.vkey"; }
  [[nodiscard]] std::string log_gm_key() const { return anchors() + "/log-gm.vkey"; }
  [[nodiscard]] std::string officer_keys() const { return anchors() + "/officers.json"; }
  /// Which nodes the officers know, signed by them: flow/node_register.hpp.
  [[nodiscard]] std::string node_register() const { return anchors() + "/nodes.json.dsse"; }
  [[nodiscard]] std::string policy() const { return folder_ + "/policy"; }
  /// The release that decides, the one that is asked beside it, and the bundle that stands by to
  /// take the first one's place.
  [[nodiscard]] std::string policy_in_force() const { return policy() + "/in-force.json"; }
  [[nodiscard]] std::string policy_shadow() const { return policy() + "/shadow.json"; }
  [[nodiscard]] std::string policy_rollback() const { return policy() + "/rollback.bundle"; }
  /// Every release that came into force, by its number: to put back what was lost.
  [[nodiscard]] std::string former_policies() const { return policy() + "/former"; }
  /// The officers' switch: policy/posture.hpp.
  [[nodiscard]] std::string posture() const { return policy() + "/posture.json"; }
  /// Who may sign policies: policy/signers.hpp; and who signs those of the level above.
  [[nodiscard]] std::string signers() const { return anchors() + "/signers.json"; }
  [[nodiscard]] std::string parent_signers() const { return anchors() + "/parent-signers.json"; }
  [[nodiscard]] std::string credentials(const std::string& program) const {
    return folder_ + "/credentials/" + program;
  }
  [[nodiscard]] std::string socket_folder(const std::string& server) const {
    return folder_ + "/run/" + server;
  }
  [[nodiscard]] std::string socket(const std::string& server, const std::string& client) const {
    return socket_folder(server) + "/" + client + ".sock";
  }
  [[nodiscard]] std::string store() const { return folder_ + "/store"; }
  [[nodiscard]] std::string audit() const { return folder_ + "/audit"; }
  [[nodiscard]] std::string epoch_keys() const { return folder_ + "/epoch-keys"; }
  [[nodiscard]] std::string audit_counter() const { return folder_ + "/audit-counter"; }
  [[nodiscard]] std::string audit_orders() const { return folder_ + "/audit-orders"; }
  /// The auditors whose orders to the log count, two together.
  [[nodiscard]] std::string auditor_keys() const { return anchors() + "/auditors.json"; }
  /// What runs here, and by what configuration and keys: told in the log at each start.
  [[nodiscard]] std::string software() const { return anchors() + "/software.json"; }
  [[nodiscard]] std::string forward() const { return folder_ + "/forward"; }
  [[nodiscard]] std::string forward_cursor() const { return forward() + "/cursor.json"; }
  [[nodiscard]] std::string forward_state() const { return forward() + "/state.json"; }
  /// One sub-folder for each zone.
  [[nodiscard]] std::string zones() const { return folder_ + "/zones"; }
  [[nodiscard]] std::string spool(const ZoneId& zone) const {
    return zones() + "/" + zone.text() + "/spool";
  }
  [[nodiscard]] std::string outbox(const ZoneId& zone) const {
    return zones() + "/" + zone.text() + "/outbox";
  }
  [[nodiscard]] std::string log(const std::string& program) const {
    return folder_ + "/log/" + program + ".log";
  }

 private:
  std::string folder_;
};

}  // namespace hangu::config
