#pragma once
// Folder: writes an opened package's objects below a folder, as `hangu open` does.

#include "package/reader.hpp"

namespace hangu::package {

/// Writes every object of `reader` as a file of mode 0600 below `folder`, with the sub-folders
/// (0700) that its name asks for. A file appears under its name only when all of its bytes are
/// verified (O_TMPFILE, then linkat, which never overwrites); links are never followed. After an
/// error all files and folders that this call made are removed again, and nothing else is.
///
/// Descriptors: up to 2 * kOutputsAheadMax. Memory: kBufferBytesMax. Sources of errors: those of
/// Reader::extract; Forbidden "file-exists", "folder-not-usable" (a sub-folder's name is a link or
/// a file); Internal "file-open-failed" (also a file system without unnamed files).
[[nodiscard]] Done extract_to_folder(const Reader& reader, os::FdView folder, unsigned threads = 0,
                                     const Progress& progress = {});

}  // namespace hangu::package
