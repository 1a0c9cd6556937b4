#include "directory/register_keeper.hpp"

#include <unistd.h>

#include "base/limits.hpp"
#include "os/file.hpp"
#include "policy/signed_document.hpp"

namespace hangu::directory {
namespace {

constexpr unsigned kPublicMode = 0644;

}  // namespace

Done RegisterKeeper::refresh(const Standing& standing, const Clock& clock, milliseconds now) {
  const auto changes = standing.look([](const Known* known) {
    return known == nullptr ? std::optional<std::uint64_t>() : known->replica.node_changes();
  });
  const milliseconds since = now - at_;
  if (!changes || (changes_ && since < kRegisterEvery)) return {};
  if (changes == changes_ && since < kRegisterAnew) return {};
  HANGU_TRY(const WallTime time, clock.now());
  const auto nodes =
      standing.look([&](const Known* known) { return known->replica.node_register(time); });
  at_ = now;
  Done done = write(nodes);
  changes_ = done ? changes : std::nullopt;
  if (!done) {
    ::unlink(path_.c_str());
    written_.clear();
  }
  return done;
}

Done RegisterKeeper::write(const flow::NodeRegister& nodes) {
  std::string text = nodes.to_text();
  if (text == written_) return {};
  HANGU_TRY(const std::string envelope, policy::sign_document(flow::kNodesPayloadType, text, key_));
  if (envelope.size() > kStatementBytesMax) return fail(ErrorCode::exhausted, "file-too-long");
  HANGU_CHECK(os::write_file_durably(path_, bytes_of(envelope), kPublicMode));
  written_ = std::move(text);
  return {};
}

}  // namespace hangu::directory
