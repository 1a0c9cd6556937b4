#include "check/sqlite_pages.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "check/limits.hpp"

namespace hangu::check {
namespace {

constexpr std::size_t kHeaderBytes = 100;
constexpr std::uint64_t kLockByte = std::uint64_t{1} << 30;
constexpr std::uint32_t kUtf8 = 1;
constexpr std::uint32_t kSchemaFormat = 4;

std::unexpected<Error> wrong(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

std::string page_name(std::uint64_t number) { return "page " + std::to_string(number); }

}  // namespace

std::optional<Varint> read_varint(ByteView at) {
  Varint out;
  while (out.bytes < 9) {
    if (out.bytes == at.size()) return std::nullopt;
    const auto byte = std::to_integer<std::uint64_t>(at[out.bytes]);
    ++out.bytes;
    if (out.bytes == 9) {
      // Nine bytes are for values that do not fit 56 bits.
      if (out.value >> 48 == 0) return std::nullopt;
      out.value = out.value << 8 | byte;
      return out;
    }
    out.value = out.value << 7 | (byte & 0x7f);
    if (byte < 0x80) {
      const bool shortest = out.bytes == 1 || out.value >> (7 * (out.bytes - 1)) != 0;
      return shortest ? std::optional(out) : std::nullopt;
    }
  }
  return std::nullopt;
}

Result<SqlitePages> SqlitePages::open(const ByteSource& source) {
  std::array<std::byte, kHeaderBytes> raw;
  if (source.size() < kHeaderBytes) return wrong("sqlite-header", "short");
  HANGU_CHECK(source.read_at(0, raw));
  const ByteView head(raw);
  const auto u8 = [&](std::size_t at) { return std::to_integer<unsigned>(head[at]); };
  const auto u16 = [&](std::size_t at) { return u8(at) << 8 | u8(at + 1); };
  const auto u32 = [&](std::size_t at) { return load_u32(head.subspan(at)); };

  if (!text_of(head).starts_with(std::string_view("SQLite format 3\0", 16))) {
    return wrong("sqlite-header", "mark");
  }
  SqliteHeader out;
  out.page_bytes = u16(16) == 1 ? 65'536 : u16(16);
  if (out.page_bytes < 512 || !std::has_single_bit(out.page_bytes)) {
    return wrong("sqlite-header", "page size");
  }
  if (u8(18) != 1 || u8(19) != 1) return wrong("sqlite-journal-mode", "not a rollback journal");
  if (u8(20) != 0) return wrong("sqlite-header", "reserved space");
  if (u8(21) != 64 || u8(22) != 32 || u8(23) != 32) return wrong("sqlite-header", "fractions");
  if (source.size() % out.page_bytes != 0) return wrong("sqlite-header", "file is not whole pages");
  const std::uint64_t pages = source.size() / out.page_bytes;
  if (pages > kSqlitePagesMax) return fail(ErrorCode::exhausted, "sqlite-limit", "pages");
  if (u32(28) != pages) return wrong("sqlite-header", "count of pages");
  out.pages = static_cast<std::uint32_t>(pages);
  out.change_counter = u32(24);
  if (u32(92) != out.change_counter) return wrong("sqlite-header", "change counter");
  if (u32(32) != 0 || u32(36) != 0) return wrong("sqlite-free-pages", std::to_string(u32(36)));
  out.schema_cookie = u32(40);
  if (u32(44) != kSchemaFormat) return wrong("sqlite-header", "schema format");
  if (u32(48) != 0) return wrong("sqlite-header", "cache size");
  if (u32(52) != 0 || u32(64) != 0) return wrong("sqlite-header", "auto-vacuum");
  if (u32(56) != kUtf8) return wrong("sqlite-header", "text encoding");
  out.user_version = u32(60);
  out.application_id = u32(68);
  if (!all_zero(head.subspan(72, 20))) return wrong("sqlite-header", "reserved bytes");
  out.library_version = u32(96);
  return SqlitePages(source, out);
}

std::uint64_t SqlitePages::lock_page() const { return kLockByte / header_.page_bytes + 1; }

Result<Bytes> SqlitePages::take(std::uint64_t number) {
  if (number == 0 || number > header_.pages || number == lock_page()) {
    return wrong("sqlite-page", "no " + page_name(number));
  }
  if (taken_[static_cast<std::size_t>(number)])
    return wrong("sqlite-page-twice", page_name(number));
  taken_[static_cast<std::size_t>(number)] = true;
  Bytes page(header_.page_bytes);
  HANGU_CHECK(source_->read_at((number - 1) * header_.page_bytes, page));
  return page;
}

Done SqlitePages::finish() const {
  for (std::uint64_t number = 1; number <= header_.pages; ++number) {
    if (taken_[static_cast<std::size_t>(number)]) continue;
    if (number != lock_page()) return wrong("sqlite-page-unreferenced", page_name(number));
    HANGU_TRY(const bool zero,
              source_->is_zero((number - 1) * header_.page_bytes, header_.page_bytes));
    if (!zero) return wrong("sqlite-residue", page_name(number));
  }
  return {};
}

// --- Payload ------------------------------------------------------------------------------------

Done SqlitePayload::advance(std::uint64_t bytes, std::byte* out) {
  if (bytes > left_) return wrong("sqlite-record", "longer than its payload");
  left_ -= bytes;
  while (bytes > 0) {
    if (here_.empty()) {
      if (next_ == 0) return wrong("sqlite-overflow", "chain ends early");
      HANGU_TRY(page_, pages_.take(next_));
      ++used_;
      next_ = load_u32(page_);
      here_ = ByteView(page_).subspan(4);
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, here_.size()));
    if (out != nullptr) out = std::ranges::copy(here_.first(n), out).out;
    here_ = here_.subspan(n);
    bytes -= n;
  }
  return {};
}

Done SqlitePayload::read(MutableByteView out) { return advance(out.size(), out.data()); }
Done SqlitePayload::skip(std::uint64_t bytes) { return advance(bytes, nullptr); }

Result<std::uint64_t> SqlitePayload::finish() const {
  if (left_ != 0) return wrong("sqlite-record", "bytes after its values");
  if (next_ != 0) return wrong("sqlite-overflow", "chain goes on");
  if (!all_zero(here_)) return wrong("sqlite-residue", "end of an overflow page");
  return used_;
}

}  // namespace hangu::check
