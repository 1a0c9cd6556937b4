// OCSF 1.9: each entry as an event of the class that fits, or a base event where none does.

#include <algorithm>
#include <array>
#include <optional>

#include "audit/export/line_format.hpp"
#include "audit/export/line_text.hpp"
#include "wire/json.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kSchemaVersion = "1.9.0";
constexpr std::uint64_t kCountMax = 0x7fff'ffff;  ///< the schema's integer
constexpr int kOther = 99;                        ///< an activity that the schema has no number for

/// A class of the schema: class_uid is category · 1000 + its own number.
struct EventClass {
  int uid;
  std::string_view name;
};
constexpr EventClass kBase{0, "Base Event"};
constexpr EventClass kEventLog{1008, "Event Log Activity"};
constexpr EventClass kDetectionFinding{2004, "Detection Finding"};
constexpr EventClass kAuthentication{3002, "Authentication"};
constexpr EventClass kDataFinding{2006, "Data Security Finding"};
constexpr EventClass kConfigChange{5019, "Device Config State Change"};
constexpr EventClass kLifecycle{6002, "Application Lifecycle"};
constexpr EventClass kFileHosting{6006, "File Hosting Activity"};
constexpr int kClassesOfCategory = 1000;
constexpr int kActivitiesOfClass = 100;

struct Mapping {
  std::string_view type;  ///< of the entry; ending in '.', all that begin so
  EventClass event;
  int activity;
};

/// The first that fits.
constexpr auto kMappings = std::to_array<Mapping>({
    {"transfer.received", kFileHosting, 1},   // Upload
    {"step.inspect", kDataFinding, 1},        // Create
    {"filter.", kDataFinding, 1},             // Create
    {"transfer.fetched", kFileHosting, 2},    // Download
    {"transfer.withdrawn", kFileHosting, 4},  // Delete
    {"step.emit", kFileHosting, 7},           // Move
    {"step.", kFileHosting, kOther},
    {"transfer.", kFileHosting, kOther},
    {"document.", kFileHosting, kOther},
    {"approval.", kFileHosting, kOther},
    {"sequence.gap", kDetectionFinding, 1},        // Create
    {"edge.access", kAuthentication, 1},           // Logon
    {"witness.alarm", kDetectionFinding, 1},       // Create
    {"witness.age", kDetectionFinding, 1},         // Create
    {"posture.", kConfigChange, 1},                // Log
    {"policy.released", kConfigChange, 1},         // Log
    {"policy.changed", kConfigChange, 1},          // Log
    {"directory.loaded", kConfigChange, 1},        // Log
    {"directory.conflict", kDetectionFinding, 1},  // Create
    {"boot", kLifecycle, 3},                       // Start
    {"stop", kLifecycle, 4},                       // Stop
    {"heartbeat", kLifecycle, kOther},
    {"genesis", kEventLog, 6},      // Start
    {"epoch.close", kEventLog, 5},  // Rotate
    {"log.pruned", kEventLog, 2},   // Delete
    {"recovery", kEventLog, 8},     // Restart
    {"clock", kEventLog, kOther},
    {"counter.released", kEventLog, kOther},
});

Mapping mapping_of(std::string_view type) {
  const auto* const found = std::ranges::find_if(kMappings, [&](const Mapping& one) {
    return one.type.ends_with('.') ? type.starts_with(one.type) : type == one.type;
  });
  return found == kMappings.end() ? Mapping{"", kBase, kOther} : *found;
}

int severity(Weight weight) {
  constexpr int kInformational = 1, kLow = 2, kMedium = 3, kHigh = 4;
  switch (weight) {
    case Weight::usual:
    case Weight::decided: return kInformational;
    case Weight::notable:
    case Weight::held: return kLow;
    case Weight::denied: return kMedium;
    case Weight::failed: return kHigh;
  }
  return kInformational;
}

/// The security_control profile: what the gateway, or a person at it, decided.
struct Control {
  int action;       ///< 1 allowed, 2 denied
  int disposition;  ///< 1 allowed, 2 blocked, 3 quarantined, 8 approved, 25 rejected, 27 error
};

