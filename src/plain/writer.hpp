#pragma once
// Writer makes a plain form, record by record, in bounded memory.

#include <memory>
#include <optional>

#include "os/companion.hpp"
#include "os/descriptor.hpp"
#include "plain/schema.hpp"
#include "plain/wkb.hpp"

namespace hangu::plain {

/// Writer checks each record by the rules, hashes it, and (with an output) stores it.
///
///     HANGU_TRY(auto writer, Writer::create(output, Dataset{DatasetKind::table, 1}));
///     HANGU_CHECK(writer.layer(layer));
///     HANGU_CHECK(writer.feature(values, {}));
///     HANGU_TRY(const Trailer trailer, writer.finish());
///
/// Errors: those of Rules, and of writing. After an error the output is worthless. Thread: one.
class Writer {
 public:
  /// Writes from the descriptor's offset 0 on; the caller keeps it open. `companion`, which hashes
  /// and stores if there is one, outlives the writer.
  [[nodiscard]] static Result<Writer> create(os::FdView output, const Dataset& dataset,
                                             os::Companion* companion = nullptr);
  /// Only checks and hashes (with a companion, that hashes): how another parser proves that a
  /// rendition holds the same content.
  [[nodiscard]] static Result<Writer> digest_only(const Dataset& dataset,
                                                  os::Companion* companion = nullptr);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  [[nodiscard]] Done layer(const Layer& layer);
  /// A feature of the last layer, or a row (no geometry) when it has none. `geometry` is canonical
  /// WKB, empty for none. Returns its shape.
  [[nodiscard]] Result<Shape> feature(std::span<const Value> values, ByteView geometry);
  [[nodiscard]] Done feature(std::span<const Value> values, const WalkedGeometry& geometry);
  [[nodiscard]] Done raster(const Raster& raster);
  [[nodiscard]] Done tile(const Tile& tile);
  /// Ends the stream. Nothing may be written after.
  [[nodiscard]] Result<Trailer> finish();
  /// Bytes stored, after finish(); 0 without an output.
  [[nodiscard]] std::uint64_t stored_bytes() const;

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hangu::plain
