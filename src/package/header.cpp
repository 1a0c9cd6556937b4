#include "package/header.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace hangu::package {
namespace {

constexpr std::string_view kWrapContext = "hangu-package";
constexpr auto kSuiteLast = static_cast<std::uint8_t>(crypto::Suite::gm);

auto refuse(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}
auto truncated() { return refuse("package-truncated", "the package ends within its header"); }

Result<std::vector<WrappedKey>> read_recipients(wire::Reader& r) {
  const std::uint32_t count = r.u32();
  if (r.failed()) return truncated();
  if (count == 0 || count > kRecipientsMax)
    return refuse("package-recipients", std::to_string(count) + " recipients");
  std::vector<WrappedKey> out(count);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::ranges::copy(r.raw(kKeyIdBytes), out[i].key_id.begin());
    const std::uint32_t length = r.u32();
    if (r.failed()) return truncated();
    if (length == 0 || length > crypto::kWrappedBytesMax)
      return refuse("package-wrapped-key", std::to_string(length) + " bytes");
    out[i].wrapped = to_bytes(r.raw(length));
    if (r.failed()) return truncated();
    if (i > 0 && out[i].key_id <= out[i - 1].key_id)
      return refuse("package-recipients", "not in rising order of their key ids");
  }
  return out;
}

}  // namespace

std::size_t Header::byte_count() const {
  std::size_t count = kHeaderFixedBytes;
  for (const WrappedKey& recipient : recipients)
    count += kKeyIdBytes + 4 + recipient.wrapped.size();
  return count;
}

Bytes Header::to_bytes() const {
  wire::Writer w;
  w.raw(bytes_of(kMagic)).u8(kVersion).enumerated(suite).u16(0).count(recipients.size());
  for (const WrappedKey& recipient : recipients) w.raw(recipient.key_id).counted(recipient.wrapped);
  w.u64(objects_bytes);
  return std::move(w).take();
}

Result<Header> Header::parse(ByteView package) {
  const std::size_t shown = std::min(package.size(), kMagic.size());
  if (text_of(package.first(shown)) != kMagic.substr(0, shown))
    return refuse("package-magic", "not an exchange package");
  wire::Reader r(package);
  (void)r.raw(kMagic.size());
  const std::uint8_t version = r.u8();
  const std::uint8_t suite = r.u8();
  const std::uint16_t flags = r.u16();
  if (r.failed()) return truncated();
  if (version != kVersion) return refuse("package-version", std::to_string(version));
  if (suite > kSuiteLast) return refuse("package-suite", std::to_string(suite));
  if (flags != 0) return refuse("package-flags", "unknown critical flag " + std::to_string(flags));

  Header out;
  out.suite = static_cast<crypto::Suite>(suite);
  HANGU_TRY(out.recipients, read_recipients(r));
  out.objects_bytes = r.u64();
  if (r.failed()) return truncated();
  if (out.objects_bytes == 0 || out.objects_bytes > kPackageBytesMax)
    return refuse("package-objects-length", std::to_string(out.objects_bytes) + " bytes");
  return out;
}

crypto::Hash Header::chunk_context() const {
  return crypto::hash(crypto::hash_of(suite), to_bytes());
}

Bytes wrap_context(crypto::Suite suite) {
  wire::Writer w;
  w.raw(bytes_of(kWrapContext)).u8(kVersion).enumerated(suite);
  return std::move(w).take();
}

KeyId key_id_of(const crypto::RecipientKey& key) {
  const Bytes id = key.id();
  HANGU_ASSERT(id.size() == kKeyIdBytes);
  KeyId out{};
  std::ranges::copy(id, out.begin());
  return out;
}

}  // namespace hangu::package
