#include "audit/verifier/prefix.hpp"

namespace hangu_verify {

bool check_prefix(const Checkpoint& earlier, const TiledLog& log, const Remark& ahead,
                  const Remark& other, Report& report) {
  if (earlier.size > log.head.size) {
    report.worsen(Finding::truncated, ahead);
    return false;
  }
  const auto root = log.tiles.prefix(earlier.size, log.head.root);
  if (root == earlier.root) return true;
  if (root) {
    report.worsen(Finding::tampered, other);
  } else if (const std::string path = log.place + log.tiles.unread(); !log.tiles.unread().empty()) {
    report.worsen(Finding::truncated, {"file-missing", {}, {path}, path});
  } else {
    const std::string checkpoint = log.place + "checkpoint";
    report.worsen(Finding::tampered, {"root-wrong", {}, {checkpoint}, checkpoint});
  }
  return false;
}

void check_witnessed(const Note& note, const TiledLog& log, Report& report) {
  const std::string path = log.place + kWitnessed;
  const std::string size = std::to_string(note.checkpoint.size);
  (void)check_prefix(note.checkpoint, log, {"witness-ahead", {}, {path, size}, path},
                     {"root-wrong", {}, {path}, path}, report);
}

bool check_pin(const Checkpoint& pin, const TiledLog& log, Report& report) {
  const std::string size = std::to_string(pin.size);
  return check_prefix(pin, log, {"pin-ahead", {}, {size}}, {"pin-wrong", {}, {size}}, report);
}

void check_beside(const Request& request, const Head& head, const TiledLog& log,
                  const KeyHistory& keys, Quorum& quorum, Report& report) {
  const std::string path = log.place + "checkpoint";
  report.worsen_all(Finding::tampered, keys.check_log_line(head.note, path));
  quorum.add(head.note, path, report);
  if (head.witnessed) {
    const std::string beside = log.place + kWitnessed;
    auto wrong = keys.check_log_line(*head.witnessed, beside);
    quorum.add(*head.witnessed, beside, report);
    if (wrong.empty()) check_witnessed(*head.witnessed, log, report);
    report.worsen_all(Finding::tampered, std::move(wrong));
  }
  for (const std::string& text : request.pins)
    if (const auto pin = keys.read_pin(text, report)) (void)check_pin(pin->checkpoint, log, report);
}

}  // namespace hangu_verify
