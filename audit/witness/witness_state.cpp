#include "audit/witness/witness_state.hpp"

#include <algorithm>

#include "audit/witness/limits.hpp"
#include "base/text.hpp"
#include "os/clock.hpp"

namespace hangu::audit {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kUnprocessable = 422;
constexpr int kInternal = 500;
constexpr int kUnavailable = 503;

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kTemporary = ".new";
constexpr std::string_view kConflictEnding = ".conflict";
constexpr std::chrono::milliseconds kLockPause{5};

WitnessVerdict refuse(int status, WitnessFinding finding, const std::string& why,
                      const std::string& origin = {}) {
  return {.answer = {.status = status, .media_type = std::string(kText), .body = why + "\n"},
          .finding = finding,
          .detail = origin.empty() ? why : printable(origin) + ": " + why};
}

std::string sizes(std::uint64_t from, std::uint64_t to) {
  return "from size " + std::to_string(from) + " to " + std::to_string(to);
}

}  // namespace

std::string origin_hash_of(std::string_view origin) {
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(origin)));
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
    std::string origin = key.name();
    by_origin[std::move(origin)].push_back(std::move(key));
  }
  if (by_origin.size() > kOriginsMax) return invalid("too many");
  return std::unique_ptr<WitnessState>(
      new WitnessState(std::move(folder), std::move(cosigner), std::move(by_origin), clock));
}

/// The rows of the reference's table, in its order.
WitnessVerdict WitnessState::add_checkpoint(std::string_view body) {
  const Result<AddCheckpoint> request = AddCheckpoint::parse(body);
  if (!request) {
    return refuse(kBadRequest, WitnessFinding::refused, request.error().message());
  }
  const Result<Note> note = Note::parse(request->note);
  if (!note) return refuse(kBadRequest, WitnessFinding::refused, note.error().message());
  const Result<Checkpoint> checkpoint = Checkpoint::parse_claim(note->text);
  if (!checkpoint) {
    return refuse(kBadRequest, WitnessFinding::refused, checkpoint.error().message());
  }
  const auto log = logs_.find(checkpoint->origin);
  if (log == logs_.end()) {
    return refuse(kNotFound, WitnessFinding::refused, "unknown log", checkpoint->origin);
  }
  if (const auto opened = open_note(request->note, log->second); !opened) {
    return refuse(kForbidden, WitnessFinding::refused, opened.error().message(),
                  checkpoint->origin);
  }
  if (request->old_size > checkpoint->head.size) {
    return refuse(kBadRequest, WitnessFinding::refused, "the old size is above the checkpoint's",
                  checkpoint->origin);
  }
  Result<WitnessVerdict> verdict = judge(*request, *note, *checkpoint, log->second);
  if (verdict) return *std::move(verdict);
  const bool later = verdict.error().code() == ErrorCode::unavailable;
  // What the machine says stays here: it may name paths.
  WitnessVerdict out = refuse(later ? kUnavailable : kInternal, WitnessFinding::unable,
                              later ? "try again later" : "the witness cannot keep its state");
  out.detail = printable(checkpoint->origin) + ": " + verdict.error().message();
  return out;
}

/// Under the lock: what depends on what was cosigned before, and the one step that changes it.
Result<WitnessVerdict> WitnessState::judge(const AddCheckpoint& request, const Note& note,
                                           const Checkpoint& checkpoint,
                                           const std::vector<NoteKey>& keys) {
  const std::lock_guard in_line(mutex_);
  HANGU_TRY(const std::unique_ptr<Folder> folder, locked());
  const std::string& origin = checkpoint.origin;
  const TreeHead& head = checkpoint.head;
  HANGU_TRY(const Seen before, seen(*folder, origin));
  if (request.old_size != before.head.size) {
    WitnessVerdict other = refuse(kConflict, WitnessFinding::refused,
                                  "cosigned is size " + std::to_string(before.head.size), origin);
    other.answer.media_type = kSizeMediaType;
    other.answer.body = std::to_string(before.head.size) + "\n";
    return other;
  }
  const auto unprocessable = [&](WitnessFinding finding, const std::string& why) {
    return refuse(kUnprocessable, finding, why + ", " + sizes(request.old_size, head.size), origin);
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
      cosigned.signatures.push_back(one);
  }
  cosigned.signatures.push_back(line);
  HANGU_CHECK(keep(*folder, origin, cosigned));
  return WitnessVerdict{.answer = {.status = kOk,
                                   .media_type = std::string(kText),
                                   .body = to_answer({std::move(line)})},
                        .finding = WitnessFinding::cosigned,
                        .detail = printable(origin) + ": " + sizes(request.old_size, head.size)};
}

/// What was cosigned last. The state is believed only under our own good cosignature: a bit that
/// flipped on the disk must not become another size.
Result<WitnessState::Seen> WitnessState::seen(const Folder& folder,
                                              const std::string& origin) const {
  const std::string name = origin_hash_of(origin);
  HANGU_TRY(const bool there, folder.has(name));
  if (!there) return Seen{};
  const auto corrupt = [&](const char* why) {
    return fail(ErrorCode::corrupt, "witness-state-corrupt", name + ": " + why);
  };
  HANGU_TRY(const Bytes bytes, folder.read(name, kNoteBytesMax));
  const Result<Note> note = Note::parse(text_of(bytes));
  if (!note) return corrupt("no note");
  const Result<Checkpoint> checkpoint = Checkpoint::parse(note->text);
  if (!checkpoint || checkpoint->origin != origin) return corrupt("no checkpoint of its log");
  if (std::ranges::none_of(note->signatures, [&](const NoteSignature& line) {
        return verify_cosignature(cosigner_.key(), note->text, line).has_value();
      })) {
    return corrupt("not cosigned by this witness's key");
  }
  return Seen{.head = checkpoint->head, .note = std::string(text_of(bytes))};
}

Done WitnessState::keep(const Folder& folder, const std::string& origin, const Note& note) const {
  // One temporary name does: it is written under the lock only.
  HANGU_CHECK(folder.write_temporary(std::string(kTemporary), bytes_of(note.to_text())));
  HANGU_CHECK(folder.rename(std::string(kTemporary), origin_hash_of(origin)));
  return folder.sync();
}

/// Keeps the first checkpoint that contradicts a cosigned one: the two are proof of misbehaviour.
Done WitnessState::keep_conflict(const Folder& folder, const std::string& origin,
                                 const std::string& note) const {
  const std::string name = origin_hash_of(origin) + std::string(kConflictEnding);
  HANGU_TRY(const bool there, folder.has(name));
  if (there) return {};
  HANGU_CHECK(folder.write_temporary(std::string(kTemporary), bytes_of(note)));
  HANGU_CHECK(folder.rename(std::string(kTemporary), name));
  return folder.sync();
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

Result<std::optional<std::string>> WitnessState::latest(std::string_view origin_hash) const {
  for (const auto& [origin, keys] : logs_) {
    if (origin_hash_of(origin) != origin_hash) continue;
    HANGU_TRY(Seen found, seen(*folder_, origin));
    if (found.note.empty()) return std::optional<std::string>();
    return std::optional(std::move(found.note));
  }
  return std::optional<std::string>();
}

}  // namespace hangu::audit
