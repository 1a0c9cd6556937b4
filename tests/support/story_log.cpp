#include "tests/support/story_log.hpp"

#include <stdexcept>

#include "crypto/chunk_tree.hpp"
#include "flow/approval.hpp"

namespace hangu::audit::test {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

Result<OpenedLog> open_quietly(const std::filesystem::path& folder) {
  return Log::open(folder_at(folder), shared_signer(0), {.disk_reserve_bytes = 0},
                   [](std::uint64_t, ByteView) { return Done(); });
}

crypto::ObjectDigest digest_of_text(const std::string& text) {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(text));
}

wire::JsonArray to_array(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

std::string transfer_id(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(32 - digits.size(), '0') + digits;
}

StoryLog::StoryLog(const std::filesystem::path& folder, Signing signing)
    : StoryLog(must(open_quietly(folder)), signing) {}

StoryLog::StoryLog(OpenedLog opened, Signing signing)
    : log_(std::move(opened.log)),
      publisher_(std::move(opened.publisher)),
      signing_(signing),
      key_(key_from(40)),
      one_signature_(must(key_.sign(bytes_of("one for all")))),
      size_(log_.head().size) {}

void StoryLog::commit() {
  if (batch_.empty()) return;
  (void)must(log_.commit(std::exchange(batch_, {})));
}

void StoryLog::publish() {
  commit();
  log_.published(must(publisher_.publish(log_.head().size)).size);
}

std::uint64_t StoryLog::add_raw(const std::string& text) {
  constexpr std::size_t kPublishAfter = std::size_t{32} << 20;
  if (batch_.size() == kBatchEntriesMax || batch_.bundle().size() + text.size() > kBatchBytesMax) {
    commit();
    if (unpublished_ > kPublishAfter) {
      publish();
      unpublished_ = 0;
    }
  }
  batch_.add(bytes_of(text));
  unpublished_ += text.size();
  return size_++;
}

std::uint64_t StoryLog::add(Entry entry, const std::string& type, const std::string& transfer,
                            const std::string& program) {
  entropy_.fill(entry.id);
  entropy_.fill(entry.salt);
  entry.type = type;
  entry.time = now_;
  entry.boot = "00000000000000aa";
  entry.peer = {.program = program, .uid = 990, .pid = 4711};
  if (!transfer.empty()) {
    entry.transfer = *TransferId::create(transfer);
    if (transfer == last_transfer_) entry.previous = last_index_;
    last_transfer_ = transfer;
    last_index_ = size_;
  }
  advance(std::chrono::seconds(1));
  return add_raw(entry.to_text());
}

std::uint64_t StoryLog::add_event(const std::string& type, const std::string& transfer,
                                  const wire::JsonObject& event, const std::string& program) {
  Entry entry;
  entry.body = event_body(wire::Json(event).to_text());
  return add(std::move(entry), type, transfer, program);
}

std::uint64_t StoryLog::add_statement(const std::string& type, const std::string& transfer,
                                      const flow::Statement& statement,
                                      const std::string& program) {
  Entry entry;
  if (signing_ == Signing::each) {
    entry.body = statement_body(must(statement.sign(key_)).to_text());
  } else {
    flow::Envelope envelope{std::string(flow::kStatementPayloadType),
                            to_bytes(bytes_of(statement.to_json().to_text())),
                            {}};
    envelope.signatures.push_back({"one-for-all", one_signature_, {}});
    entry.body = statement_body(envelope.to_text());
  }
  return add(std::move(entry), type, transfer, program);
}

void StoryLog::step(const StoryTransfer& story, flow::Stage stage, flow::Verdict verdict,
                    const std::string& reason) {
  const crypto::ObjectDigest table = digest_of_text("table " + story.id);
  flow::Step made{.transfer = *TransferId::create(story.id),
                  .round = 1,
                  .stage = stage,
                  .verdict = verdict,
                  .reason = reason,
                  .input = table,
                  .output = table,
                  .previous = std::nullopt,
                  .evidence = {},
                  .valid_until = std::nullopt};
  if (stage == flow::Stage::verify)
    made.evidence.emplace("submission", digest_of_text("submission " + story.id));
  if (stage == flow::Stage::emit)
    made.evidence.emplace("sealed", digest_of_text("sealed " + story.id));
  if (stage != flow::Stage::receive) made.previous = last_index_.value_or(0);
  if (stage == flow::Stage::clear && verdict == flow::Verdict::pass)
    made.valid_until = now_ + std::chrono::minutes(10);
  (void)add_statement("step." + std::string(flow::to_text(stage)), story.id, made.to_statement(),
                      std::string(flow::program_of(stage)));
}

void StoryLog::filter(const StoryTransfer& story, const std::string& type, bool acts) {
  wire::JsonArray objects;
  for (const std::string& name : story.objects)
    objects.emplace_back(
        wire::JsonObject{{"name", name},
                         {"object", digest_of_text(name + story.id).to_text()},
                         {"output", digest_of_text(type + name + story.id).to_text()},
                         {"verdict", "pass"},
                         {"reason", "ok"},
                         {"actions", acts ? to_array(story.actions) : wire::JsonArray()}});
  (void)add_event("filter." + type, story.id,
                  {{"part", 1}, {"of", 1}, {"objects", std::move(objects)}}, type);
}

void StoryLog::approval(const StoryTransfer& story) {
  const flow::Approval approval{.transfer = *TransferId::create(story.id),
                                .rendition = digest_of_text("rendition " + story.id),
                                .certificate = digest_of_text("certificate " + story.id),
                                .decision = digest_of_text("decision " + story.id),
                                .person = *PersonId::create(story.approver),
                                .role = "reviewer",
                                .approved = true,
                                .reason = story.approver_words,
                                .expires = now_ + std::chrono::hours(24)};
  (void)add_statement("approval.given", story.id, approval.to_statement(), "approve");
}

void StoryLog::tell(const StoryTransfer& story) {
  using flow::Stage;
  using flow::Verdict;
  const bool allowed = story.refused_because.empty();
  const std::string reason = allowed ? "ok" : story.refused_because;
  const auto decided = [&](const char* stage) {
    (void)add_event("transfer.decided", story.id,
                    {{"stage", stage},
                     {"decision", digest_of_text("decision " + story.id).to_text()},
                     {"allowed", allowed},
                     {"reason", reason},
                     {"rules", wire::JsonArray{story.rule}},
                     {"policy", "demo@3"},
                     {"approvals", 1},
                     {"declassifiers", wire::JsonArray{}},
                     {"secrecy", "open"},
                     {"grade", story.grade}},
                    "decide");
  };
  step(story, Stage::receive, Verdict::pass, "ok");
  (void)add_event("transfer.stated", story.id,
                  {{"submission", digest_of_text("submission " + story.id).to_text()},
                   {"node", story.node},
                   {"from", story.from},
                   {"to", story.to},
                   {"recipients", to_array(story.recipients)},
                   {"product", story.dataset},
                   {"areas", to_array(story.areas)},
                   {"secrecy", story.secrecy},
                   {"grade", story.grade},
                   {"owner", story.owner},
                   {"suite", "intl"},
                   {"sequence", 1},
                   {"objects", story.objects.size()},
                   {"bytes", 1234},
                   {"key", "key-of-" + story.node}},
                  "verify");
  step(story, Stage::verify, Verdict::pass, "ok");
  filter(story, "inspect", false);
  step(story, Stage::inspect, Verdict::pass, "ok");
  decided("decide");
  step(story, Stage::decide, allowed ? Verdict::pass : Verdict::fail, reason);
  if (!allowed) return;
  filter(story, "transform", true);
  step(story, Stage::transform, Verdict::pass, "ok");
  filter(story, "check", false);
  step(story, Stage::check, Verdict::pass, "ok");
  approval(story);
  step(story, Stage::approve, Verdict::pass, "ok");
  decided("clear");
  step(story, Stage::clear, Verdict::pass, "ok");
  step(story, Stage::emit, Verdict::pass, "ok");
  for (const std::string& node : story.recipients) {
    if (!story.acknowledged) break;
    const std::string sealed = digest_of_text("sealed " + story.id).to_text();
    if (story.fetched)
      (void)add_event("transfer.fetched", story.id,
                      {{"node", node}, {"zone", story.to}, {"sealed", sealed}}, "deliver");
    (void)add_event("transfer.acknowledged", story.id, {{"node", node}, {"sealed", sealed}});
  }
}

}  // namespace hangu::audit::test
