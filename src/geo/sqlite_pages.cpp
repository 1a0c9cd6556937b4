#include "geo/sqlite_pages.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace hangu::geo {
namespace {

constexpr std::size_t kPage = kSqlitePageBytes;
constexpr std::size_t kFileHeaderBytes = 100;  // 1.2
constexpr std::size_t kLeafHeaderBytes = 8;
constexpr std::size_t kInteriorHeaderBytes = 12;
constexpr std::byte kInteriorIndex{2};
constexpr std::byte kInteriorTable{5};
constexpr std::byte kLeafIndex{10};
constexpr std::byte kLeafTable{13};
constexpr std::size_t kCellBytesMin = 4;
/// Children of an interior table page, whatever their rowids: 4 + 9 + 2 bytes a cell.
constexpr std::size_t kChildrenMax = (kPage - kInteriorHeaderBytes) / 15;
constexpr std::size_t kTableLocalMax = kPage - 35;               // 1.6
constexpr std::size_t kLocalMin = (kPage - 12) * 32 / 255 - 23;  // 1.6
constexpr std::size_t kOverflowBytes = kPage - 4;
constexpr std::size_t kIndexRecordBytesMax = 900;
static_assert(kIndexRecordBytesMax <= (kPage - 12) * 64 / 255 - 23);
constexpr std::uint32_t kSqliteVersion = 3'040'001;  ///< whose format this is; a comment to readers

void store_u16(MutableByteView at, std::size_t value) {
  at[0] = static_cast<std::byte>(value >> 8 & 0xff);
  at[1] = static_cast<std::byte>(value & 0xff);
}

/// Fills the header of a b-tree page at `at`.
void page_header(MutableByteView at, std::byte type, std::size_t cells, std::size_t content) {
  at[0] = type;
  store_u16(at.subspan(3), cells);
  store_u16(at.subspan(5), content);
}

/// PageCells puts cells into a page from its end down.
class PageCells {
 public:
  PageCells(std::size_t header_at, std::size_t header_bytes)
      : header_at_(header_at), pointers_(header_at + header_bytes) {}

  [[nodiscard]] bool fits(std::size_t cell_bytes) const {
    const std::size_t bytes = std::max(cell_bytes, kCellBytesMin);
    return pointers_ + 2 * (cells_ + 1) + bytes <= content_;
  }
  void add(std::span<const ByteView> pieces) {
    std::size_t bytes = 0;
    for (const ByteView piece : pieces) bytes += piece.size();
    content_ -= std::max(bytes, kCellBytesMin);
    std::size_t at = content_;
    for (const ByteView piece : pieces) {
      std::ranges::copy(piece, page_.begin() + static_cast<std::ptrdiff_t>(at));
      at += piece.size();
    }
    store_u16(MutableByteView(page_).subspan(pointers_ + 2 * cells_), content_);
    ++cells_;
  }
  [[nodiscard]] std::size_t cells() const { return cells_; }
  /// The page, with its header. `right` is the last child of an interior page.
  [[nodiscard]] const Bytes& finish(std::byte type, std::uint32_t right = 0) {
    page_header(MutableByteView(page_).subspan(header_at_), type, cells_, content_);
    if (type == kInteriorTable || type == kInteriorIndex) {
      store_u32(MutableByteView(page_).subspan(header_at_ + 8), right);
    }
    return page_;
  }
  [[nodiscard]] Bytes& page() { return page_; }

 private:
  std::size_t header_at_;
  std::size_t pointers_;
  Bytes page_ = Bytes(kPage);
  std::size_t cells_ = 0;
  std::size_t content_ = kPage;
};

std::size_t local_bytes(std::size_t length) {
  if (length <= kTableLocalMax) return length;
  const std::size_t fitted = kLocalMin + (length - kLocalMin) % kOverflowBytes;
  return fitted <= kTableLocalMax ? fitted : kLocalMin;
}

/// How `count` children are dealt out to pages of at most `most`, no page with fewer than two.
std::vector<std::size_t> deal(std::size_t count, std::size_t most) {
  std::vector<std::size_t> out;
  while (count > 0) {
    std::size_t take = std::min(count, most);
    if (count - take == 1) --take;
    out.push_back(take);
    count -= take;
  }
  return out;
}

std::array<std::byte, 4> u32_bytes(std::uint32_t value) {
  std::array<std::byte, 4> bytes;
  store_u32(bytes, value);
  return bytes;
}

}  // namespace

