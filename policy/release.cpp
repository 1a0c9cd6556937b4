#include "policy/release.hpp"

#include <algorithm>
#include <limits>

#include "base/limits.hpp"
#include "wire/json.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kModeBytesMax = 16;
constexpr std::size_t kReportBytesMax = 64 * 1024;  ///< with every signer there may be

Result<ReleaseMode> parse_mode(const std::string& text) {
  for (const ReleaseMode mode : {ReleaseMode::enforced, ReleaseMode::shadow})
    if (text == to_text(mode)) return mode;
  return fail(ErrorCode::malformed, "field-invalid", text);
}

std::unexpected<Error> ungated(const std::string& why) {
  return fail(ErrorCode::forbidden, "policy-ungated", why);
}

Result<GateReport> report_in(std::string_view envelope_text, const crypto::VerifyKey& gate) {
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(envelope_text));
  if (envelope.payload_type != kGatePayloadType || !envelope.signed_by(gate))
    return ungated("not signed by the gate of this gateway");
  return GateReport::parse(text_of(envelope.payload));
}

/// A release's file, as it is.
struct Parts {
  std::vector<std::string> before;
  std::string bundle;
  std::string gate;

  static Result<Parts> parse(std::string_view text) {
    HANGU_TRY(const wire::Json json, wire::Json::parse(text, kReleaseBytesMax));
    wire::Fields f(json, "release");
    Parts out;
    out.before = f.texts("before", kReleasesBeforeMax, kReportBytesMax);
    out.bundle = f.text("bundle", kStatementBytesMax);
    out.gate = f.text("gate", kReportBytesMax);
    HANGU_CHECK(f.finish());
    return out;
  }
};

/// The reports of the releases before `last`, which follows them.
Result<std::vector<GateReport>> reports_before(const Parts& parts, const GateReport& last,
                                               const crypto::VerifyKey& gate) {
  std::vector<GateReport> out;
  for (const std::string& one : parts.before) {
    HANGU_TRY(GateReport report, report_in(one, gate));
    out.push_back(std::move(report));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const GateReport& next = i + 1 < out.size() ? out[i + 1] : last;
    const bool follows = out[i].mode == ReleaseMode::enforced && next.previous == out[i].bundle &&
                         next.release > out[i].release;
    if (!follows) return ungated("the releases before are in another order");
  }
  return out;
}

}  // namespace

std::string_view to_text(ReleaseMode mode) {
  return mode == ReleaseMode::enforced ? "enforced" : "shadow";
}

std::string GateReport::to_text() const {
  wire::JsonArray names;
  for (const std::string& human : signers) names.emplace_back(human);
  return wire::Json(wire::JsonObject{{"at", at.to_text()},
                                     {"bundle", bundle},
                                     {"mode", policy::to_text(mode)},
                                     {"policy", policy},
                                     {"previous", previous},
                                     {"release", release},
                                     {"signers", std::move(names)},
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
  out.signers = f.texts("signers", kSignersMax, kNameBytesMax);
  out.widens = f.boolean("widens");
  HANGU_CHECK(f.finish());
  out.at = *at;
  out.mode = *mode;
  if (out.to_text() != text) return flow::not_canonical("gate report");
  return out;
}

Result<Release> Release::open(std::string_view text, ReleaseMode mode, const Signers& signers,
                              const crypto::VerifyKey& gate) {
  HANGU_TRY(const Parts parts, Parts::parse(text));
  Release out;
  HANGU_TRY(out.report, report_in(parts.gate, gate));
  HANGU_TRY(out.envelope, flow::Envelope::parse(parts.bundle));
  HANGU_TRY(out.bundle, bundle_in(out.envelope));
  if (out.report.bundle != digest_of(out.envelope) || out.report.release != out.bundle.release)
    return ungated("the gate's report is of another bundle");
  if (out.report.mode != mode)
    return ungated("let pass as " + std::string(policy::to_text(out.report.mode)));
  HANGU_TRY(out.before, reports_before(parts, out.report, gate));
  HANGU_CHECK(check_signatures(out.envelope, signers, out.report.widens));
  HANGU_TRY(out.catalogue, open_catalogue(out.bundle.catalogue, signers));
  return out;
}

Result<GateChain> chain_in(std::string_view text, const crypto::VerifyKey& gate) {
  HANGU_TRY(Parts parts, Parts::parse(text));
  HANGU_TRY(const GateReport newest, report_in(parts.gate, gate));
  HANGU_TRY(const std::vector<GateReport> before, reports_before(parts, newest, gate));
  GateChain out{newest.bundle, newest.release, std::move(parts.before)};
  out.reports.push_back(std::move(parts.gate));
  return out;
}

Result<std::string> release_text(const flow::Envelope& bundle, const GateReport& report,
                                 GateChain before, const crypto::SigningKey& gate) {
  HANGU_TRY(const flow::Envelope signed_report,
            flow::Envelope::sign(std::string(kGatePayloadType), to_bytes(report.to_text()), gate));
  wire::JsonArray reports;
  const std::size_t kept = std::min(before.reports.size(), kReleasesBeforeMax);
  for (std::size_t i = before.reports.size() - kept; i < before.reports.size(); ++i)
    reports.emplace_back(std::move(before.reports[i]));
  return wire::Json(wire::JsonObject{{"before", std::move(reports)},
                                     {"bundle", bundle.to_text()},
                                     {"gate", signed_report.to_text()}})
      .to_text();
}

}  // namespace hangu::policy
