#pragma once
// Texts that other implementations made: the worked example of the log's reference, and dialogues
// of other witnesses' tests.

#include <string>

namespace hangu::audit::test {

// The worked example: log seed 00..1f, witness seed 20..3f, entries "one" "two" "three", time
// 1760000000.
inline const std::string kLogVkey =
    "gate.example/audit+af47b622+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
inline const std::string kWitnessVkey =
    "directory.example/w1+eaa234b4+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
inline const std::string kExampleText =
    "gate.example/audit\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n";
inline const std::string kExampleLogLine =
    "\xe2\x80\x94 gate.example/audit r0e2IuHd8WfcgFGAmd98iZ/mQQG4+ha/tbPktWIhEpMWa0VGf/Zq1SR7wmrTwE"
    "uSolg0VH0ZIXPS+wMbLo+w/EqAxwg=\n";
inline const std::string kExampleWitnessLine =
    "\xe2\x80\x94 directory.example/w1 "
    "6qI0tAAAAABo53gAXFpSZuLxEaxVscCQvq/9s7+HOGMxafN+af0K/r2IWxP4h"
    "F/iEe8oa1PfnHUjnUMeHKEeu0XEuCz0sUCEz3X+Cw==\n";
inline const std::string kExampleNote = kExampleText + "\n" + kExampleLogLine;
inline const std::string kExampleRequest =
    "old 2\nZx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=\n\n" + kExampleNote;
inline constexpr long kExampleTime = 1'760'000'000;

// FiloSottile/sunlight, cmd/skylight/testdata/witness (ISC): a checkpoint of a certificate log.
inline const std::string kSunlightWitness =
    "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN";
inline const std::string kSunlightNote =
    "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n\n"
    "\xe2\x80\x94 rome2026h1.example.org "
    "kVB1JgAAAZtxtEwABAMARzBFAiEAi+mTa2xjL1IdWpH82OeciGsGvwRAP+f1WkfKaSZCfFECIHoNPZ/"
    "Q3y6UNzvKOO9cuLr6V16vPNfhwhle9f6r5H/Z\n"
    "\xe2\x80\x94 witness.example.org "
    "uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq4LGvqKqLX8jWlwLKasxEGTLIqAVu"
    "sneCBmBw==\n";
inline constexpr long kSunlightTime = 1'767'139'200;

// transparency-dev/witness, witness/witness_test.go (Apache-2.0).
inline const std::string kMonkeysVkey =
    "monkeys+db4d9f7e+AULaJMvTtDLHPUcUrjdDad9vDlh/PTfC2VV60JUtCfWT";
inline const std::string kMonkeysFive =
    "monkeys\n5\n41smjBUiAU70EtKlT6lIOIYtRTYxYXsDB+XHfcvu/BE=\n\n\xe2\x80\x94 monkeys "
    "202fftzGl3LVoqjXfwCFZZXs8I+5G22+Ek2K0AOyBuSJ/8/"
    "CZawNF+6fNlTKOCd622pbzJNkkJFWuw9DbicZCkEx9AY=\n";
inline const std::string kMonkeysEight =
    "monkeys\n8\nV8K9aklZ4EPB+RMOk1/8VsJUdFZR77GDtZUQq84vSbo=\n\n\xe2\x80\x94 monkeys "
    "202ffoUEboiQYpHzICeaFmoy3RNviHTpAxYrq/"
    "eO4QQVQMvu9UebKBMX2MJC76NLthZaKsnKbCA8GxrjePZhvDCH7Ag=\n";
inline const std::string kMonkeysProof =
    "ueHWJhj3/ugDTkxQEPcnqyTY5HBcspbDdL8gJah6ENI=\n"
    "qsZs16ec5AEtgHYv6O7Dp38i0cpBRcP0zuAi5+/NWZ0=\n"
    "idD3U/ZqKQxIOznNXp6vsSAhKTOV+tPUoq0FPPvP3J4=\n"
    "KeQLt5yWb0xv6Wr/bzCs/OXz6NhMAiFRddbgGKXe6DM=\n";

// FiloSottile/torchwood, cmd/litewitness, as FiloSottile/sunlight's witness test has it (ISC): a
// log whose leaf hashes are 2a 00 …, 2a 01 …, 2a 02 …
inline const std::string kSigsumOrigin =
    "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
inline const std::string kSigsumKey =
    "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f";
inline const std::string kSigsumOne =
    kSigsumOrigin + "\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 " +
    kSigsumOrigin +
    " UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+"
    "YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=\n";
inline const std::string kSigsumThreeText =
    kSigsumOrigin + "\n3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=\n";
inline const std::string kSigsumThree =
    kSigsumThreeText + "\n\xe2\x80\x94 " + kSigsumOrigin +
    " UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/"
    "GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=\n";
inline const std::string kSigsumFive =
    kSigsumOrigin + "\n5\nQrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=\n\n\xe2\x80\x94 " +
    kSigsumOrigin +
    " UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/"
    "jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=\n";

}  // namespace hangu::audit::test
