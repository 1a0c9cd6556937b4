#include "cli/progress.hpp"

#include "os/clock.hpp"

namespace hangu::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::chrono::milliseconds kInterval{200};

std::string time_left(std::uint64_t seconds) {
  const auto two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string rest = two(seconds / 60 % 60) + ":" + two(seconds % 60);
  return seconds < 3600 ? rest : std::to_string(seconds / 3600) + ":" + rest;
}

}  // namespace

std::string progress_text(std::uint64_t done, std::uint64_t total, std::uint64_t done_in_elapsed,
                          std::chrono::milliseconds elapsed) {
  const auto ms = static_cast<double>(elapsed.count() > 0 ? elapsed.count() : 1);
  const double rate = static_cast<double>(done_in_elapsed) * 1000.0 / ms;
  std::string text;
  if (total > 0)
    text = std::to_string(
               static_cast<int>(static_cast<double>(done) * 100.0 / static_cast<double>(total))) +
           " % ";
  text += bytes_text(done);
  if (total > 0) text += "/" + bytes_text(total);
  text += "  " + bytes_text(static_cast<std::uint64_t>(rate)) + "/s";
  if (total > done && rate >= 1.0)
    text += "  " + time_left(static_cast<std::uint64_t>(static_cast<double>(total - done) / rate));
  return text;
}

ProgressLine::ProgressLine(Console& console, const Bilingual& act)
    : console_(console), act_(console.say(act)), start_(os::monotonic_now()) {}

ProgressLine::~ProgressLine() {
  if (visible_) console_.messages() << "\r\x1b[K" << std::flush;
}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
  if (!console_.style().terminal || console_.style().quiet) return;
  if (!told_) {
    told_ = true;
    first_ = done;
  }
  const std::chrono::milliseconds now = os::monotonic_now();
  if (now - start_ < kPatience || now - drawn_ < kInterval) return;
  drawn_ = now;
  visible_ = true;
  console_.messages() << "\r\x1b[K" << act_ << "  "
                      << progress_text(done, total, done - first_, now - start_) << std::flush;
}

}  // namespace hangu::cli
