#pragma once
// Object table: the canonical list of a transfer's objects at one point of the line. It is itself
// an object, so that a statement names all of them by one digest.

#include <string>
#include <vector>

#include "crypto/chunk_tree.hpp"

namespace hangu::flow {

/// Checks a name that a sender chose: relative path of at most kObjectNameBytesMax bytes, UTF-8 in
/// NFC, no empty, "." or ".." segment, no leading "/", no "\\", no ":" and no control or
/// format character, at most 8 segments, no segment that ends in a space or dot.
/// Errors: Malformed "name-empty", "name-too-long", "name-not-utf8", "name-not-nfc",
/// "name-absolute", "name-dot-dot", "name-character", "name-too-deep".
[[nodiscard]] Done check_object_name(std::string_view name);
/// Checks a media type: "type/subtype", lower-case tokens, at most 100 bytes.
/// Errors: Malformed "media-type-invalid".
[[nodiscard]] Done check_media_type(std::string_view media_type);

struct ObjectRow {
  std::string name;
  std::string media_type;
  crypto::ObjectDigest digest;
  bool operator==(const ObjectRow&) const = default;
};

/// ObjectTable holds 0..kObjectsMax rows in the sender's order; names are unique, also after
/// Unicode compatibility folding ("name-collision").
class ObjectTable {
 public:
  ObjectTable() = default;
  [[nodiscard]] static Result<ObjectTable> create(std::vector<ObjectRow> rows);
  /// The canonical bytes: docs/protocols/objects.md. parse() refuses any other spelling.
  [[nodiscard]] Bytes to_bytes() const;
  [[nodiscard]] static Result<ObjectTable> parse(ByteView bytes);
  /// Digest of the canonical bytes.
  [[nodiscard]] crypto::ObjectDigest digest(crypto::HashAlgorithm algorithm) const;

  [[nodiscard]] const std::vector<ObjectRow>& rows() const { return rows_; }
  [[nodiscard]] const ObjectRow* find(std::string_view name) const;
  /// Sum of the sizes.
  [[nodiscard]] std::uint64_t total_bytes() const;
  bool operator==(const ObjectTable&) const = default;

 private:
  explicit ObjectTable(std::vector<ObjectRow> rows) : rows_(std::move(rows)) {}
  std::vector<ObjectRow> rows_;
};

}  // namespace hangu::flow
