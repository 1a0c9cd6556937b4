#pragma once
// One entry as a log is walked over: what it says, and where it stands.

#include "audit/verifier/bundles.hpp"
#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// Borrowed, for the time of one call.
struct Walked {
  const Bundle& bundle;
  std::size_t place = 0;  ///< in the bundle
  Report& report;

  [[nodiscard]] std::uint64_t index() const { return bundle.first + place; }
  [[nodiscard]] const Facts& facts() const { return bundle.facts[place]; }
  [[nodiscard]] std::string_view text() const { return bundle.entries[place]; }
  void bad(std::string code, std::vector<std::string> words = {}) const {
    report.bad_entry(index(), std::move(code), std::move(words), bundle.path,
                     bundle.offset_of(place));
  }
};

}  // namespace hangu_verify
