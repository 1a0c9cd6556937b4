#pragma once
// Entry: one line of canonical JSON, the unit of the log. docs/protocols/audit-log.md §3.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace hangu::audit {

/// A request's name, chosen by the client: the same id again is the same request.
using RequestId = std::array<std::byte, 16>;

/// So that a leaf cannot be guessed from its hash.
using Salt = std::array<std::byte, 16>;

/// Who asked: the program by its socket, the process by the kernel's word.
struct Caller {
  std::string program;
  std::uint32_t uid = 0;
  std::uint32_t pid = 0;
};

struct Entry {
  RequestId id{};
  std::string type;
  WallTime time;
  std::string boot;  ///< 16 hex digits: one run of the writer
  Caller peer;
  std::optional<TransferId> transfer;
  std::optional<std::uint64_t> previous;  ///< index of the transfer's entry before
  std::vector<std::string> keys;
  std::string body;  ///< as statement_body() or event_body() make it
  Salt salt{};

  [[nodiscard]] std::string to_text() const;
};

/// 1..kKeyBytesMax printable ASCII characters without space, '"' and '\'.
[[nodiscard]] bool is_key(std::string_view key);
/// What may stand as a program's name: a word as those of types.
[[nodiscard]] bool is_program(std::string_view name);

/// EntryHead is what the writer needs of a stored entry, as views into its text; or of what becomes
/// one.
struct EntryHead {
  std::string_view id;
  std::string_view type;
  WallTime time;
  std::string_view boot;
  std::string_view program;
  std::uint32_t uid = 0;
  std::uint32_t pid = 0;
  std::optional<std::string_view> transfer;
  std::optional<std::uint64_t> previous;
  std::vector<std::string_view> keys;
  std::string_view body;  ///< `"statement":…,"event":…`

  /// Accepts exactly the form that append_to() writes, up to the body.
  /// Errors: Malformed "entry-invalid".
  [[nodiscard]] static Result<EntryHead> parse(std::string_view text);
  /// Writes an entry's text behind `out`. `time_text` is that of `time`: many are of one time.
  void append_to(std::string& out, std::string_view time_text, const Salt& salt) const;
};

/// The body of an entry, as EntryHead::body shows it: of a DSSE envelope's text, or of a canonical
/// JSON object.
[[nodiscard]] std::string statement_body(std::string_view envelope);
[[nodiscard]] std::string event_body(std::string_view event);

/// Corrupt "audit-entry-invalid": a stored entry that is none.
[[nodiscard]] std::unexpected<Error> invalid_entry(std::uint64_t index);

}  // namespace hangu::audit
