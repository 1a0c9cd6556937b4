#include "check/csv_reader.hpp"
#include "tests/unit/check/made.hpp"

namespace hangu::check {
namespace {

using test::kCsv;
using test::verdict_of;

plain::Layer cities() {
  plain::Layer layer;
  layer.name = "table";
  layer.fields = {{"code", plain::FieldType::text, 0, false},
                  {"name", plain::FieldType::text, 0, false}};
  return layer;
}

os::UniqueFd table() {
  return test::plain_form({plain::DatasetKind::table, 1}, [](plain::Writer& writer) -> Done {
    HANGU_CHECK(writer.layer(cities()));
    for (const auto& [code, name] : {std::pair<std::string_view, std::string_view>{"1", "北京"},
                                     {"2", "a,b \"c\"\nd"},
                                     {"", ""}}) {
      const std::array<plain::Value, 2> row{code, name};
      HANGU_TRY([[maybe_unused]] const plain::Shape none, writer.feature(row, {}));
    }
    return {};
  });
}

// RFC 4180 but for the line end, written by hand.
const std::string kRight = "code,name\n1,北京\n2,\"a,b \"\"c\"\"\nd\"\n,\n";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

std::string verdict(const std::string& text) { return verdict_of(bytes_of(text), kCsv, table()); }

TEST_CASE("a CSV rendition that says what plain form says passes", "[check][csv]") {
  CHECK(verdict(kRight) == "pass: ok");
  CHECK(text_of(test::written(geo::write_csv, table())) == kRight);
}

TEST_CASE("a CSV rendition with other cells, rows or columns is refused", "[check][csv]") {
  CHECK(verdict(replaced(kRight, "北京", "南京")) == "fail: rendition-content-differs");
  CHECK(verdict(replaced(kRight, "1,北京\n", "")) == "fail: rendition-count-differs");
  CHECK(verdict(kRight + ",\n") == "fail: rendition-count-differs");
  CHECK(verdict(replaced(kRight, "code", "Code")) == "fail: rendition-columns-differ");
  CHECK(verdict(replaced(kRight, "code,name", "name,code")) == "fail: rendition-columns-differ");
  CHECK(verdict(replaced(kRight, "code,name", "code,name,x")) == "fail: rendition-columns-differ");
  CHECK(verdict(replaced(kRight, "1,北京", "1,北京,x")) == "fail: csv-columns");
  CHECK(verdict("") == "fail: rendition-columns-differ");
}

TEST_CASE("a CSV rendition in any other spelling of the same values is refused", "[check][csv]") {
  CHECK(verdict("\xef\xbb\xbf" + kRight) == "fail: csv-bom");
  CHECK(verdict(replaced(kRight, "1,北京\n", "1,北京\r\n")) == "fail: csv-carriage-return");
  CHECK(verdict(replaced(kRight, "d\"\n", "d\"\r\n")) == "fail: csv-carriage-return");
  CHECK(verdict(replaced(kRight, "北京", "\"北京\"")) == "fail: csv-quoting");
  CHECK(verdict(kRight.substr(0, kRight.size() - 2) + "\"\",\n") == "fail: csv-quoting");
  CHECK(verdict(kRight.substr(0, kRight.size() - 1)) == "fail: csv-no-final-line-feed");
  CHECK(verdict(kRight + "\n") == "fail: csv-empty-record");
  CHECK(verdict(replaced(kRight, "北京", "北\"京")) == "fail: csv-quote");
  CHECK(verdict(replaced(kRight, "d\"\n", "d\" \n")) == "fail: csv-quote");
  CHECK(verdict(replaced(kRight, "d\"\n", "d\n")) == "fail: csv-open-quote");
  CHECK(verdict(replaced(kRight, "北京", std::string("北\0京", 7))) == "fail: plain-value");
  CHECK(verdict(replaced(kRight, "北京", "\xb1\xb1")) == "fail: plain-value");
}

TEST_CASE("an empty only field of a CSV record stands in quotes", "[check][csv]") {
  const auto read = [](const std::string& text) -> std::string {
    const MemorySource source(bytes_of(text));
    CsvReader reader(source);
    std::string out;
    while (true) {
      const auto record = reader.next();
      if (!record) return std::string(record.error().reason());
      if (!*record) return out;
      for (const std::string_view field : **record) out += "[" + std::string(field) + "]";
    }
  };
  CHECK(read("a\n\"\"\nb\n") == "[a][][b]");
  CHECK(read("a\n\nb\n") == "csv-empty-record");
  CHECK(read("a,b\n\"\",\n") == "csv-quoting");
  CHECK(read("\"a\r\"\n") == "[a\r]");
}

TEST_CASE("every changed byte of a CSV rendition is refused", "[check][csv]") {
  const os::UniqueFd plain_form = table();
  for (std::size_t at = 0; at < kRight.size(); ++at) {
    for (const char change : {'\x01', '\x20', '\x80'}) {
      std::string text = kRight;
      text[at] = static_cast<char>(text[at] ^ change);
      CAPTURE(at, change);
      CHECK(verdict_of(bytes_of(text), kCsv, plain_form) != "pass: ok");
    }
  }
}

TEST_CASE("a CSV record is read to the limit and not beyond", "[check][csv]") {
  const auto read = [](std::size_t size) {
    const std::string text = std::string(size, 'x') + "\n";
    const MemorySource source(bytes_of(text));
    CsvReader reader(source);
    const auto record = reader.next();
    return record ? std::string("ok") : std::string(record.error().reason());
  };
  CHECK(read(std::size_t{64} << 20) == "ok");
  CHECK(read((std::size_t{64} << 20) + 1) == "csv-limit");
}

}  // namespace
}  // namespace hangu::check
