#include "audit/verifier/log_files.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "audit/verifier/unusable.hpp"

namespace hangu_verify {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporary = ".new";

std::string group(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  return std::string(3 - digits.size(), '0') + digits;
}

/// "x001/x234/067"
std::string tile_number(std::uint64_t n) {
  std::string out = group(n % 1000);
  while ((n /= 1000) > 0) out.insert(0, "x" + group(n % 1000) + "/");
  return out;
}

std::optional<std::uint64_t> number_in(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string TileName::path() const {
  std::string out = "tile/" + level + "/" + tile_number(number);
  if (width < kTileWidth) out += ".p/" + std::to_string(width);
  return out;
}

std::optional<TileName> parse_tile_path(const std::string& path) {
  TileName name;
  std::string_view rest(path);
  if (!rest.starts_with("tile/")) return std::nullopt;
  rest.remove_prefix(5);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  name.level = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  if (const std::size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    const auto width = number_in(rest.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
    name.width = *width;
    rest = rest.substr(0, partial);
  }
  std::string digits;
  for (const char c : rest)
    if (c != 'x' && c != '/') digits.push_back(c);
  const auto number = number_in(digits);
  const auto level = number_in(name.level);
  if (!number || (name.level != "entries" && (!level || *level >= kLevels))) return std::nullopt;
  name.number = *number;
  if (name.path() != path) return std::nullopt;  // one spelling
  return name;
}

std::optional<std::string> LogFiles::read(const std::string& path, std::size_t bytes_max) const {
  if (!has(path)) return std::nullopt;
  const std::string place = folder_ + "/" + path;
  std::ifstream in(place, std::ios::binary | std::ios::ate);
  if (!in && is_gone(path)) return std::nullopt;
  if (!in) throw Unusable("file-unreadable", place);
  const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(in.tellg(), 0));
  const std::size_t wanted = std::min<std::uint64_t>(size, bytes_max + 1);
  std::string out;
  in.seekg(0);
  // Not by its second argument: libstdc++ 12 gives what it reserved, which may be more.
  out.resize_and_overwrite(wanted, [&](char* to, std::size_t) {
    in.read(to, static_cast<std::streamsize>(wanted));
    return static_cast<std::size_t>(in.gcount());
  });
  if (!in) throw Unusable("file-unreadable", place);
  return out;
}

bool LogFiles::has(const std::string& path) const {
  std::error_code error;
  const fs::path place = fs::path(folder_) / path;
  const fs::file_status status = fs::status(place, error);
  const bool nothing = status.type() == fs::file_type::not_found ||
                       error == std::errc::too_many_symbolic_link_levels ||
                       error == std::errc::filename_too_long;
  if (error && !nothing) throw Unusable("file-unreadable", place.string());
  return fs::is_regular_file(status);
}

bool LogFiles::is_gone(const std::string& path) const {
  std::error_code error;
  return fs::symlink_status(fs::path(folder_) / path, error).type() == fs::file_type::not_found;
}

std::optional<std::string> LogFiles::read_tile(TileName& name) const {
  if (auto bytes = read(name.path())) return bytes;
  if (name.width == kTileWidth) return std::nullopt;
  name.width = kTileWidth;
  return read(name.path());
}

bool LogFiles::has_tile(const TileName& name) const {
  return has(name.path()) || has(TileName{name.level, name.number, kTileWidth}.path());
}

std::vector<std::string> LogFiles::all() const {
  std::vector<std::string> paths;
  std::vector<std::string> folders{""};
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    list(folder, folders, paths);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Adds what is in `folder` to `folders` and `paths`; a folder that is gone holds nothing.
void LogFiles::list(const std::string& folder, std::vector<std::string>& folders,
                    std::vector<std::string>& paths) const {
  const fs::path place = fs::path(folder_) / folder;
  std::error_code error;
  fs::directory_iterator items(place, error);
  for (; !error && items != fs::directory_iterator(); items.increment(error)) {
    const std::string path = folder + items->path().filename().string();
    std::error_code loop;  // of a link to itself: listed, and then no regular file
    const bool is_link = items->is_symlink(loop);
    if (items->is_directory(loop)) {
      if (!is_link) folders.push_back(path + "/");
    } else if (!path.ends_with(kTemporary)) {
      paths.push_back(path);
    }
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw Unusable("file-unreadable", place.string());
}

bool read_bundle(std::string_view bundle, std::uint64_t width,
                 std::vector<std::string_view>& entries, std::string_view& rest) {
  rest = bundle;
  entries.clear();
  for (std::uint64_t i = 0; i < width; ++i) {
    if (rest.size() < 2) return false;
    const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(rest[0])) << 8 |
                               static_cast<unsigned char>(rest[1]);
    if (rest.size() - 2 < length) return false;
    entries.push_back(rest.substr(2, length));
    rest.remove_prefix(2 + length);
  }
  return true;
}

}  // namespace hangu_verify
