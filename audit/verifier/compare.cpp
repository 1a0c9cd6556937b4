#include "audit/verifier/compare.hpp"

#include <algorithm>
#include <filesystem>

#include "audit/verifier/prefix.hpp"
#include "audit/verifier/tiled_keys.hpp"

namespace hangu_verify {
namespace {

/// One of the two: a folder with its tiles, or a checkpoint alone.
struct Side {
  std::string name;
  bool is_folder = false;
  LogFiles files;
  Head head;
  std::optional<TileTree> tiles{};
};

class Comparison {
 public:
  explicit Comparison(const Request& request) : request_(request) {}

  Report run(const std::string& first, const std::string& second) {
    auto a = read(first);
    auto b = read(second);
    check_notes(a, b);
    if (!a || !b) return std::move(report_);
    const std::string& origin = b->head.note.checkpoint.origin;
    if (a->head.note.checkpoint.origin != origin) {
      report_.worsen(Finding::tampered, {"origin-other", {}, {b->name, origin}});
      return std::move(report_);
    }
    Side& shorter = a->head.note.checkpoint.size <= b->head.note.checkpoint.size ? *a : *b;
    Side& longer = &shorter == &*a ? *b : *a;
    compare(shorter, longer);
    return std::move(report_);
  }

 private:
  std::optional<Side> read(const std::string& name) {
    std::error_code error;
    if (std::filesystem::is_directory(name, error)) return read_folder(name);
    const std::filesystem::path path(name);
    const LogFiles parent(path.has_parent_path() ? path.parent_path().string() : ".");
    const auto bytes = parent.read(path.filename().string());
    const auto note = bytes ? read_note(*bytes) : std::nullopt;
    if (!note) {
      report_.worsen(Finding::cannot_tell, {"checkpoint-missing", {}, {name}});
      return std::nullopt;
    }
    if (!request_.key) report_.worsen(Finding::cannot_tell, {"key-missing"});
    return Side{name, false, LogFiles(name), {*note, {}}};
  }

  std::optional<Side> read_folder(const std::string& name) {
    Side side{name, true, LogFiles(name), {}};
    const auto head = read_head(request_, side.files, report_, name + "/");
    if (!head) return std::nullopt;
    side.head = *head;
    return side;
  }

  /// Whose the checkpoints are, and what stands beside those of folders.
  void check_notes(const std::optional<Side>& a, const std::optional<Side>& b) {
    std::vector<TiledFolder> folders;
    std::vector<Note> alone;
    for (const auto* side : {&a, &b}) {
      if (*side && (*side)->is_folder) folders.push_back({(*side)->files, (*side)->head});
      if (*side && !(*side)->is_folder) alone.push_back((*side)->head.note);
    }
    const KeyHistory keys = keys_by_tiles(request_, folders, alone);
    for (const auto* side : {&a, &b})
      if (*side) check_note(**side, keys);
    keys.judge_given(true, report_);
  }

  void check_note(const Side& side, const KeyHistory& keys) {
    const Note& note = side.head.note;
    if (!side.is_folder)
      return report_.worsen_all(Finding::tampered, keys.check_log_line(note, side.name));
    TileTree tiles(side.files, note.checkpoint.size);
    Quorum quorum(request_.policy);
    check_beside(request_, side.head, {note.checkpoint, tiles, side.name + "/"}, keys, quorum,
                 report_);
    quorum.judge(request_, side.files, note.checkpoint.size, report_);
  }

  void compare(Side& shorter, Side& longer) {
    const std::uint64_t size = shorter.head.note.checkpoint.size;
    const std::uint64_t other = longer.head.note.checkpoint.size;
    report_.root = to_hex(longer.head.note.checkpoint.root);
    if (!longer.is_folder && size != other) {
      report_.worsen(shorter.is_folder ? Finding::truncated : Finding::cannot_tell,
                     {shorter.is_folder ? "pin-ahead" : "compare-apart",
                      {},
                      {std::to_string(other), std::to_string(size)}});
      return;
    }
    for (Side* side : {&shorter, &longer})
      if (side->is_folder && !take_tiles(*side)) return;
    const Hash& whole = longer.head.note.checkpoint.root;
    const auto root = longer.is_folder ? longer.tiles->prefix(size, whole) : std::optional(whole);
    if (!root) return missing(longer);
    if (*root != shorter.head.note.checkpoint.root) return part(shorter, longer, size);
    report_.told.push_back(
        {size == other ? "compare-equal" : "compare-prefix",
         {},
         {shorter.name, longer.name, std::to_string(size), std::to_string(other)}});
  }

  /// The tiles, if they lead to the side's own root.
  bool take_tiles(Side& side) {
    side.tiles.emplace(side.files, side.head.note.checkpoint.size);
    const auto root = side.tiles->root(0, side.head.note.checkpoint.size);
    if (!root) {
      missing(side);
      return false;
    }
    if (*root == side.head.note.checkpoint.root) return true;
    not_its_root(side);
    return false;
  }

  void not_its_root(const Side& side) {
    const std::string path = side.name + "/checkpoint";
    report_.worsen(Finding::tampered, {"root-wrong", {}, {path}, path});
  }

  void missing(const Side& side) {
    if (side.tiles->unread().empty()) return not_its_root(side);
    const std::string path = side.name + "/" + side.tiles->unread();
    report_.worsen(Finding::truncated, {"file-missing", {}, {path}, path});
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
        time_of(shorter.files, shorter.head.note.checkpoint.size, from == 0 ? size : from - 1);
    report_.worsen(Finding::tampered,
                   {"compare-fork",
                    from,
                    {shorter.name, time_of(shorter.files, shorter.head.note.checkpoint.size, from),
                     longer.name, time_of(longer.files, longer.head.note.checkpoint.size, from)}});
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
