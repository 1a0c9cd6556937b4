#include "tests/support/log_roller.hpp"

#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>

#include "audit/checkpoint.hpp"
#include "audit/entry.hpp"
#include "audit/epoch_entries.hpp"
#include "base/text.hpp"
#include "tests/support/log_maker.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kEpochSeeds = 0x80;  ///< that of epoch 0; each later one's is the next

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

NoteSigner gm_signer(unsigned seed) {
  return must(NoteSigner::create(kOrigin + "/gm", gm_key(seed + 1)));
}

NoteSigner epoch_signer(std::size_t number) {
  return must(NoteSigner::create(kOrigin + "/epoch",
                                 key_from(kEpochSeeds + static_cast<unsigned>(number))));
}

std::vector<std::string> pieces_of(const std::string& step) {
  std::vector<std::string> out;
  std::istringstream in(step);
  for (std::string piece; std::getline(in, piece, ':');) out.push_back(piece);
  return out;
}

unsigned seed_of(const std::string& text) { return static_cast<unsigned>(std::stoul(text)); }

class HandLog {
 public:
  explicit HandLog(bool bare) : bare_(bare) {
    add("genesis", {{"origin", kOrigin},
                    {"vkey", hand_vkey(0)},
                    {"epochVkey", epoch_signer(0).key().to_text()},
                    {"gmVkey", gm_text(bare_ ? "-" : "0")}});
  }

  void beats(int count) {
    for (int i = 0; i < count; ++i) add("heartbeat", heartbeat());
  }

  void close(std::optional<wire::JsonObject> log_keys = {}) {
    const Epoch& epoch = epochs_.back();
    wire::JsonObject event{{"epoch", epochs_.size() - 1},
                           {"first", epoch.first},
                           {"size", entries_.size()},
                           {"root", to_hex(head_of(entries_).root)},
                           {"nextVkey", epoch_signer(epochs_.size()).key().to_text()},
                           {"sm3", to_hex(chain_)}};
    if (log_keys) event.emplace_back("logKeys", *std::move(log_keys));
    add("epoch.close", std::move(event));
    epochs_.push_back({entries_.size(), epoch.seed});
  }

  void roll(unsigned seed) {
    const std::string now = std::to_string(epochs_.back().seed);
    told({"told", now, std::to_string(seed), bare_ ? "-" : now, bare_ ? "-" : std::to_string(seed),
          std::to_string(seed)});
  }

  void told(const std::vector<std::string>& words) {
    close(wire::JsonObject{{"vkey", hand_vkey(seed_of(words.at(1)))},
                           {"gmVkey", gm_text(words.at(3))},
                           {"nextVkey", hand_vkey(seed_of(words.at(2)))},
                           {"nextGmVkey", gm_text(words.at(4))}});
    epochs_.back().seed = seed_of(words.at(5));
  }

  void prune(std::uint64_t before) {
    const Epoch& epoch = epochs_[epoch_of(before + 1)];
    Hash chain{};
    for (std::uint64_t i = 0; i < before; ++i) chain = chain_on(chain, bytes_of(entries_[i]));
    add("log.pruned",
        {{"before", before},
         {"lastTime", must(EntryHead::parse(entries_[before - 1])).time.to_text()},
         {"epoch", wire::JsonObject{{"number", epoch_of(before + 1)},
                                    {"first", epoch.first},
                                    {"vkey", epoch_signer(epoch_of(before + 1)).key().to_text()}}},
         {"vkey", hand_vkey(epoch.seed)},
         {"gmVkey", gm_text(bare_ ? "-" : std::to_string(epoch.seed))},
         {"sm3", to_hex(chain)},
         {"archive", std::string(64, '0')},
         {"signers", wire::JsonArray{"anna", "bo"}},
         {"order", to_base64(bytes_of(prune_order(before)))}});
    pruned_ = before;
  }

  void write(const fs::path& folder) const {
    write_tiles(folder / "log", entries_);
    for (std::size_t i = 0; i + 1 < epochs_.size(); ++i)
      write_bytes(folder / "log/epoch" / (std::to_string(i) + ".checkpoint"),
                  bytes_of(note(epochs_[i + 1].first, epochs_[i].seed, epochs_[i].seed)));
    const unsigned seed = epochs_[epoch_of(entries_.size())].seed;
    write_bytes(folder / "log/checkpoint", bytes_of(note(entries_.size(), seed, seed)));
    write_bytes(folder / "anchors/log.vkey", bytes_of(hand_vkey(epochs_.back().seed) + "\n"));
    write_auditors(folder);
    for (std::uint64_t number = 0; number < pruned_ / kTileWidth; ++number)
      fs::remove(folder / "log" / Tile{.level = {}, .number = number}.path());
  }

