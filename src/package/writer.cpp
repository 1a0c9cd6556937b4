#include "package/writer.hpp"

#include <algorithm>

#include "package/contents.hpp"
#include "package/sealing_line.hpp"

namespace hangu::package {
namespace {

constexpr std::size_t kTransferIdBytes = 16;

/// The header, with the content key wrapped for everyone.
Result<Header> make_header(const SealPlan& plan, const crypto::ContentKey& key,
                           std::uint64_t objects_bytes, Entropy& entropy) {
  if (plan.recipients.empty() || plan.recipients.size() > kRecipientsMax)
    return fail(ErrorCode::malformed, "package-recipients",
                std::to_string(plan.recipients.size()) + " recipients");
  Header header{.suite = plan.suite, .recipients = {}, .objects_bytes = objects_bytes};
  const Bytes context = wrap_context(plan.suite);
  for (const crypto::RecipientKey& recipient : plan.recipients) {
    if (recipient.suite() != plan.suite)
      return fail(ErrorCode::malformed, "suite-mismatch", "a recipient's key is of another suite");
    HANGU_TRY(Bytes wrapped, key.wrap(recipient, context, entropy));
    header.recipients.push_back({key_id_of(recipient), std::move(wrapped)});
  }
  std::ranges::sort(header.recipients, {}, &WrappedKey::key_id);
  if (std::ranges::adjacent_find(header.recipients, {}, &WrappedKey::key_id) !=
      header.recipients.end())
    return fail(ErrorCode::malformed, "package-recipients", "one is named twice");
  return header;
}

/// The text of the envelope that `plan.state` makes, if it may ride in this package.
Result<std::string> statement_of(const SealPlan& plan, const flow::ObjectTable& table) {
  HANGU_TRY(flow::Envelope envelope, plan.state(table));
  std::string text = envelope.to_text();
  if (text.size() > kStatementBytesMax)
    return fail(ErrorCode::exhausted, "statement-too-long", std::to_string(text.size()));
  HANGU_TRY(const Contents contents, Contents::check(std::move(envelope), plan.suite));
  if (contents.table != table)
    return fail(ErrorCode::corrupt, "source-changed", "the statement is about other bytes");
  return text;
}

}  // namespace

TransferId transfer_id_of(const crypto::ObjectDigest& package) {
  auto id = TransferId::create(to_hex(ByteView(package.root).first(kTransferIdBytes)));
  HANGU_ASSERT(id.has_value());
  return *std::move(id);
}

Result<Sealed> seal(const SealPlan& plan, os::FdView out, Entropy& entropy) {
  if (plan.objects.empty()) return fail(ErrorCode::malformed, "statement-no-subject");
  HANGU_TRY(const flow::ObjectTable outline,
            outline_objects(plan.objects, crypto::hash_of(plan.suite)));
  HANGU_TRY(const std::uint64_t objects_bytes, sealed_objects_bytes(outline));
  const crypto::ContentKey key = crypto::ContentKey::generate(plan.suite, entropy);
  HANGU_TRY(const Header header, make_header(plan, key, objects_bytes, entropy));
  std::vector<Source> sources;
  for (const SourceObject& object : plan.objects) sources.push_back(object.source);
  const StatementOf make_statement = [&](const flow::ObjectTable& table) {
    return statement_of(plan, table);
  };
  const SealingWork work{.header = header,
                         .key = key,
                         .sources = sources,
                         .outline = outline,
                         .statement_of = make_statement,
                         .out = out,
                         .threads = plan.threads,
                         .progress = plan.progress};
  HANGU_TRY(const crypto::ObjectDigest digest, run_sealing_line(work));
  return Sealed{digest};
}

}  // namespace hangu::package
