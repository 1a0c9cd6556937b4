#include "cli/sequence.hpp"

#include <limits>

#include "cli/folder_lock.hpp"
#include "cli/identity.hpp"
#include "os/file.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kSequenceBytesMax = 4096;

Result<SequenceTurn> next_turn(const std::string& path) {
  if (!path_exists(path)) return SequenceTurn{};
  const auto read = [&]() -> Result<SequenceTurn> {
    HANGU_TRY(const std::string text, read_text(path, kSequenceBytesMax));
    HANGU_TRY(const wire::Json json, wire::Json::parse(text, kSequenceBytesMax));
    wire::Fields f(json, "sequence");
    const auto last = f.integer("sequence", 1, std::numeric_limits<std::int64_t>::max() - 1);
    const auto digest =
        f.accept("statement", crypto::ObjectDigest::parse(f.text("statement", 120)));
    HANGU_CHECK(f.finish());
    return SequenceTurn{static_cast<std::uint64_t>(last) + 1, digest};
  };
  Result<SequenceTurn> turn = read();
  if (!turn)
    return fail(ErrorCode::corrupt, "sequence-invalid", path + ": " + turn.error().message());
  return turn;
}

}  // namespace

Result<flow::Envelope> take_turn(
    const std::string& folder, crypto::HashAlgorithm algorithm,
    const std::function<Result<flow::Envelope>(const SequenceTurn&)>& sign) {
  HANGU_TRY(const FolderLock lock, FolderLock::take(folder));
  const std::string path = folder + "/sequence.json";
  HANGU_TRY(const SequenceTurn turn, next_turn(path));
  HANGU_TRY(flow::Envelope envelope, sign(turn));
  const wire::Json used =
      wire::JsonObject{{"sequence", turn.number},
                       {"statement", crypto::digest_of(algorithm, envelope.payload).to_text()}};
  HANGU_CHECK(os::write_file_durably(path, bytes_of(used.to_text()), 0600));
  return envelope;
}

}  // namespace hangu::cli
