#include "cli/audit_pin.hpp"

#include <algorithm>

#include "audit/checkpoint.hpp"
#include "audit/disk_folder.hpp"
#include "audit/limits.hpp"
#include "audit/witness/add_checkpoint.hpp"
#include "audit/witness/cosignature.hpp"
#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/files.hpp"
#include "audit/witness/published_proof.hpp"
#include "audit/witness/quorum_watch.hpp"
#include "audit/witnessing.hpp"
#include "base/text.hpp"
#include "cli/identity.hpp"
#include "cli/log_keys.hpp"
#include "cli/phrases.hpp"
#include "cli/values.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr unsigned kPinMode = 0644;
constexpr std::size_t kTimeBytes = 8;
constexpr Bilingual kChecked = both("(已核验)", "(checked)");
constexpr Bilingual kNotChecked =
    both("(未核验:只是它自己这样说)", "(not checked: it only says so)");

/// A pin: a signed note of the log.
struct Pin {
  std::string note;
  audit::Checkpoint checkpoint;
};

/// By the log's present key or one before it.
using LogKeys = std::vector<audit::NoteKey>;

Result<Pin> read_pin(std::string note, const LogKeys& keys) {
  HANGU_TRY(audit::Checkpoint checkpoint, audit::open_checkpoint(note, keys));
  return Pin{.note = std::move(note), .checkpoint = std::move(checkpoint)};
}

Result<Pin> read_pin(const audit::Folder& folder, const std::string& name, const LogKeys& keys) {
  HANGU_TRY(const Bytes note, folder.read(name, audit::kNoteBytesMax));
  return read_pin(std::string(text_of(note)), keys);
}

/// The published checkpoint, or the newest that a quorum of witnesses saw. What a key before the
/// present one signed counts only as a part of what that signs. Errors: Corrupt "pin-inconsistent".
Result<Pin> current(const audit::Folder& folder, const LogKeys& keys, bool published) {
  const std::string witnessed(audit::kWitnessedCheckpoint);
  const LogKeys present{keys.front()};
  HANGU_TRY(const bool there, folder.has(witnessed));
  if (!there || published) return read_pin(folder, "checkpoint", present);
  HANGU_TRY(Pin pin, read_pin(folder, witnessed, keys));
  if (audit::open_checkpoint(pin.note, present)) return pin;
  HANGU_TRY(const Pin now, read_pin(folder, "checkpoint", present));
  HANGU_TRY(const bool ours, audit::is_start_of(folder, pin.checkpoint.head, now.checkpoint.head));
  if (!ours) return fail(ErrorCode::corrupt, "pin-inconsistent", witnessed);
  return pin;
}

/// Who signed a pin beside the log itself.
struct Cosigned {
  std::string name;
  std::optional<WallTime> time;  ///< when it says that it saw the log
  bool checked = false;          ///< the policy knows the witness, and the signature is good
};

/// What an unchecked line says of itself: a cosignature has its time in front.
std::optional<WallTime> claimed_time(const audit::NoteSignature& line) {
  constexpr std::size_t kCosignatureBytes = kTimeBytes + 64;
  if (line.signature.size() != kCosignatureBytes) return std::nullopt;
  const std::uint64_t time = load_u64(line.signature);
  if (time > audit::kCosignatureTimeMax) return std::nullopt;
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(time)));
}

/// Those that the policy vouches for first. Errors: "cosignature-invalid" (a bad line of a witness
/// that the policy knows); "quorum-missing" when a quorum is `wanted` and is not there.
Result<std::vector<Cosigned>> cosigned_by(const Pin& pin, const LogKeys& keys,
                                          const audit::WitnessPolicy* policy, bool wanted,
                                          WallTime now) {
  std::vector<Cosigned> out;
  if (policy != nullptr) {
    HANGU_TRY(const audit::CosignedCheckpoint read,
              audit::read_cosigned(pin.note, keys, *policy, now));
    if (wanted && !read.quorum) {
      return fail(ErrorCode::forbidden, "quorum-missing",
                  std::to_string(read.cosignatures.size()) + " cosignatures");
    }
    for (const audit::Cosignature& one : read.cosignatures)
      out.push_back(
          {printable(policy->witnesses()[one.witness].key.name()), WallTime(one.time), true});
  }
  HANGU_TRY(const audit::Note note, audit::Note::parse(pin.note));
  const std::string& log = keys.front().name();
  for (const audit::NoteSignature& line : note.signatures) {
    const bool own = line.name == log || line.name.starts_with(log + "/");
    const bool known =
        policy != nullptr && std::ranges::any_of(policy->witnesses(), [&](const auto& witness) {
          return audit::claims_to_be_of(line, witness.key);
        });
    if (!own && !known) out.push_back({printable(line.name), claimed_time(line), false});
  }
  return out;
}

