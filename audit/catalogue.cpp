#include "audit/catalogue.hpp"

#include <algorithm>
#include <array>

#include "audit/schema.hpp"
#include "base/text.hpp"
#include "crypto/hash.hpp"

namespace hangu::audit {
namespace {

constexpr bool kTransfer = true;
constexpr bool kGateway = false;
constexpr auto kStatement = AllowedBody::statement;
constexpr auto kEvent = AllowedBody::event;

constexpr std::array kTypes{
    // A package at the edge, and what its sender states of it.
    EntryType{"transfer.received", "receive", kTransfer, kEvent},
    EntryType{"transfer.stated", "verify", kTransfer, kEvent},
    EntryType{"document.submission", "verify", kTransfer, kStatement},
    // The steps of the line: each stage tells its own, signed.
    EntryType{"step.receive", "receive", kTransfer, kStatement},
    EntryType{"step.verify", "verify", kTransfer, kStatement},
    EntryType{"step.inspect", "inspect", kTransfer, kStatement},
    EntryType{"step.decide", "decide", kTransfer, kStatement},
    EntryType{"step.transform", "transform", kTransfer, kStatement},
    EntryType{"step.check", "check", kTransfer, kStatement},
    EntryType{"step.approve", "approve", kTransfer, kStatement},
    EntryType{"step.clear", "decide", kTransfer, kStatement},
    EntryType{"step.emit", "emit", kTransfer, kStatement},
    // What the steps did: filters object by object, decisions with their rules, people's own words.
    EntryType{"filter.inspect", "inspect", kTransfer, kEvent},
    EntryType{"filter.transform", "transform", kTransfer, kEvent},
    EntryType{"filter.check", "check", kTransfer, kEvent},
    EntryType{"transfer.decided", "decide", kTransfer, kEvent},
    EntryType{"transfer.shadowed", "decide", kTransfer, kEvent},
    EntryType{"transfer.counted", "decide", kTransfer, kEvent},
    EntryType{"transfer.covered", "decide", kTransfer, kEvent},
    EntryType{"approval.given", "approve", kTransfer, kStatement},
    // What becomes of a transfer.
    EntryType{"transfer.withdrawn", "custodian", kTransfer, kEvent},
    EntryType{"transfer.quarantined", "custodian", kTransfer, kEvent},
    EntryType{"transfer.expired", "custodian", kTransfer, kEvent},
    EntryType{"transfer.fetched", "deliver", kTransfer, kEvent},
    EntryType{"transfer.acknowledged", "custodian", kTransfer, kEvent},
    // What a sender's numbering shows.
    EntryType{"sequence.gap", "verify", kTransfer, kEvent},
    // What the gateway works by, and whom it turned away.
    EntryType{"policy.released", "decide", kGateway, kEvent},
    EntryType{"policy.changed", "decide", kGateway, kEvent},
    EntryType{"posture.switched", "decide", kGateway, kEvent},
    EntryType{"posture.changed", "decide", kGateway, kEvent},
    EntryType{"directory.loaded", "directory", kGateway, kEvent},
    EntryType{"directory.conflict", "directory", kGateway, kEvent},
    EntryType{"edge.access", "receive deliver", kGateway, kEvent},
    // What witnesses say of the log, and for how long none has seen it.
    EntryType{"witness.alarm", "feeder", kGateway, kEvent},
    EntryType{"witness.age", "audit", kGateway, kEvent},
    // The log about itself.
    EntryType{"genesis", "audit", kGateway, kEvent},
    EntryType{"epoch.close", "audit", kGateway, kEvent},
    EntryType{"boot", "audit", kGateway, kEvent},
    EntryType{"stop", "audit", kGateway, kEvent},
    EntryType{"heartbeat", "audit", kGateway, kEvent},
    EntryType{"recovery", "audit", kGateway, kEvent},
    EntryType{"clock", "audit", kGateway, kEvent},
    EntryType{"counter.released", "audit", kGateway, kEvent},
    EntryType{"log.pruned", "audit", kGateway, kEvent},
};

std::string_view to_text(AllowedBody body) {
  switch (body) {
    case AllowedBody::statement: return "statement";
    case AllowedBody::event: return "event";
  }
  return "event";
}

}  // namespace

std::span<const EntryType> catalogue() { return kTypes; }

const EntryType* find_type(std::string_view name) {
  const auto found = std::ranges::find(kTypes, name, &EntryType::name);
  return found == kTypes.end() ? nullptr : &*found;
}

bool may_append(const EntryType& type, std::string_view program) {
  // A zone half says its zone too: "receive.egov" is a receive.
  const std::string_view name = program.substr(0, program.find('.'));
  const auto programs = split(type.programs, ' ');
  return std::ranges::find(programs, name) != programs.end();
}

bool may_carry(const EntryType& type, BodyKind body) {
  return (type.body == AllowedBody::statement) == (body == BodyKind::statement);
}

std::string catalogue_digest() {
  std::string text;
  for (const EntryType& type : kTypes) {
    text += std::string(type.name) + "|" + std::string(type.programs) + "|" +
            (type.about_transfer ? "transfer" : "gateway") + "|" + std::string(to_text(type.body)) +
            "\n";
  }
  text += json_schema().to_text();
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(text)));
}

}  // namespace hangu::audit
