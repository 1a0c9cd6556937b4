#include "audit/writer.hpp"

#include <algorithm>

#include "audit/limits.hpp"
#include "audit/schema.hpp"
#include "base/limits.hpp"
#include "flow/envelope.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kBootBytes = 8;
/// Room for callers who count a batch by their requests' bodies; still one journal record.
constexpr std::size_t kFormingBytesMax = kBatchBytesMax + kBatchBytesMax / 2;
static_assert(kFormingBytesMax + 2 * kBatchEntriesMax + 64 <= kRecordBytesMax);
constexpr std::string_view kSelf = "audit";

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
  if (!may_append(*type, submission.caller.program)) return "type-forbidden";
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

/// The body in the form that is stored: an envelope verbatim, an event canonical.
struct Body {
  std::optional<std::string> statement;
  std::optional<std::string> event;
};

std::optional<Body> body_of(const AppendRequest& request) {
  if (request.kind == BodyKind::statement) {
    if (!flow::Envelope::parse(request.body)) return std::nullopt;
    return Body{.statement = request.body, .event = std::nullopt};
  }
  const auto json = wire::Json::parse(request.body, kEntryBytesMax);
  if (!json || !follows_schema(request.type, *json)) return std::nullopt;
  return Body{.statement = std::nullopt, .event = json->to_text()};
}

bool same_request(const EntryHead& head, const Submission& submission, std::string_view body) {
  const AppendRequest& request = submission.request;
  return head.type == request.type && head.program == submission.caller.program &&
         head.transfer == (request.transfer
                               ? std::optional<std::string_view>(request.transfer->text())
                               : std::nullopt) &&
         std::ranges::equal(head.keys, request.keys) && head.body == body;
}

std::unexpected<Error> bad_entry(std::uint64_t index) {
  return fail(ErrorCode::corrupt, "audit-entry-invalid", "entry " + std::to_string(index));
}

/// What the entries say of prunings, against the last one that was begun.
class PrunedSeen {
 public:
  explicit PrunedSeen(const std::optional<Pruned>& pruned)
      : before_(pruned ? pruned->state.before : 0),
        event_(pruned ? wire::Json(pruned->state.to_event()).to_text() : std::string()) {}

  Done see(std::uint64_t index, const EntryHead& head) {
    if (head.type != kPrunedType) return {};
    const auto event = event_of(head);
    if (!event) return bad_entry(index);
    const auto state = PrunedState::parse(event->to_text());
    if (!state) return bad_entry(index);
    last_ = std::max(last_, state->before);
    if (state->before == before_) found_ = event->to_text() == event_;
    return {};
  }
  /// Errors: Corrupt "audit-pruned-invalid": entries are gone, and the log does not say so.
  [[nodiscard]] Done check() const {
    if (before_ == 0 || found_) return {};
    return fail(ErrorCode::corrupt, "audit-pruned-invalid", "not what the log says");
  }
  [[nodiscard]] std::uint64_t last() const { return last_; }

 private:
  std::uint64_t before_;
  std::string event_;
  std::uint64_t last_ = 0;
  bool found_ = false;
};

}  // namespace

/// A batch while it grows: entries that get the indices from `first` on.
struct Writer::Forming {
  std::uint64_t first = 0;
  std::vector<Bytes> entries;
  std::size_t bytes = 0;
  std::vector<Hash> leaves;
  std::optional<WallTime> time;
  std::optional<std::string> closed;  ///< why nothing new is taken now

  [[nodiscard]] std::uint64_t next() const { return first + entries.size(); }
};

Writer::Writer(Log log, WriterPlan& plan, EntryIndex index, Epochs epochs, WallTime last_time)
    : log_(std::move(log)),
      clock_(&plan.clock),
      entropy_(&plan.entropy),
      self_(std::move(plan.self)),
      index_(std::move(index)),
      epochs_(std::move(epochs)),
      last_time_(last_time) {
  std::array<std::byte, kBootBytes> boot{};
  entropy_->fill(boot);
  boot_ = to_hex(boot);
}

