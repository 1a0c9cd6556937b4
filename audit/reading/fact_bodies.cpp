#include "audit/reading/fact_bodies.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "wire/json.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kTextsMax = 256;  ///< of one list; entries are short anyway

std::string text_in(const wire::Json& json, std::string_view name) {
  const wire::Json* const found = json.find(name);
  const std::string* const text = found != nullptr ? found->as_string() : nullptr;
  return text != nullptr ? *text : std::string();
}

std::optional<std::int64_t> integer_in(const wire::Json& json, std::string_view name) {
  const wire::Json* const found = json.find(name);
  const std::int64_t* const value = found != nullptr ? found->as_integer() : nullptr;
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

std::optional<std::uint64_t> count_in(const wire::Json& json, std::string_view name) {
  const auto value = integer_in(json, name);
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

const wire::JsonArray& array_in(const wire::Json& json, std::string_view name) {
  static const wire::JsonArray kNone;
  const wire::Json* const found = json.find(name);
  const wire::JsonArray* const items = found != nullptr ? found->as_array() : nullptr;
  return items != nullptr ? *items : kNone;
}

std::vector<std::string> texts_in(const wire::Json& json, std::string_view name) {
  std::vector<std::string> texts;
  for (const wire::Json& item : array_in(json, name)) {
    if (item.as_string() != nullptr) texts.push_back(*item.as_string());
    if (texts.size() == kTextsMax) break;
  }
  return texts;
}

/// What stands between `start` and the next quotation mark.
std::string_view quoted_after(std::string_view text, std::string_view start) {
  const std::size_t at = text.find(start);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + start.size());
  return rest.substr(0, rest.find('"'));
}

struct EnvelopeParts {
  std::string_view payload;
  std::string_view key;
};
/// The log takes envelopes in their one spelling only, which needs no JSON reader; this is half of
/// the work of reading an entry.
EnvelopeParts parts_of(std::string_view envelope) {
  constexpr std::string_view kStart = "{\"payload\":\"";
  if (!envelope.starts_with(kStart)) return {};
  const std::string_view payload = quoted_after(envelope, kStart);
  const std::string_view rest = envelope.substr(kStart.size() + payload.size());
  return {payload, quoted_after(rest, "\"signatures\":[{\"keyid\":\"")};
}

/// The part after the last point: "verify" of "step.verify".
std::string tail_of(std::string_view type) { return std::string(type.substr(type.rfind('.') + 1)); }

Ruling ruling_of(std::string_view verdict) {
  if (verdict == "pass") return Ruling::allow;
  if (verdict == "fail") return Ruling::deny;
  return verdict.empty() ? Ruling::none : Ruling::error;
}

void read_stated(const wire::Json& event, EntryFacts& facts) {
  facts.stage = "verify";
  facts.dataset = text_in(event, "product");
  facts.areas = texts_in(event, "areas");
  facts.secrecy = text_in(event, "secrecy");
  facts.grade = text_in(event, "grade");
  facts.owner = text_in(event, "owner");
  facts.from = text_in(event, "from");
  facts.to = text_in(event, "to");
  facts.recipients = texts_in(event, "recipients");
  facts.key = text_in(event, "key");
  facts.count = integer_in(event, "sequence");
  if (std::string digest = text_in(event, "submission"); !digest.empty())
    facts.packages.push_back(std::move(digest));
}

void read_received(const wire::Json& event, EntryFacts& facts) {
  facts.stage = "receive";
  facts.from = text_in(event, "zone");
  if (std::string digest = text_in(event, "package"); !digest.empty())
    facts.packages.push_back(std::move(digest));
}

void read_edge(const wire::Json& event, EntryFacts& facts) {
  for (const wire::Json& item : array_in(event, "refusals"))
    facts.refused.push_back({.zone = text_in(item, "zone"),
                             .node = text_in(item, "node"),
                             .reason = text_in(item, "reason"),
                             .count = count_in(item, "count").value_or(0)});
  for (const wire::Json& item : array_in(event, "logins"))
    facts.logins.push_back({.zone = text_in(item, "zone"),
                            .node = text_in(item, "node"),
                            .count = count_in(item, "count").value_or(0)});
  if (!facts.logins.empty()) facts.decision = Ruling::allow;
  if (!facts.refused.empty()) facts.decision = Ruling::deny;
}

void read_documents(const wire::Json& event, EntryFacts& facts) {
  for (const wire::Json& item : array_in(event, "documents"))
    facts.documents.push_back({.name = text_in(item, "name"), .sha256 = text_in(item, "sha256")});
}

/// What witnesses say of the log, and what happened to its writer: each is a check of the log that
/// did not pass.
void read_trouble(const wire::Json& event, EntryFacts& facts) {
  facts.decision = Ruling::error;
  if (facts.type == "witness.alarm") {
    facts.witness = text_in(event, "witness");
    facts.reason = text_in(event, "alarm");
    facts.detail = text_in(event, "detail");
  } else if (facts.type == "witness.age") {
    facts.reason = text_in(event, "state");
    if (facts.reason == "over") facts.decision = Ruling::none;  // witnesses see it again
  } else if (facts.type == "clock") {
    facts.detail = text_in(event, "lastEntry") + " -> " + text_in(event, "now");
  }
}

/// Where the log's own keys roll over, from which to which.
void read_key_rollover(const wire::Json& event, EntryFacts& facts) {
  if (const wire::Json* keys = event.find("logKeys"))
    facts.detail = text_in(*keys, "vkey") + " -> " + text_in(*keys, "nextVkey");
}

/// An order about the log itself: what stands as its reason are the auditors' words.
void read_order(const wire::Json& event, EntryFacts& facts) {
  facts.signers = texts_in(event, "signers");
  facts.words = std::move(facts.reason);
  facts.reason.clear();
  facts.decision = Ruling::allow;
}

void read_decided(const wire::Json& event, EntryFacts& facts) {
  const wire::Json* const allowed = event.find("allowed");
  if (allowed != nullptr && allowed->as_bool() != nullptr)
    facts.decision = *allowed->as_bool() ? Ruling::allow : Ruling::deny;
  facts.count = integer_in(event, "approvals");
  facts.secrecy = text_in(event, "secrecy");
  facts.grade = text_in(event, "grade");
}

/// A filter's objects; the gravest verdict is the entry's.
void read_filter(const wire::Json& event, EntryFacts& facts) {
  facts.stage = tail_of(facts.type);
  facts.part = integer_in(event, "part");
  facts.parts = integer_in(event, "of");
  for (const wire::Json& item : array_in(event, "objects")) {
    if (facts.seen.size() == kObjectsMax) break;
    ObjectFacts object{.name = text_in(item, "name"),
                       .object = text_in(item, "object"),
                       .output = text_in(item, "output"),
                       .verdict = text_in(item, "verdict"),
                       .reason = text_in(item, "reason"),
                       .actions = texts_in(item, "actions")};
    const Ruling ruling = ruling_of(object.verdict);
    if (ruling > facts.decision) {  // allow < deny < error
      facts.decision = ruling;
      facts.reason = object.reason;
    }
    facts.seen.push_back(std::move(object));
  }
  facts.objects = facts.seen.size();
}

/// What events of several kinds call by the same names.
void read_common(const wire::Json& event, EntryFacts& facts) {
  facts.node = text_in(event, "node");
  facts.reason = text_in(event, "reason");
  facts.policy = text_in(event, "policy");
  facts.rules = texts_in(event, "rules");
  facts.stage = text_in(event, "stage");
  facts.person = text_in(event, "person");
  facts.objects = count_in(event, "objects");
  facts.bytes = count_in(event, "bytes");
  if (std::string sealed = text_in(event, "sealed"); !sealed.empty())
    facts.packages.push_back(std::move(sealed));
}

/// A number that says most about events of the log itself.
std::optional<std::int64_t> number_of(const wire::Json& event, std::string_view type) {
  if (type == "epoch.close" || type == "boot") return integer_in(event, "epoch");
  if (type == "sequence.gap") return integer_in(event, "missing");
  if (type == "posture.switched") return integer_in(event, "number");
  if (type == "policy.released") return integer_in(event, "release");
  if (type == "log.pruned") return integer_in(event, "before");
  if (type == "counter.released") return integer_in(event, "found");
  if (type == "recovery") return integer_in(event, "discardedBytes");
  return integer_in(event, "size");
}

void read_step(const wire::Json& predicate, EntryFacts& facts) {
  facts.stage = tail_of(facts.type);
  facts.decision = ruling_of(text_in(predicate, "verdict"));
  facts.reason = text_in(predicate, "reason");
  const wire::Json* const evidence = predicate.find("evidence");
  if (evidence == nullptr) return;
  for (const char* const name : {"submission", "sealed"})
    if (std::string digest = text_in(*evidence, name); !digest.empty())
      facts.packages.push_back(std::move(digest));
}

void read_approval(const wire::Json& predicate, EntryFacts& facts) {
  facts.stage = "approve";
  const std::string verdict = text_in(predicate, "verdict");
  if (!verdict.empty()) facts.decision = verdict == "approve" ? Ruling::allow : Ruling::deny;
  facts.person = text_in(predicate, "person");
  facts.role = text_in(predicate, "role");
  facts.words = text_in(predicate, "reason");
}

void read_submission(const wire::Json& predicate, EntryFacts& facts) {
  facts.stage = "verify";
  const wire::Json* const origin = predicate.find("origin");
  if (origin != nullptr) facts.node = text_in(*origin, "node");
}

}  // namespace

