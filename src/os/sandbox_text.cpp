// A profile as a page of documentation (docs/operations/sandbox.md is made from these).

#include <string>

#include "os/call_table.hpp"
#include "os/sandbox.hpp"

namespace hangu::os {
namespace {

std::string_view to_text(PathUse use) {
  switch (use) {
    case PathUse::read: return "read";
    case PathUse::read_write: return "read, write, create, rename, remove";
    case PathUse::connect: return "connect to the socket";
  }
  return "?";
}

std::string yes_no(bool value) { return value ? "yes" : "no"; }

std::string limit_or(std::uint64_t value, std::string_view when_zero) {
  return value == 0 ? std::string(when_zero) : std::to_string(value);
}

void row(std::string& out, std::string_view first, std::string_view second) {
  out.append("| ").append(first).append(" | ").append(second).append(" |\n");
}

void call_row(std::string& out, const AllowedCall& call) {
  std::string reason(call.reason);
  if (const auto limit = limit_text(call.name); !limit.empty()) {
    reason.append(" (").append(limit).append(")");
  }
  row(out, "`" + std::string(call.name) + "`", reason);
}

}  // namespace

std::string describe(const Profile& profile) {
  std::string out = "### " + profile.name + "\n\n| property | value |\n|---|---|\n";
  row(out, "a call that is not allowed",
      profile.on_denied == OnDenied::kill ? "kills the process" : "answers EPERM");
  row(out, "takes connections of passed listeners", yes_no(profile.accepts));
  row(out, "makes local packet sockets and connects them", yes_no(profile.unix_sockets));
  row(out, "threads", yes_no(profile.threads));
  row(out, "forks", yes_no(profile.fork));
  row(out, "address space, bytes", limit_or(profile.memory_bytes_max, "not limited"));
  row(out, "descriptors", std::to_string(profile.descriptors_max));
  row(out, "processor time, seconds", limit_or(profile.cpu_seconds_max, "not limited"));

  out += "\n| path | use |\n|---|---|\n";
  for (const PathRule& rule : profile.paths) row(out, "`" + rule.path + "`", to_text(rule.use));
  if (profile.paths.empty()) row(out, "none", "no file can be opened");

  out += "\n| call beyond the base set | why |\n|---|---|\n";
  for (const CallGroup& group : groups_of(profile)) {
    for (const AllowedCall& call : group.calls) call_row(out, call);
  }
  for (const AllowedCall& call : profile.extra_calls) call_row(out, call);

  if (!profile.refused_calls.empty()) {
    out += "\nRefused with EACCES:";
    for (const std::string_view name : profile.refused_calls) {
      out.append(" `").append(name).append("`");
    }
    out += "\n";
  }
  return out;
}

std::string describe_base_calls() {
  std::string out = "| call | why |\n|---|---|\n";
  for (const AllowedCall& call : base_calls()) call_row(out, call);
  out += "\nNever allowed:";
  for (const std::string_view name : never_calls()) out.append(" `").append(name).append("`");
  out += "\n";
  return out;
}

}  // namespace hangu::os
