#pragma once
// Ahead: bundles read and worked on by other threads before they are asked for, in order.

#include <deque>
#include <future>

#include "audit/reading/log_reader.hpp"

namespace hangu::audit::search {

inline constexpr std::size_t kBundlesAheadMax = 16;

/// `make` turns a bundle into a T, on any thread. The reader and what `make` uses must outlive it.
/// Thread: one.
template <class T>
class Ahead {
 public:
  using Make = T (*)(const Bundle&, const void* context);

  /// Bundles [first, end). `context` is handed to `make`.
  Ahead(const LogReader& reader, std::uint64_t first, std::uint64_t end, Make make,
        const void* context = nullptr)
      : reader_(&reader), next_(first), end_(end), make_(make), context_(context) {}

  /// The next one; asking after the last is a defect. Errors: those of LogReader::bundle.
  [[nodiscard]] Result<T> take() {
    while (next_ < end_ && running_.size() < kBundlesAheadMax) {
      running_.push_back(std::async(
          std::launch::async,
          [reader = reader_, number = next_, make = make_, context = context_]() -> Result<T> {
            HANGU_TRY(const Bundle bundle, reader->bundle(number));
            return make(bundle, context);
          }));
      ++next_;
    }
    HANGU_ASSERT(!running_.empty());
    Result<T> made = running_.front().get();
    running_.pop_front();
    return made;
  }

 private:
  const LogReader* reader_;
  std::uint64_t next_;
  std::uint64_t end_;
  Make make_;
  const void* context_;
  std::deque<std::future<Result<T>>> running_;
};

}  // namespace hangu::audit::search
