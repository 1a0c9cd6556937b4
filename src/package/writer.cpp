#include "package/writer.hpp"

#include <algorithm>

#include "package/contents.hpp"
#include "package/header.hpp"
#include "package/layout.hpp"
#include "package/sealing_line.hpp"

namespace hangu::package {
namespace {

constexpr std::size_t kTransferIdBytes = 16;

/// The header, with the content key wrapped for everyone.
Result<Header> make_header(const SealPlan& plan, const crypto::ContentKey& key,
                           std::size_t statement_bytes, Entropy& entropy) {
  if (plan.recipients.empty() || plan.recipients.size() > kRecipientsMax)
    return fail(ErrorCode::malformed, "package-recipients",
                std::to_string(plan.recipients.size()) + " recipients");
  Header header{.suite = plan.suite,
                .recipients = {},
                .statement_bytes = static_cast<std::uint32_t>(statement_bytes)};
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

}  // namespace

TransferId transfer_id_of(const crypto::ObjectDigest& package) {
  auto id = TransferId::create(to_hex(ByteView(package.root).first(kTransferIdBytes)));
  HANGU_ASSERT(id.has_value());
  return *std::move(id);
}

Result<Sealed> seal(const SealPlan& plan, os::FdView out, Entropy& entropy) {
  HANGU_TRY(const Contents contents, Contents::check(plan.envelope, plan.suite));
  if (plan.sources.size() != contents.table.rows().size())
    return fail(ErrorCode::malformed, "package-sources",
                std::to_string(plan.sources.size()) + " for " +
                    std::to_string(contents.table.rows().size()) + " objects");
  const std::string statement = plan.envelope.to_text();
  if (statement.size() > kStatementBytesMax)
    return fail(ErrorCode::exhausted, "statement-too-long", std::to_string(statement.size()));

  const crypto::ContentKey key = crypto::ContentKey::generate(plan.suite, entropy);
  HANGU_TRY(const Header header, make_header(plan, key, statement.size(), entropy));
  HANGU_TRY(const Layout layout, Layout::create(header, contents.table));
  std::vector<Source> streams{bytes_of(statement)};
  std::ranges::copy(plan.sources, std::back_inserter(streams));
  const SealingWork work{.header = header,
                         .layout = layout,
                         .table = contents.table,
                         .key = key,
                         .streams = streams,
                         .out = out,
                         .threads = plan.threads,
                         .progress = plan.progress};
  HANGU_TRY(const crypto::ObjectDigest digest, run_sealing_line(work));
  return Sealed{digest};
}

}  // namespace hangu::package
