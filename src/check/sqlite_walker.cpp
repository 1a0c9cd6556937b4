#include "check/sqlite_walker.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "check/limits.hpp"
#include "check/sqlite_pages.hpp"

namespace hangu::check {
namespace {

enum PageType : unsigned {
  kInteriorIndex = 2,
  kInteriorTable = 5,
  kLeafIndex = 10,
  kLeafTable = 13,
};

constexpr std::size_t kFileHeaderBytes = 100;
constexpr std::size_t kCellBytesMin = 4;
constexpr double kWholeRealMax = 140'737'488'355'327;  ///< 2^47 - 1

std::unexpected<Error> wrong(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

/// A part of a page that is in use, or a free block.
struct Span {
  std::size_t begin;
  std::size_t end;
};

/// One value of a record, as far as the schema table needs it.
struct SchemaValue {
  std::optional<std::int64_t> integer;
  std::optional<std::string> text;
};

/// TreeWalk goes through one b-tree, page by page, record by record.
class TreeWalk {
 public:
  TreeWalk(SqlitePages& pages, std::uint32_t root, bool index)
      : pages_(pages), usable_(pages.header().page_bytes), index_(index) {
    tree_.root = root;
  }

  /// Keeps the values of each record; for the schema table, whose records are bounded.
  void keep_values(std::vector<std::vector<SchemaValue>>* kept) { kept_ = kept; }

  Result<SqliteTree> whole() {
    HANGU_CHECK(page(tree_.root, 1));
    return std::move(tree_);
  }
  [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }

 private:
  [[nodiscard]] std::unexpected<Error> bad(std::string_view reason, std::uint64_t number,
                                           std::string_view what) const {
    return wrong(reason, "page " + std::to_string(number) + ": " + std::string(what));
  }

  Done page(std::uint32_t number, unsigned depth) {
    if (depth > kSqliteDepthMax) return fail(ErrorCode::exhausted, "sqlite-limit", "depth");
    HANGU_TRY(const Bytes bytes, pages_.take(number));
    ++tree_.pages;
    const ByteView page(bytes);
    const std::size_t head = number == 1 ? kFileHeaderBytes : 0;
    const auto u8 = [&](std::size_t at) { return std::to_integer<unsigned>(page[at]); };
    const auto u16 = [&](std::size_t at) -> std::size_t { return u8(at) << 8 | u8(at + 1); };

    const unsigned type = u8(head);
    const bool leaf = type == kLeafTable || type == kLeafIndex;
    const bool right_kind = index_ ? type == kLeafIndex || type == kInteriorIndex
                                   : type == kLeafTable || type == kInteriorTable;
    if (!right_kind) return bad("sqlite-page", number, "type");
    if (leaf) {
      if (leaf_depth_ != 0 && leaf_depth_ != depth) return bad("sqlite-depth", number, "leaf");
      leaf_depth_ = depth;
    }
    const std::size_t cells = u16(head + 3);
    const std::size_t pointers = head + (leaf ? 8 : 12);
    if (pointers + 2 * cells > usable_) return bad("sqlite-page", number, "count of cells");
    // SQLite keeps a page below the root only while it holds something.
    if (cells == 0 && (leaf ? depth > 1 : number != 1)) return bad("sqlite-page", number, "empty");

    std::vector<Span> spans;
    for (std::size_t i = 0; i < cells; ++i) {
      const std::size_t at = u16(pointers + 2 * i);
      if (at < pointers + 2 * cells || at + kCellBytesMin > usable_) {
        return bad("sqlite-page", number, "cell pointer");
      }
      HANGU_TRY(const std::size_t length, cell(number, page, at, leaf, depth));
      spans.push_back({at, at + length});
    }
    HANGU_CHECK(space(number, page, head, pointers + 2 * cells, std::move(spans)));
    return leaf ? Done() : this->page(load_u32(page.subspan(head + 8)), depth + 1);
  }

  // --- Free space

  /// Everything between the cells is free, said to be so, and zero.
  Done space(std::uint32_t number, ByteView page, std::size_t head, std::size_t pointers_end,
             std::vector<Span> spans) {
    const auto u8 = [&](std::size_t at) { return std::to_integer<unsigned>(page[at]); };
    const auto u16 = [&](std::size_t at) -> std::size_t { return u8(at) << 8 | u8(at + 1); };
    const std::size_t stated = u16(head + 5);
    const std::size_t content = stated == 0 ? 65'536 : stated;
    if (content < pointers_end || content > usable_) return bad("sqlite-page", number, "content");

    std::size_t before = 0;
    for (std::size_t at = u16(head + 1); at != 0; at = u16(at)) {  // ends: rising within the page
      if (at < content || at <= before || at + 4 > usable_) {
        return bad("sqlite-page", number, "free block");
      }
      before = at;
      const std::size_t length = u16(at + 2);
      if (length < 4 || at + length > usable_) return bad("sqlite-page", number, "free block");
      if (!all_zero(page.subspan(at + 4, length - 4))) {
        return bad("sqlite-residue", number, "free block");
      }
      spans.push_back({at, at + length});
      free_bytes_ += length - 4;
    }

    std::ranges::sort(spans, {}, &Span::begin);
    if (!all_zero(page.subspan(pointers_end, content - pointers_end))) {
      return bad("sqlite-residue", number, "unallocated space");
    }
    free_bytes_ += content - pointers_end;
    std::size_t reached = content;
    std::size_t fragments = 0;
    spans.push_back({usable_, usable_});
    for (const Span& span : spans) {
      if (span.begin < reached || span.end > usable_) {
        return bad("sqlite-page", number, "cells overlap");
      }
      if (!all_zero(page.subspan(reached, span.begin - reached))) {
        return bad("sqlite-residue", number, "between cells");
      }
      fragments += span.begin - reached;
      reached = span.end;
    }
    if (fragments != u8(head + 7)) return bad("sqlite-page", number, "fragments");
    free_bytes_ += fragments;
    return {};
  }

  // --- Cells

  /// Reads one cell (and, in an interior page, the child before it); its length in the page.
  Result<std::size_t> cell(std::uint32_t number, ByteView page, std::size_t at, bool leaf,
                           unsigned depth) {
    std::size_t next = at;
    if (!leaf) {
      HANGU_CHECK(this->page(load_u32(page.subspan(at)), depth + 1));
      next += 4;
    }
    if (!leaf && !index_) {
      const auto key = read_varint(page.subspan(next));
      if (!key) return bad("sqlite-cell", number, "key");
      // The key is the largest of the child's.
      if (!any_rowid_ || static_cast<std::int64_t>(key->value) != tree_.last_rowid) {
        return bad("sqlite-key-order", number, "key of a child");
      }
      return std::max(next + key->bytes - at, kCellBytesMin);
    }
    const auto length = read_varint(page.subspan(next));
    if (!length) return bad("sqlite-cell", number, "length");
    next += length->bytes;
    if (length->value > kSqliteRecordBytesMax) {
      return fail(ErrorCode::exhausted, "sqlite-limit", "bytes of a record");
    }
    if (!index_) {
      const auto rowid = read_varint(page.subspan(next));
      if (!rowid) return bad("sqlite-cell", number, "rowid");
      next += rowid->bytes;
      HANGU_CHECK(take_rowid(number, static_cast<std::int64_t>(rowid->value)));
    }
    const std::size_t local = local_bytes(length->value);
    const bool spills = local < length->value;
    if (local + (spills ? 4 : 0) > usable_ - next) return bad("sqlite-cell", number, "too long");
    const std::uint32_t overflow = spills ? load_u32(page.subspan(next + local)) : 0;
    if (spills && overflow == 0) return bad("sqlite-overflow", number, "no first page");
    SqlitePayload payload(pages_, length->value, page.subspan(next, local), overflow);
    if (auto good = record(payload); !good) {
      return std::unexpected(good.error().within("page " + std::to_string(number)));
    }
    next += local + (spills ? 4 : 0);
    // A cell takes four bytes at least; those after its end are zero.
    const std::size_t used = next - at;
    if (used >= kCellBytesMin) return used;
    if (!all_zero(page.subspan(next, kCellBytesMin - used))) {
      return bad("sqlite-residue", number, "short cell");
    }
    return kCellBytesMin;
  }

  Done take_rowid(std::uint32_t number, std::int64_t rowid) {
    if (any_rowid_ && rowid <= tree_.last_rowid) return bad("sqlite-key-order", number, "rowid");
    if (!any_rowid_) tree_.first_rowid = rowid;
    any_rowid_ = true;
    tree_.last_rowid = rowid;
    return {};
  }

  /// Bytes of a payload that stay in the cell: section 1.6 of the format.
  [[nodiscard]] std::size_t local_bytes(std::uint64_t length) const {
    const std::size_t usable = usable_;
    const std::size_t most = index_ ? (usable - 12) * 64 / 255 - 23 : usable - 35;
    if (length <= most) return static_cast<std::size_t>(length);
    const std::size_t least = (usable - 12) * 32 / 255 - 23;
    const auto fitted = least + static_cast<std::size_t>((length - least) % (usable - 4));
    return fitted <= most ? fitted : least;
  }

  // --- Records

  Done record(SqlitePayload& payload) {
    HANGU_CHECK(read_types(payload));
    if (tree_.records == 0) {
      tree_.columns_min = tree_.columns_max = types_.size();
      tree_.always_null.assign(types_.size(), true);
    }
    tree_.columns_min = std::min(tree_.columns_min, types_.size());
    tree_.columns_max = std::max(tree_.columns_max, types_.size());
    tree_.always_null.resize(tree_.columns_max, false);
    ++tree_.records;
    std::vector<SchemaValue> values;
    for (std::size_t column = 0; column < types_.size(); ++column) {
      if (types_[column] != 0) tree_.always_null[column] = false;
      HANGU_TRY(SchemaValue value, read_value(payload, types_[column]));
      if (kept_ != nullptr) values.push_back(std::move(value));
    }
    if (kept_ != nullptr) {
      if (kept_->size() == kSqliteTreesMax) {
        return fail(ErrorCode::exhausted, "sqlite-limit", "objects of the schema");
      }
      kept_->push_back(std::move(values));
    }
    HANGU_TRY(const std::uint64_t overflow_pages, payload.finish());
    tree_.pages += overflow_pages;
    return {};
  }

  /// The record's header: its own length, then the type of each value.
  Done read_types(SqlitePayload& payload) {
    types_.clear();
    std::uint64_t header_left = 0;
    HANGU_TRY(const Varint length, varint(payload));
    if (length.value < length.bytes || length.value - length.bytes > payload.left()) {
      return wrong("sqlite-record", "length of its header");
    }
    header_left = length.value - length.bytes;
    while (header_left > 0) {
      HANGU_TRY(const Varint type, varint(payload));
      if (type.bytes > header_left) return wrong("sqlite-record", "header");
      header_left -= type.bytes;
      if (type.value == 10 || type.value == 11) return wrong("sqlite-record", "reserved type");
      if (types_.size() == kSqliteColumnsMax) {
        return fail(ErrorCode::exhausted, "sqlite-limit", "columns");
      }
      types_.push_back(type.value);
    }
    return {};
  }

  static Result<Varint> varint(SqlitePayload& payload) {
    std::array<std::byte, 9> bytes;
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      HANGU_CHECK(payload.read(MutableByteView(bytes).subspan(n, 1)));
      const bool last = n == 8 || std::to_integer<unsigned>(bytes[n]) < 0x80;
      if (!last) continue;
      const auto value = read_varint(ByteView(bytes).first(n + 1));
      if (!value) break;
      return *value;
    }
    return wrong("sqlite-record", "number that is longer than it must be");
  }

  Result<SchemaValue> read_value(SqlitePayload& payload, std::uint64_t type) {
    SchemaValue out;
    if (type >= 12) {
      const std::uint64_t length = (type - 12) / 2;
      if (kept_ == nullptr || type % 2 == 0) {
        HANGU_CHECK(payload.skip(length));
        return out;
      }
      if (length > kSqliteTextBytesMax) {
        return fail(ErrorCode::exhausted, "sqlite-limit", "text of the schema");
      }
      Bytes text(static_cast<std::size_t>(length));
      HANGU_CHECK(payload.read(text));
      out.text = text_of(text);
      return out;
    }
    if (type == 0) return out;
    if (type >= 8) {
      out.integer = static_cast<std::int64_t>(type - 8);
      return out;
    }
    constexpr std::array<std::size_t, 8> kBytes = {0, 1, 2, 3, 4, 6, 8, 8};
    std::array<std::byte, 8> bytes;
    const MutableByteView raw = MutableByteView(bytes).first(kBytes[type]);
    HANGU_CHECK(payload.read(raw));
    if (type == 7) {
      // SQLite reads a NaN as null, whatever its bits say, and keeps a whole number of a REAL
      // column as an integer.
      const double real = std::bit_cast<double>(load_u64(bytes));
      if (std::isnan(real)) return wrong("sqlite-record", "NaN");
      if (std::abs(real) <= kWholeRealMax && std::trunc(real) == real) {
        return wrong("sqlite-record", "real that is an integer");
      }
      return out;
    }
    HANGU_TRY(out.integer, integer(raw, type));
    return out;
  }

  /// A two's-complement integer of the one size that it needs.
  static Result<std::int64_t> integer(ByteView raw, std::uint64_t type) {
    std::uint64_t bits = (std::to_integer<unsigned>(raw[0]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (const std::byte b : raw) bits = bits << 8 | std::to_integer<std::uint64_t>(b);
    const auto value = static_cast<std::int64_t>(bits);
    constexpr std::array<unsigned, 7> kBits = {0, 8, 16, 24, 32, 48, 64};
    bool needed = value < 0 || value > 1;
    if (type > 1) {
      const std::int64_t bound = std::int64_t{1} << (kBits[type - 1] - 1);
      needed = value >= bound || value < -bound;
    }
    if (!needed) return wrong("sqlite-record", "integer that is longer than it must be");
    return value;
  }

  SqlitePages& pages_;
  std::size_t usable_;
  bool index_;
  SqliteTree tree_;
  std::vector<std::vector<SchemaValue>>* kept_ = nullptr;
  std::vector<std::uint64_t> types_;
  unsigned leaf_depth_ = 0;
  bool any_rowid_ = false;
  std::uint64_t free_bytes_ = 0;
};

Result<SqliteObject> object_of(const std::vector<SchemaValue>& row) {
  if (row.size() != 5 || !row[0].text || !row[1].text || !row[2].text || row[3].text) {
    return wrong("sqlite-schema-table", "columns");
  }
  const std::int64_t root = row[3].integer.value_or(0);
  if (root < 0 || root > INT64_C(0xffff'ffff)) return wrong("sqlite-schema-table", "root page");
  return SqliteObject{*row[0].text, *row[1].text, *row[2].text, static_cast<std::uint32_t>(root),
                      row[4].text.value_or(std::string())};
}

}  // namespace

const SqliteTree* SqliteLayout::find(std::uint32_t root) const {
  const auto found = std::ranges::find(trees, root, &SqliteTree::root);
  return found == trees.end() ? nullptr : &*found;
}

Result<SqliteLayout> walk_sqlite(const ByteSource& source) {
  HANGU_TRY(SqlitePages pages, SqlitePages::open(source));
  SqliteLayout layout;
  layout.header = pages.header();
  std::vector<std::vector<SchemaValue>> rows;
  TreeWalk schema(pages, 1, false);
  schema.keep_values(&rows);
  HANGU_TRY(SqliteTree schema_tree, schema.whole());
  layout.trees.push_back(std::move(schema_tree));
  layout.free_bytes = schema.free_bytes();
  for (const auto& row : rows) {
    HANGU_TRY(SqliteObject object, object_of(row));
    if (object.root != 0) {
      TreeWalk walk(pages, object.root, object.type == "index");
      Result<SqliteTree> tree = walk.whole();
      if (!tree) return std::unexpected(tree.error().within(object.type));
      layout.trees.push_back(*std::move(tree));
      layout.free_bytes += walk.free_bytes();
    }
    layout.objects.push_back(std::move(object));
  }
  HANGU_CHECK(pages.finish());
  return layout;
}

}  // namespace hangu::check
