#include "witness/returned.hpp"

#include <algorithm>

#include "audit/checkpoint.hpp"
#include "audit/limits.hpp"
#include "audit/witness/cosigned_note.hpp"
#include "audit/witness/published_proof.hpp"
#include "audit/witnessing.hpp"
#include "base/text.hpp"

namespace hangu::witness {
namespace {

/// Not the publisher's name: both may write at once.
constexpr std::string_view kTemporary = ".returned.new";

/// Whether the head is one of the published log.
Done check_ours(const audit::Folder& folder, const audit::NoteKey& log,
                const audit::TreeHead& head) {
  HANGU_TRY(const Bytes note, folder.read("checkpoint", audit::kNoteBytesMax));
  HANGU_TRY(const audit::Checkpoint now, audit::open_checkpoint(text_of(note), log));
  const std::string sizes =
      "size " + std::to_string(head.size) + ", the log has " + std::to_string(now.head.size);
  if (head.size > now.head.size) return fail(ErrorCode::corrupt, "cosigned-ahead", sizes);
  HANGU_TRY(const bool ours, audit::is_start_of(folder, head, now.head));
  return ours ? Done() : Done(fail(ErrorCode::corrupt, "cosigned-other-tree", sizes));
}

/// The log's own line, which was found to be good, and those of the witnesses.
audit::Note bare(const audit::Note& note, const audit::NoteKey& log,
                 const std::vector<audit::NoteSignature>& lines) {
  audit::Note out{.text = note.text, .signatures = {}};
  const auto own = std::ranges::find_if(note.signatures, [&](const audit::NoteSignature& line) {
    return audit::claims_to_be_of(line, log);
  });
  HANGU_ASSERT(own != note.signatures.end());
  out.signatures.push_back(*own);
  out.signatures.insert(out.signatures.end(), lines.begin(), lines.end());
  return out;
}

Done keep(const audit::Folder& folder, const std::string& name, const audit::Note& note) {
  HANGU_TRY(const std::vector<std::string> names, folder.names(kReturnedMax));
  std::string text = note.to_text();
  if (std::ranges::find(names, name) != names.end()) {
    HANGU_TRY(const Bytes there, folder.read(name, audit::kNoteBytesMax));
    HANGU_TRY(text, audit::with_signatures(text_of(there), note.signatures));
  } else if (names.size() == kReturnedMax) {
    return fail(ErrorCode::exhausted, "audit-folder-too-full");
  }
  HANGU_CHECK(folder.write_temporary(std::string(kTemporary), bytes_of(text)));
  HANGU_CHECK(folder.rename(std::string(kTemporary), name));
  return folder.sync();
}

}  // namespace

Result<Returned> keep_returned(const audit::Folder& log_folder, const audit::NoteKey& log,
                               const audit::WitnessPolicy& policy, std::string_view note,
                               WallTime now) {
  HANGU_TRY(const audit::CosignedCheckpoint read,
            audit::read_cosigned(note, {&log, 1}, policy, now));
  if (read.cosignatures.empty())
    return fail(ErrorCode::forbidden, "quorum-missing", "no line of a witness of the policy");
  HANGU_CHECK(check_ours(log_folder, log, read.checkpoint.head));
  HANGU_TRY(const audit::Note parsed, audit::Note::parse(note));
  const std::string name = std::to_string(read.checkpoint.head.size);
  HANGU_TRY(const auto folder, log_folder.subfolder(std::string(audit::kWitnessFolder)));
  HANGU_CHECK(keep(*folder, name, bare(parsed, log, read.lines)));
  Returned out{.head = read.checkpoint.head,
               .witnesses = {},
               .quorum = read.quorum && policy.demands_witnesses(),
               .copy = std::string(audit::kWitnessFolder) + "/" + name};
  for (const audit::Cosignature& one : read.cosignatures)
    out.witnesses.push_back(printable(policy.witnesses()[one.witness].name));
  return out;
}

}  // namespace hangu::witness
