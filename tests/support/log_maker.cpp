#include "tests/support/log_maker.hpp"

#include <stdexcept>

#include "audit/checkpoint.hpp"
#include "audit/order.hpp"
#include "audit/tile.hpp"
#include "audit/writer.hpp"
#include "base/text.hpp"
#include "crypto/certificate.hpp"
#include "crypto/hash.hpp"
#include "os/file.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyFileBytesMax = 4096;
const std::string kArchive(64, '0');

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}
void must(const Done& done) {
  if (!done) throw std::runtime_error(done.error().message());
}

/// The log's own keys: the first, and those that come after roll_log().
LogSecrets log_secrets(bool rolled) {
  const unsigned number = rolled ? 1 : 0;
  return {.key = key_from(number), .gm_key = gm_key(number + 1)};
}
LogSigners log_signers(bool rolled) {
  return must(LogSigners::create(kOrigin, log_secrets(rolled)));
}
/// Which of them are in force.
bool is_rolled(const fs::path& folder) {
  return text_of(read_bytes(folder / "anchors/log.vkey")) == rolled_vkey() + "\n";
}

struct Runs {
  int starts = 1;
  int entries = 0;      ///< of each
  int unpublished = 0;  ///< of the last
  bool rolled = false;
  std::string_view from = "2026-03-01T08:00:00.000Z";
};

void run_writers(const fs::path& folder, const Runs& runs) {
  ManualClock clock{*WallTime::parse(runs.from)};
  SeededEntropy entropy{runs.rolled ? 44U : 42U};
  for (int start = 0; start < runs.starts; ++start) {
    WriterPlan plan = writer_plan(folder, clock, entropy);
    LogSecrets own = log_secrets(runs.rolled);
    plan.key = std::move(own.key);
    plan.gm_key = std::move(own.gm_key);
    if (runs.rolled && start == 0) plan.former = log_secrets(false);
    auto opened = must(Writer::open(std::move(plan)));
    const auto add = [&](int count) {
      for (int i = 0; i < count; ++i) {
        clock.advance(std::chrono::seconds(1));
        must(opened.writer.note_event("heartbeat", heartbeat()));
      }
    };
    add(runs.entries);
    must(opened.publisher.publish(opened.writer.log().head().size));
    if (start + 1 == runs.starts) add(runs.unpublished);
  }
  write_bytes(folder / "anchors/log.vkey",
              bytes_of((runs.rolled ? rolled_vkey() : log_vkey()) + "\n"));
}

/// The present epoch's, which is the only one there.
NoteSigner epoch_signer(const fs::path& folder) {
  for (const auto& file : fs::directory_iterator(folder / "epoch-keys")) {
    const Bytes pem = must(os::read_file(file.path().string(), kKeyFileBytesMax));
    return must(NoteSigner::create(kOrigin + "/epoch", must(crypto::read_signing_key_pem(pem))));
  }
  throw std::runtime_error("no key of the present epoch");
}

/// What `log.pruned` tells of the entries before `before`.
wire::JsonObject pruning_event(const std::vector<std::string>& entries, std::uint64_t before,
                               const std::string& order) {
  EpochReader epochs;
  Hash chain{};
  for (std::uint64_t i = 0; i < before; ++i) {
    must(epochs.see(i, must(EntryHead::parse(entries[i]))));
    chain = chain_on(chain, bytes_of(entries[i]));
  }
  return {{"before", before},
          {"lastTime", must(EntryHead::parse(entries[before - 1])).time.to_text()},
          {"epoch", wire::JsonObject{{"number", epochs.told()->number},
                                     {"first", epochs.first()},
                                     {"vkey", epochs.told()->vkey}}},
          {"vkey", epochs.log_keys().vkey},
          {"gmVkey", wire::Json(epochs.log_keys().gm_vkey.value())},
          {"sm3", to_hex(chain)},
          {"archive", kArchive},
          {"signers", wire::JsonArray{"anna", "bo"}},
          {"order", to_base64(bytes_of(order))}};
}

}  // namespace

