#include "ledger/columns.hpp"

#include <algorithm>

namespace hangu::ledger {
namespace {

constexpr std::size_t kDigestBytes = 41;

}  // namespace

Bytes to_blob(const crypto::ObjectDigest& digest) {
  Bytes blob(kDigestBytes);
  blob[0] = static_cast<std::byte>(digest.algorithm);
  store_u64(MutableByteView(blob).subspan(1, 8), digest.size);
  std::ranges::copy(digest.root, blob.begin() + 9);
  return blob;
}

void bind_digest(Query& query, const crypto::ObjectDigest& digest) {
  query.bind(ByteView(to_blob(digest)));
}
void bind_time(Query& query, WallTime time) {
  query.bind(static_cast<std::int64_t>(time.since_epoch().count()));
}
void bind_time(Query& query, const std::optional<WallTime>& time) {
  if (time) {
    bind_time(query, *time);
  } else {
    query.bind_null();
  }
}

Result<crypto::ObjectDigest> digest_in(Query& query) {
  const Bytes blob = query.blob();
  if (blob.size() != kDigestBytes || blob[0] > static_cast<std::byte>(crypto::HashAlgorithm::sm3)) {
    return fail(ErrorCode::corrupt, "ledger-corrupt", "digest");
  }
  crypto::ObjectDigest digest;
  digest.algorithm = static_cast<crypto::HashAlgorithm>(blob[0]);
  digest.size = load_u64(ByteView(blob).subspan(1, 8));
  std::ranges::copy(ByteView(blob).subspan(9), digest.root.begin());
  return digest;
}
WallTime time_in(Query& query) { return WallTime(std::chrono::milliseconds(query.integer())); }
std::optional<WallTime> optional_time_in(Query& query) {
  if (query.is_null()) {
    query.skip();
    return std::nullopt;
  }
  return time_in(query);
}
Result<std::uint32_t> small_number_in(Query& query) {
  const std::int64_t value = query.integer();
  if (!std::in_range<std::uint32_t>(value)) {
    return fail(ErrorCode::corrupt, "ledger-corrupt", "number " + std::to_string(value));
  }
  return static_cast<std::uint32_t>(value);
}

}  // namespace hangu::ledger
