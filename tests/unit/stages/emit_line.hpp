#pragma once
// EmitLine: the end of the line as it runs, for tests of what gets past the mover. A real audit
// log, a custodian that can be told to lie, the real emit and shell, outboxes in a folder.

#include <filesystem>

#include <catch2/catch.hpp>

#include "line/stage_shell.hpp"
#include "package/reader.hpp"
#include "stages/emit/emit.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/unit/flow/chain_builder.hpp"
#include "tests/unit/os/scratch.hpp"
#include "zone/deliver/shelf.hpp"

namespace hangu::test {

/// What became of one attempt to emit.
struct Fate {
  std::string reason;  ///< of the core's outcome or error; "ok", "given-back", "no-work"
  std::optional<flow::Verdict> verdict;  ///< of the core's outcome
  bool finished = false;                 ///< the shell went through
  std::string shell_reason;              ///< why not
};

class EmitLine {
 public:
  explicit EmitLine(std::string_view rendition = "the rendition")
      : clock(b.now),
        audit(folder / "audit", b.trust().log.origin, audit_key(), clock, programs()),
        lying_audit(folder / "lying-audit.sock", audit.socket("emit")),
        custodian(folder / "custodian.sock"),
        trust_(b.trust()) {
    set_rendition(rendition);
    trust_.log.key = audit_key().verify_key();
    for (const char* zone : {"internet", "egov", "classified"}) {
      std::filesystem::create_directories(folder / (std::string("outbox/") + zone));
      outboxes_.emplace(ZoneId::create(zone).value(), stages::Outbox::open(outbox(zone)).value());
    }
  }

  static std::vector<std::string> programs() {
    return {"receive.egov", "verify",  "inspect", "decide",   "transform",
            "check",        "approve", "emit",    "custodian"};
  }

  // ---- before the steps are made
  void set_rendition(std::string_view content) {
    content_ = content;
    const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(content));
    b.rendition =
        flow::ObjectTable::create({{"map.gpkg", "application/geopackage+sqlite3", digest}}).value();
  }

  /// Has every honest stage log its step, stores the documents, and makes the mover's work.
  void make_steps() {
    take_steps(b.log_into([this](const flow::Step& step, const flow::Envelope& envelope) {
      return append(step, envelope);
    }));
  }
  void take_steps(const ChainBuilder::Logged& logged) {
    documents = logged.documents;
    for (const auto& [name, bytes] : documents) custodian.put(bytes);
    custodian.put(bytes_of(content_));
    ledger::Work made{.token = {std::byte{1}, std::byte{2}, std::byte{3}},
                      .transfer = b.transfer,
                      .zone = b.submission.origin_zone,
                      .node = b.submission.origin_node};
    made.state = flow::State::cleared;
    made.stage = flow::Stage::emit;
    made.table = b.rendition.digest(crypto::HashAlgorithm::sha256);
    made.claim_lasts = std::chrono::seconds(60);
    for (const auto& [name, bytes] : documents)
      if (name != "rendition")
        made.evidence.emplace(name, crypto::digest_of(crypto::HashAlgorithm::sha256, bytes));
    for (const auto& [step, index] : logged.steps) made.steps.push_back({step.stage, index});
    work = made;
    custodian.offer(made);
  }

  /// Appends as the program of the step's stage does; the index of the entry.
  std::uint64_t append(const flow::Step& step, const flow::Envelope& envelope) {
    return append(audit, step, envelope);
  }
  std::uint64_t append(AuditService& to, const flow::Step& step, const flow::Envelope& envelope) {
    return append(to, step.stage, step, envelope);
  }
  /// Appends as the program of `stage` does, whatever the envelope says.
  std::uint64_t append_as(flow::Stage stage, const flow::Step& step,
                          const flow::Envelope& envelope) {
    return append(audit, stage, step, envelope);
  }
  std::uint64_t append(AuditService& to, flow::Stage stage, const flow::Step& step,
                       const flow::Envelope& envelope) {
    const std::string program =
        stage == flow::Stage::receive ? "receive.egov" : std::string(program_of(stage));
    auto client = line::AuditClient::connect(to.socket(program), entropy_).value();
    audit::AppendRequest request;
    request.id = client.new_request_id();
    request.type = "step." + std::string(flow::to_text(stage));
    request.transfer = step.transfer;
    request.keys = {flow::step_key(step)};
    if (stage == flow::Stage::emit) request.keys.push_back(flow::end_key(step.transfer));
    request.kind = audit::BodyKind::statement;
    request.body = envelope.to_text();
    const auto reply = client.append(request).value();
    if (reply.outcome != audit::AppendOutcome::appended) throw std::runtime_error(reply.reason);
    return reply.index;
  }

