#include "tests/unit/flow/chain_builder.hpp"

#include <algorithm>
#include <stdexcept>

namespace hangu::test {
namespace {

using flow::Stage;

constexpr std::string_view kOrigin = "gw-test/audit";
constexpr auto kAlgorithm = crypto::HashAlgorithm::sha256;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

flow::ObjectRow row(const std::string& name, const std::string& media, std::string_view bytes) {
  return {name, media, crypto::digest_of(kAlgorithm, bytes_of(bytes))};
}

crypto::Hash hash_parts(std::byte prefix, ByteView a, ByteView b = {}) {
  crypto::Hasher hasher(kAlgorithm);
  return hasher.update({&prefix, 1}).update(a).update(b).finish();
}

/// A log of this test alone: RFC 6962 by its recursive definition.
class SmallLog {
 public:
  std::uint64_t append(std::string entry) {
    entries_.push_back(std::move(entry));
    return entries_.size() - 1;
  }
  crypto::Hash root() const { return tree(0, entries_.size()); }
  std::vector<crypto::Hash> path(std::size_t index) const {
    return path(index, 0, entries_.size());
  }
  const std::string& entry(std::size_t index) const { return entries_[index]; }
  std::size_t size() const { return entries_.size(); }

 private:
  static std::size_t split(std::size_t n) {
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }
  crypto::Hash tree(std::size_t from, std::size_t to) const {
    if (to - from == 1) return hash_parts(std::byte{0}, bytes_of(entries_[from]));
    const std::size_t k = from + split(to - from);
    return hash_parts(std::byte{1}, tree(from, k), tree(k, to));
  }
  std::vector<crypto::Hash> path(std::size_t index, std::size_t from, std::size_t to) const {
    if (to - from == 1) return {};
    const std::size_t k = from + split(to - from);
    std::vector<crypto::Hash> out = index < k ? path(index, from, k) : path(index, k, to);
    out.push_back(index < k ? tree(k, to) : tree(from, k));
    return out;
  }
  std::vector<std::string> entries_;
};

std::string checkpoint(const SmallLog& log, const crypto::SigningKey& key) {
  const std::string text = std::string(kOrigin) + "\n" + std::to_string(log.size()) + "\n" +
                           to_base64(log.root()) + "\n";
  Bytes id_input = to_bytes(std::string(kOrigin) + "\n\x01");
  append(id_input, key.verify_key().point());
  const crypto::Hash id = crypto::hash(kAlgorithm, id_input);
  Bytes blob = to_bytes(ByteView(id).first(4));
  append(blob, must(key.sign(bytes_of(text))));
  return text + "\n\xe2\x80\x94 " + std::string(kOrigin) + " " + to_base64(blob) + "\n";
}

std::string log_entry(const flow::Step& step, const flow::Envelope& envelope, WallTime time) {
  return wire::Json(
             wire::JsonObject{{"v", 1},
                              {"id", std::string(32, 'a')},
                              {"type", "step." + std::string(flow::to_text(step.stage))},
                              {"time", time.to_text()},
                              {"boot", std::string(16, 'b')},
                              {"peer", wire::JsonObject{{"program", "x"}, {"uid", 1}, {"pid", 2}}},
                              {"transfer", step.transfer.text()},
                              {"previous", nullptr},
                              {"keys", wire::JsonArray{}},
                              {"statement", to_base64(bytes_of(envelope.to_text()))},
                              {"event", nullptr},
                              {"salt", std::string(32, 'c')}})
      .to_text();
}

flow::Submission make_submission(WallTime now) {
  return {must(flow::ObjectTable::create(
              {row("map.gpkg", "application/geopackage+sqlite3", "the sender's map")})),
          {flow::Secrecy::open, flow::DataGrade::general, 0, "bureau", {}},
          crypto::Suite::intl,
          must(ZoneId::create("egov")),
          must(NodeId::create("survey")),
          must(ZoneId::create("internet")),
          {must(NodeId::create("portal"))},
          {"world-map", {}, std::nullopt, "EPSG:4490", std::nullopt, std::nullopt},
          1,
          std::nullopt,
          now + std::chrono::hours(-1),
          now + std::chrono::hours(24)};
}

std::map<std::string, crypto::SigningKey> make_keys() {
  SeededEntropy entropy("chain builder");
  std::map<std::string, crypto::SigningKey> keys;
  for (const char* name :
       {"audit", "receive.egov", "receive.internet", "verify", "inspect", "decide", "transform",
        "check", "approve", "emit", "sender", "li", "wang", "zhao", "stranger"})
    keys.emplace(name,
                 must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy)));
  return keys;
}

