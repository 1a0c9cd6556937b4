// tus over the wire: curl by hand, and our client with cuts in between.

#include <sys/mman.h>

#include <catch2/catch.hpp>

#include "loopback.hpp"
#include "net/transfer.hpp"
#include "net/tus_routes.hpp"

using namespace hangu;
using namespace hangu::net;
using namespace hangu::net::test;

namespace {

// Keeps uploads in memory. What is not settled is lost at a cut when `forgets` is set, like pages
// that never reached a disk.
class MemoryStore final : public UploadStore {
 public:
  struct Upload {
    std::string owner;
    std::uint64_t length = 0;
    UploadMetadata metadata;
    std::string bytes;
    std::size_t settled = 0;
    int finished = 0;
  };

  Result<std::string> create(std::uint64_t length, const UploadMetadata& metadata,
                             std::string_view owner) override {
    const std::lock_guard lock(mutex);
    std::string id = "u" + std::to_string(uploads.size() + gone);
    uploads[id] = Upload{std::string(owner), length, metadata, {}, 0, 0};
    return id;
  }
  Result<UploadState> state(std::string_view id, std::string_view owner) override {
    const std::lock_guard lock(mutex);
    HANGU_TRY(Upload * upload, find(id, owner));
    upload->settled = upload->bytes.size();
    return UploadState{upload->settled, upload->length, upload->metadata};
  }
  Done append(std::string_view id, std::string_view owner, std::uint64_t offset,
              ByteView bytes) override {
    const std::lock_guard lock(mutex);
    HANGU_TRY(Upload * upload, find(id, owner));
    if (appended_max > 0 && upload->bytes.size() + bytes.size() > appended_max) {
      appended_max = 0;  // once
      upload->bytes.append(text_of(bytes.first(bytes.size() / 2)));
      return fail(ErrorCode::unavailable, "disk-slow", "for the test");
    }
    HANGU_ASSERT(offset == upload->bytes.size());
    upload->bytes.append(text_of(bytes));
    return {};
  }
  Done settle(std::string_view id, std::string_view owner) override {
    const std::lock_guard lock(mutex);
    HANGU_TRY(Upload * upload, find(id, owner));
    upload->settled = upload->bytes.size();
    return {};
  }
  Result<OutHeaders> finished(std::string_view id, std::string_view owner) override {
    const std::lock_guard lock(mutex);
    HANGU_TRY(Upload * upload, find(id, owner));
    HANGU_ASSERT(upload->bytes.size() == upload->length);
    ++upload->finished;
    return OutHeaders{{"Hangu-Transfer", "t-" + std::string(id)}};
  }
  Done terminate(std::string_view id, std::string_view owner) override {
    const std::lock_guard lock(mutex);
    HANGU_TRY([[maybe_unused]] const Upload* upload, find(id, owner));
    uploads.erase(std::string(id));
    ++gone;
    return {};
  }
  Upload copy(const std::string& id) {
    const std::lock_guard lock(mutex);
    return uploads.at(id);
  }

  std::mutex mutex;
  std::map<std::string, Upload> uploads;
  std::size_t gone = 0;
  std::size_t appended_max = 0;  // fail the append that would pass this many bytes

 private:
  Result<Upload*> find(std::string_view id, std::string_view owner) {
    const auto at = uploads.find(std::string(id));
    if (at == uploads.end() && gone > 0) return fail(ErrorCode::forbidden, "upload-gone", "");
    if (at == uploads.end() || at->second.owner != owner) {
      return fail(ErrorCode::forbidden, "upload-unknown", "");
    }
    return &at->second;
  }
};

Router tus_router(UploadStore& store, std::uint64_t length_max = 100'000'000) {
  Router router;
  add_tus_routes(router, "/v1/uploads", store, length_max);
  return router;
}

const std::string kTus = "-H 'Tus-Resumable: 1.0.0' ";
const std::string kPatch = kTus + "-X PATCH -H 'Content-Type: application/offset+octet-stream' ";
const std::string kCode = "-o /dev/null -w '%{http_code}' ";

}  // namespace

