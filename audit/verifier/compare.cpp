#include "audit/verifier/compare.hpp"

#include <algorithm>
#include <filesystem>

#include "audit/verifier/head.hpp"
#include "audit/verifier/tile_tree.hpp"

namespace hangu_verify {
namespace {

/// One of the two: a folder with its tiles, or a checkpoint alone.
struct Side {
  std::string name;
  bool is_folder = false;
  LogFiles files;
  Note note;
  std::optional<TileTree> tiles{};
};

class Comparison {
 public:
  explicit Comparison(const Request& request) : request_(request) {}

  Report run(const std::string& first, const std::string& second) {
    auto a = read(first);
    auto b = read(second);
    if (!a || !b) return std::move(report_);
    if (a->note.checkpoint.origin != b->note.checkpoint.origin) {
      report_.worsen(Finding::tampered, {"origin-other", {}, {b->name, b->note.checkpoint.origin}});
      return std::move(report_);
    }
    Side& shorter = a->note.checkpoint.size <= b->note.checkpoint.size ? *a : *b;
    Side& longer = &shorter == &*a ? *b : *a;
    compare(shorter, longer);
    return std::move(report_);
  }

 private:
  std::optional<Side> read(const std::string& name) {
    std::error_code error;
    Side side{name, std::filesystem::is_directory(name, error), LogFiles(name), {}};
    const std::filesystem::path path(name);
    const LogFiles parent(path.has_parent_path() ? path.parent_path().string() : ".");
    const auto bytes =
        side.is_folder ? side.files.read("checkpoint") : parent.read(path.filename().string());
    const auto note = bytes ? read_note(*bytes) : std::nullopt;
    if (!note) {
      report_.worsen(Finding::cannot_tell, {"checkpoint-missing", {}, {name}});
      return std::nullopt;
    }
    side.note = *note;
    check_line_of(side);
    return side;
  }

  void check_line_of(const Side& side) {
    if (!request_.key) {
      if (report_.remarks.empty()) report_.worsen(Finding::cannot_tell, {"key-missing"});
      return;
    }
    const LineVerdict said = check_line(side.note, *request_.key);
    if (said == LineVerdict::good) return;
    const char* code = said == LineVerdict::bad ? "line-bad" : "line-missing";
    report_.worsen(Finding::tampered, {code, {}, {side.name, request_.key->name}});
  }

  void compare(Side& shorter, Side& longer) {
    const std::uint64_t size = shorter.note.checkpoint.size;
    const std::uint64_t other = longer.note.checkpoint.size;
    report_.root = to_hex(longer.note.checkpoint.root);
    if (!longer.is_folder && size != other) {
      report_.worsen(shorter.is_folder ? Finding::truncated : Finding::cannot_tell,
                     {shorter.is_folder ? "pin-ahead" : "compare-apart",
                      {},
                      {std::to_string(other), std::to_string(size)}});
      return;
    }
    for (Side* side : {&shorter, &longer})
      if (side->is_folder && !take_tiles(*side)) return;
    const auto root =
        longer.is_folder ? longer.tiles->root(0, size) : std::optional(longer.note.checkpoint.root);
    if (!root) return missing(longer);
    if (*root != shorter.note.checkpoint.root) return part(shorter, longer, size);
    report_.told.push_back(
        {size == other ? "compare-equal" : "compare-prefix",
         {},
         {shorter.name, longer.name, std::to_string(size), std::to_string(other)}});
  }

  /// The tiles, if they lead to the side's own root.
  bool take_tiles(Side& side) {
    side.tiles.emplace(side.files, side.note.checkpoint.size);
    const auto root = side.tiles->root(0, side.note.checkpoint.size);
    if (!root) {
      missing(side);
      return false;
    }
    if (*root == side.note.checkpoint.root) return true;
    report_.worsen(Finding::tampered, {"root-wrong", {}, {side.name + "/checkpoint"}});
    return false;
  }

  void missing(const Side& side) {
    const std::string path = side.name + "/" + side.tiles->unread();
    report_.worsen(Finding::truncated, {"file-missing", {}, {path}, side.tiles->unread()});
  }

  /// They differ within the first `size` entries: down to the first that does.
  void part(Side& shorter, Side& longer, std::uint64_t size) {
    if (!shorter.is_folder || !longer.is_folder) {
      report_.not_from(0);
      report_.worsen(Finding::tampered, {"compare-fork-before", {}, {std::to_string(size)}});
      return;
    }
    std::uint64_t from = 0;
    std::uint64_t to = size;
    while (to - from > 1) {
      const std::uint64_t middle = from + split_of(to - from);
      for (Side* side : {&shorter, &longer})
        if (!halves_fit(*side, from, middle, to)) return;
      const bool left_differs =
          shorter.tiles->root(from, middle) != longer.tiles->root(from, middle);
      (left_differs ? to : from) = middle;
    }
    report_.not_from(from);
    report_.since =
        time_of(shorter.files, shorter.note.checkpoint.size, from == 0 ? size : from - 1);
    report_.worsen(Finding::tampered,
                   {"compare-fork",
                    from,
                    {shorter.name, time_of(shorter.files, shorter.note.checkpoint.size, from),
                     longer.name, time_of(longer.files, longer.note.checkpoint.size, from)}});
  }

  /// A hash of a tile is nobody's word: each must be made of those below it.
  bool halves_fit(Side& side, std::uint64_t from, std::uint64_t middle, std::uint64_t to) {
    const auto whole = side.tiles->root(from, to);
    const auto left = side.tiles->root(from, middle);
    const auto right = side.tiles->root(middle, to);
    if (!whole || !left || !right) {
      missing(side);
      return false;
    }
    if (hash_node(*left, *right) == *whole) return true;
    report_.not_from(from);
    report_.worsen(Finding::tampered,
                   {"compare-tile", from, {side.name, std::to_string(from), std::to_string(to)}});
    return false;
  }

  const Request& request_;
  Report report_;
};

}  // namespace

Report compare_logs(const Request& request, const std::string& first, const std::string& second) {
  return Comparison(request).run(first, second);
}

}  // namespace hangu_verify
