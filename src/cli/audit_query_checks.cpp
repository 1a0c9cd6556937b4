// hangu audit verify query and verify index: certificates of searches, and the index, held against
// the log.

#include "audit/reading/pruning_notice.hpp"
#include "audit/search/index_check.hpp"
#include "base/text.hpp"
#include "cli/audit_phrases.hpp"
#include "cli/auditor.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/log_keys.hpp"
#include "cli/pem_keys.hpp"
#include "cli/progress.hpp"

namespace hangu::cli {
namespace {

/// The certificate; one that cannot be read was changed.
Result<audit::search::Certificate> opened(std::string_view text, const crypto::VerifyKey& signer) {
  auto certificate = audit::search::Certificate::open(text, signer);
  if (!certificate && certificate.error().code() == ErrorCode::malformed)
    return fail(ErrorCode::malformed, "certificate-malformed", certificate.error().message());
  return certificate;
}

Result<Exit> check_query(Session& session, const Arguments& arguments) {
  HANGU_TRY(const crypto::VerifyKey signer, load_verify_key("--signer", arguments.text("signer")));
  HANGU_TRY(const std::string text,
            read_text(arguments.text("certificate"), audit::search::kCertificateBytesMax));
  HANGU_TRY(const auto certificate, opened(text, signer));
  HANGU_TRY(const PublishedLog log, open_published_log(session, arguments, KeyFrom::others));
  HANGU_CHECK(audit::check_pruning(log.reader));
  {
    ProgressLine line(session.console, phrase::kProving);
    HANGU_CHECK(audit::search::check_certificate(
        log.reader, certificate,
        [&line](std::uint64_t done, std::uint64_t size) { line.show(done, size); }, log.former));
  }
  session.console.event("certificate", {{"good", true},
                                        {"signer", signer.id()},
                                        {"made", certificate.made.to_text()},
                                        {"query", certificate.query.to_json()},
                                        {"a", certificate.span.first},
                                        {"b", certificate.span.end},
                                        {"size", certificate.head.size},
                                        {"hits", certificate.hits},
                                        {"undecided", certificate.undecided},
                                        {"first", certificate.first}});
  const auto say = [&](const Bilingual& words) { return std::string(session.console.say(words)); };
  session.console.line(session.console.coloured(Colour::good, say(phrase::kCertificateHolds)));
  session.console.table(
      {{say(phrase::kQuery), printable(certificate.query.to_json().to_text(), 1000)},
       {say(phrase::kHits), std::to_string(certificate.hits)},
       {say(phrase::kEntry), std::to_string(certificate.span.first) + ".." +
                                 std::to_string(certificate.span.end) + " / " +
                                 std::to_string(certificate.head.size)},
       {say(phrase::kTime), certificate.made.to_text()}});
  if (certificate.first > 0)
    session.console.line(say(phrase::kOlderPruned) + ": " + std::to_string(certificate.first));
  return Exit::done;
}

Result<Exit> check_whole_index(Session& session, const Arguments& arguments) {
  HANGU_TRY(PublishedLog log, open_published_log(session, arguments, KeyFrom::others));
  HANGU_TRY(auto index, open_kept_index(arguments, log));
  Result<audit::search::Comparison> comparison = audit::search::Comparison();
  {
    ProgressLine line(session.console, phrase::kProving);
    comparison = audit::search::check_index(
        index, log.reader,
        [&line](std::uint64_t done, std::uint64_t size) { line.show(done, size); });
  }
  if (!comparison) return std::unexpected(comparison.error());
  HANGU_TRY(const auto mark, index.mark());
  HANGU_ASSERT(mark.has_value());
  session.console.event("index", {{"good", comparison->count == 0},
                                  {"first", mark->first},
                                  {"size", mark->head.size},
                                  {"logSize", log.reader.size()},
                                  {"differences", comparison->count}});
  if (mark->head.size < log.reader.size())
    session.console.note(std::string(session.console.say(phrase::kIndexBehind)) + ": " +
                         std::to_string(mark->head.size) + " / " +
                         std::to_string(log.reader.size()));
  if (!tell_comparison(session, *comparison)) return kAuditTampered;
  session.console.line(session.console.coloured(
      Colour::good, std::string(session.console.say(phrase::kIndexHolds)) + " " +
                        std::to_string(mark->first) + ".." + std::to_string(mark->head.size)));
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> audit_query_checks() {
  std::vector<OptionSpec> of_query{{"certificate", "FILE",
                                    both("查询证书", "the query certificate"),
                                    OptionKind::positional, true}};
  for (OptionSpec& option : published_log_options()) of_query.push_back(std::move(option));
  of_query.push_back(former_keys_option());
  of_query.push_back(
      {"--signer", "FILE",
       both("签署人的证书,或人员文件夹", "the signer's certificate, or person's folder"),
       OptionKind::value, true});
  std::vector<OptionSpec> of_index = published_log_options();
  of_index.push_back(state_option());
  return {{"query",
           both("核验查询证书:签名,并重新查询",
                "check a query certificate: its signature, and the "
                "search made again"),
           std::move(of_query), check_query},
          {"index", both("把索引与日志逐条比较", "hold the index against the log, entry for entry"),
           std::move(of_index), check_whole_index}};
}

}  // namespace hangu::cli