Result<OpenedWriter> Writer::open(WriterPlan plan) {
  EntryIndex index(plan.entropy);
  EpochReader epochs_read;
  WallTime last_time;
  HANGU_TRY(std::optional<Pruned> pruned, read_pruned(*plan.folder));
  if (pruned) {
    const PrunedState& state = pruned->state;
    plan.limits.pruned_before = state.before;
    last_time = state.last_time;
    epochs_read = EpochReader::resume(state.epoch, state.epoch_first, state.chain, state.before);
  }
  PrunedSeen pruned_seen(pruned);
  const VisitEntry visit = [&](std::uint64_t at, ByteView entry) -> Done {
    const auto head = EntryHead::parse(text_of(entry));
    if (!head) return bad_entry(at);
    index.add(at, *head);
    last_time = std::max(last_time, head->time);
    HANGU_CHECK(pruned_seen.see(at, *head));
    return epochs_read.see(at, *head);
  };
  HANGU_TRY(NoteSigner signer, NoteSigner::create(plan.origin, std::move(plan.key)));
  HANGU_TRY(std::unique_ptr<Folder> root, plan.folder->again());
  HANGU_TRY(const std::unique_ptr<Folder> pruned_root, plan.folder->again());
  HANGU_TRY(OpenedLog opened,
            Log::open(std::move(plan.folder), std::move(signer), plan.limits, visit));
  HANGU_TRY(Epochs epochs, Epochs::open(std::move(plan.epoch_keys), std::move(root), plan.origin,
                                        epochs_read.told(), plan.entropy));
  Writer writer(std::move(opened.log), plan, std::move(index), std::move(epochs), last_time);
  if (plan.gm_key) {
    HANGU_TRY(NoteSigner gm, NoteSigner::create(gm_key_name(plan.origin), *std::move(plan.gm_key)));
    writer.gm_signer_ = std::make_shared<const NoteSigner>(std::move(gm));
    opened.publisher.countersign_with(writer.gm_signer_);
  }
  HANGU_CHECK(pruned_seen.check());
  if (pruned_seen.last() > 0 && (!pruned || pruned_seen.last() > pruned->state.before)) {
    // A crash came between the word and the first deletion.
    HANGU_TRY(pruned, read_pruned_at(*pruned_root, pruned_seen.last()));
    writer.log_.pruned(pruned->state.before);
  }
  if (pruned) writer.removal_due_ = pruned->state.before;
  writer.pruned_ = std::move(pruned);
  writer.counter_ = std::move(plan.counter);
  HANGU_CHECK(writer.take_up_epoch(epochs_read));
  HANGU_CHECK(writer.take_up_counter(epochs_read, plan.orders));
  HANGU_CHECK(writer.begin(opened.recovery, std::move(plan.boot)));
  return OpenedWriter{.writer = std::move(writer),
                      .publisher = std::move(opened.publisher),
                      .recovery = opened.recovery};
}

/// Goes on where the entries ended: the epoch's key must have signed the last checkpoint, and what
/// a crash left undone at the end of the epoch before is done now.
Done Writer::take_up_epoch(const EpochReader& read) {
  log_.sign_with(epochs_.signer());
  epoch_first_ = read.first();
  chain_ = read.chain();
  const std::uint64_t size = log_.head().size;
  for (std::uint64_t at = read.chained(); at < size; ++at) {
    HANGU_TRY(const Bytes entry, log_.entry(at));
    chain_ = chain_on(chain_, entry);
  }
  if (size == 0) return {};
  if (epoch_first_ == size) {
    HANGU_TRY(const std::string note, public_note());
    return epochs_.keep_last(note);
  }
  if (!open_note(log_.note(), {&epochs_.signer().key(), 1}))
    return fail(ErrorCode::corrupt, "audit-epoch-key", "the last checkpoint is not signed by it");
  return {};
}

/// The counter must be where the log says, or two auditors must have released what it says.
Done Writer::take_up_counter(const EpochReader& read, std::span<const GivenOrder> orders) {
  std::optional<CounterTold> told = read.counter();
  if (!told && pruned_) told = pruned_->state.counter;
  CounterTold found{.kind = std::string(kCounterNone), .value = 0};
  if (counter_) {
    HANGU_TRY(const std::uint64_t value, counter_->read());
    found = {.kind = std::string(counter_->kind()), .value = value};
  }
  const Done follows = check_counter(told, found);
  counted_ahead_ = follows && told && found.kind == told->kind && found.value > told->value;
  if (follows) return {};
  for (const GivenOrder& order : orders) {
    const auto* act = std::get_if<ReleaseOrder>(&order.signed_order.order.act);
    if (act == nullptr || act->head != log_.head() || act->found != found) continue;
    wire::JsonArray signers;
    for (const std::string& name : order.signed_order.signers) signers.emplace_back(name);
    release_ = {{"told", told->value},
                {"found", found.value},
                {"kind", found.kind},
                {"reason", order.signed_order.order.reason},
                {"signers", std::move(signers)},
                {"order", to_base64(bytes_of(order.envelope))}};
    return {};
  }
  return std::unexpected(follows.error().within("size " + std::to_string(log_.head().size) +
                                                ", root " + to_hex(log_.head().root)));
}