std::optional<Control> control_of(const EntryFacts& facts) {
  const bool by_person = facts.type == "approval.given";
  if (facts.decision == Ruling::allow) return Control{1, by_person ? 8 : 1};
  if (facts.decision == Ruling::deny) return Control{2, by_person ? 25 : 2};
  if (facts.decision == Ruling::hold) return Control{2, 3};
  if (facts.decision == Ruling::error) return Control{2, 27};
  return std::nullopt;
}

/// A member whose text is not empty.
void add(wire::JsonObject& to, std::string_view name, std::string text) {
  if (!text.empty()) to.emplace_back(name, std::move(text));
}

wire::JsonObject actor_of(const EntryFacts& facts) {
  wire::JsonObject actor{{"app_name", line_text("hangu-" + facts.program)}};
  const std::string& name = facts.person.empty() ? facts.node : facts.person;
  if (!name.empty()) actor.emplace_back("user", wire::JsonObject{{"name", line_text(name)}});
  return actor;
}

wire::JsonObject file_of(const EntryFacts& facts) {
  constexpr int kRegularFile = 1;
  const std::string& name = facts.dataset.empty() ? facts.transfer : facts.dataset;
  wire::JsonObject file{{"name", line_text(name)}, {"type_id", kRegularFile}};
  add(file, "uid", line_texts(facts.packages));
  if (facts.bytes) file.emplace_back("size", *facts.bytes);
  return file;
}

std::vector<std::string> nodes_at_the_edge(const EntryFacts& facts) {
  std::vector<std::string> out;
  const auto add = [&out](const std::string& node) {
    if (!node.empty() && std::ranges::find(out, node) == out.end()) out.push_back(node);
  };
  for (const LoginFacts& login : facts.logins) add(login.node);
  for (const RefusalFacts& refusal : facts.refused) add(refusal.node);
  return out;
}

/// One event for a minute at the entrances: who came and who was turned away stands in `unmapped`
/// one by one.
void add_authentication(wire::JsonObject& out, const EntryFacts& facts,
                        const std::string& gateway) {
  constexpr int kSuccess = 1, kFailure = 2;
  const std::vector<std::string> nodes = nodes_at_the_edge(facts);
  out.emplace_back("user",
                   wire::JsonObject{{"name", nodes.empty() ? "unproved" : line_texts(nodes)}});
  out.emplace_back("dst_endpoint", wire::JsonObject{{"name", gateway}});
  out.emplace_back("status_id", facts.refused.empty() ? kSuccess : kFailure);
  std::uint64_t count = 0;
  for (const LoginFacts& login : facts.logins) count += login.count;
  for (const RefusalFacts& refusal : facts.refused) count += refusal.count;
  out.emplace_back("count", std::min<std::uint64_t>(count, kCountMax));
}

/// What the class demands beside what all events have, and what the entry knows for it.
void add_members(wire::JsonObject& out, const EventClass& event, const EntryFacts& facts,
                 const LineSource& source) {
  const std::string gateway = line_text(source.gateway());
  if (event.uid == kFileHosting.uid || event.uid == kDataFinding.uid) {
    out.emplace_back("actor", actor_of(facts));
    out.emplace_back("file", file_of(facts));
    wire::JsonObject from{{"name", facts.node.empty() ? gateway : line_text(facts.node)}};
    add(from, "zone", line_text(facts.from));
    out.emplace_back("src_endpoint", std::move(from));
    if (!facts.to.empty())
      out.emplace_back("dst_endpoint",
                       wire::JsonObject{{"name", gateway}, {"zone", line_text(facts.to)}});
  }
  if (event.uid == kAuthentication.uid) add_authentication(out, facts, gateway);
  if (event.uid == kDataFinding.uid || event.uid == kDetectionFinding.uid)
    out.emplace_back("finding_info", wire::JsonObject{{"title", line_text(facts.type)},
                                                      {"uid", to_hex(facts.leaf)}});
  if (event.uid == kLifecycle.uid)
    out.emplace_back("app", wire::JsonObject{{"name", "hangu"},
                                             {"vendor_name", "Hangu"},
                                             {"version", line_text(source.version)}});
  if (event.uid == kConfigChange.uid) {
    constexpr int kServer = 1;
    out.emplace_back("device", wire::JsonObject{{"hostname", gateway}, {"type_id", kServer}});
    out.emplace_back("actor", actor_of(facts));
  }
  if (event.uid == kEventLog.uid) {
    out.emplace_back("log_name", line_text(source.origin));
    out.emplace_back("actor", actor_of(facts));
  }
}

