// SqliteLedger: transfers, their history, evidence and steps.

#include "ledger/sqlite_ledger.hpp"

#include <algorithm>

#include "ledger/columns.hpp"
#include "ledger/schema.hpp"

namespace hangu::ledger {
namespace {

// All reads of a transfer name its columns in this order.
#define HANGU_TRANSFER_COLUMNS                                                            \
  "id, zone, node, bytes, state, reason, detail, round, object_table, created, updated, " \
  "expires, ended, recipients, attention, ending, token, free_from, attempts, swept"

constexpr sqlite::Reasons kReasons{
    .in_use = "ledger-in-use", .corrupt = "ledger-corrupt", .failed = "ledger-failed"};
constexpr std::size_t kStateCount = static_cast<std::size_t>(flow::State::expired) + 1;

std::optional<Token> token_in(Query& query) {
  if (query.is_null()) {
    query.skip();
    return std::nullopt;
  }
  const Bytes blob = query.blob();
  Token token{};
  std::copy_n(blob.begin(), std::min(blob.size(), token.size()), token.begin());
  return token;
}

Result<std::optional<flow::State>> ending_in(Query& query) {
  if (query.is_null()) {
    query.skip();
    return std::optional<flow::State>();
  }
  HANGU_TRY(const auto state, enumerated_in(query, flow::State::expired));
  return std::optional(state);
}

Result<TransferRow> transfer_in(Query& query) {
  HANGU_TRY(auto id, id_in<TransferId>(query));
  HANGU_TRY(auto zone, id_in<ZoneId>(query));
  HANGU_TRY(auto node, id_in<NodeId>(query));
  TransferRow row{.id = std::move(id), .zone = std::move(zone), .node = std::move(node)};
  row.bytes = query.number();
  HANGU_TRY(row.state, enumerated_in(query, flow::State::expired));
  row.reason = query.text();
  row.detail = query.text();
  HANGU_TRY(row.round, small_number_in(query));
  HANGU_TRY(row.table, digest_in(query));
  row.created = time_in(query);
  row.updated = time_in(query);
  row.expires = optional_time_in(query);
  row.ended = optional_time_in(query);
  HANGU_TRY(row.recipients, small_number_in(query));
  row.attention = query.integer() != 0;
  HANGU_TRY(row.ending, ending_in(query));
  row.token = token_in(query);
  row.free_from = time_in(query);
  HANGU_TRY(row.attempts, small_number_in(query));
  row.swept = query.integer() != 0;
  return row;
}

Result<std::optional<TransferRow>> one_transfer(Query& query) {
  HANGU_TRY(const bool found, query.step());
  if (!found) return std::optional<TransferRow>();
  HANGU_TRY(auto row, transfer_in(query));
  return std::optional(std::move(row));
}

Result<std::vector<TransferRow>> many_transfers(Query& query) {
  std::vector<TransferRow> rows;
  while (true) {  // ends: every query has a LIMIT
    HANGU_TRY(const bool found, query.step());
    if (!found) return rows;
    HANGU_TRY(auto row, transfer_in(query));
    rows.push_back(std::move(row));
  }
}

/// The columns from `zone` on, then the id: as add() and update() take them.
void bind_transfer(Query& query, const TransferRow& row) {
  query.bind(std::string_view(row.zone.text())).bind(std::string_view(row.node.text()));
  query.bind(row.bytes).bind(static_cast<std::uint8_t>(row.state));
  query.bind(std::string_view(row.reason)).bind(std::string_view(row.detail)).bind(row.round);
  bind_digest(query, row.table);
  bind_time(query, row.created);
  bind_time(query, row.updated);
  bind_time(query, row.expires);
  bind_time(query, row.ended);
  query.bind(row.recipients).bind(row.attention);
  if (row.ending) {
    query.bind(static_cast<std::uint8_t>(*row.ending));
  } else {
    query.bind_null();
  }
  if (row.token) {
    query.bind(ByteView(*row.token));
  } else {
    query.bind_null();
  }
  bind_time(query, row.free_from);
  query.bind(row.attempts).bind(row.swept);
  query.bind(std::string_view(row.id.text()));
}

Result<StepRow> step_in(Query& query) {
  HANGU_TRY(auto id, id_in<TransferId>(query));
  StepRow step{.transfer = std::move(id)};
  HANGU_TRY(step.stage, enumerated_in(query, flow::kLastStage));
  HANGU_TRY(step.verdict, enumerated_in(query, flow::Verdict::error));
  step.entry = query.number();
  return step;
}

}  // namespace

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::string& path) {
  HANGU_TRY(auto database, sqlite::Database::open(path, sqlite::Keeping::record, kReasons));
  HANGU_CHECK(migrate(database));
  return std::unique_ptr<SqliteLedger>(new SqliteLedger(std::move(database)));
}

