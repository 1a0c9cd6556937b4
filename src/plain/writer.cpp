#include "plain/writer.hpp"

#include "crypto/chunk_tree.hpp"
#include "plain/frames.hpp"
#include "plain/records.hpp"
#include "plain/rules.hpp"

namespace hangu::plain {

struct Writer::State {
  Rules rules;
  crypto::ChunkTree content{crypto::HashAlgorithm::sha256};
  std::optional<FrameWriter> frames;  ///< set by begin()
  std::uint64_t stored = 0;
  wire::Writer feature_body;  ///< features are many

  /// Encodes and puts a feature or row that has passed the rules.
  Done put_feature(std::span<const Value> values, ByteView geometry) {
    const Layer& layer = rules.current_layer();
    feature_body.clear();
    encode_values(feature_body, layer, values);
    if (layer.geometry == GeometryType::none) return put(RecordType::row, feature_body.bytes());
    feature_body.u32(static_cast<std::uint32_t>(geometry.size()));
    return put(RecordType::feature, feature_body.bytes(), geometry);
  }

  /// Stores, or only hashes, a record whose body is `body` and then `bulk`.
  Done put(RecordType type, ByteView body, ByteView bulk = {}) {
    const std::size_t length = body.size() + bulk.size();
    if (length > kRecordBytesMax) return fail(ErrorCode::exhausted, "plain-limit", "record");
    const auto head = encode(RecordHead{type, static_cast<std::uint32_t>(length)});
    for (const ByteView piece : {ByteView(head), body, bulk}) HANGU_CHECK(frames->put(piece));
    return {};
  }

  Done begin(std::optional<os::FdView> output, const Dataset& dataset, os::Companion* companion) {
    const auto show = [this](ByteView bytes) { content.update(bytes); };
    HANGU_TRY(frames, FrameWriter::create(output, companion, show));
    HANGU_CHECK(rules.dataset(dataset));
    wire::Writer body;
    encode(body, dataset);
    return put(RecordType::dataset, body.bytes());
  }
};

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::create(os::FdView output, const Dataset& dataset, os::Companion* companion) {
  auto state = std::make_unique<State>();
  HANGU_CHECK(state->begin(output, dataset, companion));
  return Writer(std::move(state));
}

Result<Writer> Writer::digest_only(const Dataset& dataset, os::Companion* companion) {
  auto state = std::make_unique<State>();
  HANGU_CHECK(state->begin(std::nullopt, dataset, companion));
  return Writer(std::move(state));
}

Done Writer::layer(const Layer& layer) {
  HANGU_CHECK(state_->rules.layer(layer));
  wire::Writer body;
  encode(body, layer);
  return state_->put(RecordType::layer, body.bytes());
}

Result<Shape> Writer::feature(std::span<const Value> values, ByteView geometry) {
  HANGU_TRY(const Shape shape, state_->rules.feature(values, geometry));
  HANGU_CHECK(state_->put_feature(values, geometry));
  return shape;
}

Done Writer::feature(std::span<const Value> values, const WalkedGeometry& geometry) {
  HANGU_CHECK(state_->rules.feature(values, geometry));
  return state_->put_feature(values, geometry.wkb());
}

Done Writer::raster(const Raster& raster) {
  HANGU_CHECK(state_->rules.raster(raster));
  wire::Writer body;
  encode(body, raster);
  return state_->put(RecordType::raster, body.bytes());
}

Done Writer::tile(const Tile& tile) {
  HANGU_CHECK(state_->rules.tile(tile));
  wire::Writer body;
  encode_place(body, tile.place, tile.samples.size());
  return state_->put(RecordType::tile, body.bytes(), tile.samples);
}

Result<Trailer> Writer::finish() {
  HANGU_CHECK(state_->rules.complete());
  HANGU_CHECK(state_->frames->end_showing());
  const Trailer trailer{state_->rules.features(), state_->rules.tiles(),
                        state_->content.finish().root};
  wire::Writer body;
  encode(body, trailer);
  HANGU_CHECK(state_->put(RecordType::trailer, body.bytes()));
  HANGU_TRY(state_->stored, state_->frames->finish());
  return trailer;
}

std::uint64_t Writer::stored_bytes() const { return state_->stored; }

}  // namespace hangu::plain
