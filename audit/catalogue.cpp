#include "audit/catalogue.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/hash.hpp"

namespace hangu::audit {
namespace {

constexpr bool kTransfer = true;
constexpr bool kGateway = false;
constexpr auto kStatement = AllowedBody::statement;
constexpr auto kEvent = AllowedBody::event;
constexpr auto kEither = AllowedBody::either;

constexpr std::array kTypes{
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
    // What becomes of a transfer. A withdrawal is its sender's statement, the rest is observed.
    EntryType{"transfer.withdrawn", "custodian", kTransfer, kEither},
    EntryType{"transfer.refused", "custodian", kTransfer, kEvent},
    EntryType{"transfer.quarantined", "custodian", kTransfer, kEvent},
    EntryType{"transfer.expired", "custodian", kTransfer, kEvent},
    EntryType{"transfer.retried", "custodian", kTransfer, kEither},
    EntryType{"transfer.delivered", "custodian", kTransfer, kEither},
    EntryType{"transfer.acknowledged", "custodian", kTransfer, kEither},
    // What a sender's numbering shows.
    EntryType{"sequence.gap", "verify", kTransfer, kEvent},
    // What the gateway works by.
    EntryType{"config.changed", "custodian", kGateway, kEither},
    EntryType{"key.changed", "custodian", kGateway, kEither},
    EntryType{"policy.changed", "decide", kGateway, kEither},
    // What witnesses say of the log, and for how long none has seen it.
    EntryType{"witness.alarm", "feeder", kGateway, kEvent},
    EntryType{"witness.age", "audit", kGateway, kEvent},
    // The log about itself.
    EntryType{"genesis", "audit", kGateway, kEvent},
    EntryType{"epoch.close", "audit", kGateway, kEvent},
    EntryType{"boot", "audit", kGateway, kEvent},
    EntryType{"heartbeat", "audit", kGateway, kEvent},
    EntryType{"recovery", "audit", kGateway, kEvent},
    EntryType{"clock", "audit", kGateway, kEvent},
};

std::string_view to_text(AllowedBody body) {
  switch (body) {
    case AllowedBody::statement: return "statement";
    case AllowedBody::event: return "event";
    case AllowedBody::either: return "either";
  }
  return "either";
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
  if (type.body == AllowedBody::either) return true;
  return (type.body == AllowedBody::statement) == (body == BodyKind::statement);
}

std::string catalogue_digest() {
  std::string text;
  for (const EntryType& type : kTypes) {
    text += std::string(type.name) + "|" + std::string(type.programs) + "|" +
            (type.about_transfer ? "transfer" : "gateway") + "|" + std::string(to_text(type.body)) +
            "\n";
  }
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(text)));
}

}  // namespace hangu::audit
