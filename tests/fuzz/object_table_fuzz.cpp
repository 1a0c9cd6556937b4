// An object table that is read has one spelling: the bytes that it was read from.

#include "flow/object_table.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hangu;
  const ByteView input = fuzz::view(data, size);
  const auto table = flow::ObjectTable::parse(input);
  if (!table) return 0;
  fuzz::must_hold(equal(table->to_bytes(), input));
  for (const flow::ObjectRow& row : table->rows()) {
    fuzz::must_hold(table->find(row.name) == &row);
    fuzz::must_hold(row.name.find("..") == std::string::npos || !row.name.starts_with("../"));
  }
  return 0;
}