void write_tiles(const fs::path& log, const std::vector<std::string>& entries) {
  TileHashes hashes([](const Tile&) -> Result<Bytes> { return Bytes(); });
  std::vector<Tile> tiles;
  Bytes bundle;
  const auto put_bundle = [&](std::size_t count) {
    const Tile tile{
        .level = {}, .number = (count - 1) / kTileWidth, .width = (count - 1) % kTileWidth + 1};
    write_bytes(log / tile.path(), bundle);
    bundle.clear();
  };
  for (std::size_t i = 0; i < entries.size(); ++i) {
    hashes.append(leaf_hash(bytes_of(entries[i])));
    append_to_bundle(bundle, bytes_of(entries[i]));
    if ((i + 1) % kTileWidth == 0 || i + 1 == entries.size()) put_bundle(i + 1);
  }
  for (unsigned level = 0; hashes_at(entries.size(), level) > 0; ++level)
    for (std::uint64_t number = 0; number < hashes_at(entries.size(), level) / kTileWidth; ++number)
      tiles.push_back({.level = level, .number = number});
  for (const Tile& tile : partial_tiles_of(entries.size()))
    if (tile.level) tiles.push_back(tile);
  for (const Tile& tile : tiles) write_bytes(log / tile.path(), hashes.tile_bytes(tile));
}

TreeHead head_of(const std::vector<std::string>& entries) {
  Frontier tree;
  for (const std::string& entry : entries) tree.append(leaf_hash(bytes_of(entry)));
  return {.size = tree.size(), .root = tree.root()};
}

std::string prune_order(std::uint64_t before, const std::vector<unsigned>& seeds) {
  const Order order{.origin = kOrigin,
                    .act = PruneOrder{.before = before, .archive = kArchive},
                    .reason = "over",
                    .expires = *WallTime::parse("2036-03-01T08:00:00.000Z")};
  const std::string type(kOrderPayloadType);
  auto envelope =
      must(flow::Envelope::sign(type, hangu::to_bytes(order.to_text()), key_from(seeds.at(0))));
  for (std::size_t i = 1; i < seeds.size(); ++i)
    envelope = must(sign_order(std::move(envelope), key_from(seeds[i])));
  return envelope.to_text();
}

void write_auditors(const fs::path& folder) {
  wire::JsonObject auditors;
  for (const unsigned seed : kAuditorSeeds)
    auditors.emplace_back(
        "auditor-" + std::to_string(seed),
        wire::JsonObject{{"algorithm", "ed25519"},
                         {"key", to_base64(key_from(seed).verify_key().point())}});
  write_bytes(folder / "anchors/auditors.json", bytes_of(wire::Json(auditors).to_text()));
}

std::string log_vkey() { return signer_from(0).key().to_text(); }
std::string rolled_vkey() { return signer_from(1).key().to_text(); }

void make_log(const fs::path& folder, int starts, int entries) {
  run_writers(folder, {.starts = starts, .entries = entries});
  fs::remove_all(folder / "log/journal");  // the writer's own, in no copy
}

void make_live_log(const fs::path& folder, int starts, int entries, int unpublished) {
  run_writers(folder, {.starts = starts, .entries = entries, .unpublished = unpublished});
}

void roll_log(const fs::path& folder, int starts, int entries) {
  run_writers(
      folder,
      {.starts = starts, .entries = entries, .rolled = true, .from = "2026-03-01T20:00:00.000Z"});
  write_bytes(folder / "anchors/log-former.vkey", bytes_of(log_vkey() + "\n"));
}

void make_raw_log(const fs::path& folder, const std::vector<std::string>& entries) {
  const VisitEntry pass = [](std::uint64_t, ByteView) { return Done(); };
  auto opened =
      must(Log::open(folder_at(folder / "log"), shared_signer(0), {.disk_reserve_bytes = 0}, pass));
  for (const std::string& entry : entries) {
    EntryBatch batch;
    batch.add(bytes_of(entry));
    (void)must(opened.log.commit(std::move(batch)));
  }
  (void)must(opened.publisher.publish(opened.log.head().size));
  fs::remove_all(folder / "log/journal");
  write_bytes(folder / "anchors/log.vkey", bytes_of(log_vkey() + "\n"));
}

