#include "audit/search/certificate.hpp"

#include "audit/limits.hpp"
#include "audit/reading/pruning_notice.hpp"

namespace hangu::audit::search {
namespace {

constexpr std::int64_t kVersion = 1;

std::unexpected<Error> differs(std::string_view what, std::uint64_t told, std::uint64_t found) {
  return fail(ErrorCode::corrupt, "certificate-differs",
              std::string(what) + " " + std::to_string(told) + ", found " + std::to_string(found));
}

/// What the certificate leaves out as pruned must have been pruned when it was made, by a notice
/// among the entries that it covers.
Done check_first(const LogReader& reader, const Certificate& certificate) {
  const std::uint64_t first = certificate.first;
  if (reader.first() > certificate.span.first)
    return fail(ErrorCode::unavailable, "log-pruned",
                "entries below " + std::to_string(reader.first()) + " are not here any more");
  if (first == 0) return {};
  const auto notice = find_pruning_notice(reader, first, certificate.head.size);
  if (notice) return {};
  if (notice.error().reason() != "log-bundle-missing") return std::unexpected(notice.error());
  if (reader.first() > first)  // the notice may have stood in what is gone since
    return fail(ErrorCode::unavailable, "log-pruned",
                "what told that entries below " + std::to_string(first) + " were pruned");
  return fail(ErrorCode::corrupt, "certificate-differs",
              "first " + std::to_string(first) + ", and nothing was pruned then");
}

}  // namespace

wire::Json Certificate::to_json() const {
  return wire::JsonObject{{"v", kVersion},
                          {"query", query.to_json()},
                          {"a", span.first},
                          {"b", span.end},
                          {"size", head.size},
                          {"root", to_hex(head.root)},
                          {"checkpoint", checkpoint},
                          {"first", first},
                          {"hits", hits},
                          {"scanned", span.end - span.first},
                          {"undecided", undecided},
                          {"list", to_hex(list)},
                          {"made", made.to_text()}};
}

Result<Certificate> Certificate::parse(const wire::Json& json) {
  wire::Fields f(json, "certificate");
  const auto number = [&f](std::string_view name) {
    return static_cast<std::uint64_t>(f.integer(name, 0, kLogSizeMax));
  };
  (void)f.integer("v", kVersion, kVersion);
  Certificate out;
  const auto query = f.accept("query", SearchQuery::parse(f.value("query")));
  out.span.first = number("a");
  out.span.end = number("b");
  out.head.size = number("size");
  const auto root = f.accept("root", hash_from_hex(f.text("root", 2 * sizeof(Hash))));
  out.checkpoint = f.text("checkpoint", kNoteBytesMax);
  out.first = number("first");
  out.hits = number("hits");
  const std::uint64_t scanned = number("scanned");
  out.undecided = number("undecided");
  const auto list = f.accept("list", hash_from_hex(f.text("list", 2 * sizeof(Hash))));
  const auto made = f.accept("made", WallTime::parse_canonical(f.text("made", 40)));
  HANGU_CHECK(f.finish());
  out.query = *query;
  out.head.root = *root;
  out.list = *list;
  out.made = *made;
  const Span& span = out.span;
  if (span.first > span.end || span.end > out.head.size || scanned != span.end - span.first ||
      out.hits + out.undecided > scanned || out.first > span.first ||
      (out.first % kTileWidth != 0 && out.first != out.head.size))
    return fail(ErrorCode::malformed, "certificate-malformed", "its numbers contradict each other");
  return out;
}

Result<std::string> Certificate::sign(const crypto::SigningKey& key) const {
  HANGU_TRY(const flow::Envelope envelope,
            flow::Envelope::sign(std::string(kCertificateType),
                                 to_bytes(std::string_view(to_json().to_text())), key));
  return envelope.to_text();
}

Result<Certificate> Certificate::open(std::string_view envelope, const crypto::VerifyKey& signer) {
  HANGU_TRY(const flow::Envelope opened, flow::Envelope::parse(envelope));
  if (opened.payload_type != kCertificateType)
    return fail(ErrorCode::forbidden, "certificate-unsigned", "of another type");
  if (!opened.signed_by(signer))
    return fail(ErrorCode::forbidden, "certificate-unsigned", "not by the key of --signer");
  HANGU_TRY(const wire::Json json,
            wire::Json::parse(text_of(opened.payload), kCertificateBytesMax));
  HANGU_TRY(Certificate certificate, parse(json));
  if (certificate.to_json().to_text() != text_of(opened.payload))
    return fail(ErrorCode::malformed, "certificate-malformed", "another spelling");
  return certificate;
}

Certificate make_certificate(const LogReader& reader, const SearchQuery& query,
                             const Evidence& evidence, WallTime now) {
  return {.query = query,
          .span = evidence.span,
          .head = reader.checkpoint().head,
          .checkpoint = reader.note(),
          .first = reader.first(),
          .hits = evidence.hits.size(),
          .undecided = evidence.undecided.size(),
          .list = evidence.list_digest(),
          .made = now};
}

Done check_certificate(const LogReader& reader, const Certificate& certificate,
                       const Progress& progress, std::span<const NoteKey> former) {
  std::vector<NoteKey> keys{reader.key()};
  keys.insert(keys.end(), former.begin(), former.end());
  const auto checkpoint = open_checkpoint(certificate.checkpoint, keys);
  if (!checkpoint || checkpoint->head != certificate.head)
    return fail(ErrorCode::forbidden, "certificate-checkpoint",
                checkpoint ? "of another size or root" : checkpoint.error().message());
  const std::uint64_t size = certificate.head.size;
  if (reader.size() < size)
    return fail(
        ErrorCode::unavailable, "log-shorter",
        std::to_string(reader.size()) + " entries, the certificate's has " + std::to_string(size));
  HANGU_CHECK(reader.check_root(size, certificate.head.root));
  HANGU_CHECK(check_first(reader, certificate));
  const Span part{.first = certificate.first, .end = size};
  HANGU_TRY(const Evidence found, search_entries(reader, certificate.query, part, progress));
  if (found.span.first != certificate.span.first)
    return differs("a", certificate.span.first, found.span.first);
  if (found.span.end != certificate.span.end)
    return differs("b", certificate.span.end, found.span.end);
  if (found.hits.size() != certificate.hits)
    return differs("hits", certificate.hits, found.hits.size());
  if (found.undecided.size() != certificate.undecided)
    return differs("undecided", certificate.undecided, found.undecided.size());
  if (found.list_digest() != certificate.list)
    return fail(ErrorCode::corrupt, "certificate-differs", "another list of hits");
  return {};
}

}  // namespace hangu::audit::search
