#include "check/rtree.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "check/limits.hpp"

namespace hangu::check {
namespace {

constexpr std::int64_t kRoot = 1;
constexpr std::size_t kHeadBytes = 4;
constexpr std::size_t kEntryBytes = 8 + 4 * 4;
/// What SQLite makes of pages of 4096 bytes: RTREE_MAXCELLS entries.
constexpr std::size_t kNodeBytes = kHeadBytes + 51 * kEntryBytes;

std::unexpected<Error> wrong(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}
std::string node_name(std::int64_t node) { return "node " + std::to_string(node); }
std::string feature_name(std::int64_t id) { return "feature " + std::to_string(id); }

std::size_t u16(ByteView at) {
  return std::to_integer<std::size_t>(at[0]) << 8 | std::to_integer<std::size_t>(at[1]);
}
float f32(ByteView at) { return std::bit_cast<float>(load_u32(at)); }

/// The greatest binary32 that is not above `value`, and the least that is not below.
float at_most(double value) {
  const auto near = static_cast<float>(value);
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  return static_cast<double>(near) <= value ? near : std::nextafterf(near, kLowest);
}
float at_least(double value) {
  const auto near = static_cast<float>(value);
  constexpr float kHighest = std::numeric_limits<float>::infinity();
  return static_cast<double>(near) >= value ? near : std::nextafterf(near, kHighest);
}

}  // namespace

Result<RtreeReader> RtreeReader::open(const Database& database, const std::string& name,
                                      std::int64_t features, const RtreeCounts& counts) {
  HANGU_TRY(Rows node, database.select("SELECT data FROM " + quoted(name + "_node") +
                                       " WHERE nodeno = ?1 AND ?2 = 0"));
  HANGU_TRY(Rows parent, database.select("SELECT parentnode FROM " + quoted(name + "_parent") +
                                         " WHERE nodeno = ?1 AND ?2 = 0"));
  HANGU_TRY(Rows rowid, database.select("SELECT rowid, nodeno FROM " + quoted(name + "_rowid") +
                                        " WHERE rowid >= ?1 AND rowid < ?2 ORDER BY rowid"));
  RtreeReader reader(std::move(node), std::move(parent), std::move(rowid), features, counts);
  HANGU_CHECK(reader.load_window(1));
  return reader;
}

Result<Bytes> RtreeReader::read_node(std::int64_t node) {
  node_.rewind(node, 0);
  HANGU_TRY(const bool there, node_.step());
  if (!there || node_.cell(0) != Cell::bytes) return wrong("rtree-node", node_name(node));
  const ByteView raw = node_.bytes(0);
  if (raw.size() != kNodeBytes) return wrong("rtree-node", node_name(node) + ": size");
  return to_bytes(raw);
}

Done RtreeReader::check_parent(std::int64_t node, std::int64_t parent) {
  parent_.rewind(node, 0);
  HANGU_TRY(const bool there, parent_.step());
  const bool right = there && parent_.cell(0) == Cell::integer && parent_.integer(0) == parent;
  return right ? Done() : Done(wrong("rtree-parent", node_name(node)));
}

/// Goes through a node and what is below; the union of its entries.
Result<RtreeReader::Box> RtreeReader::walk(std::int64_t node, std::int64_t parent, unsigned depth) {
  HANGU_TRY(const Bytes bytes, read_node(node));
  const ByteView raw(bytes);
  const std::size_t levels = u16(raw);
  if (node == kRoot) {
    if (levels > kRtreeDepthMax) return fail(ErrorCode::exhausted, "rtree-limit", "depth");
    height_ = static_cast<unsigned>(levels);
  } else if (levels != 0) {
    return wrong("rtree-node", node_name(node) + ": depth");
  }
  const std::size_t count = u16(raw.subspan(2));
  const std::size_t used = kHeadBytes + count * kEntryBytes;
  if (used > raw.size() || (count == 0 && (node != kRoot || height_ != 0))) {
    return wrong("rtree-node", node_name(node) + ": count");
  }
  if (!all_zero(raw.subspan(used))) return wrong("rtree-node", node_name(node) + ": residue");
  if (first_pass_) {
    ++nodes_seen_;
    // A node that is reached twice would never end the count short.
    if (nodes_seen_ > counts_.nodes) return wrong("rtree-count", "nodes");
    if (node != kRoot) HANGU_CHECK(check_parent(node, parent));
  }
  Box whole{};
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView entry = raw.subspan(kHeadBytes + i * kEntryBytes, kEntryBytes);
    const auto id = static_cast<std::int64_t>(load_u64(entry));
    const Box box{f32(entry.subspan(8)), f32(entry.subspan(12)), f32(entry.subspan(16)),
                  f32(entry.subspan(20))};
    if (!(box.min_x <= box.max_x) || !(box.min_y <= box.max_y)) {
      return wrong("rtree-box", node_name(node));
    }
    if (depth < height_) {
      HANGU_TRY(const Box below, walk(id, node, depth + 1));
      if (below != box) return wrong("rtree-box", node_name(id) + " in its parent");
    } else {
      if (first_pass_) ++leaf_entries_;
      if (id < 1 || id > features_) return wrong("rtree-feature", feature_name(id));
      const std::int64_t place = id - window_first_;
      if (place >= 0 && place < std::ssize(window_)) {
        Slot& slot = window_[static_cast<std::size_t>(place)];
        if (slot.node != 0) return wrong("rtree-feature", feature_name(id) + " twice");
        slot = {box, node};
      }
    }
    if (i == 0) whole = box;
    whole = {std::min(whole.min_x, box.min_x), std::max(whole.max_x, box.max_x),
             std::min(whole.min_y, box.min_y), std::max(whole.max_y, box.max_y)};
  }
  return whole;
}

