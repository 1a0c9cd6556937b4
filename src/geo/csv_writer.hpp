#pragma once
// Plain form to CSV, in one spelling. docs/protocols/plain-form.md §6.

#include "geo/outcome.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

namespace hangu::geo {

/// Writes a table dataset. Errors: those of plain::Reader; Malformed "format-unfit" (not a
/// table); Exhausted "output-limit"; writing.
[[nodiscard]] Result<Outcome> write_csv(plain::Input plain_form, os::FdView output,
                                        std::uint64_t output_bytes_max);

}  // namespace hangu::geo
