#pragma once
// Epochs: the second line under every checkpoint, by a key that is erased when its epoch ends. Who
// steals the keys of today cannot sign for yesterday. docs/protocols/audit-log.md §6.
//
// The private keys stand in a folder of their own, which no copy of the log takes along:
//   <n>.key                (PKCS #8) only of the present epoch and, while it closes, of the next
// The log's folder keeps, for ever:
//   epoch/<n>.checkpoint   the last checkpoint of a closed epoch

#include <optional>
#include <string>

#include "audit/folder.hpp"
#include "audit/note.hpp"
#include "base/entropy.hpp"

namespace hangu::audit {

/// What a log's entries tell of its present epoch.
struct EpochTold {
  std::uint64_t number = 0;
  std::string vkey;
  bool operator==(const EpochTold&) const = default;
};

/// The name of every epoch's key: "<origin>/epoch".
[[nodiscard]] std::string epoch_key_name(std::string_view origin);
/// The name of the SM2 key: "<origin>/gm".
[[nodiscard]] std::string gm_key_name(std::string_view origin);

/// The entry that ended the last epoch, by the names and the unchecked words of these files: good
/// for choosing where to begin, and nothing else. 0: there is none, or it cannot be read.
[[nodiscard]] std::uint64_t last_close_hint(const Folder& epoch_keys, const Folder& log);

/// Thread: one. Errors of all: those of files.
class Epochs {
 public:
  /// Takes up the present epoch, or begins the first one (durably) when nothing is told: the log is
  /// empty. Keys of other epochs are erased.
  /// Errors: Corrupt "audit-epoch-key" (missing, or not the one that was told).
  [[nodiscard]] static Result<Epochs> open(std::unique_ptr<Folder> keys,
                                           std::unique_ptr<Folder> log, std::string origin,
                                           const std::optional<EpochTold>& told, Entropy& entropy);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const NoteSigner& signer() const { return *signer_; }

  /// Makes the next epoch's key, durably. An unused one made before is forgotten.
  [[nodiscard]] Result<NoteKey> prepare_next(Entropy& entropy);
  /// The present epoch's end is durable in the log, under `note`: keeps that, takes up the prepared
  /// key, erases the one before.
  [[nodiscard]] Done advance(std::string_view note);
  /// Keeps the last checkpoint of the epoch before, if a crash came between its end and that.
  [[nodiscard]] Done keep_last(std::string_view note) const;

 private:
  Epochs(std::unique_ptr<Folder> keys, std::unique_ptr<Folder> log, std::string origin)
      : keys_(std::move(keys)), log_(std::move(log)), origin_(std::move(origin)) {}
  [[nodiscard]] Result<NoteSigner> read(std::uint64_t number) const;
  [[nodiscard]] Result<NoteSigner> make(std::uint64_t number, Entropy& entropy) const;
  [[nodiscard]] Done write_key(std::uint64_t number, ByteView pem) const;
  [[nodiscard]] Done erase_others() const;

  std::unique_ptr<Folder> keys_;
  std::unique_ptr<Folder> log_;
  std::string origin_;
  std::uint64_t number_ = 0;
  std::unique_ptr<NoteSigner> signer_;  ///< at a fixed address: the log signs through it
  std::unique_ptr<NoteSigner> next_;
};

}  // namespace hangu::audit
