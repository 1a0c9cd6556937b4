// SqliteLedger: objects and who refers to them, uploads, reservations, acknowledgements.

#include "ledger/columns.hpp"
#include "ledger/sqlite_ledger.hpp"

namespace hangu::ledger {

Done SqliteLedger::add_object(const crypto::ObjectDigest& digest, ByteView bytes) {
  Query query = database_.query(
      "INSERT INTO object (digest, root, file, bytes) VALUES (?,?,0,?)"
      " ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes WHERE object.bytes IS NULL"
      " AND object.file = 0");
  bind_digest(query, digest);
  query.bind(ByteView(digest.root)).bind(bytes);
  return query.run();
}

Done SqliteLedger::add_object_file(const crypto::ObjectDigest& digest) {
  Query query = database_.query(
      "INSERT INTO object (digest, root, file, bytes) VALUES (?,?,1,NULL)"
      " ON CONFLICT (digest) DO UPDATE SET file = 1");
  bind_digest(query, digest);
  query.bind(ByteView(digest.root));
  return query.run();
}

Result<std::optional<ObjectRecord>> SqliteLedger::find_object(const crypto::ObjectDigest& digest) {
  Query query = database_.query("SELECT file, bytes FROM object WHERE digest = ?");
  bind_digest(query, digest);
  HANGU_TRY(const bool found, query.step());
  if (!found) return std::optional<ObjectRecord>();
  ObjectRecord record;
  record.file = query.integer() != 0;
  if (!query.is_null()) record.bytes = query.blob();
  return std::optional(std::move(record));
}

Result<bool> SqliteLedger::is_file_known(const crypto::Hash& root) {
  Query query = database_.query("SELECT 1 FROM object WHERE root = ? AND file = 1");
  query.bind(ByteView(root));
  return query.step();
}

Done SqliteLedger::refer(const TransferId& id, const crypto::ObjectDigest& digest,
                         RefOrigin origin) {
  Query query = database_.query(
      "INSERT INTO object_ref (transfer, digest, origin) VALUES (?,?,?) ON CONFLICT DO NOTHING");
  query.bind(std::string_view(id.text()));
  bind_digest(query, digest);
  query.bind(static_cast<std::uint8_t>(origin));
  return query.run();
}

Result<bool> SqliteLedger::refers(const TransferId& id, const crypto::ObjectDigest& digest) {
  Query query =
      database_.query("SELECT 1 FROM object_ref WHERE transfer = ? AND digest = ? LIMIT 1");
  query.bind(std::string_view(id.text()));
  bind_digest(query, digest);
  return query.step();
}

Done SqliteLedger::drop_refs(const TransferId& id, RefOrigin origin) {
  {
    Query query = database_.query(
        "INSERT OR IGNORE INTO loose (digest)"
        " SELECT digest FROM object_ref WHERE transfer = ? AND origin = ?");
    query.bind(std::string_view(id.text())).bind(static_cast<std::uint8_t>(origin));
    HANGU_CHECK(query.run());
  }
  Query query = database_.query("DELETE FROM object_ref WHERE transfer = ? AND origin = ?");
  query.bind(std::string_view(id.text())).bind(static_cast<std::uint8_t>(origin));
  return query.run();
}

Done SqliteLedger::drop_all_refs(const TransferId& id) {
  {
    Query query = database_.query(
        "INSERT OR IGNORE INTO loose (digest) SELECT digest FROM object_ref WHERE transfer = ?");
    query.bind(std::string_view(id.text()));
    HANGU_CHECK(query.run());
  }
  Query query = database_.query("DELETE FROM object_ref WHERE transfer = ?");
  query.bind(std::string_view(id.text()));
  return query.run();
}

Done SqliteLedger::loosen(const crypto::ObjectDigest& digest) {
  Query query = database_.query("INSERT OR IGNORE INTO loose (digest) VALUES (?)");
  bind_digest(query, digest);
  return query.run();
}

Result<std::vector<LooseObject>> SqliteLedger::take_loose(std::size_t rows_max) {
  std::vector<crypto::ObjectDigest> candidates;
  {
    Query query = database_.query("SELECT digest FROM loose LIMIT ?");
    query.bind(std::uint64_t{rows_max});
    while (true) {  // ends: LIMIT
      HANGU_TRY(const bool found, query.step());
      if (!found) break;
      HANGU_TRY(const auto digest, digest_in(query));
      candidates.push_back(digest);
    }
  }
  std::vector<LooseObject> taken;
  for (const auto& digest : candidates) {
    {
      Query query = database_.query("DELETE FROM loose WHERE digest = ?");
      bind_digest(query, digest);
      HANGU_CHECK(query.run());
    }
    {
      Query query = database_.query("SELECT 1 FROM object_ref WHERE digest = ? LIMIT 1");
      bind_digest(query, digest);
      HANGU_TRY(const bool referred, query.step());
      if (referred) continue;
    }
    HANGU_TRY(const auto record, find_object(digest));
    if (!record) continue;
    Query query = database_.query("DELETE FROM object WHERE digest = ?");
    bind_digest(query, digest);
    HANGU_CHECK(query.run());
    taken.push_back({.digest = digest, .file = record->file});
  }
  return taken;
}

namespace {

Result<UploadRow> upload_in(Query& query) {
  HANGU_TRY(auto id, id_in<TransferId>(query));
  HANGU_TRY(auto zone, id_in<ZoneId>(query));
  HANGU_TRY(auto node, id_in<NodeId>(query));
  UploadRow row{.transfer = std::move(id), .zone = std::move(zone), .node = std::move(node)};
  row.bytes = query.number();
  if (query.is_null()) {
    query.skip();
  } else {
    HANGU_TRY(row.digest, digest_in(query));
  }
  row.created = time_in(query);
  return row;
}

}  // namespace

Done SqliteLedger::set_upload(const UploadRow& row) {
  Query query = database_.query(
      "INSERT OR REPLACE INTO upload (transfer, zone, node, bytes, digest, created)"
      " VALUES (?,?,?,?,?,?)");
  query.bind(std::string_view(row.transfer.text())).bind(std::string_view(row.zone.text()));
  query.bind(std::string_view(row.node.text())).bind(row.bytes);
  if (row.digest) {
    bind_digest(query, *row.digest);
  } else {
    query.bind_null();
  }
  bind_time(query, row.created);
  return query.run();
}

Result<std::optional<UploadRow>> SqliteLedger::find_upload(const TransferId& id) {
  Query query = database_.query(
      "SELECT transfer, zone, node, bytes, digest, created FROM upload WHERE transfer = ?");
  query.bind(std::string_view(id.text()));
  HANGU_TRY(const bool found, query.step());
  if (!found) return std::optional<UploadRow>();
  HANGU_TRY(auto row, upload_in(query));
  return std::optional(std::move(row));
}

Done SqliteLedger::remove_upload(const TransferId& id) {
  Query query = database_.query("DELETE FROM upload WHERE transfer = ?");
  query.bind(std::string_view(id.text()));
  return query.run();
}

Result<std::vector<UploadRow>> SqliteLedger::uploads_before(WallTime before, std::size_t rows_max) {
  Query query = database_.query(
      "SELECT transfer, zone, node, bytes, digest, created FROM upload WHERE created <= ?"
      " ORDER BY created LIMIT ?");
  bind_time(query, before);
  query.bind(std::uint64_t{rows_max});
  std::vector<UploadRow> rows;
  while (true) {  // ends: LIMIT
    HANGU_TRY(const bool found, query.step());
    if (!found) return rows;
    HANGU_TRY(auto row, upload_in(query));
    rows.push_back(std::move(row));
  }
}

Done SqliteLedger::reserve(const TransferId& id, std::uint64_t bytes) {
  Query query =
      database_.query("INSERT OR REPLACE INTO reservation (transfer, bytes, used) VALUES (?,?,0)");
  query.bind(std::string_view(id.text())).bind(bytes);
  return query.run();
}

Done SqliteLedger::use_reserved(const TransferId& id, std::uint64_t bytes) {
  Query query =
      database_.query("UPDATE reservation SET used = min(bytes, used + ?) WHERE transfer = ?");
  query.bind(bytes).bind(std::string_view(id.text()));
  return query.run();
}

Done SqliteLedger::release_reserved(const TransferId& id) {
  Query query = database_.query("DELETE FROM reservation WHERE transfer = ?");
  query.bind(std::string_view(id.text()));
  return query.run();
}

Result<std::uint64_t> SqliteLedger::reserved_bytes() {
  Query query = database_.query("SELECT coalesce(sum(bytes - used), 0) FROM reservation");
  HANGU_TRY(const bool found, query.step());
  return found ? query.number() : 0;
}

Result<bool> SqliteLedger::acknowledge(const TransferId& id, const ZoneId& zone, const NodeId& node,
                                       const crypto::ObjectDigest& sealed, WallTime at) {
  Query query = database_.query(
      "INSERT INTO acknowledgement (transfer, node, sealed, at, zone) VALUES (?,?,?,?,?)"
      " ON CONFLICT DO NOTHING");
  query.bind(std::string_view(id.text())).bind(std::string_view(node.text()));
  bind_digest(query, sealed);
  bind_time(query, at);
  query.bind(std::string_view(zone.text()));
  HANGU_CHECK(query.run());
  return database_.changes() > 0;
}

Result<std::uint32_t> SqliteLedger::acknowledgements(const TransferId& id) {
  Query query = database_.query("SELECT count(*) FROM acknowledgement WHERE transfer = ?");
  query.bind(std::string_view(id.text()));
  HANGU_TRY(const bool found, query.step());
  if (!found) return 0U;
  return small_number_in(query);
}

Result<std::vector<TransferId>> SqliteLedger::acknowledged_by(const ZoneId& zone,
                                                              const NodeId& node, std::size_t skip,
                                                              std::size_t rows_max) {
  Query query = database_.query(
      "SELECT transfer FROM acknowledgement WHERE node = ? AND zone = ?"
      " ORDER BY transfer LIMIT ? OFFSET ?");
  query.bind(std::string_view(node.text())).bind(std::string_view(zone.text()));
  query.bind(std::uint64_t{rows_max}).bind(std::uint64_t{skip});
  std::vector<TransferId> out;
  while (true) {  // ends: at most rows_max rows
    HANGU_TRY(const bool found, query.step());
    if (!found) return out;
    HANGU_TRY(auto id, id_in<TransferId>(query));
    out.push_back(std::move(id));
  }
}

}  // namespace hangu::ledger