void read_event(std::string_view event, EntryFacts& facts) {
  if (facts.type == "heartbeat") return;  // most of a quiet log: nothing in it is looked for
  const auto json = wire::Json::parse(event, kEntryBytesMax);
  if (!json) return;
  read_common(*json, facts);
  if (facts.type == "transfer.stated") {
    read_stated(*json, facts);
  } else if (facts.type == "transfer.received") {
    read_received(*json, facts);
  } else if (facts.type == "transfer.fetched") {
    facts.to = text_in(*json, "zone");
  } else if (facts.type == "edge.access") {
    read_edge(*json, facts);
  } else if (facts.type == "transfer.decided") {
    read_decided(*json, facts);
  } else if (facts.type.starts_with("filter.")) {
    read_filter(*json, facts);
  } else if (facts.type == "transfer.quarantined") {
    facts.decision = Ruling::hold;
  } else {
    if (facts.type == "counter.released" || facts.type == "log.pruned") read_order(*json, facts);
    if (facts.type == "epoch.close") read_key_rollover(*json, facts);
    if (facts.type == "boot" || facts.type == "policy.changed") read_documents(*json, facts);
    if (facts.type == "witness.alarm" || facts.type == "witness.age" || facts.type == "clock" ||
        facts.type == "recovery")
      read_trouble(*json, facts);
    facts.count = number_of(*json, facts.type);
  }
}

void read_statement(std::string_view statement, EntryFacts& facts) {
  const auto envelope = from_base64(statement);
  if (!envelope) return;
  const EnvelopeParts parts = parts_of(text_of(*envelope));
  facts.key = parts.key;
  const auto payload = from_base64(parts.payload);
  if (!payload) return;
  const auto stated = wire::Json::parse(text_of(*payload), kStatementBytesMax);
  const wire::Json* const predicate = stated ? stated->find("predicate") : nullptr;
  if (predicate == nullptr) return;
  if (facts.type.starts_with("step.")) {
    read_step(*predicate, facts);
  } else if (facts.type == "approval.given") {
    read_approval(*predicate, facts);
  } else if (facts.type == "document.submission") {
    read_submission(*predicate, facts);
    facts.objects = array_in(*stated, "subject").size();
  } else {
    read_common(*predicate, facts);
  }
}

}  // namespace hangu::audit
