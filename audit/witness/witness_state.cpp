#include "audit/witness/witness_state.hpp"

#include <algorithm>

#include "audit/witness/limits.hpp"
#include "base/text.hpp"
#include "os/clock.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kConflictEnding = ".conflict";
constexpr std::string_view kDiskFull = "disk-full";
constexpr std::chrono::milliseconds kLockPause{5};

WitnessVerdict refuse(int status, WitnessFinding finding, const std::string& why,
                      const std::string& origin = {}) {
  return {
      .answer = {.status = status, .media_type = std::string(kTextMediaType), .body = why + "\n"},
      .finding = finding,
      .detail = origin.empty() ? why : printable(origin) + ": " + why};
}

std::string sizes(std::uint64_t from, std::uint64_t to) {
  return "from size " + std::to_string(from) + " to " + std::to_string(to);
}

bool same_signer(const NoteSignature& a, const NoteSignature& b) {
  return a.name == b.name && a.key_id == b.key_id;
}

/// One line of each key: whoever sends a note may repeat a good line as often as a note has room.
void add_line(Note& note, const NoteSignature& line) {
  if (std::ranges::none_of(note.signatures,
                           [&](const auto& one) { return same_signer(one, line); }))
    note.signatures.push_back(line);
}

std::unexpected<Error> failed_disk(const std::string& why) {
  return fail(ErrorCode::internal, "witness-disk-failed", why);
}

}  // namespace

std::string origin_hash_of(std::string_view origin) {
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(origin)));
}

Result<Note> parse_witness_state(std::string_view state) {
  const std::size_t split = state.rfind("\n\n");
  const std::string text(state.substr(0, split == std::string_view::npos ? 0 : split + 1));
  std::string_view lines = state.substr(text.empty() ? state.size() : split + 2);
  Note out{.text = text, .signatures = {}};
  do {  // ends: each turn takes a line
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string one = text + "\n";
    one += lines.substr(0, std::min(end + 1, lines.size()));
    HANGU_TRY(const Note read, Note::parse(one));
    add_line(out, read.signatures.front());
    lines.remove_prefix(std::min(end + 1, lines.size()));
  } while (!lines.empty());
  HANGU_TRY(Note whole, Note::parse(out.to_text()));
  return whole;
}

Result<std::unique_ptr<WitnessState>> WitnessState::create(std::unique_ptr<Folder> folder,
                                                           Cosigner cosigner,
                                                           std::vector<NoteKey> logs,
                                                           const Clock& clock) {
  const auto invalid = [](const char* why) {
    return fail(ErrorCode::malformed, "witness-logs-invalid", why);
  };
  if (logs.empty()) return invalid("no log");
  std::map<std::string, std::vector<NoteKey>, std::less<>> by_origin;
  for (NoteKey& key : logs) {
    if (key.type() != NoteKeyType::ed25519) return invalid("a log's key is of type Ed25519 (01)");
    std::vector<NoteKey>& keys = by_origin[key.name()];
    if (keys.size() == kLogKeysMax) return invalid("too many keys of one log");
    keys.push_back(std::move(key));
  }
  if (by_origin.size() > kOriginsMax) return invalid("too many logs");
  return std::unique_ptr<WitnessState>(
      new WitnessState(std::move(folder), std::move(cosigner), std::move(by_origin), clock));
}

/// The rows of the reference's table, in its order.
WitnessVerdict WitnessState::add_checkpoint(std::string_view body) {
  const Result<AddCheckpoint> request = AddCheckpoint::parse(body);
  if (!request) {
    return refuse(kWitnessMalformed, WitnessFinding::refused, request.error().message());
  }
  const Result<Note> note = Note::parse(request->note);
  if (!note) return refuse(kWitnessMalformed, WitnessFinding::refused, note.error().message());
  const Result<Checkpoint> checkpoint = Checkpoint::parse_claim(note->text);
  if (!checkpoint) {
    return refuse(kWitnessMalformed, WitnessFinding::refused, checkpoint.error().message());
  }
  const auto log = logs_.find(checkpoint->origin);
  if (log == logs_.end()) {
    return refuse(kWitnessUnknownLog, WitnessFinding::refused, "unknown log", checkpoint->origin);
  }
  if (const auto opened = open_note(request->note, log->second); !opened) {
    return refuse(kWitnessForbidden, WitnessFinding::refused, opened.error().message(),
                  checkpoint->origin);
  }
  if (request->old_size > checkpoint->head.size) {
    return refuse(kWitnessMalformed, WitnessFinding::refused,
                  "the old size is above the checkpoint's", checkpoint->origin);
  }
  Result<WitnessVerdict> verdict = judge(*request, *note, *checkpoint, log->second);
  if (verdict) return *std::move(verdict);
  const bool later =
      verdict.error().code() == ErrorCode::unavailable || verdict.error().reason() == kDiskFull;
  // What the machine says stays here: it may name paths.
  WitnessVerdict out = refuse(later ? kWitnessLater : kWitnessFailed, WitnessFinding::unable,
                              later ? "try again later" : "the witness cannot keep its state");
  out.detail = printable(checkpoint->origin) + ": " + verdict.error().message();
  return out;
}