Done SqliteLedger::begin() { return database_.query("BEGIN IMMEDIATE").run(); }
Done SqliteLedger::commit() { return database_.query("COMMIT").run(); }
Done SqliteLedger::mark() { return database_.query("SAVEPOINT request").run(); }
Done SqliteLedger::keep() { return database_.query("RELEASE request").run(); }
Done SqliteLedger::undo() {
  HANGU_CHECK(database_.query("ROLLBACK TO request").run());
  return database_.query("RELEASE request").run();
}

Result<std::optional<TransferRow>> SqliteLedger::find(const TransferId& id) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS " FROM transfer WHERE id = ?");
  query.bind(std::string_view(id.text()));
  return one_transfer(query);
}

Result<std::optional<TransferRow>> SqliteLedger::find_by_token(const Token& token) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS " FROM transfer WHERE token = ?");
  query.bind(ByteView(token));
  return one_transfer(query);
}

Result<std::optional<TransferRow>> SqliteLedger::find_free(flow::State state, WallTime now) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS
                                " FROM transfer WHERE state = ? AND free_from <= ?"
                                " ORDER BY free_from LIMIT 1");
  query.bind(static_cast<std::uint8_t>(state));
  bind_time(query, now);
  return one_transfer(query);
}

Done SqliteLedger::add(const TransferRow& row) {
  Query query = database_.query(
      "INSERT INTO transfer (zone, node, bytes, state, reason, detail, round, object_table,"
      " created, updated, expires, ended, recipients, attention, ending, token, free_from,"
      " attempts, swept, id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  bind_transfer(query, row);
  return query.run();
}

Done SqliteLedger::update(const TransferRow& row) {
  Query query = database_.query(
      "UPDATE transfer SET zone=?, node=?, bytes=?, state=?, reason=?, detail=?, round=?,"
      " object_table=?, created=?, updated=?, expires=?, ended=?, recipients=?, attention=?, "
      "ending=?, token=?,"
      " free_from=?, attempts=?, swept=? WHERE id=?");
  bind_transfer(query, row);
  return query.run();
}

Result<std::vector<TransferRow>> SqliteLedger::list(const std::vector<flow::State>& states,
                                                    std::size_t skip, std::size_t rows_max) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS
                                " FROM transfer WHERE state IN (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                                " ORDER BY updated, id LIMIT ? OFFSET ?");
  static_assert(kStateCount == 15);
  for (std::size_t i = 0; i < kStateCount; ++i) {
    query.bind(i < states.size() ? static_cast<std::int64_t>(states[i]) : std::int64_t{-1});
  }
  query.bind(std::uint64_t{rows_max}).bind(std::uint64_t{skip});
  return many_transfers(query);
}

Result<std::vector<TransferRow>> SqliteLedger::list_of_node(const ZoneId& zone, const NodeId& node,
                                                            std::size_t skip,
                                                            std::size_t rows_max) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS
                                " FROM transfer WHERE zone = ? AND node = ?"
                                " ORDER BY created DESC, id LIMIT ? OFFSET ?");
  query.bind(std::string_view(zone.text())).bind(std::string_view(node.text()));
  query.bind(std::uint64_t{rows_max}).bind(std::uint64_t{skip});
  return many_transfers(query);
}

Result<std::vector<TransferRow>> SqliteLedger::expired(WallTime now, std::size_t rows_max) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS
                                " FROM transfer WHERE ended IS NULL AND expires IS NOT NULL"
                                " AND expires <= ? AND ending IS NULL ORDER BY expires LIMIT ?");
  bind_time(query, now);
  query.bind(std::uint64_t{rows_max});
  return many_transfers(query);
}

Result<std::vector<TransferRow>> SqliteLedger::ending(std::size_t rows_max) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS
                                " FROM transfer WHERE ending IS NOT NULL LIMIT ?");
  query.bind(std::uint64_t{rows_max});
  return many_transfers(query);
}

