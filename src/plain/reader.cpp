#include "plain/reader.hpp"

#include <optional>

#include "crypto/chunk_tree.hpp"
#include "plain/frames.hpp"
#include "plain/records.hpp"
#include "plain/rules.hpp"

namespace hangu::plain {

struct Reader::State {
  Rules rules;
  crypto::ChunkTree content{crypto::HashAlgorithm::sha256};  ///< is shown all but the trailer
  std::optional<FrameReader> frames;
  Dataset dataset;
  std::vector<Value> values;
  RecordHead head;

  /// Takes the next record; its body, with `head` set.
  Result<ByteView> take() {
    HANGU_TRY(const ByteView head_bytes, frames->take(kRecordHeadBytes));
    HANGU_TRY(head, decode_head(head_bytes));
    return frames->take(head.length);
  }

  Result<Record> layer(ByteView body) {
    HANGU_TRY(const Layer layer, decode_layer(body));
    HANGU_CHECK(rules.layer(layer));
    return LayerStart{&rules.current_layer()};
  }

  Result<Record> feature(ByteView body) {
    const bool in_place =
        rules.in_layer() &&
        (rules.current_layer().geometry == GeometryType::none) == (head.type == RecordType::row);
    if (!in_place) return fail(ErrorCode::malformed, "plain-order", "feature or row");
    ByteView geometry;
    HANGU_CHECK(decode_feature(rules.current_layer(), body, values, geometry));
    HANGU_TRY(const Shape shape, rules.feature(values, geometry));
    return Feature{values, geometry, shape};
  }

  Result<Record> raster(ByteView body) {
    HANGU_TRY(const Raster raster, decode_raster(body));
    HANGU_CHECK(rules.raster(raster));
    return RasterStart{&rules.current_raster()};
  }

  Result<Record> tile(ByteView body) {
    HANGU_TRY(const Tile tile, decode_tile(body));
    HANGU_CHECK(rules.tile(tile));
    return tile;
  }

  Result<Record> trailer(ByteView body) {
    HANGU_TRY(const Trailer trailer, decode_trailer(body));
    HANGU_CHECK(rules.complete());
    if (!frames->at_end()) return fail(ErrorCode::malformed, "plain-trailing");
    if (trailer.features != rules.features() || trailer.tiles != rules.tiles()) {
      return fail(ErrorCode::malformed, "plain-counts");
    }
    if (trailer.digest != content.finish().root) return fail(ErrorCode::corrupt, "plain-digest");
    return trailer;
  }
};

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(Input input) {
  auto state = std::make_unique<State>();
  const auto show = [s = state.get()](ByteView bytes) { s->content.update(bytes); };
  HANGU_TRY(state->frames, FrameReader::open(input, show, kTrailerRecordBytes));
  HANGU_TRY(const ByteView body, state->take());
  if (state->head.type != RecordType::dataset) {
    return fail(ErrorCode::malformed, "plain-order", "no dataset");
  }
  HANGU_TRY(state->dataset, decode_dataset(body));
  HANGU_CHECK(state->rules.dataset(state->dataset));
  return Reader(std::move(state));
}

const Dataset& Reader::dataset() const { return state_->dataset; }

Result<Record> Reader::next() {
  HANGU_TRY(const ByteView body, state_->take());
  switch (state_->head.type) {
    case RecordType::dataset: break;
    case RecordType::layer: return state_->layer(body);
    case RecordType::feature:
    case RecordType::row: return state_->feature(body);
    case RecordType::raster: return state_->raster(body);
    case RecordType::tile: return state_->tile(body);
    case RecordType::trailer: return state_->trailer(body);
  }
  return fail(ErrorCode::malformed, "plain-order", "a second dataset");
}

Result<Trailer> check(Input input) {
  HANGU_TRY(Reader reader, Reader::open(input));
  while (true) {  // ends: each record takes bytes of a finite file
    HANGU_TRY(const Record record, reader.next());
    if (const auto* trailer = std::get_if<Trailer>(&record)) return *trailer;
  }
}

}  // namespace hangu::plain
