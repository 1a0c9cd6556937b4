#include <map>

#include "package/growing_tree.hpp"
#include "tests/unit/package/sample.hpp"

using namespace hangu;
using namespace hangu::test;

namespace {

constexpr std::size_t kMiB = kChunkBytes;

void check_round_trip(const std::vector<SampleObject>& objects, crypto::Suite suite,
                      unsigned threads) {
  Parties parties(suite);
  const SealedSample sample = seal_sample(objects, parties, threads);
  const Bytes package = content_of(sample.file.view());
  // The digest that was computed while writing is that of the bytes that stand there.
  CHECK(sample.sealed.digest == crypto::digest_of(crypto::HashAlgorithm::sha256, package));

  const auto reader = must(package::Reader::open(sample.file.view(), parties.opener));
  CHECK(reader.contents().kind == package::Kind::submission);
  CHECK(reader.contents().envelope.signed_by(parties.signer.verify_key()));
  CHECK(reader.contents().table.rows() == rows_of(objects, suite));
  CHECK(reader.layout().total_bytes() == package.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const os::UniqueFd out = memory_file();
    const auto done = reader.extract(i, out.view(), threads);
    if (!done) FAIL(done.error().message());
    CHECK((content_of(out.view()) == objects[i].bytes));
  }
}

}  // namespace

TEST_CASE("a package gives back what was sealed, whatever its size", "[package]") {
  for (const crypto::Suite suite : kSuites)
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMiB - 1, kMiB, kMiB + 1,
                                   2 * kMiB, 3 * kMiB + 7, 9 * kMiB})
      check_round_trip({{"one.bin", pattern(size)}}, suite, 2);
}

TEST_CASE("a package larger than the ring of memory it is made in survives many threads",
          "[package]") {
  for (const unsigned threads : {1U, 2U, 3U, 8U, 32U})
    check_round_trip({{"big.bin", pattern(49 * kMiB + 13)}, {"small.bin", pattern(5)}},
                     crypto::Suite::intl, threads);
}

TEST_CASE("a package holds several objects, empty ones among them, with Chinese names",
          "[package]") {
  for (const crypto::Suite suite : kSuites)
    check_round_trip({{"地图/世界地图.gpkg", pattern(kMiB + 5, 2)},
                      {"空.txt", {}},
                      {"地图/说明.txt", pattern(100, 3)},
                      {"表格/行政区划.csv", pattern(4096, 4)},
                      {"空2.txt", {}}},
                     suite, 2);
}

TEST_CASE("a package holds a hundred objects", "[package]") {
  std::vector<SampleObject> objects;
  objects.reserve(100);
  for (std::uint32_t i = 0; i < 100; ++i)
    objects.push_back({"part/" + std::to_string(i) + ".bin", pattern(i * 997, i)});
  for (const crypto::Suite suite : kSuites) check_round_trip(objects, suite, 2);
}

TEST_CASE("the number of threads does not change the package", "[package]") {
  const std::vector<SampleObject> objects{{"a.bin", pattern(5 * kMiB + 1)}, {"b.bin", pattern(9)}};
  Parties one(crypto::Suite::intl);
  Parties many(crypto::Suite::intl);
  CHECK(content_of(seal_sample(objects, one, 1).file.view()) ==
        content_of(seal_sample(objects, many, 8).file.view()));
}

TEST_CASE("every recipient opens a package, and nobody else", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    Parties second(suite, "second");
    const Parties stranger(suite, "stranger");
    parties.recipients.push_back(second.recipients.front());
    const SealedSample sample = seal_sample({{"a.bin", pattern(10)}}, parties);
    CHECK(reason_of_opening(sample.file.view(), parties) == "");
    CHECK(reason_of_opening(sample.file.view(), second) == "");
    CHECK(reason_of_opening(sample.file.view(), stranger) == "package-not-for-us");
  }
}

TEST_CASE("a package may have 64 recipients, and neither none, 65 nor one twice", "[package]") {
  Parties parties(crypto::Suite::intl);
  const std::vector<SampleObject> objects{{"a.bin", pattern(10)}};
  const flow::Envelope envelope = envelope_of(objects, parties);
  const auto sources = sources_of(objects);
  const auto reason = [&](std::span<const crypto::RecipientKey> recipients) {
    const os::UniqueFd out = memory_file();
    const auto sealed = package::seal({.suite = parties.suite,
                                       .recipients = recipients,
                                       .objects = sources,
                                       .state = stated(envelope),
                                       .threads = 1,
                                       .progress = {}},
                                      out.view(), parties.entropy);
    return sealed ? std::string() : std::string(sealed.error().reason());
  };
  std::vector<crypto::RecipientKey> recipients;
  recipients.reserve(65);
  for (int i = 0; i < 65; ++i)
    recipients.push_back(
        must(crypto::OpeningKey::generate(parties.suite, parties.entropy)).recipient_key());
  CHECK(reason(std::span(recipients).first(64)) == "");
  CHECK(reason(recipients) == "package-recipients");
  CHECK(reason({}) == "package-recipients");
  const std::vector<crypto::RecipientKey> twice{recipients[0], recipients[1], recipients[0]};
  CHECK(reason(twice) == "package-recipients");
  const Parties other(crypto::Suite::gm);
  CHECK(reason(other.recipients) == "suite-mismatch");
}

