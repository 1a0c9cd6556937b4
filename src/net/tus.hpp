#pragma once
// tus 1.0.0 resumable upload, its rules as pure functions: core protocol, creation, termination.
// https://tus.io/protocols/resumable-upload (1.0.0). docs/protocols/http.md §5 says what of it is
// spoken. TusRoutes (tus_routes.hpp) serves it, upload_resumable (transfer.hpp) asks for it.

#include <map>
#include <optional>
#include <string>

#include "net/http.hpp"

namespace hangu::net {

inline constexpr std::string_view kTusVersion = "1.0.0";
inline constexpr std::string_view kTusExtensions = "creation,termination";
inline constexpr std::string_view kTusMediaType = "application/offset+octet-stream";
inline constexpr std::size_t kUploadMetadataBytesMax = 4096;  ///< of the field as sent
inline constexpr std::size_t kUploadMetadataKeysMax = 32;

/// Metadata of an upload: keys without space and comma, values any bytes (base64 on the wire).
using UploadMetadata = std::map<std::string, std::string, std::less<>>;

/// Reads "key base64,key2 base64,key3". Empty text: no metadata.
/// Errors: Malformed "tus-metadata" (syntax, repeated key), Exhausted "tus-metadata-too-long".
[[nodiscard]] Result<UploadMetadata> parse_upload_metadata(std::string_view text);
[[nodiscard]] std::string format_upload_metadata(const UploadMetadata& metadata);

/// Tus-Resumable must be there and name 1.0.0; a method override is refused rather than ignored.
/// Errors: Malformed "tus-version" (412), "tus-method-override" (400).
[[nodiscard]] Done check_tus_request(const Request& request);

/// What a POST asks to create.
struct CreationAsk {
  std::uint64_t length = 0;
  UploadMetadata metadata;
};
/// Errors: Malformed "tus-length" (400: absent, no number, or deferred), Exhausted
/// "tus-upload-too-large" (413: over `length_max`), and those of the metadata.
[[nodiscard]] Result<CreationAsk> read_creation(const Request& request, std::uint64_t length_max);

/// The offset of a PATCH. Errors: Malformed "tus-media-type" (415), "tus-offset" (400).
[[nodiscard]] Result<std::uint64_t> read_patch(const Request& request);

/// Whether a PATCH of `body_bytes` at `asked` fits an upload that holds `held` of `length`.
/// Errors: Malformed "tus-offset-conflict" (409), Exhausted "tus-upload-too-large" (413).
[[nodiscard]] Done check_patch(std::uint64_t asked, std::uint64_t body_bytes, std::uint64_t held,
                               std::uint64_t length);

/// An empty answer with Tus-Resumable.
[[nodiscard]] Response tus_response(int status);
/// The answer to OPTIONS: versions, extensions, maximum size.
[[nodiscard]] Response tus_options(std::uint64_t length_max);
/// The answer to an error of this page or of an UploadStore: the status by reason, else by code.
[[nodiscard]] Response tus_error(const Error& error);

}  // namespace hangu::net
