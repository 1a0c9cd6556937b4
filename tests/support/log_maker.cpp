#include "tests/support/log_maker.hpp"

#include <stdexcept>

#include "audit/writer.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}
void must(const Done& done) {
  if (!done) throw std::runtime_error(done.error().message());
}

}  // namespace

std::string log_vkey() { return signer_from(0).key().to_text(); }

void make_log(const std::filesystem::path& folder, int starts, int entries) {
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy{42};
  for (int start = 0; start < starts; ++start) {
    auto opened = must(Writer::open({.folder = folder_at(folder / "log"),
                                     .epoch_keys = folder_at(folder / "epoch-keys"),
                                     .origin = kOrigin,
                                     .key = key_from(0),
                                     .gm_key = gm_key(),
                                     .clock = clock,
                                     .entropy = entropy,
                                     .self = {.program = "audit", .uid = 7, .pid = 8},
                                     .limits = {.disk_reserve_bytes = 0}}));
    for (int i = 0; i < entries; ++i) {
      clock.advance(std::chrono::seconds(1));
      must(opened.writer.note_event("heartbeat", {{"n", i}}));
    }
    must(opened.publisher.publish(opened.writer.log().head().size));
  }
  std::filesystem::remove_all(folder / "log/journal");  // the writer's own, in no copy
  write_bytes(folder / "anchors/log.vkey", bytes_of(log_vkey() + "\n"));
}

void make_raw_log(const std::filesystem::path& folder, const std::vector<std::string>& entries) {
  const VisitEntry pass = [](std::uint64_t, ByteView) { return Done(); };
  auto opened =
      must(Log::open(folder_at(folder / "log"), signer_from(0), {.disk_reserve_bytes = 0}, pass));
  for (const std::string& entry : entries) {
    const std::vector<Bytes> batch{entry_of(entry)};
    (void)must(opened.log.commit(batch));
  }
  (void)must(opened.publisher.publish(opened.log.head().size));
  std::filesystem::remove_all(folder / "log/journal");
  write_bytes(folder / "anchors/log.vkey", bytes_of(log_vkey() + "\n"));
}

}  // namespace hangu::audit::test
