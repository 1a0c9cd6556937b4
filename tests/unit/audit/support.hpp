#pragma once
// What the tests of the log share: the worked example's key, replayable chance, folders.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "audit/disk_folder.hpp"
#include "audit/log.hpp"
#include "base/entropy.hpp"
#include "wire/json.hpp"

namespace hangu::audit::test {

/// A stream that is the same for the same seed.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : engine_(seed) {}
  void fill(MutableByteView out) override {
    for (std::byte& b : out) b = static_cast<std::byte>(engine_() & 0xffU);
  }
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }

 private:
  std::mt19937_64 engine_;
};

/// A folder that goes with the test; in memory where the machine offers that, because thousands of
/// syncs of a disk are waited for elsewhere.
class TestFolder {
 public:
  TestFolder() {
    const bool memory = ::access("/dev/shm", W_OK) == 0;
    std::string name = (memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) +
                       std::string("/hangu-audit-XXXXXX");
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// The Ed25519 key whose seed is first, first + 1, …
inline crypto::SigningKey key_from(unsigned first) {
  Bytes seed(32);
  for (unsigned i = 0; i < 32; ++i) seed[i] = static_cast<std::byte>(first + i);
  return *crypto::SigningKey::create(crypto::SignatureAlgorithm::ed25519,
                                     crypto::SecretBytes::take(seed));
}
/// The SM2 key whose scalar is 01 01 … 01, or others alike.
inline crypto::SigningKey gm_key(unsigned each = 1) {
  Bytes scalar(32, static_cast<std::byte>(each));
  return crypto::SigningKey::create(crypto::SignatureAlgorithm::sm2,
                                    crypto::SecretBytes::take(scalar))
      .value();
}
inline const std::string kOrigin = "gate.example/audit";

/// The log's signer, by the key of key_from().
inline NoteSigner signer_from(unsigned first) {
  return NoteSigner::create(kOrigin, key_from(first)).value();
}

inline std::shared_ptr<const NoteSigner> shared_signer(unsigned first) {
  return std::make_shared<const NoteSigner>(signer_from(first));
}

inline Result<OpenedLog> open_log(
    const std::filesystem::path& folder, LogLimits limits = {},
    const VisitEntry& visit = [](auto, auto) { return Done(); }) {
  limits.disk_reserve_bytes = 0;
  HANGU_TRY(std::unique_ptr<Folder> opened, open_disk_folder(folder.string()));
  return Log::open(std::move(opened), shared_signer(0), limits, visit);
}

/// A heartbeat's event, in its form.
inline wire::JsonObject heartbeat() {
  return {{"size", 0},    {"published", 0}, {"appended", 0},
          {"refused", 0}, {"commits", 0},   {"lost", 0}};
}

/// The folder at `path`, made when it is not there.
inline std::unique_ptr<Folder> folder_at(const std::filesystem::path& path) {
  std::filesystem::create_directories(path);
  return open_disk_folder(path.string()).value();
}

inline Bytes entry_of(const std::string& text) { return hangu::to_bytes(text); }

inline EntryBatch batch_with(const std::vector<Bytes>& entries) {
  EntryBatch batch;
  for (const Bytes& entry : entries) batch.add(entry);
  return batch;
}

/// "entry number N" for each N from `first` on.
inline EntryBatch batch_of(std::size_t first, std::size_t count) {
  EntryBatch batch;
  for (std::size_t i = first; i < first + count; ++i)
    batch.add(bytes_of("entry number " + std::to_string(i)));
  return batch;
}

inline Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return hangu::to_bytes(text);
}

inline void write_bytes(const std::filesystem::path& path, ByteView bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::filesystem::remove(path);
  std::ofstream out(path, std::ios::binary);
  out << text_of(bytes);
}

/// All files below `folder`, by name relative to it.
inline std::vector<std::string> files_below(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder)) {
    if (item.is_regular_file()) {
      names.push_back(std::filesystem::relative(item.path(), folder).string());
    }
  }
  std::ranges::sort(names);
  return names;
}

/// The tree of some leaves, computed the way RFC 6962 §2.1 says it, with nothing kept.
class PlainTree final : public NodeSource {
 public:
  explicit PlainTree(std::vector<Hash> leaves) : leaves_(std::move(leaves)) {}
  [[nodiscard]] Hash root(std::size_t lo, std::size_t hi) const {
    if (hi == lo) return empty_root();
    if (hi - lo == 1) return leaves_[lo];
    std::size_t k = 1;
    while (2 * k < hi - lo) k *= 2;
    return node_hash(root(lo, lo + k), root(lo + k, hi));
  }
  [[nodiscard]] Result<Hash> node(unsigned height, std::uint64_t index) const override {
    const auto lo = static_cast<std::size_t>(index << height);
    return root(lo, lo + (std::size_t{1} << height));
  }

 private:
  std::vector<Hash> leaves_;
};

}  // namespace hangu::audit::test