TEST_CASE("curl speaks the whole tus dialogue", "[net][tus]") {
  MemoryStore store;
  const RunningServer server(tus_router(store, 1000));
  const std::string curl = Pki::shared().curl();
  const std::string base = server.url("/v1/uploads");

  const std::string options = run(curl + "-i -X OPTIONS " + base).out;
  CHECK(options.find("HTTP/1.1 204 No Content\r\n") == 0);
  CHECK(options.find("Tus-Version: 1.0.0\r\n") != std::string::npos);
  CHECK(options.find("Tus-Extension: creation,termination\r\n") != std::string::npos);
  CHECK(options.find("Tus-Max-Size: 1000\r\n") != std::string::npos);

  const std::string created = run(curl + "-i -X POST " + kTus +
                                  "-H 'Upload-Length: 10' -H 'Upload-Metadata: name YQ==' " + base)
                                  .out;
  CHECK(created.find("HTTP/1.1 201 Created\r\n") == 0);
  CHECK(created.find("Location: /v1/uploads/u0\r\n") != std::string::npos);
  const std::string one = base + "/u0";

  CHECK(run(curl + kPatch + "-H 'Upload-Offset: 0' -i --data-binary 'hello' " + one)
            .out.find("Upload-Offset: 5\r\n") != std::string::npos);
  const std::string head = run(curl + "-I " + kTus + one).out;
  CHECK(head.find("Upload-Offset: 5\r\n") != std::string::npos);
  CHECK(head.find("Upload-Length: 10\r\n") != std::string::npos);
  CHECK(head.find("Upload-Metadata: name YQ==\r\n") != std::string::npos);
  CHECK(head.find("Cache-Control: no-store\r\n") != std::string::npos);
  CHECK(store.copy("u0").finished == 0);

  CHECK(run(curl + kPatch + "-H 'Upload-Offset: 4' " + kCode + "--data-binary 'x' " + one).out ==
        "409");
  CHECK(
      run(curl + kPatch + "-H 'Upload-Offset: 5' " + kCode + "--data-binary 'world!' " + one).out ==
      "413");
  CHECK(
      run(curl + "-X PATCH " + kTus + "-H 'Upload-Offset: 5' " + kCode + "--data-binary 'w' " + one)
          .out == "415");
  CHECK(
      run(curl + "-X PATCH -H 'Tus-Resumable: 9.9.9' " + kCode + "--data-binary 'w' " + one).out ==
      "412");
  CHECK(run(curl + "-I " + kCode + one).out == "412");
  CHECK(run(Pki::shared().curl("bob") + "-I " + kTus + kCode + one).out == "404");
  CHECK(run(curl + "-X POST " + kTus + "-H 'Upload-Length: 1001' " + kCode + base).out == "413");
  CHECK(run(curl + kTus + kCode + one).out == "405");

  const std::string last =
      run(curl + kPatch + "-H 'Upload-Offset: 5' -i --data-binary 'world' " + one).out;
  CHECK(last.find("HTTP/1.1 204 No Content\r\n") == 0);
  CHECK(last.find("Hangu-Transfer: t-u0\r\n") != std::string::npos);
  CHECK(store.copy("u0").bytes == "helloworld");

  CHECK(run(curl + "-X DELETE " + kTus + kCode + one).out == "204");
  CHECK(run(curl + "-I " + kTus + kCode + one).out == "410");
}

TEST_CASE("an upload of no bytes is finished when it is created", "[net][tus]") {
  MemoryStore store;
  const RunningServer server(tus_router(store));
  const std::string out = run(Pki::shared().curl() + "-i -X POST " + kTus +
                              "-H 'Upload-Length: 0' " + server.url("/v1/uploads"))
                              .out;
  CHECK(out.find("Hangu-Transfer: t-u0\r\n") != std::string::npos);
}

