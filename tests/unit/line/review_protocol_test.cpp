#include "line/review_protocol.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "os/file.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using namespace hangu::line;
using test::Frame;

const TransferId kTransfer = TransferId::create("00112233445566778899aabbccddeeff").value();

crypto::ObjectDigest digest_of(std::string_view text) {
  return crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(text));
}

PendingRow row() { return {kTransfer, "egov", "internet", "survey", 1'234'567'890'123, 2, 1}; }

PendingDetail detail(std::vector<std::string> people) {
  return {row(),          digest_of("r"), digest_of("c"),   digest_of("d"),
          digest_of("s"), digest_of("f"), std::move(people)};
}

/// A desk that answers every request with `frame`.
struct Desk {
  os::test::ScratchFolder folder;
  std::function<std::optional<Frame>(const ReviewRequest&)> answer;
  test::PacketServer server{folder / "people.sock", [this](const os::Message& request) {
                              return answer(parse_review_request(request.bytes).value());
                            }};
  ReviewClient client = ReviewClient::connect(folder / "people.sock").value();
  void says(const ReviewReply& reply) {
    answer = [bytes = encode(reply)](const ReviewRequest&) { return std::optional(Frame{bytes}); };
  }
};

}  // namespace

TEST_CASE("review requests read back as they were written", "[review]") {
  const auto back = [](const ReviewRequest& request) {
    return parse_review_request(encode(request)).value();
  };
  CHECK(std::holds_alternative<ListPending>(back(ListPending{})));
  CHECK(std::get<ShowPending>(back(ShowPending{kTransfer})).transfer == kTransfer);
  const auto open = std::get<OpenForReview>(back(OpenForReview{kTransfer, digest_of("x")}));
  CHECK(open.transfer == kTransfer);
  CHECK(open.digest == digest_of("x"));
  const auto give = std::get<GiveApproval>(back(GiveApproval{kTransfer, "{\"a\":1}"}));
  CHECK(give.transfer == kTransfer);
  CHECK(give.envelope == "{\"a\":1}");
}

TEST_CASE("review replies read back as they were written", "[review]") {
  const auto back = [](const ReviewReply& reply) {
    return parse_review_reply(encode(reply)).value();
  };
  const auto list = std::get<PendingList>(back(PendingList{{row(), row()}}));
  REQUIRE(list.rows.size() == 2);
  CHECK(list.rows[1].transfer == kTransfer);
  CHECK(list.rows[1].origin == "egov");
  CHECK(list.rows[1].destination == "internet");
  CHECK(list.rows[1].submitter == "survey");
  CHECK(list.rows[1].bytes == 1'234'567'890'123);
  CHECK(list.rows[1].approvals_needed == 2);
  CHECK(list.rows[1].approvals_given == 1);
  const auto read = std::get<PendingDetail>(back(detail({"li", "wang"})));
  CHECK(read.rendition == digest_of("r"));
  CHECK(read.certificate == digest_of("c"));
  CHECK(read.decision == digest_of("d"));
  CHECK(read.submission == digest_of("s"));
  CHECK(read.facts == digest_of("f"));
  CHECK(read.signed_by == std::vector<std::string>{"li", "wang"});
  const auto opened = std::get<OpenedForReview>(back(OpenedForReview{to_bytes("abc"), false}));
  CHECK(opened.inline_bytes == to_bytes("abc"));
  CHECK_FALSE(opened.by_descriptor);
  CHECK(std::get<OpenedForReview>(back(OpenedForReview{{}, true})).by_descriptor);
  const auto taken = std::get<ApprovalTaken>(back(ApprovalTaken{true, "approved"}));
  CHECK(taken.complete);
  CHECK(taken.state == "approved");
  const auto refused = std::get<ReviewRefused>(back(ReviewRefused{"approval-twice", "li"}));
  CHECK(refused.reason == "approval-twice");
  CHECK(refused.context == "li");
}

