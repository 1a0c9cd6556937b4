#include "audit/boot_documents.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kVersionBytesMax = 100;
constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kDigestDigits = 64;

Result<wire::Json> parse_document(const wire::Json& json) {
  wire::Fields f(json, "document");
  std::string name = f.text("name", kNameBytesMax);
  std::string digest = f.text("sha256", kDigestDigits);
  HANGU_CHECK(f.finish());
  return wire::Json(wire::JsonObject{{"name", std::move(name)}, {"sha256", std::move(digest)}});
}

}  // namespace

Result<wire::JsonObject> parse_boot_documents(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kBootDocumentsBytesMax));
  wire::Fields f(json, "documents");
  std::string version = f.text("version", kVersionBytesMax);
  const wire::JsonArray items = f.array("documents", kBootDocumentsMax);
  HANGU_CHECK(f.finish());
  wire::JsonArray documents;
  for (const wire::Json& item : items) {
    HANGU_TRY(wire::Json document, parse_document(item));
    documents.push_back(std::move(document));
  }
  return wire::JsonObject{{"version", std::move(version)}, {"documents", std::move(documents)}};
}

}  // namespace hangu::audit
