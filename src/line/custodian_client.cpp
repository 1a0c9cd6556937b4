#include "line/custodian_client.hpp"

#include <algorithm>

#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"

namespace hangu::line {
namespace {

using namespace ledger;

constexpr std::chrono::milliseconds kFirstPause{10};
constexpr std::chrono::milliseconds kLongestPause{1000};

/// The alternative that answers the request, or the refusal, or "custodian-refused" for any other.
template <class T>
Result<T> expect(Result<Reply> reply) {
  if (!reply) return std::unexpected(reply.error());
  if (auto* const wanted = std::get_if<T>(&*reply)) return std::move(*wanted);
  if (const auto* const refused = std::get_if<Refused>(&*reply)) {
    return std::unexpected(to_error(*refused));
  }
  return fail(ErrorCode::corrupt, "custodian-refused", "an answer of another kind");
}

Done expect_nothing(Result<Reply> reply) {
  HANGU_TRY(const auto nothing, expect<Nothing>(std::move(reply)));
  (void)nothing;
  return {};
}

/// Only the caller knows what it asked for: work of another stage is not taken.
Result<std::optional<Work>> work_of(Result<Reply> reply, const Claim& request) {
  HANGU_TRY(auto claimed, expect<ClaimedWork>(std::move(reply)));
  const bool asked_for =
      !claimed.work || (std::ranges::count(request.stages, claimed.work->stage) != 0 &&
                        (!request.transfer || request.transfer == claimed.work->transfer));
  if (!asked_for) return fail(ErrorCode::corrupt, "custodian-refused", "work not asked for");
  return std::move(claimed.work);
}

/// The caller has the bytes: what the custodian calls them must be their digest.
Result<crypto::ObjectDigest> stored(Result<Reply> reply, ByteView bytes,
                                    crypto::HashAlgorithm algorithm) {
  HANGU_TRY(const auto object, expect<StoredObject>(std::move(reply)));
  if (object.digest != crypto::digest_of(algorithm, bytes))
    return fail(ErrorCode::corrupt, "object-mismatch", object.digest.to_text());
  return object.digest;
}

Result<Opened> opened(const crypto::ObjectDigest& digest, Result<Reply> reply,
                      std::vector<os::UniqueFd> descriptors) {
  HANGU_TRY(auto object, expect<OpenedObject>(std::move(reply)));
  const bool wants_leaves = object.by_descriptor && crypto::chunk_count(digest.size) > 1;
  const std::size_t expected = (object.by_descriptor ? 1U : 0U) + (wants_leaves ? 1U : 0U);
  if (descriptors.size() != expected) {
    return fail(ErrorCode::corrupt, "message-descriptors", std::to_string(descriptors.size()));
  }
  if (!object.by_descriptor) return Opened(digest, std::move(object.bytes));
  return Opened(digest, std::move(descriptors[0]),
                wants_leaves ? std::move(descriptors[1]) : os::UniqueFd());
}

}  // namespace

Result<Bytes> Opened::read_all(std::size_t bytes_max) const {
  if (digest_.size > bytes_max) {
    return fail(ErrorCode::exhausted, "object-too-long", digest_.to_text());
  }
  Bytes bytes = bytes_;
  if (file_.valid()) {
    HANGU_TRY(bytes, os::read_file(file_.view(), bytes_max));
  }
  if (crypto::digest_of(digest_.algorithm, bytes) != digest_) {
    return fail(ErrorCode::corrupt, "object-mismatch", digest_.to_text());
  }
  return bytes;
}

Result<crypto::ChunkVerifier> Opened::verifier() const {
  Bytes leaves;
  if (const std::uint64_t chunks = crypto::chunk_count(digest_.size); chunks > 1) {
    HANGU_TRY(leaves, os::read_file(leaves_.view(),
                                    static_cast<std::size_t>(chunks) * sizeof(crypto::Hash)));
  }
  return crypto::ChunkVerifier::parse(digest_, leaves);
}

CustodianClient::CustodianClient(std::string path, Patience patience)
    : path_(std::move(path)), patience_(patience) {}

Done CustodianClient::connect_again() {
  if (channel_) return {};
  HANGU_TRY(auto channel, os::Channel::connect(path_));
  channel_ = std::move(channel);
  return {};
}

template <class Once>
auto CustodianClient::patiently(const Once& once, const std::uint64_t& progress)
    -> decltype(once()) {
  auto until = os::monotonic_now() + patience_.reconnect;
  auto pause = kFirstPause;
  std::uint64_t before = progress;
  while (true) {  // ends: `until`, or when there is no progress left to make
    auto got = once();
    if (got) return got;
    channel_.reset();  // a late answer must not be taken for the next one
    if (std::exchange(before, progress) != progress) {
      until = os::monotonic_now() + patience_.reconnect;
      pause = kFirstPause;
    }
    const bool lost = got.error().reason() == "peer-gone" || got.error().reason() == "peer-absent";
    const bool ending = patience_.ending != nullptr && patience_.ending->load();
    if (!lost || ending || os::monotonic_now() + pause > until) return got;
    os::pause_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

Result<CustodianClient> CustodianClient::connect(std::string path, Patience patience) {
  CustodianClient client(std::move(path), patience);
  HANGU_CHECK(client.patiently([&] { return client.connect_again(); }, 0));
  return client;
}

Result<os::Message> CustodianClient::exchange(ByteView request, std::chrono::milliseconds timeout) {
  const auto once = [&]() -> Result<os::Message> {
    HANGU_CHECK(connect_again());
    HANGU_CHECK(channel_->send(request, patience_.answer));
    return channel_->receive(timeout);
  };
  return patiently(once, 0);
}

Result<Reply> CustodianClient::ask(const Request& request, std::chrono::milliseconds timeout,
                                   std::vector<os::UniqueFd>* descriptors) {
  HANGU_TRY(auto message, exchange(encode(request), timeout));
  if (descriptors != nullptr) {
    *descriptors = std::move(message.descriptors);
  } else if (!message.descriptors.empty()) {
    return fail(ErrorCode::corrupt, "message-descriptors");
  }
  return parse_reply(message.bytes);
}

Result<std::optional<Work>> CustodianClient::claim(std::span<const flow::Stage> stages,
                                                   std::chrono::milliseconds wait) {
  const Claim request{.stages = {stages.begin(), stages.end()},
                      .transfer = {},
                      .wait = std::min(wait, kClaimWaitMax)};
  return work_of(ask(request, request.wait + patience_.answer), request);
}

Result<std::optional<Work>> CustodianClient::claim(flow::Stage stage, const TransferId& transfer,
                                                   std::chrono::milliseconds wait) {
  const Claim request{
      .stages = {stage}, .transfer = transfer, .wait = std::min(wait, kClaimWaitMax)};
  return work_of(ask(request, request.wait + patience_.answer), request);
}

Done CustodianClient::renew(const Token& token) {
  return expect_nothing(ask(Renew{.token = token}, patience_.answer));
}

Result<Opened> CustodianClient::open(const Token& token, const crypto::ObjectDigest& digest,
                                     As as) {
  std::vector<os::UniqueFd> descriptors;
  const Open request{.token = token, .digest = digest, .by_descriptor = as == As::descriptor};
  auto reply = ask(request, patience_.answer, &descriptors);
  return opened(digest, std::move(reply), std::move(descriptors));
}

Result<Bytes> CustodianClient::read(const Token& token, const crypto::ObjectDigest& digest,
                                    std::size_t bytes_max) {
  HANGU_TRY(const auto object, open(token, digest));
  return object.read_all(bytes_max);
}

Result<crypto::ObjectDigest> CustodianClient::put(const Token& token, ByteView bytes,
                                                  crypto::HashAlgorithm algorithm) {
  if (bytes.size() > kSmallObjectBytesMax) {
    return fail(ErrorCode::exhausted, "object-too-long", std::to_string(bytes.size()));
  }
  const Put request{.token = token, .algorithm = algorithm, .bytes = to_bytes(bytes)};
  return stored(ask(request, patience_.answer), bytes, algorithm);
}

Result<Output> CustodianClient::create(const Token& token, crypto::HashAlgorithm algorithm) {
  std::vector<os::UniqueFd> descriptors;
  auto reply = ask(Create{.token = token, .algorithm = algorithm}, patience_.answer, &descriptors);
  HANGU_TRY(const auto created, expect<CreatedOutput>(std::move(reply)));
  if (descriptors.size() != 1) return fail(ErrorCode::corrupt, "message-descriptors");
  return Output{.id = created.output, .file = std::move(descriptors[0])};
}

Result<crypto::ObjectDigest> CustodianClient::freeze(const Token& token, std::uint64_t output) {
  const Freeze request{.token = token, .output = output};
  HANGU_TRY(const auto stored, expect<StoredObject>(ask(request, patience_.long_answer)));
  return stored.digest;
}

Result<crypto::ObjectDigest> CustodianClient::store(const Token& token, ByteView bytes,
                                                    crypto::HashAlgorithm algorithm) {
  if (bytes.size() <= kSmallObjectBytesMax) return put(token, bytes, algorithm);
  HANGU_TRY(auto output, create(token, algorithm));
  HANGU_CHECK(os::write_all(output.file.view(), bytes));
  output.file.reset();
  const Freeze request{.token = token, .output = output.id};
  return stored(ask(request, patience_.long_answer), bytes, algorithm);
}

Result<flow::State> CustodianClient::complete(const Token& token, const Completion& completion) {
  const Complete request{.token = token, .completion = completion};
  HANGU_TRY(const auto state, expect<NewState>(ask(request, patience_.answer)));
  return state.state;
}

Done CustodianClient::release(const Token& token, std::chrono::milliseconds delay,
                              std::string_view reason) {
  const Release request{.token = token,
                        .delay = std::clamp(delay, std::chrono::milliseconds(0), kReleaseDelayMax),
                        .reason = std::string(reason)};
  return expect_nothing(ask(request, patience_.answer));
}

Done CustodianClient::hold(const Token& token) {
  return expect_nothing(ask(Hold{.token = token}, patience_.answer));
}

Result<crypto::ObjectDigest> CustodianClient::attach(const TransferId& transfer,
                                                     const std::string& name, ByteView bytes,
                                                     crypto::HashAlgorithm algorithm) {
  if (bytes.size() > kSmallObjectBytesMax) {
    return fail(ErrorCode::exhausted, "object-too-long", std::to_string(bytes.size()));
  }
  const Attach request{
      .transfer = transfer, .name = name, .algorithm = algorithm, .bytes = to_bytes(bytes)};
  return stored(ask(request, patience_.answer), bytes, algorithm);
}

Result<Opened> CustodianClient::look(const TransferId& transfer, const crypto::ObjectDigest& digest,
                                     As as) {
  std::vector<os::UniqueFd> descriptors;
  const Look request{.transfer = transfer, .digest = digest, .by_descriptor = as == As::descriptor};
  auto reply = ask(request, patience_.answer, &descriptors);
  return opened(digest, std::move(reply), std::move(descriptors));
}

Result<std::vector<Listed>> CustodianClient::pages(List request, std::size_t rows_max) {
  const std::size_t page = request.with_evidence ? kListRowsWithEvidenceMax : kListRowsMax;
  std::vector<Listed> rows;
  while (rows.size() < rows_max) {  // ends: a short page is the last
    request.skip = static_cast<std::uint32_t>(rows.size());
    request.rows_max = static_cast<std::uint32_t>(std::min(page, rows_max - rows.size()));
    HANGU_TRY(auto listing, expect<Listing>(ask(request, patience_.answer)));
    std::ranges::move(listing.rows, std::back_inserter(rows));
    if (listing.rows.size() < request.rows_max) break;
  }
  return rows;
}

Result<std::vector<Listed>> CustodianClient::list(std::span<const flow::State> states,
                                                  std::size_t rows_max) {
  return pages({.states = {states.begin(), states.end()}, .with_evidence = true}, rows_max);
}

Done CustodianClient::reclear(const Token& token, bool approve_anew) {
  return expect_nothing(ask(Reclear{token, approve_anew}, patience_.answer));
}

Result<Begun> CustodianClient::begin(const TransferId& transfer, const NodeId& node,
                                     std::uint64_t bytes) {
  const Begin request{.transfer = transfer, .node = node, .bytes = bytes};
  return expect<Begun>(ask(request, patience_.answer));
}

Done CustodianClient::room(std::uint64_t bytes, std::uint64_t coming) {
  return expect_nothing(ask(Room{.bytes = bytes, .coming = coming}, patience_.answer));
}

Done CustodianClient::piece(const TransferId& transfer, std::uint64_t offset, ByteView bytes) {
  if (bytes.size() > kPieceBytes) return fail(ErrorCode::exhausted, "object-too-long");
  const Piece request{.transfer = transfer, .offset = offset, .bytes = to_bytes(bytes)};
  return expect_nothing(ask(request, patience_.answer));
}

Done CustodianClient::pieces(const TransferId& transfer, std::uint64_t offset, std::uint64_t end,
                             const ReadPiece& read) {
  Request request = Piece{.transfer = transfer, .offset = 0, .bytes = {}};
  auto& piece = std::get<Piece>(request);
  const auto size_at = [&](std::uint64_t at) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, end - at));
  };
  std::uint64_t answered = offset;
  const auto once = [&]() -> Done {
    HANGU_CHECK(connect_again());
    std::uint64_t sent = answered;
    while (answered < end) {  // ends: each answer moves it, and silence is an error
      while (sent < end && sent - answered < kPiecesAheadMax * kPieceBytes) {
        piece.offset = sent;
        piece.bytes.resize(size_at(sent));
        HANGU_CHECK(read(sent, piece.bytes));
        HANGU_CHECK(channel_->send(encode(request), patience_.answer));
        sent += piece.bytes.size();
      }
      HANGU_TRY(auto message, channel_->receive(patience_.answer));
      if (!message.descriptors.empty()) return fail(ErrorCode::corrupt, "message-descriptors");
      HANGU_CHECK(expect_nothing(parse_reply(message.bytes)));
      answered += size_at(answered);
    }
    return {};
  };
  return patiently(once, answered);
}

