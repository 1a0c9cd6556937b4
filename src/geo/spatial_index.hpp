#pragma once
// SpatialIndex builds SQLite's R-tree in one pass, packed by sort-tile-recursive, straight into
// the three tables in which SQLite keeps it. Full nodes, written once: what takes GDAL six times
// as long as writing the features takes a fraction of it here.
//
// Source: sqlite.org/rtree.html and the header of rtree.c (format of nodes); Leutenegger, Lopez,
// Edgington, "STR: A Simple and Efficient Algorithm for R-Tree Packing", 1997.

#include <vector>

#include "geo/sqlite_pages.hpp"
#include "plain/schema.hpp"

namespace hangu::geo {

/// Roots of the three tables.
struct SpatialIndexRoots {
  std::uint32_t node = 0;
  std::uint32_t rowid = 0;
  std::uint32_t parent = 0;
};

/// Entries must come with rising ids. Memory: 64 bytes an entry of one batch (a million), and 32
/// bytes a node: less than a byte a feature. Thread: one.
class SpatialIndex {
 public:
  explicit SpatialIndex(PageFile& file) : node_(file), rowid_(file), parent_(file) {}
  [[nodiscard]] Done add(std::int64_t id, const plain::Box& box);
  [[nodiscard]] Result<SpatialIndexRoots> finish();

 private:
  /// An entry of a node: a feature, or a node below.
  struct Entry {
    std::int64_t id;
    float min_x, max_x, min_y, max_y;
  };
  using Entries = std::vector<Entry>;

  [[nodiscard]] Done pack_batch();
  [[nodiscard]] Result<Entries> pack(const Entries& entries, bool leaves);
  [[nodiscard]] Result<Entry> put_node(std::span<const Entry> entries, bool leaf);
  static Bytes node_bytes(std::span<const Entry> entries, unsigned depth);

  TableTree node_;
  TableTree rowid_;
  TableTree parent_;
  Entries batch_;
  Entries leaves_;                     ///< all leaf nodes so far
  std::vector<std::int64_t> node_of_;  ///< of each entry of a batch, by place before sorting
  std::int64_t next_node_ = 1;         ///< 1 is the root, written last
  std::vector<std::int64_t> parents_;  ///< of node 2, 3, …
};

}  // namespace hangu::geo
