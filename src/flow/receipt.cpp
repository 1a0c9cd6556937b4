#include "flow/receipt.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace hangu::flow {
namespace {

constexpr std::size_t kReceiptsMax = 32;
constexpr std::size_t kPathHashesMax = 63;
constexpr std::size_t kCheckpointBytesMax = 8 * 1024;
constexpr std::size_t kDocumentsMax = 12;

wire::Json to_json(const Receipt& receipt) {
  wire::JsonArray path;
  for (const crypto::Hash& hash : receipt.path) path.emplace_back(to_base64(hash));
  return wire::JsonObject{
      {"index", receipt.index}, {"entry", receipt.entry}, {"path", std::move(path)}};
}

Result<Receipt> parse_receipt(const wire::Json& json) {
  wire::Fields f(json, "receipt");
  Receipt out;
  out.index =
      static_cast<std::uint64_t>(f.integer("index", 0, std::numeric_limits<std::int64_t>::max()));
  out.entry = f.text("entry", kEntryBytesMax);
  for (const std::string& text : f.texts("path", kPathHashesMax, 44)) {
    const auto bytes = f.accept("path", from_base64(text));
    crypto::Hash hash{};
    if (!bytes || bytes->size() != hash.size()) {
      f.reject("path", "not a hash");
      break;
    }
    std::ranges::copy(*bytes, hash.begin());
    out.path.push_back(hash);
  }
  HANGU_CHECK(f.finish());
  return out;
}

}  // namespace

Result<LoggedStatement> parse_logged_statement(std::string_view entry) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(entry, kEntryBytesMax));
  wire::Fields f(json, "entry");
  (void)f.integer("v", 1, 1);
  for (const char* key : {"id", "boot", "salt"}) (void)f.text(key, 64);
  for (const char* key : {"peer", "previous", "keys"}) (void)f.value(key);  // the log's own affair
  LoggedStatement out;
  out.type = f.text("type", 64);
  out.time = f.accept("time", WallTime::parse_canonical(f.text("time", 40))).value_or(WallTime{});
  const wire::Json& transfer = f.value("transfer");
  const wire::Json& statement = f.value("statement");
  const wire::Json& event = f.value("event");
  HANGU_CHECK(f.finish());
  if (transfer.as_string() == nullptr || statement.as_string() == nullptr || !event.is_null())
    return fail(ErrorCode::malformed, "entry-no-statement", out.type);
  out.transfer = *transfer.as_string();
  HANGU_TRY(const Bytes envelope, from_base64(*statement.as_string()));
  HANGU_TRY(out.statement, Envelope::parse(text_of(envelope)));
  return out;
}

Result<LoggedAct> parse_logged_act(std::string_view entry) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(entry, kEntryBytesMax));
  wire::Fields f(json, "entry");
  (void)f.integer("v", 1, 1);
  for (const char* key : {"id", "boot", "salt", "time"}) (void)f.text(key, 64);
  for (const char* key : {"peer", "previous", "keys", "statement", "event"}) (void)f.value(key);
  LoggedAct out;
  out.type = f.text("type", 64);
  out.transfer = f.text("transfer", 64);
  HANGU_CHECK(f.finish());
  return out;
}

std::string ReceiptChain::to_text() const {
  wire::JsonArray items;
  for (const Receipt& receipt : receipts) items.push_back(to_json(receipt));
  wire::JsonObject named;
  for (const auto& [name, bytes] : documents) named.emplace_back(name, to_base64(bytes));
  return wire::Json(wire::JsonObject{{"checkpoint", checkpoint},
                                     {"receipts", std::move(items)},
                                     {"documents", std::move(named)}})
      .to_text();
}

Result<ReceiptChain> ReceiptChain::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kStoryBytesMax));
  wire::Fields f(json, "story");
  ReceiptChain out;
  out.checkpoint = f.text("checkpoint", kCheckpointBytesMax);
  const wire::JsonArray items = f.array("receipts", kReceiptsMax);
  const wire::Json& documents = f.value("documents");
  HANGU_CHECK(f.finish());
  for (const wire::Json& item : items) {
    HANGU_TRY(Receipt receipt, parse_receipt(item));
    out.receipts.push_back(std::move(receipt));
  }
  const wire::JsonObject* named = documents.as_object();
  if (named == nullptr || named->size() > kDocumentsMax)
    return fail(ErrorCode::malformed, "story-documents");
  for (const auto& [name, value] : *named) {
    const std::string* encoded = value.as_string();
    if (encoded == nullptr) return fail(ErrorCode::malformed, "story-documents", name);
    HANGU_TRY(Bytes bytes, from_base64(*encoded));
    out.documents.emplace(name, std::move(bytes));
  }
  return out;
}

}  // namespace hangu::flow
