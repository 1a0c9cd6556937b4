#pragma once
// The texts of C2SP tlog-witness: what a client asks with add-checkpoint and a witness answers.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle.hpp"
#include "audit/note.hpp"

namespace hangu::audit {

/// AddCheckpoint is a request's body:
///
///     old <size>
///     <base64 of a hash>      0..kProofHashesMax times
///                             an empty line
///     <signed checkpoint>
struct AddCheckpoint {
  std::uint64_t old_size = 0;  ///< of the checkpoint that the proof starts from; 0: none
  std::vector<Hash> proof;
  std::string note;

  [[nodiscard]] std::string to_text() const;
  /// The note is not read here. Errors: Malformed "add-checkpoint-malformed" (which line, and what
  /// was expected); Exhausted "add-checkpoint-too-long".
  [[nodiscard]] static Result<AddCheckpoint> parse(std::string_view body);
  bool operator==(const AddCheckpoint&) const = default;
};

// The statuses of answers.
inline constexpr int kWitnessCosigned = 200;
inline constexpr int kWitnessMalformed = 400;
inline constexpr int kWitnessForbidden = 403;
inline constexpr int kWitnessUnknownLog = 404;
inline constexpr int kWitnessOtherSize = 409;
inline constexpr int kWitnessContradiction = 422;
inline constexpr int kWitnessFailed = 500;
inline constexpr int kWitnessLater = 503;

/// What a witness answers over HTTP.
struct WitnessAnswer {
  int status = 0;
  std::string media_type;
  std::string body;
  bool operator==(const WitnessAnswer&) const = default;
};

inline constexpr std::string_view kTextMediaType = "text/plain; charset=utf-8";
inline constexpr std::string_view kSizeMediaType = "text/x.tlog.size";

/// The body of a 409: "<size>\n". Errors: Malformed "witness-answer-malformed".
[[nodiscard]] Result<std::uint64_t> parse_size_answer(std::string_view body);
/// The signature lines of a 200, at least one. Errors: Malformed "witness-answer-malformed".
[[nodiscard]] Result<std::vector<NoteSignature>> parse_cosignature_answer(std::string_view body);
/// The lines as a body.
[[nodiscard]] std::string to_answer(const std::vector<NoteSignature>& lines);

}  // namespace hangu::audit