void add_control(wire::JsonObject& out, const EntryFacts& facts) {
  const auto control = control_of(facts);
  if (!control) return;
  out.emplace_back("action_id", control->action);
  out.emplace_back("disposition_id", control->disposition);
  if (!facts.policy.empty())
    out.emplace_back("policy", wire::JsonObject{{"name", line_text(facts.policy)}});
  if (!facts.rules.empty())
    out.emplace_back("firewall_rule", wire::JsonObject{{"name", line_texts(facts.rules)}});
}

wire::JsonObject metadata_of(const EntryFacts& facts, const LineSource& source) {
  wire::JsonObject out{{"version", kSchemaVersion},
                       {"product", wire::JsonObject{{"name", "Hangu"},
                                                    {"vendor_name", "Hangu"},
                                                    {"version", line_text(source.version)}}},
                       {"uid", to_hex(facts.leaf)},
                       {"sequence", facts.index},
                       {"log_name", line_text(source.origin)},
                       {"event_code", line_text(facts.type)}};
  add(out, "correlation_uid", line_text(facts.transfer));
  if (control_of(facts)) out.emplace_back("profiles", wire::JsonArray{"security_control"});
  return out;
}

/// What the schema has no word for.
wire::JsonObject unmapped_of(const EntryFacts& facts, const LineSource& source) {
  wire::JsonObject out{{"root", source.root}, {"size", source.size}, {"uid", facts.uid}};
  add(out, "boot", line_text(facts.boot));
  if (facts.previous) out.emplace_back("previous", *facts.previous);
  add(out, "stage", line_text(facts.stage));
  add(out, "secrecy", line_text(facts.secrecy));
  add(out, "grade", line_text(facts.grade));
  add(out, "areas", line_texts(facts.areas));
  if (facts.objects) out.emplace_back("objects", *facts.objects);
  add(out, "witness", line_text(facts.witness));
  add(out, "signers", line_texts(facts.signers));
  add(out, "detail", line_text(facts.detail));
  wire::JsonArray logins;
  for (const LoginFacts& login : facts.logins)
    logins.emplace_back(wire::JsonObject{
        {"zone", line_text(login.zone)}, {"node", line_text(login.node)}, {"count", login.count}});
  if (!logins.empty()) out.emplace_back("logins", std::move(logins));
  wire::JsonArray refusals;
  for (const RefusalFacts& refusal : facts.refused)
    refusals.emplace_back(wire::JsonObject{{"zone", line_text(refusal.zone)},
                                           {"node", line_text(refusal.node)},
                                           {"reason", line_text(refusal.reason)},
                                           {"count", refusal.count}});
  if (!refusals.empty()) out.emplace_back("refusals", std::move(refusals));
  return out;
}

}  // namespace

std::string ocsf_line(const EntryFacts& facts, const LineSource& source) {
  const Mapping mapping = mapping_of(facts.type);
  const int category = mapping.event.uid / kClassesOfCategory;
  wire::JsonObject out{{"metadata", metadata_of(facts, source)},
                       {"category_uid", category},
                       {"class_uid", mapping.event.uid},
                       {"class_name", mapping.event.name},
                       {"activity_id", mapping.activity}};
  if (mapping.activity == kOther) out.emplace_back("activity_name", line_text(facts.type));
  out.emplace_back("type_uid", mapping.event.uid * kActivitiesOfClass + mapping.activity);
  out.emplace_back("severity_id", severity(weight_of(facts)));
  out.emplace_back("time", facts.time.since_epoch().count());
  out.emplace_back("message", line_sentence(facts, source));
  add(out, "status_detail", line_text(facts.reason));
  add_members(out, mapping.event, facts, source);
  add_control(out, facts);
  out.emplace_back("unmapped", unmapped_of(facts, source));
  return wire::Json(std::move(out)).to_text();
}

}  // namespace hangu::audit