// --- TableTree ----------------------------------------------------------------------------------

Result<std::uint32_t> TableTree::put_overflow(std::span<const ByteView> pieces, std::size_t local,
                                              std::size_t length) {
  const std::uint32_t first = file_.next();
  Bytes page(kPage);
  std::size_t filled = 4;
  std::size_t left = length - local;
  std::size_t skip = local;
  for (ByteView piece : pieces) {
    const std::size_t skipped = std::min(skip, piece.size());
    piece = piece.subspan(skipped);
    skip -= skipped;
    while (!piece.empty()) {
      const std::size_t n = std::min(piece.size(), kPage - filled);
      std::memcpy(page.data() + filled, piece.data(), n);
      piece = piece.subspan(n);
      filled += n;
      left -= n;
      if (filled < kPage && left > 0) continue;
      const std::uint32_t here = file_.next();
      const std::uint32_t after = here + 1 == kSqliteLockPage ? here + 2 : here + 1;
      store_u32(page, left > 0 ? after : 0);
      std::fill(page.begin() + static_cast<std::ptrdiff_t>(filled), page.end(), std::byte{0});
      HANGU_TRY([[maybe_unused]] const std::uint32_t number, file_.append(page));
      filled = 4;
    }
  }
  return first;
}

Done TableTree::add(std::int64_t rowid, std::span<const ByteView> pieces) {
  std::size_t length = 0;
  for (const ByteView piece : pieces) length += piece.size();
  const std::size_t local = local_bytes(length);
  const Varint length_bytes = varint(length);
  const Varint rowid_bytes = varint(static_cast<std::uint64_t>(rowid));
  const bool spills = local < length;
  const std::size_t cell_bytes =
      std::max(length_bytes.size + rowid_bytes.size + local + (spills ? 4 : 0), kCellBytesMin);
  if (kLeafHeaderBytes + 2 * (cells_ + 1) + cell_bytes > content_) HANGU_CHECK(flush_leaf());

  content_ -= cell_bytes;
  std::byte* to = leaf_.data() + content_;
  const auto put = [&to](ByteView bytes) {
    std::memcpy(to, bytes.data(), bytes.size());
    to += bytes.size();
  };
  put(length_bytes.view());
  put(rowid_bytes.view());
  std::size_t left = local;
  for (const ByteView piece : pieces) {
    const std::size_t n = std::min(left, piece.size());
    if (n > 0) put(piece.first(n));
    left -= n;
  }
  if (spills) {
    HANGU_TRY(const std::uint32_t first, put_overflow(pieces, local, length));
    put(u32_bytes(first));
  }
  store_u16(MutableByteView(leaf_).subspan(kLeafHeaderBytes + 2 * cells_), content_);
  ++cells_;
  last_rowid_ = rowid;
  return {};
}

Done TableTree::flush_leaf() {
  page_header(leaf_, kLeafTable, cells_, content_);
  HANGU_TRY(const std::uint32_t number, file_.append(leaf_));
  if (children_.empty()) first_leaf_ = leaf_;
  children_.push_back({last_rowid_, number});
  std::ranges::fill(leaf_, std::byte{0});
  cells_ = 0;
  content_ = kPage;
  return {};
}

