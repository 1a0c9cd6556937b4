#include "audit/writer.hpp"

#include <algorithm>

#include "audit/entry_body.hpp"
#include "audit/limits.hpp"
#include "audit/schema.hpp"
#include "base/limits.hpp"

namespace hangu::audit {
namespace {

/// Room for callers who count a batch by their requests' bodies; still one journal record.
constexpr std::size_t kFormingBytesMax = kBatchBytesMax + kBatchBytesMax / 2;
static_assert(kFormingBytesMax + 64 <= kRecordBytesMax);
constexpr std::string_view kSelf = "audit";
constexpr std::string_view kClockType = "clock";
constexpr std::string_view kTimeUnknown = "unknown";
constexpr std::size_t kFrameBytes = 512;  ///< of an entry, and more than is usual around its body
constexpr std::size_t kCrewFrom = 8;      ///< entries of a batch that are worth waking others

AppendReply refused(const RequestId& id, std::string_view reason) {
  AppendReply reply;
  reply.id = id;
  reply.outcome = AppendOutcome::refused;
  reply.reason = reason;
  return reply;
}

/// What the catalogue says about a request; empty when it may be.
std::string_view catalogue_refusal(const Submission& submission) {
  const AppendRequest& request = submission.request;
  const EntryType* type = find_type(request.type);
  if (type == nullptr) return "type-unknown";
  if (!is_program(submission.caller.program) || !may_append(*type, submission.caller.program))
    return "type-forbidden";
  if (type->about_transfer && !request.transfer) return "transfer-missing";
  if (!type->about_transfer && request.transfer) return "transfer-unexpected";
  if (!may_carry(*type, request.kind)) return "body-invalid";
  if (request.keys.size() > kKeysPerEntryMax) return "keys-invalid";
  if (!std::ranges::all_of(request.keys, is_key)) return "keys-invalid";
  for (std::size_t i = 1; i < request.keys.size(); ++i) {
    const auto before = request.keys.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(request.keys.begin(), before, request.keys[i]) != before) return "keys-invalid";
  }
  return {};
}

bool same_request(const EntryHead& head, const Submission& submission, std::string_view body) {
  const AppendRequest& request = submission.request;
  return head.type == request.type && head.program == submission.caller.program &&
         head.transfer == (request.transfer
                               ? std::optional<std::string_view>(request.transfer->text())
                               : std::nullopt) &&
         std::ranges::equal(head.keys, request.keys) && head.body == body;
}

}  // namespace

/// What was read of a request's body. A plain envelope is written where it stays.
struct Writer::Body {
  bool plain = false;
  std::optional<std::string> text;
};

/// A batch while it grows: entries that get the indices from `first` on.
struct Writer::Forming {
  std::uint64_t first = 0;
  EntryBatch entries;
  std::vector<Hash> leaves;
  std::optional<WallTime> time;
  std::string time_text;              ///< of `time`
  std::vector<Salt> salts;            ///< for the entries of requests, fetched at once
  std::optional<std::string> closed;  ///< why nothing new is taken now

  [[nodiscard]] std::uint64_t next() const { return first + entries.size(); }
};

/// The counter's value for an epoch's end: raised now, unless it was for an end that never came.
Result<std::optional<CounterTold>> Writer::next_count() {
  if (!counter_) return std::optional<CounterTold>();
  Result<std::uint64_t> value = counted_ahead_ ? counter_->read() : counter_->raise();
  if (!value) return std::unexpected(value.error());
  counted_ahead_ = true;
  return std::optional(CounterTold{.kind = std::string(counter_->kind()), .value = *value});
}

Done Writer::prune(Pruned pruned) {
  HANGU_CHECK(note_event(kPrunedType, pruned.state.to_event()));
  log_.pruned(pruned.state.before);
  pruned_ = std::move(pruned);
  return {};
}

bool Writer::tells_of(std::string_view order_envelope) const {
  return (pruned_ && pruned_->state.order == order_envelope) ||
         (!release_told_.empty() && release_told_ == to_base64(bytes_of(order_envelope)));
}