/// An earlier pin must be the start of this log, and no larger.
Done check_earlier(Session& session, const audit::Folder& folder, const std::string& path,
                   const Pin& now, const LogKeys& keys) {
  HANGU_TRY(std::string note, read_text(path, audit::kNoteBytesMax));
  const Result<Pin> earlier = read_pin(std::move(note), keys);
  if (!earlier) return std::unexpected(earlier.error().within(printable(path)));
  const audit::TreeHead& head = earlier->checkpoint.head;
  const std::string sizes = printable(path) + ": size " + std::to_string(head.size) +
                            ", the log has " + std::to_string(now.checkpoint.head.size);
  if (head.size > now.checkpoint.head.size) return fail(ErrorCode::corrupt, "pin-larger", sizes);
  HANGU_TRY(const bool starts, audit::is_start_of(folder, head, now.checkpoint.head));
  if (!starts) return fail(ErrorCode::corrupt, "pin-inconsistent", sizes);
  session.console.event("consistent", {{"file", path}, {"size", head.size}});
  session.console.line(std::string(session.console.say(phrase::kPinExtends)) + " " +
                       std::to_string(head.size) + ": " + path);
  return {};
}

void show(Session& session, const Pin& pin, const std::vector<Cosigned>& cosigned, WallTime now) {
  const audit::Checkpoint& c = pin.checkpoint;
  wire::JsonArray witnesses;
  for (const Cosigned& one : cosigned)
    witnesses.push_back(
        wire::JsonObject{{"name", one.name},
                         {"time", one.time ? wire::Json(one.time->to_text()) : wire::Json(nullptr)},
                         {"checked", one.checked}});
  session.console.event("pin", {{"origin", c.origin},
                                {"size", c.head.size},
                                {"root", to_base64(c.head.root)},
                                {"time", now.to_text()},
                                {"witnesses", std::move(witnesses)}});
  std::vector<std::vector<std::string>> rows{
      {std::string(session.console.say(phrase::kPinLog)), c.origin},
      {std::string(session.console.say(phrase::kPinSize)), std::to_string(c.head.size)},
      {std::string(session.console.say(phrase::kPinRoot)), to_base64(c.head.root)},
      {std::string(session.console.say(phrase::kTime)), now.to_text()}};
  for (const Cosigned& one : cosigned) {
    const auto& mark = one.checked ? kChecked : kNotChecked;
    rows.push_back({std::string(session.console.say(phrase::kPinWitness)),
                    one.name + (one.time ? " " + one.time->to_text() : "") + "  " +
                        std::string(session.console.say(mark))});
  }
  session.console.table(rows);
}

/// Of --policy, or of the gateway where it asks witnesses; nothing without.
Result<std::optional<audit::WitnessPolicy>> policy_of(const Arguments& arguments) {
  std::string path = arguments.text("policy");
  if (path.empty() && arguments.has("folder")) {
    const std::string file = config::Layout(arguments.text("folder")).configuration();
    if (!path_exists(file)) return std::optional<audit::WitnessPolicy>();  // a copy
    HANGU_TRY(const config::Gateway gateway, config::Gateway::load(file));
    if (gateway.witness) path = gateway.witness_policy_file();
  }
  if (path.empty()) return std::optional<audit::WitnessPolicy>();
  HANGU_TRY(audit::WitnessPolicy policy, audit::load_witness_policy(path));
  return std::optional(std::move(policy));
}

