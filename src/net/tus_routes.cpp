#include "net/tus_routes.hpp"

#include <map>
#include <mutex>

namespace hangu::net {
namespace {

// What the routes of one prefix share. Owned together by their actions and by running sinks.
struct Desk {
  Desk(UploadStore& store_in, std::string prefix_in, std::uint64_t length_max_in)
      : store(store_in), prefix(std::move(prefix_in)), length_max(length_max_in) {}
  std::mutex mutex;  // one call into the store at a time, also when routes run on a pool
  UploadStore& store;
  std::string prefix;
  std::uint64_t length_max;
  std::map<std::string, std::uint64_t, std::less<>> writers;  // upload -> the sink that may write
  std::uint64_t last_writer = 0;
};
using DeskPtr = std::shared_ptr<Desk>;

Response with_headers(Response response, const OutHeaders& headers) {
  for (const auto& [name, value] : headers) response.with(name, value);
  return response;
}

class PatchSink final : public BodySink {
 public:
  PatchSink(DeskPtr desk, std::string id, std::string owner, std::uint64_t offset,
            std::uint64_t length)
      : desk_(std::move(desk)),
        id_(std::move(id)),
        owner_(std::move(owner)),
        offset_(offset),
        length_(length),
        writer_(++desk_->last_writer) {
    desk_->writers[id_] = writer_;
  }

  Done write(ByteView bytes) override {
    const std::lock_guard lock(desk_->mutex);
    HANGU_CHECK(still_mine());
    HANGU_CHECK(desk_->store.append(id_, owner_, offset_, bytes));
    offset_ += bytes.size();
    return {};
  }

  Response finish() override {
    const std::lock_guard lock(desk_->mutex);
    auto answer = conclude();
    leave();
    return answer ? *std::move(answer) : tus_error(answer.error());
  }

  void abort() override {
    const std::lock_guard lock(desk_->mutex);
    if (still_mine()) {
      // What cannot be settled is not told: the client asks for the offset before it goes on.
      if (const Done settled = desk_->store.settle(id_, owner_); !settled) offset_ = 0;
    }
    leave();
  }

  Response refusal(const Error& error) const override { return tus_error(error); }

 private:
  Done still_mine() const {
    const auto writer = desk_->writers.find(id_);
    if (writer != desk_->writers.end() && writer->second == writer_) return {};
    if (writer == desk_->writers.end())
      HANGU_CHECK(desk_->store.state(id_, owner_));  // terminated?
    return fail(ErrorCode::malformed, "upload-taken-over", "another connection goes on");
  }

  Result<Response> conclude() {
    HANGU_CHECK(still_mine());
    OutHeaders verdict;
    if (offset_ == length_) {
      HANGU_TRY(verdict, desk_->store.finished(id_, owner_));
    } else {
      HANGU_CHECK(desk_->store.settle(id_, owner_));
    }
    Response response = tus_response(204);
    response.with("Upload-Offset", std::to_string(offset_));
    return with_headers(std::move(response), verdict);
  }

  void leave() {
    const auto writer = desk_->writers.find(id_);
    if (writer != desk_->writers.end() && writer->second == writer_) desk_->writers.erase(writer);
  }

  DeskPtr desk_;
  std::string id_;
  std::string owner_;
  std::uint64_t offset_;
  std::uint64_t length_;
  std::uint64_t writer_;
};

Result<Response> create_upload(Desk& desk, const Request& request) {
  HANGU_CHECK(check_tus_request(request));
  HANGU_TRY(const auto ask, read_creation(request, desk.length_max));
  HANGU_TRY(const auto id, desk.store.create(ask.length, ask.metadata, request.identity));
  OutHeaders verdict;
  if (ask.length == 0) {
    HANGU_TRY(verdict, desk.store.finished(id, request.identity));
  }
  Response response = tus_response(201);
  response.with("Location", desk.prefix + "/" + id);
  return with_headers(std::move(response), verdict);
}

Result<Response> tell_state(Desk& desk, const Request& request) {
  HANGU_CHECK(check_tus_request(request));
  HANGU_TRY(const auto state, desk.store.state(request.parts.at("id"), request.identity));
  Response response = tus_response(200);
  response.with("Upload-Offset", std::to_string(state.offset))
      .with("Upload-Length", std::to_string(state.length))
      .with("Cache-Control", "no-store");
  if (!state.metadata.empty()) {
    response.with("Upload-Metadata", format_upload_metadata(state.metadata));
  }
  return response;
}

Result<std::unique_ptr<BodySink>> begin_patch(const DeskPtr& desk, const Request& request) {
  HANGU_CHECK(check_tus_request(request));
  HANGU_TRY(const std::uint64_t asked, read_patch(request));
  const std::string& id = request.parts.at("id");
  if (desk->writers.contains(id)) HANGU_CHECK(desk->store.settle(id, request.identity));
  HANGU_TRY(const auto state, desk->store.state(id, request.identity));
  HANGU_CHECK(check_patch(asked, request.body_bytes, state.offset, state.length));
  return std::make_unique<PatchSink>(desk, id, request.identity, asked, state.length);
}

Result<Response> terminate_upload(Desk& desk, const Request& request) {
  HANGU_CHECK(check_tus_request(request));
  const std::string& id = request.parts.at("id");
  HANGU_CHECK(desk.store.terminate(id, request.identity));
  desk.writers.erase(id);
  return tus_response(204);
}

Reply reply_of(Result<Response> response) {
  return response ? *std::move(response) : tus_error(response.error());
}

}  // namespace

void add_tus_routes(Router& router, const std::string& prefix, UploadStore& store,
                    std::uint64_t length_max) {
  const auto desk = std::make_shared<Desk>(store, prefix, length_max);
  const std::string one = prefix + "/{id}";
  router.always(prefix, "Tus-Resumable", kTusVersion);
  const Action options = [desk](const Request&) -> Reply { return tus_options(desk->length_max); };
  router.add(Method::options, prefix, options);
  router.add(Method::options, one, options);
  router.add(Method::post, prefix, [desk](const Request& request) -> Reply {
    const std::lock_guard lock(desk->mutex);
    return reply_of(create_upload(*desk, request));
  });
  router.add(Method::head, one, [desk](const Request& request) -> Reply {
    const std::lock_guard lock(desk->mutex);
    return reply_of(tell_state(*desk, request));
  });
  router.add(
      Method::patch, one,
      [desk](const Request& request) -> Reply {
        const std::lock_guard lock(desk->mutex);
        auto sink = begin_patch(desk, request);
        if (!sink) return tus_error(sink.error());
        return *std::move(sink);
      },
      length_max);
  router.add(Method::remove, one, [desk](const Request& request) -> Reply {
    const std::lock_guard lock(desk->mutex);
    return reply_of(terminate_upload(*desk, request));
  });
}

}  // namespace hangu::net
