#pragma once
// CSV to plain form: RFC 4180 with a header row, UTF-8, comma. Nothing is guessed: every column is
// text, and what is not regular is refused.

#include "geo/outcome.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

namespace hangu::geo {

/// Takes a byte order mark at the start, and CRLF or LF as line end (also mixed; the last row may
/// lack it). Memory: one row and a window. Errors: Malformed "csv-not-utf8" (GB 18030 and others
/// included), "csv-quote" (a quote in a value without quotes, or text after a closing one),
/// "csv-open-quote", "csv-carriage-return" (alone, outside quotes), "csv-nul", "csv-ragged-row"
/// (another count of values than the header), "csv-no-header"; Exhausted "csv-limit" (row); those
/// of plain::Writer (names of columns).
[[nodiscard]] Result<Outcome> read_csv(plain::Input input, os::FdView output);

}  // namespace hangu::geo
