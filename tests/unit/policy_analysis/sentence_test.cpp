#include "policy/analysis/sentence.hpp"

#include <catch2/catch.hpp>

#include "policy/analysis/matrix.hpp"
#include "policy/policy.hpp"
#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::Tongue;
using test::must;

/// Names of the example that officers know.
const policy::Catalogue& catalogue() {
  static const policy::Catalogue kMade = must(policy::Catalogue::parse(R"(
compartments = ["自然资源"]
[catalogue]
id = "example"
version = 1
[[zone]]
id = "classified"
title_zh = "涉密内网"
title_en = "classified intranet"
ceiling_secrecy = "top-secret"
ceiling_grade = "core"
[[zone]]
id = "egov"
title_zh = "电子政务网"
title_en = "e-government network"
ceiling_secrecy = "internal"
ceiling_grade = "important"
[[dataset]]
id = "parcels"
title_zh = "耕地图斑"
title_en = "farmland parcels"
products = ["parcels"]
[[dataset]]
id = "farmland"
title_zh = "永久基本农田"
title_en = "permanent basic farmland"
products = ["farmland"]
[[dataset]]
id = "imagery"
title_zh = "遥感影像"
title_en = "imagery"
products = ["imagery"]
[[role]]
id = "export"
title_zh = "数据出口岗"
title_en = "data exporter"
[[role]]
id = "security"
title_zh = "安全保密管理员"
title_en = "security officer"
[[role]]
id = "owner"
title_zh = "数据责任人"
title_en = "data owner"
[[node_level]]
id = "province"
title_zh = "省"
title_en = "province"
[[node_level]]
id = "city"
title_zh = "市"
title_en = "city"
[[declassifier]]
id = "shift-v3"
title_zh = "坐标偏移-v3"
title_en = "coordinate shift v3"
[[declassifier]]
id = "drop-v2"
title_zh = "属性删除-耕地-v2"
title_en = "attribute removal v2"
[[calendar]]
id = "workdays"
title_zh = "工作日"
title_en = "workdays"
offset = "+08:00"
days = ["mon", "tue", "wed", "thu", "fri"]
)"));
  return kMade;
}

policy::RuleBook book_of(const std::string& rules) {
  return must(policy::Policy::parse("[policy]\nid = \"p\"\nversion = 1\n"
                                    "effective = 2026-01-01T00:00:00Z\n"
                                    "expires = 2027-01-01T00:00:00Z\ncatalogue = \"example@1\"\n" +
                                        rules,
                                    catalogue()))
      .book;
}

constexpr const char* kFull = R"([[permit]]
id = "P-011"
from = ["涉密内网"]
to = ["电子政务网"]
dataset = ["耕地图斑", "永久基本农田"]
label = { secrecy_max = "秘密", grade_max = "重要", within = ["自然资源"] }
area = ["33", "3201"]
scale = { finest = 10000 }
when = { days = "工作日", hours = "08:00-20:00" }
subject = { node_level = ["省", "市"], role = "数据出口岗" }
require.declassify = ["坐标偏移-v3", "属性删除-耕地-v2"]
require.approve = { count = 2, roles = ["安全保密管理员", "数据责任人"], distinct = true }
require.limit = { size_mb = 512, per_day = 20, contiguous_km2 = 25 }
)";

}  // namespace

TEST_CASE("a rule's sentence says every column and everything that is demanded", "[policy]") {
  const policy::RuleBook book = book_of(kFull);
  CHECK(
      sentence_of(book.rules()[0], catalogue(), Tongue::zh) ==
      "工作日 08:00–20:00,省、市节点的“数据出口岗”可将区划33、3201的【耕地图斑、永久基本农田】"
      "(秘密及以下、重要及以下、知悉范围限于自然资源、1:1万及更粗)由【涉密内网】送往【电子政务网】;"
      "须先做坐标偏移-v3、属性删除-耕地-v2;由安全保密管理员、数据责任人各一人批准;"
      "单次≤512 MB、同一接收方每日≤20 次、同一接收方连续覆盖≤25 km²。");
  CHECK(sentence_of(book.rules()[0], catalogue(), Tongue::en) ==
        "On workdays 08:00–20:00, a node of level province or city as data exporter may send "
        "[farmland "
        "parcels or permanent basic farmland] of area 33 or 3201 (secret 秘密 and below, important "
        "重要 and "
        "below, "
        "compartments within 自然资源, 1:10,000 and coarser) from [classified intranet] to "
        "[e-government "
        "network]; first coordinate shift v3 and attribute removal v2; approved by 2 people, one "
        "each as "
        "security officer and data owner; at most 512 MB a transfer, 20 transfers a day to one "
        "receiver "
        "and 25 contiguous km² for one receiver.");
}

