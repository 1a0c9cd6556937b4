#pragma once
// Review protocol: how a person's command line (or console) talks to approve over its local
// socket. One request, one reply; an object's bytes go by descriptor, and the person's program
// recomputes every digest from what it shows. docs/protocols/review.md.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "crypto/chunk_tree.hpp"
#include "os/channel.hpp"

namespace hangu::line {

inline constexpr std::size_t kPendingMax = 500;
inline constexpr std::size_t kReviewDocumentBytesMax = 64 * 1024;

/// Lists what awaits people.
struct ListPending {};
/// Asks for one transfer's documents.
struct ShowPending {
  TransferId transfer;
};
/// Asks for an object of the rendition, or a document by digest.
struct OpenForReview {
  TransferId transfer;
  crypto::ObjectDigest digest;
};
/// Hands over a signed approval (or refusal): a DSSE envelope.
struct GiveApproval {
  TransferId transfer;
  std::string envelope;
};
using ReviewRequest = std::variant<ListPending, ShowPending, OpenForReview, GiveApproval>;

struct PendingRow {
  TransferId transfer;
  std::string origin;
  std::string destination;
  std::string submitter;
  std::uint64_t bytes = 0;
  std::uint32_t approvals_needed = 0;
  std::uint32_t approvals_given = 0;
};
struct PendingList {
  std::vector<PendingRow> rows;
};
/// What a reviewer decides on; the approval statement must name rendition, certificate and
/// decision.
struct PendingDetail {
  PendingRow row;
  crypto::ObjectDigest rendition;
  crypto::ObjectDigest certificate;
  crypto::ObjectDigest decision;
  crypto::ObjectDigest submission;     ///< the sender's signed statement
  crypto::ObjectDigest facts;          ///< what inspect measured
  std::vector<std::string> signed_by;  ///< persons who have already signed
};
/// The bytes are in the message's descriptor, or inline when small.
struct OpenedForReview {
  Bytes inline_bytes;
  bool by_descriptor = false;
};
struct ApprovalTaken {
  bool complete = false;  ///< all required people have signed (or one refused)
  std::string state;      ///< the transfer's state after
};
/// A refusal of the request, with its stable reason.
struct ReviewRefused {
  std::string reason;
  std::string context;
};
using ReviewReply =
    std::variant<PendingList, PendingDetail, OpenedForReview, ApprovalTaken, ReviewRefused>;

[[nodiscard]] Bytes encode(const ReviewRequest& request);
[[nodiscard]] Bytes encode(const ReviewReply& reply);
[[nodiscard]] Result<ReviewRequest> parse_review_request(ByteView bytes);
[[nodiscard]] Result<ReviewReply> parse_review_reply(ByteView bytes);

/// ReviewClient is the person's side. Thread: one at a time.
class ReviewClient {
 public:
  [[nodiscard]] static Result<ReviewClient> connect(const std::string& path);
  [[nodiscard]] Result<std::vector<PendingRow>> list();
  [[nodiscard]] Result<PendingDetail> show(const TransferId& transfer);
  /// The object's bytes as a read-only descriptor (a memory file when it came inline).
  [[nodiscard]] Result<os::UniqueFd> open(const TransferId& transfer,
                                          const crypto::ObjectDigest& digest);
  [[nodiscard]] Result<ApprovalTaken> give(const TransferId& transfer, const std::string& envelope);

 private:
  ReviewClient(std::string path, os::Channel channel)
      : path_(std::move(path)), channel_(std::move(channel)) {}
  Result<ReviewReply> ask(const ReviewRequest& request, std::vector<os::UniqueFd>* descriptors);
  std::string path_;
  os::Channel channel_;
};

}  // namespace hangu::line
