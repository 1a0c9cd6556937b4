#include "audit/spare_segment.hpp"

#include <algorithm>
#include <utility>

#include "audit/limits.hpp"
#include "os/clock.hpp"

namespace hangu::audit {

Done SpareSegment::lay_out(const Folder& journal, std::uint64_t more,
                           const std::function<bool()>& go_on) {
  HANGU_TRY(const bool there, journal.has(kSpareName));
  if (there) return {};
  if (!file_) {
    HANGU_TRY(file_, journal.create(kHalfSpareName));
    laid_out_ = 0;
  }
  if (const Done written = write_zeros(more, go_on); !written) {
    static_cast<void>(drop(journal));  // its room may be what is missing
    return written;
  }
  if (laid_out_ < bytes_) return {};
  file_.reset();
  return journal.rename(kHalfSpareName, kSpareName);
}

Done SpareSegment::drop(const Folder& journal) {
  if (!std::exchange(file_, nullptr)) return {};
  return journal.remove(kHalfSpareName);
}

Done SpareSegment::write_zeros(std::uint64_t more, const std::function<bool()>& go_on) {
  const Bytes zeros(kSpareStepBytes);
  const std::uint64_t end = laid_out_ + std::min(more, bytes_ - laid_out_);
  while (laid_out_ < end && go_on()) {  // ends: each step lays out more
    const auto step =
        static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), end - laid_out_));
    HANGU_CHECK(file_->write_at(laid_out_, ByteView(zeros).first(step)));
    HANGU_CHECK(file_->sync_data());
    laid_out_ += step;
    if (more <= kSpareRoundBytes) os::pause_for(kSparePause);
  }
  return laid_out_ < bytes_ ? Done() : file_->sync_all();
}

}  // namespace hangu::audit
