#pragma once
// Records: one encoding for each value, so that equal content has equal bytes. The content digest
// is SHA-256 over the records (each with its head) before the trailer.
//
// The decoders check form (lengths, closed enumerations, UTF-8); rules.hpp checks sense.

#include <vector>

#include "plain/schema.hpp"
#include "wire/codec.hpp"

namespace hangu::plain {

enum class RecordType : std::uint8_t {
  dataset = 1,
  layer = 2,
  feature = 3,
  row = 4,
  raster = 5,
  tile = 6,
  trailer = 7,
};

/// A record's head: type u8, length of the body u32.
struct RecordHead {
  RecordType type = RecordType::dataset;
  std::uint32_t length = 0;
};
inline constexpr std::size_t kRecordHeadBytes = 5;
/// The trailer, with its head: two counts and the digest.
inline constexpr std::size_t kTrailerRecordBytes = kRecordHeadBytes + 2 * 8 + sizeof(crypto::Hash);
inline constexpr std::size_t kTrailerBytes = 8 + 8 + 32;

[[nodiscard]] std::array<std::byte, kRecordHeadBytes> encode(const RecordHead& head);
/// Errors: Malformed "plain-record" (unknown type); Exhausted "plain-limit".
[[nodiscard]] Result<RecordHead> decode_head(ByteView bytes);

/// Bodies. The errors of all decoders: Malformed "plain-record".
void encode(wire::Writer& to, const Dataset& dataset);
[[nodiscard]] Result<Dataset> decode_dataset(ByteView body);
void encode(wire::Writer& to, const Layer& layer);
[[nodiscard]] Result<Layer> decode_layer(ByteView body);
void encode(wire::Writer& to, const Raster& raster);
[[nodiscard]] Result<Raster> decode_raster(ByteView body);
void encode(wire::Writer& to, const Trailer& trailer);
[[nodiscard]] Result<Trailer> decode_trailer(ByteView body);

/// The values of a feature or row, which must fit the layer's fields (check first). For a feature
/// a u32 length and the geometry follow: the caller appends `geometry` after the length.
void encode_values(wire::Writer& to, const Layer& layer, std::span<const Value> values);
/// Fills `values` and `geometry` with views into `body`.
[[nodiscard]] Done decode_feature(const Layer& layer, ByteView body, std::vector<Value>& values,
                                  ByteView& geometry);

/// The head of a tile; the samples follow.
void encode_place(wire::Writer& to, const TilePlace& place, std::size_t bytes);
[[nodiscard]] Result<Tile> decode_tile(ByteView body);

}  // namespace hangu::plain
