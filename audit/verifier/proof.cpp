#include "audit/verifier/proof.hpp"

#include <charconv>

#include "audit/verifier/prefix.hpp"

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

/// Who holds the log's key can sign a tree for this receipt alone: whether the checkpoint is one
/// that was kept elsewhere, or the beginning of the log in `folder`.
bool is_bound(const Request& request, const Checkpoint& receipt, const std::string& folder,
              Report& report) {
  if (!folder.empty()) {
    const LogFiles files(folder);
    const std::string place = folder + "/";
    const auto head = read_head(request, files, report, place);
    if (!head) return false;
    TileTree tiles(files, head->note.checkpoint.size);
    const TiledLog log{head->note.checkpoint, tiles, place};
    Quorum of_log(request.policy);
    check_beside(request, *head, log, of_log, report);
    return check_pin(receipt, log, report);
  }
  bool bound = false;
  for (const std::string& text : request.pins) {
    const auto pin = read_pin(text, request, report);
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
  report.worsen_all(Finding::tampered, check_log_line(request.key, *note, "proof"));
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
  if (!is_bound(request, head, log, report) && !seen) tell_unbound(head, proof->index, report);
  return report;
}

}  // namespace hangu_verify
