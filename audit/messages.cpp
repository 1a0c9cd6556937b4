#include "audit/messages.hpp"

#include <algorithm>

#include "audit/limits.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "wire/codec.hpp"

namespace hangu::audit {
namespace {

/// In the order of the variants.
enum class RequestKind : std::uint8_t { append, checkpoint, prove, find, holder, cosigned };
enum class ReplyKind : std::uint8_t { append, checkpoint, prove, find, failure };

constexpr std::size_t kTypeBytesMax = 64;
constexpr std::size_t kTransferBytes = 32;
constexpr std::size_t kReasonTextBytesMax = 200;
constexpr std::size_t kContextBytesMax = 400;
constexpr std::size_t kEllipsisRoom = 16;
/// Of a time on the wire: more than any, and no overflow in whatever is made of it.
constexpr std::uint64_t kSecondsMask = 0x3f'ffff'ffff;

template <class Array>
Array read_array(wire::Reader& r) {
  Array out{};
  const ByteView bytes = r.raw(out.size());
  if (!r.failed()) std::ranges::copy(bytes, out.begin());
  return out;
}

std::uint64_t seconds_of(std::chrono::seconds time) {
  return static_cast<std::uint64_t>(time.count());
}

/// What follows the kind and the id of a request.
struct RequestWriter {
  wire::Writer& w;

  void operator()(const AppendRequest& q) const {
    w.text(q.type).flag(q.transfer.has_value());
    if (q.transfer) w.text(q.transfer->text());
    w.count(q.keys.size());
    for (const std::string& key : q.keys) w.text(key);
    w.enumerated(q.kind).text(q.body);
  }
  void operator()(const CheckpointRequest&) const {}
  void operator()(const ProveRequest& q) const { w.u64(q.index).u64(q.size); }
  void operator()(const FindRequest& q) const { w.text(q.transfer.text()).u64(q.before); }
  void operator()(const HolderRequest& q) const { w.text(q.key); }
  void operator()(const CosignedRequest& q) const { w.text(q.note); }
};

Result<Request> read_append(wire::Reader& r) {
  AppendRequest q;
  q.id = read_array<RequestId>(r);
  q.type = r.text(kTypeBytesMax);
  std::optional<std::string> transfer;
  if (r.flag()) transfer = r.text(kTransferBytes);
  const std::size_t keys = r.count(kKeysPerEntryMax);
  for (std::size_t i = 0; i < keys; ++i) q.keys.emplace_back(r.text(kKeyBytesMax));
  q.kind = r.enumerated(BodyKind::event);
  q.body = r.text(kEntryBytesMax);
  HANGU_CHECK(r.finish());
  if (transfer) {
    HANGU_TRY(q.transfer, TransferId::create(*transfer));
  }
  return q;
}

struct ReplyWriter {
  wire::Writer& w;

