#pragma once
// What stands behind the HTTP edge in its fuzz target: uploads in memory, a file, a drop-box. Each
// holds what src/net promises to whoever stores for it.

#include <fcntl.h>
#include <sys/mman.h>

#include <map>
#include <memory>

#include "net/range.hpp"
#include "net/tus_routes.hpp"
#include "os/file.hpp"
#include "tests/fuzz/target.hpp"

namespace hangu::fuzz {

inline constexpr std::uint64_t kHttpBodyBytesMax = 1 << 12;
inline constexpr std::string_view kHttpFile = "0123456789abcdefghijklmnopqrstuvwxyz";

/// Uploads of one owner, whose bytes must come in order and never beyond the length.
class MemoryUploads final : public net::UploadStore {
 public:
  Result<std::string> create(std::uint64_t length, const net::UploadMetadata& metadata,
                             std::string_view owner) override {
    must_hold(owner == "node" && length <= kHttpBodyBytesMax);
    std::string id = "u" + std::to_string(uploads_.size());
    uploads_[id] = {.state = {.offset = 0, .length = length, .metadata = metadata}};
    return id;
  }
  Result<net::UploadState> state(std::string_view id, std::string_view) override {
    HANGU_TRY(Upload* const upload, find(id));
    return upload->state;
  }
  Done append(std::string_view id, std::string_view, std::uint64_t offset,
              ByteView bytes) override {
    HANGU_TRY(Upload* const upload, find(id));
    must_hold(!bytes.empty() && offset == upload->state.offset);
    must_hold(bytes.size() <= upload->state.length - offset);
    upload->state.offset += bytes.size();
    return {};
  }
  Done settle(std::string_view id, std::string_view) override {
    HANGU_TRY([[maybe_unused]] Upload* const upload, find(id));
    return {};
  }
  Result<net::OutHeaders> finished(std::string_view id, std::string_view) override {
    HANGU_TRY(Upload* const upload, find(id));
    must_hold(upload->state.offset == upload->state.length);
    return net::OutHeaders{{"Hangu-Transfer", std::string(id)}};
  }
  Done terminate(std::string_view id, std::string_view) override {
    HANGU_TRY(Upload* const upload, find(id));
    upload->gone = true;
    return {};
  }

 private:
  struct Upload {
    net::UploadState state{};
    bool gone = false;
  };
  Result<Upload*> find(std::string_view id) {
    const auto at = uploads_.find(id);
    if (at == uploads_.end()) return fail(ErrorCode::forbidden, "upload-unknown");
    if (at->second.gone) return fail(ErrorCode::forbidden, "upload-gone");
    return &at->second;
  }
  std::map<std::string, Upload, std::less<>> uploads_;
};

/// Takes exactly the announced bytes, then one of finish() and abort().
class CountingSink final : public net::BodySink {
 public:
  explicit CountingSink(std::uint64_t length) : left_(length) {}
  ~CountingSink() override { must_hold(ended_); }
  CountingSink(const CountingSink&) = delete;
  CountingSink& operator=(const CountingSink&) = delete;
  Done write(ByteView bytes) override {
    must_hold(!ended_ && bytes.size() <= left_);
    left_ -= bytes.size();
    return {};
  }
  net::Response finish() override {
    must_hold(!ended_ && left_ == 0);
    ended_ = true;
    return net::empty_response(201);
  }
  void abort() override {
    must_hold(!ended_);
    ended_ = true;
  }

 private:
  std::uint64_t left_;
  bool ended_ = false;
};

/// The routes: /v1/uploads (tus), /v1/file (GET), /v1/packages (POST), /v1/packages/{id} (GET).
class HttpDesk {
 public:
  HttpDesk() {
    net::add_tus_routes(router_, "/v1/uploads", uploads_, kHttpBodyBytesMax);
    router_.add(net::Method::get, "/v1/file", serve_file);
    router_.add(
        net::Method::post, "/v1/packages",
        [](const net::Request& request) -> net::Reply {
          return std::make_unique<CountingSink>(request.body_bytes);
        },
        kHttpBodyBytesMax);
    router_.add(net::Method::get, "/v1/packages/{id}",
                [](const net::Request& request) -> net::Reply {
                  must_hold(!request.parts.at("id").empty());
                  return net::problem(404, "package-unknown", request.parts.at("id"));
                });
  }
  [[nodiscard]] const net::Router& router() const { return router_; }

 private:
  static net::Reply serve_file(const net::Request& request) {
    static const os::UniqueFd kFile = [] {
      os::UniqueFd made(::memfd_create("served", MFD_CLOEXEC));
      must_hold(made.valid() && os::write_all_at(made.view(), 0, bytes_of(kHttpFile)).has_value());
      return made;
    }();
    os::UniqueFd own(::fcntl(kFile.get(), F_DUPFD_CLOEXEC, 0));
    net::Response response = net::serve_representation(
        request, {std::move(own), kHttpFile.size(), "\"abc\"", "text/plain"});
    if (const auto* part = std::get_if<net::FileRange>(&response.body))
      must_hold(part->offset <= kHttpFile.size() &&
                part->length <= kHttpFile.size() - part->offset);
    return response;
  }

  MemoryUploads uploads_;
  net::Router router_;
};

}  // namespace hangu::fuzz
