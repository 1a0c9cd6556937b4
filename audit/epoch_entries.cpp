#include "audit/epoch_entries.hpp"

#include "audit/limits.hpp"
#include "audit/schema.hpp"
#include "base/limits.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kCounterKindBytesMax = 16;
constexpr std::string_view kEventStart = "\"statement\":null,\"event\":";

std::unexpected<Error> out_of_order(std::uint64_t index) {
  return fail(ErrorCode::corrupt, "audit-epoch-order", "entry " + std::to_string(index));
}

/// The event's members as an object of their own reads them.
Result<Genesis> read_genesis(const EntryHead& head) {
  HANGU_TRY(const wire::Json event, event_of(head));
  wire::Fields f(event, kGenesis);
  Genesis out;
  out.origin = f.text("origin", kOriginBytesMax);
  out.log_keys = LogKeysTold::read(f, "vkey", "gmVkey");
  out.epoch_vkey = f.text("epochVkey", kVkeyBytesMax);
  (void)f.optional_value(kClockMember);
  HANGU_CHECK(f.finish());
  return out;
}

Result<EpochClose> read_close(const EntryHead& head) {
  HANGU_TRY(const wire::Json event, event_of(head));
  wire::Fields f(event, kEpochClose);
  EpochClose out;
  const auto number = [&f](const char* name) {
    return static_cast<std::uint64_t>(f.integer(name, 0, kLogSizeMax));
  };
  out.epoch = number("epoch");
  out.first = number("first");
  out.head.size = number("size");
  const std::string root = f.text("root", 2 * sizeof(Hash));
  out.next_vkey = f.text("nextVkey", kVkeyBytesMax);
  const std::string chain = f.text("sm3", 2 * sizeof(Hash));
  if (const wire::Json* counter = f.optional_value("counter"))
    out.counter = f.accept("counter", parse_counter(*counter));
  if (const wire::Json* keys = f.optional_value("logKeys"))
    out.log_keys = f.accept("logKeys", KeyRollover::parse(*keys));
  (void)f.optional_value(kClockMember);
  HANGU_CHECK(f.finish());
  HANGU_TRY(out.head.root, hash_from_hex(root));
  HANGU_TRY(out.chain, hash_from_hex(chain));
  return out;
}

struct Released {
  CounterTold found;  ///< what the log tells from then on
  std::string order;  ///< in base64
};

Result<Released> read_released(const EntryHead& head) {
  HANGU_TRY(const wire::Json event, event_of(head));
  const wire::Json* kind = event.find("kind");
  const wire::Json* found = event.find("found");
  const wire::Json* order = event.find("order");
  if (kind == nullptr || found == nullptr || order == nullptr || order->as_string() == nullptr)
    return fail(ErrorCode::malformed, "entry-invalid");
  HANGU_TRY(CounterTold counter,
            parse_counter(wire::JsonObject{{"kind", *kind}, {"value", *found}}));
  return Released{std::move(counter), *order->as_string()};
}

}  // namespace

Result<wire::Json> event_of(const EntryHead& head) {
  if (!head.body.starts_with(kEventStart)) return fail(ErrorCode::malformed, "entry-invalid");
  return wire::Json::parse(head.body.substr(kEventStart.size()), kEntryBytesMax);
}

Hash chain_on(const Hash& chain, ByteView entry) {
  return crypto::Hasher::of_thread(crypto::HashAlgorithm::sm3).update(chain).update(entry).finish();
}

wire::JsonObject Genesis::to_event() const {
  return {{"origin", origin},
          {"vkey", log_keys.vkey},
          {"epochVkey", epoch_vkey},
          {"gmVkey", log_keys.gm_json()}};
}

wire::JsonObject EpochClose::to_event() const {
  wire::JsonObject event{{"epoch", epoch},        {"first", first},
                         {"size", head.size},     {"root", to_hex(head.root)},
                         {"nextVkey", next_vkey}, {"sm3", to_hex(chain)}};
  if (counter) event.emplace_back("counter", to_json(*counter));
  if (log_keys) event.emplace_back("logKeys", log_keys->to_json());
  return event;
}

wire::Json to_json(const CounterTold& counter) {
  return wire::JsonObject{{"kind", counter.kind}, {"value", counter.value}};
}

Result<CounterTold> parse_counter(const wire::Json& json) {
  wire::Fields f(json, "counter");
  CounterTold out;
  out.kind = f.text("kind", kCounterKindBytesMax);
  out.value = static_cast<std::uint64_t>(f.integer("value", 0, INT64_MAX));
  HANGU_CHECK(f.finish());
  return out;
}

EpochReader EpochReader::resume(Place place) {
  EpochReader reader;
  reader.told_ = std::move(place.told);
  reader.first_ = place.first;
  reader.log_keys_ = std::move(place.log_keys);
  reader.chain_ = place.chain;
  reader.chained_ = place.at;
  reader.seen_ = place.at;
  return reader;
}

Done EpochReader::see(std::uint64_t index, const EntryHead& head) {
  if ((index == 0) != (head.type == kGenesis)) return out_of_order(index);
  seen_ = index + 1;
  if (head.type == kGenesis) {
    const auto genesis = read_genesis(head);
    if (!genesis) return invalid_entry(index);
    told_ = EpochTold{.number = 0, .vkey = genesis->epoch_vkey};
    log_keys_ = genesis->log_keys;
  } else if (head.type == kEpochClose) {
    const auto close = read_close(head);
    if (!close) return invalid_entry(index);
    if (close->epoch != told_->number || close->first != first_ || close->head.size != index)
      return out_of_order(index);
    told_ = EpochTold{.number = close->epoch + 1, .vkey = close->next_vkey};
    first_ = index + 1;
    chain_ = close->chain;
    chained_ = index;
    if (close->counter) counter_ = close->counter;
    rolled_ = close->log_keys.has_value();
    if (rolled_ && close->log_keys->former != log_keys_) return out_of_order(index);
    if (rolled_) log_keys_ = close->log_keys->next;
  } else if (head.type == kReleasedType) {
    auto released = read_released(head);
    if (!released) return invalid_entry(index);
    counter_ = std::move(released->found);
    release_order_ = std::move(released->order);
  } else if (head.type == kBootType) {
    const auto event = event_of(head);
    if (!event) return invalid_entry(index);
    if (const wire::Json* counter = event->find("counter")) {
      const auto told = parse_counter(*counter);
      if (!told) return invalid_entry(index);
      counter_ = *told;
    }
  }
  return {};
}

}  // namespace hangu::audit