TEST_CASE("a sentence says \"any\" where a rule says nothing, and what a forbid takes",
          "[policy]") {
  const policy::RuleBook book = book_of(
      "[[forbid]]\nid = \"F\"\nscale = { coarsest = 4999 }\nlabel = { secrecy_min = \"机密\" }\n"
      "[[permit]]\nid = \"P\"\nfrom = \"egov\"\nto = \"classified\"\ndataset = \"imagery\"\n"
      "label = { secrecy_max = \"公开\", grade_max = \"核心\" }\nrequire.carrier = \"media\"\n");
  const policy::Rule& permit = book.rules()[0];
  const policy::Rule& forbid = book.rules()[1];
  CHECK(sentence_of(forbid, catalogue(), Tongue::zh) ==
        "任何时间,任何节点不得将任何地区的任何数据(机密及以上、任何数据级别、任何知悉范围、1:"
        "4999及更细)"
        "由任何区域送往任何区域;不知道的也算。");
  CHECK(sentence_of(forbid, catalogue(), Tongue::en) ==
        "At any time, no node may send any data of any area (confidential 机密 and above, any data "
        "grade, any "
        "compartments, 1:4,999 and finer) from any zone to any zone; what is not known counts.");
  CHECK(sentence_of(permit, catalogue(), Tongue::en) ==
        "At any time, any node may send [imagery] of any area (open 公开, core 核心 and below, any "
        "compartments, any "
        "scale) from [e-government network] to [classified intranet]; only on media.");
  CHECK(demands_of({}, catalogue(), Tongue::zh) == "无附加要求");
  CHECK(demands_of({}, catalogue(), Tongue::en) == "nothing more");
}

TEST_CASE("the matrix shows on each way which rules speak of a dataset class", "[policy]") {
  const policy::RuleBook book =
      book_of(std::string(kFull) + "[[forbid]]\nid = \"F\"\ndataset = \"farmland\"\n");
  const policy::Matrix matrix = matrix_of(book, catalogue());
  REQUIRE(matrix.ways.size() == 1);
  CHECK(matrix.ways[0] == std::pair<policy::NameIndex, policy::NameIndex>(0, 1));
  REQUIRE(matrix.rows.size() == 2);  // no permit names imagery
  CHECK(matrix.rows.at(0)[0].permits == std::vector<std::string>{"P-011"});
  CHECK(matrix.rows.at(0)[0].forbids.empty());
  CHECK(matrix.rows.at(1)[0].forbids == std::vector<std::string>{"F"});
}

TEST_CASE("a promise's sentence says what, from where, where not, and unless what", "[policy]") {
  const auto reading = must(policy::read_policy(
      "[policy]\nid = \"p\"\nversion = 1\neffective = 2026-01-01T00:00:00Z\n"
      "expires = 2027-01-01T00:00:00Z\ncatalogue = \"example@1\"\n"
      "[[never]]\nid = \"N\"\norigin = { zone = \"classified\", secrecy_min = \"秘密\" }\n"
      "reach = \"egov\"\nunless = { declassified_by = \"shift-v3\", approvals_min = 2 }\n",
      catalogue()));
  REQUIRE(reading.problems.empty());
  CHECK(sentence_of(reading.promises[0], catalogue(), Tongue::zh) ==
        "起于【涉密内网】的任何数据(秘密及以上、一般及以上),不论经过哪里,不得到达【电子政务网】,"
        "除非已做坐标偏移-v3,且其中一次经2人批准。");
  CHECK(sentence_of(reading.promises[0], catalogue(), Tongue::en) ==
        "Any data (secret 秘密 and above, general 一般 and above) that began in [classified "
        "intranet] never "
        "comes "
        "to [e-government network], whatever way it takes, unless coordinate shift v3 has run and "
        "2 people "
        "approved one of its hops.");
}
