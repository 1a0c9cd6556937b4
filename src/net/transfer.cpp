#include "net/transfer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>

#include "base/page_buffer.hpp"
#include "base/text.hpp"
#include "net/range.hpp"
#include "net/target.hpp"
#include "os/clock.hpp"
#include "os/companion.hpp"
#include "os/file.hpp"

namespace hangu::net {
namespace {

// Patience counts failures without progress and pauses between them.
class Patience {
 public:
  explicit Patience(const RetryPlan& plan) : plan_(plan), pause_(plan.first_pause) {}

  void progressed() {
    failures_ = 0;
    pause_ = plan_.first_pause;
  }

  // False when it is used up; else pauses, at least `asked`.
  bool pause(Milliseconds asked = Milliseconds(0)) {
    if (++failures_ > plan_.failures_max) return false;
    const Milliseconds duration = std::min(std::max(pause_, asked), plan_.pause_max);
    if (plan_.sleep) {
      plan_.sleep(duration);
    } else {
      os::pause_for(duration);
    }
    pause_ = std::min(pause_ * 2, plan_.pause_max);
    return true;
  }

 private:
  const RetryPlan& plan_;
  unsigned failures_ = 0;
  Milliseconds pause_;
};

bool means_later(int status) {
  return status == 408 || status == 423 || status == 429 || status == 502 || status == 503 ||
         status == 504;
}

Milliseconds retry_after(const Answer& answer) {
  const std::string* text = answer.header("retry-after");
  const auto seconds = text == nullptr ? std::nullopt : parse_decimal(*text);
  constexpr std::uint64_t kSecondsMax = 3600;
  return std::chrono::seconds(
      static_cast<std::int64_t>(std::min(seconds.value_or(0), kSecondsMax)));
}

std::unexpected<Error> broken_tus(std::string context) {
  return fail(ErrorCode::malformed, "http-tus", std::move(context));
}

// One try of a request that may be repeated: an answer that is final, or nothing (after a pause).
// `patience` used up gives the error, or the last answer.
template <class Try>
Result<std::optional<Answer>> once(Patience& patience, Try&& attempt) {
  Result<Answer> answer = attempt();
  if (!answer) {
    if (answer.error().code() != ErrorCode::unavailable || !patience.pause()) {
      return std::unexpected(std::move(answer).error());
    }
    return std::optional<Answer>();
  }
  if (means_later(answer->status) && patience.pause(retry_after(*answer))) {
    return std::optional<Answer>();
  }
  return std::optional<Answer>(*std::move(answer));
}

Result<std::string> location_of(const Answer& answer) {
  const std::string* location = answer.header("location");
  if (location == nullptr) return broken_tus("a created upload has no Location");
  const auto target = parse_target(*location);
  if (!target) return broken_tus("Location: " + printable(*location));
  std::string encoded;
  for (const std::string& segment : target->segments) {
    encoded.append("/").append(percent_encode(segment));
  }
  return encoded;
}

class Upload {
 public:
  Upload(Client& client, const UploadPlan& plan)
      : client_(client), plan_(plan), patience_(plan.retry) {}

  Result<Uploaded> run() {
    Uploaded done;
    done.location = plan_.location;
    while (done.location.empty()) {  // bounded by patience
      HANGU_TRY(auto created, once(patience_, [&] { return create(); }));
      if (!created) continue;
      done.answer = *std::move(created);
      if (done.answer.status != 201) return done;
      HANGU_TRY(done.location, location_of(done.answer));
      if (plan_.remember) plan_.remember(done.location);
      if (plan_.length == 0) return done;
      offset_ = 0;
    }
    for (;;) {  // bounded by patience: each round makes progress, or pauses
      if (!offset_) {
        HANGU_TRY(auto state, once(patience_, [&] { return look(done.location); }));
        if (!state) continue;
        if (!state->succeeded()) {
          done.answer = *std::move(state);
          return done;
        }
        HANGU_CHECK(take_offset(*state, false));
      }
      const std::uint64_t from = *std::exchange(offset_, std::nullopt);
      HANGU_TRY(auto sent, once(patience_, [&] { return send(done.location, from); }));
      if (!sent) continue;
      if (sent->status == 409 && patience_.pause()) continue;
      done.answer = *std::move(sent);
      if (!done.answer.succeeded()) return done;
      HANGU_CHECK(take_offset(done.answer, true));
      if (*offset_ == plan_.length) return done;
    }
  }

