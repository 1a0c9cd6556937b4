#include "audit/counter.hpp"

#include <charconv>

namespace hangu::audit {
namespace {

constexpr const char* kName = "counter";
constexpr const char* kTemporary = "counter.new";
constexpr std::size_t kDigitsMax = 20;

std::string told_text(const CounterTold& counter) {
  return counter.kind + " " + std::to_string(counter.value);
}

Done check_value(std::uint64_t value, std::uint64_t most) {
  if (value <= most) return {};
  return fail(
      ErrorCode::corrupt, "counter-invalid",
      std::string(kName) + ": " + std::to_string(value) + " is above " + std::to_string(most));
}

class FileCounter final : public MonotonicCounter {
 public:
  explicit FileCounter(std::unique_ptr<Folder> folder) : folder_(std::move(folder)) {}

  [[nodiscard]] std::string_view kind() const override { return kCounterFile; }

  Result<std::uint64_t> read() override {
    HANGU_TRY(const bool there, folder_->has(kName));
    if (!there) return std::uint64_t{0};
    HANGU_TRY(const Bytes bytes, folder_->read(kName, kDigitsMax + 1));
    std::string_view text = text_of(bytes);
    if (!text.ends_with('\n')) return fail(ErrorCode::corrupt, "counter-invalid", kName);
    text.remove_suffix(1);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || std::to_string(value) != text)
      return fail(ErrorCode::corrupt, "counter-invalid", kName);
    HANGU_CHECK(check_value(value, kCounterMax));
    return value;
  }

  Result<std::uint64_t> raise() override {
    HANGU_TRY(const std::uint64_t before, read());
    HANGU_CHECK(check_value(before, kCounterMax - 1));
    const std::string text = std::to_string(before + 1) + "\n";
    HANGU_CHECK(folder_->write_temporary(kTemporary, bytes_of(text)));
    HANGU_CHECK(folder_->rename(kTemporary, kName));
    HANGU_CHECK(folder_->sync());
    return before + 1;
  }

  [[nodiscard]] bool is_new() const override { return false; }  // a file is put back at will

 private:
  std::unique_ptr<Folder> folder_;
};

}  // namespace

std::unique_ptr<MonotonicCounter> open_file_counter(std::unique_ptr<Folder> folder) {
  return std::make_unique<FileCounter>(std::move(folder));
}

Done check_counter(const std::optional<CounterTold>& told, const CounterTold& found, bool is_new) {
  if (!told) return {};
  const bool stronger = told->kind == kCounterNone ||
                        (is_new && told->kind == kCounterFile && found.kind == kCounterTpm);
  const bool follows =
      found.kind == told->kind && (found.value == told->value || found.value == told->value + 1);
  if (follows || stronger) return {};
  return fail(ErrorCode::forbidden, "audit-rollback-suspected",
              "the log tells " + told_text(*told) + ", the counter is at " + told_text(found));
}

}  // namespace hangu::audit
