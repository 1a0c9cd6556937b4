#include "geo/spatial_index.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "geo/tile_order.hpp"

namespace hangu::geo {
namespace {

constexpr std::size_t kEntriesMax = 51;  ///< RTREE_MAXCELLS
constexpr std::size_t kEntryBytes = 8 + 4 * 4;
constexpr std::size_t kNodeBytes = 4 + kEntriesMax * kEntryBytes;  ///< less than a page minus 64
constexpr std::size_t kBatchEntries = 1'000'000;
constexpr std::int64_t kRoot = 1;

float rounded_down(double value) {
  const auto f = static_cast<float>(value);
  return static_cast<double>(f) > value ? std::nextafter(f, -std::numeric_limits<float>::infinity())
                                        : f;
}

float rounded_up(double value) {
  const auto f = static_cast<float>(value);
  return static_cast<double>(f) < value ? std::nextafter(f, std::numeric_limits<float>::infinity())
                                        : f;
}

}  // namespace

Done SpatialIndex::add(std::int64_t id, const plain::Box& box) {
  if (batch_.size() == kBatchEntries) HANGU_CHECK(pack_batch());
  batch_.push_back({id, rounded_down(box.min_x), rounded_up(box.max_x), rounded_down(box.min_y),
                    rounded_up(box.max_y)});
  return {};
}

Bytes SpatialIndex::node_bytes(std::span<const Entry> entries, unsigned depth) {
  Bytes out(kNodeBytes);
  out[0] = static_cast<std::byte>(depth >> 8 & 0xff);
  out[1] = static_cast<std::byte>(depth & 0xff);
  out[2] = static_cast<std::byte>(entries.size() >> 8 & 0xff);
  out[3] = static_cast<std::byte>(entries.size() & 0xff);
  MutableByteView at = MutableByteView(out).subspan(4);
  for (const Entry& entry : entries) {
    store_u64(at, static_cast<std::uint64_t>(entry.id));
    at = at.subspan(8);
    for (const float side : {entry.min_x, entry.max_x, entry.min_y, entry.max_y}) {
      store_u32(at, std::bit_cast<std::uint32_t>(side));
      at = at.subspan(4);
    }
  }
  return out;
}

/// Writes a node that is not the root; the entry by which its parent knows it.
Result<SpatialIndex::Entry> SpatialIndex::put_node(std::span<const Entry> entries, bool leaf) {
  if (next_node_ == kRoot) {  // the root's place, filled in at the end
    RecordWriter empty_root;
    empty_root.null().bytes(Bytes(kNodeBytes));
    HANGU_CHECK(node_.add(kRoot, empty_root.pieces()));
    ++next_node_;
  }
  Entry out{next_node_++, entries[0].min_x, entries[0].max_x, entries[0].min_y, entries[0].max_y};
  for (const Entry& entry : entries) {
    out.min_x = std::min(out.min_x, entry.min_x);
    out.max_x = std::max(out.max_x, entry.max_x);
    out.min_y = std::min(out.min_y, entry.min_y);
    out.max_y = std::max(out.max_y, entry.max_y);
    if (!leaf) parents_[static_cast<std::size_t>(entry.id - 2)] = out.id;
  }
  RecordWriter record;
  record.null().bytes(node_bytes(entries, 0));
  HANGU_CHECK(node_.add(out.id, record.pieces()));
  parents_.push_back(kRoot);
  return out;
}

Result<SpatialIndex::Entries> SpatialIndex::pack(const Entries& entries, bool leaves) {
  std::vector<TwiceMiddle> middles;
  middles.reserve(entries.size());
  for (const Entry& entry : entries) {
    middles.push_back({entry.min_x + entry.max_x, entry.min_y + entry.max_y});
  }
  const std::vector<std::uint32_t> order = tile_order(middles, kEntriesMax);
  Entries out;
  out.reserve(entries.size() / kEntriesMax + 1);
  std::array<Entry, kEntriesMax> node_entries;
  for (std::size_t begin = 0; begin < order.size(); begin += kEntriesMax) {
    const auto places =
        std::span(order).subspan(begin, std::min(kEntriesMax, order.size() - begin));
    std::ranges::transform(places, node_entries.begin(),
                           [&](std::uint32_t place) { return entries[place]; });
    HANGU_TRY(const Entry node, put_node(std::span(node_entries).first(places.size()), leaves));
    if (leaves) {
      for (const std::uint32_t place : places) node_of_[place] = node.id;
    }
    out.push_back(node);
  }
  return out;
}

Done SpatialIndex::pack_batch() {
  node_of_.assign(batch_.size(), 0);
  HANGU_TRY(const Entries nodes, pack(batch_, true));
  leaves_.insert(leaves_.end(), nodes.begin(), nodes.end());
  RecordWriter record;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    record.clear();
    record.null().integer(node_of_[i]);
    HANGU_CHECK(rowid_.add(batch_[i].id, record.pieces()));
  }
  batch_.clear();
  return {};
}

Result<SpatialIndexRoots> SpatialIndex::finish() {
  SpatialIndexRoots roots;
  RecordWriter record;
  if (leaves_.empty() && batch_.size() <= kEntriesMax) {  // the root is the only node
    record.null().bytes(node_bytes(batch_, 0));
    HANGU_CHECK(node_.add(kRoot, record.pieces()));
    for (const Entry& entry : batch_) {
      record.clear();
      record.null().integer(kRoot);
      HANGU_CHECK(rowid_.add(entry.id, record.pieces()));
    }
    HANGU_TRY(roots.node, node_.finish());
  } else {
    if (!batch_.empty()) HANGU_CHECK(pack_batch());
    Entries level = std::move(leaves_);
    unsigned depth = 1;
    for (; level.size() > kEntriesMax; ++depth) {
      HANGU_TRY(level, pack(level, false));
    }
    HANGU_TRY(roots.node, node_.finish());
    HANGU_CHECK(node_.patch_first_row(node_bytes(level, depth)));
  }
  HANGU_TRY(roots.rowid, rowid_.finish());
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    record.clear();
    record.null().integer(parents_[i]);
    HANGU_CHECK(parent_.add(static_cast<std::int64_t>(i + 2), record.pieces()));
  }
  HANGU_TRY(roots.parent, parent_.finish());
  return roots;
}

}  // namespace hangu::geo