/// What an offline witness signs: the checkpoint, and the proof from what it has cosigned.
Done write_request(const audit::Folder& folder, const Arguments& arguments, const Pin& pin) {
  HANGU_TRY(const std::int64_t old, parse_number("--old", arguments.text("old"), 0,
                                                 static_cast<std::int64_t>(audit::kLogSizeMax)));
  audit::AddCheckpoint request{
      .old_size = static_cast<std::uint64_t>(old), .proof = {}, .note = pin.note};
  if (request.old_size > pin.checkpoint.head.size)
    return std::unexpected(usage("--old", "larger than the checkpoint").error());
  if (request.old_size > 0) {
    HANGU_TRY(request.proof,
              audit::published_consistency(folder, request.old_size, pin.checkpoint.head));
  }
  return os::write_file_durably(arguments.text("request"), bytes_of(request.to_text()), kPinMode);
}

Result<Exit> run_pin(Session& session, const Arguments& arguments) {
  std::string dir = arguments.text("dir");
  std::string key = arguments.text("key");
  if (arguments.has("folder")) {
    const config::Layout layout(arguments.text("folder"));
    if (dir.empty()) dir = layout.audit();
    if (key.empty()) key = layout.log_key();
  }
  if (dir.empty()) return usage("DIR", "the log's folder, or --folder of a gateway");
  if (key.empty()) return usage("--key", "the log's vkey, or --folder of a gateway");
  const std::string out = arguments.text("out");
  HANGU_CHECK(check_not_dash("--out", out));
  HANGU_CHECK(check_not_dash("--request", arguments.text("request")));
  HANGU_TRY(const LogKeys keys, load_log_keys("--key", key, arguments.text("former-keys")));
  HANGU_TRY(const auto folder, audit::open_disk_folder(dir));
  HANGU_TRY(const Pin pin, current(*folder, keys, arguments.has("published")));
  std::vector<std::string> earlier = arguments.list("earlier");
  if (path_exists(out) && std::ranges::find(earlier, out) == earlier.end()) earlier.push_back(out);
  for (const std::string& path : earlier)
    HANGU_CHECK(check_earlier(session, *folder, path, pin, keys));
  HANGU_TRY(const WallTime now, session.clock.now());
  HANGU_TRY(const std::optional<audit::WitnessPolicy> policy, policy_of(arguments));
  if (policy) HANGU_CHECK(audit::check_policy_of(*policy, keys.front()));
  HANGU_TRY(const std::vector<Cosigned> cosigned,
            cosigned_by(pin, keys, policy ? &*policy : nullptr, !arguments.has("published"), now));
  HANGU_CHECK(os::write_file_durably(out, bytes_of(pin.note), kPinMode));
  if (arguments.has("request")) HANGU_CHECK(write_request(*folder, arguments, pin));
  show(session, pin, cosigned, now);
  return Exit::done;
}

}  // namespace

CommandSpec audit_pin_command() {
  return {"pin",
          both("把检查点连同见证签名存到介质上,打印大小、根和时间供人抄记",
               "keep a checkpoint with its cosignatures on media; prints size, root and time to "
               "note down"),
          {{"dir", "DIR", both("日志文件夹(可以是副本)", "the log's folder; may be a copy"),
            OptionKind::positional},
           {"--folder", "DIR",
            both("网关文件夹(代替 DIR 和 --key)", "a gateway's folder, instead of DIR and --key")},
           {"--key", "VKEY", both("日志公钥,或存有它的文件", "the log's key, or a file with it")},
           former_keys_option(),
           {"--out", "FILE",
            both("写到哪里;同一日志更大的存点不会被覆盖",
                 "where it goes; a larger pin of the log is never replaced"),
            OptionKind::value, true},
           {"--earlier", "FILE",
            both("此前的存点:核对日志是否由它延续而来;可重复",
                 "an earlier pin: shows that the log goes on from it; may be repeated"),
            OptionKind::list},
           {"--policy", "FILE",
            both("按这份见证策略(tlog-policy)核验见证签名并要求法定数;--folder 时默认用网关的",
                 "check the cosignatures by this witness policy (tlog-policy) and ask for its "
                 "quorum; with --folder the gateway's own")},
           {"--published", "",
            both("存最新发布的检查点,即使尚未见证",
                 "keep the newest published checkpoint, witnessed or not"),
            OptionKind::flag},
           {"--request", "FILE",
            both("另写一份给离线见证者的请求", "also write a request for an offline witness")},
           {"--old", "SIZE", both("该见证者上次签过的大小", "size that this witness signed last"),
            OptionKind::value, false, "0"}},
          run_pin};
}

}  // namespace hangu::cli
