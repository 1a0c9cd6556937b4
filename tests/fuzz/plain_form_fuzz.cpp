// Plain form. The first byte of an input says what the rest is:
//   0  a file: mark, frames, records
//   1  records, which this target puts into frames
//   2  records up to the trailer, which this target adds so that its counts and digest agree
//   3  a geometry in plain form's own encoding, 4 one in any dialect
// What is accepted is written again, by a writer of the same rules, as the same records.

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "crypto/hash.hpp"
#include "os/file.hpp"
#include "plain/facts.hpp"
#include "plain/frames.hpp"
#include "plain/records.hpp"
#include "plain/wkb.hpp"
#include "plain/writer.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace hangu;

/// A memory file that is used again for every input.
os::FdView empty_file(const char* name, os::UniqueFd& file) {
  if (!file.valid()) file = os::UniqueFd(::memfd_create(name, MFD_CLOEXEC));
  fuzz::must_hold(file.valid() && ::ftruncate(file.get(), 0) == 0);
  return file.view();
}
os::FdView input_file() {
  static os::UniqueFd file;
  return empty_file("input", file);
}
os::FdView rewritten_file() {
  static os::UniqueFd file;
  return empty_file("rewritten", file);
}

/// Writes one record to both writers.
struct Rewrite {
  plain::Writer& stored;
  plain::Writer& hashed;

  void operator()(const plain::LayerStart& start) const {
    fuzz::must_hold(stored.layer(*start.layer) && hashed.layer(*start.layer));
  }
  void operator()(const plain::Feature& feature) const {
    const auto shape = stored.feature(feature.values, feature.geometry);
    fuzz::must_hold(shape && shape->type == feature.shape.type &&
                    shape->vertices == feature.shape.vertices);
    fuzz::must_hold(hashed.feature(feature.values, feature.geometry).has_value());
  }
  void operator()(const plain::RasterStart& start) const {
    fuzz::must_hold(stored.raster(*start.raster) && hashed.raster(*start.raster));
  }
  void operator()(const plain::Tile& tile) const {
    fuzz::must_hold(stored.tile(tile) && hashed.tile(tile));
  }
  void operator()(const plain::Trailer& trailer) const {
    const auto again = stored.finish();
    fuzz::must_hold(again && *again == trailer);
    const auto digest = hashed.finish();
    fuzz::must_hold(digest && *digest == trailer);
  }
};

/// Units as the worker has them from PROJ: half of the codes are of degrees, some have none.
std::optional<plain::CrsUnit> unit_of(const plain::Crs& crs) {
  if (crs.kind != plain::Crs::Kind::epsg) return std::nullopt;
  return plain::CrsUnit{crs.code % 2 == 0, 0.3048};
}

/// Checks a file and, when it is accepted, rewrites it: the rewritten one.
std::optional<os::FdView> try_file(os::FdView input) {
  const auto accepted = plain::check(input);
  if (!accepted) {
    fuzz::must_hold(!accepted.error().reason().empty());
    return std::nullopt;
  }
  auto reader = plain::Reader::open(input);
  fuzz::must_hold(reader.has_value());
  const os::FdView output = rewritten_file();
  auto stored = plain::Writer::create(output, reader->dataset());
  auto hashed = plain::Writer::digest_only(reader->dataset());
  fuzz::must_hold(stored && hashed);
  while (true) {  // ends: each record takes bytes of the input
    const auto record = reader->next();
    fuzz::must_hold(record.has_value());
    std::visit(Rewrite{*stored, *hashed}, *record);
    if (std::holds_alternative<plain::Trailer>(*record)) break;
  }
  const auto checked = plain::check(output);
  fuzz::must_hold(checked && *checked == *accepted);
  const auto facts = plain::measure(input, unit_of);
  fuzz::must_hold(facts && facts->trailer == *accepted && !facts->to_json().to_text().empty());
  return output;
}

void put_little(Bytes& out, std::size_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> 8 * i));
}

/// A file of one frame whose blocks are not compressed (RFC 8878, 3.1.1): fast to make.
Bytes framed(ByteView records) {
  constexpr std::size_t kBlockBytesMax = 128 * 1024;
  Bytes frame;
  put_little(frame, 0xfd2fb528, 4);
  put_little(frame, 0xa0, 1);  // single segment, the content's size in four bytes
  put_little(frame, records.size(), 4);
  for (ByteView rest = records; !rest.empty();) {
    const std::size_t size = std::min(rest.size(), kBlockBytesMax);
    put_little(frame, size << 3 | (size == rest.size() ? 1U : 0U), 3);
    append(frame, rest.first(size));
    rest = rest.subspan(size);
  }
  Bytes file = to_bytes("HANGUPF\x01");
  file.resize(file.size() + 4);
  store_u32(MutableByteView(file).last(4), static_cast<std::uint32_t>(frame.size()));
  append(file, frame);
  return file;
}

void try_records(ByteView records) {
  if (records.empty() || records.size() > plain::kFrameBytes) return;
  const os::FdView input = input_file();
  fuzz::must_hold(os::write_all_at(input, 0, framed(records)).has_value());
  const auto output = try_file(input);
  if (!output) return;
  auto again = plain::FrameReader::open(*output);
  fuzz::must_hold(again.has_value());
  const auto same = again->take(records.size());
  fuzz::must_hold(same && equal(*same, records) && again->at_end());
}

/// The records with a trailer that agrees with them.
Bytes completed(ByteView records) {
  plain::Trailer trailer;
  for (ByteView rest = records; rest.size() >= plain::kRecordHeadBytes;) {
    const auto head = plain::decode_head(rest.first(plain::kRecordHeadBytes));
    if (!head || head->length > rest.size() - plain::kRecordHeadBytes) break;
    if (head->type == plain::RecordType::feature || head->type == plain::RecordType::row)
      ++trailer.features;
    if (head->type == plain::RecordType::tile) ++trailer.tiles;
    rest = rest.subspan(plain::kRecordHeadBytes + head->length);
  }
  trailer.digest = crypto::digest_of(crypto::HashAlgorithm::sha256, records).root;
  Bytes out = to_bytes(records);
  append(out, plain::encode(plain::RecordHead{plain::RecordType::trailer, plain::kTrailerBytes}));
  wire::Writer body;
  plain::encode(body, trailer);
  append(out, body.bytes());
  return out;
}

/// A geometry that is walked is its own rewriting.
void try_canonical(ByteView geometry) {
  const auto shape = plain::walk_wkb(geometry);
  if (!shape) return;
  Bytes again;
  fuzz::must_hold(plain::rewrite_wkb(geometry, again).has_value() && equal(again, geometry));
}

void try_dialect(ByteView geometry) {
  Bytes rewritten;
  if (!plain::rewrite_wkb(geometry, rewritten)) return;
  const auto shape = plain::walk_wkb(rewritten);
  if (!shape) {
    fuzz::must_hold(!shape.error().reason().empty());
    return;
  }
  try_canonical(rewritten);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = fuzz::view(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0: {
      const os::FdView file = input_file();
      fuzz::must_hold(os::write_all_at(file, 0, input).has_value());
      (void)try_file(file);
      break;
    }
    case 1: try_records(input); break;
    case 2: try_records(completed(input)); break;
    case 3: try_canonical(input); break;
    default: try_dialect(input);
  }
  return 0;
}
