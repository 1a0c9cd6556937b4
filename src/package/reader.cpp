#include "package/reader.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "os/file.hpp"
#include "package/extraction.hpp"
#include "wire/codec.hpp"

namespace hangu::package {
namespace {

auto truncated(std::string context) {
  return fail(ErrorCode::malformed, "package-truncated", std::move(context));
}

Result<Bytes> read_start(os::FdView package, std::uint64_t package_bytes) {
  Bytes start(static_cast<std::size_t>(std::min<std::uint64_t>(kHeaderBytesMax, package_bytes)));
  HANGU_CHECK(read_package(package, 0, start));
  return start;
}

/// The content key, by the first of `keys` that is a recipient's.
Result<crypto::ContentKey> unwrap(const Header& header, std::span<const crypto::OpeningKey> keys) {
  for (const crypto::OpeningKey& key : keys) {
    if (key.recipient_key().suite() != header.suite) continue;
    const auto found =
        std::ranges::find(header.recipients, key_id_of(key.recipient_key()), &WrappedKey::key_id);
    if (found != header.recipients.end())
      return crypto::ContentKey::unwrap(key, found->wrapped, wrap_context(header.suite));
  }
  return fail(ErrorCode::forbidden, "package-not-for-us", "no key of ours is a recipient's");
}

/// The statement's length, held against the file's: nothing missing, nothing behind.
Result<std::size_t> read_statement_length(os::FdView package, const Header& header,
                                          std::uint64_t package_bytes) {
  const std::uint64_t at = statement_length_at(header);
  if (package_bytes < at + kStatementLengthBytes) return truncated("it ends within its objects");
  Bytes field(kStatementLengthBytes);
  HANGU_CHECK(read_package(package, at, field));
  wire::Reader r(field);
  const std::uint32_t length = r.u32();
  if (length == 0 || length > kStatementBytesMax)
    return fail(ErrorCode::malformed, "package-statement-length",
                std::to_string(length) + " bytes");
  const std::uint64_t total = at + kStatementLengthBytes + sealed_bytes(length);
  if (package_bytes < total)
    return truncated(std::to_string(package_bytes) + " of " + std::to_string(total) + " bytes");
  if (package_bytes > total)
    return fail(ErrorCode::malformed, "package-trailing-bytes",
                std::to_string(package_bytes - total) + " too many");
  return length;
}

Result<Bytes> open_statement(os::FdView package, const Header& header, std::size_t bytes,
                             const crypto::ContentKey& key) {
  HANGU_TRY(const crypto::ChunkOpener opener,
            crypto::ChunkOpener::create(key, 0, header.chunk_context()));
  const std::uint64_t start = statement_length_at(header) + kStatementLengthBytes;
  Bytes text(bytes);
  Bytes sealed(kSealedChunkBytes);
  const std::uint64_t chunks = sealed_chunk_count(text.size());
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const std::size_t plain = chunk_bytes(text.size(), i);
    const MutableByteView piece = MutableByteView(sealed).first(plain + crypto::kTagBytes);
    HANGU_CHECK(read_package(package, start + i * kSealedChunkBytes, piece));
    auto opened = opener.open(
        i, i + 1 == chunks, piece,
        MutableByteView(text).subspan(static_cast<std::size_t>(i) * kChunkBytes, plain));
    if (!opened) return std::unexpected(opened.error().within("statement"));
  }
  return text;
}

/// One object, one file.
class SingleFile final : public ObjectSink {
 public:
  explicit SingleFile(os::FdView out) : out_(out) {}
  Result<os::FdView> output(std::size_t) override { return out_; }
  Done accept(std::size_t) override { return {}; }

 private:
  os::FdView out_;
};

}  // namespace

Reader::Reader(os::FdView package, Header header, crypto::ContentKey key, Contents contents,
               Layout layout)
    : package_(package),
      header_(std::move(header)),
      context_(header_.chunk_context()),
      key_(std::move(key)),
      contents_(std::move(contents)),
      layout_(std::move(layout)) {}

Result<Reader> Reader::open(os::FdView package, std::span<const crypto::OpeningKey> keys) {
  HANGU_TRY(const std::uint64_t bytes, os::file_size(package));
  HANGU_TRY(const Bytes start, read_start(package, bytes));
  HANGU_TRY(Header header, Header::parse(start));
  HANGU_TRY(const std::size_t length, read_statement_length(package, header, bytes));
  HANGU_TRY(crypto::ContentKey key, unwrap(header, keys));
  HANGU_TRY(const Bytes text, open_statement(package, header, length, key));
  HANGU_TRY(flow::Envelope envelope, flow::Envelope::parse(text_of(text)));
  HANGU_TRY(Contents contents, Contents::check(std::move(envelope), header.suite));
  HANGU_TRY(Layout layout, Layout::create(header, contents.table, length));
  return Reader(package, std::move(header), std::move(key), std::move(contents), std::move(layout));
}

Done Reader::extract(std::size_t index, os::FdView out, unsigned threads,
                     const Progress& progress) const {
  if (index >= contents_.table.rows().size())
    return fail(ErrorCode::malformed, "object-unknown", std::to_string(index));
  SingleFile sink(out);
  return run_extraction({.package = package_,
                         .layout = layout_,
                         .table = contents_.table,
                         .key = key_,
                         .context = context_,
                         .first = index,
                         .count = 1,
                         .sink = sink,
                         .threads = threads,
                         .progress = progress});
}

Done Reader::extract_all(ObjectSink& sink, unsigned threads, const Progress& progress) const {
  return run_extraction({.package = package_,
                         .layout = layout_,
                         .table = contents_.table,
                         .key = key_,
                         .context = context_,
                         .first = 0,
                         .count = contents_.table.rows().size(),
                         .sink = sink,
                         .threads = threads,
                         .progress = progress,
                         .let_go = true});
}

Done Reader::read_range(std::size_t index, std::uint64_t offset, MutableByteView out) const {
  std::ranges::fill(out, std::byte{0});
  if (index >= contents_.table.rows().size())
    return fail(ErrorCode::malformed, "object-unknown", std::to_string(index));
  const std::size_t stream = index + 1;
  const std::uint64_t size = layout_.plain_bytes(stream);
  if (offset > size || out.size() > size - offset)
    return fail(ErrorCode::malformed, "range-outside", std::to_string(offset));
  HANGU_TRY(const crypto::ChunkOpener opener,
            crypto::ChunkOpener::create(key_, static_cast<std::uint32_t>(stream), context_));
  Bytes chunk(out.empty() ? 0 : kSealedChunkBytes);
  for (std::size_t done = 0; done < out.size();) {
    const std::uint64_t i = (offset + done) / kChunkBytes;
    const std::size_t plain = chunk_bytes(size, i);
    const MutableByteView sealed = MutableByteView(chunk).first(plain + crypto::kTagBytes);
    auto opened = read_package(package_, layout_.chunk_at(stream, i), sealed);
    if (opened)
      opened = opener.open(i, i + 1 == sealed_chunk_count(size), sealed, sealed.first(plain));
    if (!opened) {
      std::ranges::fill(out, std::byte{0});
      return opened;
    }
    const auto skip = static_cast<std::size_t>((offset + done) % kChunkBytes);
    const std::size_t n = std::min(plain - skip, out.size() - done);
    std::ranges::copy(sealed.subspan(skip, n), out.begin() + static_cast<std::ptrdiff_t>(done));
    done += n;
  }
  return {};
}

}  // namespace hangu::package
