#pragma once
// The mosaic ledger: for each receiver and dataset family, the exact union of everything that was
// released to it, and how large each contiguous part is. docs/protocols/mosaic.md.
//
// The union is kept as pieces that do not overlap: of a new polygon, what no earlier one covers.
// Each piece belongs to a component, a set of pieces that hang together; a component's area is the
// sum of its pieces'. So a new polygon is compared only with the pieces near it, which an R-tree on
// disk finds, however many there are.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "mosaic/messages.hpp"
#include "mosaic/shapes.hpp"
#include "sqlite/database.hpp"

namespace hangu::mosaic {

/// Thread: one.
class MosaicLedger {
 public:
  /// Opens or makes the file. Errors: Unavailable "mosaic-in-use"; Corrupt "mosaic-corrupt";
  /// Internal "mosaic-failed"; Exhausted "disk-full".
  [[nodiscard]] static Result<std::unique_ptr<MosaicLedger>> open(const std::string& path);

  /// Number of the last reservation; 0 before the first.
  [[nodiscard]] Result<std::uint64_t> last();
  /// Enters the release in every account, durably, or, where it does not fit one of them, in none.
  /// A release that was entered before, under the same limit, is answered as it was then.
  /// Errors: Malformed "footprint-invalid"; Exhausted "mosaic-limit" (accounts, names, pieces
  /// near); Internal "geometry-failed"; those of open().
  [[nodiscard]] Result<Reserved> reserve(const Release& release);
  /// The audit log has the reservation. Nothing changes in what is counted.
  [[nodiscard]] Done commit(std::uint64_t number);
  /// Reservations of which commit() was not told.
  [[nodiscard]] Result<std::uint64_t> uncommitted();

 private:
  struct Near {
    std::vector<Shapes::Shape> shapes;
    std::vector<std::int64_t> components;
  };
  explicit MosaicLedger(sqlite::Database database) : database_(std::move(database)) {}

  Result<std::optional<Reserved>> earlier(const Release& release, ByteView digest);
  Result<Reserved> enter(const Release& release, ByteView digest);
  Result<std::int64_t> account_id(const Account& account);
  Result<std::int64_t> add(std::int64_t account, const Ring& ring);
  Result<Near> near(std::int64_t account, const Shapes::Shape& shape);
  Done look_up(std::int64_t account, const Bounds& box, Near& into);
  Result<std::int64_t> join(const std::set<std::int64_t>& roots);
  Done add_piece(std::int64_t account, std::int64_t component, const Shapes::Shape& piece);
  Result<std::int64_t> root_of(std::int64_t component);
  Result<double> area_of(std::int64_t root);

  sqlite::Database database_;
  Shapes shapes_;
};

}  // namespace hangu::mosaic
