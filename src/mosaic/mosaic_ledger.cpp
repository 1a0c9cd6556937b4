#include "mosaic/mosaic_ledger.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "crypto/hash.hpp"
#include "mosaic/limits.hpp"
#include "wire/codec.hpp"

namespace hangu::mosaic {
namespace {

constexpr sqlite::Reasons kReasons{
    .in_use = "mosaic-in-use", .corrupt = "mosaic-corrupt", .failed = "mosaic-failed"};
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kChainMax = 64;  ///< parents of a component; a sum of sizes halves each time
constexpr double kSquareMetres = 1e6;   ///< of a square kilometre
constexpr double kTurn = 360;
constexpr double kPole = 90;
constexpr double kRadians = std::numbers::pi / 180;
/// The shortest that a degree of latitude is, and that one of longitude on the equator is.
constexpr double kMetresPerDegree = 110'574;
constexpr double kGapDegrees = kGapMetres / kMetresPerDegree;

// `place` finds pieces by account and box: an account stands as the interval [id, id + 1], so that
// boxes in it have a volume by which the tree is balanced.
constexpr const char* kSchema = R"sql(
CREATE TABLE account (
  id       INTEGER PRIMARY KEY,
  receiver TEXT NOT NULL,
  family   TEXT NOT NULL,
  UNIQUE (receiver, family)
) STRICT;
CREATE TABLE component (
  id     INTEGER PRIMARY KEY,
  parent INTEGER,
  pieces INTEGER NOT NULL,
  area   REAL NOT NULL
) STRICT;
CREATE TABLE piece (
  id        INTEGER PRIMARY KEY,
  component INTEGER NOT NULL,
  shape     BLOB NOT NULL
) STRICT;
CREATE VIRTUAL TABLE place USING rtree(id, account_low, account_high, west, east, south, north);
CREATE TABLE reservation (
  number        INTEGER PRIMARY KEY,
  transfer      TEXT NOT NULL,
  digest        BLOB NOT NULL,
  square_metres INTEGER NOT NULL,
  committed     INTEGER NOT NULL,
  UNIQUE (transfer, digest)
) STRICT;
CREATE INDEX reservation_uncommitted ON reservation (committed) WHERE committed = 0;
PRAGMA user_version = 1;
)sql";

/// Of all that a reservation is about.
crypto::Hash digest_of(const Release& release) {
  wire::Writer text;
  text.text(release.transfer.text()).u64(release.limit_km2).count(release.accounts.size());
  for (const Account& account : release.accounts) text.text(account.receiver).text(account.family);
  text.count(release.footprint.rings().size());
  for (const Ring& ring : release.footprint.rings()) {
    text.count(ring.size());
    for (const Point& point : ring) text.f64(point.east).f64(point.north);
  }
  return crypto::hash(crypto::HashAlgorithm::sha256, text.bytes());
}

Done check(const Release& release) {
  if (release.accounts.empty() || release.accounts.size() > kAccountsMax)
    return fail(ErrorCode::exhausted, "mosaic-limit", "accounts");
  for (const Account& account : release.accounts)
    if (account.receiver.size() > kNameBytesMax || account.family.size() > kNameBytesMax)
      return fail(ErrorCode::exhausted, "mosaic-limit", "a name");
  return {};
}

/// How long a degree of longitude is, of one of latitude, where the box comes nearest to a pole.
double shrink_of(const Bounds& box) {
  const double north = std::max(std::abs(box.south), std::abs(box.north)) + kGapDegrees;
  return north >= kPole ? 0 : std::cos(north * kRadians);
}

/// The box within which everything is that lies near `box`.
Bounds widened(const Bounds& box, double shrink) {
  const double east = shrink * kTurn <= kGapDegrees ? kTurn : kGapDegrees / shrink;
  return {box.west - east, box.south - kGapDegrees, box.east + east, box.north + kGapDegrees};
}

}  // namespace

Result<std::unique_ptr<MosaicLedger>> MosaicLedger::open(const std::string& path) {
  HANGU_TRY(sqlite::Database database,
            sqlite::Database::open(path, sqlite::Keeping::record, kReasons));
  std::int64_t version = 0;
  {
    sqlite::Query query = database.query("PRAGMA user_version");
    HANGU_TRY(const bool row, query.step());
    if (row) version = query.integer();
  }
  if (version == 0) {
    HANGU_CHECK(database.execute("BEGIN IMMEDIATE"));
    HANGU_CHECK(database.execute(kSchema));
    HANGU_CHECK(database.execute("COMMIT"));
  } else if (version != kVersion) {
    return fail(ErrorCode::corrupt, "mosaic-corrupt", "of another version");
  }
  return std::unique_ptr<MosaicLedger>(new MosaicLedger(std::move(database)));
}

Result<std::uint64_t> MosaicLedger::last() {
  sqlite::Query query = database_.query("SELECT coalesce(max(number), 0) FROM reservation");
  HANGU_TRY(const bool row, query.step());
  return row ? query.number() : 0;
}

Result<std::uint64_t> MosaicLedger::uncommitted() {
  sqlite::Query query = database_.query("SELECT count(*) FROM reservation WHERE committed = 0");
  HANGU_TRY(const bool row, query.step());
  return row ? query.number() : 0;
}

