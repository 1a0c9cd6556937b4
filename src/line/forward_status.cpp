#include "line/forward_status.hpp"

#include <array>
#include <limits>

#include "base/text.hpp"
#include "os/file.hpp"

namespace hangu::line {
namespace {

constexpr std::size_t kStatusBytesMax = 16 * 1024;
constexpr std::size_t kTextBytesMax = 400;
constexpr std::array kStates{ForwardState::waiting, ForwardState::connected, ForwardState::stuck,
                             ForwardState::stopped};

wire::Json time_or_null(const std::optional<WallTime>& time) {
  return time ? wire::Json(time->to_text()) : wire::Json(nullptr);
}

std::optional<WallTime> optional_time(wire::Fields& f, std::string_view key) {
  const wire::Json& value = f.value(key);
  if (value.is_null()) return std::nullopt;
  const std::string* text = value.as_string();
  return f.accept(key, text != nullptr ? WallTime::parse_canonical(*text) : WallTime::parse(""));
}

}  // namespace

std::string_view to_text(ForwardState state) {
  switch (state) {
    case ForwardState::waiting: return "waiting";
    case ForwardState::connected: return "connected";
    case ForwardState::stuck: return "stuck";
    case ForwardState::stopped: return "stopped";
  }
  return "?";
}

std::string ForwardStatus::summary() const {
  std::string out(to_text(state));
  out += ", " + std::to_string(lag()) + " entries behind, last success ";
  out += success ? success->to_text() : "never";
  return error.empty() ? out : out + ", " + printable(error);
}

wire::Json ForwardStatus::to_json() const {
  return wire::JsonObject{{"state", to_text(state)},
                          {"receiver", receiver},
                          {"published", published},
                          {"handedOver", handed_over},
                          {"lag", lag()},
                          {"lastSuccess", time_or_null(success)},
                          {"written", time_or_null(written)},
                          {"error", error}};
}

Result<ForwardStatus> ForwardStatus::parse(const wire::Json& json) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  wire::Fields f(json, "forward");
  ForwardStatus out;
  const std::string state = f.text("state", kTextBytesMax);
  out.receiver = f.text("receiver", kTextBytesMax);
  out.published = static_cast<std::uint64_t>(f.integer("published", 0, kMost));
  out.handed_over = static_cast<std::uint64_t>(f.integer("handedOver", 0, kMost));
  (void)f.integer("lag", 0, kMost);
  out.success = optional_time(f, "lastSuccess");
  out.written = optional_time(f, "written");
  out.error = f.text("error", kTextBytesMax);
  bool known = false;
  for (const ForwardState one : kStates)
    if (to_text(one) == state) {
      out.state = one;
      known = true;
    }
  if (!known) f.reject("state", "not a state");
  HANGU_CHECK(f.finish());
  return out;
}

Result<ForwardStatus> ForwardStatus::load(const config::Layout& layout) {
  HANGU_TRY(const Bytes bytes, os::read_file(layout.forward_state(), kStatusBytesMax));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(bytes), kStatusBytesMax));
  return parse(json);
}

}  // namespace hangu::line