/// The table of rowids names, for each feature in the window, the leaf that holds it.
Done RtreeReader::check_rowids() {
  const std::int64_t end = window_first_ + std::ssize(window_);
  rowid_.rewind(window_first_, end);
  std::size_t next = 0;
  while (true) {  // ends: rising ids within the window
    HANGU_TRY(const bool there, rowid_.step());
    const std::int64_t id = there ? rowid_.integer(0) : end;
    for (; next < window_.size() && window_first_ + static_cast<std::int64_t>(next) < id; ++next) {
      if (window_[next].node != 0) return wrong("rtree-rowid", "missing");
    }
    if (!there) return {};
    const bool right = rowid_.cell(1) == Cell::integer && next < window_.size() &&
                       window_[next].node != 0 && rowid_.integer(1) == window_[next].node;
    if (!right) return wrong("rtree-rowid", feature_name(id));
    ++next;
  }
}

Done RtreeReader::load_window(std::int64_t first) {
  window_first_ = first;
  const std::int64_t left = features_ - first + 1;
  window_.assign(static_cast<std::size_t>(std::clamp<std::int64_t>(left, 0, kRtreeWindowFeatures)),
                 Slot{});
  HANGU_TRY([[maybe_unused]] const Box whole, walk(kRoot, 0, 0));
  if (first_pass_) {
    first_pass_ = false;
    if (nodes_seen_ != counts_.nodes) return wrong("rtree-count", "nodes");
    if (counts_.parents != counts_.nodes - 1) return wrong("rtree-count", "parents");
    if (leaf_entries_ != counts_.rowids) return wrong("rtree-count", "rowids");
  }
  return check_rowids();
}

Done RtreeReader::check_feature(std::int64_t id, const std::optional<plain::Box>& box) {
  HANGU_ASSERT(id >= window_first_ && id <= features_);
  if (id >= window_first_ + std::ssize(window_)) HANGU_CHECK(load_window(id));
  const Slot& slot = window_[static_cast<std::size_t>(id - window_first_)];
  if (box.has_value() != (slot.node != 0)) {
    return wrong("rtree-feature", feature_name(id) + (box ? " missing" : " has no box"));
  }
  if (!box) return {};
  ++entries_;
  const Box wanted{at_most(box->min_x), at_least(box->max_x), at_most(box->min_y),
                   at_least(box->max_y)};
  return slot.box == wanted ? Done() : Done(wrong("rtree-box", feature_name(id)));
}

Done RtreeReader::finish() {
  return entries_ == leaf_entries_ ? Done() : Done(wrong("rtree-count", "entries"));
}

}  // namespace hangu::check
