#include "audit/journal.hpp"

#include <algorithm>
#include <charconv>

#include "audit/crc32c.hpp"
#include "audit/spare_segment.hpp"
#include "base/text.hpp"
#include "wire/codec.hpp"

namespace hangu::audit {
namespace {

enum class RecordType : std::uint8_t { start = 1, entries = 2, commit = 3 };

constexpr std::size_t kHeaderBytes = 9;
constexpr std::size_t kNameDigits = 20;
constexpr std::string_view kSuffix = ".wal";
constexpr std::array kNoSegments{kTemporaryName, kSpareName, kHalfSpareName};
/// A COMMIT is at least size, root, previous, and a note that is not empty.
constexpr std::size_t kCommitBytesMin = 8 + 32 + 32 + 4 + 1;
constexpr std::size_t kCommitBytesMax = kCommitBytesMin + kNoteBytesMax;
/// The least that a disk writes at once: a page that never reached it reads as zeros.
constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kScanBytes = std::size_t{1} << 20;  ///< of a segment, looked at in one piece

std::unexpected<Error> corrupt(std::string context) {
  return fail(ErrorCode::corrupt, "audit-journal-corrupt", std::move(context));
}

/// Appends a record whose payload is `begin` and `end`, one behind the other.
void add_record(Bytes& out, RecordType type, ByteView begin, ByteView end = {}) {
  const std::size_t length = begin.size() + end.size();
  HANGU_ASSERT(length <= kRecordBytesMax);
  std::array<std::byte, kHeaderBytes> header{};
  const MutableByteView view(header);
  store_u32(view, static_cast<std::uint32_t>(length));
  header[8] = static_cast<std::byte>(type);
  const std::uint32_t sum = crc32c(ByteView(header).subspan(8), crc32c(ByteView(header).first(4)));
  store_u32(view.subspan(4), crc32c(end, crc32c(begin, sum)));
  append(out, header);
  append(out, begin);
  append(out, end);
}

struct Header {
  std::size_t length;
  std::uint32_t checksum;
  std::byte type;
};

Header header_of(ByteView bytes) {
  return {.length = load_u32(bytes), .checksum = load_u32(bytes.subspan(4)), .type = bytes[8]};
}

bool intact(ByteView header, ByteView payload) {
  const std::uint32_t checksum =
      crc32c(payload, crc32c(header.subspan(8, 1), crc32c(header.first(4))));
  return checksum == load_u32(header.subspan(4));
}

/// The payload of the record of `type` at `offset`; nothing when none is intact there.
Result<std::optional<Bytes>> read_record(const File& file, std::uint64_t file_bytes,
                                         std::uint64_t offset, RecordType type) {
  if (offset + kHeaderBytes > file_bytes) return std::optional<Bytes>();
  Bytes header(kHeaderBytes);
  HANGU_CHECK(file.read_at(offset, header));
  const Header found = header_of(header);
  if (found.type != static_cast<std::byte>(type) || found.length > kRecordBytesMax ||
      offset + kHeaderBytes + found.length > file_bytes) {
    return std::optional<Bytes>();
  }
  Bytes payload(found.length);
  HANGU_CHECK(file.read_at(offset + kHeaderBytes, payload));
  if (!intact(header, payload)) return std::optional<Bytes>();
  return std::optional<Bytes>(std::move(payload));
}

Bytes start_bytes(const SegmentStart& start) {
  wire::Writer w;
  w.text(start.origin).u64(start.head.size).raw(start.head.root).raw(start.previous);
  return std::move(w).take();
}

Hash read_hash(wire::Reader& r) {
  Hash hash{};
  const ByteView bytes = r.raw(hash.size());
  if (!r.failed()) std::ranges::copy(bytes, hash.begin());
  return hash;
}

Result<SegmentStart> parse_start(ByteView payload) {
  wire::Reader r(payload);
  SegmentStart start;
  start.origin = r.text(kOriginBytesMax);
  start.head.size = r.u64();
  start.head.root = read_hash(r);
  start.previous = read_hash(r);
  HANGU_CHECK(r.finish());
  return start;
}

/// Where a record stands in some bytes.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The first intact COMMIT anywhere in `bytes` (framing is lost, so every offset counts).
std::optional<Span> find_commit(ByteView bytes) {
  for (std::size_t at = 0; at + kHeaderBytes + kCommitBytesMin <= bytes.size(); ++at) {
    const ByteView header = bytes.subspan(at, kHeaderBytes);
    if (header[8] != static_cast<std::byte>(RecordType::commit)) continue;
    const std::size_t length = header_of(header).length;
    if (length < kCommitBytesMin || length > kCommitBytesMax ||
        at + kHeaderBytes + length > bytes.size()) {
      continue;
    }
    if (intact(header, bytes.subspan(at + kHeaderBytes, length)))
      return Span{.begin = at, .end = at + kHeaderBytes + length};
  }
  return std::nullopt;
}

bool all_zeros(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

/// True when a sector of an ENTRIES record was never written: `bytes` of the file from `offset` on,
/// as long as the record should be. Such a sector reads as zeros, which no entry holds; the first
/// may begin before the record, and then its part of it counts if the record does not begin with
/// zeros (of its length).
bool has_unwritten_sector(ByteView bytes, std::uint64_t offset) {
  std::array<std::byte, 4> length{};
  store_u32(length, static_cast<std::uint32_t>(bytes.size() - kHeaderBytes));
  std::size_t at =
      std::min(static_cast<std::size_t>((kSectorBytes - offset % kSectorBytes) % kSectorBytes),
               bytes.size());
  if (all_zeros(bytes.first(at)) &&
      !all_zeros(ByteView(length).first(std::min(at, length.size())))) {
    return true;
  }
  for (; at + kSectorBytes <= bytes.size(); at += kSectorBytes)
    if (all_zeros(bytes.subspan(at, kSectorBytes))) return true;
  // The last may end with the beginning of the COMMIT, which is intact: it was written.
  return false;
}

}  // namespace

Bytes Commit::to_bytes() const {
  wire::Writer w;
  w.u64(head.size).raw(head.root).raw(previous).text(note);
  return std::move(w).take();
}

Result<Commit> Commit::parse(ByteView payload) {
  wire::Reader r(payload);
  Commit commit;
  commit.head.size = r.u64();
  commit.head.root = read_hash(r);
  commit.previous = read_hash(r);
  commit.note = r.text(kNoteBytesMax);
  HANGU_CHECK(r.finish());
  return commit;
}

Hash Commit::hash() const { return crypto::hash(crypto::HashAlgorithm::sha256, to_bytes()); }

std::string segment_name(std::uint64_t first) {
  const std::string digits = std::to_string(first);
  return std::string(kNameDigits - digits.size(), '0') + digits + std::string(kSuffix);
}

Result<std::vector<std::uint64_t>> list_segments(const Folder& journal) {
  HANGU_TRY(const std::vector<std::string> names, journal.names(kSegmentsMax));
  std::vector<std::uint64_t> firsts;
  for (const std::string& name : names) {
    if (std::ranges::find(kNoSegments, name) != kNoSegments.end()) continue;
    std::uint64_t first = 0;
    const char* const end = name.data() + std::min(name.size(), kNameDigits);
    const auto [stop, problem] = std::from_chars(name.data(), end, first);
    if (problem != std::errc{} || stop != end || segment_name(first) != name) {
      return fail(ErrorCode::corrupt, "audit-journal-stray", printable(name));
    }
    firsts.push_back(first);
  }
  return firsts;
}

Done remove_unfinished(const Folder& journal) {
  for (const char* name : kNoSegments) HANGU_CHECK(journal.remove(name));
  return {};
}

Result<JournalReader> JournalReader::open(const Folder& journal, std::uint64_t first) {
  HANGU_TRY(std::unique_ptr<File> file, journal.open_read(segment_name(first)));
  JournalReader reader(std::move(file));
  HANGU_TRY(const std::uint64_t bytes, reader.file_bytes());
  HANGU_TRY(const std::optional<Bytes> payload,
            read_record(*reader.file_, bytes, 0, RecordType::start));
  if (!payload) return corrupt(segment_name(first) + ": no intact start");
  HANGU_TRY(reader.start_, parse_start(*payload));
  if (reader.start_.head.size != first) return corrupt(segment_name(first) + ": another's start");
  reader.offset_ = kHeaderBytes + payload->size();
  return reader;
}

Result<std::optional<Batch>> JournalReader::next() {
  HANGU_TRY(const std::uint64_t bytes, file_bytes());
  HANGU_TRY(const std::optional<Bytes> entries,
            read_record(*file_, bytes, offset_, RecordType::entries));
  if (!entries) return std::optional<Batch>();
  const std::uint64_t behind = offset_ + kHeaderBytes + entries->size();
  HANGU_TRY(const std::optional<Bytes> commit,
            read_record(*file_, bytes, behind, RecordType::commit));
  if (!commit) return std::optional<Batch>();
  Batch batch;
  wire::Reader r(*entries);
  batch.first = r.u64();
  batch.count = r.count(kBatchEntriesMax);
  batch.bundle = to_bytes(r.counted(kRecordBytesMax));
  HANGU_CHECK(r.finish());
  HANGU_TRY(batch.commit, Commit::parse(*commit));
  offset_ = behind + kHeaderBytes + commit->size();
  return std::optional<Batch>(std::move(batch));
}

/// Behind the last byte that is not zero, from offset() on.
Result<std::uint64_t> JournalReader::content_end() const {
  HANGU_TRY(const std::uint64_t bytes, file_bytes());
  std::uint64_t end = offset_;
  Bytes part;
  for (std::uint64_t at = offset_; at < bytes; at += part.size()) {
    part.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kScanBytes, bytes - at)));
    HANGU_CHECK(file_->read_at(at, part));
    const auto last =
        std::find_if(part.rbegin(), part.rend(), [](std::byte b) { return b != std::byte{0}; });
    if (last != part.rend()) end = at + static_cast<std::uint64_t>(part.rend() - last);
  }
  return end;
}

