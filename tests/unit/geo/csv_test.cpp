#include "tests/unit/geo/conversions.hpp"

namespace hangu::geo {
namespace {

using test::convert;
using test::data_path;
using test::ScratchFolder;

/// Reads `text` as CSV and writes it again; the outcome, or the reason why not.
std::string rewritten(const std::string& text) {
  const ScratchFolder scratch;
  os::test::write_text(scratch / "in.csv", text);
  std::string reason = test::reading(read_csv, scratch / "in.csv");
  if (reason != "ok") return reason;
  convert(read_csv, write_csv, scratch / "in.csv", scratch / "out.csv");
  return os::test::read_text(scratch / "out.csv");
}

TEST_CASE("real tables come out with the values that Python reads", "[geo][csv]") {
  for (const char* const name : {"areas.csv", "country_code_ISO_3166.csv"}) {
    const ScratchFolder scratch;
    convert(read_csv, write_csv, data_path(name), scratch / "out.csv");
    const std::string script =
        "python3 -c \"import csv, sys; rows = [list(csv.reader(open(p, encoding='utf-8', "
        "newline=''))) for p in sys.argv[1:]]; print(rows[0] == rows[1], len(rows[0]))\" ";
    const std::string said =
        test::output_of(script + "'" + data_path(name) + "' '" + (scratch / "out.csv") + "'");
    CHECK(said.starts_with("True"));
  }
}

TEST_CASE("CSV is written in one spelling", "[geo][csv]") {
  CHECK(rewritten("a,b\n1,2\n") == "a,b\n1,2\n");
  CHECK(rewritten("a,b\r\n1,2") == "a,b\n1,2\n");
  CHECK(rewritten("\xef\xbb\xbf"
                  "a,b\n\"1\",\"2\"\n") == "a,b\n1,2\n");
  CHECK(rewritten("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n") == "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n");
  CHECK(rewritten("a,b\n\"two\r\nlines\", pad \n") == "a,b\n\"two\r\nlines\", pad \n");
  CHECK(rewritten("a\n\n\"\"\nx\n") == "a\n\"\"\n\"\"\nx\n");
  CHECK(rewritten("a,b\n,\n") == "a,b\n,\n");
  CHECK(rewritten("名,b\n函谷,关\n") == "名,b\n函谷,关\n");
  CHECK(rewritten("only,header") == "only,header\n");
}

TEST_CASE("CSV that is not regular is refused with its reason", "[geo][csv]") {
  CHECK(rewritten("") == "csv-no-header");
  CHECK(rewritten("a,b\n1\n") == "csv-ragged-row");
  CHECK(rewritten("a,b\n1,2,3\n") == "csv-ragged-row");
  CHECK(rewritten("a,b\n\n") == "csv-ragged-row");
  CHECK(rewritten("a,b\n1,x\"y\n") == "csv-quote");
  CHECK(rewritten("a,b\n1,\"x\"y\n") == "csv-quote");
  CHECK(rewritten("a,b\n1,\"x\n") == "csv-open-quote");
  CHECK(rewritten("a,b\r1,2\r") == "csv-carriage-return");
  CHECK(rewritten(std::string("a,b\n1,\0\n", 8)) == "csv-nul");
  CHECK(rewritten("a,b\n1,\xba\xaf\xb9\xc8\n") == "csv-not-utf8");  // GB 18030 of 函谷
  CHECK(rewritten("a,A\n1,2\n") == "plain-name");
  CHECK(rewritten("a,\n1,2\n") == "plain-name");
}

TEST_CASE("a table may become a GeoPackage of attributes", "[geo][csv]") {
  test::warm_once();
  const ScratchFolder scratch;
  convert(read_csv, write_geopackage, data_path("areas.csv"), scratch / "out.gpkg");
  const std::string text = test::layer_text(scratch / "out.gpkg", "table");
  CHECK(text.starts_with("code\tname\tcityCode\tprovinceCode\n"));
  CHECK(std::ranges::count(text, '\n') == 2979);
}

TEST_CASE("a CSV output that would be over its bound is not finished", "[geo][csv]") {
  const ScratchFolder scratch;
  convert(read_csv, write_csv, data_path("areas.csv"), scratch / "out.csv");
  const std::uint64_t size = std::filesystem::file_size(scratch / "out.csv");
  const os::UniqueFd plain_form = test::open_input(scratch / "out.csv.plain");
  const os::UniqueFd output = test::open_output(scratch / "bounded.csv");
  CHECK(write_csv(plain_form.view(), output.view(), size));
  CHECK(test::reason_of(write_csv(plain_form.view(), output.view(), size - 1)) == "output-limit");
}

}  // namespace
}  // namespace hangu::geo
