#include "geo/geopackage_blob.hpp"

#include <bit>
#include <utility>

namespace hangu::geo {
namespace {

constexpr std::size_t kFixedBytes = 8;
constexpr std::array<std::size_t, 5> kEnvelopeBytes{0, 32, 48, 48, 64};
constexpr unsigned kLittleEndian = 1;
constexpr unsigned kEnvelopeXy = 1U << 1;
constexpr unsigned kEmpty = 1U << 4;
constexpr unsigned kExtended = 1U << 5;

void put_le(MutableByteView at, std::uint64_t value) {
  for (std::byte& b : at) {
    b = static_cast<std::byte>(value & 0xff);
    value >>= 8;
  }
}

}  // namespace

Result<GeopackageBlob> parse_blob(ByteView blob) {
  if (blob.size() < kFixedBytes || blob[0] != std::byte{'G'} || blob[1] != std::byte{'P'} ||
      blob[2] != std::byte{0}) {
    return fail(ErrorCode::malformed, "geometry-malformed", "no GeoPackage geometry");
  }
  const auto flags = std::to_integer<unsigned>(blob[3]);
  if ((flags & kExtended) != 0) {
    return fail(ErrorCode::malformed, "geometry-type-not-supported",
                "extended GeoPackage geometry");
  }
  const std::size_t envelope = flags >> 1 & 7;
  if (envelope >= kEnvelopeBytes.size() || (flags & 0xc0) != 0) {
    return fail(ErrorCode::malformed, "geometry-malformed", "flags");
  }
  const std::size_t head = kFixedBytes + kEnvelopeBytes[envelope];
  if (blob.size() < head) return fail(ErrorCode::malformed, "geometry-malformed", "short");
  std::uint32_t srs_id = load_u32(blob.subspan(4));
  if ((flags & kLittleEndian) != 0) srs_id = std::byteswap(srs_id);
  return GeopackageBlob{static_cast<std::int32_t>(srs_id), blob.subspan(head)};
}

BlobHeader blob_header(std::int32_t srs_id, const plain::Shape& shape) {
  const bool has_envelope = !shape.empty() && shape.type != plain::GeometryType::point;
  BlobHeader header;
  const MutableByteView out(header.bytes);
  out[0] = std::byte{'G'};
  out[1] = std::byte{'P'};
  const unsigned flags =
      kLittleEndian | (has_envelope ? kEnvelopeXy : 0) | (shape.empty() ? kEmpty : 0);
  out[3] = static_cast<std::byte>(flags);
  put_le(out.subspan(4, 4), static_cast<std::uint32_t>(srs_id));
  header.size = kFixedBytes;
  if (!has_envelope) return header;
  const plain::Box& box = shape.box;
  for (const double side : {box.min_x, box.max_x, box.min_y, box.max_y}) {
    put_le(out.subspan(header.size, 8), std::bit_cast<std::uint64_t>(side));
    header.size += 8;
  }
  return header;
}

}  // namespace hangu::geo