/// The counter's value for an epoch's end: raised now, unless it was for an end that never came.
Result<std::optional<CounterTold>> Writer::next_count() {
  if (!counter_) return std::optional<CounterTold>();
  Result<std::uint64_t> value = counted_ahead_ ? counter_->read() : counter_->raise();
  if (!value) return std::unexpected(value.error());
  counted_ahead_ = true;
  return std::optional(CounterTold{.kind = std::string(counter_->kind()), .value = *value});
}

/// The first entries of a run.
Done Writer::begin(const Recovery& recovery, wire::JsonObject boot) {
  if (log_.head().size == 0) {
    const Genesis genesis{
        .origin = log_.key().name(),
        .vkey = log_.key().to_text(),
        .epoch_vkey = epochs_.signer().key().to_text(),
        .gm_vkey = gm_signer_ ? std::optional(gm_signer_->key().to_text()) : std::nullopt};
    HANGU_CHECK(note_event(kGenesis, genesis.to_event()));
  } else {
    if (recovery.discarded_bytes > 0) {
      HANGU_CHECK(note_event(
          "recovery", {{"size", log_.head().size}, {"discardedBytes", recovery.discarded_bytes}}));
    }
    if (!release_.empty()) HANGU_CHECK(note_event("counter.released", std::move(release_)));
    HANGU_CHECK(close_epoch());
  }
  wire::JsonObject event{
      {"size", log_.head().size}, {"epoch", epochs_.number()}, {"catalogue", catalogue_digest()}};
  if (counter_) {
    HANGU_TRY(const std::uint64_t value, counter_->read());
    event.emplace_back("counter",
                       to_json(CounterTold{.kind = std::string(counter_->kind()), .value = value}));
  }
  std::ranges::move(boot, std::back_inserter(event));
  return note_event(kBootType, std::move(event));
}

Done Writer::prune(Pruned pruned) {
  HANGU_CHECK(note_event(kPrunedType, pruned.state.to_event()));
  log_.pruned(pruned.state.before);
  pruned_ = std::move(pruned);
  return {};
}

Done Writer::close_epoch() {
  HANGU_TRY(const NoteKey next, epochs_.prepare_next(*entropy_));
  Forming forming;
  forming.first = log_.head().size;
  const Result<WallTime> time = time_of(forming);
  HANGU_CHECK(commit(forming));  // what the clock had to tell, so that the close stands alone
  HANGU_TRY(const std::optional<CounterTold> counter, next_count());
  const EpochClose close{.epoch = epochs_.number(),
                         .first = epoch_first_,
                         .head = log_.head(),
                         .next_vkey = next.to_text(),
                         .chain = chain_,
                         .counter = counter};
  Forming last;
  last.first = log_.head().size;
  const Entry entry = own_entry(kEpochClose, close.to_event(), time ? *time : last_time_);
  add(entry, entry.to_text(), last);
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
  if (!gm_signer_) return log_.note();
  return countersign_note(log_.note(), *gm_signer_);
}