Result<crypto::ObjectDigest> CustodianClient::commit(const TransferId& transfer) {
  HANGU_TRY(const auto stored,
            expect<StoredObject>(ask(Commit{.transfer = transfer}, patience_.long_answer)));
  return stored.digest;
}

Result<flow::State> CustodianClient::received(const TransferId& transfer, std::uint64_t entry,
                                              ByteView table) {
  if (table.size() > kSmallObjectBytesMax) return fail(ErrorCode::exhausted, "object-too-long");
  const Received request{.transfer = transfer, .entry = entry, .table = to_bytes(table)};
  HANGU_TRY(const auto state, expect<NewState>(ask(request, patience_.answer)));
  return state.state;
}

Result<std::optional<Status>> CustodianClient::status(const TransferId& transfer,
                                                      const NodeId& node) {
  const AskStatus request{.transfer = transfer, .node = node};
  HANGU_TRY(auto reply, expect<StatusReply>(ask(request, patience_.answer)));
  return std::move(reply.status);
}

Result<std::vector<Listed>> CustodianClient::list_node(const NodeId& node, std::size_t rows_max) {
  std::vector<Listed> rows;
  while (rows.size() < rows_max) {  // ends: a short page is the last
    const ListOfNode request{
        .node = node,
        .skip = static_cast<std::uint32_t>(rows.size()),
        .rows_max = static_cast<std::uint32_t>(std::min(kListRowsMax, rows_max - rows.size()))};
    HANGU_TRY(auto listing, expect<Listing>(ask(request, patience_.answer)));
    std::ranges::move(listing.rows, std::back_inserter(rows));
    if (listing.rows.size() < request.rows_max) break;
  }
  return rows;
}

Result<Withdrawn> CustodianClient::withdraw(const TransferId& transfer, const NodeId& node) {
  const Withdraw request{.transfer = transfer, .node = node};
  return expect<Withdrawn>(ask(request, patience_.answer));
}

Result<flow::State> CustodianClient::acknowledge(const TransferId& transfer, const NodeId& node,
                                                 const crypto::ObjectDigest& sealed) {
  const Acknowledge request{.transfer = transfer, .node = node, .sealed = sealed};
  HANGU_TRY(const auto state, expect<NewState>(ask(request, patience_.answer)));
  return state.state;
}

Result<std::optional<Status>> CustodianClient::show(const TransferId& transfer) {
  HANGU_TRY(auto reply, expect<StatusReply>(ask(Show{.transfer = transfer}, patience_.answer)));
  return std::move(reply.status);
}

Result<std::vector<Listed>> CustodianClient::list_all(std::size_t rows_max) {
  List request;
  for (auto i = 0U; i <= static_cast<unsigned>(flow::State::expired); ++i) {
    request.states.push_back(static_cast<flow::State>(i));
  }
  return pages(std::move(request), rows_max);
}

}  // namespace hangu::line
