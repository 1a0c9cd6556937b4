// The stand-alone verifier finds every damage, and says where.

#include <algorithm>

#include <catch2/catch.hpp>

#include "crypto/certificate.hpp"
#include "os/file.hpp"
#include "tests/unit/verifier/small_log.hpp"

namespace hangu::audit::test {
namespace {

namespace fs = std::filesystem;
using hangu_verify::check_log;
using hangu_verify::Finding;
using hangu_verify::Report;

bool says(const Report& report, const std::string& code) {
  return std::ranges::any_of(report.remarks,
                             [&](const auto& remark) { return remark.code == code; });
}

bool worth(const Report& report, const std::string& code) {
  return std::ranges::any_of(report.worth_a_look,
                             [&](const auto& remark) { return remark.code == code; });
}

/// Puts a note of the tree's present size in place, signed by whom the attacker has.
void sign_anew(const SmallLog& log, const TreeHead& head,
               const std::vector<const NoteSigner*>& signers) {
  const Checkpoint checkpoint{.origin = kOrigin, .head = head};
  write_bytes(log / "checkpoint", bytes_of(sign_note(checkpoint.to_text(), signers).value()));
}

/// Flips every bit of every file of a log for which `which` says so; how many.
template <class Which>
std::size_t flip_all(Which&& which) {
  const SmallLog log(2, 0);
  REQUIRE(check_log(log.request()).finding == Finding::good);
  std::size_t flips = 0;
  for (const std::string& name : files_below(log.path())) {
    if (!which(name)) continue;
    const Bytes good = read_bytes(log / name);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit, ++flips) {
      Bytes bad = good;
      bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      write_bytes(log / name, bad);
      const Report report = check_log(log.request());
      INFO(name << " bit " << bit);
      REQUIRE(report.finding != Finding::good);
      REQUIRE_FALSE(report.remarks.empty());
    }
    write_bytes(log / name, good);
  }
  CHECK(check_log(log.request()).finding == Finding::good);
  return flips;
}

bool is_entries(const std::string& name) { return name.starts_with("tile/entries/"); }

}  // namespace

