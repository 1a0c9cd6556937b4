#include "audit/verifier/epochs.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "audit/verifier/sm.hpp"

namespace hangu_verify {
namespace {

using nlohmann::json;

std::string text_in(const json& event, const char* name) {
  return event.is_object() && event.contains(name) && event[name].is_string()
             ? event[name].get<std::string>()
             : std::string();
}

std::optional<std::uint64_t> number_in(const json& event, const char* name) {
  if (!event.is_object() || !event.contains(name) || !event[name].is_number_unsigned())
    return std::nullopt;
  return event[name].get<std::uint64_t>();
}

bool same(const std::optional<LogKey>& a, const std::optional<LogKey>& b) {
  return a && b && a->name == b->name && a->point == b->point && a->sm2 == b->sm2;
}

}  // namespace

void Epochs::see(std::uint64_t index, std::string_view text, const std::string& type,
                 const json& event, const Frontier& before) {
  if (index == 0 && type != "genesis") report_.bad_entry(index, "genesis-missing");
  if (type == "genesis") begin(index, event);
  if (type == "epoch.close") close(index, event, before);
  chain_ = chain_on(chain_, text);
  seen_ = index + 1;
}

void Epochs::begin(std::uint64_t index, const json& event) {
  if (index != 0) return report_.bad_entry(index, "genesis-again");
  const auto log_key = parse_key(text_in(event, "vkey"));
  if (request_.key && !same(log_key, request_.key))
    report_.bad_entry(index, "genesis-key", {"vkey"});
  gm_key_ = parse_key(text_in(event, "gmVkey"));
  if (request_.gm_key && !same(gm_key_, request_.gm_key))
    report_.bad_entry(index, "genesis-key", {"gmVkey"});
  if (request_.gm_key) gm_key_ = request_.gm_key;
  present_ = parse_key(text_in(event, "epochVkey"));
  if (!present_ || present_->name != text_in(event, "origin") + "/epoch")
    report_.bad_entry(index, "entry-malformed");
}

void Epochs::close(std::uint64_t index, const json& event, const Frontier& before) {
  const auto next = parse_key(text_in(event, "nextVkey"));
  if (number_in(event, "epoch") != closed_.size() || number_in(event, "first") != first_ ||
      number_in(event, "size") != index || !next || !present_ || next->name != present_->name)
    return report_.bad_entry(index, "epoch-order", {std::to_string(closed_.size())});
  if (text_in(event, "root") != to_hex(before.root())) report_.bad_entry(index, "epoch-root");
  if (text_in(event, "sm3") != to_hex(chain_)) report_.bad_entry(index, "epoch-chain");
  closed_.push_back({*present_, index + 1});
  present_ = next;
  first_ = index + 1;
}

void Epochs::check(const Note& note, const LogKey& key, const std::string& path) {
  switch (check_line(note, key)) {
    case LineVerdict::good: break;
    case LineVerdict::missing:
      report_.worsen(Finding::tampered, {"line-missing", {}, {path, key.name}});
      break;
    case LineVerdict::bad:
      report_.worsen(Finding::tampered, {"line-bad", {}, {path, key.name}});
      break;
  }
}

void Epochs::check_note(const Note& note, const std::string& path) {
  if (request_.key) {
    if (note.checkpoint.origin != request_.key->name)
      return report_.worsen(Finding::tampered,
                            {"origin-other", {}, {path, note.checkpoint.origin}});
    check(note, *request_.key, path);
  }
  if (gm_key_) check(note, *gm_key_, path);
  if (note.checkpoint.size > seen_) return;
  const auto epoch =
      std::lower_bound(closed_.begin(), closed_.end(), note.checkpoint.size,
                       [](const ClosedEpoch& one, std::uint64_t size) { return one.size < size; });
  const std::optional<LogKey> key = epoch == closed_.end() ? present_ : epoch->key;
  if (key && check_line(note, *key) == LineVerdict::missing && has_other_line(note, *key)) {
    report_.worsen(Finding::tampered,
                   {"epoch-line-other", {}, {path, std::to_string(epoch - closed_.begin())}});
  } else if (key) {
    check(note, *key, path);
  }
}

}  // namespace hangu_verify
