// Publisher: what witnesses' cosignatures change in the public files.

#include <algorithm>

#include "audit/publisher.hpp"

namespace hangu::audit {
namespace {

/// A witness may take half a minute, and a checkpoint is published each second.
constexpr std::size_t kRecentMax = 64;

bool is_of(std::string_view note, const TreeHead& head) {
  const Result<Note> parsed = Note::parse(note);
  const auto checkpoint = parsed ? Checkpoint::parse(parsed->text)
                                 : Result<Checkpoint>(std::unexpected(parsed.error()));
  return checkpoint && checkpoint->head == head;
}

}  // namespace

void Publisher::remember(std::string note) {
  recent_.push_back(std::move(note));
  if (recent_.size() > kRecentMax) recent_.pop_front();
}

Done Publisher::cosign(const CosignedHead& head) {
  if (recent_.empty()) {  // nothing was published since the start
    HANGU_TRY(const bool there, root_->has("checkpoint"));
    if (!there) return {};
    HANGU_TRY(const Bytes note, root_->read("checkpoint", kNoteBytesMax));
    remember(std::string(text_of(note)));
  }
  // Our own note, so that no line stands in it that neither we nor a witness of the policy made.
  // One that was carried to a witness and back may be long forgotten: then our line came with
  // theirs.
  const auto own = std::ranges::find_if(
      recent_, [&](const std::string& note) { return is_of(note, head.head); });
  const bool known = own != recent_.end();
  HANGU_ASSERT(!head.lines.empty());
  const Checkpoint checkpoint{.origin = head.lines.front().name, .head = head.head};
  const Note bare{.text = checkpoint.to_text(), .signatures = head.lines};
  HANGU_TRY(const std::string note,
            known ? with_signatures(*own, head.lines) : Result<std::string>(bare.to_text()));
  HANGU_TRY(const std::unique_ptr<Folder> root, root_->again());
  HANGU_TRY(const bool made, root->make_subfolder(std::string(kWitnessFolder)));
  if (made) HANGU_CHECK(root->sync());
  HANGU_TRY(const std::unique_ptr<Folder> folder, root_->subfolder(std::string(kWitnessFolder)));
  const std::string name(kWitnessedCheckpoint.substr(kWitnessFolder.size() + 1));
  HANGU_CHECK(folder->replace(name, bytes_of(note)));
  return known && own + 1 == recent_.end() ? replace_checkpoint(note) : Done();
}

}  // namespace hangu::audit