flow::Decision make_decision(const std::map<std::string, crypto::SigningKey>& keys,
                             const flow::Submission& submission) {
  SeededEntropy entropy("recipient");
  const auto opening = must(crypto::OpeningKey::generate(crypto::Suite::intl, entropy));
  std::vector<flow::Approver> people;
  for (const char* name : {"li", "wang", "zhao"})
    people.push_back(
        {must(PersonId::create(name)), name, "office", {"reviewer"}, keys.at(name).verify_key()});
  return {true,
          "ok",
          {"P-001"},
          "",
          "",
          submission.origin_zone,
          submission.destination_zone,
          submission.origin_node,
          keys.at("sender").verify_key(),
          submission.label,
          {{"reviewer", "reviewer"}, {}, 0},
          {{submission.destination_nodes.front(), opening.recipient_key()}},
          std::move(people),
          crypto::Suite::intl,
          "policy@1"};
}

}  // namespace

ChainBuilder::ChainBuilder()
    : keys_(make_keys()),
      now(must(WallTime::parse("2026-03-01T08:00:00Z"))),
      transfer(must(TransferId::create("00112233445566778899aabbccddeeff"))),
      submission(make_submission(now)),
      plain(must(flow::ObjectTable::create(
          {row("map.gpkg", "application/vnd.hangu.plain", "plain form")}))),
      rendition(must(flow::ObjectTable::create(
          {row("map.gpkg", "application/geopackage+sqlite3", "the rendition")}))),
      decision(make_decision(keys_, submission)),
      valid_until(now + std::chrono::minutes(5)) {}

flow::WarrantTrust ChainBuilder::trust() const {
  flow::WarrantTrust out{{std::string(kOrigin), keys_.at("audit").verify_key()}, {}};
  for (const char* name : {"receive.egov", "receive.internet", "verify", "inspect", "decide",
                           "transform", "check", "approve", "emit"})
    out.stage_keys.emplace(name, keys_.at(name).verify_key());
  return out;
}

flow::Approval ChainBuilder::approval_statement(const std::string& person) const {
  const flow::ReleaseCertificate passing{rendition.digest(kAlgorithm), flow::Verdict::pass, {}};
  const std::string certificate_text = certificate.value_or(passing).to_json().to_text();
  return {transfer,
          rendition.digest(kAlgorithm),
          crypto::digest_of(kAlgorithm, bytes_of(certificate_text)),
          crypto::digest_of(kAlgorithm, bytes_of(decision.to_json().to_text())),
          must(PersonId::create(person)),
          "reviewer",
          true,
          "looked at it",
          now + std::chrono::hours(10)};
}

flow::Envelope ChainBuilder::sign_approval(const flow::Approval& approval,
                                           const std::string& person) const {
  return must(approval.to_statement().sign(keys_.at(person)));
}

flow::Envelope ChainBuilder::approval_of(const std::string& person, bool approved) const {
  flow::Approval approval = approval_statement(person);
  approval.approved = approved;
  return sign_approval(approval, person);
}