 private:
  Result<Answer> create() {
    Ask ask{Method::post, plan_.endpoint, tus_headers()};
    ask.headers.emplace_back("Upload-Length", std::to_string(plan_.length));
    if (!plan_.metadata.empty()) {
      ask.headers.emplace_back("Upload-Metadata", format_upload_metadata(plan_.metadata));
    }
    return client_.ask(ask);
  }

  Result<Answer> look(const std::string& location) {
    return client_.ask(Ask{Method::head, location, tus_headers()});
  }

  Result<Answer> send(const std::string& location, std::uint64_t from) {
    Ask ask{Method::patch, location, tus_headers()};
    ask.headers.emplace_back("Upload-Offset", std::to_string(from));
    ask.headers.emplace_back("Content-Type", kTusMediaType);
    const Progress whole = [&](std::uint64_t done, std::uint64_t) {
      return !plan_.progress || plan_.progress(from + done, plan_.length);
    };
    return client_.send_file(ask, plan_.file, from, plan_.length - from, whole);
  }

  static OutHeaders tus_headers() { return {{"Tus-Resumable", std::string(kTusVersion)}}; }

  // What grows is progress; a PATCH that was taken and moved nothing is a failure.
  Done take_offset(const Answer& answer, bool after_patch) {
    const std::string* text = answer.header("upload-offset");
    const auto offset = text == nullptr ? std::nullopt : parse_decimal(*text);
    if (!offset || *offset > plan_.length) return broken_tus("Upload-Offset");
    if (*offset > highest_) {
      highest_ = *offset;
      patience_.progressed();
    } else if (after_patch && *offset < plan_.length && !patience_.pause()) {
      return fail(ErrorCode::unavailable, "network-cut", "the upload does not get on");
    }
    offset_ = offset;
    return {};
  }

  Client& client_;
  const UploadPlan& plan_;
  Patience patience_;
  std::optional<std::uint64_t> offset_;
  std::uint64_t highest_ = 0;
};

/// Takes a body into a file. With a companion, that writes, while what comes next is received.
class FileSink final : public AnswerSink {
 public:
  FileSink(const DownloadPlan& plan, std::uint64_t have, std::string etag, os::Companion* companion)
      : plan_(plan), have_(have), etag_(std::move(etag)), companion_(companion) {
    while (pieces_.size() < (companion == nullptr ? 1 : kPiecesInHand)) {
      pieces_.emplace_back(plan.file);
    }
  }

  Result<bool> begin(const Answer& head, std::uint64_t size) override {
    if (head.status != 200 && head.status != 206) return false;
    const std::string* etag = head.header("etag");
    if (head.status == 206) {
      const std::string* text = head.header("content-range");
      if (text == nullptr) return fail(ErrorCode::malformed, "http-content-range", "absent");
      HANGU_TRY(const auto range, parse_content_range(*text));
      if (range.part.first != have_ || range.part.length != size ||
          (etag != nullptr && *etag != etag_)) {
        return fail(ErrorCode::malformed, "http-content-range", "not what was asked for");
      }
      size_ = range.size;
    } else {
      HANGU_CHECK(start_anew());
      size_ = size;
      etag_ = etag == nullptr || etag->starts_with("W/") ? std::string() : *etag;
    }
    if (size_ > plan_.bytes_max) {
      return fail(ErrorCode::exhausted, "http-too-long",
                  "more than " + std::to_string(plan_.bytes_max) + " bytes");
    }
    if (plan_.remember) plan_.remember(etag_);
    return true;
  }