Done MosaicLedger::commit(std::uint64_t number) {
  sqlite::Query query =
      database_.query("UPDATE reservation SET committed = 1 WHERE number = ? AND committed = 0");
  return query.bind(number).run();
}

Result<Reserved> MosaicLedger::reserve(const Release& release) {
  HANGU_CHECK(check(release));
  const crypto::Hash digest = digest_of(release);
  HANGU_TRY(const std::optional<Reserved> before, earlier(release, digest));
  if (before) return *before;
  HANGU_CHECK(database_.execute("BEGIN IMMEDIATE"));
  Result<Reserved> entered = enter(release, digest);
  if (entered && entered->fits) {
    HANGU_CHECK(database_.execute("COMMIT"));
    return entered;
  }
  HANGU_CHECK(database_.execute("ROLLBACK"));
  return entered;
}

Result<std::optional<Reserved>> MosaicLedger::earlier(const Release& release, ByteView digest) {
  sqlite::Query query = database_.query(
      "SELECT number, square_metres FROM reservation WHERE transfer = ? AND digest = ?");
  query.bind(std::string_view(release.transfer.text())).bind(digest);
  HANGU_TRY(const bool row, query.step());
  if (!row) return std::optional<Reserved>();
  Reserved out{.fits = true};
  out.number = query.number();
  out.square_metres = query.number();
  return std::optional(out);
}

Result<Reserved> MosaicLedger::enter(const Release& release, ByteView digest) {
  const double limit = static_cast<double>(release.limit_km2) * kSquareMetres;
  double largest = 0;
  for (const Account& account : release.accounts) {
    HANGU_TRY(const std::int64_t id, account_id(account));
    std::set<std::int64_t> touched;
    for (const Ring& ring : release.footprint.rings()) {
      HANGU_TRY(const std::int64_t component, add(id, ring));
      touched.insert(component);
    }
    for (const std::int64_t component : touched) {
      HANGU_TRY(const std::int64_t root, root_of(component));
      HANGU_TRY(const double area, area_of(root));
      largest = std::max(largest, area);
    }
  }
  const auto square_metres = static_cast<std::uint64_t>(std::ceil(largest));
  if (largest > limit) return Reserved{.square_metres = square_metres};
  HANGU_TRY(const std::uint64_t before, last());
  sqlite::Query query = database_.query(
      "INSERT INTO reservation (number, transfer, digest, square_metres, committed) "
      "VALUES (?, ?, ?, ?, 0)");
  query.bind(before + 1).bind(std::string_view(release.transfer.text())).bind(digest);
  HANGU_CHECK(query.bind(square_metres).run());
  return Reserved{.fits = true, .number = before + 1, .square_metres = square_metres};
}

Result<std::int64_t> MosaicLedger::account_id(const Account& account) {
  {
    sqlite::Query add =
        database_.query("INSERT OR IGNORE INTO account (receiver, family) VALUES (?, ?)");
    HANGU_CHECK(
        add.bind(std::string_view(account.receiver)).bind(std::string_view(account.family)).run());
  }
  sqlite::Query query = database_.query("SELECT id FROM account WHERE receiver = ? AND family = ?");
  query.bind(std::string_view(account.receiver)).bind(std::string_view(account.family));
  HANGU_TRY(const bool row, query.step());
  if (!row) return fail(ErrorCode::corrupt, "mosaic-corrupt", "account");
  return query.integer();
}

/// Enters one polygon; the component that it is in now.
Result<std::int64_t> MosaicLedger::add(std::int64_t account, const Ring& ring) {
  HANGU_TRY(Shapes::Shape shape, shapes_.polygon(ring));
  HANGU_TRY(Near neighbours, near(account, shape));
  std::set<std::int64_t> roots;
  for (const std::int64_t component : neighbours.components) {
    HANGU_TRY(const std::int64_t root, root_of(component));
    roots.insert(root);
  }
  HANGU_TRY(const std::int64_t component, join(roots));
  if (!neighbours.shapes.empty()) {
    HANGU_TRY(shape, shapes_.without(shape, std::move(neighbours.shapes)));
  }
  HANGU_TRY(const std::vector<Shapes::Shape> pieces, shapes_.polygons(shape));
  for (const Shapes::Shape& piece : pieces) HANGU_CHECK(add_piece(account, component, piece));
  return component;
}

/// The pieces within the gap; also across the antimeridian, where they stand moved by a turn.
Result<MosaicLedger::Near> MosaicLedger::near(std::int64_t account, const Shapes::Shape& shape) {
  HANGU_TRY(const Bounds bounds, shapes_.bounds(shape));
  const double shrink = shrink_of(bounds);
  Near out;
  for (const double turn : {0.0, -kTurn, kTurn}) {
    Bounds box = widened(bounds, shrink);
    box.west += turn;
    box.east += turn;
    if (box.east < -kTurn / 2 || box.west > kTurn / 2) continue;
    Near found;
    HANGU_CHECK(look_up(account, box, found));
    for (Shapes::Shape& other : found.shapes) {
      if (turn != 0) {
        HANGU_TRY(other, shapes_.moved(other, -turn));
      }
    }
    HANGU_TRY(const std::vector<std::size_t> close,
              shapes_.near(shape, found.shapes, shrink, kGapDegrees));
    for (const std::size_t i : close) {
      out.shapes.push_back(std::move(found.shapes[i]));
      out.components.push_back(found.components[i]);
    }
  }
  return out;
}