Done Writer::close_epoch() {
  HANGU_TRY(const NoteKey next, epochs_.prepare_next(*entropy_));
  Forming forming;
  forming.first = log_.head().size;
  const Result<WallTime> time = time_of(forming);
  HANGU_CHECK(commit(forming));  // what the clock had to tell, so that the close stands alone
  HANGU_TRY(const std::optional<CounterTold> counter, next_count());
  const ChainBeside::Reached chain = chain_->finish();
  HANGU_ASSERT(chain.index == log_.head().size);
  EpochClose close{.epoch = epochs_.number(),
                   .first = epoch_first_,
                   .head = log_.head(),
                   .next_vkey = next.to_text(),
                   .chain = chain.value,
                   .counter = counter,
                   .log_keys = std::nullopt};
  if (next_) close.log_keys = KeyRollover{.former = signers_.told(), .next = next_->told()};
  Forming last;
  last.first = log_.head().size;
  wire::JsonObject event = close.to_event();
  if (!time) event.emplace_back(kClockMember, kTimeUnknown);
  HANGU_TRY(const Entry entry, own_entry(kEpochClose, event, time ? *time : last_time_));
  add(entry, last);
  HANGU_CHECK(commit(last));
  counted_ahead_ = false;
  epoch_first_ = log_.head().size;
  HANGU_TRY(const std::string note, public_note());
  HANGU_CHECK(epochs_.advance(note));
  log_.sign_with(epochs_.signer());
  return {};
}

/// The checkpoint as it is published.
Result<std::string> Writer::public_note() const {
  if (!signers_.gm) return log_.note();
  return countersign_note(log_.note(), *signers_.gm);
}

/// The time of this batch's entries: never before an earlier entry's. A step back is told once.
Result<WallTime> Writer::time_of(Forming& forming) {
  if (forming.time) return *forming.time;
  HANGU_TRY(const WallTime now, clock_->now());
  return time_of(forming, now);
}

Result<WallTime> Writer::time_of(Forming& forming, WallTime now) {
  const bool back = now < last_time_;
  if (back && last_time_ - now >= kClockStep && !step_told_) {
    HANGU_TRY(const Entry entry,
              own_entry(kClockType, {{"now", now.to_text()}, {"lastEntry", last_time_.to_text()}},
                        last_time_));
    step_told_ = true;
    add(entry, forming);
  }
  if (!back) step_told_ = false;
  last_time_ = std::max(last_time_, now);
  forming.time = last_time_;
  forming.time_text = last_time_.to_text();
  return last_time_;
}

Result<std::vector<AppendReply>> Writer::append(std::span<const Submission> batch) {
  HANGU_ASSERT(batch.size() + kOwnEntriesPerBatchMax <= kBatchEntriesMax);
  Forming forming;
  forming.first = log_.head().size;
  if (const Done ready = log_.ready(); !ready) {
    if (ready.error().code() == ErrorCode::corrupt) return std::unexpected(ready.error());
    forming.closed = ready.error().reason();
  }
  std::vector<Body> bodies = read_bodies(batch);
  std::size_t bytes = 0;
  for (const Submission& submission : batch)
    bytes += kFrameBytes + submission.request.body.size() / 3 * 4;
  forming.entries.reserve(batch.size() + kOwnEntriesPerBatchMax, bytes);
  forming.salts.resize(batch.size());
  entropy_->fill(std::as_writable_bytes(std::span(forming.salts)));
  std::vector<AppendReply> replies;
  replies.reserve(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    HANGU_TRY(AppendReply reply, decide(batch[i], std::move(bodies[i]), forming));
    replies.push_back(std::move(reply));
  }
  HANGU_CHECK(commit(forming));
  for (AppendReply& reply : replies) {
    if (reply.outcome == AppendOutcome::refused) continue;
    reply.leaf = reply.index >= forming.first
                     ? forming.leaves[static_cast<std::size_t>(reply.index - forming.first)]
                     : leaf_hash(bytes_of(reply.entry));
  }
  return replies;
}