  [[nodiscard]] std::string note(std::uint64_t size, unsigned seed, unsigned gm) const {
    const auto log = signer_from(seed);
    const auto epoch = epoch_signer(epoch_of(size));
    const auto sm2 = gm_signer(gm);
    std::vector<const NoteSigner*> signers{&log, &epoch};
    if (!bare_) signers.push_back(&sm2);
    const Checkpoint checkpoint{
        .origin = kOrigin,
        .head = head_of({entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(size)})};
    return must(sign_note(checkpoint.to_text(), signers));
  }

  void receipt(const fs::path& path, std::uint64_t index, std::uint64_t size, unsigned seed) const {
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < size; ++i) leaves.push_back(leaf_hash(bytes_of(entries_[i])));
    std::string text = "c2sp.org/tlog-proof@v1\nindex " + std::to_string(index) + "\n";
    for (const Hash& hash : must(inclusion_path(PlainTree(leaves), index, size)))
      text += to_base64(hash) + "\n";
    write_bytes(path, bytes_of(text + "\n" + note(size, seed, seed)));
    write_bytes(path.string() + ".entry", bytes_of(entries_[index]));
  }

 private:
  struct Epoch {
    std::uint64_t first = 0;
    unsigned seed = 0;  ///< of the log's keys then
  };

  void add(std::string type, wire::JsonObject event) {
    time_ = time_ + std::chrono::seconds(1);
    entries_.push_back(Entry{.id = {},
                             .type = std::move(type),
                             .time = time_,
                             .boot = "0011223344556677",
                             .peer = {.program = "audit", .uid = 7, .pid = 8},
                             .transfer = {},
                             .previous = {},
                             .keys = {},
                             .body = event_body(wire::Json(std::move(event)).to_text())}
                           .to_text());
    chain_ = chain_on(chain_, bytes_of(entries_.back()));
  }

  /// The one in which the last entry of the tree of `size` lies.
  [[nodiscard]] std::size_t epoch_of(std::uint64_t size) const {
    std::size_t i = 0;
    while (i + 1 < epochs_.size() && epochs_[i + 1].first < size) ++i;
    return i;
  }

  [[nodiscard]] static wire::Json gm_text(const std::string& seed) {
    return seed == "-" ? wire::Json() : wire::Json(hand_gm_vkey(seed_of(seed)));
  }

  bool bare_;
  WallTime time_ = *WallTime::parse("2026-03-01T08:00:00.000Z");
  std::vector<std::string> entries_;
  std::vector<Epoch> epochs_{Epoch{}};
  Hash chain_{};
  std::uint64_t pruned_ = 0;
};

/// False when it is none that adds entries.
bool grow(HandLog& log, const std::vector<std::string>& words) {
  const std::string& step = words.at(0);
  if (step.starts_with('+')) {
    log.beats(std::stoi(step.substr(1)));
  } else if (step == "end") {
    log.close();
  } else if (step == "roll") {
    log.roll(seed_of(words.at(1)));
  } else if (step == "told") {
    log.told(words);
  } else if (step == "prune") {
    log.prune(std::stoull(words.at(1)));
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string hand_vkey(unsigned seed) { return signer_from(seed).key().to_text(); }
std::string hand_gm_vkey(unsigned seed) { return gm_signer(seed).key().to_text(); }

void make_hand_log(const fs::path& folder, const std::vector<std::string>& steps) {
  std::span<const std::string> left(steps);
  const bool bare = !left.empty() && left.front() == "bare";
  if (bare) left = left.subspan(1);
  HandLog log(bare);
  while (!left.empty() && grow(log, pieces_of(left.front()))) left = left.subspan(1);
  log.write(folder);
  for (const std::string& step : left) {
    const auto words = pieces_of(step);
    if (words.at(0) == "note") {
      write_bytes(
          folder / words.at(1),
          bytes_of(log.note(std::stoull(words.at(2)), seed_of(words.at(3)), seed_of(words.at(4)))));
    } else if (words.at(0) == "receipt") {
      log.receipt(folder / words.at(1), std::stoull(words.at(2)), std::stoull(words.at(3)),
                  seed_of(words.at(4)));
    } else {
      throw std::runtime_error("no step: " + step);
    }
  }
}

}  // namespace hangu::audit::test
