#include "cli/reasons.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "cli/phrases.hpp"
#include "cli/reason_texts.hpp"

namespace hangu::cli {
namespace {

constexpr auto kPolicyFamilies = std::to_array<std::string_view>(
    {"policy-",       "link-",        "label-",          "recipient-", "submitter-",
     "size-",         "approvers-",   "approval-",       "zone-",      "product-",
     "declassifier-", "compartment-", "area-",           "role-",      "objects-over-limit",
     "carrier-",      "obligation-",  "directory-stale", "limit-",     "footprint-"});

constexpr auto kUsageFamilies = std::to_array<std::string_view>({"usage-",
                                                                 "file-missing",
                                                                 "file-exists",
                                                                 "pki-",
                                                                 "name-",
                                                                 "media-type-",
                                                                 "submission-",
                                                                 "label-",
                                                                 "source-not-a-file",
                                                                 "identity-",
                                                                 "no-terminal",
                                                                 "review-not-pending",
                                                                 "config-",
                                                                 "transfer-unknown",
                                                                 "file-too-long",
                                                                 "folder-not-usable",
                                                                 "trust-file-invalid",
                                                                 "vkey-invalid",
                                                                 "query-",
                                                                 "log-missing",
                                                                 "log-no-key",
                                                                 "index-missing"});
constexpr auto kAuthenticationFamilies = std::to_array<std::string_view>(
    {"tls-", "certificate-", "package-not-for-us", "approval-", "review-", "file-forbidden"});
constexpr auto kInternalFamilies = std::to_array<std::string_view>({"http-", "disk-full"});

template <std::size_t N>
bool among(std::string_view reason, const std::array<std::string_view, N>& families) {
  return std::ranges::any_of(families, [&](auto start) { return reason.starts_with(start); });
}

}  // namespace

std::array<std::span<const Explanation>, 9> explanations() {
  return {texts_of_rules(),     texts_of_packages(), texts_of_content(),
          texts_of_systems(),   texts_of_machines(), texts_of_auditing(),
          texts_of_witnesses(), texts_of_releases(), texts_of_labels()};
}

const Explanation* explain(std::string_view reason) {
  const Explanation* best = nullptr;
  for (const auto& table : explanations()) {
    for (const Explanation& one : table) {
      const bool fits =
          one.reason == reason || (one.reason.ends_with('-') && reason.starts_with(one.reason));
      if (fits && (best == nullptr || one.reason.size() > best->reason.size())) best = &one;
    }
  }
  return best;
}

const Explanation& explain_unknown() {
  static constexpr Explanation kUnknown{
      "",
      both("出了这个版本不认识的问题。", "Something went wrong that this version has no text for."),
      both("升级 hangu;若仍如此,连同代码一起报告。",
           "Upgrade hangu; if it stays so, report it with the code.")};
  return kUnknown;
}

bool is_policy_reason(std::string_view reason) { return among(reason, kPolicyFamilies); }

Exit exit_of(flow::State state, std::string_view reason) {
  switch (state) {
    case flow::State::emitted:
    case flow::State::acknowledged: return Exit::done;
    case flow::State::refused:
      if (reason == "submission-expired") return Exit::withdrawn;
      return is_policy_reason(reason) ? Exit::refused_policy : Exit::refused_content;
    case flow::State::quarantined: return Exit::quarantined;
    case flow::State::withdrawn:
    case flow::State::expired: return Exit::withdrawn;
    case flow::State::received:
    case flow::State::verified:
    case flow::State::inspected:
    case flow::State::decided:
    case flow::State::transformed:
    case flow::State::checked:
    case flow::State::awaiting_approval:
    case flow::State::approved:
    case flow::State::cleared: break;
  }
  return Exit::pending;
}

Exit exit_of_http(int status) {
  switch (status) {
    case 401:
    case 403: return Exit::authentication;
    case 404:
    case 405:
    case 410:
    case 413: return Exit::usage;
    case 408:
    case 409:
    case 423:
    case 429:
    case 502:
    case 503:
    case 504:
    case 507: return Exit::network;
    default: break;
  }
  return status >= 500 ? Exit::internal : Exit::integrity;
}

Exit exit_of(const Error& error) {
  const std::string_view reason = error.reason();
  if (reason.starts_with("network-")) return Exit::network;
  if (among(reason, kUsageFamilies) || error.os_error() == EISDIR) return Exit::usage;
  // What a caller names is too much; a package that breaks its bound is Malformed.
  if (reason == "objects-too-many" && error.code() == ErrorCode::exhausted) return Exit::usage;
  if (error.code() == ErrorCode::corrupt) return Exit::integrity;
  if (among(reason, kAuthenticationFamilies)) return Exit::authentication;
  if (among(reason, kInternalFamilies)) return Exit::internal;
  switch (error.code()) {
    case ErrorCode::malformed:
    case ErrorCode::corrupt: return Exit::integrity;
    case ErrorCode::forbidden:
      return reason.starts_with("warrant-") || reason.starts_with("checkpoint-") ||
                     reason.starts_with("proof-") || reason.starts_with("policy-") ||
                     reason.starts_with("posture-") || reason.starts_with("release-") ||
                     reason.starts_with("story-")
                 ? Exit::integrity
                 : Exit::authentication;
    case ErrorCode::unavailable: return Exit::network;
    case ErrorCode::exhausted:
    case ErrorCode::internal: break;
  }
  return Exit::internal;
}

}  // namespace hangu::cli
