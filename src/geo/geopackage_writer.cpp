#include "geo/geopackage_writer.hpp"

#include <memory>

#include "geo/geopackage_blob.hpp"
#include "geo/geopackage_catalogue.hpp"
#include "os/file.hpp"
#include "plain/civil_time.hpp"
#include "plain/reader.hpp"

namespace hangu::geo {
namespace {

struct PutValue {
  RecordWriter& record;
  void operator()(std::monostate) const { record.null(); }
  void operator()(std::int64_t value) const { record.integer(value); }
  void operator()(double value) const { record.real(value); }
  void operator()(std::string_view value) const { record.text(value); }
  void operator()(plain::Date value) const { record.text(to_text(value)); }
  void operator()(plain::DateTime value) const { record.text(to_text(value)); }
  void operator()(bool value) const { record.integer(value ? 1 : 0); }
  void operator()(plain::Binary value) const { record.bytes(value.bytes); }
};

/// LayerOutput is the layer that is being written.
class LayerOutput {
 public:
  LayerOutput(PageFile& file, const plain::Layer& layer, std::int32_t srs_id)
      : written_(plan_layer(layer)), rows_(file), index_(file) {
    written_.srs_id = srs_id;
  }

  Done add(const plain::Feature& feature) {
    const auto id = static_cast<std::int64_t>(++written_.features);
    record_.clear();
    record_.null();
    BlobHeader header;
    if (has_geometry()) {
      if (feature.geometry.empty()) {
        record_.null();
      } else {
        header = blob_header(written_.srs_id, feature.shape);
        record_.bulk(header.view(), feature.geometry);
      }
    }
    for (const plain::Value& value : feature.values) std::visit(PutValue{record_}, value);
    HANGU_CHECK(rows_.add(id, record_.pieces()));
    if (feature.shape.empty()) return {};
    if (!written_.extent) written_.extent = feature.shape.box;
    written_.extent->join(feature.shape.box);
    return index_.add(id, feature.shape.box);
  }

  Result<WrittenLayer> finish() {
    HANGU_TRY(written_.root, rows_.finish());
    if (has_geometry()) {
      HANGU_TRY(written_.index, index_.finish());
    }
    return std::move(written_);
  }

 private:
  [[nodiscard]] bool has_geometry() const { return !written_.geometry_column.empty(); }

  WrittenLayer written_;
  TableTree rows_;
  SpatialIndex index_;
  RecordWriter record_;
};

}  // namespace

Result<Outcome> write_geopackage(plain::Input plain_form, os::FdView output,
                                 std::uint64_t output_bytes_max) {
  HANGU_TRY(plain::Reader reader, plain::Reader::open(plain_form));
  if (reader.dataset().kind == plain::DatasetKind::raster) {
    return fail(ErrorCode::malformed, "format-unfit", "a raster as GeoPackage");
  }
  PageFile file(output, output_bytes_max, plain_form.companion());
  SystemTable systems;
  std::vector<WrittenLayer> layers;
  std::unique_ptr<LayerOutput> layer;
  const auto end_layer = [&]() -> Done {
    if (layer == nullptr) return {};
    HANGU_TRY(WrittenLayer written, layer->finish());
    layers.push_back(std::move(written));
    layer.reset();
    return {};
  };
  while (true) {  // ends: each record takes bytes of a finite file
    HANGU_TRY(const plain::Record record, reader.next());
    if (const auto* start = std::get_if<plain::LayerStart>(&record)) {
      HANGU_CHECK(end_layer());
      layer = std::make_unique<LayerOutput>(file, *start->layer, systems.id_of(start->layer->crs));
    } else if (const auto* feature = std::get_if<plain::Feature>(&record)) {
      HANGU_CHECK(layer->add(*feature));
    } else if (const auto* trailer = std::get_if<plain::Trailer>(&record)) {
      HANGU_CHECK(end_layer());
      Outcome outcome;
      outcome.trailer = *trailer;
      HANGU_TRY(outcome.output_bytes, finish_geopackage(file, systems, layers));
      HANGU_TRY(outcome.input_bytes, plain_form.size());
      return outcome;
    }
  }
}

}  // namespace hangu::geo
