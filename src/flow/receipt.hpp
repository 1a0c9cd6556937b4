#pragma once
// Receipt: an audit log entry with its inclusion proof. ReceiptChain: all receipts of a transfer
// with the documents they name — the story that travels with a package.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flow/log_proof.hpp"
#include "flow/step.hpp"

namespace hangu::flow {

inline constexpr std::string_view kStoryName = "hangu-story.json";
inline constexpr std::string_view kStoryMediaType = "application/vnd.hangu.story+json";
inline constexpr std::size_t kStoryBytesMax = std::size_t{32} << 20;

struct Receipt {
  std::uint64_t index = 0;
  std::string entry;               ///< the entry's bytes as logged
  std::vector<crypto::Hash> path;  ///< leaf to root
};

/// What the mover needs to know of an entry: what kind it is, of which transfer, and the signed
/// statement inside it.
struct LoggedStatement {
  std::string type;  ///< "step.verify", …
  std::string transfer;
  WallTime time;
  Envelope statement;
};

/// Reads a statement entry. Errors: Malformed "field-…", "json-…", "entry-no-statement".
[[nodiscard]] Result<LoggedStatement> parse_logged_statement(std::string_view entry);

/// What kind of entry it is and of which transfer, whether it holds a statement or an event.
struct LoggedAct {
  std::string type;  ///< "step.verify", "transfer.withdrawn", …
  std::string transfer;
};
/// Errors: Malformed "field-…", "json-…".
[[nodiscard]] Result<LoggedAct> parse_logged_act(std::string_view entry);

/// ReceiptChain holds what authorises a release; flow/warrant.hpp checks it.
struct ReceiptChain {
  std::string checkpoint;         ///< signed note that all receipts are proved to
  std::vector<Receipt> receipts;  ///< the passing step of each stage, in order
  /// "submission", "decision", "certificate", "approvals", "cleared" and "rendition" (the object
  /// table), each the exact bytes that the steps name by digest.
  std::map<std::string, Bytes> documents;

  /// The story: canonical JSON. Errors of parse: Malformed "field-…", "story-…".
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] static Result<ReceiptChain> parse(std::string_view text);
};

}  // namespace hangu::flow
