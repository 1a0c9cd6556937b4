#include "plain/outline.hpp"

#include "crypto/chunk_tree.hpp"
#include "plain/frames.hpp"
#include "plain/records.hpp"
#include "plain/rules.hpp"

namespace hangu::plain {
namespace {

std::unexpected<Error> out_of_place(std::string what) {
  return fail(ErrorCode::malformed, "plain-order", std::move(what));
}

class Outlining {
 public:
  Result<Outline> whole(Input input) {
    const auto show = [this](ByteView bytes) { content_.update(bytes); };
    HANGU_TRY(FrameReader frames, FrameReader::open(input, show, kTrailerRecordBytes));
    while (true) {  // ends: each record takes bytes of a finite file
      HANGU_TRY(const ByteView head_bytes, frames.take(kRecordHeadBytes));
      HANGU_TRY(const RecordHead head, decode_head(head_bytes));
      HANGU_TRY(const ByteView body, frames.take(head.length));
      if ((head.type == RecordType::dataset) != !begun_) return out_of_place("dataset");
      begun_ = true;
      if (head.type != RecordType::trailer) {
        HANGU_CHECK(record(head.type, body));
        continue;
      }
      HANGU_TRY(out_.trailer, decode_trailer(body));
      if (!frames.at_end()) return fail(ErrorCode::malformed, "plain-trailing");
      HANGU_CHECK(compare_trailer());
      return std::move(out_);
    }
  }

 private:
  Done record(RecordType type, ByteView body) {
    switch (type) {
      case RecordType::dataset: {
        HANGU_TRY(out_.dataset, decode_dataset(body));
        return rules_.dataset(out_.dataset);
      }
      case RecordType::layer: {
        HANGU_TRY(const Layer layer, decode_layer(body));
        HANGU_CHECK(rules_.layer(layer));
        out_.layers.push_back(layer);
        out_.features.push_back(0);
        return {};
      }
      case RecordType::raster: {
        HANGU_TRY(out_.raster, decode_raster(body));
        return rules_.raster(out_.raster);
      }
      case RecordType::feature:
      case RecordType::row: {
        const bool in_place =
            rules_.in_layer() &&
            (rules_.current_layer().geometry == GeometryType::none) == (type == RecordType::row);
        if (!in_place) return out_of_place("feature or row");
        ++out_.features.back();
        ++features_;
        return {};
      }
      case RecordType::tile:
        if (!rules_.in_raster()) return out_of_place("tile");
        ++tiles_;
        return {};
      case RecordType::trailer: break;
    }
    return out_of_place("trailer");
  }

  Done compare_trailer() {
    const bool complete = out_.dataset.kind == DatasetKind::raster
                              ? rules_.in_raster()
                              : out_.layers.size() == out_.dataset.layers;
    if (!complete) return out_of_place("less than announced");
    if (out_.trailer.features != features_ || out_.trailer.tiles != tiles_) {
      return fail(ErrorCode::malformed, "plain-counts");
    }
    if (out_.trailer.digest != content_.finish().root) {
      return fail(ErrorCode::corrupt, "plain-digest");
    }
    return {};
  }

  Rules rules_;
  crypto::ChunkTree content_{crypto::HashAlgorithm::sha256};  // outlives the frames that show it
  Outline out_;
  bool begun_ = false;
  std::uint64_t features_ = 0;
  std::uint64_t tiles_ = 0;
};

}  // namespace

Result<Outline> read_outline(Input input) { return Outlining().whole(input); }

}  // namespace hangu::plain
