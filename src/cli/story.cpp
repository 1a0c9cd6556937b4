#include "cli/story.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/phrases.hpp"
#include "flow/approval.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

auto refuse(std::string_view reason, std::string context) {
  return fail(ErrorCode::forbidden, reason, std::move(context));
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + printable(text);
  return out;
}

wire::JsonArray to_json(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::optional<flow::Decision> decision_of(const flow::ReceiptChain& chain,
                                          const std::string& name) {
  const auto at = chain.documents.find(name);
  if (at == chain.documents.end()) return std::nullopt;
  const auto json = wire::Json::parse(text_of(at->second), kStatementBytesMax);
  if (!json) return std::nullopt;
  auto decision = flow::Decision::parse(*json);
  return decision ? std::optional(*std::move(decision)) : std::nullopt;
}

std::vector<flow::Approval> approvals_of(const flow::ReceiptChain& chain) {
  std::vector<flow::Approval> out;
  const auto at = chain.documents.find("approvals");
  if (at == chain.documents.end()) return out;
  const auto json = wire::Json::parse(text_of(at->second), kStatementBytesMax);
  if (!json || json->as_array() == nullptr) return out;
  for (const wire::Json& item : *json->as_array()) {
    const auto envelope = flow::Envelope::parse(item.to_text());
    if (!envelope) continue;
    if (auto approval = flow::Approval::parse(*envelope)) out.push_back(*std::move(approval));
  }
  return out;
}

/// What is worth a word about a step beside its verdict.
std::string remark(Session& session, const flow::ReceiptChain& chain, const flow::Step& step) {
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  switch (step.stage) {
    case flow::Stage::decide:
      if (const auto decision = decision_of(chain, "decision"))
        return say(phrase::kPolicy) + " " + printable(decision->policy) + ", " +
               say(phrase::kRules) + " " + joined(decision->rules);
      return {};
    case flow::Stage::approve: {
      std::vector<std::string> people;
      for (const flow::Approval& approval : approvals_of(chain))
        people.push_back(approval.person.text());
      return joined(people);
    }
    case flow::Stage::clear: return step.valid_until ? "<= " + step.valid_until->to_text() : "";
    case flow::Stage::receive:
    case flow::Stage::verify:
    case flow::Stage::inspect:
    case flow::Stage::transform:
    case flow::Stage::check:
    case flow::Stage::emit: break;
  }
  return {};
}

}  // namespace

Result<flow::ReceiptChain> read_story(const package::Reader& reader) {
  const auto& rows = reader.contents().table.rows();
  if (reader.contents().kind != package::Kind::release || rows.empty())
    return fail(ErrorCode::malformed, "story-empty", "not a release");
  const os::UniqueFd memory(::memfd_create("story", MFD_CLOEXEC));
  if (!memory.valid()) return fail(ErrorCode::internal, "memory-file-failed", "story", errno);
  HANGU_CHECK(reader.extract(rows.size() - 1, memory.view()));
  Bytes text(rows.back().digest.size);
  HANGU_CHECK(os::read_exactly_at(memory.view(), 0, text));
  HANGU_TRY(flow::ReceiptChain chain, flow::ReceiptChain::parse(text_of(text)));
  if (chain.receipts.empty()) return fail(ErrorCode::malformed, "story-empty", "no receipts");
  return chain;
}

Result<flow::Warrant> check_story(const package::Contents& contents,
                                  const flow::ReceiptChain& chain,
                                  const flow::WarrantTrust& trust) {
  HANGU_ASSERT(contents.release.has_value());
  const flow::Release& release = *contents.release;
  const auto emit = trust.stage_keys.find(flow::program_of(flow::Stage::emit));
  if (emit == trust.stage_keys.end() || !contents.envelope.signed_by(emit->second))
    return refuse("release-unsigned", "not signed by the emit key that is trusted");
  if (chain.receipts.empty()) return refuse("story-empty", "no receipts");
  HANGU_TRY(const flow::LoggedStatement cleared,
            flow::parse_logged_statement(chain.receipts.back().entry));
  HANGU_TRY(flow::Warrant warrant, flow::authorise(chain, trust, release.transfer, cleared.time));
  const std::span<const flow::ObjectRow> objects(release.objects.data(),
                                                 release.objects.size() - 1);
  if (!std::ranges::equal(objects, warrant.rendition().rows()))
    return refuse("story-rendition", "the objects are not those that were checked and approved");
  if (release.label != warrant.decision().output_label)
    return refuse("story-label", "the label is not the decision's");
  const flow::Submission& submission = warrant.submission();
  if (release.origin_zone != submission.origin_zone ||
      release.origin_node != submission.origin_node ||
      release.destination_zone != submission.destination_zone ||
      !std::ranges::is_permutation(release.destination_nodes, submission.destination_nodes) ||
      release.suite != warrant.decision().suite)
    return refuse("story-flow", "origin, destination or suite are not the sender's");
  return warrant;
}

Result<flow::Warrant> check_story(const package::Contents& contents,
                                  const flow::ReceiptChain& chain,
                                  std::span<const flow::WarrantTrust> trusts) {
  HANGU_ASSERT(!trusts.empty());
  Result<flow::Warrant> warrant = check_story(contents, chain, trusts.front());
  for (const flow::WarrantTrust& trust : trusts.subspan(1)) {
    if (warrant || warrant.error().reason() != "checkpoint-unsigned") break;
    warrant = check_story(contents, chain, trust);
  }
  return warrant;
}

void tell_story(Session& session, const flow::ReceiptChain& chain) {
  const auto say = [&](const Bilingual& text) { return std::string(session.console.say(text)); };
  std::vector<std::vector<std::string>> rows{
      {say(phrase::kStep), say(phrase::kTime), say(phrase::kVerdict), say(phrase::kEntry), ""}};
  for (const flow::Receipt& receipt : chain.receipts) {
    const auto logged = flow::parse_logged_statement(receipt.entry);
    if (!logged) continue;
    const auto step = flow::Step::parse(logged->statement);
    if (!step) continue;
    const std::string stage(flow::to_text(step->stage));
    const std::string verdict(flow::to_text(step->verdict));
    wire::JsonObject fields{{"stage", stage},
                            {"time", logged->time.to_text()},
                            {"verdict", verdict},
                            {"reason", step->reason},
                            {"entry", receipt.index}};
    if (step->stage == flow::Stage::decide)
      if (const auto decision = decision_of(chain, "decision")) {
        fields.emplace_back("policy", decision->policy);
        fields.emplace_back("rules", to_json(decision->rules));
      }
    if (step->valid_until) fields.emplace_back("validUntil", step->valid_until->to_text());
    session.console.event("step", std::move(fields));
    rows.push_back({stage, logged->time.to_text(), verdict, std::to_string(receipt.index),
                    remark(session, chain, *step)});
  }
  session.console.table(rows);
  for (const flow::Approval& approval : approvals_of(chain)) {
    session.console.event("approval", {{"person", approval.person.text()},
                                       {"role", approval.role},
                                       {"reason", approval.reason},
                                       {"approved", approval.approved}});
    session.console.line("  " + approval.person.text() + " (" + printable(approval.role) +
                         "): " + printable(approval.reason, 1000));
  }
}

}  // namespace hangu::cli
