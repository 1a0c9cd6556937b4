#include "audit/verifier/report.hpp"

#include <algorithm>

namespace hangu_verify {

void Report::worsen(Finding what, Remark remark) {
  if (finding == Finding::good || what < finding) finding = what;
  remarks.push_back(std::move(remark));
}

void Report::worsen_all(Finding what, std::vector<Remark> all) {
  for (Remark& remark : all) worsen(what, std::move(remark));
}

void Report::bad_entry(std::uint64_t index, std::string code, std::vector<std::string> words,
                       std::string path, std::optional<std::uint64_t> offset) {
  not_from(index);
  worsen(Finding::tampered, {std::move(code), index, std::move(words), std::move(path), offset});
}

void Report::not_from(std::uint64_t index) {
  first_bad = std::min(first_bad.value_or(index), index);
}

void Report::look(std::string code, std::vector<std::string> words,
                  std::optional<std::uint64_t> entry) {
  worth_a_look.push_back({std::move(code), entry, std::move(words)});
}

}  // namespace hangu_verify