Result<std::vector<TransferRow>> SqliteLedger::retained(WallTime before, std::size_t rows_max) {
  Query query = database_.query("SELECT " HANGU_TRANSFER_COLUMNS
                                " FROM transfer WHERE ended IS NOT NULL AND swept = 0"
                                " AND ended <= ? ORDER BY ended LIMIT ?");
  bind_time(query, before);
  query.bind(std::uint64_t{rows_max});
  return many_transfers(query);
}

Done SqliteLedger::note_state(const TransferId& id, flow::State state, WallTime at) {
  Query query = database_.query(
      "INSERT INTO history (transfer, number, state, at) SELECT ?1,"
      " (SELECT coalesce(max(number), -1) + 1 FROM history WHERE transfer = ?1), ?2, ?3");
  query.bind(std::string_view(id.text())).bind(static_cast<std::uint8_t>(state));
  bind_time(query, at);
  return query.run();
}

Result<std::vector<StateChange>> SqliteLedger::history(const TransferId& id) {
  // The latest kHistoryMax, oldest first.
  Query query = database_.query(
      "SELECT state, at FROM (SELECT number, state, at FROM history WHERE transfer = ?"
      " ORDER BY number DESC LIMIT ?) ORDER BY number");
  query.bind(std::string_view(id.text())).bind(std::uint64_t{kHistoryMax});
  std::vector<StateChange> changes;
  while (true) {  // ends: LIMIT
    HANGU_TRY(const bool found, query.step());
    if (!found) return changes;
    StateChange change;
    HANGU_TRY(change.state, enumerated_in(query, flow::State::expired));
    change.at = time_in(query);
    changes.push_back(change);
  }
}

Done SqliteLedger::set_evidence(const TransferId& id, const std::string& name,
                                const crypto::ObjectDigest& digest) {
  Query query = database_.query(
      "INSERT INTO evidence (transfer, name, digest) VALUES (?,?,?)"
      " ON CONFLICT (transfer, name) DO UPDATE SET digest = excluded.digest");
  query.bind(std::string_view(id.text())).bind(std::string_view(name));
  bind_digest(query, digest);
  return query.run();
}

Result<Evidence> SqliteLedger::evidence(const TransferId& id) {
  Query query = database_.query("SELECT name, digest FROM evidence WHERE transfer = ?");
  query.bind(std::string_view(id.text()));
  Evidence evidence;
  while (true) {  // ends: kEvidenceOfTransferMax names at most were let in
    HANGU_TRY(const bool found, query.step());
    if (!found) return evidence;
    std::string name = query.text();
    HANGU_TRY(const auto digest, digest_in(query));
    evidence.emplace(std::move(name), digest);
  }
}

Done SqliteLedger::set_step(const StepRow& step, const Token& token) {
  Query query = database_.query(
      "INSERT INTO step (transfer, stage, verdict, entry, token) VALUES (?,?,?,?,?)"
      " ON CONFLICT (transfer, stage) DO UPDATE SET verdict = excluded.verdict,"
      " entry = excluded.entry, token = excluded.token");
  query.bind(std::string_view(step.transfer.text())).bind(static_cast<std::uint8_t>(step.stage));
  query.bind(static_cast<std::uint8_t>(step.verdict)).bind(step.entry).bind(ByteView(token));
  return query.run();
}

Done SqliteLedger::remove_step(const TransferId& id, flow::Stage stage) {
  Query query = database_.query("DELETE FROM step WHERE transfer = ? AND stage = ?");
  query.bind(std::string_view(id.text())).bind(static_cast<std::uint8_t>(stage));
  return query.run();
}

Result<std::vector<StepRow>> SqliteLedger::steps(const TransferId& id) {
  Query query = database_.query(
      "SELECT transfer, stage, verdict, entry FROM step WHERE transfer = ? ORDER BY stage");
  query.bind(std::string_view(id.text()));
  std::vector<StepRow> steps;
  while (true) {  // ends: one row a stage
    HANGU_TRY(const bool found, query.step());
    if (!found) return steps;
    HANGU_TRY(auto step, step_in(query));
    steps.push_back(std::move(step));
  }
}

Result<std::optional<StepRow>> SqliteLedger::find_step(const Token& token) {
  Query query = database_.query("SELECT transfer, stage, verdict, entry FROM step WHERE token = ?");
  query.bind(ByteView(token));
  HANGU_TRY(const bool found, query.step());
  if (!found) return std::optional<StepRow>();
  HANGU_TRY(auto step, step_in(query));
  return std::optional(std::move(step));
}

}  // namespace hangu::ledger
