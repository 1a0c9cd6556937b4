#pragma once
// Forgery: packages put together by hand from the byte table of docs/protocols/exchange-package.md,
// without the writer, so that they can be wrong in any place.

#include <algorithm>
#include <functional>

#include "tests/unit/package/sample.hpp"
#include "wire/codec.hpp"

namespace hangu::test {

struct Forgery {
  Parties& parties;
  std::string statement;  ///< the envelope's text
  std::vector<Bytes> objects = {};
  std::string magic = "HANGUPKG";
  std::uint8_t version = 1;
  std::uint16_t flags = 0;
  std::uint8_t suite_byte = static_cast<std::uint8_t>(parties.suite);
  /// Key id and wrapped key, as they go into the header.
  std::vector<std::pair<Bytes, Bytes>> recipients = {};
  std::optional<std::uint32_t> recipient_count = {};
  std::optional<std::uint64_t> objects_length = {};
  std::optional<std::uint32_t> statement_length = {};
  /// What seals chunk `index` of `stream`: may lie about its place.
  struct Place {
    std::uint32_t stream;
    std::uint64_t index;
    bool final;
  };
  std::function<Place(Place)> misplace = [](Place place) { return place; };

  [[nodiscard]] Bytes make() {
    auto key = crypto::ContentKey::generate(parties.suite, parties.entropy);
    wire::Writer wrap_context;
    wrap_context.raw(bytes_of("hangu-package")).u8(1).u8(static_cast<std::uint8_t>(parties.suite));
    if (recipients.empty())
      for (const auto& to : parties.recipients)
        recipients.emplace_back(to.id(), must(key.wrap(to, wrap_context.bytes(), parties.entropy)));
    wire::Writer w;
    w.raw(bytes_of(magic)).u8(version).u8(suite_byte).u16(flags);
    w.u32(recipient_count.value_or(static_cast<std::uint32_t>(recipients.size())));
    for (const auto& [id, wrapped] : recipients) w.raw(id).counted(wrapped);
    std::uint64_t objects_sealed = 0;
    for (const Bytes& object : objects)
      objects_sealed += object.size() + 16 * chunks_of(object.size());
    w.u64(objects_length.value_or(objects_sealed));
    const crypto::Hash context = crypto::hash(crypto::hash_of(parties.suite), w.bytes());
    Bytes out = to_bytes(w.bytes());
    for (std::uint32_t i = 0; i < objects.size(); ++i) seal(out, key, context, i + 1, objects[i]);
    wire::Writer length;
    length.u32(statement_length.value_or(static_cast<std::uint32_t>(statement.size())));
    append(out, length.bytes());
    seal(out, key, context, 0, bytes_of(statement));
    return out;
  }

 private:
  static std::size_t chunks_of(std::size_t bytes) {
    return std::max<std::size_t>(1, (bytes + 1048575) / 1048576);
  }
  void seal(Bytes& out, const crypto::ContentKey& key, const crypto::Hash& context,
            std::uint32_t stream, ByteView plain) const {
    const std::size_t chunks = chunks_of(plain.size());
    for (std::size_t i = 0; i < chunks; ++i) {
      const ByteView chunk =
          plain.subspan(i * 1048576, std::min<std::size_t>(1048576, plain.size() - i * 1048576));
      const Place place = misplace({stream, i, i + 1 == chunks});
      const auto sealer = must(crypto::ChunkSealer::create(key, place.stream, context));
      Bytes sealed(chunk.size() + 16);
      REQUIRE(sealer.seal(place.index, place.final, chunk, sealed).has_value());
      append(out, sealed);
    }
  }
};

}  // namespace hangu::test
