#include "audit/search/saved_queries.hpp"

#include "base/text.hpp"
#include "os/file.hpp"

namespace hangu::audit::search {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kFileBytesMax = kSavedQueriesMax * kQueryBytesMax;

Done check_name(const std::string& name) {
  if (!name.empty() && is_printable(name, kSavedNameBytesMax)) return {};
  return fail(ErrorCode::malformed, "query-name-invalid", printable(name));
}

}  // namespace

Result<SavedQueries> load_saved_queries(const std::string& path) {
  SavedQueries out;
  const auto bytes = os::read_file(path, kFileBytesMax);
  if (!bytes && bytes.error().reason() == "file-missing") return out;
  if (!bytes) return std::unexpected(bytes.error());
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(*bytes), kFileBytesMax));
  wire::Fields f(json, "saved queries");
  (void)f.integer("v", kVersion, kVersion);
  const wire::Json& queries = f.value("queries");
  HANGU_CHECK(f.finish());
  if (queries.as_object() == nullptr || queries.as_object()->size() > kSavedQueriesMax)
    return fail(ErrorCode::malformed, "saved-queries-malformed", printable(path));
  for (const auto& [name, value] : *queries.as_object()) {
    HANGU_CHECK(check_name(name));
    HANGU_TRY(SearchQuery query, SearchQuery::parse(value));
    out.emplace(name, std::move(query));
  }
  return out;
}

Done save_queries(const std::string& path, const SavedQueries& queries) {
  if (queries.size() > kSavedQueriesMax)
    return fail(ErrorCode::exhausted, "saved-queries-too-many",
                "at most " + std::to_string(kSavedQueriesMax));
  wire::JsonObject members;
  for (const auto& [name, query] : queries) {
    HANGU_CHECK(check_name(name));
    members.emplace_back(name, query.to_json());
  }
  const wire::Json json = wire::JsonObject{{"v", kVersion}, {"queries", std::move(members)}};
  return os::write_file_durably(path, bytes_of(json.to_pretty_text() + "\n"));
}

}  // namespace hangu::audit::search
