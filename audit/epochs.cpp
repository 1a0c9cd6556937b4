#include "audit/epochs.hpp"

#include <algorithm>
#include <charconv>

#include "audit/checkpoint.hpp"
#include "audit/limits.hpp"
#include "crypto/certificate.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kSuffix = ".key";
constexpr std::string_view kArchive = "epoch";
constexpr std::size_t kKeyFileBytesMax = 1024;
/// The present key, the next one, and what a crash may leave.
constexpr std::size_t kKeyFilesMax = 16;

std::string checkpoint_of(std::uint64_t number) { return std::to_string(number) + ".checkpoint"; }

std::string file_of(std::uint64_t number) { return std::to_string(number) + std::string(kSuffix); }

std::unexpected<Error> bad_key(std::uint64_t number, const char* why) {
  return fail(ErrorCode::corrupt, "audit-epoch-key",
              "epoch " + std::to_string(number) + ": " + why);
}

}  // namespace

std::string epoch_key_name(std::string_view origin) { return std::string(origin) + "/epoch"; }
std::string gm_key_name(std::string_view origin) { return std::string(origin) + "/gm"; }

std::uint64_t last_close_hint(const Folder& epoch_keys, const Folder& log) {
  const auto names = epoch_keys.names(kKeyFilesMax);
  std::uint64_t epoch = 0;  // whose key is there: of several the newest
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    std::uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    epoch = std::max(epoch, number);
  }
  // A crash may have come between the making of a key and the end before it.
  Result<Bytes> bytes = fail(ErrorCode::unavailable, "file-missing");
  for (unsigned back = 1; !bytes && back <= 2 && back <= epoch; ++back)
    bytes = log.read(std::string(kArchive) + "/" + checkpoint_of(epoch - back), kNoteBytesMax);
  const auto note =
      bytes ? Note::parse(text_of(*bytes)) : Result<Note>(std::unexpected(bytes.error()));
  const auto checkpoint =
      note ? Checkpoint::parse(note->text) : Result<Checkpoint>(std::unexpected(note.error()));
  return checkpoint && checkpoint->head.size > 0 ? checkpoint->head.size - 1 : 0;
}

Result<Epochs> Epochs::open(std::unique_ptr<Folder> keys, std::unique_ptr<Folder> log,
                            std::string origin, const std::optional<EpochTold>& told,
                            Entropy& entropy) {
  HANGU_TRY(const bool fresh, log->make_subfolder(std::string(kArchive)));
  if (fresh) HANGU_CHECK(log->sync());
  Epochs epochs(std::move(keys), std::move(log), std::move(origin));
  if (told) epochs.number_ = told->number;
  auto signer = told ? epochs.read(told->number) : epochs.make(0, entropy);
  if (!signer) return std::unexpected(signer.error());
  if (told && signer->key().to_text() != told->vkey) return bad_key(told->number, "another key");
  epochs.signer_ = std::make_unique<NoteSigner>(*std::move(signer));
  HANGU_CHECK(epochs.erase_others());
  return epochs;
}

Result<NoteSigner> Epochs::read(std::uint64_t number) const {
  auto pem = keys_->read(file_of(number), kKeyFileBytesMax);
  if (!pem && pem.error().reason() == "file-missing") return bad_key(number, "missing");
  if (!pem) return std::unexpected(pem.error());
  auto key = crypto::read_signing_key_pem(*pem);
  crypto::wipe(*pem);
  if (!key) return bad_key(number, "damaged");
  return NoteSigner::create(epoch_key_name(origin_), *std::move(key));
}

Result<NoteSigner> Epochs::make(std::uint64_t number, Entropy& entropy) const {
  HANGU_TRY(crypto::SigningKey key,
            crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy));
  HANGU_TRY(Bytes pem, crypto::write_key_pem(key));
  const Done written = write_key(number, pem);
  crypto::wipe(pem);
  HANGU_CHECK(written);
  return NoteSigner::create(epoch_key_name(origin_), std::move(key));
}

Done Epochs::write_key(std::uint64_t number, ByteView pem) const {
  {
    HANGU_TRY(const std::unique_ptr<File> file, keys_->create(kTemporaryName));
    HANGU_CHECK(file->write_at(0, pem));
    HANGU_CHECK(file->sync_all());
  }
  HANGU_CHECK(keys_->rename(kTemporaryName, file_of(number)));
  return keys_->sync();
}

Result<NoteKey> Epochs::prepare_next(Entropy& entropy) {
  HANGU_TRY(NoteSigner next, make(number_ + 1, entropy));
  next_ = std::make_unique<NoteSigner>(std::move(next));
  return next_->key();
}

Done Epochs::keep_last(std::string_view note) const {
  HANGU_ASSERT(number_ > 0);
  HANGU_TRY(const std::unique_ptr<Folder> archive, log_->subfolder(std::string(kArchive)));
  const std::string name = checkpoint_of(number_ - 1);
  HANGU_TRY(const bool there, archive->has(name));
  return there ? archive->sync() : archive->replace(name, bytes_of(note));
}

Done Epochs::advance(std::string_view note) {
  HANGU_ASSERT(next_ != nullptr);
  ++number_;
  HANGU_CHECK(keep_last(note));
  signer_ = std::move(next_);
  return erase_others();
}

Done Epochs::erase_others() const {
  HANGU_TRY(const std::vector<std::string> names, keys_->names(kKeyFilesMax));
  bool erased = false;
  for (const std::string& name : names) {
    if (name == file_of(number_)) continue;
    HANGU_CHECK(keys_->erase(name));
    erased = true;
  }
  if (!erased) return {};
  return keys_->sync();
}

}  // namespace hangu::audit
