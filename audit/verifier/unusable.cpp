#include "audit/verifier/unusable.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace hangu_verify {

std::string Unusable::text(Language language) const {
  struct Sentence {
    std::string_view reason;
    std::string_view en;
    std::string_view zh;
  };
  constexpr std::array kSentences{
      Sentence{"file-missing", "The file is missing or cannot be read.", "文件不存在或无法读取。"},
      Sentence{"file-unreadable", "It is there and cannot be read.", "存在但无法读取。"},
      Sentence{"file-exists", "The file is there already.", "文件已存在。"},
      Sentence{"write-failed", "The file could not be written.", "文件无法写入。"},
      Sentence{"vkey-invalid", "Not a log's verifier key.", "不是日志公钥。"},
      Sentence{"keys-invalid", "Not a file of Ed25519 keys by name.",
               "不是按名字列出 Ed25519 公钥的文件。"},
      Sentence{"policy-invalid", "Not a witness policy.", "不是见证策略。"},
      Sentence{"policy-log", "The policy knows no such log.", "策略中没有此日志。"},
      Sentence{"number-invalid", "Not a number that can be used.", "不是可用的数字。"},
  };
  const auto found = std::ranges::find(kSentences, reason, &Sentence::reason);
  if (found == kSentences.end()) return reason;
  return std::string(language == Language::zh ? found->zh : found->en);
}

}  // namespace hangu_verify