// Two, so that they run side by side.
TEST_CASE("each bit of the entries of a log, flipped, is found", "[audit][damage]") {
  CHECK(flip_all(is_entries) > 10'000);
}
TEST_CASE("each bit of each hash and checkpoint of a log, flipped, is found", "[audit][damage]") {
  CHECK(flip_all([](const std::string& name) { return !is_entries(name); }) > 5'000);
}

TEST_CASE("a file cut off at any length, or longer by a byte, is found", "[audit][damage]") {
  const SmallLog log(2, 1);
  for (const std::string& name : files_below(log.path())) {
    const Bytes good = read_bytes(log / name);
    for (std::size_t length = 0; length <= good.size() + 1; length += length < 200 ? 1 : 13) {
      if (length == good.size()) continue;
      Bytes bad = good;
      bad.resize(length, std::byte{'x'});
      write_bytes(log / name, bad);
      INFO(name << " length " << length);
      REQUIRE(check_log(log.request()).finding != Finding::good);
    }
    write_bytes(log / name, good);
  }
}

TEST_CASE("a file of the log that is gone is found, and named", "[audit][damage]") {
  const SmallLog log(3, 260);
  for (const std::string& name : files_below(log.path())) {
    if (name.find(".p/") != std::string::npos || name.starts_with("checkpoints/")) continue;
    const Bytes good = read_bytes(log / name);
    fs::remove(log / name);
    const Report report = check_log(log.request());
    INFO(name);
    CHECK(report.finding == (name == "checkpoint" ? Finding::cannot_tell : Finding::truncated));
    CHECK(says(report, name == "checkpoint" ? "checkpoint-missing" : "file-missing"));
    write_bytes(log / name, good);
  }
}

TEST_CASE("tiles that change places are found", "[audit][damage]") {
  const SmallLog log(1, 600);
  fs::rename(log / "tile/0/000", log / "tile/0/was");
  fs::rename(log / "tile/0/001", log / "tile/0/000");
  fs::rename(log / "tile/0/was", log / "tile/0/001");
  CHECK(says(check_log(log.request()), "tile-wrong"));
  const SmallLog other(1, 600);
  fs::rename(other / "tile/entries/000", other / "tile/entries/was");
  fs::rename(other / "tile/entries/001", other / "tile/entries/000");
  fs::rename(other / "tile/entries/was", other / "tile/entries/001");
  const Report report = check_log(other.request());
  CHECK(report.finding == Finding::tampered);
  CHECK(report.first_bad == 0);
}

TEST_CASE("an older checkpoint put in place is told by what lies beyond it", "[audit][damage]") {
  const SmallLog log(2, 3);
  const SmallLog before(1, 3);  // the same, as it was after the first start
  write_bytes(log / "checkpoint", read_bytes(before / "checkpoint"));
  const Report report = check_log(log.request());
  CHECK(report.entries == 5);
  CHECK(worth(report, "beyond"));
}

TEST_CASE("who has the keys of today cannot sign for a size of yesterday", "[audit][damage]") {
  // The attacker holds the log's key and the present epoch's, and cuts the log back into epoch 0.
  const SmallLog log(2, 3);
  const auto epoch_key =
      os::read_file((log.path().parent_path() / "epoch-keys/1.key").string(), 4096);
  REQUIRE(epoch_key);
  const auto origin = NoteSigner::create(kOrigin, key_from(0));
  const auto epoch =
      NoteSigner::create(kOrigin + "/epoch", crypto::read_signing_key_pem(*epoch_key).value());
  const auto gm = NoteSigner::create(kOrigin + "/gm", gm_key());
  const Bytes bundle = read_bytes(log / "tile/entries/000.p/10");
  const auto entries = parse_bundle(bundle, 10);
  REQUIRE(entries);
  Frontier tree;
  Bytes shorter;
  for (std::size_t i = 0; i < 4; ++i) {
    tree.append(leaf_hash((*entries)[i]));
    append_to_bundle(shorter, (*entries)[i]);
  }
  const TreeHead head{.size = tree.size(), .root = tree.root()};
  fs::remove_all(log / "tile");
  fs::remove_all(log / "epoch");
  write_bytes(log / "tile/entries/000.p/4", shorter);
  Bytes hashes;
  for (std::size_t i = 0; i < 4; ++i) append(hashes, leaf_hash((*entries)[i]));
  write_bytes(log / "tile/0/000.p/4", hashes);
  sign_anew(log, head, {&*origin, &*epoch, &*gm});
  Report report = check_log(log.request());
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "epoch-line-other"));
  // Nor by leaving the line out.
  sign_anew(log, head, {&*origin, &*gm});
  report = check_log(log.request());
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "line-missing"));
}

TEST_CASE("a log made anew from its first entry on is found by a checkpoint kept elsewhere",
          "[audit][damage]") {
  const SmallLog log(1, 3);
  const SmallLog anew(2, 1);
  hangu_verify::Request request = anew.request();
  CHECK(check_log(request).finding == Finding::good);  // by itself
  request.pins = {std::string(text_of(read_bytes(log / "checkpoint")))};
  const Report report = check_log(request);
  CHECK(report.finding == Finding::tampered);
  CHECK(says(report, "pin-wrong"));
}

TEST_CASE("without a key the verifier cannot tell, with another log's it says tampered",
          "[audit][damage]") {
  const SmallLog log(1, 1);
  hangu_verify::Request request = log.request();
  request.key.reset();
  CHECK(check_log(request).finding == Finding::cannot_tell);
  request.key =
      hangu_verify::parse_key(NoteKey::create(kOrigin, key_from(1).verify_key())->to_text());
  CHECK(check_log(request).finding == Finding::tampered);
}

TEST_CASE("a file of any small length is read whole", "[audit][damage]") {
  for (std::size_t length = 0; length <= 70; ++length) {
    const TestFolder folder;
    make_raw_log(folder.path(), {std::string(length, 'x')});
    hangu_verify::Request request;
    request.folder = (folder / "log").string();
    const Report report = check_log(request);
    INFO("entry of " << length << " bytes");
    CHECK(says(report, "entry-malformed"));
    CHECK_FALSE(says(report, "file-missing"));
  }
}

TEST_CASE("what the verifier says is there in both languages", "[audit][damage]") {
  const hangu_verify::Remark remark{"tile-wrong", 7, {"tile/0/000", "3"}};
  CHECK(remark.text(hangu_verify::Language::en) == "entry 7: tile/0/000: hash 3 is wrong");
  CHECK(remark.text(hangu_verify::Language::zh) == "第 7 条:tile/0/000:第 3 个杂凑值不对");
}

}  // namespace hangu::audit::test
