#include "audit/verifier/epochs.hpp"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "audit/verifier/head.hpp"

namespace hangu_verify {
namespace {

using nlohmann::json;

void add(std::vector<Remark> more, std::vector<Remark>& wrong) {
  std::ranges::move(more, std::back_inserter(wrong));
}

}  // namespace

void Epochs::begin_at(EpochState state) {
  number_ = state.number;
  first_ = state.first;
  known_from_ = state.first;
  present_ = std::move(state.key);
  chain_ = state.chain;
  keys_.begin_behind(state.rolls.empty() ? first_ : state.rolls.front().size);
  if (state.log_keys) keys_.begin(*std::move(state.log_keys), std::move(state.told_by));
  for (KeyRoll& roll : state.rolls) (void)keys_.add(std::move(roll));
}

void Epochs::see(const Walked& entry, const Frontier& before) {
  const std::string& type = entry.facts().type;
  if (entry.index() == 0 && type != "genesis") entry.bad("genesis-missing");
  if (type == "genesis") begin(entry);
  if (type == "epoch.close") close(entry, before);
}

void Epochs::begin(const Walked& entry) {
  if (entry.index() != 0) return entry.bad("genesis-again");
  const json event = event_of(entry.text());
  keys_.begin(log_keys_in(event, "vkey", "gmVkey"),
              Remark{{}, 0, {}, entry.bundle.path, entry.bundle.offset_of(entry.place)});
  present_ = key_in(event, "epochVkey", KeyKind::ed25519);
  if (!present_ || present_->name != text_in(event, "origin") + "/epoch")
    entry.bad("entry-malformed");
}

void Epochs::close(const Walked& entry, const Frontier& before) {
  const json event = event_of(entry.text());
  const std::uint64_t index = entry.index();
  const auto next = key_in(event, "nextVkey", KeyKind::ed25519);
  if (number_in(event, "epoch") != number_ || number_in(event, "first") != first_ ||
      number_in(event, "size") != index || !next || !present_ || next->name != present_->name)
    return entry.bad("epoch-order", {std::to_string(number_)});
  if (text_in(event, "root") != to_hex(before.root())) entry.bad("epoch-root");
  const std::string told = text_in(event, "sm3");
  closed_.push_back({number_, *present_, first_, index + 1, entry.facts().time, chain_, told,
                     entry.bundle.path, entry.bundle.offset_of(entry.place)});
  chain_ = {hash_from_hex(told).value_or(Hash{}), index};
  present_ = next;
  ++number_;
  first_ = index + 1;
  if (!tells_roll(event)) return;
  auto roll = read_roll(event, index + 1);
  if (!roll || !keys_.add(*std::move(roll))) entry.bad("log-keys-order");
}

std::vector<Remark> Epochs::check_note(const Note& note, const std::string& path,
                                       std::uint64_t seen, bool copy) const {
  if (copy) return keys_.check_log_line(note, path);
  std::vector<Remark> wrong = keys_.check_lines(note, path);
  if (keys_.is_of_other(note)) return wrong;
  const std::uint64_t size = note.checkpoint.size;
  if (size > seen || (size <= known_from_ && known_from_ > 0)) return wrong;
  const auto epoch =
      std::ranges::lower_bound(closed_, size, {}, [](const ClosedEpoch& one) { return one.size; });
  const std::optional<LogKey> key = epoch == closed_.end() ? present_ : epoch->key;
  const std::uint64_t number = epoch == closed_.end() ? number_ : epoch->number;
  if (key && check_line(note, *key) == LineVerdict::missing && has_other_line(note, *key)) {
    wrong.push_back({"epoch-line-other", {}, {path, std::to_string(number)}, path});
  } else if (key) {
    add(check_line_by(*key, note, path), wrong);
  }
  return wrong;
}

}  // namespace hangu_verify