Result<std::vector<TableTree::Child>> TableTree::put_level(const std::vector<Child>& children) {
  std::vector<Child> parents;
  std::size_t at = 0;
  for (const std::size_t count : deal(children.size(), kChildrenMax)) {
    PageCells cells(0, kInteriorHeaderBytes);
    for (std::size_t i = at; i + 1 < at + count; ++i) {
      const auto page = u32_bytes(children[i].page);
      const Varint key = varint(static_cast<std::uint64_t>(children[i].last_rowid));
      cells.add(std::array<ByteView, 2>{page, key.view()});
    }
    const Child& last = children[at + count - 1];
    HANGU_TRY(const std::uint32_t number, file_.append(cells.finish(kInteriorTable, last.page)));
    parents.push_back({last.last_rowid, number});
    at += count;
  }
  return parents;
}

Result<std::uint32_t> TableTree::finish() {
  if (cells_ > 0 || children_.empty()) HANGU_CHECK(flush_leaf());
  const std::uint32_t first = children_.front().page;
  std::vector<Child> level = std::move(children_);
  while (level.size() > 1) {  // ends: each level is a hundredth of the one below
    HANGU_TRY(level, put_level(level));
  }
  children_ = {{0, first}};
  return level.front().page;
}

Done TableTree::patch_first_row(ByteView bytes) {
  HANGU_ASSERT(bytes.size() < kTableLocalMax);
  std::ranges::copy(bytes, first_leaf_.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  return file_.rewrite(children_.front().page, first_leaf_);
}

// --- Indexes ------------------------------------------------------------------------------------

namespace {

/// A key with the page of what sorts before it (0 in leaves).
struct IndexKey {
  const Bytes* record;
  std::uint32_t child = 0;
};

struct IndexLevel {
  std::vector<IndexKey> keys;
  std::uint32_t right = 0;  ///< page of what sorts after the last key
};

std::size_t index_cell_bytes(const IndexKey& key, bool leaf) {
  return (leaf ? 0 : 4) + varint(key.record->size()).size + key.record->size();
}

Result<std::uint32_t> put_index_page(PageFile& file, std::span<const IndexKey> keys, bool leaf,
                                     std::uint32_t right) {
  PageCells cells(0, leaf ? kLeafHeaderBytes : kInteriorHeaderBytes);
  for (const IndexKey& key : keys) {
    const auto child = u32_bytes(key.child);
    const Varint length = varint(key.record->size());
    cells.add(
        std::array<ByteView, 3>{leaf ? ByteView() : ByteView(child), length.view(), *key.record});
  }
  return file.append(cells.finish(leaf ? kLeafIndex : kInteriorIndex, right));
}

/// Packs one level into pages; every page is followed by a key that goes up, but the last.
Result<IndexLevel> put_index_level(PageFile& file, const IndexLevel& level, bool leaf) {
  IndexLevel up;
  const std::size_t header = leaf ? kLeafHeaderBytes : kInteriorHeaderBytes;
  std::size_t begin = 0;
  while (begin < level.keys.size()) {
    std::size_t end = begin;
    std::size_t used = header;
    while (end < level.keys.size()) {
      const std::size_t bytes =
          std::max(index_cell_bytes(level.keys[end], leaf), kCellBytesMin) + 2;
      if (used + bytes > kPage) break;
      used += bytes;
      ++end;
    }
    // The last page must not be empty: leave it the last key, and let the one before go up.
    if (end + 1 == level.keys.size()) --end;
    const bool last = end == level.keys.size();
    const auto keys = std::span(level.keys).subspan(begin, end - begin);
    const std::uint32_t right = last ? level.right : level.keys[end].child;
    HANGU_TRY(const std::uint32_t number, put_index_page(file, keys, leaf, leaf ? 0 : right));
    if (last) {
      up.right = number;
      break;
    }
    up.keys.push_back({level.keys[end].record, number});
    begin = end + 1;
  }
  return up;
}

}  // namespace

Result<std::uint32_t> put_index(PageFile& file, std::span<const Bytes> records) {
  IndexLevel level;
  for (const Bytes& record : records) {
    if (record.size() > kIndexRecordBytesMax) {
      return fail(ErrorCode::exhausted, "output-limit", "record of an index");
    }
    level.keys.push_back({&record, 0});
  }
  if (level.keys.empty()) return put_index_page(file, {}, true, 0);
  bool leaf = true;
  while (!level.keys.empty()) {  // ends: each level has at most a fourth of the keys below
    HANGU_TRY(level, put_index_level(file, level, leaf));
    leaf = false;
  }
  return level.right;
}

// --- Schema table and header --------------------------------------------------------------------

namespace {

Bytes schema_record(const SchemaRow& row) {
  RecordWriter record;
  record.text(row.type).text(row.name).text(row.table).integer(row.root);
  if (row.sql.empty()) {
    record.null();
  } else {
    record.text(row.sql);
  }
  return record.whole();
}

void put_file_header(MutableByteView page, std::uint32_t pages, const SqliteIdentity& identity) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::ranges::copy(bytes_of(kMagic), page.begin());
  store_u16(page.subspan(16), kPage);
  page[18] = page[19] = std::byte{1};  // rollback journal
  page[21] = std::byte{64};
  page[22] = page[23] = std::byte{32};
  store_u32(page.subspan(24), 1);  // change counter
  store_u32(page.subspan(28), pages);
  store_u32(page.subspan(40), 1);  // schema cookie
  store_u32(page.subspan(44), 4);  // schema format
  store_u32(page.subspan(56), 1);  // UTF-8
  store_u32(page.subspan(60), identity.user_version);
  store_u32(page.subspan(68), identity.application_id);
  store_u32(page.subspan(92), 1);  // change counter for which the next is valid
  store_u32(page.subspan(96), kSqliteVersion);
}

}  // namespace