Result<Remainder> JournalReader::remainder() const {
  HANGU_TRY(const std::uint64_t end, content_end());
  const std::uint64_t bytes = end - offset_;
  const auto found = [&](Remainder::Kind kind) { return Remainder{.kind = kind, .bytes = bytes}; };
  if (bytes == 0) return found(Remainder::Kind::none);
  if (bytes > 2 * kSegmentBytesMax) return found(Remainder::Kind::corrupt);
  Bytes rest(static_cast<std::size_t>(bytes));
  HANGU_CHECK(file_->read_at(offset_, rest));
  const std::optional<Span> commit = find_commit(rest);
  if (!commit) return found(Remainder::Kind::torn);
  // A power cut may persist the pages of one unfinished write in any order: the last COMMIT can be
  // there while a page of its ENTRIES never was. Nothing follows then, since a later batch is
  // written only after this one was synced.
  const ByteView rest_view(rest);
  const bool last = !find_commit(rest_view.subspan(commit->end));
  if (last && commit->begin > kHeaderBytes &&
      has_unwritten_sector(rest_view.first(commit->begin), offset_)) {
    return found(Remainder::Kind::torn);
  }
  return found(Remainder::Kind::corrupt);
}

Result<Journal> Journal::begin(const Folder& journal, SegmentStart start,
                               std::uint64_t segment_bytes_max) {
  HANGU_TRY(std::unique_ptr<Folder> folder, journal.again());
  Bytes head;
  add_record(head, RecordType::start, start_bytes(start));
  const std::string name = segment_name(start.head.size);
  HANGU_TRY(const bool spare, folder->has(kSpareName));
  const char* const beginning = spare ? kSpareName : kTemporaryName;
  HANGU_TRY(std::unique_ptr<File> file,
            spare ? folder->open_write(beginning) : folder->create(beginning));
  HANGU_CHECK(file->write_at(0, head));
  HANGU_CHECK(file->sync_all());
  HANGU_CHECK(folder->link(beginning, name));
  HANGU_CHECK(folder->remove(beginning));
  HANGU_CHECK(folder->sync());
  Journal begun(std::move(folder), std::move(file), head.size(), std::move(start),
                segment_bytes_max);
  begun.in_spare_ = spare;
  return begun;
}

