#pragma once
// CustodianDouble: a custodian of one transfer that speaks the real protocol on a real socket, is
// honest until it is told how to lie, and remembers what it was told.

#include <fcntl.h>
#include <sys/mman.h>

#include <map>
#include <mutex>
#include <set>

#include "ledger/messages.hpp"
#include "os/file.hpp"
#include "tests/support/packet_server.hpp"

namespace hangu::test {

inline os::UniqueFd file_in_memory(ByteView bytes) {
  os::UniqueFd file(::memfd_create("object", MFD_CLOEXEC));
  if (!os::write_all_at(file.view(), 0, bytes)) throw std::runtime_error("no memory file");
  return file;
}

inline Bytes bytes_in(os::FdView file) {
  Bytes out(static_cast<std::size_t>(os::file_size(file).value()));
  if (!os::read_exactly_at(file, 0, out)) throw std::runtime_error("unreadable");
  return out;
}

/// A descriptor that can write the file that `file` can only read.
inline os::UniqueFd writable_twin(os::FdView file) {
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  os::UniqueFd twin(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!twin.valid()) throw std::runtime_error("not writable");
  return twin;
}

class CustodianDouble {
 public:
  /// Sees each request and the honest answer to it; gives the packet that goes out instead.
  /// Nothing: never answered. An empty frame: the link is closed.
  using Lie = std::function<std::optional<Frame>(const ledger::Request&, Frame honest)>;

  explicit CustodianDouble(const std::string& path)
      : server_(path, [this](const os::Message& request) { return answer(request.bytes); }) {}

  // ---- what the test sets
  void lie(Lie lie) {
    const std::lock_guard lock(mutex_);
    lie_ = std::move(lie);
  }
  /// Work to give out, once (until it is given back).
  void offer(ledger::Work work) {
    const std::lock_guard lock(mutex_);
    work_ = std::move(work);
    claimed_ = false;
  }
  crypto::ObjectDigest put(ByteView bytes,
                           crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256) {
    const std::lock_guard lock(mutex_);
    return store(bytes, algorithm);
  }
  /// Gives other bytes under this digest from now on.
  void swap(const crypto::ObjectDigest& digest, ByteView bytes) {
    const std::lock_guard lock(mutex_);
    objects_[digest] = to_bytes(bytes);
  }

  // ---- what it was told
  [[nodiscard]] std::vector<ledger::Completion> completions() const {
    const std::lock_guard lock(mutex_);
    return completions_;
  }
  [[nodiscard]] unsigned given_back() const {
    const std::lock_guard lock(mutex_);
    return given_back_;
  }
  [[nodiscard]] unsigned approved_anew() const {
    const std::lock_guard lock(mutex_);
    return approved_anew_;
  }
  [[nodiscard]] unsigned recleared() const {
    const std::lock_guard lock(mutex_);
    return recleared_;
  }
  [[nodiscard]] unsigned held() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }
  [[nodiscard]] Bytes object(const crypto::ObjectDigest& digest) const {
    const std::lock_guard lock(mutex_);
    return objects_.at(digest);
  }

 private:
  std::optional<Frame> answer(ByteView bytes) {
    const auto request = ledger::parse_request(bytes);
    if (!request) return Frame{};
    const std::lock_guard lock(mutex_);
    Frame frame;
    const ledger::Reply reply = std::visit([&](const auto& q) { return on(q, frame); }, *request);
    frame.bytes = ledger::encode(reply);
    if (lie_) return lie_(*request, std::move(frame));
    return frame;
  }

  static ledger::Reply refuse(ErrorCode code, const char* reason) {
    return ledger::Refused{code, reason, {}};
  }
  [[nodiscard]] bool is_claim(const ledger::Token& token) const {
    return claimed_ && work_ && work_->token == token;
  }
  crypto::ObjectDigest store(ByteView bytes, crypto::HashAlgorithm algorithm) {
    const auto digest = crypto::digest_of(algorithm, bytes);
    objects_[digest] = to_bytes(bytes);
    return digest;
  }

