#include "ledger/schema.hpp"

#include <array>

namespace hangu::ledger {
namespace {

constexpr std::int64_t kApplicationId = 0x48474C31;  ///< "HGL1"

// Digests are 41 bytes: algorithm, size (big-endian u64), root. Times are milliseconds since 1970.
// Numbers of states, stages and verdicts are those of src/flow/stage.hpp and never change meaning.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE transfer (
  id         TEXT PRIMARY KEY,
  zone       TEXT NOT NULL,
  node       TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  state      INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  round      INTEGER NOT NULL,
  object_table BLOB NOT NULL,
  created    INTEGER NOT NULL,
  updated    INTEGER NOT NULL,
  expires    INTEGER,
  ended      INTEGER,
  recipients INTEGER NOT NULL,
  attention  INTEGER NOT NULL,
  ending     INTEGER,
  token      BLOB,
  free_from  INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  swept      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX transfer_free ON transfer (state, free_from);
CREATE INDEX transfer_token ON transfer (token) WHERE token IS NOT NULL;
CREATE INDEX transfer_node ON transfer (zone, node, created);
CREATE INDEX transfer_expires ON transfer (expires) WHERE ended IS NULL AND expires IS NOT NULL;
CREATE INDEX transfer_ending ON transfer (ending) WHERE ending IS NOT NULL;
CREATE INDEX transfer_ended ON transfer (ended) WHERE ended IS NOT NULL AND swept = 0;

CREATE TABLE history (
  transfer TEXT NOT NULL,
  number   INTEGER NOT NULL,
  state    INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (transfer, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  transfer TEXT NOT NULL,
  name     TEXT NOT NULL,
  digest   BLOB NOT NULL,
  PRIMARY KEY (transfer, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
  transfer TEXT NOT NULL,
  stage    INTEGER NOT NULL,
  verdict  INTEGER NOT NULL,
  entry    INTEGER NOT NULL,
  token    BLOB NOT NULL,
  PRIMARY KEY (transfer, stage)
) STRICT, WITHOUT ROWID;
CREATE INDEX step_token ON step (token);

CREATE TABLE object (
  digest BLOB PRIMARY KEY,
  root   BLOB NOT NULL,
  file   INTEGER NOT NULL,
  bytes  BLOB
) STRICT;
CREATE INDEX object_root ON object (root);

CREATE TABLE object_ref (
  transfer TEXT NOT NULL,
  digest   BLOB NOT NULL,
  origin   INTEGER NOT NULL,
  PRIMARY KEY (transfer, digest, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_ref_digest ON object_ref (digest);
CREATE INDEX object_ref_origin ON object_ref (transfer, origin);

CREATE TABLE loose (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE upload (
  transfer TEXT PRIMARY KEY,
  zone     TEXT NOT NULL,
  node     TEXT NOT NULL,
  bytes    INTEGER NOT NULL,
  digest   BLOB,
  created  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_created ON upload (created);

CREATE TABLE reservation (
  transfer TEXT PRIMARY KEY,
  bytes    INTEGER NOT NULL,
  used     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgement (
  transfer TEXT NOT NULL,
  node     TEXT NOT NULL,
  sealed   BLOB NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (transfer, node)
) STRICT, WITHOUT ROWID;
)sql";

/// Where in the sender's package a verdict's reason was found.
constexpr const char* kVersion2 =
    "ALTER TABLE transfer ADD COLUMN detail TEXT NOT NULL DEFAULT '';";

/// By which zone a node acknowledged: a zone's deliver is told of its own.
constexpr const char* kVersion3 =
    "ALTER TABLE acknowledgement ADD COLUMN zone TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX acknowledgement_of_node ON acknowledgement (node, zone, transfer);";

/// Entry i brings version i to i + 1.
constexpr std::array<const char*, 3> kMigrations{kVersion1, kVersion2, kVersion3};

Result<std::int64_t> pragma(Database& database, std::string_view sql) {
  Query query = database.query(sql);
  HANGU_TRY(const bool row, query.step());
  return row ? query.integer() : 0;
}

}  // namespace

Done migrate(Database& database) {
  HANGU_TRY(const std::int64_t application, pragma(database, "PRAGMA application_id"));
  HANGU_TRY(const std::int64_t version, pragma(database, "PRAGMA user_version"));
  HANGU_TRY(const std::int64_t tables, pragma(database, "SELECT count(*) FROM sqlite_schema"));
  if (application != kApplicationId && (version != 0 || tables != 0)) {
    return fail(ErrorCode::malformed, "ledger-foreign", "application id");
  }
  if (version < 0 || std::cmp_greater(version, kMigrations.size())) {
    return fail(ErrorCode::malformed, "ledger-newer", "version " + std::to_string(version));
  }
  for (auto i = static_cast<std::size_t>(version); i < kMigrations.size(); ++i) {
    const std::string script = "BEGIN IMMEDIATE;" + std::string(kMigrations[i]) +
                               "PRAGMA application_id=" + std::to_string(kApplicationId) +
                               ";PRAGMA user_version=" + std::to_string(i + 1) + ";COMMIT;";
    HANGU_CHECK(database.execute(script.c_str()));
  }
  return {};
}

}  // namespace hangu::ledger
