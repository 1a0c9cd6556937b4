#include "line/known_nodes.hpp"

#include "base/limits.hpp"
#include "config/directory_paths.hpp"
#include "config/trust.hpp"
#include "os/file.hpp"

namespace hangu::line {

Result<std::unique_ptr<KnownNodes>> KnownNodes::load(const config::Layout& layout) {
  HANGU_TRY(const config::StageKeys stages, config::load_stage_keys(layout.stage_keys()));
  if (const auto directory = stages.find("directory"); directory != stages.end())
    return std::make_unique<KnownNodes>(config::directory_register(layout),
                                        std::vector{directory->second});
  HANGU_TRY(const config::StageKeys keys, config::load_stage_keys(layout.officer_keys()));
  std::vector<crypto::VerifyKey> officers;
  for (const auto& [name, key] : keys) officers.push_back(key);
  return std::make_unique<KnownNodes>(layout.node_register(), std::move(officers));
}

Done KnownNodes::refresh() {
  HANGU_TRY(Bytes bytes, os::read_file(path_, kStatementBytesMax));
  if (register_ && bytes == read_) return {};
  register_.reset();
  HANGU_TRY(flow::NodeRegister made, flow::NodeRegister::open(text_of(bytes), officers_));
  register_ = std::move(made);
  read_ = std::move(bytes);
  return {};
}

Result<flow::NodeStanding> KnownNodes::standing(const NodeId& node, const ZoneId& zone,
                                                std::string_view key_id) {
  const std::lock_guard lock(mutex_);
  if (const Done fresh = refresh(); !fresh)
    return fail(ErrorCode::unavailable, "nodes-unreadable", fresh.error().message());
  return register_->standing(node, zone, key_id);
}

}  // namespace hangu::line