  ledger::Reply on(const ledger::Claim& q, Frame&) {
    if (!work_ || claimed_) return ledger::ClaimedWork{};
    if (std::find(q.stages.begin(), q.stages.end(), work_->stage) == q.stages.end())
      return ledger::ClaimedWork{};
    claimed_ = true;
    return ledger::ClaimedWork{work_};
  }
  ledger::Reply on(const ledger::Renew& q, Frame&) {
    if (!is_claim(q.token)) return refuse(ErrorCode::forbidden, "claim-unknown");
    return ledger::Nothing{};
  }
  ledger::Reply on(const ledger::Open& q, Frame& frame) {
    if (!is_claim(q.token)) return refuse(ErrorCode::forbidden, "claim-unknown");
    return give(q.digest, q.by_descriptor, frame);
  }
  ledger::Reply on(const ledger::Look& q, Frame& frame) {
    return give(q.digest, q.by_descriptor, frame);
  }
  ledger::Reply give(const crypto::ObjectDigest& digest, bool by_descriptor, Frame& frame) {
    const auto found = objects_.find(digest);
    if (found == objects_.end()) return refuse(ErrorCode::forbidden, "object-not-reachable");
    if (!by_descriptor && found->second.size() <= kSmallObjectBytesMax)
      return ledger::OpenedObject{false, found->second};
    const os::UniqueFd file = file_in_memory(found->second);
    frame.files.push_back(os::reopen_read_only(file.view()).value());
    if (crypto::chunk_count(digest.size) > 1) {
      std::vector<crypto::Hash> leaves;
      crypto::leaf_hashes(digest.algorithm, found->second, leaves);
      Bytes all;
      for (const crypto::Hash& leaf : leaves) append(all, leaf);
      frame.files.push_back(file_in_memory(all));
    }
    return ledger::OpenedObject{true, {}};
  }
  ledger::Reply on(const ledger::Put& q, Frame&) {
    return ledger::StoredObject{store(q.bytes, q.algorithm)};
  }
  ledger::Reply on(const ledger::Create& q, Frame& frame) {
    os::UniqueFd file = file_in_memory({});
    frame.files.push_back(file.duplicate().value());
    outputs_.emplace(++last_output_, std::pair(std::move(file), q.algorithm));
    return ledger::CreatedOutput{last_output_};
  }
  ledger::Reply on(const ledger::Freeze& q, Frame&) {
    const auto found = outputs_.find(q.output);
    if (found == outputs_.end()) return refuse(ErrorCode::forbidden, "output-unknown");
    const Bytes bytes = bytes_in(found->second.first.view());
    const auto algorithm = found->second.second;
    outputs_.erase(found);
    return ledger::StoredObject{store(bytes, algorithm)};
  }
  ledger::Reply on(const ledger::Complete& q, Frame&) {
    if (!is_claim(q.token)) return refuse(ErrorCode::forbidden, "claim-unknown");
    completions_.push_back(q.completion);
    work_.reset();
    switch (q.completion.verdict) {
      case flow::Verdict::pass: return ledger::NewState{flow::state_after(q.completion.stage)};
      case flow::Verdict::fail: return ledger::NewState{flow::State::refused};
      case flow::Verdict::error: break;
    }
    return ledger::NewState{flow::State::quarantined};
  }
  ledger::Reply on(const ledger::Release& q, Frame&) {
    if (!is_claim(q.token)) return refuse(ErrorCode::forbidden, "claim-unknown");
    ++given_back_;
    claimed_ = false;
    return ledger::Nothing{};
  }
  ledger::Reply on(const ledger::Reclear& q, Frame&) {
    if (!is_claim(q.token)) return refuse(ErrorCode::forbidden, "claim-unknown");
    ++(q.approve_anew ? approved_anew_ : recleared_);
    work_.reset();
    return ledger::Nothing{};
  }
  ledger::Reply on(const ledger::Hold& q, Frame&) {
    if (!is_claim(q.token)) return refuse(ErrorCode::forbidden, "claim-unknown");
    ++held_;
    claimed_ = false;
    return ledger::Nothing{};
  }
  template <class Other>
  ledger::Reply on(const Other&, Frame&) {
    return refuse(ErrorCode::forbidden, "request-not-permitted");
  }

  mutable std::mutex mutex_;
  Lie lie_;
  std::map<crypto::ObjectDigest, Bytes> objects_;
  std::optional<ledger::Work> work_;
  bool claimed_ = false;
  std::map<std::uint64_t, std::pair<os::UniqueFd, crypto::HashAlgorithm>> outputs_;
  std::uint64_t last_output_ = 0;
  std::vector<ledger::Completion> completions_;
  unsigned given_back_ = 0;
  unsigned recleared_ = 0;
  unsigned approved_anew_ = 0;
  unsigned held_ = 0;
  PacketServer server_;  // last: its thread uses the rest
};

}  // namespace hangu::test
