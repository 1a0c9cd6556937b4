#pragma once
// Sample: packages for tests, made in memory from fixed entropy.

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "package/reader.hpp"
#include "package/writer.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace hangu::test {

/// A file without a name, in memory.
inline os::UniqueFd memory_file(ByteView bytes = {}) {
  os::UniqueFd file(::memfd_create("package-test", MFD_CLOEXEC));
  REQUIRE(file.valid());
  REQUIRE(os::write_all_at(file.view(), 0, bytes).has_value());
  return file;
}

inline Bytes content_of(os::FdView file) {
  const auto size = os::file_size(file);
  REQUIRE(size.has_value());
  Bytes out(static_cast<std::size_t>(*size));
  REQUIRE(os::read_exactly_at(file, 0, out).has_value());
  return out;
}

/// `size` bytes that do not repeat, different for each seed.
inline Bytes pattern(std::size_t size, std::uint32_t seed = 1) {
  Bytes out(size);
  std::uint64_t state = (std::uint64_t{seed} << 32) | 0x9e3779b9U;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 8 == 0) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
    }
    out[i] = static_cast<std::byte>(state >> (8 * (i % 8)));
  }
  return out;
}

struct SampleObject {
  std::string name;
  Bytes bytes;
  std::string media_type = "application/octet-stream";
};

/// The parties of one suite: a signer and one recipient.
struct Parties {
  explicit Parties(crypto::Suite s, std::string_view seed = "parties")
      : suite(s),
        entropy(seed),
        signer(must(crypto::SigningKey::generate(crypto::signature_of(s), entropy))),
        opener(one(must(crypto::OpeningKey::generate(s, entropy)))),
        recipients{opener.front().recipient_key()} {}

  static std::vector<crypto::OpeningKey> one(crypto::OpeningKey key) {
    std::vector<crypto::OpeningKey> keys;
    keys.push_back(std::move(key));
    return keys;
  }

  crypto::Suite suite;
  SeededEntropy entropy;
  crypto::SigningKey signer;
  std::vector<crypto::OpeningKey> opener;
  std::vector<crypto::RecipientKey> recipients;
};

inline std::vector<package::SourceObject> sources_of(const std::vector<SampleObject>& objects) {
  std::vector<package::SourceObject> out;
  out.reserve(objects.size());
  for (const SampleObject& object : objects)
    out.push_back({object.name, object.media_type, ByteView(object.bytes)});
  return out;
}

/// A statement that was made beforehand, whatever is sealed.
inline package::StateObjects stated(const flow::Envelope& envelope) {
  return [envelope](const flow::ObjectTable&) -> Result<flow::Envelope> { return envelope; };
}

inline std::vector<flow::ObjectRow> rows_of(const std::vector<SampleObject>& objects,
                                            crypto::Suite suite) {
  std::vector<flow::ObjectRow> rows;
  rows.reserve(objects.size());
  for (const SampleObject& object : objects)
    rows.push_back(
        {object.name, object.media_type, crypto::digest_of(crypto::hash_of(suite), object.bytes)});
  return rows;
}

inline flow::Submission submission_of(std::vector<flow::ObjectRow> rows, crypto::Suite suite) {
  return {.objects = must(flow::ObjectTable::create(std::move(rows))),
          .label = {.secrecy = flow::Secrecy::open,
                    .grade = flow::DataGrade::general,
                    .term_years = 0,
                    .owner = "测绘局",
                    .compartments = {}},
          .suite = suite,
          .origin_zone = must(ZoneId::create("egov")),
          .origin_node = must(NodeId::create("survey")),
          .destination_zone = must(ZoneId::create("internet")),
          .destination_nodes = {must(NodeId::create("portal"))},
          .facts = {.product = "world-map",
                    .areas = {"11"},
                    .scale = 10'000'000,
                    .crs = "EPSG:4490",
                    .date_from = {},
                    .date_to = {}},
          .sequence = 1,
          .previous = {},
          .not_before = WallTime(std::chrono::milliseconds(1'760'000'000'000)),
          .expires = WallTime(std::chrono::milliseconds(1'760'600'000'000))};
}

/// A signed envelope over a hand-made statement: `json` is what the tests break.
inline flow::Envelope envelope_of(const std::string& json, const Parties& parties) {
  return must(flow::Envelope::sign(std::string(flow::kStatementPayloadType),
                                   to_bytes(std::string_view(json)), parties.signer));
}

inline flow::Envelope envelope_of(const std::vector<SampleObject>& objects,
                                  const Parties& parties) {
  return must(submission_of(rows_of(objects, parties.suite), parties.suite)
                  .to_statement()
                  .sign(parties.signer));
}

struct SealedSample {
  os::UniqueFd file;
  package::Sealed sealed;
};

inline SealedSample seal_sample(const std::vector<SampleObject>& objects, Parties& parties,
                                unsigned threads = 2) {
  const flow::Envelope envelope = envelope_of(objects, parties);
  const std::vector<package::SourceObject> sources = sources_of(objects);
  SealedSample out{memory_file(), {}};
  out.sealed = must(package::seal({.suite = parties.suite,
                                   .recipients = parties.recipients,
                                   .objects = sources,
                                   .state = stated(envelope),
                                   .threads = threads,
                                   .progress = {}},
                                  out.file.view(), parties.entropy));
  return out;
}

/// Opens and extracts everything; the first error's reason, "" when all is well.
inline std::string reason_of_opening(os::FdView file, const Parties& parties) {
  const auto reader = package::Reader::open(file, parties.opener);
  if (!reader) return std::string(reader.error().reason());
  for (std::size_t i = 0; i < reader->contents().table.rows().size(); ++i) {
    const os::UniqueFd out = memory_file();
    if (const auto done = reader->extract(i, out.view(), 1); !done)
      return std::string(done.error().reason());
  }
  return "";
}

inline std::string reason_of_opening(ByteView package, const Parties& parties) {
  const os::UniqueFd file = memory_file(package);
  return reason_of_opening(file.view(), parties);
}

inline constexpr std::array kSuites{crypto::Suite::intl, crypto::Suite::gm};

}  // namespace hangu::test
