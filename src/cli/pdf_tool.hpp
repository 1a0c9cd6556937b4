#pragma once
// PDF tool: a PDF from HTML by WeasyPrint, run as a process of its own without a network.

#include <string>

#include "os/descriptor.hpp"

namespace hangu::cli {

/// Makes a PDF of `html`, which refers to nothing outside itself, into `pdf`. `folder` is where an
/// unnamed file can be made. The tool sees the HTML as its input and nothing else of ours; where
/// the system lets us it has an empty network namespace.
/// Errors: Internal "pdf-tool-missing", "pdf-tool-failed" (with its last words).
[[nodiscard]] Done make_pdf(const std::string& html, os::FdView folder, os::FdView pdf);

}  // namespace hangu::cli
