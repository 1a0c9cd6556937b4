#include "line/review_protocol.hpp"

#include <sys/mman.h>

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "wire/codec.hpp"

namespace hangu::line {
namespace {

constexpr std::chrono::milliseconds kReplyTime = std::chrono::seconds(30);
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kDigestBytesMax = 120;
constexpr std::size_t kTextBytesMax = 1000;
constexpr std::size_t kEllipsisRoom = 16;  ///< what printable() may add: an escape and the ellipsis
constexpr std::size_t kEnvelopeBytesMax = 32 * 1024;

enum class RequestType : std::uint8_t { list, show, open, give };
enum class ReplyType : std::uint8_t { list, detail, opened, taken, refused };

/// Reads a text and makes a checked type of it; marks the reader when it does not fit.
template <class T, class Make>
std::optional<T> made(wire::Reader& r, std::size_t bytes_max, Make make) {
  Result<T> value = make(r.text(bytes_max));
  if (!value) {
    r.reject("wire-value");
    return std::nullopt;
  }
  return *std::move(value);
}
auto transfer_of(wire::Reader& r) { return made<TransferId>(r, kIdBytesMax, TransferId::create); }
auto digest_of(wire::Reader& r) {
  return made<crypto::ObjectDigest>(r, kDigestBytesMax, crypto::ObjectDigest::parse);
}

void write(wire::Writer& w, const PendingRow& row) {
  w.text(row.transfer.text()).text(row.origin).text(row.destination).text(row.submitter);
  w.u64(row.bytes).u32(row.approvals_needed).u32(row.approvals_given);
}

std::optional<PendingRow> read_row(wire::Reader& r) {
  auto transfer = transfer_of(r);
  if (!transfer) return std::nullopt;
  PendingRow row{*std::move(transfer), {}, {}, {}, 0, 0, 0};
  row.origin = r.text(kIdBytesMax);
  row.destination = r.text(kIdBytesMax);
  row.submitter = r.text(kIdBytesMax);
  row.bytes = r.u64();
  row.approvals_needed = r.u32();
  row.approvals_given = r.u32();
  return row;
}

std::optional<ReviewReply> read_detail(wire::Reader& r) {
  auto row = read_row(r);
  const auto rendition = digest_of(r);
  const auto certificate = digest_of(r);
  const auto decision = digest_of(r);
  const auto submission = digest_of(r);
  const auto facts = digest_of(r);
  std::vector<std::string> people(r.count(kApprovalsMax));
  for (std::string& person : people) person = r.text(kIdBytesMax);
  if (r.failed()) return std::nullopt;
  return PendingDetail{*std::move(row), *rendition, *certificate,     *decision,
                       *submission,     *facts,     std::move(people)};
}

std::optional<ReviewReply> read_list(wire::Reader& r) {
  PendingList list;
  const std::size_t count = r.count(kPendingMax);
  for (std::size_t i = 0; i < count && !r.failed(); ++i)
    if (auto row = read_row(r)) list.rows.push_back(*std::move(row));
  return list;
}

std::optional<ReviewReply> read_reply(wire::Reader& r) {
  switch (r.enumerated(ReplyType::refused)) {
    case ReplyType::list: return read_list(r);
    case ReplyType::detail: return read_detail(r);
    case ReplyType::opened: {
      OpenedForReview opened;
      opened.by_descriptor = r.flag();
      opened.inline_bytes = to_bytes(r.counted(kReviewDocumentBytesMax));
      return opened;
    }
    case ReplyType::taken: {
      ApprovalTaken taken;
      taken.complete = r.flag();
      taken.state = r.text(kIdBytesMax);
      return taken;
    }
    case ReplyType::refused: {
      ReviewRefused refused;
      refused.reason = r.text(kTextBytesMax);
      refused.context = r.text(kTextBytesMax);
      return refused;
    }
  }
  return std::nullopt;
}

std::optional<ReviewRequest> read_request(wire::Reader& r) {
  const RequestType type = r.enumerated(RequestType::give);
  if (r.failed()) return std::nullopt;
  if (type == RequestType::list) return ListPending{};
  auto transfer = transfer_of(r);
  if (!transfer) return std::nullopt;
  if (type == RequestType::show) return ShowPending{*std::move(transfer)};
  if (type == RequestType::open) {
    const auto digest = digest_of(r);
    if (!digest) return std::nullopt;
    return OpenForReview{*std::move(transfer), *digest};
  }
  return GiveApproval{*std::move(transfer), std::string(r.text(kEnvelopeBytesMax))};
}

/// A context as the peer will take it: as it is, or else printable and cut between characters.
std::string readable(const std::string& context) {
  if (context.size() <= kTextBytesMax && is_utf8(context)) return context;
  return printable(context, kTextBytesMax - kEllipsisRoom);
}

struct RequestWriter {
  wire::Writer& w;
  void operator()(const ListPending&) const { w.enumerated(RequestType::list); }
  void operator()(const ShowPending& m) const {
    w.enumerated(RequestType::show).text(m.transfer.text());
  }
  void operator()(const OpenForReview& m) const {
    w.enumerated(RequestType::open).text(m.transfer.text()).text(m.digest.to_text());
  }
  void operator()(const GiveApproval& m) const {
    w.enumerated(RequestType::give).text(m.transfer.text()).text(m.envelope);
  }
};

struct ReplyWriter {
  wire::Writer& w;
  void operator()(const PendingList& m) const {
    w.enumerated(ReplyType::list).count(m.rows.size());
    for (const PendingRow& row : m.rows) write(w, row);
  }
  void operator()(const PendingDetail& m) const {
    w.enumerated(ReplyType::detail);
    write(w, m.row);
    for (const auto* digest : {&m.rendition, &m.certificate, &m.decision, &m.submission, &m.facts})
      w.text(digest->to_text());
    w.count(m.signed_by.size());
    for (const std::string& person : m.signed_by) w.text(person);
  }
  void operator()(const OpenedForReview& m) const {
    w.enumerated(ReplyType::opened).flag(m.by_descriptor).counted(m.inline_bytes);
  }
  void operator()(const ApprovalTaken& m) const {
    w.enumerated(ReplyType::taken).flag(m.complete).text(m.state);
  }
  void operator()(const ReviewRefused& m) const {
    w.enumerated(ReplyType::refused).text(m.reason).text(readable(m.context));
  }
};

/// Errors that a peer sent keep their reason in the context (a reason must be a literal).
auto refused(const ReviewRefused& reply) {
  return fail(ErrorCode::forbidden, "review-refused", reply.reason + ": " + reply.context);
}

template <class T>
Result<T> expect(Result<ReviewReply> reply) {
  if (!reply) return std::unexpected(std::move(reply).error());
  if (const auto* no = std::get_if<ReviewRefused>(&*reply)) return refused(*no);
  if (T* value = std::get_if<T>(&*reply)) return std::move(*value);
  return fail(ErrorCode::malformed, "review-reply-unexpected");
}

Result<os::UniqueFd> memory_file(ByteView bytes) {
  os::UniqueFd file(::memfd_create("hangu-review", MFD_CLOEXEC));
  if (!file.valid()) return fail(ErrorCode::internal, "memory-file-failed", {}, errno);
  HANGU_CHECK(os::write_all_at(file.view(), 0, bytes));
  return file;
}

}  // namespace

Bytes encode(const ReviewRequest& request) {
  wire::Writer w;
  std::visit(RequestWriter{w}, request);
  return std::move(w).take();
}

Bytes encode(const ReviewReply& reply) {
  wire::Writer w;
  std::visit(ReplyWriter{w}, reply);
  return std::move(w).take();
}

Result<ReviewRequest> parse_review_request(ByteView bytes) {
  wire::Reader r(bytes);
  std::optional<ReviewRequest> request = read_request(r);
  HANGU_CHECK(r.finish());
  return *std::move(request);
}

Result<ReviewReply> parse_review_reply(ByteView bytes) {
  wire::Reader r(bytes);
  std::optional<ReviewReply> reply = read_reply(r);
  HANGU_CHECK(r.finish());
  return *std::move(reply);
}

Result<ReviewClient> ReviewClient::connect(const std::string& path) {
  HANGU_TRY(os::Channel channel, os::Channel::connect(path));
  return ReviewClient(path, std::move(channel));
}

Result<ReviewReply> ReviewClient::ask(const ReviewRequest& request,
                                      std::vector<os::UniqueFd>* descriptors) {
  const Bytes bytes = encode(request);
  Done sent = channel_.send(bytes, kReplyTime);
  if (!sent && sent.error().reason() == "peer-gone") {
    // Closed while a person was reading, and nothing was sent: once more on a new connection.
    HANGU_TRY(channel_, os::Channel::connect(path_));
    sent = channel_.send(bytes, kReplyTime);
  }
  HANGU_CHECK(sent);
  HANGU_TRY(os::Message message, channel_.receive(kReplyTime));
  if (descriptors != nullptr) *descriptors = std::move(message.descriptors);
  return parse_review_reply(message.bytes);
}

Result<std::vector<PendingRow>> ReviewClient::list() {
  HANGU_TRY(PendingList list, expect<PendingList>(ask(ListPending{}, nullptr)));
  return std::move(list.rows);
}

Result<PendingDetail> ReviewClient::show(const TransferId& transfer) {
  return expect<PendingDetail>(ask(ShowPending{transfer}, nullptr));
}

Result<os::UniqueFd> ReviewClient::open(const TransferId& transfer,
                                        const crypto::ObjectDigest& digest) {
  std::vector<os::UniqueFd> descriptors;
  HANGU_TRY(const OpenedForReview opened,
            expect<OpenedForReview>(ask(OpenForReview{transfer, digest}, &descriptors)));
  if (!opened.by_descriptor) return memory_file(opened.inline_bytes);
  if (descriptors.size() != 1) return fail(ErrorCode::malformed, "review-reply-unexpected");
  return std::move(descriptors.front());
}

Result<ApprovalTaken> ReviewClient::give(const TransferId& transfer, const std::string& envelope) {
  return expect<ApprovalTaken>(ask(GiveApproval{transfer, envelope}, nullptr));
}

}  // namespace hangu::line
