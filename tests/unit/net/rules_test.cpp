// The pure parts: heads, targets, routes, ranges, rates, tus rules.

#include <catch2/catch.hpp>

#include "net/head.hpp"
#include "net/range.hpp"
#include "net/rate.hpp"
#include "net/router.hpp"
#include "net/socket.hpp"
#include "net/tus.hpp"

using namespace hangu;
using namespace hangu::net;
using namespace std::chrono_literals;

namespace {

std::string reason(const std::string& head) {
  const auto parsed = parse_request_head(head);
  return parsed ? "accepted" : std::string(parsed.error().reason());
}

std::string get_with(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("a request head is read into its parts", "[net][head]") {
  const auto head = parse_request_head(
      "POST /v1/packages?x=1 HTTP/1.1\r\nHost: gate\r\nContent-Length: 12\r\n"
      "Expect: 100-continue\r\nAccept: a\r\nACCEPT: b\r\nX-Empty:\r\n\r\n");
  REQUIRE(head.has_value());
  CHECK(head->method == "POST");
  CHECK(head->target == "/v1/packages?x=1");
  CHECK(head->body_bytes == 12U);
  CHECK(head->keep_alive);
  CHECK(head->expects_continue);
  CHECK(head->headers.at("accept") == "a, b");
  CHECK(head->headers.at("x-empty").empty());
  const auto closing = parse_request_head(get_with("Connection: foo, Close\r\n"));
  REQUIRE(closing.has_value());
  CHECK_FALSE(closing->keep_alive);
}

TEST_CASE("shapes that smuggle requests are refused", "[net][head]") {
  CHECK(reason(get_with("")) == "accepted");
  CHECK(reason(get_with("Content-Length: 0\r\n")) == "accepted");
  // RFC 9112 §6.1, §6.3: framing that two parsers may see differently.
  CHECK(reason(get_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")) != "accepted");
  CHECK(reason(get_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")) != "accepted");
  CHECK(reason(get_with("Content-Length: 5\r\nContent-Length: 5\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content-Length: 5\r\nContent-Length: 6\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content-Length: 5, 5\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content-Length: +5\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content-Length: 0x5\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content-Length: 99999999999999999999\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content-Length:\r\n")) == "http-malformed");
  CHECK(reason(get_with("Transfer-Encoding: chunked\r\n")) == "http-length-required");
  CHECK(reason(get_with("Transfer-Encoding: xchunked\r\n")) == "http-length-required");
  CHECK(reason(get_with("Transfer-Encoding : chunked\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content-Length : 5\r\n")) == "http-malformed");
  CHECK(reason(get_with(" Content-Length: 5\r\n")) == "http-malformed");
  CHECK(reason(get_with("X: a\r\n Content-Length: 5\r\n")) == "http-malformed");
  CHECK(reason(get_with("X: a\n Content-Length: 5\r\n")) == "http-malformed");
  CHECK(reason(get_with("X: a\nContent-Length: 5\r\n")) == "http-malformed");
  CHECK(reason(get_with("X: a\rContent-Length: 5\r\n")) == "http-malformed");
  CHECK(reason(get_with(std::string("X: a\0b\r\n", 8))) == "http-malformed");
  CHECK(reason(get_with("X: \xc3\xa9\r\n")) == "http-malformed");
  CHECK(reason(get_with("Content_Length\r\n")) == "http-malformed");
  CHECK(reason(get_with(": x\r\n")) == "http-malformed");
  CHECK(reason(get_with("Host: h\r\n")) == "http-malformed");
  CHECK(reason("GET / HTTP/1.1\r\nA: h\r\n\r\n") == "http-malformed");
  CHECK(reason("GET / HTTP/1.0\r\nHost: h\r\n\r\n") == "http-version");
  CHECK(reason("PRI * HTTP/2.0\r\n\r\n") == "http-version");
  CHECK(reason("GET /\r\nHost: h\r\n\r\n") == "http-malformed");
  CHECK(reason("GET  / HTTP/1.1\r\nHost: h\r\n\r\n") == "http-malformed");
  CHECK(reason("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") == "http-malformed");
  CHECK(reason(get_with("Expect: more\r\n")) == "http-expectation");
  CHECK(reason(get_with("Range: bytes=0-1\r\nRange: bytes=2-3\r\n")) == "http-malformed");
}

TEST_CASE("a hundred header fields are read, one more is refused", "[net][head]") {
  std::string fields;
  for (int i = 1; i < 100; ++i) fields += "X-" + std::to_string(i) + ": v\r\n";
  CHECK(reason(get_with(fields)) == "accepted");
  CHECK(reason(get_with(fields + "X-100: v\r\n")) == "http-malformed");
}

TEST_CASE("the end of a head is found at its first empty line", "[net][head]") {
  CHECK_FALSE(head_length("GET / HTTP/1.1\r\nHost: h\r\n").has_value());
  CHECK(head_length("ab\r\n\r\n\r\n\r\n") == 6U);
  CHECK_FALSE(head_length("ab\n\ncd").has_value());
}

TEST_CASE("targets are decoded, and refused where they could be read two ways", "[net][target]") {
  const auto target = parse_target("/a%20b/%E5%87%BD?bbox=1,2&q=x+y%26&flag");
  REQUIRE(target.has_value());
  CHECK(target->path == "/a b/函");
  CHECK(target->segments == std::vector<std::string>{"a b", "函"});
  CHECK(target->query.at("bbox") == "1,2");
  CHECK(target->query.at("q") == "x y&");
  CHECK(target->query.at("flag").empty());
  CHECK(parse_target("https://host:1/x")->path == "/x");
  CHECK(parse_target("/")->segments.empty());
  CHECK(parse_target("/a/")->segments == std::vector<std::string>{"a", ""});
  CHECK(parse_target("/...")->path == "/...");
  for (const std::string bad :
       {"",          "a",      "*",     "//a",       "/a//b",      "/.",       "/..",  "/a/../b",
        "/%2e%2E/b", "/a%2fb", "/%00",  "/%0a",      "/%",         "/%1",      "/%zz", "/%ff",
        "/a#b",      "/a b",   "/a\\b", "/?a=1&a=2", "http://h/x", "https://h"}) {
    INFO(bad);
    CHECK_FALSE(parse_target(bad).has_value());
  }
  CHECK(parse_target("/" + std::string(kTargetBytesMax - 1, 'a')).has_value());
  CHECK_FALSE(parse_target("/" + std::string(kTargetBytesMax, 'a')).has_value());
  std::string deep;
  for (std::size_t i = 0; i < kPathSegmentsMax; ++i) deep += "/s";
  CHECK(parse_target(deep).has_value());
  CHECK_FALSE(parse_target(deep + "/s").has_value());
  CHECK(percent_encode("a b/函~") == "a%20b%2F%E5%87%BD~");
}

TEST_CASE("a router prefers the method's own route and says what is allowed", "[net][router]") {
  const auto says = [](int status) {
    return [status](const Request&) -> Reply { return empty_response(status); };
  };
  Router router;
  router.add(Method::get, "/v1/{id}", says(201))
      .add(Method::head, "/v1/{id}", says(202), 7)
      .add(Method::post, "/v1", says(203));
  const auto match = [&](Method method, const char* path) {
    return router.find(method, *parse_target(path));
  };
  const auto status = [](const std::variant<Router::Match, Response>& found) {
    const auto* hit = std::get_if<Router::Match>(&found);
    if (hit == nullptr) return std::get<Response>(found).status;
    return std::get<Response>((*hit->action)(Request{})).status;
  };
  CHECK(status(match(Method::get, "/v1/x")) == 201);
  CHECK(status(match(Method::head, "/v1/x")) == 202);
  CHECK(std::get<Router::Match>(match(Method::head, "/v1/x")).body_bytes_max == 7);
  CHECK(std::get<Router::Match>(match(Method::get, "/v1/x")).parts.at("id") == "x");
  CHECK(status(match(Method::get, "/v1/x/y")) == 404);
  CHECK(status(match(Method::get, "/v1/")) == 404);
  CHECK(status(match(Method::patch, "/v1/x")) == 405);
  CHECK(*std::get<Response>(match(Method::other, "/v1/x")).header("Allow") == "GET, HEAD");
  CHECK(*std::get<Response>(match(Method::get, "/v1")).header("Allow") == "POST");
}

TEST_CASE("a head is routed by its target, and its body's length decides before the route",
          "[net][router]") {
  Router router;
  router.add(Method::post, "/v1/{id}", [](const Request&) -> Reply { return Response{}; }, 7);
  const auto routed = [&](const std::string& target, std::uint64_t bytes, Request& request) {
    RequestHead head;
    head.method = "POST";
    head.target = target;
    head.body_bytes = bytes;
    const auto found = route_request(router, head, request);
    const auto* response = std::get_if<Response>(&found);
    return response == nullptr ? 0 : response->status;
  };
  Request request;
  CHECK(routed("/v1/x?a=b", 7, request) == 0);
  CHECK(request.method == Method::post);
  CHECK(request.path == "/v1/x");
  CHECK(request.query.at("a") == "b");
  CHECK(request.parts.at("id") == "x");
  CHECK(request.body_bytes == 7);
  CHECK(routed("/v1/x", 8, request) == 413);
  CHECK(routed("/v1", 0, request) == 404);
  CHECK(routed("/v1/../x", 0, request) == 400);
}

TEST_CASE("one byte range is chosen as RFC 9110 says", "[net][range]") {
  const auto part = [](std::uint64_t first, std::uint64_t length) {
    return std::optional<ByteRange>(ByteRange{first, length});
  };
  const auto chosen = [](std::string_view range, std::uint64_t size) -> std::optional<ByteRange> {
    const RangeAnswer answer = choose_range(range, size);
    if (answer.choice != RangeChoice::part) return std::nullopt;
    return answer.part;
  };
  // RFC 9110 §14.1.2, a representation of 10000 bytes.
  CHECK(chosen("bytes=0-499", 10000) == part(0, 500));
  CHECK(chosen("bytes=500-999", 10000) == part(500, 500));
  CHECK(chosen("bytes=-500", 10000) == part(9500, 500));
  CHECK(chosen("bytes=9500-", 10000) == part(9500, 500));
  CHECK(chosen("bytes=9999-20000", 10000) == part(9999, 1));
  CHECK(chosen("bytes=-20000", 10000) == part(0, 10000));
  CHECK(choose_range("bytes=10000-", 10000).choice == RangeChoice::unsatisfiable);
  CHECK(choose_range("bytes=-0", 10000).choice == RangeChoice::unsatisfiable);
  CHECK(choose_range("bytes=0-", 0).choice == RangeChoice::unsatisfiable);
  for (const char* ignored : {"bytes=5-4", "bytes=a-b", "bytes=-", "bytes=1", "items=0-1", "",
                              "bytes=0-1,5-6", "bytes=0-x", "bytes= -1-2", "bytes=1--2"}) {
    INFO(ignored);
    CHECK(choose_range(ignored, 10000).choice == RangeChoice::whole);
  }
}

TEST_CASE("entity tags compare weakly and strongly", "[net][range]") {
  // RFC 9110 §8.8.3.2.
  CHECK(names_etag("W/\"1\"", "\"1\"", true));
  CHECK_FALSE(names_etag("W/\"1\"", "\"1\"", false));
  CHECK(names_etag("\"0\", \"1\"", "\"1\"", false));
  CHECK_FALSE(names_etag("\"2\"", "\"1\"", true));
  CHECK(names_etag(" * ", "\"1\"", false));
  CHECK(parse_content_range("bytes 42-1233/1234")->size == 1234);
  for (const char* bad :
       {"bytes 42-41/1234", "bytes 0-1234/1234", "bytes */1234", "42-43/50", ""}) {
    CHECK_FALSE(parse_content_range(bad).has_value());
  }
}

TEST_CASE("a token bucket gives its burst, then its rate", "[net][rate]") {
  TokenBucket bucket(2.0, 3.0, 1000ms);
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(1, 1000ms));
  CHECK_FALSE(bucket.take(1, 1000ms));
  CHECK(bucket.wait(1, 1000ms) == 500ms);
  CHECK_FALSE(bucket.take(1, 1499ms));
  CHECK(bucket.take(1, 1500ms));
  CHECK_FALSE(bucket.take(1, 500ms));  // time does not run backwards
  CHECK(bucket.full(60000ms));
  CHECK_FALSE(bucket.take(4, 60000ms));
}

TEST_CASE("a rate table keeps identities apart and makes room by those at rest", "[net][rate]") {
  RateTable table(1.0, 1.0);
  CHECK(table.take("a", 0ms));
  CHECK_FALSE(table.take("a", 0ms));
  CHECK(table.take("b", 0ms));
  for (std::size_t i = 2; i < RateTable::kRateIdentitiesMax; ++i) {
    REQUIRE(table.take("n" + std::to_string(i), 0ms));
  }
  CHECK_FALSE(table.take("one too many", 0ms));
  CHECK(table.take("one too many", 1000ms));
  RateTable off(0, 1);
  for (int i = 0; i < 100; ++i) CHECK(off.take("a", 0ms));
}

TEST_CASE("a pace guard ends who is slow for a whole window, not before", "[net][rate]") {
  PaceGuard guard(1000, 10s, 0ms);
  CHECK(guard.keeps_up(9999ms));
  guard.moved(10'000);
  CHECK(guard.keeps_up(10'000ms));
  guard.moved(9'999);
  CHECK_FALSE(guard.keeps_up(20'000ms));
  PaceGuard excused(1000, 10s, 0ms);
  excused.excuse(5s);
  CHECK(excused.deadline() == 15s);
  CHECK(excused.keeps_up(14'999ms));
  CHECK_FALSE(excused.keeps_up(15'000ms));
}

TEST_CASE("addresses are counted by host in IPv4 and by network in IPv6", "[net][rate]") {
  CHECK(address_group("192.0.2.7") == "192.0.2.7");
  CHECK(address_group("2001:db8::1") == address_group("2001:db8::2"));
  CHECK(address_group("2001:db8::1") != address_group("2001:db8:0:1::1"));
}

TEST_CASE("dates have the fixed form of RFC 9110", "[net][http]") {
  CHECK(http_date(WallTime(784111777s)) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(WallTime(1709251199s)) == "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST_CASE("a response cannot be given a header that breaks out of it", "[net][http]") {
  Response response = empty_response(200);
  CHECK(response.with("X-Good", "a").status == 200);
  CHECK(response.with("X-Bad", "a\r\nSet-Cookie: b").status == 500);
  const std::string head = response_head(response, nullptr, true);
  CHECK(head.find("Set-Cookie") == std::string::npos);
  CHECK(parse_response_head(head).has_value());
}

TEST_CASE("upload metadata is read and written as tus says", "[net][tus]") {
  // The example of tus 1.0.0, Upload-Metadata.
  const auto metadata =
      parse_upload_metadata("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential");
  REQUIRE(metadata.has_value());
  CHECK(metadata->at("filename") == "world_domination_plan.pdf");
  CHECK(metadata->at("is_confidential").empty());
  CHECK(format_upload_metadata(*metadata) ==
        "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential");
  CHECK(parse_upload_metadata("")->empty());
  for (const char* bad : {"a YQ==,a YQ==", "a YQ", "a Y", ",", "a YQ==,", "a\tb YQ=="}) {
    INFO(bad);
    CHECK_FALSE(parse_upload_metadata(bad).has_value());
  }
  CHECK(parse_upload_metadata("a " + std::string(kUploadMetadataBytesMax - 4, 'A')).has_value() ==
        ((kUploadMetadataBytesMax - 4) % 4 == 0));
  CHECK(parse_upload_metadata(std::string(kUploadMetadataBytesMax + 1, 'a')).error().reason() ==
        "tus-metadata-too-long");
}

TEST_CASE("tus headers are checked, each with its status", "[net][tus]") {
  const auto status = [](const Error& error) { return tus_error(error).status; };
  Request request;
  CHECK(status(check_tus_request(request).error()) == 412);
  CHECK(*tus_error(check_tus_request(request).error()).header("Tus-Version") == "1.0.0");
  request.headers["tus-resumable"] = "0.2.2";
  CHECK(status(check_tus_request(request).error()) == 412);
  request.headers["tus-resumable"] = "1.0.0";
  CHECK(check_tus_request(request).has_value());

  CHECK(status(read_creation(request, 10).error()) == 400);
  request.headers["upload-length"] = "10";
  CHECK(read_creation(request, 10)->length == 10);
  CHECK(status(read_creation(request, 9).error()) == 413);
  request.headers["upload-length"] = "ten";
  CHECK(status(read_creation(request, 10).error()) == 400);
  request.headers["upload-length"] = "1";
  request.headers["upload-defer-length"] = "1";
  CHECK(status(read_creation(request, 10).error()) == 400);

  request.headers["upload-offset"] = "3";
  CHECK(status(read_patch(request).error()) == 415);
  request.headers["content-type"] = "application/offset+octet-stream";
  CHECK(read_patch(request).value_or(0) == 3U);
  request.headers["upload-offset"] = "-3";
  CHECK(status(read_patch(request).error()) == 400);

  CHECK(check_patch(3, 7, 3, 10).has_value());
  CHECK(status(check_patch(3, 8, 3, 10).error()) == 413);
  CHECK(status(check_patch(3, 1, 4, 10).error()) == 409);
  CHECK(status(check_patch(4, 1, 3, 10).error()) == 409);
  request.headers["x-http-method-override"] = "DELETE";
  CHECK(status(check_tus_request(request).error()) == 400);
}
