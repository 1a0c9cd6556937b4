#include "audit/search/verified.hpp"

#include <algorithm>
#include <unordered_map>

#include "audit/entry.hpp"
#include "audit/reading/pruning_notice.hpp"
#include "audit/search/ahead.hpp"

namespace hangu::audit::search {
namespace {

/// What other threads make of an entry: its leaf hash always, its values when it may match.
struct Candidate {
  Hash leaf{};
  WallTime time;
  std::string transfer;
  std::optional<std::uint64_t> previous;
  bool readable = false;
  bool may_match = false;
  bool is_stated = false;
  std::vector<Value> own;
  std::vector<Value> stated;  ///< when it is a `transfer.stated`
};

std::vector<Candidate> candidates_in(const Bundle& bundle, const void* context) {
  const Matcher& matcher = *static_cast<const Matcher*>(context);
  std::vector<Candidate> out;
  out.reserve(bundle.entries().size());
  for (const StoredEntry& entry : bundle.entries()) {
    Candidate& candidate = out.emplace_back();
    candidate.leaf = entry.leaf;
    const auto head = EntryHead::parse(entry.text);
    candidate.readable = head.has_value();
    const std::string_view type = head ? head->type : "unreadable";
    if (head) {
      candidate.time = head->time;
      candidate.transfer = head->transfer.value_or("");
      candidate.previous = head->previous;
    }
    candidate.is_stated = type == kStatedType && !candidate.transfer.empty();
    candidate.may_match = matcher.may_match(type, candidate.transfer);
    if (!candidate.may_match && !candidate.is_stated) continue;
    const EntryFacts facts = facts_of(entry);
    if (candidate.may_match) candidate.own = own_values(facts);
    if (candidate.is_stated) candidate.stated = stated_values(facts);
  }
  return out;
}

/// What transfers were stated to be, by proved entries at or before where the scan is.
class StatedBefore {
 public:
  StatedBefore(const LogReader& reader, const Span& part) : reader_(&reader), part_(part) {}

  void see(const std::string& transfer, std::vector<Value> values) {
    known_.insert_or_assign(transfer, std::move(values));
  }
  /// Follows the transfer's entries back from `previous` to its latest `transfer.stated`. Nothing
  /// (nullptr) when that way leads into what was pruned.
  [[nodiscard]] Result<const std::vector<Value>*> of(const std::string& transfer,
                                                     std::optional<std::uint64_t> previous);

 private:
  const LogReader* reader_;
  Span part_;  ///< of the log that counts
  std::unordered_map<std::string, std::optional<std::vector<Value>>> known_;
};

Result<const std::vector<Value>*> StatedBefore::of(const std::string& transfer,
                                                   std::optional<std::uint64_t> previous) {
  const auto known = known_.find(transfer);
  if (known != known_.end()) return known->second ? &*known->second : nullptr;
  std::optional<std::vector<Value>> found = std::vector<Value>();
  std::uint64_t before = part_.end;
  while (previous) {
    if (*previous < part_.first) {
      found.reset();
      break;
    }
    if (*previous >= before)
      return fail(ErrorCode::corrupt, "entry-invalid", "previous of " + transfer);
    before = *previous;
    HANGU_TRY(const Bundle bundle, reader_->authentic_bundle(before / kTileWidth));
    const StoredEntry& entry = bundle.entries()[before % kTileWidth];
    const EntryFacts facts = facts_of(entry);
    if (!facts.readable || facts.transfer != transfer)
      return fail(ErrorCode::corrupt, "entry-invalid", "previous of " + transfer);
    if (facts.type == kStatedType) {
      found = stated_values(facts);
      break;
    }
    previous = facts.previous;
  }
  auto& kept = known_.insert_or_assign(transfer, std::move(found)).first->second;
  return kept ? &*kept : nullptr;
}

/// The span of a query's time in `part` of the log.
Result<Span> proved_span(const LogReader& reader, const SearchQuery& query, const Span& part) {
  Span span = part;
  if (query.since) {
    HANGU_TRY(const std::uint64_t since, reader.find_time(*query.since));
    span.first = std::clamp(since, part.first, part.end);
  }
  if (query.until) {
    HANGU_TRY(const std::uint64_t end, reader.find_time(*query.until));
    span.end = std::clamp(end, span.first, part.end);
  }
  return span;
}

class Scan {
 public:
  Scan(const LogReader& reader, const SearchQuery& query, const Span& part, Evidence& evidence)
      : reader_(&reader),
        needs_stated_(query.needs_stated()),
        matcher_(query),
        stated_(reader, part),
        evidence_(&evidence) {}

  [[nodiscard]] const Matcher& matcher() const { return matcher_; }
  [[nodiscard]] Done look_at(std::uint64_t index, Candidate& candidate);

