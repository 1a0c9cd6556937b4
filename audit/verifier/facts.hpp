#pragma once
// What one entry says, as far as the check needs it: read on any thread, judged in order later.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hangu_verify {

/// Half of a SHA-256: stands for a key or a transfer's name.
using Print = std::array<std::uint64_t, 2>;
[[nodiscard]] Print print_of(std::string_view text);

/// Containers within each other; an entry that goes deeper is none.
inline constexpr int kDepthMax = 64;

/// A stage's own signature over its statement.
enum class Signed : std::uint8_t { not_asked, good, missing, unreadable, bad };

struct Facts {
  enum class Previous : std::uint8_t { none, number, other };

  bool is_entry = false;  ///< JSON with a time and a type
  std::string time;
  std::string type;
  std::string boot;         ///< empty when it has none
  std::vector<Print> keys;  ///< in their order
  std::optional<Print> transfer;
  Previous previous = Previous::none;
  std::uint64_t previous_index = 0;
  Signed statement = Signed::not_asked;
  std::string signer;  ///< whose key the statement's signature was checked by
};

using StageKeys = std::map<std::string, std::string>;  ///< program -> 32-byte Ed25519 point

/// Thread: any. Statements are checked when there are keys.
[[nodiscard]] Facts read_facts(std::string_view entry, const StageKeys& keys);
/// The same, by the slow parser alone: what the fast one must agree with.
[[nodiscard]] Facts read_facts_slowly(std::string_view entry, const StageKeys& keys);

/// The entry's JSON; discarded when it is none. nlohmann/json takes a mark of byte order at the
/// start, a zero byte as the end, and any depth, none of which JSON has here.
[[nodiscard]] nlohmann::json parse_entry(std::string_view entry);
/// Its event, or null.
[[nodiscard]] nlohmann::json event_of(std::string_view entry);
/// The texts of its keys, in order.
[[nodiscard]] std::vector<std::string> keys_of(std::string_view entry);

// Members of an event; nothing when it has no such.
[[nodiscard]] std::string text_in(const nlohmann::json& event, const char* name);
[[nodiscard]] std::optional<std::uint64_t> number_in(const nlohmann::json& event, const char* name);

}  // namespace hangu_verify
