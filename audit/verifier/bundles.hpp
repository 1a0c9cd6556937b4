#pragma once
// One bundle of a log and the files beside it, read and hashed again on any thread.

#include <map>
#include <string>
#include <vector>

#include "audit/verifier/facts.hpp"
#include "audit/verifier/log_files.hpp"
#include "audit/verifier/remarks.hpp"
#include "audit/verifier/tree.hpp"

namespace hangu_verify {

/// The files of a folder by the bundle they are about; read once at the beginning.
struct FileIndex {
  std::vector<std::string> paths;  ///< all, sorted
  /// Level 0 and bundles, by number.
  std::map<std::uint64_t, std::vector<TileName>> of_bundle;

  explicit FileIndex(std::vector<std::string> all);
};

/// What is known of a bundle. `entries` look into `bytes`.
struct Bundle {
  enum class State : std::uint8_t {
    whole,
    missing,      ///< no file
    ends_early,   ///< the entries there are stand in `entries`
    hashes_only,  ///< told by its hash tile: what it said was pruned
  };
  State state = State::missing;
  std::uint64_t first = 0;  ///< entry
  std::string path;
  std::string bytes;
  std::vector<std::string_view> entries;
  bool has_rest = false;  ///< bytes after the last entry
  std::vector<Facts> facts;
  std::vector<Hash> leaves;
  Hash root{};  ///< over the leaves
  /// Of its hash tile, if that is there and of its length: what the leaves should be.
  std::vector<Hash> told;
  std::vector<Remark> wrong;   ///< files that differ from the leaves: tampered
  std::vector<Remark> gone;    ///< files that are missing: truncated
  std::vector<Remark> beyond;  ///< worth a look

  [[nodiscard]] std::uint64_t offset_of(std::size_t entry) const;  ///< of its length, in the file
};

/// Thread: any. All borrowed.
class BundleReader {
 public:
  BundleReader(const LogFiles& files, const FileIndex& index, std::uint64_t size,
               const StageKeys& keys)
      : files_(files), index_(index), size_(size), keys_(keys) {}

  /// Bundle `number` of a log of `size`: its entries, their hashes and facts, and whether all other
  /// files of these entries say the same.
  [[nodiscard]] Bundle read(std::uint64_t number) const;
  /// The same by its hash tile alone; its bundle may be gone.
  [[nodiscard]] Bundle read_hashes(std::uint64_t number) const;
  /// Only the entries and their hashes.
  [[nodiscard]] Bundle read_entries(std::uint64_t number) const;

 private:
  [[nodiscard]] std::uint64_t width_of(std::uint64_t number) const;
  void read_told(std::uint64_t number, Bundle& bundle) const;
  void compare_files(std::uint64_t number, Bundle& bundle) const;

  const LogFiles& files_;
  const FileIndex& index_;
  std::uint64_t size_;
  const StageKeys& keys_;
};

/// Compares a hash tile with the hashes of its level from its first on; what is wrong goes to
/// `wrong`, what lies beyond them to `beyond`. A file that is gone since it was listed is neither.
void compare_hash_tile(const LogFiles& files, const TileName& name, std::span<const Hash> hashes,
                       std::vector<Remark>& wrong, std::vector<Remark>& beyond);

}  // namespace hangu_verify