 private:
  const LogReader* reader_;
  bool needs_stated_;
  Matcher matcher_;
  StatedBefore stated_;
  Evidence* evidence_;
};

Done Scan::look_at(std::uint64_t index, Candidate& candidate) {
  const bool about_transfer = needs_stated_ && !candidate.transfer.empty();
  if (about_transfer && candidate.is_stated)
    stated_.see(candidate.transfer, std::move(candidate.stated));
  if (!candidate.may_match) return {};
  static const std::vector<Value> kNone;
  const std::vector<Value>* stated = &kNone;
  if (about_transfer) {
    HANGU_TRY(stated, stated_.of(candidate.transfer, candidate.previous));
  }
  if (matcher_.matches(candidate.own, stated != nullptr ? *stated : kNone)) {
    evidence_->hits.push_back({index, candidate.leaf, candidate.time});
  } else if (stated == nullptr) {
    evidence_->undecided.push_back(index);
  }
  return {};
}

}  // namespace

Hash Evidence::list_digest() const {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  for (const Hit& hit : hits) {
    const std::string line = std::to_string(hit.index) + " " + to_hex(hit.leaf) + "\n";
    hasher.update(bytes_of(line));
  }
  return hasher.finish();
}

std::string_view to_text(Fault fault) {
  switch (fault) {
    case Fault::hidden: return "hidden";
    case Fault::added: return "added";
    case Fault::changed: return "changed";
  }
  return "changed";
}

Result<Evidence> search_entries(const LogReader& reader, const SearchQuery& query,
                                std::uint64_t size, const Progress& progress) {
  return search_entries(reader, query, Span{.first = std::min(reader.first(), size), .end = size},
                        progress);
}

Result<Evidence> search_entries(const LogReader& reader, const SearchQuery& query, const Span& part,
                                const Progress& progress) {
  HANGU_ASSERT(part.first <= part.end && part.end <= reader.size());
  Evidence out;
  HANGU_TRY(out.span, proved_span(reader, query, part));
  if (out.span.first == out.span.end) return out;
  const std::uint64_t first = out.span.first / kTileWidth;
  const std::uint64_t last = (out.span.end - 1) / kTileWidth;
  HANGU_TRY(Frontier frontier, Frontier::of(reader.tiles(), first * kTileWidth));
  Scan scan(reader, query, part, out);
  Ahead<std::vector<Candidate>> ahead(reader, first, last + 1, &candidates_in, &scan.matcher());
  for (std::uint64_t number = first; number <= last; ++number) {
    HANGU_TRY(std::vector<Candidate> bundle, ahead.take());
    for (std::size_t i = 0; i < bundle.size(); ++i) {
      const std::uint64_t index = number * kTileWidth + i;
      frontier.append(bundle[i].leaf);
      if (index < out.span.first || index >= out.span.end) continue;
      HANGU_CHECK(scan.look_at(index, bundle[i]));
    }
    if (progress && number % 64 == 0)
      progress((number - first) * kTileWidth, out.span.end - out.span.first);
  }
  HANGU_CHECK(reader.prove(frontier, out.span.first));
  return out;
}

Done check_pruning(SearchIndex& index, const LogReader& reader) {
  if (reader.first() == 0) return {};
  constexpr std::size_t kNoticesMax = 1000;
  SearchQuery query;
  HANGU_CHECK(query.add("type", "log.pruned"));
  HANGU_TRY(const Asking asking, Asking::prepare(index, query));
  HANGU_TRY(const Span span, asking.span(reader.size()));
  HANGU_TRY(const Answer notices,
            asking.answer({reader.first(), std::max(reader.first(), span.end)}, kNoticesMax,
                          Order::newest_first));
  for (const std::uint64_t at : notices.shown) {
    HANGU_TRY(const Bundle bundle, reader.authentic_bundle(at / kTileWidth));
    if (covers_pruning(facts_of(bundle.entries()[at % kTileWidth]), reader.first())) return {};
  }
  return audit::check_pruning(reader);  // the index may hide it
}

Result<Comparison> compare(SearchIndex& index, const SearchQuery& query, const Evidence& evidence,
                           std::uint64_t size) {
  Comparison out;
  const auto tell = [&out](Fault fault, std::uint64_t entry) {
    ++out.count;
    if (out.told.size() < kDifferencesMax) out.told.push_back({fault, entry});
  };
  HANGU_TRY(const Asking asking, Asking::prepare(index, query));
  // By its times the index chooses where it looks at all.
  HANGU_TRY(const Span said_span, asking.span(size));
  if (query.since && said_span.first != evidence.span.first)
    tell(Fault::changed, std::min(said_span.first, evidence.span.first));
  if (query.until && said_span.end != evidence.span.end)
    tell(Fault::changed, std::min(said_span.end, evidence.span.end));
  if (evidence.span.first == evidence.span.end) return out;
  auto hit = evidence.hits.begin();
  for (std::uint64_t block = evidence.span.first / kBlockEntries;
       block <= (evidence.span.end - 1) / kBlockEntries; ++block) {
    HANGU_TRY(const Bits said, asking.block(block, evidence.span));
    Bits true_hits;
    for (; hit != evidence.hits.end() && hit->index / kBlockEntries == block; ++hit) {
      const auto place = static_cast<std::uint16_t>(hit->index % kBlockEntries);
      true_hits.set(place);
      if (!said.has(place)) {
        tell(Fault::hidden, hit->index);
        continue;
      }
      HANGU_TRY(const auto row, index.entry(hit->index));
      if (!row) tell(Fault::hidden, hit->index);
      if (row && (row->leaf != hit->leaf || row->time != hit->time))
        tell(Fault::changed, hit->index);
    }
    for (const std::uint16_t place : said.places()) {
      const std::uint64_t entry = block * kBlockEntries + place;
      const bool nobody_can_tell = std::ranges::binary_search(evidence.undecided, entry);
      if (!true_hits.has(place) && !nobody_can_tell) tell(Fault::added, entry);
    }
  }
  return out;
}

}  // namespace hangu::audit::search