  void operator()(const AppendReply& a) const {
    w.enumerated(ReplyKind::append).raw(a.id).enumerated(a.outcome).text(a.reason);
    w.u64(a.index).raw(a.leaf).text(a.entry);
  }
  void operator()(const CheckpointReply& a) const {
    w.enumerated(ReplyKind::checkpoint).raw(a.id).u64(a.size).text(a.note);
    w.flag(a.witnessed.demanded).u64(a.witnessed.size).u64(seconds_of(a.witnessed.time));
  }
  void operator()(const ProveReply& a) const {
    w.enumerated(ReplyKind::prove).raw(a.id).u64(a.index).u64(a.size).text(a.entry);
    w.count(a.path.size());
    for (const Hash& hash : a.path) w.raw(hash);
  }
  void operator()(const FindReply& a) const {
    w.enumerated(ReplyKind::find).raw(a.id).count(a.indices.size());
    for (const std::uint64_t index : a.indices) w.u64(index);
  }
  void operator()(const FailureReply& a) const {
    w.enumerated(ReplyKind::failure).raw(a.id).enumerated(a.code);
    w.text(a.reason).text(printable(a.context, kContextBytesMax - kEllipsisRoom));
  }
};

Reply read_reply(wire::Reader& r) {
  switch (r.enumerated(ReplyKind::failure)) {
    case ReplyKind::append: {
      return AppendReply{.id = read_array<RequestId>(r),
                         .outcome = r.enumerated(AppendOutcome::refused),
                         .reason = std::string(r.text(kReasonTextBytesMax)),
                         .index = r.u64(),
                         .leaf = read_array<Hash>(r),
                         .entry = std::string(r.text(kEntryBytesMax))};
    }
    case ReplyKind::checkpoint: {
      return CheckpointReply{
          .id = read_array<RequestId>(r),
          .size = r.u64(),
          .note = std::string(r.text(kNoteBytesMax)),
          .witnessed = {r.flag(), r.u64(), std::chrono::seconds(r.u64() & kSecondsMask)}};
    }
    case ReplyKind::prove: {
      ProveReply a{.id = read_array<RequestId>(r),
                   .index = r.u64(),
                   .size = r.u64(),
                   .entry = std::string(r.text(kEntryBytesMax)),
                   .path = {}};
      const std::size_t hashes = r.count(kProofHashesMax);
      for (std::size_t i = 0; i < hashes; ++i) a.path.push_back(read_array<Hash>(r));
      return a;
    }
    case ReplyKind::find: {
      FindReply a{.id = read_array<RequestId>(r), .indices = {}};
      const std::size_t indices = r.count(kFoundMax);
      for (std::size_t i = 0; i < indices; ++i) a.indices.push_back(r.u64());
      return a;
    }
    case ReplyKind::failure: {
      return FailureReply{.id = read_array<RequestId>(r),
                          .code = r.enumerated(ErrorCode::internal),
                          .reason = std::string(r.text(kReasonTextBytesMax)),
                          .context = std::string(r.text(kContextBytesMax))};
    }
  }
  return FailureReply{};
}

}  // namespace

RequestId new_request_id(Entropy& entropy) {
  RequestId id{};
  entropy.fill(id);
  return id;
}

Bytes to_bytes(const Request& request) {
  wire::Writer w;
  w.enumerated(static_cast<RequestKind>(request.index()));
  std::visit([&](const auto& q) { RequestWriter{w.raw(q.id)}(q); }, request);
  return std::move(w).take();
}

Result<Request> parse_request(ByteView message) {
  wire::Reader r(message);
  switch (r.enumerated(RequestKind::cosigned)) {
    case RequestKind::append: return read_append(r);
    case RequestKind::checkpoint: {
      const CheckpointRequest q{.id = read_array<RequestId>(r)};
      HANGU_CHECK(r.finish());
      return Request(q);
    }
    case RequestKind::prove: {
      ProveRequest q{.id = read_array<RequestId>(r)};
      q.index = r.u64();
      q.size = r.u64();
      HANGU_CHECK(r.finish());
      return Request(q);
    }
    case RequestKind::find: {
      const auto id = read_array<RequestId>(r);
      const std::string_view text = r.text(kTransferBytes);
      const std::uint64_t before = r.u64();
      HANGU_CHECK(r.finish());
      HANGU_TRY(TransferId transfer, TransferId::create(text));
      return Request(FindRequest{.id = id, .transfer = std::move(transfer), .before = before});
    }
    case RequestKind::holder: {
      HolderRequest q{.id = read_array<RequestId>(r), .key = {}};
      q.key = r.text(kKeyBytesMax);
      HANGU_CHECK(r.finish());
      return Request(std::move(q));
    }
    case RequestKind::cosigned: {
      CosignedRequest q{.id = read_array<RequestId>(r), .note = {}};
      q.note = r.text(kNoteBytesMax);
      HANGU_CHECK(r.finish());
      return Request(std::move(q));
    }
  }
  return fail(ErrorCode::malformed, "wire-value");
}

Bytes to_bytes(const Reply& reply) {
  wire::Writer w;
  std::visit(ReplyWriter{w}, reply);
  return std::move(w).take();
}

Result<Reply> parse_reply(ByteView message) {
  wire::Reader r(message);
  Reply reply = read_reply(r);
  HANGU_CHECK(r.finish());
  return reply;
}

}  // namespace hangu::audit