TEST_CASE("curl is cut in the middle and goes on from the offset", "[net][tus]") {
  MemoryStore store;
  const RunningServer server(tus_router(store));
  const Folder folder;
  const std::string file = folder.path("blob");
  REQUIRE(run("head -c 2000000 /dev/urandom > " + file).status == 0);
  const std::string curl = Pki::shared().curl();
  const std::string one = server.url("/v1/uploads/u0");
  REQUIRE(run(curl + "-X POST " + kTus + "-H 'Upload-Length: 2000000' " + kCode +
              server.url("/v1/uploads"))
              .out == "201");
  // At 1 MB a second, killed after half a second.
  const Ran cut = run("timeout -s KILL 0.5 " + curl + kPatch + "-H 'Upload-Offset: 0' -H Expect: " +
                      "--limit-rate 1M -T " + file + " " + one + " 2>/dev/null");
  CHECK(cut.status != 0);
  std::size_t held = 0;
  for (int i = 0; i < 200 && held == 0; ++i) {
    held = store.copy("u0").settled;
    if (held == 0) (void)run("sleep 0.05");
  }
  REQUIRE(held > 0);
  REQUIRE(held < 2000000);
  const std::string offset = std::to_string(held);
  const Ran rest =
      run("tail -c +" + std::to_string(held + 1) + " " + file + " > " + folder.path("rest") +
          " && " + curl + kPatch + "-H 'Upload-Offset: " + offset + "' " + kCode + "-T " +
          folder.path("rest") + " " + one);
  CHECK(rest.out == "204");
  const auto wanted = os::read_file(file, 2000000);
  REQUIRE(wanted.has_value());
  CHECK(store.copy("u0").bytes == text_of(*wanted));
  CHECK(store.copy("u0").finished == 1);
}

TEST_CASE("our client uploads through refusals and cuts and gets the verdict", "[net][tus]") {
  MemoryStore store;
  const RunningServer server(tus_router(store));
  ClientPlan client_plan;
  client_plan.host = "localhost";
  client_plan.port = server.port();
  client_plan.credentials = Pki::shared().credentials("alice");
  auto client = Client::create(std::move(client_plan));
  REQUIRE(client.has_value());
  os::UniqueFd file(::memfd_create("body", MFD_CLOEXEC));
  Bytes content(3'000'000);
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::byte>((i * 2654435761U) >> 13);
  }
  REQUIRE(os::write_all(file.view(), content).has_value());

  store.appended_max = 1'500'000;
  int pauses = 0;
  std::string remembered;
  UploadPlan plan;
  plan.file = file.view();
  plan.length = content.size();
  plan.metadata = {{"name", "函谷"}};
  plan.remember = [&](const std::string& location) { remembered = location; };
  plan.retry.sleep = [&](Milliseconds) { ++pauses; };
  const auto done = upload_resumable(*client, plan);
  INFO((done ? "" : done.error().message()));
  REQUIRE(done.has_value());
  CHECK(done->answer.status == 204);
  REQUIRE(done->answer.header("hangu-transfer") != nullptr);
  CHECK(*done->answer.header("hangu-transfer") == "t-u0");
  CHECK(remembered == "/v1/uploads/u0");
  CHECK(pauses == 1);
  CHECK(store.copy("u0").bytes == text_of(content));
  CHECK(store.copy("u0").metadata.at("name") == "函谷");

  // Asked again, it finds everything there and only fetches the verdict.
  plan.location = remembered;
  const auto again = upload_resumable(*client, plan);
  REQUIRE(again.has_value());
  CHECK(*again->answer.header("hangu-transfer") == "t-u0");

  plan.location = "/v1/uploads/other";
  const auto unknown = upload_resumable(*client, plan);
  REQUIRE(unknown.has_value());
  CHECK(unknown->answer.status == 404);
}

TEST_CASE("an upload that is terminated under a PATCH is gone for it", "[net][tus]") {
  MemoryStore store;
  Router router = tus_router(store);
  const std::string id = *store.create(6, {}, "alice");
  Request request;
  request.identity = "alice";
  request.headers = {{"tus-resumable", "1.0.0"},
                     {"content-type", "application/offset+octet-stream"},
                     {"upload-offset", "0"}};
  request.body_bytes = 6;
  const auto ask = [&](Method method) {
    auto found = router.find(method, *parse_target("/v1/uploads/" + id));
    auto& match = std::get<Router::Match>(found);
    request.parts = match.parts;
    request.method = method;
    return (*match.action)(request);
  };
  auto reply = ask(Method::patch);
  auto& sink = std::get<std::unique_ptr<BodySink>>(reply);
  REQUIRE(sink->write(bytes_of("abc")).has_value());
  CHECK(std::get<Response>(ask(Method::remove)).status == 204);
  SECTION("at its next bytes") {
    const Done late = sink->write(bytes_of("def"));
    REQUIRE_FALSE(late.has_value());
    CHECK(sink->refusal(late.error()).status == 410);  // of this store; another says 404
    sink->abort();
  }
  SECTION("at its end") { CHECK(sink->finish().status == 410); }
}