TEST_CASE("a range of an object is read without the rest", "[package]") {
  for (const crypto::Suite suite : kSuites) {
    Parties parties(suite);
    const Bytes bytes = pattern(2 * kMiB + 100);
    const SealedSample sample = seal_sample({{"x", pattern(3)}, {"a.bin", bytes}}, parties);
    const auto reader = must(package::Reader::open(sample.file.view(), parties.opener));
    for (const auto& [offset, length] : std::map<std::size_t, std::size_t>{{0, 10},
                                                                           {kMiB - 5, 10},
                                                                           {kMiB, kMiB},
                                                                           {1, 2 * kMiB + 99},
                                                                           {2 * kMiB + 100, 0},
                                                                           {2 * kMiB + 99, 1}}) {
      Bytes out(length);
      REQUIRE(reader.read_range(1, offset, out).has_value());
      CHECK(equal(out, ByteView(bytes).subspan(offset, length)));
    }
    Bytes out(2, std::byte{7});
    CHECK(reader.read_range(1, 2 * kMiB + 99, out).error().reason() == "range-outside");
    CHECK(out == Bytes(2));
    CHECK(reader.read_range(2, 0, out).error().reason() == "object-unknown");
    CHECK(reader.extract(2, sample.file.view()).error().reason() == "object-unknown");
  }
}

TEST_CASE("a package goes into a pipe in order", "[package]") {
  Parties parties(crypto::Suite::intl);
  const std::vector<SampleObject> objects{{"a.bin", pattern(20 * kMiB)}};
  const flow::Envelope envelope = envelope_of(objects, parties);
  const auto sources = sources_of(objects);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  os::UniqueFd from(ends[0]);
  Bytes piped;
  std::jthread reading([&] {
    Bytes piece(65536);
    while (const auto n = os::read_some(from.view(), piece).value_or(0))
      append(piped, ByteView(piece).first(n));
  });
  {
    const os::UniqueFd to(ends[1]);
    const auto sealed = must(package::seal({.suite = parties.suite,
                                            .recipients = parties.recipients,
                                            .objects = sources,
                                            .state = stated(envelope),
                                            .threads = 4,
                                            .progress = {}},
                                           to.view(), parties.entropy));
    CHECK(sealed.digest.size > 20 * kMiB);
  }
  reading.join();
  CHECK(reason_of_opening(piped, parties) == "");
}

TEST_CASE("a source is digested as its bytes are, on any number of threads", "[package]") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{77}, kMiB, 17 * kMiB + 3}) {
    const Bytes bytes = pattern(size);
    const os::UniqueFd file = memory_file(bytes);
    for (const crypto::Suite suite : kSuites)
      for (const unsigned threads : {1U, 2U, 5U}) {
        std::uint64_t last = 0;
        std::uint64_t total = 0;
        const auto digest =
            must(package::digest_source(file.view(), crypto::hash_of(suite), threads,
                                        [&](std::uint64_t done, std::uint64_t all) {
                                          CHECK(done >= last);
                                          last = done;
                                          total = all;
                                        }));
        CHECK(last == size);
        CHECK(total == size);
        CHECK(digest == crypto::digest_of(crypto::hash_of(suite), bytes));
      }
  }
}

TEST_CASE("a growing tree has the root of the list of its leaves", "[package]") {
  for (const auto algorithm : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sm3}) {
    std::vector<crypto::Hash> leaves;
    package::GrowingTree tree(algorithm);
    CHECK(tree.root() == crypto::tree_root(algorithm, leaves));
    for (unsigned i = 0; i < 70; ++i) {
      leaves.push_back(crypto::hash(algorithm, pattern(8, i)));
      tree.add(leaves.back());
      CHECK(tree.root() == crypto::tree_root(algorithm, leaves));
    }
    CHECK(tree.leaves() == 70);
  }
}

TEST_CASE("progress rises to the whole, told from the calling thread", "[package]") {
  Parties parties(crypto::Suite::intl);
  const std::vector<SampleObject> objects{{"a.bin", pattern(30 * kMiB)}};
  const flow::Envelope envelope = envelope_of(objects, parties);
  const auto sources = sources_of(objects);
  const auto self = std::this_thread::get_id();
  std::uint64_t last = 0;
  std::uint64_t total = 0;
  const package::Progress progress = [&](std::uint64_t done, std::uint64_t all) {
    CHECK(std::this_thread::get_id() == self);
    CHECK(done >= last);
    last = done;
    total = all;
  };
  const os::UniqueFd file = memory_file();
  const auto sealed = must(package::seal({.suite = parties.suite,
                                          .recipients = parties.recipients,
                                          .objects = sources,
                                          .state = stated(envelope),
                                          .threads = 3,
                                          .progress = progress},
                                         file.view(), parties.entropy));
  CHECK(last == sealed.digest.size);
  CHECK(total == sealed.digest.size);
  last = 0;
  const auto reader = must(package::Reader::open(file.view(), parties.opener));
  const os::UniqueFd out = memory_file();
  REQUIRE(reader.extract(0, out.view(), 3, progress).has_value());
  CHECK(last == 30 * kMiB);
  CHECK(total == 30 * kMiB);
}
