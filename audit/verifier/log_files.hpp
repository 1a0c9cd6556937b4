#pragma once
// The files of a log's folder (C2SP tlog-tiles), by what they hold.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hangu_verify {

inline constexpr std::uint64_t kTileWidth = 256;

inline constexpr std::size_t kLevels = 8;  ///< 256^8 entries: all of 64 bits

/// A tile or bundle by its path "tile/<level>/<number>[.p/<width>]".
struct TileName {
  std::string level;  ///< "0" … "7" or "entries"
  std::uint64_t number = 0;
  std::uint64_t width = kTileWidth;

  [[nodiscard]] std::string path() const;
};
/// Nothing when no tile has this path.
[[nodiscard]] std::optional<TileName> parse_tile_path(const std::string& path);

/// A full bundle of the longest entries.
inline constexpr std::size_t kFileBytesMax = kTileWidth * (2 + 0xffff);

/// Thread: any.
class LogFiles {
 public:
  explicit LogFiles(std::string folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// Nothing when no regular file is there. Of a file longer than any of a log's, its beginning,
  /// which is longer than any too. Throws Unusable when one is there and cannot be read.
  [[nodiscard]] std::optional<std::string> read(const std::string& path,
                                                std::size_t bytes_max = kFileBytesMax) const;
  /// Whether a regular file is there. Throws Unusable where that cannot be seen.
  [[nodiscard]] bool has(const std::string& path) const;
  /// Whether nothing is there: what was listed and is gone, the writer has replaced by another.
  [[nodiscard]] bool is_gone(const std::string& path) const;
  /// A full tile, or the partial of exactly this width, whose path is then in `name`; or the full
  /// one in its place: the log may have grown since.
  [[nodiscard]] std::optional<std::string> read_tile(TileName& name) const;
  /// Whether read_tile() would find one.
  [[nodiscard]] bool has_tile(const TileName& name) const;
  /// The paths of all files, sorted, but for the writer's temporary ones. Throws Unusable when a
  /// folder cannot be listed.
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  void list(const std::string& folder, std::vector<std::string>& folders,
            std::vector<std::string>& paths) const;

  std::string folder_;
};

/// The entries of a bundle, at most `width`; false when it ends within one. What follows them is
/// left in `rest`.
[[nodiscard]] bool read_bundle(std::string_view bundle, std::uint64_t width,
                               std::vector<std::string_view>& entries, std::string_view& rest);

}  // namespace hangu_verify