  // ---- the mover (no Catch macros: several may run at once)
  /// Claims and works once, as a line of hangu-emit does.
  Fate run() {
    if (!work) make_steps();
    auto client = line::CustodianClient::connect(custodian_socket, patience);
    if (!client) return {std::string(client.error().reason()), {}, false, {}};
    const std::array stages{flow::Stage::emit};
    const auto claimed = client->claim(stages, std::chrono::milliseconds(0));
    if (!claimed) return {std::string(claimed.error().reason()), {}, false, {}};
    if (!*claimed) return {"no-work", {}, false, {}};
    return run(**claimed, *client);
  }
  Fate run(const ledger::Work& claimed, line::CustodianClient& client) {
    auto audit_client = line::AuditClient::connect(audit_socket, entropy_, audit_patience);
    if (!audit_client) return {std::string(audit_client.error().reason()), {}, false, {}};
    line::StepLog log(*std::move(audit_client), b.key("emit"));
    crypto::SystemEntropy entropy;
    const stages::EmitMeans means{trust_, b.key("emit"), gateway_, outboxes_, clock, entropy};
    Fate fate;
    const line::StageCore core = [&](const line::Work& w, line::CustodianClient& c,
                                     line::StepLog& l) -> Result<line::Outcome> {
      auto outcome = stages::emit(w, c, l, means);
      if (!outcome) {
        fate.reason = outcome.error().reason();
      } else if (outcome->handed_back) {
        fate.reason = "given-back";
      } else {
        fate.reason = outcome->reason;
        fate.verdict = outcome->verdict;
      }
      if (after_sealing) after_sealing();
      return outcome;
    };
    const Done done = line::work_once(claimed, client, log, core, [&](const line::Effect& effect) {
      return stages::hand_over(effect, means);
    });
    fate.finished = done.has_value();
    if (!done) fate.shell_reason = done.error().reason();
    return fate;
  }

  // ---- what came of it
  [[nodiscard]] std::string outbox(const std::string& zone) const {
    return folder / ("outbox/" + zone);
  }
  /// Released packages in any outbox.
  [[nodiscard]] std::vector<std::filesystem::path> released() const {
    std::vector<std::filesystem::path> out;
    for (const auto& item : std::filesystem::recursive_directory_iterator(folder / "outbox"))
      if (item.path().extension() == ".hangu") out.push_back(item.path());
    return out;
  }
  /// The passing emit steps in the log, by the digest of what they sealed.
  [[nodiscard]] std::vector<crypto::ObjectDigest> emissions() {
    auto client = line::AuditClient::connect(audit.socket("emit"), entropy_).value();
    const auto head = client.checkpoint().value();
    std::vector<crypto::ObjectDigest> out;
    const auto found = client.find(b.transfer).value();
    for (const std::uint64_t index : found) {
      const auto entry = client.prove(index, head.size).value().entry;
      const auto logged = flow::parse_logged_statement(entry);
      if (!logged || logged->type != "step.emit") continue;
      const auto step = flow::Step::parse(logged->statement);
      if (step && step->verdict == flow::Verdict::pass) out.push_back(step->evidence.at("sealed"));
    }
    return out;
  }
  /// The object and the story in a released package, opened with the recipient's key.
  struct Opened {
    std::string object;
    flow::ReceiptChain story;
  };
  [[nodiscard]] Opened open(const std::filesystem::path& package) const {
    SeededEntropy seed("recipient");
    std::vector<crypto::OpeningKey> keys;
    keys.push_back(crypto::OpeningKey::generate(crypto::Suite::intl, seed).value());
    const auto file = os::open_read(package.string()).value();
    const auto reader = package::Reader::open(file.view(), keys);
    REQUIRE(reader);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < reader->contents().table.rows().size(); ++i) {
      const os::UniqueFd out = file_in_memory({});
      REQUIRE(reader->extract(i, out.view()));
      texts.emplace_back(text_of(bytes_in(out.view())));
    }
    REQUIRE(texts.size() == 2);
    return {texts[0], flow::ReceiptChain::parse(texts[1]).value()};
  }
  [[nodiscard]] static crypto::ObjectDigest digest_of_file(const std::filesystem::path& path) {
    const auto file = os::open_read(path.string()).value();
    return crypto::hash_file(file.get(), crypto::HashAlgorithm::sha256)->digest;
  }
  /// What deliver would read about the released package.
  [[nodiscard]] flow::Consignment consignment() const {
    const zone::Shelf shelf(outbox("internet"));
    return shelf.find(b.transfer, b.submission.destination_nodes.front()).value().value();
  }
  [[nodiscard]] const flow::WarrantTrust& trust() const { return trust_; }
  [[nodiscard]] const std::map<ZoneId, stages::Outbox>& outboxes() const { return outboxes_; }
  [[nodiscard]] const std::string& content() const { return content_; }

  ChainBuilder b;
  os::test::ScratchFolder folder;
  ManualClock clock;
  AuditService audit;
  LyingAudit lying_audit;
  CustodianDouble custodian;
  std::map<std::string, Bytes> documents;
  std::optional<ledger::Work> work;
  std::string audit_socket = folder / "lying-audit.sock";
  std::string custodian_socket = folder / "custodian.sock";
  line::Patience patience{.answer = std::chrono::seconds(10),
                          .long_answer = std::chrono::seconds(10),
                          .reconnect = std::chrono::seconds(2)};
  std::chrono::milliseconds audit_patience = std::chrono::seconds(5);
  /// Runs when the package is sealed and kept, before its step is logged.
  std::function<void()> after_sealing;

 private:
  static crypto::SigningKey audit_key() {
    SeededEntropy entropy("audit of the emit line");
    return crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy).value();
  }

  std::string content_;
  crypto::SystemEntropy entropy_;
  flow::WarrantTrust trust_;
  std::string gateway_ = "gw-test";
  std::map<ZoneId, stages::Outbox> outboxes_;
};

/// `size` bytes, no two chunks alike.
inline std::string long_text(std::size_t size) {
  std::string out(size, '\0');
  std::uint64_t state = 0x9e3779b97f4a7c15U;
  for (char& c : out) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    c = static_cast<char>(state >> 56U);
  }
  return out;
}

}  // namespace hangu::test