TEST_CASE("a review message that is cut, longer or of no kind is refused", "[review]") {
  const Bytes request = encode(ReviewRequest(OpenForReview{kTransfer, digest_of("x")}));
  for (std::size_t n = 0; n < request.size(); ++n)
    CHECK_FALSE(parse_review_request(ByteView(request).first(n)));
  const Bytes reply = encode(ReviewReply(detail({"li", "wang"})));
  for (std::size_t n = 0; n < reply.size(); ++n)
    CHECK_FALSE(parse_review_reply(ByteView(reply).first(n)));
  Bytes more = request;
  more.push_back(std::byte{0});
  CHECK_FALSE(parse_review_request(more));
  more = reply;
  more.push_back(std::byte{0});
  CHECK_FALSE(parse_review_reply(more));
  for (const unsigned kind : {4U, 5U, 255U})
    CHECK_FALSE(parse_review_request(Bytes{static_cast<std::byte>(kind)}));
  for (const unsigned kind : {5U, 255U})
    CHECK_FALSE(parse_review_reply(Bytes{static_cast<std::byte>(kind)}));
}

TEST_CASE("review messages keep to their bounds", "[review]") {
  const auto with_envelope = [](std::size_t bytes) {
    return parse_review_request(
               encode(ReviewRequest(GiveApproval{kTransfer, std::string(bytes, 'x')})))
        .has_value();
  };
  CHECK(with_envelope(32 * 1024));
  CHECK_FALSE(with_envelope(32 * 1024 + 1));
  const auto with_people = [](std::size_t people) {
    return parse_review_reply(encode(ReviewReply(detail(std::vector<std::string>(people, "li")))))
        .has_value();
  };
  CHECK(with_people(kApprovalsMax));
  CHECK_FALSE(with_people(kApprovalsMax + 1));
  const auto with_bytes = [](std::size_t bytes) {
    return parse_review_reply(encode(ReviewReply(OpenedForReview{Bytes(bytes), false})))
        .has_value();
  };
  CHECK(with_bytes(kReviewDocumentBytesMax));
  CHECK_FALSE(with_bytes(kReviewDocumentBytesMax + 1));
  const auto with_rows = [](std::size_t rows) {
    return parse_review_reply(
               encode(ReviewReply(PendingList{std::vector<PendingRow>(rows, row())})))
        .has_value();
  };
  CHECK(with_rows(kPendingMax));
  CHECK_FALSE(with_rows(kPendingMax + 1));
  // The fullest list and the longest document fit into one packet.
  CHECK(encode(ReviewReply(PendingList{std::vector<PendingRow>(kPendingMax, row())})).size() <=
        kMessageBytesMax);
  CHECK(encode(ReviewReply(OpenedForReview{Bytes(kReviewDocumentBytesMax), false})).size() <=
        kMessageBytesMax);
}

TEST_CASE("a person's program gets what the desk says, and its refusals", "[review]") {
  Desk desk;
  desk.says(PendingList{{row()}});
  CHECK(desk.client.list().value().at(0).transfer == kTransfer);
  desk.says(ApprovalTaken{false, "awaiting-approval"});
  CHECK(desk.client.give(kTransfer, "{}").value().state == "awaiting-approval");
  desk.says(ReviewRefused{"approval-role", "janitor"});
  const auto refused = desk.client.give(kTransfer, "{}");
  CHECK(refused.error().reason() == "review-refused");
  CHECK(refused.error().context() == "approval-role: janitor");
  CHECK(desk.client.show(kTransfer).error().reason() == "review-refused");
  desk.says(PendingList{});
  CHECK(desk.client.show(kTransfer).error().reason() == "review-reply-unexpected");
}

TEST_CASE("an object for review comes inline or by descriptor, and never by neither", "[review]") {
  Desk desk;
  desk.says(OpenedForReview{to_bytes("inline bytes"), false});
  const auto small = desk.client.open(kTransfer, digest_of("x")).value();
  CHECK(text_of(test::bytes_in(small.view())) == "inline bytes");
  desk.answer = [](const ReviewRequest&) {
    Frame frame{encode(ReviewReply(OpenedForReview{{}, true}))};
    frame.files.push_back(test::file_in_memory(bytes_of("in a file")));
    return std::optional(std::move(frame));
  };
  const auto large = desk.client.open(kTransfer, digest_of("x")).value();
  CHECK(text_of(test::bytes_in(large.view())) == "in a file");
  desk.says(OpenedForReview{{}, true});
  CHECK(desk.client.open(kTransfer, digest_of("x")).error().reason() == "review-reply-unexpected");
}
