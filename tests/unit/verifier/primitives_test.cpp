// What the verifier computes with: cosignatures, the tree, the fast reading of entries, SM3 in
// lanes.

#include <random>

#include <catch2/catch.hpp>

#include "audit/merkle.hpp"
#include "audit/tile.hpp"
#include "audit/verifier/facts.hpp"
#include "audit/verifier/moments.hpp"
#include "audit/verifier/note.hpp"
#include "audit/verifier/sm3_lanes.hpp"
#include "audit/verifier/tree.hpp"
#include "crypto/hash.hpp"

namespace hangu_verify {
namespace {

// The worked example of the log's reference (seeds 00..1f and 20..3f, time 1760000000).
const std::string kExample =
    "gate.example/audit\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n\n"
    "\u2014 gate.example/audit r0e2IuHd8WfcgFGAmd98iZ/mQQG4+ha/tbPktWIhEpMWa0VGf/Zq1SR7wmrTwEuSolg0"
    "VH0ZIXPS+wMbLo+w/EqAxwg=\n"
    "\u2014 directory.example/w1 "
    "6qI0tAAAAABo53gAXFpSZuLxEaxVscCQvq/9s7+HOGMxafN+af0K/r2IWxP4hF/iEe8o"
    "a1PfnHUjnUMeHKEeu0XEuCz0sUCEz3X+Cw==\n";
const std::string kExampleWitness =
    "directory.example/w1+eaa234b4+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";

// FiloSottile/sunlight cmd/skylight/testdata/witness/000de184…/checkpoint (ISC).
const std::string kSunlight =
    "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n\n"
    "\u2014 rome2026h1.example.org "
    "kVB1JgAAAZtxtEwABAMARzBFAiEAi+mTa2xjL1IdWpH82OeciGsGvwRAP+f1WkfKaSZC"
    "fFECIHoNPZ/Q3y6UNzvKOO9cuLr6V16vPNfhwhle9f6r5H/Z\n"
    "\u2014 witness.example.org "
    "uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq4LGvqK"
    "qLX8jWlwLKasxEGTLIqAVusneCBmBw==\n";
const std::string kSunlightWitness =
    "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN";

bool same(const Facts& a, const Facts& b) {
  return a.is_entry == b.is_entry && a.time == b.time && a.type == b.type && a.boot == b.boot &&
         a.keys == b.keys && a.transfer == b.transfer && a.previous == b.previous &&
         a.previous_index == b.previous_index && a.statement == b.statement && a.signer == b.signer;
}

}  // namespace

TEST_CASE("cosignatures of other implementations are good, and tell their time",
          "[verifier][cosignature]") {
  std::uint64_t time = 0;
  const auto example = read_note(kExample);
  REQUIRE(example);
  CHECK(check_line(*example, *parse_key(kExampleWitness), &time) == LineVerdict::good);
  CHECK(time == 1'760'000'000);
  time = 0;
  const auto sunlight = read_note(kSunlight);
  REQUIRE(sunlight);
  CHECK(check_line(*sunlight, *parse_key(kSunlightWitness), &time) == LineVerdict::good);
  CHECK(time == 1'767'139'200);
}

TEST_CASE("a cosignature with another time, text, key or length is bad or not there",
          "[verifier][cosignature]") {
  const LogKey key = *parse_key(kExampleWitness);
  std::string other_time = kExample;
  other_time.replace(other_time.find("AAAAABo53gA"), 11, "AAAAABo53gB");
  CHECK(check_line(*read_note(other_time), key) == LineVerdict::bad);
  std::string other_size = kExample;
  other_size.replace(other_size.find("\n3\n"), 3, "\n4\n");
  CHECK(check_line(*read_note(other_size), key) == LineVerdict::bad);
  CHECK(check_line(*read_note(kExample), *parse_key(kSunlightWitness)) == LineVerdict::missing);
  const std::string shorter =
      kExample.substr(0, kExample.find("6qI0tAAAAABo53gA")) + "6qI0tAAAAABo53gA\n";
  CHECK(check_line(*read_note(shorter), key) == LineVerdict::bad);
}

TEST_CASE("an Ed25519 signature has one form, and a key of small order signs nothing",
          "[verifier][ed25519]") {
  const auto bytes = [](const std::string& hex) {
    return std::string(hangu::text_of(hangu::from_hex(hex).value()));
  };
  // RFC 8032 7.1, test 2; S + L by Python.
  const std::string key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::string r = bytes("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da");
  const std::string s = bytes("085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const std::string more =
      bytes("f52db7415978abc61b2c2eb6aeebfca0387b2eaeb4302aeeb00d291612bb0c10");
  CHECK(verify_ed25519(key, "\x72", r + s));
  CHECK_FALSE(verify_ed25519(key, "\x72", r + more));
  CHECK_FALSE(verify_ed25519(key, "\x73", r + s));
  // R = B and S = 1 hold under each of these for any message, but for the check of the key.
  const std::string base =
      bytes("5866666666666666666666666666666666666666666666666666666666666666");
  const std::string one = bytes("0100000000000000000000000000000000000000000000000000000000000000");
  for (const char* point : {"0100000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000080",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    CHECK_FALSE(verify_ed25519(bytes(point), "anything", base + one));
}

TEST_CASE("the audit path of each leaf of each small tree leads to its root, and no other does",
          "[verifier][tree]") {
  using hangu::audit::Tile;
  for (std::uint64_t size = 1; size <= 70; ++size) {
    hangu::audit::TileHashes hashes(
        [](const Tile&) -> hangu::Result<hangu::Bytes> { return hangu::Bytes(); });
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < size; ++i) {
      leaves.push_back(hash_leaf(std::to_string(i)));
      hashes.append(hangu::audit::leaf_hash(hangu::bytes_of(std::to_string(i))));
    }
    const Hash root = root_of(leaves);
    for (std::uint64_t i = 0; i < size; ++i) {
      std::vector<Hash> path;
      const auto proof = hangu::audit::inclusion_path(hashes, i, size);
      REQUIRE(proof);
      for (const auto& hash : *proof) path.push_back(*hash_from(hangu::text_of(hash)));
      CHECK(leads_to(leaves[i], i, size, path, root));
      CHECK_FALSE(leads_to(leaves[i], i + 1, size, path, root));
      CHECK_FALSE(leads_to(leaves[i], i, size, path, hash_leaf("other")));
      CHECK_FALSE(leads_to(hash_leaf("other"), i, size, path, root));
      path.push_back(root);
      CHECK_FALSE(leads_to(leaves[i], i, size, path, root));
    }
  }
}

TEST_CASE("the fast reading of an entry says what the slow one says", "[verifier][facts]") {
  const StageKeys keys{{"verify", std::string(32, '\1')}};
  const std::string entry =
      R"({"v":1,"type":"step.verify","time":"2026-03-01T08:00:00.000Z","boot":"00","peer":)"
      R"({"program":"receive.egov","uid":1},"transfer":"aa","previous":12,"keys":["a","b"],)"
      R"("statement":"e30=","event":null,"salt":"\u00e9\ud83d\ude00"})";
  REQUIRE(read_facts(entry, keys).is_entry);
  CHECK(same(read_facts(entry, keys), read_facts_slowly(entry, keys)));
  std::mt19937 chance(5);
  const std::string_view pieces[] = {
      "null", "-0",    "0",    "18446744073709551616", "[", "]", "{",        "}", "\"",
      "\\",   "1e999", "\xff", "\xef\xbb\xbf",         ",", ":", "\"keys\":"};
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = entry;
    const std::size_t at = chance() % changed.size();
    switch (chance() % 3) {
      case 0: changed[at] = static_cast<char>(chance() % 256); break;
      case 1: changed.insert(at, pieces[chance() % std::size(pieces)]); break;
      default: changed.erase(at, chance() % 20); break;
    }
    INFO(changed);
    REQUIRE(same(read_facts(changed, keys), read_facts_slowly(changed, keys)));
  }
}

TEST_CASE("an entry is JSON without a byte order mark, zero bytes and depths beyond the bound",
          "[verifier][facts]") {
  const auto entry = [](const std::string& event) {
    return R"({"time":"t","type":"x","event":)" + event + "}";
  };
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(read_facts(entry("1"), {}).is_entry);
  CHECK_FALSE(read_facts("\xef\xbb\xbf" + entry("1"), {}).is_entry);
  CHECK_FALSE(read_facts(entry("1") + std::string("\0x", 2), {}).is_entry);
  CHECK(read_facts(entry(nested(kDepthMax - 1)), {}).is_entry);
  CHECK_FALSE(read_facts(entry(nested(kDepthMax)), {}).is_entry);
}

TEST_CASE("SM3 of eight texts side by side is what it is of each", "[verifier][sm3]") {
  std::mt19937 chance(3);
  std::array<std::vector<std::uint8_t>, kLanes> blocks;
  std::array<hangu::Bytes, kLanes> texts;
  Sm3Lanes lanes{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    for (std::size_t i = 0; i < 100 + lane; ++i) {
      blocks[lane].push_back(static_cast<std::uint8_t>(chance()));
      texts[lane].push_back(static_cast<std::byte>(blocks[lane].back()));
    }
    const std::uint64_t bits = 8 * blocks[lane].size();
    blocks[lane].push_back(0x80);
    blocks[lane].resize(128 - 8);
    for (int shift = 56; shift >= 0; shift -= 8)
      blocks[lane].push_back(static_cast<std::uint8_t>(bits >> shift));
    lanes.begin(lane);
  }
  for (std::size_t at = 0; at < 128; at += 64) {
    std::array<const std::uint8_t*, kLanes> now{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) now[lane] = blocks[lane].data() + at;
    lanes.add(now);
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    CHECK(to_hex(lanes.digest(lane)) ==
          hangu::to_hex(hangu::crypto::hash(hangu::crypto::HashAlgorithm::sm3, texts[lane])));
}

TEST_CASE("an entry's time is read in its one form, and a cosignature's written in it",
          "[verifier][time]") {
  CHECK(read_time("1970-01-01T00:00:01.250Z") == 1250);
  CHECK(read_time("2026-03-01T08:00:00.000Z") == 1'772'352'000'000);
  CHECK_FALSE(read_time("2026-02-30T08:00:00.000Z"));
  CHECK_FALSE(read_time("2026-03-01T08:00:00Z"));
  CHECK_FALSE(read_time("2026-03-01 08:00:00.000Z"));
  CHECK(time_text(1'760'000'000) == "2025-10-09T08:53:20.000Z");
  CHECK(time_text(~std::uint64_t{0}) == "9999-12-31T23:59:59.000Z");
}

}  // namespace hangu_verify