/// The time of this batch's entries: never before an earlier entry's. A step back is told once.
Result<WallTime> Writer::time_of(Forming& forming) {
  if (forming.time) return *forming.time;
  HANGU_TRY(const WallTime now, clock_->now());
  const bool back = now < last_time_;
  if (back && last_time_ - now >= kClockStep && !step_told_) {
    step_told_ = true;
    const Entry entry = own_entry(
        "clock", {{"now", now.to_text()}, {"lastEntry", last_time_.to_text()}}, last_time_);
    add(entry, entry.to_text(), forming);
  }
  if (!back) step_told_ = false;
  last_time_ = std::max(last_time_, now);
  forming.time = last_time_;
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
  std::vector<AppendReply> replies;
  replies.reserve(batch.size());
  for (const Submission& submission : batch) {
    HANGU_TRY(AppendReply reply, decide(submission, forming));
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

Result<AppendReply> Writer::decide(const Submission& submission, Forming& forming) {
  const AppendRequest& request = submission.request;
  if (const auto reason = catalogue_refusal(submission); !reason.empty()) {
    return refused(request.id, reason);
  }
  const std::optional<Body> body = body_of(request);
  if (!body) return refused(request.id, "body-invalid");
  HANGU_TRY(std::optional<AppendReply> known,
            earlier(submission, body_text(body->statement, body->event), forming));
  if (known) return *std::move(known);
  HANGU_TRY(known, winner(request, forming));
  if (known) return *std::move(known);

  if (forming.closed) return refused(request.id, *forming.closed);
  const Result<WallTime> time = time_of(forming);
  if (!time) return refused(request.id, time.error().reason());
  Entry entry{.id = request.id,
              .type = request.type,
              .time = *time,
              .boot = boot_,
              .peer = submission.caller,
              .transfer = request.transfer,
              .previous = std::nullopt,
              .keys = request.keys,
              .statement = body->statement,
              .event = body->event};
  if (request.transfer) entry.previous = index_.last_of(*request.transfer);
  entropy_->fill(entry.salt);
  const std::string text = entry.to_text();
  if (text.size() > kEntryBytesMax) return refused(request.id, "entry-too-long");
  if (forming.bytes + text.size() > kFormingBytesMax) {
    return refused(request.id, "audit-busy");
  }
  AppendReply reply;
  reply.id = request.id;
  reply.outcome = AppendOutcome::appended;
  reply.index = forming.next();
  reply.entry = text;
  add(entry, text, forming);
  return reply;
}

/// The entry that this very request made before, or the refusal of an id used for another.
Result<std::optional<AppendReply>> Writer::earlier(const Submission& submission,
                                                   const std::string& body,
                                                   const Forming& forming) const {
  const std::string id = to_hex(submission.request.id);
  for (const std::uint64_t index : index_.candidates_by_id(id)) {
    if (index < log_.pruned_before()) continue;  // forgotten with its entry
    HANGU_TRY(std::string text, entry_text(index, &forming));
    const auto head = EntryHead::parse(text);
    if (!head) return bad_entry(index);
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
    if (!held && pruned_ && pruned_->keys.contains(key))
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
    if (!head) return bad_entry(index);
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

void Writer::add(const Entry& entry, std::string_view text, Forming& forming) {
  const auto head = EntryHead::parse(text);
  HANGU_ASSERT(head.has_value() && head->type == entry.type);
  index_.add(forming.next(), *head);
  chain_ = chain_on(chain_, bytes_of(text));
  forming.bytes += text.size();
  forming.entries.push_back(hangu::to_bytes(text));
}

Entry Writer::own_entry(std::string_view type, const wire::JsonObject& event, WallTime time) {
  Entry entry{.id = new_request_id(*entropy_),
              .type = std::string(type),
              .time = time,
              .boot = boot_,
              .peer = self_,
              .transfer = std::nullopt,
              .previous = std::nullopt,
              .keys = {},
              .statement = std::nullopt,
              .event = wire::Json(event).to_text()};
  entropy_->fill(entry.salt);
  return entry;
}

Done Writer::note_event(std::string_view type, wire::JsonObject event) {
  HANGU_ASSERT(find_type(type) != nullptr && may_append(*find_type(type), kSelf));
  Forming forming;
  forming.first = log_.head().size;
  const Result<WallTime> time = time_of(forming);
  if (!time) event.emplace_back("clock", "unknown");
  const Entry entry = own_entry(type, event, time ? *time : last_time_);
  add(entry, entry.to_text(), forming);
  return commit(forming);
}

Done Writer::commit(Forming& forming) {
  if (forming.entries.empty()) return {};
  HANGU_TRY(forming.leaves, log_.commit(forming.entries));
  return {};
}

CheckpointReply Writer::checkpoint(const CheckpointRequest& request) const {
  return {.id = request.id, .size = log_.head().size, .note = log_.note()};
}

Result<ProveReply> Writer::prove(const ProveRequest& request) const {
  HANGU_TRY(std::vector<Hash> path, log_.prove(request.index, request.size));
  HANGU_TRY(std::string text, entry_text(request.index, nullptr));
  return ProveReply{.id = request.id,
                    .index = request.index,
                    .size = request.size,
                    .entry = std::move(text),
                    .path = std::move(path)};
}

Result<FindReply> Writer::find(const FindRequest& request) const {
  FindReply reply{.id = request.id, .indices = {}};
  std::optional<std::uint64_t> at = index_.last_of(request.transfer);
  while (at && *at >= log_.pruned_before() && reply.indices.size() < kFoundMax) {
    reply.indices.push_back(*at);
    HANGU_TRY(const std::string text, entry_text(*at, nullptr));
    const auto head = EntryHead::parse(text);
    if (!head || head->transfer != request.transfer.text()) return bad_entry(*at);
    if (head->previous && *head->previous >= *at) return bad_entry(*at);
    at = head->previous;
  }
  std::ranges::reverse(reply.indices);
  return reply;
}

Result<FindReply> Writer::holder(const HolderRequest& request) const {
  if (!is_key(request.key)) return fail(ErrorCode::malformed, "keys-invalid");
  FindReply reply{.id = request.id, .indices = {}};
  HANGU_TRY(const std::optional<HeldKey> held, holder_of(request.key, nullptr));
  if (held) reply.indices.push_back(held->index);
  return reply;
}

}  // namespace hangu::audit