/// The schema table's root is page 1, which holds the file header too: its rows go to pages of
/// their own, and page 1 becomes their parent, when they do not fit there.
class SchemaTree {
 public:
  static Result<Bytes> first_page(PageFile& file, std::span<const SchemaRow> schema) {
    std::vector<Bytes> records;
    std::size_t bytes = 0;
    for (const SchemaRow& row : schema) {
      records.push_back(schema_record(row));
      bytes += records.back().size() + 2 * kVarintBytesMax + 2;
    }
    if (bytes <= kPage - kFileHeaderBytes - kLeafHeaderBytes) return leaf(records);
    TableTree tree(file);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const ByteView record(records[i]);
      HANGU_CHECK(tree.add(static_cast<std::int64_t>(i + 1), std::span(&record, 1)));
    }
    HANGU_CHECK(tree.flush_leaf());
    std::vector<TableTree::Child> level = std::move(tree.children_);
    while (level.size() > kRootChildrenMax) {
      HANGU_TRY(level, tree.put_level(level));
    }
    return interior(level);
  }

 private:
  static constexpr std::size_t kRootChildrenMax =
      (kPage - kFileHeaderBytes - kInteriorHeaderBytes) / 15;

  static Bytes leaf(const std::vector<Bytes>& records) {
    PageCells cells(kFileHeaderBytes, kLeafHeaderBytes);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const Varint length = varint(records[i].size());
      const Varint rowid = varint(i + 1);
      cells.add(std::array<ByteView, 3>{length.view(), rowid.view(), records[i]});
    }
    return cells.finish(kLeafTable);
  }

  static Bytes interior(const std::vector<TableTree::Child>& children) {
    PageCells cells(kFileHeaderBytes, kInteriorHeaderBytes);
    for (std::size_t i = 0; i + 1 < children.size(); ++i) {
      const auto page = u32_bytes(children[i].page);
      const Varint key = varint(static_cast<std::uint64_t>(children[i].last_rowid));
      cells.add(std::array<ByteView, 2>{page, key.view()});
    }
    return cells.finish(kInteriorTable, children.back().page);
  }
};

Result<std::uint64_t> finish_database(PageFile& file, std::span<const SchemaRow> schema,
                                      const SqliteIdentity& identity) {
  HANGU_TRY(Bytes first, SchemaTree::first_page(file, schema));
  put_file_header(first, file.pages(), identity);
  HANGU_TRY(const std::uint32_t pages, file.finish(first));
  return std::uint64_t{pages} * kPage;
}

}  // namespace hangu::geo
