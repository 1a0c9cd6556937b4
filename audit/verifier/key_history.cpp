#include "audit/verifier/key_history.hpp"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "audit/verifier/head.hpp"

namespace hangu_verify {
namespace {

using nlohmann::json;

json member(const json& event, const char* name) {
  return event.is_object() ? event.value(name, json()) : json();
}

/// Null is none; what is neither that nor a key is not in form.
bool has_form(const json& told, const char* gm, const LogKeys& keys) {
  return keys.key && (keys.gm.has_value() || member(told, gm).is_null());
}

bool same_name(const std::optional<LogKey>& one, const std::optional<LogKey>& other) {
  return one.has_value() == other.has_value() && (!one || one->name == other->name);
}

}  // namespace

std::optional<LogKey> key_in(const json& event, const char* name, KeyKind kind) {
  auto key = parse_key(text_in(event, name));
  return key && key->kind == kind ? key : std::nullopt;
}

LogKeys log_keys_in(const json& event, const char* key, const char* gm) {
  return {key_in(event, key, KeyKind::ed25519), key_in(event, gm, KeyKind::sm2)};
}

bool tells_roll(const json& event) { return !member(event, "logKeys").is_null(); }

std::optional<KeyRoll> read_roll(const json& event, std::uint64_t size) {
  const json told = member(event, "logKeys");
  KeyRoll out{size, log_keys_in(told, "vkey", "gmVkey"),
              log_keys_in(told, "nextVkey", "nextGmVkey")};
  const bool good = has_form(told, "gmVkey", out.former) &&
                    has_form(told, "nextGmVkey", out.next) &&
                    same_name(out.former.key, out.next.key) &&
                    same_name(out.former.gm, out.next.gm) && out.former.key != out.next.key;
  return good ? std::optional(std::move(out)) : std::nullopt;
}

void KeyHistory::begin(LogKeys keys, std::optional<Remark> place) {
  tell(keys);
  present_ = std::move(keys);
  begun_ = std::move(place);
}

bool KeyHistory::add(KeyRoll roll) {
  if (present_ && *present_ != roll.former) return false;
  tell(roll.former);
  tell(roll.next);
  present_ = roll.next;
  rolls_.push_back(std::move(roll));
  return true;
}

void KeyHistory::tell(const LogKeys& keys) {
  key_is_told_ = key_is_told_ || (request_.key && keys.key == request_.key);
  gm_is_told_ = gm_is_told_ || (request_.gm_key && keys.gm == request_.gm_key);
}

std::optional<LogKey> KeyHistory::key_at(std::uint64_t size, Kind kind) const {
  const auto& one = given(kind);
  if (one && !is_told(kind)) return one;
  const auto roll = std::ranges::lower_bound(rolls_, size, {}, &KeyRoll::size);
  if (roll != rolls_.end()) return roll->former.*kind;
  return present_ ? (*present_).*kind : std::nullopt;
}

bool KeyHistory::is_by_former(const Note& note) const {
  return std::ranges::any_of(request_.former, [&](const LogKey& key) {
    return !is_of_other(note) && key.name == note.checkpoint.origin &&
           check_line(note, key) == LineVerdict::good;
  });
}

std::vector<Remark> KeyHistory::check_log_line(const Note& note, const std::string& path) const {
  if (!request_.key) return {};
  const auto key = key_at(note.checkpoint.size, &LogKeys::key);
  auto wrong = hangu_verify::check_log_line(key ? key : request_.key, note, path);
  if (!wrong.empty() && note.checkpoint.size <= known_from_ && is_by_former(note)) return {};
  return wrong;
}

std::vector<Remark> KeyHistory::check_lines(const Note& note, const std::string& path) const {
  auto wrong = check_log_line(note, path);
  if (is_of_other(note)) return wrong;
  const std::uint64_t size = note.checkpoint.size;
  const auto key = key_at(size, &LogKeys::key);
  const auto gm = key_at(size, &LogKeys::gm);
  const bool of_untold = size <= known_from_ && key && check_line(note, *key) != LineVerdict::good;
  if (gm && !of_untold)
    std::ranges::move(check_line_by(*gm, note, path), std::back_inserter(wrong));
  return wrong;
}

std::optional<Note> KeyHistory::read_pin(const std::string& pin, Report& report) const {
  auto note = read_note(pin);
  if (note && check_log_line(*note, {}).empty()) return note;
  report.worsen(Finding::cannot_tell, {"pin-unreadable"});
  return std::nullopt;
}

bool KeyHistory::is_before_all(const Note& note) const {
  const auto key = key_at(note.checkpoint.size, &LogKeys::key);
  return begun_ && request_.key && key && known_from_ > 0 && note.checkpoint.size <= known_from_ &&
         note.checkpoint.origin == key->name && check_line(note, *key) == LineVerdict::missing &&
         has_other_line(note, *key) && !is_by_former(note);
}

void KeyHistory::judge_given(bool whole, Report& report) const {
  judge(&LogKeys::key, "vkey", whole, report);
  judge(&LogKeys::gm, "gmVkey", whole, report);
}

void KeyHistory::judge(Kind kind, const char* name, bool whole, Report& report) const {
  const auto& one = given(kind);
  if (!one || !present_ || (*present_).*kind == one) return;
  if (is_told(kind)) {
    const auto last =
        std::ranges::find_if(rolls_.rbegin(), rolls_.rend(),
                             [&](const KeyRoll& roll) { return roll.former.*kind == one; });
    const auto& now = (*present_).*kind;
    report.worsen(Finding::cannot_tell,
                  {"key-former", last->size - 1, {name, now ? now->text : std::string()}});
  } else if (begun_ && whole) {
    report.bad_entry(*begun_->entry, "genesis-key", {name}, begun_->path, begun_->offset);
  }
}

}  // namespace hangu_verify