Result<Journal> Journal::resume(const Folder& journal, const SegmentEnd& end, SegmentStart now,
                                std::uint64_t segment_bytes_max) {
  HANGU_TRY(std::unique_ptr<Folder> folder, journal.again());
  HANGU_TRY(std::unique_ptr<File> file, folder->open_write(segment_name(end.first)));
  HANGU_TRY(const std::uint64_t bytes, file->size());
  if (bytes > end.offset) HANGU_CHECK(file->cut(end.offset));
  Bytes last(static_cast<std::size_t>(end.offset - end.last_batch));
  HANGU_CHECK(file->read_at(end.last_batch, last));
  HANGU_CHECK(file->write_at(end.last_batch, last));
  // What an earlier process wrote must be on the disk before it counts, the segment's name too.
  HANGU_CHECK(file->sync_all());
  HANGU_CHECK(folder->sync());
  return Journal(std::move(folder), std::move(file), end.offset, std::move(now), segment_bytes_max);
}

/// Whether a segment is to be begun.
Result<bool> Journal::is_due() const {
  if (offset_ >= segment_bytes_max_) return true;
  if (in_spare_ || offset_ < spare_from(segment_bytes_max_)) return false;
  return folder_->has(kSpareName);
}

Done Journal::rotate() {
  HANGU_TRY(Journal next, begin(*folder_, now_, segment_bytes_max_));
  file_ = std::move(next.file_);
  offset_ = next.offset_;
  in_spare_ = next.in_spare_;
  return {};
}

Done Journal::append(std::uint64_t first, std::size_t count, ByteView bundle,
                     const Commit& commit) {
  if (dead_) return fail(ErrorCode::corrupt, "audit-dead");
  HANGU_ASSERT(first == now_.head.size);
  HANGU_ASSERT(commit.previous == now_.previous && commit.head.size == first + count);
  dead_ = true;  // until all of this succeeded
  HANGU_TRY(const bool due, is_due());
  if (due) HANGU_CHECK(rotate());
  wire::Writer entries;
  entries.u64(first).count(count).u32(static_cast<std::uint32_t>(bundle.size()));
  const Bytes end = commit.to_bytes();
  out_.clear();  // its memory stays: fresh pages cost as much as filling them
  add_record(out_, RecordType::entries, entries.bytes(), bundle);
  add_record(out_, RecordType::commit, end);
  HANGU_CHECK(file_->write_at(offset_, out_));
  HANGU_CHECK(file_->sync_data());
  offset_ += out_.size();
  now_.head = commit.head;
  now_.previous = crypto::hash(crypto::HashAlgorithm::sha256, end);
  dead_ = false;
  return {};
}

}  // namespace hangu::audit