TEST_CASE("a body that is cut short of its pace is refused as tus wants it", "[net][tus]") {
  MemoryStore store;
  ServerPlan plan;
  plan.limits.bytes_per_second_min = 1'000'000;
  plan.limits.pace_window = Milliseconds(100);
  const RunningServer server(tus_router(store), std::move(plan));
  const std::string curl = Pki::shared().curl();
  const std::string base = server.url("/v1/uploads");
  REQUIRE(run(curl + "-X POST " + kTus + "-H 'Upload-Length: 200000' " + kCode + base).out ==
          "201");
  const std::string out = run("head -c 200000 /dev/zero | " + curl + "-i " + kPatch +
                              "-H 'Upload-Offset: 0' -H Expect: --limit-rate 20K "
                              "--data-binary @- " +
                              base + "/u0")
                              .out;
  CHECK(out.find("HTTP/1.1 408 ") == 0);
  CHECK(out.find("Tus-Resumable: 1.0.0\r\n") != std::string::npos);
}

TEST_CASE("what the server itself refuses on tus paths carries the version too", "[net][tus]") {
  MemoryStore store;
  const RunningServer server(tus_router(store, 1000));
  const std::string curl = Pki::shared().curl() + "-i ";
  const std::string base = server.url("/v1/uploads");
  REQUIRE(run(curl + "-X POST " + kTus + "-H 'Upload-Length: 10' " + base).out.find("201") !=
          std::string::npos);
  const auto carries = [](const std::string& out, const std::string& status) {
    return out.find("HTTP/1.1 " + status) == 0 &&
           out.find("Tus-Resumable: 1.0.0\r\n") != std::string::npos;
  };
  CHECK(carries(run(curl + "-X PUT " + base).out, "405"));
  CHECK(carries(run(curl + "-X GET " + base + "/u0").out, "405"));
  CHECK(carries(run("head -c 1001 /dev/zero | " + curl + kPatch +
                    "-H 'Upload-Offset: 0' --data-binary @- " + base + "/u0")
                    .out,
                "413"));
  // An upload of several is not spoken: not made either.
  CHECK(carries(
      run(curl + "-X POST " + kTus + "-H 'Upload-Length: 10' -H 'Upload-Concat: partial' " + base)
          .out,
      "400"));
  CHECK_FALSE(carries(run(curl + server.url("/v1/other")).out, "404"));
}

TEST_CASE("a later connection takes an upload over from one that hangs", "[net][tus]") {
  MemoryStore store;
  Router router = tus_router(store);
  const std::string id = *store.create(6, {}, "alice");
  Request request;
  request.method = Method::patch;
  request.identity = "alice";
  request.headers = {{"tus-resumable", "1.0.0"},
                     {"content-type", "application/offset+octet-stream"},
                     {"upload-offset", "0"}};
  const auto patch = [&](const std::string& offset, std::uint64_t size) {
    auto found = router.find(Method::patch, *parse_target("/v1/uploads/" + id));
    auto& match = std::get<Router::Match>(found);
    request.parts = match.parts;
    request.headers["upload-offset"] = offset;
    request.body_bytes = size;
    return (*match.action)(request);
  };
  auto first_reply = patch("0", 6);
  auto& first = std::get<std::unique_ptr<BodySink>>(first_reply);
  REQUIRE(first->write(bytes_of("abc")).has_value());
  auto second_reply = patch("3", 3);  // what the first wrote counts
  auto& second = std::get<std::unique_ptr<BodySink>>(second_reply);
  const Done late = first->write(bytes_of("XYZ"));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().reason() == "upload-taken-over");
  const Response told = first->refusal(late.error());
  CHECK(told.status == 409);  // our own client goes on after this and no other
  REQUIRE(told.header("Tus-Resumable") != nullptr);
  first->abort();
  REQUIRE(second->write(bytes_of("def")).has_value());
  CHECK(second->finish().status == 204);
  CHECK(store.copy(id).bytes == "abcdef");
}