/// Under the lock: what depends on what was cosigned before, and the one step that changes it.
Result<WitnessVerdict> WitnessState::judge(const AddCheckpoint& request, const Note& note,
                                           const Checkpoint& checkpoint,
                                           const std::vector<NoteKey>& keys) {
  const std::lock_guard in_line(mutex_);
  if (disk_failed_) return failed_disk("at an earlier request");
  HANGU_TRY(const std::unique_ptr<Folder> folder, locked());
  const std::string& origin = checkpoint.origin;
  const TreeHead& head = checkpoint.head;
  HANGU_TRY(const Seen before, seen(*folder, origin));
  if (request.old_size != before.head.size) {
    WitnessVerdict other = refuse(kWitnessOtherSize, WitnessFinding::refused,
                                  "cosigned is size " + std::to_string(before.head.size), origin);
    other.answer.media_type = kSizeMediaType;
    other.answer.body = std::to_string(before.head.size) + "\n";
    return other;
  }
  const auto unprocessable = [&](WitnessFinding finding, const std::string& why) {
    return refuse(kWitnessContradiction, finding, why + ", " + sizes(request.old_size, head.size),
                  origin);
  };
  if (request.old_size == 0 && !request.proof.empty()) {
    return unprocessable(WitnessFinding::bad_proof, "nothing is proved from size 0");
  }
  if (request.old_size == head.size && !before.note.empty() && head.root != before.head.root) {
    HANGU_CHECK(keep_conflict(*folder, origin, request.note));
    return unprocessable(WitnessFinding::forked, "another root of the same size");
  }
  if (head.size == 0 && head.root != empty_root()) {
    return unprocessable(WitnessFinding::bad_proof, "the root of no entries is another");
  }
  if (request.old_size > 0 && !verify_consistency(before.head, head, request.proof)) {
    return unprocessable(WitnessFinding::bad_proof, "the consistency proof does not verify");
  }
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_TRY(
      NoteSignature line,
      cosigner_.cosign(note.text, std::chrono::floor<std::chrono::seconds>(now.since_epoch())));
  Note cosigned{.text = note.text, .signatures = {}};
  for (const NoteSignature& one : note.signatures) {  // only what was verified is kept
    if (std::ranges::any_of(keys, [&](const NoteKey& key) {
          return key.name() == one.name && key.id() == one.key_id;
        }))
      add_line(cosigned, one);
  }
  add_line(cosigned, line);
  HANGU_CHECK(keep(*folder, origin, cosigned));
  return WitnessVerdict{.answer = {.status = kWitnessCosigned,
                                   .media_type = std::string(kTextMediaType),
                                   .body = to_answer({std::move(line)})},
                        .finding = WitnessFinding::cosigned,
                        .detail = printable(origin) + ": " + sizes(request.old_size, head.size)};
}

/// The state's bytes; empty when there is none.
Result<std::string> WitnessState::stored(const Folder& folder, const std::string& origin) const {
  const std::string name = origin_hash_of(origin);
  HANGU_TRY(const bool there, folder.has(name));
  if (!there) return std::string();
  HANGU_TRY(const Bytes bytes, folder.read(name, kWitnessStateBytesMax));
  return std::string(text_of(bytes));
}

