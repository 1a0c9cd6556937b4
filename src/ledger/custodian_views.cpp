// Custodian: listings and states, as their askers may see them.

#include <algorithm>

#include "ledger/custodian.hpp"

namespace hangu::ledger {
namespace {

Listed listed(const TransferRow& row) {
  Listed out{.transfer = row.id, .zone = row.zone, .node = row.node};
  out.state = row.state;
  out.reason = row.reason;
  out.detail = row.detail;
  out.round = row.round;
  out.bytes = row.bytes;
  out.created = row.created;
  out.updated = row.updated;
  out.expires = row.expires;
  out.table = row.table;
  return out;
}

}  // namespace

Result<Answer> Custodian::on(const Caller& caller, List& request) {
  // Evidence is the reviewers' business; an administrator sees no content.
  const bool with_evidence = request.with_evidence && caller.program == Program::approve;
  const std::size_t rows_max = std::min<std::size_t>(
      request.rows_max, with_evidence ? kListRowsWithEvidenceMax : kListRowsMax);
  HANGU_TRY(const auto rows, ledger_.list(request.states, request.skip, rows_max));
  Listing listing;
  for (const auto& row : rows) {
    Listed out = listed(row);
    if (with_evidence) {
      HANGU_TRY(out.evidence, ledger_.evidence(row.id));
    }
    listing.rows.push_back(std::move(out));
  }
  return Answer(Outgoing{.reply = std::move(listing)});
}

Result<Answer> Custodian::on(const Caller& caller, ListOfNode& request) {
  const std::size_t rows_max = std::min<std::size_t>(request.rows_max, kListRowsMax);
  if (caller.program == Program::deliver) {  // what its node has acknowledged, and nothing about it
    HANGU_TRY(const auto ids,
              ledger_.acknowledged_by(*caller.zone, request.node, request.skip, rows_max));
    Listing acknowledged;
    for (const TransferId& id : ids)
      acknowledged.rows.push_back({.transfer = id, .zone = *caller.zone, .node = request.node});
    return Answer(Outgoing{.reply = std::move(acknowledged)});
  }
  HANGU_TRY(const auto rows,
            ledger_.list_of_node(*caller.zone, request.node, request.skip, rows_max));
  Listing listing;
  for (const auto& row : rows) listing.rows.push_back(listed(row));
  return Answer(Outgoing{.reply = std::move(listing)});
}

Result<Status> Custodian::status_of(const TransferRow& row) {
  Status status{.transfer = row.id};
  status.state = row.state;
  status.reason = row.reason;
  status.detail = row.detail;
  status.bytes = row.bytes;
  status.created = row.created;
  status.updated = row.updated;
  status.recipients = row.recipients;
  HANGU_TRY(status.history, ledger_.history(row.id));
  HANGU_TRY(status.acknowledgements, ledger_.acknowledgements(row.id));
  return status;
}

Result<Answer> Custodian::on(const Caller& caller, AskStatus& request) {
  HANGU_TRY(const auto row, ledger_.find(request.transfer));
  // Another node's transfer looks like one that does not exist.
  if (!row || row->zone != *caller.zone || row->node != request.node) {
    return Answer(Outgoing{.reply = StatusReply{}});
  }
  HANGU_TRY(auto status, status_of(*row));
  return Answer(Outgoing{.reply = StatusReply{.status = std::move(status)}});
}

Result<Answer> Custodian::on(const Caller& /*admin only*/, Show& request) {
  HANGU_TRY(const auto row, ledger_.find(request.transfer));
  if (!row) return Answer(Outgoing{.reply = StatusReply{}});
  HANGU_TRY(auto status, status_of(*row));
  return Answer(Outgoing{.reply = StatusReply{.status = std::move(status)}});
}

}  // namespace hangu::ledger
