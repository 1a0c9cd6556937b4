#include "geo/page_file.hpp"

#include "os/file.hpp"

namespace hangu::geo {
namespace {

constexpr std::size_t kPage = kSqlitePageBytes;
constexpr std::size_t kRunBytes = std::size_t{1} << 20;

}  // namespace

PageFile::Run::Run(os::FdView output)
    : write([this, output] { return os::write_all_at(output, at, pages); }) {}

PageFile::PageFile(os::FdView output, std::uint64_t bytes_max, os::Companion* companion)
    : output_(output), bytes_max_(bytes_max), companion_(companion) {
  const std::size_t runs = companion == nullptr ? 1 : kRunsInHand;
  while (ring_.size() < runs) ring_.emplace_back(output);
  ring_.front().at = kPage;
}

Done PageFile::flush() {
  Run& full = ring_[filling_];
  const std::uint64_t end = full.at + full.pages.size();
  full.write.begin(companion_);
  filling_ = (filling_ + 1) % ring_.size();
  Run& next = ring_[filling_];
  HANGU_CHECK(next.write.finish());
  next.pages.clear();
  next.at = end;
  return {};
}

Done PageFile::settle() {
  HANGU_CHECK(flush());
  for (std::size_t i = 1; i <= ring_.size(); ++i) {  // oldest first
    HANGU_CHECK(ring_[(filling_ + i) % ring_.size()].write.finish());
  }
  return {};
}

Done PageFile::take(ByteView page) {
  HANGU_ASSERT(page.size() == kPage);
  if (std::uint64_t{next_} * kPage > bytes_max_ || next_ >= kSqlitePagesMax) {
    return fail(ErrorCode::exhausted, "output-limit");
  }
  Bytes& pages = ring_[filling_].pages;
  if (pages.empty()) pages.reserve(kRunBytes);
  hangu::append(pages, page);
  ++next_;
  return pages.size() >= kRunBytes ? flush() : Done();
}

Result<std::uint32_t> PageFile::append(ByteView page) {
  const std::uint32_t number = next_;
  HANGU_CHECK(take(page));
  if (next_ == kSqliteLockPage) HANGU_CHECK(take(Bytes(kPage)));
  return number;
}

Done PageFile::rewrite(std::uint32_t number, ByteView page) {
  HANGU_CHECK(settle());
  return os::write_all_at(output_, std::uint64_t{number - 1} * kPage, page);
}

Result<std::uint32_t> PageFile::finish(ByteView first_page) {
  HANGU_CHECK(settle());
  HANGU_CHECK(os::write_all_at(output_, 0, first_page));
  return pages();
}

}  // namespace hangu::geo