/// The state is believed only under our own good cosignature: a bit that flipped on the disk must
/// not become another size.
Result<WitnessState::Seen> WitnessState::parse(const std::string& origin,
                                               const std::string& state) const {
  const auto corrupt = [&](const char* why) {
    return fail(ErrorCode::corrupt, "witness-state-corrupt", origin_hash_of(origin) + ": " + why);
  };
  const Result<Note> note = parse_witness_state(state);
  if (!note) return corrupt("no note");
  const Result<Checkpoint> checkpoint = Checkpoint::parse(note->text);
  if (!checkpoint || checkpoint->origin != origin) return corrupt("no checkpoint of its log");
  if (std::ranges::none_of(note->signatures, [&](const NoteSignature& line) {
        return verify_cosignature(cosigner_.key(), note->text, line).has_value();
      })) {
    return corrupt("not cosigned by this witness's key");
  }
  return Seen{.head = checkpoint->head, .note = note->to_text()};
}

/// What was cosigned last. Under the lock.
Result<WitnessState::Seen> WitnessState::seen(const Folder& folder, const std::string& origin) {
  HANGU_TRY(const std::string state, stored(folder, origin));
  if (state.empty()) return Seen{};
  HANGU_TRY(Seen found, parse(origin, state));
  const auto known = durable_.find(origin);
  if (known != durable_.end() && known->second == state) return found;
  // Another process wrote it, or the one before: whether its sync came to an end is not known.
  HANGU_CHECK(replace(folder, origin_hash_of(origin), found.note));
  durable_[origin] = found.note;
  return found;
}

/// What is kept can be read again: else nothing is.
Done WitnessState::keep(const Folder& folder, const std::string& origin, const Note& note) {
  std::string text = note.to_text();
  HANGU_TRY(const Seen readable, parse(origin, text));
  HANGU_CHECK(replace(folder, origin_hash_of(origin), readable.note));
  durable_[origin] = std::move(text);
  return {};
}

/// Keeps the first checkpoint that contradicts a cosigned one: the two are proof of misbehaviour.
Done WitnessState::keep_conflict(const Folder& folder, const std::string& origin,
                                 const std::string& note) {
  const std::string name = origin_hash_of(origin) + std::string(kConflictEnding);
  HANGU_TRY(const bool there, folder.has(name));
  return there ? Done() : replace(folder, name, note);
}

/// Durable when it returns. One temporary name does: it is written under the lock only.
Done WitnessState::replace(const Folder& folder, const std::string& name, const std::string& text) {
  Done done = folder.write_temporary(kTemporaryName, bytes_of(text));
  // Nothing that counts was touched, and there will be room again.
  if (!done && done.error().reason() == kDiskFull) return done;
  if (done) done = folder.rename(kTemporaryName, name);
  if (done) done = folder.sync();
  if (done) return done;
  disk_failed_ = true;
  return failed_disk(done.error().message());
}

/// Another handle of the folder with its lock, which goes with the handle.
Result<std::unique_ptr<Folder>> WitnessState::locked() const {
  HANGU_TRY(std::unique_ptr<Folder> folder, folder_->again());
  const auto until = os::monotonic_now() + kStateLockPatience;
  while (true) {  // ends: by `until` at the latest
    const Done taken = folder->lock();
    if (taken) return folder;
    if (taken.error().reason() != "audit-in-use") return std::unexpected(taken.error());
    if (os::monotonic_now() >= until) {
      return fail(ErrorCode::unavailable, "witness-busy", "another process has the state");
    }
    os::pause_for(kLockPause);
  }
}

Result<std::optional<std::string>> WitnessState::latest(std::string_view origin_hash) {
  const auto log = std::ranges::find_if(
      logs_, [&](const auto& one) { return origin_hash_of(one.first) == origin_hash; });
  if (log == logs_.end()) return std::optional<std::string>();
  const std::string& origin = log->first;
  const std::lock_guard in_line(mutex_);
  if (disk_failed_) return failed_disk("at an earlier request");
  HANGU_TRY(const std::string state, stored(*folder_, origin));
  if (state.empty()) return std::optional<std::string>();
  if (const auto known = durable_.find(origin); known != durable_.end() && known->second == state) {
    HANGU_TRY(Seen found, parse(origin, state));
    return std::optional(std::move(found.note));
  }
  HANGU_TRY(const std::unique_ptr<Folder> folder, locked());
  HANGU_TRY(Seen found, seen(*folder, origin));
  if (found.note.empty()) return std::optional<std::string>();
  return std::optional(std::move(found.note));
}

}  // namespace hangu::audit
