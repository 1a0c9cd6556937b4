// Opening a writer: what the entries tell is taken up, held against keys, counter and prunings, and
// the first entries of the run are written.

#include <algorithm>
#include <iterator>

#include "audit/catalogue.hpp"
#include "audit/writer.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kBootBytes = 8;

/// What the entries say of prunings, against the last one that was begun.
class PrunedSeen {
 public:
  explicit PrunedSeen(const std::optional<Pruned>& pruned) {
    if (pruned) begun_ = pruned->state;
  }

  Done see(std::uint64_t index, const EntryHead& head) {
    if (head.type != kPrunedType) return {};
    const auto event = event_of(head);
    if (!event) return invalid_entry(index);
    auto state = PrunedState::parse(event->to_text());
    if (!state) return invalid_entry(index);
    if (begun_ && state->before == begun_->before) found_ = *state == *begun_;
    if (!last_ || state->before > last_->before) last_ = *std::move(state);
    return {};
  }
  /// Errors: Corrupt "audit-pruned-invalid": entries are gone, and the log does not say so.
  [[nodiscard]] Done check() const {
    if (!begun_ || found_) return {};
    return fail(ErrorCode::corrupt, "audit-pruned-invalid",
                "entries before " + std::to_string(begun_->before) +
                    " are gone, and the log does not say what is kept of them");
  }
  /// What the log tells last and is not begun: a crash came between the word and the first
  /// deletion.
  [[nodiscard]] const PrunedState* due() const {
    if (!last_ || (begun_ && last_->before <= begun_->before)) return nullptr;
    return &*last_;
  }

 private:
  std::optional<PrunedState> begun_;
  std::optional<PrunedState> last_;
  bool found_ = false;
};

/// What a quorum saw before this start must be a part of the log: else it was put back, or another
/// log stands in its place. Errors: Corrupt "audit-witness-ahead", "audit-witness-differs".
Done check_witnessed(const Log& log, const std::optional<TreeHead>& witnessed) {
  if (!witnessed) return {};
  const auto differs = [&](std::string_view reason) {
    return fail(ErrorCode::corrupt, reason,
                "witnesses saw size " + std::to_string(witnessed->size) + ", the log has " +
                    std::to_string(log.head().size));
  };
  if (witnessed->size > log.head().size) return differs("audit-witness-ahead");
  HANGU_TRY(const bool ours, log.contains(*witnessed));
  return ours ? Done() : differs("audit-witness-differs");
}

/// Who goes on signing the log.
struct Succession {
  LogSigners present;
  std::optional<LogSigners> next;  ///< once all that the present ones signed is published
  bool told = false;               ///< the log names next already
};

/// The keys that the entries name. Where they roll over at this start, or did and a crash came
/// right then, the former ones go on for a while. Errors: Corrupt "audit-log-key".
Result<Succession> succession(const EpochReader& read, const Log& log, const LogSigners& own,
                              const std::optional<LogSigners>& former) {
  const bool by_own = !read.told() || read.log_keys() == own.told();
  if (!by_own && (!former || read.log_keys() != former->told()))
    return fail(ErrorCode::corrupt, "audit-log-key", "the log names " + read.log_keys().vkey);
  Succession out{.present = own, .next = {}};
  if (former && (!by_own || read.just_rolled())) out = {*former, own, by_own};
  if (!log.note().empty() && !open_note(log.note(), {&out.present.log->key(), 1}))
    return fail(ErrorCode::corrupt, "audit-log-key", "the last checkpoint is not signed by it");
  return out;
}

wire::JsonObject released_event(const CounterTold& told, const GivenOrder& given) {
  const Order& order = given.signed_order.order;
  const CounterTold& found = std::get<ReleaseOrder>(order.act).found;
  wire::JsonArray signers;
  for (const std::string& name : given.signed_order.signers) signers.emplace_back(name);
  return {{"told", told.value},
          {"found", found.value},
          {"kind", found.kind},
          {"reason", order.reason},
          {"signers", std::move(signers)},
          {"order", to_base64(bytes_of(given.envelope))}};
}

}  // namespace

