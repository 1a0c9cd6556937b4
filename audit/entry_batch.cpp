#include "audit/entry_batch.hpp"

#include <algorithm>
#include <utility>

namespace hangu::audit {
namespace {

constexpr std::size_t kLengthBytes = 2;

}  // namespace

EntryBatch::EntryBatch(EntryBatch&& other) noexcept { *this = std::move(other); }

EntryBatch& EntryBatch::operator=(EntryBatch&& other) noexcept {
  text_ = std::exchange(other.text_, {});
  starts_ = std::exchange(other.starts_, {});
  begun_ = std::exchange(other.begun_, 0);
  return *this;
}

void EntryBatch::reserve(std::size_t entries, std::size_t bytes) {
  starts_.reserve(entries);
  text_.reserve(bytes);
}

void EntryBatch::add(ByteView entry) {
  begin().append(text_of(entry));
  keep();
}

std::string& EntryBatch::begin() {
  HANGU_ASSERT(text_.size() == begun_);
  return text_.append(kLengthBytes, '\0');
}

std::string_view EntryBatch::begun() const {
  return std::string_view(text_).substr(begun_ + kLengthBytes);
}

void EntryBatch::keep() {
  const std::size_t length = begun().size();
  HANGU_ASSERT(length <= 0xffff);
  text_[begun_] = static_cast<char>(length >> 8U);
  text_[begun_ + 1] = static_cast<char>(length & 0xffU);
  starts_.push_back(begun_);
  begun_ = text_.size();
}

void EntryBatch::drop() { text_.resize(begun_); }

ByteView EntryBatch::operator[](std::size_t i) const {
  const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : begun_;
  const std::size_t start = starts_[i] + kLengthBytes;
  return bundle().subspan(start, end - start);
}

void EntryBatch::fit() {
  if (text_.capacity() > 2 * text_.size()) text_.shrink_to_fit();
}

void EntryTail::add(EntryBatch batch) {
  if (batch.empty()) return;
  batch.fit();
  const std::uint64_t first = end_;
  end_ += batch.size();
  memory_ += batch.memory();
  batches_.push_back({.first = first, .entries = std::move(batch)});
}

ByteView EntryTail::operator[](std::uint64_t index) const {
  HANGU_ASSERT(index >= first() && index < end_);
  const auto after =
      std::ranges::upper_bound(batches_, index, {}, [](const Batch& batch) { return batch.first; });
  const Batch& batch = *(after - 1);
  return batch.entries[static_cast<std::size_t>(index - batch.first)];
}

void EntryTail::release(std::uint64_t index) {
  while (!batches_.empty() && batches_.front().first + batches_.front().entries.size() <= index) {
    memory_ -= batches_.front().entries.memory();
    batches_.pop_front();
  }
}

}  // namespace hangu::audit
