#include "audit/verifier/proof.hpp"

#include <charconv>

#include "audit/verifier/prefix.hpp"
#include "audit/verifier/tiled_keys.hpp"

namespace hangu_verify {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kProofBytesMax = 32 * 1024;
constexpr std::size_t kHashesMax = 63;

struct Proof {
  std::uint64_t index = 0;
  std::vector<Hash> path;
  std::string_view checkpoint;
};

bool read_index(std::string_view line, std::uint64_t& index) {
  constexpr std::string_view kIndex = "index ";
  if (!line.starts_with(kIndex)) return false;
  line.remove_prefix(kIndex.size());
  const auto [stop, problem] = std::from_chars(line.data(), line.data() + line.size(), index);
  return problem == std::errc{} && stop == line.data() + line.size() &&
         (line.size() == 1 || line[0] != '0');
}

std::optional<Proof> read_proof(std::string_view text) {
  Proof out;
  std::string bytes;
  if (text.size() > kProofBytesMax || take_line(text) != kFirstLine) return std::nullopt;
  auto line = take_line(text);
  if (line && line->starts_with("extra ")) {  // nobody's word
    if (!from_base64(line->substr(6), bytes)) return std::nullopt;
    line = take_line(text);
  }
  if (!line || !read_index(*line, out.index)) return std::nullopt;
  for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
    const auto hash = from_base64(*line, bytes) ? hash_from(bytes) : std::nullopt;
    if (!hash || out.path.size() == kHashesMax) return std::nullopt;
    out.path.push_back(*hash);
  }
  if (!line) return std::nullopt;
  out.checkpoint = text;
  return out;
}

}  // namespace

namespace {

/// Whose the receipt's checkpoint is; a former key is worth a look.
void check_line_of(const Note& receipt, const KeyHistory& keys, const Request& request,
                   Report& report) {
  auto wrong = keys.check_log_line(receipt, "proof");
  const auto& rolls = keys.rolls();
  const bool earlier = (!rolls.empty() && receipt.checkpoint.size <= rolls.back().size) ||
                       keys.is_by_former(receipt);
  if (wrong.empty() && earlier && request.key &&
      check_line(receipt, *request.key) != LineVerdict::good)
    report.look("receipt-former-key");
  report.worsen_all(Finding::tampered, std::move(wrong));
}

/// Who holds the log's key can sign a tree for this receipt alone: whether the checkpoint is one
/// that was kept elsewhere, or the beginning of the log in `folder`.
bool is_bound(const Request& request, const Note& note, const std::string& folder, Report& report) {
  const Checkpoint& receipt = note.checkpoint;
  if (!folder.empty()) {
    const LogFiles files(folder);
    const std::string place = folder + "/";
    const auto head = read_head(request, files, report, place);
    if (!head) {
      check_line_of(note, keys_by_tiles(request, {}), request, report);
      return false;
    }
    TileTree tiles(files, head->note.checkpoint.size);
    const TiledLog log{head->note.checkpoint, tiles, place};
    Quorum of_log(request.policy);
    const KeyHistory keys = keys_by_tiles(request, {{files, *head}}, {note});
    check_line_of(note, keys, request, report);
    check_beside(request, *head, log, keys, of_log, report);
    keys.judge_given(true, report);
    return check_pin(receipt, log, report);
  }
  const KeyHistory keys = keys_by_tiles(request, {});
  check_line_of(note, keys, request, report);
  bool bound = false;
  for (const std::string& text : request.pins) {
    const auto pin = keys.read_pin(text, report);
    if (!pin || pin->checkpoint.size != receipt.size) continue;
    bound = pin->checkpoint.root == receipt.root;
    if (!bound) report.worsen(Finding::tampered, {"pin-wrong", {}, {std::to_string(receipt.size)}});
  }
  return bound;
}

/// Nobody but the log's key stands for the checkpoint. Of a tree of one entry that says nothing at
/// all: the entry is the root.
void tell_unbound(const Checkpoint& receipt, std::uint64_t index, Report& report) {
  if (receipt.size == 1)
    report.worsen(Finding::cannot_tell, {"proof-unbound", index});
  else
    report.worth_a_look.push_back({"proof-unbound", index});
}

}  // namespace

Report check_proof(const Request& request, std::string_view text, std::string_view entry,
                   std::optional<std::uint64_t> index, const std::string& log) {
  Report report;
  const auto proof = read_proof(text);
  const auto note = proof ? read_note(proof->checkpoint) : std::nullopt;
  if (!note) {
    report.worsen(Finding::cannot_tell, {"proof-malformed"});
    return report;
  }
  const Checkpoint& head = note->checkpoint;
  report.root = to_hex(head.root);
  report.checkpoint = proof->checkpoint;
  if (!request.key) report.worsen(Finding::cannot_tell, {"key-missing"});
  if (index && *index != proof->index)
    report.worsen(Finding::tampered, {"proof-other", proof->index, {std::to_string(*index)}});
  if (leads_to(hash_leaf(entry), proof->index, head.size, proof->path, head.root)) {
    report.entries = 1;
    report.told.push_back({"proof-holds", proof->index, {read_facts(entry, {}).time}});
  } else {
    report.bad_entry(proof->index, "proof-wrong");
  }
  Quorum quorum(request.policy);
  quorum.add(*note, "proof", report);
  report.witnessed = quorum.witnessed(head.size);
  if (report.witnessed && *report.witnessed < head.size)
    report.worsen(Finding::unwitnessed, {"proof-unwitnessed", proof->index});
  const bool seen = report.witnessed && *report.witnessed >= head.size;
  if (!is_bound(request, *note, log, report) && !seen) tell_unbound(head, proof->index, report);
  return report;
}

}  // namespace hangu_verify
