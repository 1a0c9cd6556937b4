#include "audit/verifier/log_check.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

namespace hangu_verify {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kTileWidth = 256;
constexpr std::size_t kEntryBytesMax = 65535;
constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 32;

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// "x001/x234/067"
std::string tile_number(std::uint64_t n) {
  const auto group = [](std::uint64_t value) {
    std::string digits = std::to_string(value);
    return std::string(3 - digits.size(), '0') + digits;
  };
  std::string out = group(n % 1000);
  while ((n /= 1000) > 0) out.insert(0, std::string("x").append(group(n % 1000)).append("/"));
  return out;
}

/// The path of tile `n` of a level ("0", "1", …, "entries") with `width` items.
std::string tile_path(const std::string& level, std::uint64_t n, std::uint64_t width) {
  std::string path = "tile/" + level + "/" + tile_number(n);
  if (width < kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

/// One run of the check; collects findings as it goes.
class Check {
 public:
  explicit Check(const Request& request) : request_(request) {}

  Report run() {
    const auto note = read_file(fs::path(request_.folder) / "checkpoint");
    if (!note) return stop(Finding::cannot_tell, "no checkpoint in " + request_.folder);
    if (!request_.key)
      worsen(Finding::cannot_tell, "no log key given: the checkpoint's signature is not checked");
    switch (read_checkpoint(*note, request_.key, head_)) {
      case NoteVerdict::good: break;
      case NoteVerdict::malformed: return stop(Finding::tampered, "checkpoint: malformed");
      case NoteVerdict::bad_signature: return stop(Finding::tampered, "checkpoint: bad signature");
      case NoteVerdict::unsigned_by_key:
        return stop(Finding::tampered, "checkpoint: not signed by the log key");
    }
    if (head_.size > kEntriesMax) return stop(Finding::cannot_tell, "log too large");
    read_entries();
    report_.entries = leaves_.size();
    if (leaves_.size() == head_.size) {
      compare_root();
      compare_tiles();
    }
    compare_pins();
    tell_gaps();
    return report_;
  }

 private:
  Report stop(Finding finding, const std::string& message) {
    worsen(finding, message);
    return report_;
  }

  /// Of several findings the lowest status that is not good wins.
  void worsen(Finding finding, const std::string& message) {
    if (report_.finding == Finding::good || finding < report_.finding) report_.finding = finding;
    report_.messages.push_back(message);
  }

  void bad_entry(std::uint64_t index, const std::string& message) {
    if (!report_.first_bad || index < *report_.first_bad) report_.first_bad = index;
    worsen(Finding::tampered, "entry " + std::to_string(index) + ": " + message);
  }

  /// A full tile, or the partial of exactly this width.
  std::optional<std::string> read_tile(const std::string& level, std::uint64_t n,
                                       std::uint64_t width, std::string& path) {
    path = tile_path(level, n, width);
    if (auto bytes = read_file(fs::path(request_.folder) / path)) return bytes;
    if (width == kTileWidth) return std::nullopt;
    path = tile_path(level, n, kTileWidth);  // the log grew since: the full tile serves too
    return read_file(fs::path(request_.folder) / path);
  }

  void read_entries() {
    for (std::uint64_t start = 0; start < head_.size; start += kTileWidth) {
      const std::uint64_t width = std::min(kTileWidth, head_.size - start);
      std::string path;
      const auto bundle = read_tile("entries", start / kTileWidth, width, path);
      if (!bundle) {
        report_.first_bad = start;
        worsen(Finding::truncated, path + " is missing");
        return;
      }
      std::string_view rest = *bundle;
      for (std::uint64_t i = 0; i < width; ++i) {
        if (rest.size() < 2) return bad_entry(start + i, path + " ends early");
        const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(rest[0]))
                                       << 8 |
                                   static_cast<unsigned char>(rest[1]);
        if (length > kEntryBytesMax || rest.size() - 2 < length)
          return bad_entry(start + i, path + " ends early");
        const std::string_view entry = rest.substr(2, length);
        leaves_.push_back(hash_leaf(entry));
        read_entry(start + i, entry);
        rest.remove_prefix(2 + length);
      }
      if (!rest.empty() && width == kTileWidth)
        bad_entry(start + width - 1, path + " has bytes after its last entry");
    }
  }

  void read_entry(std::uint64_t index, std::string_view text) {
    const json entry = json::parse(text, nullptr, false);
    if (!entry.is_object() || !entry.contains("time") || !entry["time"].is_string() ||
        !entry.contains("type") || !entry["type"].is_string())
      return bad_entry(index, "not an entry");
    const std::string time = entry["time"];
    if (time < last_time_) bad_entry(index, "its time is before the entry before");
    last_time_ = time;
    for (const json& key : entry.value("keys", json::array()))
      if (key.is_string() && !keys_.insert(key.get<std::string>()).second)
        bad_entry(index, "key " + key.get<std::string>() + " was taken before");
    if (entry.contains("transfer") && entry["transfer"].is_string())
      follow_link(index, entry["transfer"], entry.value("previous", json()));
    const std::string type = entry["type"];
    if (type == "sequence.gap") read_gap(index, entry.value("event", json()));
    if (type.starts_with("step.") && !request_.stage_keys.empty())
      check_statement(index, type, entry);
  }

  void follow_link(std::uint64_t index, const std::string& transfer, const json& previous) {
    const auto last = last_of_.find(transfer);
    const bool matches = last == last_of_.end() ? previous.is_null()
                                                : previous.is_number_unsigned() &&
                                                      previous.get<std::uint64_t>() == last->second;
    if (!matches) bad_entry(index, "its link to the transfer's entry before is wrong");
    last_of_[transfer] = index;
  }

  void read_gap(std::uint64_t index, const json& event) {
    if (!event.is_object() || !event.contains("node") || !event["node"].is_string() ||
        !event.contains("missing") || !event["missing"].is_number_unsigned())
      return bad_entry(index, "not a gap");
    gaps_.push_back({index, event["node"], event["missing"]});
  }

  /// A statement that was still under way closed its gap when it was taken.
  void tell_gaps() {
    for (const Gap& gap : gaps_) {
      const std::string missing = std::to_string(gap.missing);
      if (keys_.contains("sequence:" + gap.node + ":" + missing)) continue;
      report_.worth_a_look.push_back("entry " + std::to_string(gap.index) + ": number " + missing +
                                     " of " + gap.node + " was never taken");
    }
  }

  /// The stage's own signature over its statement (DSSE).
  void check_statement(std::uint64_t index, const std::string& type, const json& entry) {
    std::string envelope_text;
    if (!entry.contains("statement") || !entry["statement"].is_string() ||
        !from_base64(entry["statement"].get<std::string>(), envelope_text))
      return bad_entry(index, "no statement");
    const json envelope = json::parse(envelope_text, nullptr, false);
    const std::string program = signer_of(type, entry);
    const auto key = request_.stage_keys.find(program);
    std::string payload;
    std::string signature;
    if (key == request_.stage_keys.end() || !envelope.is_object() ||
        !envelope.contains("payload") || !envelope["payload"].is_string() ||
        !from_base64(envelope["payload"].get<std::string>(), payload) ||
        !envelope.contains("payloadType") || !envelope["payloadType"].is_string() ||
        !envelope.contains("signatures") || !envelope["signatures"].is_array() ||
        envelope["signatures"].size() != 1 || !envelope["signatures"][0].is_object() ||
        !envelope["signatures"][0].contains("sig") ||
        !envelope["signatures"][0]["sig"].is_string() ||
        !from_base64(envelope["signatures"][0]["sig"].get<std::string>(), signature))
      return bad_entry(index, "statement not readable");
    const std::string payload_type = envelope["payloadType"];
    const std::string message = "DSSEv1 " + std::to_string(payload_type.size()) + " " +
                                payload_type + " " + std::to_string(payload.size()) + " " + payload;
    if (!verify_ed25519(key->second, message, signature))
      return bad_entry(index, "statement not signed by " + program);
    ++report_.steps;
  }

  /// Whose key signs a step: each zone's receive has its own, decide signs the clearing too.
  static std::string signer_of(const std::string& type, const json& entry) {
    std::string stage = type.substr(5);
    if (stage == "clear") return "decide";
    if (stage != "receive") return stage;
    return entry.value("peer", json::object()).value("program", "receive");
  }

  void compare_root() {
    const Hash root = root_of(leaves_);
    report_.root = to_hex(root);
    if (!std::equal(root.begin(), root.end(), head_.root.begin(),
                    [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); })) {
      if (!report_.first_bad) report_.first_bad = 0;
      worsen(Finding::tampered, "the entries do not make the signed root");
    }
  }

  void compare_tiles() {
    const std::vector<std::vector<Hash>> levels = tile_levels(leaves_);
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const std::vector<Hash>& hashes = levels[level];
      for (std::uint64_t start = 0; start < hashes.size(); start += kTileWidth) {
        const std::uint64_t width = std::min<std::uint64_t>(kTileWidth, hashes.size() - start);
        std::string path;
        const auto tile = read_tile(std::to_string(level), start / kTileWidth, width, path);
        if (!tile) {
          worsen(Finding::truncated, path + " is missing");
          continue;
        }
        for (std::uint64_t i = 0; i < width; ++i) compare_hash(*tile, i, hashes[start + i], path);
      }
    }
  }

