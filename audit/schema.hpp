#pragma once
// Schema: what each event of the log says, member by member. Closed: an event with a member more,
// one missing or one of another kind is refused (`body-invalid`). `hangu audit schema` prints it,
// also as JSON Schema (draft 2020-12). docs/protocols/audit-log.md §3.

#include <span>
#include <string>
#include <string_view>

#include "wire/json.hpp"

namespace hangu::audit {

enum class MemberKind : std::uint8_t {
  text,     ///< UTF-8, as long as the entry has room
  number,   ///< integer, 0 and above
  flag,     ///< true or false
  texts,    ///< array of text
  object,   ///< with the members `inner`
  objects,  ///< array of such objects
};

enum class Presence : std::uint8_t {
  always,
  or_null,   ///< always there, but it may be null
  optional,  ///< may be absent
  optional_or_null,
};

struct Member {
  std::string_view name;
  MemberKind kind;
  std::string_view meaning_zh;
  std::string_view meaning_en;
  Presence presence = Presence::always;
  std::span<const Member> inner{};
};

/// Of every event that the log tells of itself: "unknown", while the time is. Absent otherwise.
inline constexpr std::string_view kClockMember = "clock";

/// The members of the events of `type`, in the order in which they are shown; empty for a type
/// whose events have none, or that has no events.
[[nodiscard]] std::span<const Member> event_members(std::string_view type);

/// True when `event` has exactly the members of `type`.
[[nodiscard]] bool follows_schema(std::string_view type, const wire::Json& event);

/// JSON Schema of a whole entry, all types. Deterministic.
[[nodiscard]] wire::Json json_schema();

}  // namespace hangu::audit
