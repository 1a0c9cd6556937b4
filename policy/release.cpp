#include "policy/release.hpp"

#include <limits>

#include "base/limits.hpp"
#include "wire/json.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kModeBytesMax = 16;

Result<ReleaseMode> parse_mode(const std::string& text) {
  for (const ReleaseMode mode : {ReleaseMode::enforced, ReleaseMode::shadow})
    if (text == to_text(mode)) return mode;
  return fail(ErrorCode::malformed, "field-invalid", text);
}

Result<GateReport> report_in(std::string_view envelope_text, const crypto::VerifyKey& gate) {
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(envelope_text));
  if (envelope.payload_type != kGatePayloadType || !envelope.signed_by(gate))
    return fail(ErrorCode::forbidden, "policy-ungated", "not signed by the gate of this gateway");
  return GateReport::parse(text_of(envelope.payload));
}

}  // namespace

std::string_view to_text(ReleaseMode mode) {
  return mode == ReleaseMode::enforced ? "enforced" : "shadow";
}

std::string GateReport::to_text() const {
  return wire::Json(wire::JsonObject{{"at", at.to_text()},
                                     {"bundle", bundle},
                                     {"mode", policy::to_text(mode)},
                                     {"policy", policy},
                                     {"previous", previous},
                                     {"release", release},
                                     {"widens", widens}})
      .to_text();
}

Result<GateReport> GateReport::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kStatementBytesMax));
  wire::Fields f(json, "gate report");
  GateReport out;
  const auto at = f.accept("at", WallTime::parse(f.text("at", kNameBytesMax)));
  out.bundle = f.text("bundle", kNameBytesMax);
  const auto mode = f.accept("mode", parse_mode(f.text("mode", kModeBytesMax)));
  out.policy = f.text("policy", kNameBytesMax);
  out.previous = f.text("previous", kNameBytesMax);
  out.release = static_cast<std::uint32_t>(
      f.integer("release", 1, std::numeric_limits<std::uint32_t>::max()));
  out.widens = f.boolean("widens");
  HANGU_CHECK(f.finish());
  out.at = *at;
  out.mode = *mode;
  if (out.to_text() != text) return flow::not_canonical("gate report");
  return out;
}

Result<Release> Release::open(std::string_view text, ReleaseMode mode, const Signers& signers,
                              const crypto::VerifyKey& gate) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kReleaseBytesMax));
  wire::Fields f(json, "release");
  const std::string bundle_text = f.text("bundle", kStatementBytesMax);
  const std::string gate_text = f.text("gate", kStatementBytesMax);
  HANGU_CHECK(f.finish());
  Release out;
  HANGU_TRY(out.report, report_in(gate_text, gate));
  HANGU_TRY(out.envelope, flow::Envelope::parse(bundle_text));
  HANGU_TRY(out.bundle, bundle_in(out.envelope));
  if (out.report.bundle != digest_of(out.envelope) || out.report.release != out.bundle.release)
    return fail(ErrorCode::forbidden, "policy-ungated", "the gate's report is of another bundle");
  if (out.report.mode != mode)
    return fail(ErrorCode::forbidden, "policy-ungated",
                "let pass as " + std::string(policy::to_text(out.report.mode)));
  HANGU_CHECK(check_signatures(out.envelope, signers, out.report.widens));
  HANGU_TRY(out.catalogue, open_catalogue(out.bundle.catalogue, signers));
  for (const Signer* signer : signers.of(out.envelope)) out.humans.push_back(signer->human);
  return out;
}

Result<std::string> release_text(const flow::Envelope& bundle, const GateReport& report,
                                 const crypto::SigningKey& gate) {
  HANGU_TRY(const flow::Envelope signed_report,
            flow::Envelope::sign(std::string(kGatePayloadType), to_bytes(report.to_text()), gate));
  return wire::Json(
             wire::JsonObject{{"bundle", bundle.to_text()}, {"gate", signed_report.to_text()}})
      .to_text();
}

}  // namespace hangu::policy
