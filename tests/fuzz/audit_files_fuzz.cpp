// The files of a log that nobody vouches for: bundles, hash tiles, journal segments of any bytes.
// The first byte of an input says what it is:
//   0  a count (one byte, less one) and a bundle
//   1  a size (two bytes) and tiles: what is read from them is a proof that verifies, or an error
//   2  a segment of the journal: batches whose bytes add up, and a verdict on what follows
//   3  a count and a bundle, as a copy of a log: the target signs the checkpoint, so that fuzzing
//      gets behind the signature
//   4  records of the journal (type, two bytes of length, payload), which the target frames

#include <algorithm>

#include "audit/crc32c.hpp"
#include "audit/journal.hpp"
#include "audit/reading/log_reader.hpp"
#include "audit/witness/published_proof.hpp"
#include "base/text.hpp"
#include "tests/fuzz/memory_folder.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/audit/support.hpp"

namespace {

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::test;

void try_bundle(ByteView input) {
  if (input.empty()) return;
  const std::size_t count = 1 + std::to_integer<std::size_t>(input[0]);
  const ByteView bundle = input.subspan(1);
  const auto entries = parse_bundle(bundle, count);
  if (!entries) return;
  fuzz::must_hold(entries->size() == count);
  Bytes again;
  for (const ByteView entry : *entries) append_to_bundle(again, entry);
  fuzz::must_hold(equal(again, bundle));
}

void try_tiles(ByteView input) {
  if (input.size() < 2) return;
  const std::uint64_t size = 1 + (std::to_integer<std::uint64_t>(input[0]) << 8U) +
                             std::to_integer<std::uint64_t>(input[1]);
  input = input.subspan(2);
  fuzz::MemoryFolder folder;
  for (unsigned level = 0; level < 2; ++level) {
    const std::uint64_t hashes = hashes_at(size, level);
    for (std::uint64_t number = 0; number * kTileWidth < hashes && !input.empty(); ++number) {
      const auto width = static_cast<std::size_t>(
          std::min<std::uint64_t>(hashes - number * kTileWidth, kTileWidth));
      const std::size_t bytes = std::min(width * sizeof(Hash), input.size());
      folder.put(Tile{.level = level, .number = number, .width = width}.path(), input.first(bytes));
      input = input.subspan(bytes);
    }
  }
  const PublishedTiles tree(folder, size);
  const auto root = root_of(tree, size);
  if (!root) return;
  const TreeHead head{.size = size, .root = *root};
  for (const std::uint64_t first : {std::uint64_t{1}, size / 2, size - 1, size}) {
    if (first == 0) continue;
    const auto path = published_consistency(folder, first, head);
    const auto first_root = root_of(tree, first);
    if (path && first_root)
      fuzz::must_hold(
          verify_consistency({.size = first, .root = *first_root}, head, *path).has_value());
  }
}

void try_journal(ByteView input) {
  fuzz::MemoryFolder folder;
  folder.put(segment_name(0), input);
  auto reader = JournalReader::open(folder, 0);
  if (!reader) return;
  std::uint64_t at = reader->offset();
  while (true) {  // ends: each batch takes bytes of the file
    const auto batch = reader->next();
    if (!batch || !*batch) break;
    fuzz::must_hold(reader->offset() > at && reader->offset() <= input.size());
    at = reader->offset();
    fuzz::must_hold((*batch)->bundle.size() <= kRecordBytesMax);
    const auto again = Commit::parse((*batch)->commit.to_bytes());
    fuzz::must_hold(again && *again == (*batch)->commit);
    (void)parse_bundle((*batch)->bundle, (*batch)->count).has_value();
  }
  const auto rest = reader->remainder();
  const auto is_zero = [](std::byte b) { return b == std::byte{0}; };
  if (rest) {
    fuzz::must_hold((rest->kind == Remainder::Kind::none) ==
                    std::ranges::all_of(input.subspan(static_cast<std::size_t>(at)), is_zero));
  }
}

/// (u32 length ‖ u32 crc32c(length ‖ type ‖ payload) ‖ type ‖ payload) for each record.
Bytes framed(ByteView records) {
  Bytes out;
  while (records.size() >= 3) {
    const std::size_t length = std::min<std::size_t>(
        (std::to_integer<std::size_t>(records[1]) << 8U) | std::to_integer<std::size_t>(records[2]),
        records.size() - 3);
    Bytes header(4);
    store_u32(header, static_cast<std::uint32_t>(length));
    Bytes summed = header;
    summed.push_back(records[0]);
    append(summed, records.subspan(3, length));
    Bytes sum(4);
    store_u32(sum, crc32c(summed));
    append(out, header);
    append(out, sum);
    append(out, ByteView(summed).subspan(header.size()));
    records = records.subspan(3 + length);
  }
  return out;
}

void try_copy(ByteView input) {
  if (input.empty()) return;
  const std::size_t count = 1 + std::to_integer<std::size_t>(input[0]) % 255;
  const auto entries = parse_bundle(input.subspan(1), count);
  if (!entries) return;
  Bytes leaves;
  std::vector<Hash> hashes;
  for (const ByteView entry : *entries) {
    hashes.push_back(leaf_hash(entry));
    append(leaves, hashes.back());
  }
  const TreeHead head{.size = count, .root = PlainTree(hashes).root(0, count)};
  static const NoteSigner signer = signer_from(0);
  const NoteSigner* const one = &signer;
  const auto note = sign_note(Checkpoint{.origin = kOrigin, .head = head}.to_text(), {&one, 1});
  auto folder = std::make_unique<fuzz::MemoryFolder>();
  folder->put("checkpoint", bytes_of(*note));
  folder->put(Tile{.level = std::nullopt, .width = count}.path(), input.subspan(1));
  folder->put(Tile{.level = 0, .width = count}.path(), leaves);
  const auto reader = LogReader::open(std::move(folder), std::nullopt);
  if (reader) fuzz::must_hold(reader->size() == count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = fuzz::view(data, size);
  if (input.empty()) return 0;
  const ByteView rest = input.subspan(1);
  switch (std::to_integer<unsigned>(input[0])) {
    case 0: try_bundle(rest); break;
    case 1: try_tiles(rest); break;
    case 2: try_journal(rest); break;
    case 3: try_copy(rest); break;
    case 4: try_journal(framed(rest)); break;
    default: break;
  }
  return 0;
}
