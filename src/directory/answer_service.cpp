#include "directory/answer_service.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "os/clock.hpp"

namespace hangu::directory {
namespace {

constexpr std::size_t kConnectionsATurn = 16;

Done send_pieces(os::Channel& channel, std::string_view text) {
  std::array<std::byte, 4> length{};
  store_u32(length, static_cast<std::uint32_t>(text.size()));
  HANGU_CHECK(channel.send(length, kAnswerTime));
  for (std::size_t at = 0; at < text.size(); at += kPieceBytes)
    HANGU_CHECK(channel.send(hangu::bytes_of(text.substr(at, kPieceBytes)), kAnswerTime));
  return {};
}

void answer_one(os::Channel& channel, const Standing& standing, const crypto::SigningKey& key,
                const Clock& clock) {
  const Result<os::Message> message = channel.receive(kQuestionTime);
  if (!message) return;
  const Result<WallTime> now = clock.now();
  const auto said = now ? answer(standing, text_of(message->bytes), key, *now)
                        : Result<std::string>(std::unexpected(now.error()));
  // Who asks sees by its own clock that nothing came.
  (void)send_pieces(channel, said ? *said : std::string()).has_value();
}

}  // namespace

Result<std::string> answer(const Standing& standing, std::string_view question,
                           const crypto::SigningKey& key, WallTime now) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(question, hangu::kMessageBytesMax));
  HANGU_TRY(policy::DirectoryQuestion asked, policy::DirectoryQuestion::parse(json));
  const auto made =
      standing.look([&](const Known* known) -> std::optional<policy::DirectoryAnswer> {
        if (known == nullptr) return std::nullopt;
        return policy::DirectoryAnswer{
            asked,
            {known->cookie, known->replica.snapshot(), os::monotonic_now() - known->proved},
            known->replica.answer(asked, now)};
      });
  if (!made) return fail(ErrorCode::unavailable, "directory-loading");
  return made->sign(key);
}

void answer_waiting(os::Listener& listener, const Standing& standing, const crypto::SigningKey& key,
                    const Clock& clock) {
  for (std::size_t i = 0; i < kConnectionsATurn; ++i) {
    auto accepted = listener.accept();
    if (!accepted || !*accepted) return;
    answer_one(**accepted, standing, key, clock);
  }
}

}  // namespace hangu::directory
