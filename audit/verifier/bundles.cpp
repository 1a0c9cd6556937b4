#include "audit/verifier/bundles.hpp"

#include <algorithm>

namespace hangu_verify {
namespace {

Remark about(const char* code, std::string path) {
  Remark remark{code, {}, {path}};
  remark.path = std::move(path);
  return remark;
}

Remark wrong_hash(const TileName& name, std::uint64_t place, std::uint64_t offset) {
  Remark remark = about("tile-wrong", name.path());
  remark.words.push_back(std::to_string(place));
  remark.offset = offset;
  return remark;
}

/// How many of `there` hashes a tile of this name can hold; remarked when it lies beyond them.
std::uint64_t within(const TileName& name, std::uint64_t there, std::vector<Remark>& beyond) {
  if (there < name.width) beyond.push_back(about("beyond", name.path()));
  return std::min(name.width, there);
}

void compare_bundle(const LogFiles& files, const TileName& name, std::span<const Hash> leaves,
                    std::vector<Remark>& wrong, std::vector<Remark>& beyond) {
  const auto bytes = files.read(name.path());
  if (!bytes && files.is_gone(name.path())) return;
  const std::uint64_t width = within(name, leaves.size(), beyond);
  std::vector<std::string_view> entries;
  std::string_view rest;
  if (!bytes || !read_bundle(*bytes, width, entries, rest)) {
    wrong.push_back(about("bundle-short", name.path()));
    return;
  }
  if (width == name.width && !rest.empty()) wrong.push_back(about("bundle-long", name.path()));
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (hash_leaf(entries[i]) != leaves[i]) wrong.push_back(wrong_hash(name, i, offset));
    offset += 2 + entries[i].size();
  }
}

}  // namespace

void compare_hash_tile(const LogFiles& files, const TileName& name, std::span<const Hash> hashes,
                       std::vector<Remark>& wrong, std::vector<Remark>& beyond) {
  const auto bytes = files.read(name.path());
  if (!bytes && files.is_gone(name.path())) return;
  const std::uint64_t width = within(name, hashes.size(), beyond);
  if (!bytes || bytes->size() != name.width * sizeof(Hash)) {
    wrong.push_back(about("tile-size", name.path()));
    return;
  }
  for (std::size_t i = 0; i < width; ++i)
    if (std::string_view(*bytes).substr(i * sizeof(Hash), sizeof(Hash)) != text_of(hashes[i]))
      wrong.push_back(wrong_hash(name, i, i * sizeof(Hash)));
}

FileIndex::FileIndex(std::vector<std::string> all) : paths(std::move(all)) {
  for (const std::string& path : paths)
    if (const auto name = parse_tile_path(path);
        name && (name->level == "0" || name->level == "entries"))
      of_bundle[name->number].push_back(*name);
}

std::uint64_t Bundle::offset_of(std::size_t entry) const {
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < entry && i < entries.size(); ++i) offset += 2 + entries[i].size();
  return offset;
}

std::uint64_t BundleReader::width_of(std::uint64_t number) const {
  return std::min(kTileWidth, size_ - number * kTileWidth);
}

Bundle BundleReader::read_entries(std::uint64_t number) const {
  Bundle out;
  out.first = number * kTileWidth;
  const std::uint64_t width = width_of(number);
  TileName name{"entries", number, width};
  out.path = name.path();
  auto bytes = files_.read_tile(name);
  if (!bytes) return out;
  out.path = name.path();
  out.bytes = *std::move(bytes);
  std::string_view rest;
  const bool whole = read_bundle(out.bytes, width, out.entries, rest);
  out.state = whole ? Bundle::State::whole : Bundle::State::ends_early;
  out.has_rest = whole && !rest.empty() && name.width == width;
  out.leaves.reserve(out.entries.size());
  for (const std::string_view entry : out.entries) out.leaves.push_back(hash_leaf(entry));
  out.root = root_of(out.leaves);
  return out;
}

Bundle BundleReader::read(std::uint64_t number) const {
  Bundle out = read_entries(number);
  out.facts.reserve(out.entries.size());
  for (const std::string_view entry : out.entries) out.facts.push_back(read_facts(entry, keys_));
  if (out.state != Bundle::State::whole) return out;
  read_told(number, out);
  compare_files(number, out);
  return out;
}

Bundle BundleReader::read_hashes(std::uint64_t number) const {
  Bundle out;
  out.first = number * kTileWidth;
  read_told(number, out);
  if (out.told.empty()) return out;
  out.state = Bundle::State::hashes_only;
  out.leaves = out.told;
  out.root = root_of(out.leaves);
  compare_files(number, out);
  return out;
}

void BundleReader::read_told(std::uint64_t number, Bundle& bundle) const {
  TileName name{"0", number, width_of(number)};
  const std::uint64_t width = name.width;
  const std::string wanted = name.path();
  const auto bytes = files_.read_tile(name);
  if (bundle.path.empty()) bundle.path = wanted;
  if (!bytes) bundle.gone.push_back(about("file-missing", wanted));
  if (!bytes || bytes->size() != name.width * sizeof(Hash)) return;
  for (std::size_t i = 0; i < width; ++i)
    bundle.told.push_back(
        *hash_from(std::string_view(*bytes).substr(i * sizeof(Hash), sizeof(Hash))));
}

void BundleReader::compare_files(std::uint64_t number, Bundle& bundle) const {
  const auto found = index_.of_bundle.find(number);
  if (found == index_.of_bundle.end()) return;
  for (const TileName& name : found->second) {
    if (name.level == "0") {
      compare_hash_tile(files_, name, bundle.leaves, bundle.wrong, bundle.beyond);
    } else if (name.path() != bundle.path || name.width != bundle.leaves.size()) {
      compare_bundle(files_, name, bundle.leaves, bundle.wrong, bundle.beyond);
    }  // else the leaves are of its entries
  }
}

}  // namespace hangu_verify
