#include "audit/verifier/journal_records.hpp"

#include <algorithm>
#include <array>

#include <botan/hash.h>

#include "audit/verifier/note.hpp"

namespace hangu_verify {
namespace {

constexpr char kStart = 1;
constexpr char kEntries = 2;
constexpr char kCommit = 3;
constexpr std::size_t kRecordBytesMax = std::size_t{2} << 20;
constexpr std::size_t kCommitNoteAt = 8 + 32 + 32;  ///< its length, behind size, root and hash
constexpr std::size_t kCommitBytesMin = kCommitNoteAt + 4 + 1;
constexpr std::size_t kCommitBytesMax = kCommitNoteAt + 4 + kNoteBytesMax;
/// What one write can leave.
constexpr std::size_t kTornBytesMax = 2 * kRecordHeaderBytes + kRecordBytesMax + kCommitBytesMax;
/// Places in it that look like a COMMIT and are none. One write leaves none but by chance.
constexpr std::size_t kLookAlikesMax = 16;
constexpr std::size_t kSectorBytes = 512;  ///< the least that a disk writes at once

/// CRC-32C (RFC 3720 §12.1), a byte at a time.
constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1) != 0 ? value >> 1 ^ 0x82f63b78 : value >> 1;
    table[i] = value;
  }
  return table;
}();

std::uint32_t crc_on(std::uint32_t crc, std::string_view bytes) {
  for (const char byte : bytes)
    crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return crc;
}

/// Reads big-endian numbers and texts from the front; after too few bytes it has failed.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const char byte : take(width)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view text() { return take(number(4)); }
  Hash hash() { return hash_from(take(sizeof(Hash))).value_or(Hash{}); }
  [[nodiscard]] bool ended_well() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view take(std::uint64_t count) {
    failed_ = failed_ || count > bytes_.size();
    if (failed_) return {};
    const std::string_view out = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return out;
  }
  std::string_view bytes_;
  bool failed_ = false;
};

std::uint32_t number_at(std::string_view bytes) {
  return static_cast<std::uint32_t>(Fields(bytes.substr(0, 4)).number(4));
}

bool all_zeros(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

/// A sector of an ENTRIES record at `offset` of the file that reads as zeros, which no entry holds.
/// Of the record's part of its first sector that tells only if its length does not begin so.
bool has_unwritten_sector(std::string_view record, std::uint64_t offset) {
  const std::size_t head =
      std::min<std::size_t>((kSectorBytes - offset % kSectorBytes) % kSectorBytes, record.size());
  const auto length = static_cast<std::uint32_t>(record.size() - kRecordHeaderBytes);
  std::string spelled;
  for (int shift = 24; shift >= 0; shift -= 8)
    spelled.push_back(static_cast<char>(length >> shift));
  if (all_zeros(record.substr(0, head)) &&
      !all_zeros(std::string_view(spelled).substr(0, std::min<std::size_t>(head, 4))))
    return true;
  for (std::size_t at = head; at + kSectorBytes <= record.size(); at += kSectorBytes)
    if (all_zeros(record.substr(at, kSectorBytes))) return true;
  return false;
}

}  // namespace

/// The payload of the whole record of `type` at `offset`, which goes on behind it.
std::optional<std::string_view> JournalRecords::record(char type, std::uint64_t& offset) const {
  const std::string_view rest = bytes_.substr(offset);
  if (rest.size() < kRecordHeaderBytes || rest[8] != type) return std::nullopt;
  const std::size_t length = number_at(rest);
  if (length > (type == kCommit ? kCommitBytesMax : kRecordBytesMax) ||
      length > rest.size() - kRecordHeaderBytes)
    return std::nullopt;
  const std::uint32_t crc = crc_on(crc_on(~0U, rest.substr(0, 4)), rest.substr(8, 1 + length));
  if (~crc != number_at(rest.substr(4))) return std::nullopt;
  offset += kRecordHeaderBytes + length;
  return rest.substr(kRecordHeaderBytes, length);
}

std::optional<JournalStart> JournalRecords::start() {
  const auto payload = record(kStart, offset_);
  if (!payload) return std::nullopt;
  Fields fields(*payload);
  JournalStart out;
  out.origin = fields.text();
  out.size = fields.number(8);
  out.root = fields.hash();
  out.previous = fields.hash();
  return fields.ended_well() ? std::optional(out) : std::nullopt;
}

std::optional<JournalBatch> JournalRecords::next() {
  std::uint64_t behind = offset_;
  const auto entries = record(kEntries, behind);
  const auto commit = entries ? record(kCommit, behind) : std::nullopt;
  if (!commit) return std::nullopt;
  JournalBatch out;
  Fields of_entries(*entries);
  out.first = of_entries.number(8);
  out.count = static_cast<std::uint32_t>(of_entries.number(4));
  out.bundle = of_entries.text();
  Fields of_commit(*commit);
  out.size = of_commit.number(8);
  out.root = of_commit.hash();
  out.previous = of_commit.hash();
  out.note = of_commit.text();
  if (!of_entries.ended_well() || !of_commit.ended_well()) return std::nullopt;
  const auto sha = Botan::HashFunction::create_or_throw("SHA-256");
  sha->update(octets(*commit).data(), commit->size());
  sha->final(out.commit.data());
  offset_ = behind;
  return out;
}

std::string_view JournalRecords::rest() const {
  const std::string_view behind = bytes_.substr(offset_);
  return behind.substr(0, behind.find_last_not_of('\0') + 1);  // npos + 1 is none
}

/// A header and the note's length in it agree: what can be said without reading all of it.
bool JournalRecords::looks_like_commit(std::uint64_t at) const {
  const std::string_view rest = bytes_.substr(at);
  if (rest[8] != kCommit) return false;
  const std::size_t length = number_at(rest);
  return length >= kCommitBytesMin && length <= kCommitBytesMax &&
         number_at(rest.substr(kRecordHeaderBytes + kCommitNoteAt)) + kCommitNoteAt + 4 == length;
}

bool JournalRecords::is_torn() const {
  if (left() > kTornBytesMax) return false;
  std::optional<std::uint64_t> begin;
  std::size_t look_alikes = 0;
  const std::uint64_t end = offset_ + left();
  for (std::uint64_t at = offset_; at + kRecordHeaderBytes + kCommitBytesMin <= end; ++at) {
    std::uint64_t behind = at;
    if (!looks_like_commit(at)) continue;
    if (!record(kCommit, behind)) {
      if (++look_alikes > kLookAlikesMax) return false;
      continue;
    }
    if (begin) return false;
    begin = at;
    at = behind - 1;
  }
  if (!begin) return true;
  return *begin > offset_ + kRecordHeaderBytes &&
         has_unwritten_sector(bytes_.substr(offset_, *begin - offset_), offset_);
}

}  // namespace hangu_verify
