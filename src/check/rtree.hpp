#pragma once
// RtreeReader: a layer's R-tree, read from the three tables in which SQLite keeps it, without
// SQLite's R-tree code.
//
// Memory: the boxes of kRtreeWindowFeatures features at a time; a larger layer is read in as many
// passes over its nodes. Source: sqlite.org/rtree.html; comment at the head of SQLite's rtree.c.

#include <optional>
#include <string>
#include <vector>

#include "check/database.hpp"
#include "plain/schema.hpp"

namespace hangu::check {

/// Counts of the three tables, as the page walk found them.
struct RtreeCounts {
  std::uint64_t nodes = 0;
  std::uint64_t rowids = 0;
  std::uint64_t parents = 0;
};

/// Errors of all: Malformed "rtree-node" (size, count, residue), "rtree-box" (a node's box is not
/// the union of what is below, or not a box), "rtree-feature" (an id twice, or out of range),
/// "rtree-parent", "rtree-rowid", "rtree-count"; those of Rows. Thread: one.
class RtreeReader {
 public:
  /// `name` of the virtual table; its features have the ids 1..`features`.
  [[nodiscard]] static Result<RtreeReader> open(const Database& database, const std::string& name,
                                                std::int64_t features, const RtreeCounts& counts);

  /// Checks that the feature is in the tree exactly when it has a box, and that its entry is the
  /// smallest binary32 box around it. Call with rising ids. Errors also: Malformed
  /// "rtree-feature" (missing, superfluous), "rtree-box".
  [[nodiscard]] Done check_feature(std::int64_t id, const std::optional<plain::Box>& box);
  /// After the last feature: nothing else is in the tables.
  [[nodiscard]] Done finish();
  [[nodiscard]] std::uint64_t entries() const { return entries_; }

 private:
  struct Box {
    float min_x, max_x, min_y, max_y;
    bool operator==(const Box&) const = default;
  };
  struct Slot {
    Box box{};
    std::int64_t node = 0;  ///< 0: not in the tree
  };

  RtreeReader(Rows node, Rows parent, Rows rowid, std::int64_t features, const RtreeCounts& counts)
      : node_(std::move(node)),
        parent_(std::move(parent)),
        rowid_(std::move(rowid)),
        features_(features),
        counts_(counts) {}

  [[nodiscard]] Done load_window(std::int64_t first);
  [[nodiscard]] Result<Box> walk(std::int64_t node, std::int64_t parent, unsigned depth);
  [[nodiscard]] Result<Bytes> read_node(std::int64_t node);
  [[nodiscard]] Done check_parent(std::int64_t node, std::int64_t parent);
  [[nodiscard]] Done check_rowids();

  Rows node_;
  Rows parent_;
  Rows rowid_;
  std::int64_t features_;
  RtreeCounts counts_;
  std::int64_t window_first_ = 0;
  std::vector<Slot> window_;
  bool first_pass_ = true;
  unsigned height_ = 0;             ///< levels above the leaves
  std::uint64_t nodes_seen_ = 0;    ///< first pass
  std::uint64_t leaf_entries_ = 0;  ///< first pass
  std::uint64_t entries_ = 0;       ///< features checked that have a box
};

}  // namespace hangu::check
