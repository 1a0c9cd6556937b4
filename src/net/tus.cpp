#include "net/tus.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "net/head.hpp"

namespace hangu::net {
namespace {

struct ReasonStatus {
  std::string_view reason;
  int status;
};
constexpr std::array kStatuses = {
    ReasonStatus{"tus-version", 412},           ReasonStatus{"tus-media-type", 415},
    ReasonStatus{"tus-offset-conflict", 409},   ReasonStatus{"tus-upload-too-large", 413},
    ReasonStatus{"tus-metadata-too-long", 413}, ReasonStatus{"upload-unknown", 404},
    ReasonStatus{"upload-gone", 410},           ReasonStatus{"http-too-slow", 408},
    ReasonStatus{"upload-taken-over", 409},     ReasonStatus{"node-quota", 429},
    ReasonStatus{"node-uploads-open", 429},
};

std::unexpected<Error> bad_metadata(std::string context) {
  return fail(ErrorCode::malformed, "tus-metadata", std::move(context));
}

bool is_metadata_key(std::string_view key) {
  return !key.empty() &&
         std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

}  // namespace

Result<UploadMetadata> parse_upload_metadata(std::string_view text) {
  UploadMetadata metadata;
  if (text.size() > kUploadMetadataBytesMax) {
    return fail(ErrorCode::exhausted, "tus-metadata-too-long", "at most 4096 bytes");
  }
  if (trimmed(text).empty()) return metadata;
  const auto pairs = split(text, ',');
  if (pairs.size() > kUploadMetadataKeysMax) {
    return fail(ErrorCode::exhausted, "tus-metadata-too-long", "at most 32 keys");
  }
  for (const std::string_view raw : pairs) {
    const std::string_view pair = trimmed(raw);
    const std::size_t space = pair.find(' ');
    const std::string_view key = pair.substr(0, space);
    if (!is_metadata_key(key)) return bad_metadata("a bad key");
    std::string value;
    if (space != std::string_view::npos) {
      const auto decoded = from_base64(pair.substr(space + 1));
      if (!decoded) return bad_metadata("the value of '" + std::string(key) + "' is no base64");
      value = text_of(*decoded);
    }
    if (!metadata.try_emplace(std::string(key), std::move(value)).second) {
      return bad_metadata("key '" + std::string(key) + "' is repeated");
    }
  }
  return metadata;
}

std::string format_upload_metadata(const UploadMetadata& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    HANGU_ASSERT(is_metadata_key(key));
    if (!text.empty()) text.push_back(',');
    text.append(key);
    if (!value.empty()) text.append(" ").append(to_base64(bytes_of(value)));
  }
  return text;
}

Done check_tus_request(const Request& request) {
  if (request.header("x-http-method-override") != nullptr) {
    return fail(ErrorCode::malformed, "tus-method-override", "send the method itself");
  }
  const std::string* version = request.header("tus-resumable");
  if (version == nullptr || *version != kTusVersion) {
    return fail(ErrorCode::malformed, "tus-version", "Tus-Resumable must be 1.0.0");
  }
  return {};
}

Result<CreationAsk> read_creation(const Request& request, std::uint64_t length_max) {
  const std::string* text = request.header("upload-length");
  if (text == nullptr || request.header("upload-defer-length") != nullptr) {
    return fail(ErrorCode::malformed, "tus-length", "Upload-Length must be given");
  }
  if (request.header("upload-concat") != nullptr) {
    return fail(ErrorCode::malformed, "tus-concat", "an upload is sent as one");
  }
  const auto length = parse_decimal(*text);
  if (!length) return fail(ErrorCode::malformed, "tus-length", "Upload-Length is no number");
  if (*length > length_max) {
    return fail(ErrorCode::exhausted, "tus-upload-too-large",
                "at most " + std::to_string(length_max) + " bytes");
  }
  CreationAsk ask;
  ask.length = *length;
  if (const std::string* metadata = request.header("upload-metadata")) {
    HANGU_TRY(ask.metadata, parse_upload_metadata(*metadata));
  }
  return ask;
}

Result<std::uint64_t> read_patch(const Request& request) {
  const std::string* type = request.header("content-type");
  if (type == nullptr || to_lower(*type) != kTusMediaType) {
    return fail(ErrorCode::malformed, "tus-media-type",
                "Content-Type must be application/offset+octet-stream");
  }
  const std::string* text = request.header("upload-offset");
  const auto offset = text == nullptr ? std::nullopt : parse_decimal(*text);
  if (!offset) return fail(ErrorCode::malformed, "tus-offset", "Upload-Offset must be a number");
  return *offset;
}

Done check_patch(std::uint64_t asked, std::uint64_t body_bytes, std::uint64_t held,
                 std::uint64_t length) {
  if (asked != held) {
    return fail(ErrorCode::malformed, "tus-offset-conflict",
                "the upload stands at " + std::to_string(held));
  }
  HANGU_ASSERT(held <= length);
  if (body_bytes > length - held) {
    return fail(ErrorCode::exhausted, "tus-upload-too-large", "more than Upload-Length");
  }
  return {};
}

Response tus_response(int status) {
  Response response = empty_response(status);
  response.with("Tus-Resumable", kTusVersion);
  return response;
}

Response tus_options(std::uint64_t length_max) {
  Response response = tus_response(204);
  response.with("Tus-Version", kTusVersion)
      .with("Tus-Extension", kTusExtensions)
      .with("Tus-Max-Size", std::to_string(length_max));
  return response;
}

Response tus_error(const Error& error) {
  const auto* const row = std::ranges::find(kStatuses, error.reason(), &ReasonStatus::reason);
  Response response =
      row == kStatuses.end() ? error_response(error) : error_response(error, row->status);
  response.with("Tus-Resumable", kTusVersion);
  if (error.reason() == "tus-version") response.with("Tus-Version", kTusVersion);
  return response;
}

}  // namespace hangu::net
