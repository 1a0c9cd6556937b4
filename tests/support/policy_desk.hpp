#pragma once
// PolicyDesk: people who sign policies, and the gate of a gateway, for tests of releases.

#include <map>

#include "policy/release.hpp"
#include "policy/signed_document.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace hangu::test {

class PolicyDesk {
 public:
  const crypto::SigningKey& key(const std::string& name) {
    const auto found = keys_.find(name);
    if (found != keys_.end()) return found->second;
    return keys_
        .emplace(name,
                 must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy_)))
        .first->second;
  }

  /// Two officers, a data owner and a classification authority.
  policy::Signers signers() {
    const auto one = [&](const char* human, policy::Duty duty) {
      return policy::Signer{human, "bureau", duty, {key(human).verify_key()}};
    };
    return must(policy::Signers::create({one("authority", policy::Duty::classification_authority),
                                         one("li", policy::Duty::policy_officer),
                                         one("owner", policy::Duty::data_owner),
                                         one("wang", policy::Duty::policy_officer)}));
  }

  policy::Bundle bundle(const std::string& rules, const std::string& catalogue,
                        std::uint32_t release, const std::string& authority = "authority") {
    policy::Bundle out;
    out.catalogue =
        must(policy::sign_document(policy::kCataloguePayloadType, catalogue, key(authority)));
    out.policy = rules;
    out.release = release;
    return out;
  }

  flow::Envelope signed_by(const policy::Bundle& bundle, const std::vector<std::string>& names) {
    flow::Envelope out{std::string(policy::kBundlePayloadType), to_bytes(bundle.to_text()), {}};
    for (const std::string& name : names) {
      auto one = must(flow::Envelope::sign(out.payload_type, out.payload, key(name)));
      out.signatures.push_back(std::move(one.signatures.front()));
    }
    return out;
  }

  /// As the gate would write it.
  std::string release(const flow::Envelope& bundle, policy::ReleaseMode mode,
                      const std::string& previous = {}, bool widens = true,
                      const std::string& gate = "gate") {
    std::vector<std::string> humans;
    for (const policy::Signer* signer : signers().of(bundle)) humans.push_back(signer->human);
    const policy::GateReport report{must(WallTime::parse("2026-02-01T00:00:00Z")),
                                    policy::digest_of(bundle),
                                    "demo@1",
                                    previous,
                                    must(policy::bundle_in(bundle)).release,
                                    mode,
                                    humans,
                                    widens};
    const auto before = made_.find(previous);
    std::string text = must(policy::release_text(
        bundle, report,
        before == made_.end() ? policy::GateChain()
                              : must(policy::chain_in(before->second, key(gate).verify_key())),
        key(gate)));
    if (mode == policy::ReleaseMode::enforced) made_.insert_or_assign(report.bundle, text);
    return text;
  }

 private:
  SeededEntropy entropy_{"policy desk"};
  std::map<std::string, crypto::SigningKey> keys_;
  std::map<std::string, std::string> made_;  ///< enforced releases by their bundle's digest
};

}  // namespace hangu::test
