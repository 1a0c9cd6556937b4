#include "policy/signers.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "config/trust.hpp"
#include "os/file.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kSignersBytesMax = 256 * 1024;
constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kKeyTextBytesMax = 200;

constexpr std::array kDuties{Duty::policy_officer, Duty::classification_authority,
                             Duty::data_owner};

wire::Json to_json(const crypto::VerifyKey& key) {
  return wire::JsonObject{{"algorithm", crypto::to_text(key.algorithm())},
                          {"key", to_base64(key.point())}};
}

Result<crypto::VerifyKey> parse_key(const wire::Json& json) {
  wire::Fields f(json, "signer's key");
  const auto algorithm = f.accept(
      "algorithm", crypto::parse_signature_algorithm(f.text("algorithm", kKeyTextBytesMax)));
  const auto point = f.accept("key", from_base64(f.text("key", kKeyTextBytesMax)));
  HANGU_CHECK(f.finish());
  return crypto::VerifyKey::create(*algorithm, *point);
}

Result<Signer> parse_signer(const wire::Json& json) {
  wire::Fields f(json, "signer");
  Signer out;
  const auto duty = f.accept("duty", parse_duty(f.text("duty", kNameBytesMax)));
  out.human = f.text("human", kNameBytesMax);
  const wire::JsonArray keys = f.array("keys", kKeysOfSignerMax);
  out.organisation = f.text("organisation", kNameBytesMax);
  HANGU_CHECK(f.finish());
  out.duty = *duty;
  for (const wire::Json& item : keys) {
    HANGU_TRY(crypto::VerifyKey key, parse_key(item));
    out.keys.push_back(std::move(key));
  }
  return out;
}

}  // namespace

std::string_view to_text(Duty duty) {
  switch (duty) {
    case Duty::policy_officer: return "policy-officer";
    case Duty::classification_authority: return "classification-authority";
    case Duty::data_owner: return "data-owner";
  }
  return "policy-officer";
}

Result<Duty> parse_duty(std::string_view text) {
  for (const Duty duty : kDuties)
    if (text == to_text(duty)) return duty;
  return fail(ErrorCode::malformed, "duty-unknown",
              "policy-officer, data-owner, classification-authority");
}

Result<Signers> Signers::create(std::vector<Signer> signers) {
  const auto invalid = [](const std::string& why) {
    return fail(ErrorCode::malformed, "signers-invalid", why);
  };
  if (signers.empty() || signers.size() > kSignersMax)
    return invalid("1 to " + std::to_string(kSignersMax) + " signers");
  std::set<std::string> humans;
  std::set<std::string> keys;
  for (const Signer& signer : signers) {
    if (signer.human.empty()) return invalid("a signer without a name");
    if (!humans.insert(signer.human).second) return invalid("human twice: " + signer.human);
    if (signer.keys.empty() || signer.keys.size() > kKeysOfSignerMax)
      return invalid("keys of " + signer.human);
    for (const crypto::VerifyKey& key : signer.keys)
      if (!keys.insert(key.id()).second) return invalid("key twice: " + signer.human);
  }
  return Signers(std::move(signers));
}

Result<Signers> Signers::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kSignersBytesMax));
  wire::Fields f(json, "signers");
  const wire::JsonArray items = f.array("signers", kSignersMax);
  HANGU_CHECK(f.finish());
  std::vector<Signer> signers;
  for (const wire::Json& item : items) {
    HANGU_TRY(Signer signer, parse_signer(item));
    signers.push_back(std::move(signer));
  }
  return create(std::move(signers));
}

Result<Signers> Signers::load(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, kSignersBytesMax));
  Result<Signers> signers = parse(text_of(bytes));
  if (!signers) return std::unexpected(signers.error().within(path));
  return signers;
}

Result<Signers> Signers::load(const std::string& path, const std::string& auditors) {
  HANGU_TRY(Signers signers, load(path));
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(auditors));
  for (const auto& [name, key] : keys)
    if (const Signer* signer = signers.holder(key))
      return fail(ErrorCode::malformed, "signers-invalid",
                  path + ": " + signer->human + " is an auditor: " + name);
  return signers;
}

std::string Signers::to_text() const {
  wire::JsonArray items;
  for (const Signer& signer : signers_) {
    wire::JsonArray keys;
    for (const crypto::VerifyKey& key : signer.keys) keys.emplace_back(to_json(key));
    items.emplace_back(wire::JsonObject{{"duty", policy::to_text(signer.duty)},
                                        {"human", signer.human},
                                        {"keys", std::move(keys)},
                                        {"organisation", signer.organisation}});
  }
  return wire::Json(wire::JsonObject{{"signers", std::move(items)}}).to_text();
}

std::vector<const Signer*> Signers::of(const flow::Envelope& envelope) const {
  std::vector<const Signer*> out;
  for (const Signer& signer : signers_)
    if (std::ranges::any_of(signer.keys, [&](const auto& key) { return envelope.signed_by(key); }))
      out.push_back(&signer);
  return out;
}

const Signer* Signers::holder(const crypto::VerifyKey& key) const {
  for (const Signer& signer : signers_)
    if (std::ranges::any_of(signer.keys, [&](const auto& one) { return one.id() == key.id(); }))
      return &signer;
  return nullptr;
}

}  // namespace hangu::policy