  Done write(ByteView bytes) override {
    Piece& piece = pieces_[next_];
    next_ = (next_ + 1) % pieces_.size();
    if (const Done before = piece.put.finish(); !before) return lost(piece, before.error());
    piece.memory.grow(bytes.size());
    std::memcpy(piece.memory.view().data(), bytes.data(), bytes.size());
    piece.at = have_;
    piece.bytes = bytes.size();
    have_ += bytes.size();
    piece.put.begin(companion_);
    return {};
  }
  /// Waits until all that came is written; what went wrong with it.
  Done settle() {
    for (Piece& piece : pieces_) {
      if (const Done put = piece.put.finish(); !put) (void)lost(piece, put.error());
    }
    return lost_ ? Done(std::unexpected(*lost_)) : Done();
  }

  /// Once settled: what the file has.
  [[nodiscard]] std::uint64_t have() const { return have_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& etag() const { return etag_; }

 private:
  static constexpr std::size_t kPiecesInHand = 4;
  struct Piece {
    explicit Piece(os::FdView file)
        : put([this, file] { return os::write_all_at(file, at, memory.view().first(bytes)); }) {}
    PageBuffer memory;
    std::uint64_t at = 0;
    std::size_t bytes = 0;
    os::Errand put;
  };

  /// Behind a piece that was not written the file has nothing that counts.
  Done lost(const Piece& piece, const Error& error) {
    have_ = std::min(have_, piece.at);
    if (!lost_) lost_ = error;
    return std::unexpected(error);
  }

  Done start_anew() {
    have_ = 0;
    if (::ftruncate(plan_.file.get(), 0) != 0) {
      return fail(ErrorCode::internal, "write-failed", "cutting the file back", errno);
    }
    return {};
  }

  const DownloadPlan& plan_;
  std::uint64_t have_;
  std::string etag_;
  std::uint64_t size_ = 0;
  os::Companion* companion_;
  std::deque<Piece> pieces_;  // the next one, and those being written
  std::size_t next_ = 0;
  std::optional<Error> lost_;
};

// A 416 to "from `have` on" that says the whole is `have` long.
bool says_whole(const Answer& answer, std::uint64_t have) {
  const std::string* range = answer.header("content-range");
  return answer.status == 416 && range != nullptr && *range == "bytes */" + std::to_string(have);
}

}  // namespace

Result<Uploaded> upload_resumable(Client& client, const UploadPlan& plan) {
  return Upload(client, plan).run();
}

Result<Downloaded> download_resumable(Client& client, const DownloadPlan& plan) {
  Patience patience(plan.retry);
  Downloaded done;
  done.etag = plan.etag;
  std::uint64_t have = plan.etag.empty() ? 0 : plan.have;
  Result<os::Companion> companion = os::Companion::start();
  os::Companion* const beside = companion ? &*companion : nullptr;  // alone where none can be had
  for (;;) {  // bounded by patience: each round makes progress, or pauses
    FileSink sink(plan, have, done.etag, beside);
    Ask ask{Method::get, plan.target, {}};
    if (have > 0 && !done.etag.empty()) {
      ask.headers.emplace_back("Range", "bytes=" + std::to_string(have) + "-");
      ask.headers.emplace_back("If-Range", done.etag);
    }
    const Progress progress = [&](std::uint64_t, std::uint64_t) {
      return !plan.progress || plan.progress(sink.have(), sink.size());
    };
    HANGU_TRY(auto answer, once(patience, [&] {
                Result<Answer> got = client.receive(ask, sink, progress);
                if (const Done written = sink.settle(); got && !written) {
                  got = std::unexpected(written.error());
                }
                if (sink.have() > have) patience.progressed();
                return got;
              }));
    have = sink.have();
    done.etag = sink.etag();
    if (!answer) continue;
    done.answer = *std::move(answer);
    if (says_whole(done.answer, have) && have > 0) {
      done.size = have;
      done.whole = true;
    } else if (done.answer.status == 200 || done.answer.status == 206) {
      done.size = sink.size();
      done.whole = have == sink.size();
    }
    return done;
  }
}

}  // namespace hangu::net
