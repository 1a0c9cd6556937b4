// The package reader. The first byte of an input says what the rest is:
//   0  a package's bytes
//   1  a header's bytes: what is read is written as the same bytes
//   2  an envelope's text, and 3 a statement's payload, which this target seals into a package of
//      its own, so that the reader goes on behind the seals; objects of the right size follow
// Keys are those of tests/data/vectors/package.

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>

#include "flow/envelope.hpp"
#include "os/file.hpp"
#include "package/layout.hpp"
#include "package/reader.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace hangu;

constexpr std::uint64_t kObjectsBytesMax = 1 << 16;  // what this target seals behind a statement

class CountingEntropy final : public Entropy {
 public:
  void fill(MutableByteView out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(next_++);
  }

 private:
  std::uint8_t next_ = 1;
};

const std::vector<crypto::OpeningKey>& keys() {
  static const std::vector<crypto::OpeningKey> kMade = [] {
    std::vector<crypto::OpeningKey> out;
    for (const crypto::Suite suite : {crypto::Suite::intl, crypto::Suite::gm}) {
      Bytes secret(32);
      for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::byte>(0x40 + i);
      out.push_back(*crypto::OpeningKey::create(suite, crypto::SecretBytes::take(secret)));
    }
    return out;
  }();
  return kMade;
}

class NullSink final : public package::ObjectSink {
 public:
  Result<os::FdView> output(std::size_t) override { return null_.view(); }
  Done accept(std::size_t) override { return {}; }

 private:
  os::UniqueFd null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
};

void try_package(ByteView bytes) {
  const os::UniqueFd file(::memfd_create("package", MFD_CLOEXEC));
  fuzz::must_hold(file.valid() && os::write_all(file.view(), bytes).has_value());
  const auto reader = package::Reader::open(file.view(), keys());
  if (!reader) {
    fuzz::must_hold(!reader.error().reason().empty());
    return;
  }
  fuzz::must_hold(reader->layout().total_bytes() == bytes.size());
  NullSink sink;
  (void)reader->extract_all(sink, 1);
  std::array<std::byte, 8> piece{};
  (void)reader->read_range(0, 0, piece);
}

void try_header(ByteView bytes) {
  const auto header = package::Header::parse(bytes);
  if (!header) return;
  fuzz::must_hold(header->byte_count() <= bytes.size());
  fuzz::must_hold(equal(header->to_bytes(), bytes.first(header->byte_count())));
}

void seal(Bytes& out, const crypto::ContentKey& key, const crypto::Hash& context,
          std::uint32_t stream, ByteView plain) {
  const auto sealer = crypto::ChunkSealer::create(key, stream, context);
  const std::uint64_t chunks = package::sealed_chunk_count(plain.size());
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const std::size_t size = package::chunk_bytes(plain.size(), i);
    Bytes sealed(size + crypto::kTagBytes);
    fuzz::must_hold(sealer
                        ->seal(i, i + 1 == chunks,
                               plain.subspan(static_cast<std::size_t>(i) * kChunkBytes, size),
                               sealed)
                        .has_value());
    append(out, sealed);
  }
}

/// A package around a statement's envelope; zero bytes stand for its objects.
void try_statement(std::string_view envelope, crypto::Suite suite) {
  if (envelope.empty() || envelope.size() > kStatementBytesMax) return;
  CountingEntropy entropy;
  const auto key = crypto::ContentKey::generate(suite, entropy);
  const crypto::RecipientKey& to = keys()[static_cast<std::size_t>(suite)].recipient_key();
  std::vector<std::uint64_t> sizes;
  package::Header header{.suite = suite, .recipients = {}, .objects_bytes = 0};
  if (const auto parsed = flow::Envelope::parse(envelope))
    if (const auto statement = flow::Statement::parse(parsed->payload)) {
      std::uint64_t total = 0;
      for (const flow::ObjectRow& row : statement->subjects) {
        total = std::min(total + row.digest.size, kObjectsBytesMax + 1);
        if (total > kObjectsBytesMax) break;
        sizes.push_back(row.digest.size);
        header.objects_bytes += package::sealed_bytes(row.digest.size);
      }
    }
  header.recipients.push_back(
      {package::key_id_of(to), *key.wrap(to, package::wrap_context(suite), entropy)});
  Bytes out = header.to_bytes();
  const crypto::Hash context = header.chunk_context();
  std::uint32_t stream = 1;
  for (const std::uint64_t size : sizes)
    seal(out, key, context, stream++, Bytes(static_cast<std::size_t>(size)));
  std::array<std::byte, package::kStatementLengthBytes> length{};
  store_u32(length, static_cast<std::uint32_t>(envelope.size()));
  append(out, length);
  seal(out, key, context, 0, bytes_of(envelope));
  try_package(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = fuzz::view(data + 1, size - 1);
  const crypto::Suite suite = (data[0] & 4) != 0 ? crypto::Suite::gm : crypto::Suite::intl;
  switch (data[0] & 3) {
    case 0: try_package(input); break;
    case 1: try_header(input); break;
    case 2: try_statement(text_of(input), suite); break;
    default: {
      flow::Envelope envelope{std::string(flow::kStatementPayloadType), to_bytes(input), {}};
      envelope.signatures.push_back({"key", Bytes(64), ""});
      try_statement(envelope.to_text(), suite);
    }
  }
  return 0;
}