ChainBuilder::Logged ChainBuilder::log_into(const LogStep& log) {
  Logged logged;
  const auto document = [&](const std::string& name, const std::string& text) {
    logged.documents[name] = to_bytes(text);
    return crypto::digest_of(kAlgorithm, bytes_of(text));
  };
  const flow::Envelope envelope = must(submission.to_statement().sign(keys_.at(sender)));
  const auto submission_digest = document("submission", envelope.to_text());
  const auto decision_digest = document("decision", decision.to_json().to_text());
  const auto cleared_digest = document("cleared", cleared.value_or(decision).to_json().to_text());
  const flow::ReleaseCertificate passing{rendition.digest(kAlgorithm), flow::Verdict::pass, {}};
  const auto certificate_digest =
      document("certificate", certificate.value_or(passing).to_json().to_text());
  std::vector<flow::Envelope> given;
  if (approvals) {
    given = *approvals;
  } else {
    for (const char* name : {"li", "wang"})
      if (given.size() < decision.obligations.approver_slots.size())
        given.push_back(approval_of(name));
  }
  std::string list;
  for (const flow::Envelope& one : given) list += (list.empty() ? "" : ",") + one.to_text();
  const auto approvals_digest = document("approvals", "[" + list + "]");
  logged.documents["rendition"] = rendition.to_bytes();

  const auto sealed = crypto::digest_of(kAlgorithm, bytes_of("sealed package table"));
  const auto objects = submission.objects.digest(kAlgorithm);
  const auto plain_digest = plain.digest(kAlgorithm);
  const auto out = rendition.digest(kAlgorithm);
  const auto step = [&](Stage stage, const crypto::ObjectDigest& from,
                        const crypto::ObjectDigest& to,
                        std::map<std::string, crypto::ObjectDigest> evidence) {
    return flow::Step{transfer, 1,  stage,        flow::Verdict::pass, "ok",
                      from,     to, std::nullopt, std::move(evidence), std::nullopt};
  };
  std::vector<flow::Step> steps{
      step(Stage::receive, sealed, sealed, {}),
      step(Stage::verify, sealed, objects, {{"submission", submission_digest}}),
      step(Stage::inspect, objects, plain_digest, {}),
      step(Stage::decide, plain_digest, plain_digest,
           {{"decision", decision_digest}, {"submission", submission_digest}}),
      step(Stage::transform, plain_digest, out, {{"decision", decision_digest}}),
      step(Stage::check, out, out, {{"certificate", certificate_digest}, {"plain", plain_digest}}),
      step(Stage::approve, out, out, {{"approvals", approvals_digest}}),
      step(Stage::clear, out, out,
           {{"cleared", cleared_digest}, {"submission", submission_digest}})};
  steps.back().valid_until = valid_until;

  std::optional<std::uint64_t> previous;
  for (flow::Step& one : steps) {
    if (one.stage != Stage::receive) one.previous = previous;
    if (const auto change = change_step.find(one.stage); change != change_step.end())
      change->second(one);
    std::string name =
        one.stage == Stage::receive ? "receive.egov" : std::string(flow::program_of(one.stage));
    if (const auto other = signer.find(one.stage); other != signer.end()) name = other->second;
    previous = log(one, must(one.to_statement().sign(keys_.at(name))));
    if (std::ranges::find(left_out, one.stage) == left_out.end())
      logged.steps.emplace_back(one, *previous);
  }
  return logged;
}

flow::ReceiptChain ChainBuilder::build() {
  SmallLog log;
  log.append("an entry of somebody else");
  Logged logged = log_into([&](const flow::Step& step, const flow::Envelope& envelope) {
    return log.append(log_entry(step, envelope, now));
  });
  log.append("a later entry");
  flow::ReceiptChain chain;
  chain.documents = std::move(logged.documents);
  for (const auto& [step, index] : logged.steps)
    chain.receipts.push_back({index, log.entry(index), log.path(index)});
  chain.checkpoint = checkpoint(log, keys_.at("audit"));
  return chain;
}

Result<flow::Warrant> ChainBuilder::authorise(const flow::ReceiptChain& chain) const {
  return flow::authorise(chain, trust(), transfer, now);
}

}  // namespace hangu::test
