#include "cli/policy_bundle.hpp"

#include "base/limits.hpp"
#include "cli/phrases.hpp"
#include "cli/policy_file.hpp"
#include "os/file.hpp"
#include "policy/signed_document.hpp"

namespace hangu::cli {
namespace {

constexpr Bilingual kPasses = both("检查通过", "the gate lets it pass");
constexpr Bilingual kStopped = both("检查不通过", "the gate stops it");
constexpr Bilingual kTests = both("符合的测试", "tests met");
constexpr Bilingual kPromises = both("得到证明的承诺", "promises proved");
constexpr Bilingual kWidens = both("新增准许或放宽要求:须三人签署,其中一名数据责任人",
                                   "it permits more or demands less: three people must sign, one "
                                   "of them a data owner");
constexpr Bilingual kNarrows = both("不新增准许,也不放宽要求:须两人签署",
                                    "it permits no more and demands no less: two must sign");
constexpr Bilingual kNoMeasure =
    both("未给出 --replaces:网关将与现行策略比较",
         "no --replaces: the gateway compares it with what is in force");

Result<policy::Candidate> candidate_of(const BundleFile& file) {
  Result<policy::Candidate> read = policy::read_candidate(file.bundle, file.catalogue);
  if (!read) return std::unexpected(read.error().within(file.path));
  return read;
}

void tell_changes(Console& console, const policy::PolicyDiff& changes) {
  const bool chinese = console.style().language == Language::zh;
  for (const policy::Change& change : changes.changes) {
    console.line("  " + (chinese ? change.zh : change.en) + " [" + change.code + "]");
    console.event("policy-change", {{"code", change.code}, {"message", change.en}});
  }
}

}  // namespace

Result<BundleFile> read_bundle(const std::string& path) {
  BundleFile out{.path = path, .envelope = {}, .bundle = {}, .catalogue = {}};
  const Result<Bytes> bytes = os::read_file(path, kStatementBytesMax);
  if (!bytes) return std::unexpected(about_file(bytes.error(), path));
  const auto read = [&]() -> Done {
    HANGU_TRY(out.envelope, flow::Envelope::parse(text_of(*bytes)));
    HANGU_TRY(out.bundle, policy::bundle_in(out.envelope));
    HANGU_TRY(const flow::Envelope catalogue, flow::Envelope::parse(out.bundle.catalogue));
    if (catalogue.payload_type != policy::kCataloguePayloadType)
      return fail(ErrorCode::forbidden, "document-type",
                  std::string(policy::kCataloguePayloadType) + " expected");
    out.catalogue = text_of(catalogue.payload);
    return {};
  };
  if (const Done done = read(); !done) return std::unexpected(done.error().within(path));
  return out;
}

void tell_gate(Console& console, const std::string& name, const policy::GateRuling& ruling,
               std::optional<bool> widens) {
  const bool chinese = console.style().language == Language::zh;
  for (const policy::Finding& one : ruling.obstacles) {
    const std::string message = chinese ? one.zh : one.en;
    console.line(place_in(name, one.place) + ": " + (one.rule.empty() ? "" : one.rule + ": ") +
                 message + " [" + one.code + "]");
    console.event(
        "policy-obstacle",
        {{"code", one.code}, {"rule", one.rule}, {"place", one.place}, {"message", message}});
  }
  tell_changes(console, ruling.changes);
  std::string line(console.say(ruling.passes() ? kPasses : kStopped));
  if (ruling.passes())
    line += "; " + std::string(console.say(kTests)) + ": " + std::to_string(ruling.tests) + "; " +
            std::string(console.say(kPromises)) + ": " + std::to_string(ruling.promises);
  console.line(line);
  console.event("policy-gate", {{"passes", ruling.passes()},
                                {"tests", ruling.tests},
                                {"promises", ruling.promises},
                                {"changes", ruling.changes.changes.size()},
                                {"widens", widens ? wire::Json(*widens) : wire::Json()}});
  if (ruling.passes())
    console.line(console.say(!widens ? kNoMeasure : *widens ? kWidens : kNarrows));
}

Result<bool> pass_gate(Session& session, const Arguments& arguments, const policy::Bundle& bundle,
                       const std::string& catalogue, const std::string& name) {
  HANGU_TRY(const WallTime now, session.clock.now());
  Result<policy::Candidate> candidate = policy::read_candidate(bundle, catalogue);
  if (!candidate) return std::unexpected(candidate.error().within(name));
  std::optional<policy::Candidate> before;
  std::optional<policy::Candidate> parent;
  if (arguments.has("replaces")) {
    HANGU_TRY(const BundleFile file, read_bundle(arguments.text("replaces")));
    HANGU_TRY(before, candidate_of(file));
  }
  if (!bundle.parent.empty()) {
    HANGU_TRY(const flow::Envelope above, flow::Envelope::parse(bundle.parent));
    HANGU_TRY(const policy::Bundle its, policy::bundle_in(above));
    HANGU_TRY(parent, policy::read_candidate(its, catalogue));
  }
  const policy::GateRuling ruling =
      policy::examine(*candidate,
                      {.in_force = before ? &*before : nullptr,
                       .parent = parent ? &*parent : nullptr,
                       .released = before ? before->release : bundle.release - 1},
                      now);
  tell_gate(session.console, name, ruling,
            before ? std::optional(ruling.changes.widens()) : std::nullopt);
  return ruling.passes();
}

OptionSpec replaces_option() {
  return {"--replaces", "BUNDLE",
          both("现行的策略包:逐条说明改动", "the bundle that is in force: says what changes")};
}

}  // namespace hangu::cli