Writer::Writer(Log log, LogSigners signers, WriterPlan& plan, EntryIndex index, Epochs epochs,
               std::unique_ptr<ChainBeside> chain, WallTime last_time)
    : log_(std::move(log)),
      clock_(&plan.clock),
      entropy_(&plan.entropy),
      self_(std::move(plan.self)),
      index_(std::move(index)),
      epochs_(std::move(epochs)),
      signers_(std::move(signers)),
      chain_(std::move(chain)),
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
    epochs_read = EpochReader::resume(state.place());
  }
  PrunedSeen pruned_seen(pruned);
  auto chain = std::make_unique<ChainBeside>();
  const std::uint64_t chain_from = last_close_hint(*plan.epoch_keys, *plan.folder);
  const VisitEntry visit = [&](std::uint64_t at, ByteView entry) -> Done {
    const auto head = EntryHead::parse(text_of(entry));
    if (!head) return invalid_entry(at);
    index.add(at, *head);
    last_time = std::max(last_time, head->time);
    HANGU_CHECK(pruned_seen.see(at, *head));
    HANGU_CHECK(epochs_read.see(at, *head));
    if (epochs_read.chained() == at && at >= chain_from)
      chain->restart({.index = at, .value = epochs_read.chain()});
    chain->add(entry);
    return {};
  };
  HANGU_TRY(LogSigners own, LogSigners::create(plan.origin, {.key = std::move(plan.key),
                                                             .gm_key = std::move(plan.gm_key)}));
  std::optional<LogSigners> former;
  if (plan.former) {
    HANGU_TRY(former, LogSigners::create(plan.origin, *std::move(plan.former)));
  }
  HANGU_TRY(std::unique_ptr<Folder> root, plan.folder->again());
  HANGU_TRY(const std::unique_ptr<Folder> pruned_root, plan.folder->again());
  HANGU_TRY(OpenedLog opened, Log::open(std::move(plan.folder), own.log, plan.limits, visit,
                                        former ? std::optional(former->log->key()) : std::nullopt));
  HANGU_CHECK(check_witnessed(opened.log, plan.witnessed));  // before keys are erased
  HANGU_CHECK(pruned_seen.check());
  HANGU_TRY(Succession keys, succession(epochs_read, opened.log, own, former));
  opened.log.sign_by(keys.present.log);
  opened.publisher.countersign_with(keys.present.gm);
  HANGU_TRY(Epochs epochs, Epochs::open(std::move(plan.epoch_keys), std::move(root), plan.origin,
                                        epochs_read.told(), plan.entropy));
  Writer writer(std::move(opened.log), keys.present, plan, std::move(index), std::move(epochs),
                std::move(chain), last_time);
  const bool due = pruned_seen.due() != nullptr;
  if (due) {
    const PrunedState& told = *pruned_seen.due();
    HANGU_TRY(pruned, read_pruned_at(*pruned_root, told.before, &told));
  }
  if (pruned) writer.removal_due_ = pruned->state.before;
  writer.pruned_ = std::move(pruned);
  writer.counter_ = std::move(plan.counter);
  HANGU_CHECK(writer.take_up_epoch(epochs_read));
  if (due) writer.log_.pruned(writer.removal_due_);  // the chain was taken up from its entries
  HANGU_CHECK(writer.take_up_counter(epochs_read, plan.orders));
  if (keys.next && keys.told) HANGU_CHECK(writer.go_on_under(*keys.next, opened.publisher));
  if (keys.next && !keys.told) writer.next_ = *keys.next;
  HANGU_CHECK(writer.end_last_run(opened.recovery));
  if (writer.next_) HANGU_CHECK(writer.go_on_under(*writer.next_, opened.publisher));
  HANGU_CHECK(writer.begin_run(std::move(plan.boot)));
  if (former) HANGU_CHECK(writer.publish_all(opened.publisher));
  return OpenedWriter{.writer = std::move(writer),
                      .publisher = std::move(opened.publisher),
                      .recovery = opened.recovery};
}

/// What the present keys signed is published under them; then the next ones sign.
Done Writer::go_on_under(LogSigners next, Publisher& publisher) {
  HANGU_CHECK(publish_all(publisher));
  signers_ = std::move(next);
  next_.reset();
  log_.sign_by(signers_.log);
  publisher.countersign_with(signers_.gm);
  return {};
}

Done Writer::publish_all(Publisher& publisher) {
  HANGU_TRY(const TreeHead published, publisher.publish(log_.head().size));
  log_.published(published.size);
  return {};
}

/// Goes on where the entries ended: the epoch's key must have signed the last checkpoint, and what
/// a crash left undone at the end of the epoch before is done now.
Done Writer::take_up_epoch(const EpochReader& read) {
  log_.sign_with(epochs_.signer());
  epoch_first_ = read.first();
  release_told_ = read.release_order();
  const std::uint64_t size = log_.head().size;
  std::uint64_t reached = chain_->finish().index;
  if (reached <= read.chained()) {
    reached = read.chained();
    chain_->restart({.index = reached, .value = read.chain()});
  }
  HANGU_CHECK(log_.visit(reached, size, [this](std::uint64_t, ByteView entry) {
    chain_->add(entry);
    return Done();
  }));
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
  const Done follows = check_counter(told, found, counter_ && counter_->is_new());
  counted_ahead_ = follows && told && found.kind == told->kind && found.value > told->value;
  if (follows) return {};
  for (const GivenOrder& order : orders) {
    const auto* act = std::get_if<ReleaseOrder>(&order.signed_order.order.act);
    if (act == nullptr || act->head != log_.head() || act->found != found) continue;
    release_ = order;
    counter_told_ = *told;
    return {};
  }
  return std::unexpected(follows.error().within("size " + std::to_string(log_.head().size) +
                                                ", root " + to_hex(log_.head().root)));
}

/// What stands before a run's own entries: the end of the epoch before, or `genesis`.
Done Writer::end_last_run(const Recovery& recovery) {
  if (log_.head().size == 0) {
    const Genesis genesis{.origin = log_.key().name(),
                          .log_keys = signers_.told(),
                          .epoch_vkey = epochs_.signer().key().to_text()};
    return note_event(kGenesis, genesis.to_event());
  }
  if (recovery.discarded_bytes > 0) {
    HANGU_CHECK(note_event(
        "recovery", {{"size", log_.head().size}, {"discardedBytes", recovery.discarded_bytes}}));
  }
  if (release_) {
    HANGU_CHECK(note_event(kReleasedType, released_event(counter_told_, *release_)));
    release_told_ = to_base64(bytes_of(release_->envelope));
  }
  return close_epoch();
}

Done Writer::begin_run(wire::JsonObject boot) {
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

}  // namespace hangu::audit