Done MosaicLedger::look_up(std::int64_t account, const Bounds& box, Near& into) {
  sqlite::Query query = database_.query(
      "SELECT piece.component, piece.shape FROM place JOIN piece ON piece.id = place.id "
      "WHERE account_low = ? AND west <= ? AND east >= ? AND south <= ? AND north >= ?");
  query.bind(account).bind(box.east).bind(box.west).bind(box.north).bind(box.south);
  std::size_t bytes = 0;
  while (true) {  // ends: at kPiecesNearMax
    HANGU_TRY(const bool row, query.step());
    if (!row) return {};
    into.components.push_back(query.integer());
    const ByteView blob = query.blob_view();
    bytes += blob.size();
    if (into.components.size() > kPiecesNearMax || bytes > kNearBytesMax)
      return fail(ErrorCode::exhausted, "mosaic-limit", "pieces near one polygon");
    HANGU_TRY(Shapes::Shape shape, shapes_.parse(blob));
    into.shapes.push_back(std::move(shape));
  }
}

/// Makes one component of several, below the one of most pieces; of none, a new one.
Result<std::int64_t> MosaicLedger::join(const std::set<std::int64_t>& roots) {
  struct Root {
    std::int64_t id = 0;
    std::int64_t pieces = 0;
    double area = 0;
  };
  std::vector<Root> found;
  for (const std::int64_t id : roots) {
    sqlite::Query query = database_.query("SELECT pieces, area FROM component WHERE id = ?");
    query.bind(id);
    HANGU_TRY(const bool row, query.step());
    if (!row) return fail(ErrorCode::corrupt, "mosaic-corrupt", "component");
    Root root{.id = id};
    root.pieces = query.integer();
    root.area = query.real();
    found.push_back(root);
  }
  if (found.empty()) {
    sqlite::Query query =
        database_.query("INSERT INTO component (parent, pieces, area) VALUES (NULL, 0, 0.0)");
    HANGU_CHECK(query.run());
    return database_.last_row();
  }
  std::ranges::sort(found, std::greater{}, &Root::pieces);
  Root& top = found.front();
  for (std::size_t i = 1; i < found.size(); ++i) {
    top.pieces += found[i].pieces;
    top.area += found[i].area;
    sqlite::Query query = database_.query("UPDATE component SET parent = ? WHERE id = ?");
    HANGU_CHECK(query.bind(top.id).bind(found[i].id).run());
  }
  if (found.size() > 1) {
    sqlite::Query query = database_.query("UPDATE component SET pieces = ?, area = ? WHERE id = ?");
    HANGU_CHECK(query.bind(top.pieces).bind(top.area).bind(top.id).run());
  }
  return top.id;
}

Done MosaicLedger::add_piece(std::int64_t account, std::int64_t component,
                             const Shapes::Shape& piece) {
  HANGU_TRY(const double area, shapes_.area(piece));
  HANGU_TRY(const Bounds box, shapes_.bounds(piece));
  HANGU_TRY(const Bytes bytes, shapes_.to_bytes(piece));
  if (bytes.size() > kShapeBytesMax) return fail(ErrorCode::exhausted, "mosaic-limit", "a shape");
  {
    sqlite::Query query = database_.query("INSERT INTO piece (component, shape) VALUES (?, ?)");
    HANGU_CHECK(query.bind(component).bind(ByteView(bytes)).run());
  }
  const std::int64_t id = database_.last_row();
  {
    sqlite::Query query = database_.query("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?)");
    query.bind(id).bind(account).bind(account + 1).bind(box.west).bind(box.east);
    HANGU_CHECK(query.bind(box.south).bind(box.north).run());
  }
  sqlite::Query query =
      database_.query("UPDATE component SET pieces = pieces + 1, area = area + ? WHERE id = ?");
  return query.bind(area).bind(component).run();
}

Result<std::int64_t> MosaicLedger::root_of(std::int64_t component) {
  for (std::int64_t i = 0; i < kChainMax; ++i) {
    sqlite::Query query = database_.query("SELECT parent FROM component WHERE id = ?");
    query.bind(component);
    HANGU_TRY(const bool row, query.step());
    if (!row) break;
    if (query.is_null()) return component;
    component = query.integer();
  }
  return fail(ErrorCode::corrupt, "mosaic-corrupt", "component");
}

Result<double> MosaicLedger::area_of(std::int64_t root) {
  sqlite::Query query = database_.query("SELECT area FROM component WHERE id = ?");
  query.bind(root);
  HANGU_TRY(const bool row, query.step());
  if (!row) return fail(ErrorCode::corrupt, "mosaic-corrupt", "component");
  return query.real();
}

}  // namespace hangu::mosaic
