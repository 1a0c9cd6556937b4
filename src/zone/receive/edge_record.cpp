#include "zone/receive/edge_record.hpp"

#include <condition_variable>

#include "base/text.hpp"
#include "line/stage_shell.hpp"

namespace hangu::zone {
namespace {

constexpr std::size_t kNodeShownMax = 100;
constexpr std::size_t kReasonShownMax = 80;

Done append(LinkPair& links, const wire::Json& event) {
  line::AuditClient& audit = links.log->client();
  HANGU_CHECK(audit.append({.id = audit.new_request_id(),
                            .type = "edge.access",
                            .transfer = std::nullopt,
                            .keys = {},
                            .kind = audit::BodyKind::event,
                            .body = event.to_text()}));
  return {};
}

}  // namespace

void EdgeRecord::add(const std::string& node, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const std::pair row{printable(node, kNodeShownMax), printable(reason, kReasonShownMax)};
  const auto at = rows_.find(row);
  if (at != rows_.end()) {
    ++at->second;
  } else if (rows_.size() < kEdgeRowsMax) {
    rows_.emplace(row, 1);
  } else {
    ++lost_;
  }
}

wire::Json EdgeRecord::take() {
  const std::lock_guard lock(mutex_);
  if (rows_.empty() && lost_ == 0) return {};
  wire::JsonArray logins;
  wire::JsonArray refusals;
  for (const auto& [row, count] : rows_) {
    const auto& [node, reason] = row;
    if (reason.empty()) {
      logins.emplace_back(
          wire::JsonObject{{"zone", zone_.text()}, {"node", node}, {"count", count}});
    } else {
      refusals.emplace_back(
          wire::JsonObject{{"zone", zone_.text()},
                           {"node", node.empty() ? wire::Json() : wire::Json(node)},
                           {"reason", reason},
                           {"count", count}});
    }
  }
  wire::Json event = wire::JsonObject{
      {"logins", std::move(logins)}, {"refusals", std::move(refusals)}, {"lost", lost_}};
  rows_.clear();
  lost_ = 0;
  return event;
}

void EdgeRecord::write() {
  const wire::Json event = take();
  if (event.is_null()) return;
  auto links = links_.take();
  const Done done = links ? append(*links->operator->(), event) : std::unexpected(links.error());
  if (done) return;
  line::log_line("ZONE-0003", "edge.access is not logged: " + done.error().message());
  const std::lock_guard lock(mutex_);
  lost_ += static_cast<std::uint64_t>(*event.find("lost")->as_integer());
  for (const char* rows : {"logins", "refusals"})
    for (const wire::Json& row : *event.find(rows)->as_array())
      lost_ += static_cast<std::uint64_t>(*row.find("count")->as_integer());
}

void EdgeRecord::write_on(const std::stop_token& stop, std::chrono::milliseconds every) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  do {
    stopped.wait_for(lock, stop, every, [] { return false; });
    write();
  } while (!stop.stop_requested());
}

}  // namespace hangu::zone