/// A plain envelope is seen sooner than a thread wakes; others are read by all threads at once.
std::vector<Writer::Body> Writer::read_bodies(std::span<const Submission> batch) const {
  std::vector<Body> bodies(batch.size());
  std::vector<std::size_t> slow;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const AppendRequest& request = batch[i].request;
    bodies[i].plain = request.kind == BodyKind::statement && is_plain_envelope(request.body);
    if (!bodies[i].plain) slow.push_back(i);
  }
  const auto read = [&](std::size_t at) {
    bodies[slow[at]].text = body_of(batch[slow[at]].request);
  };
  if (slow.size() >= kCrewFrom) {
    crew_->for_each(slow.size(), read);
  } else {
    for (std::size_t at = 0; at < slow.size(); ++at) read(at);
  }
  return bodies;
}

Result<AppendReply> Writer::decide(const Submission& submission, Body read, Forming& forming) {
  const AppendRequest& request = submission.request;
  if (const auto reason = catalogue_refusal(submission); !reason.empty()) {
    return refused(request.id, reason);
  }
  if (read.plain) read.text = statement_body(request.body);
  if (!read.text) return refused(request.id, "body-invalid");
  const std::string id = to_hex(request.id);
  HANGU_TRY(std::optional<AppendReply> known, earlier(submission, id, *read.text, forming));
  if (known) return *std::move(known);
  HANGU_TRY(known, winner(request, forming));
  if (known) return *std::move(known);

  if (forming.closed) return refused(request.id, *forming.closed);
  const Result<WallTime> time = time_of(forming);
  if (!time) return refused(request.id, time.error().reason());
  EntryHead head{.id = id,
                 .type = request.type,
                 .time = *time,
                 .boot = boot_,
                 .program = submission.caller.program,
                 .uid = submission.caller.uid,
                 .pid = submission.caller.pid,
                 .transfer = std::nullopt,
                 .previous = std::nullopt,
                 .keys = {request.keys.begin(), request.keys.end()},
                 .body = *read.text};
  if (request.transfer) {
    head.transfer = request.transfer->text();
    head.previous = index_.last_of(*request.transfer);
  }
  head.append_to(forming.entries.begin(), forming.time_text, forming.salts.back());
  const std::string_view text = forming.entries.begun();
  const bool too_long = text.size() > kEntryBytesMax;
  if (too_long || forming.entries.bundle().size() > kFormingBytesMax) {
    forming.entries.drop();
    return refused(request.id, too_long ? "entry-too-long" : "audit-busy");
  }
  AppendReply reply;
  reply.id = request.id;
  reply.outcome = AppendOutcome::appended;
  reply.index = forming.next();
  reply.entry = text;
  // Each member is of its alphabet by now, so that the text need not be read to be sure of it.
  index_.add(reply.index, head);
  forming.entries.keep();
  forming.salts.pop_back();
  return reply;
}

/// The entry that this very request made before, or the refusal of an id used for another.
Result<std::optional<AppendReply>> Writer::earlier(const Submission& submission,
                                                   std::string_view id, std::string_view body,
                                                   const Forming& forming) const {
  for (const std::uint64_t index : index_.candidates_by_id(id)) {
    if (index < log_.pruned_before()) continue;  // forgotten with its entry
    HANGU_TRY(std::string text, entry_text(index, &forming));
    const auto head = EntryHead::parse(text);
    if (!head) return invalid_entry(index);
    if (head->id != id) continue;
    if (!same_request(*head, submission, body)) {
      return std::optional(refused(submission.request.id, "request-reused"));
    }
    AppendReply reply;
    reply.id = submission.request.id;
    reply.outcome = AppendOutcome::appended;
    reply.index = index;
    reply.entry = std::move(text);
    return std::optional(std::move(reply));
  }
  return std::optional<AppendReply>();
}