std::string write_on(const fs::path& folder, int seconds) {
  constexpr unsigned kWitness = 0x20;
  constexpr int kBatch = 7;    // entries, so that partial tiles of many widths come and go
  constexpr int kRounds = 40;  // of each epoch
  ManualClock clock{*WallTime::parse("2026-03-01T20:00:00.000Z")};
  SeededEntropy entropy{43};
  WriterPlan plan = writer_plan(folder, clock, entropy);
  plan.gm_key = gm_key();
  auto opened = must(Writer::open(std::move(plan)));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::string vkey;
  for (int round = 0; vkey.empty() || std::chrono::steady_clock::now() < end; ++round) {
    for (int i = 0; i < kBatch; ++i) must(opened.writer.note_event("heartbeat", heartbeat()));
    if (round % kRounds == 0) must(opened.writer.close_epoch());
    const TreeHead head = must(opened.publisher.publish(opened.writer.log().head().size));
    opened.writer.published(head.size);
    clock.advance(std::chrono::seconds(1));
    vkey = cosign_log(folder, kWitness, 1'800'000'000);
  }
  return vkey;
}

std::vector<std::string> entries_of(const fs::path& folder) {
  const Bytes note = read_bytes(folder / "log/checkpoint");
  const auto head = must(Checkpoint::parse(must(Note::parse(text_of(note))).text)).head;
  std::vector<std::string> entries;
  while (entries.size() < head.size) {
    const std::size_t width = std::min<std::size_t>(kTileWidth, head.size - entries.size());
    const Tile tile{.level = {}, .number = entries.size() / kTileWidth, .width = width};
    const Bytes bundle = read_bytes(folder / "log" / tile.path());
    for (const ByteView entry : must(parse_bundle(bundle, width)))
      entries.emplace_back(text_of(entry));
  }
  return entries;
}

void sign_anew(const fs::path& folder, const std::vector<std::string>& entries) {
  const LogSigners own = log_signers(is_rolled(folder));
  const auto epoch = epoch_signer(folder);
  fs::remove_all(folder / "log/tile");
  write_tiles(folder / "log", entries);
  const Checkpoint checkpoint{.origin = kOrigin, .head = head_of(entries)};
  const std::vector<const NoteSigner*> signers{own.log.get(), &epoch, own.gm.get()};
  write_bytes(folder / "log/checkpoint", bytes_of(must(sign_note(checkpoint.to_text(), signers))));
}

void prune_log(const fs::path& folder, std::uint64_t before, const std::vector<unsigned>& seeds) {
  write_auditors(folder);
  std::vector<std::string> entries = entries_of(folder);
  Entry pruned{
      .id = {},
      .type = "log.pruned",
      .time = must(EntryHead::parse(entries.back())).time,
      .boot = "0011223344556677",
      .peer = {.program = "audit", .uid = 7, .pid = 8},
      .transfer = {},
      .previous = {},
      .keys = {},
      .body = event_body(
          wire::Json(pruning_event(entries, before, prune_order(before, seeds))).to_text())};
  entries.push_back(pruned.to_text());
  sign_anew(folder, entries);
  for (std::uint64_t number = 0; number < before / kTileWidth; ++number)
    fs::remove(folder / "log" / Tile{.level = {}, .number = number}.path());
}

std::string cosign_log(const fs::path& folder, unsigned seed, std::uint64_t time) {
  const std::string note(text_of(read_bytes(folder / "log/checkpoint")));
  const std::string text = note.substr(0, note.rfind("\n\n") + 1);
  const std::string name = "witness.example/w" + std::to_string(seed);
  const crypto::SigningKey key = key_from(seed);
  Bytes blob{std::byte{4}};
  append(blob, key.verify_key().point());
  const Bytes named = hangu::to_bytes(name + "\n");
  Bytes hashed = named;
  append(hashed, blob);
  const Hash digest = crypto::hash(crypto::HashAlgorithm::sha256, hashed);
  const ByteView id = ByteView(digest).first(4);
  const Bytes signature =
      must(key.sign(bytes_of("cosignature/v1\ntime " + std::to_string(time) + "\n" + text)));
  Bytes line = hangu::to_bytes("");
  append(line, id);
  for (int shift = 56; shift >= 0; shift -= 8)
    line.push_back(static_cast<std::byte>(time >> shift));
  append(line, signature);
  const fs::path place = folder / "log/witness/checkpoint";
  std::string before = fs::exists(place) ? std::string(text_of(read_bytes(place))) : note;
  if (!before.starts_with(text)) before = note;
  const fs::path temporary = folder / "log/witness/.new";
  write_bytes(temporary, bytes_of(before + "\u2014 " + name + " " + to_base64(line) + "\n"));
  fs::rename(temporary, place);
  return name + "+" + to_hex(id) + "+" + to_base64(blob);
}

}  // namespace hangu::audit::test