  void compare_hash(std::string_view tile, std::uint64_t i, const Hash& expected,
                    const std::string& path) {
    const std::size_t at = static_cast<std::size_t>(i) * expected.size();
    const bool equal =
        tile.size() >= at + expected.size() &&
        std::equal(expected.begin(), expected.end(), tile.begin() + static_cast<std::ptrdiff_t>(at),
                   [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
    if (!equal) worsen(Finding::tampered, path + ": hash " + std::to_string(i) + " is wrong");
  }

  /// Each earlier checkpoint must be a prefix of this log.
  void compare_pins() {
    for (const std::string& pin : request_.pins) {
      Checkpoint earlier;
      if (read_checkpoint(pin, request_.key, earlier) != NoteVerdict::good) {
        worsen(Finding::cannot_tell, "pin: not a checkpoint of this log");
      } else if (earlier.size > leaves_.size()) {
        worsen(Finding::truncated,
               "the log had " + std::to_string(earlier.size) + " entries before and has fewer now");
      } else {
        const Hash root = root_of(std::span(leaves_).first(earlier.size));
        if (std::string(root.begin(), root.end()) != earlier.root)
          worsen(Finding::tampered, "entries before " + std::to_string(earlier.size) +
                                        " are not those of the pinned checkpoint");
      }
    }
  }

  const Request& request_;
  Report report_;
  Checkpoint head_;
  std::vector<Hash> leaves_;
  std::string last_time_;
  std::set<std::string> keys_;
  std::map<std::string, std::uint64_t> last_of_;
  struct Gap {
    std::uint64_t index = 0;
    std::string node;
    std::uint64_t missing = 0;
  };
  std::vector<Gap> gaps_;
};

}  // namespace

Report check_log(const Request& request) { return Check(request).run(); }

}  // namespace hangu_verify