/// The entry that has one of the request's keys: the winner.
Result<std::optional<AppendReply>> Writer::winner(const AppendRequest& request,
                                                  const Forming& forming) const {
  for (const std::string& key : request.keys) {
    HANGU_TRY(std::optional<HeldKey> held, holder_of(key, &forming));
    if (!held && pruned_ && pruned_->keys->contains(key))
      return std::optional(refused(request.id, "key-pruned"));
    if (!held) continue;
    AppendReply reply;
    reply.id = request.id;
    reply.outcome = AppendOutcome::taken;
    reply.reason = key;
    reply.index = held->index;
    reply.entry = std::move(held->entry);
    return std::optional(std::move(reply));
  }
  return std::optional<AppendReply>();
}

Result<std::optional<Writer::HeldKey>> Writer::holder_of(const std::string& key,
                                                         const Forming* forming) const {
  for (const std::uint64_t index : index_.candidates_by_key(key)) {
    if (index < log_.pruned_before()) continue;  // pruned_ has the key
    HANGU_TRY(std::string text, entry_text(index, forming));
    const auto head = EntryHead::parse(text);
    if (!head) return invalid_entry(index);
    if (std::ranges::find(head->keys, key) != head->keys.end())
      return std::optional(HeldKey{.index = index, .entry = std::move(text)});
  }
  return std::optional<HeldKey>();
}

Result<std::string> Writer::entry_text(std::uint64_t index, const Forming* forming) const {
  if (forming != nullptr && index >= forming->first) {
    return std::string(text_of(forming->entries[static_cast<std::size_t>(index - forming->first)]));
  }
  HANGU_TRY(const Bytes bytes, log_.entry(index));
  return std::string(text_of(bytes));
}

void Writer::add(const Entry& entry, Forming& forming) {
  const std::string text = entry.to_text();
  const auto head = EntryHead::parse(text);
  HANGU_ASSERT(head.has_value() && head->type == entry.type);
  index_.add(forming.next(), *head);
  forming.entries.add(bytes_of(text));
}

/// Nothing that the log could not read again gets into it, whoever had a hand in the event.
Result<Entry> Writer::own_entry(std::string_view type, const wire::JsonObject& event,
                                WallTime time) {
  const wire::Json json(event);
  if (!follows_schema(type, json))
    return fail(ErrorCode::internal, "audit-event-invalid", std::string(type));
  Entry entry{.id = new_request_id(*entropy_),
              .type = std::string(type),
              .time = time,
              .boot = boot_,
              .peer = self_,
              .transfer = std::nullopt,
              .previous = std::nullopt,
              .keys = {},
              .body = event_body(json.to_text())};
  entropy_->fill(entry.salt);
  if (const std::size_t size = entry.to_text().size(); size > kEntryBytesMax)
    return fail(ErrorCode::exhausted, "entry-too-long",
                std::string(type) + ", " + std::to_string(size) + " bytes");
  return entry;
}

Done Writer::note_event(std::string_view type, wire::JsonObject event) {
  HANGU_ASSERT(find_type(type) != nullptr && may_append(*find_type(type), kSelf));
  const Result<WallTime> now = clock_->now();
  if (!now) event.emplace_back(kClockMember, kTimeUnknown);
  // Made before anything that goes with it: what is refused leaves no trace.
  HANGU_TRY(Entry entry, own_entry(type, event, last_time_));
  Forming forming;
  forming.first = log_.head().size;
  if (now) {
    HANGU_TRY(entry.time, time_of(forming, *now));
  }
  add(entry, forming);
  return commit(forming);
}

Done Writer::commit(Forming& forming) {
  if (forming.entries.empty()) return {};
  for (std::size_t i = 0; i < forming.entries.size(); ++i) chain_->add(forming.entries[i]);
  HANGU_TRY(forming.leaves, log_.commit(std::move(forming.entries)));
  return {};
}

}  // namespace hangu::audit
