#pragma once
// Reader reads a plain form record by record, and proves it while reading.

#include <memory>
#include <variant>

#include "plain/input.hpp"
#include "plain/schema.hpp"

namespace hangu::plain {

/// The start of a layer; `layer` lives until the next one starts.
struct LayerStart {
  const Layer* layer = nullptr;
};
/// The raster; `raster` lives as long as the reader.
struct RasterStart {
  const Raster* raster = nullptr;
};
using Record = std::variant<LayerStart, Feature, RasterStart, Tile, Trailer>;

/// Reader trusts nothing: every frame, record, value and geometry is checked by the rules as it
/// comes, and the trailer's counts and digest are compared with what came. Views in a record live
/// until the next call. Whoever acts on records before the trailer has come must be able to throw
/// that work away.
///
/// Errors: those of FrameReader, the record decoders and Rules; Malformed "plain-trailing" (bytes
/// after the trailer), "plain-counts"; Corrupt "plain-digest". Memory: at most kRecordBytesMax and
/// a few MiB. Thread: one.
class Reader {
 public:
  /// Reads the whole file, whatever the descriptor's offset; the caller keeps it open.
  [[nodiscard]] static Result<Reader> open(Input input);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  [[nodiscard]] const Dataset& dataset() const;
  /// The next record. The trailer is the last; do not call again after it.
  [[nodiscard]] Result<Record> next();

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads all of it: the full structural check.
[[nodiscard]] Result<Trailer> check(Input input);

}  // namespace hangu::plain
