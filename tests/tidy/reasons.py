#!/usr/bin/env python3
"""Holds the reasons that our code gives against the texts that explain them (src/cli/reason_texts_*).

usage: reasons.py               every reason has a text, and every text a reason
       reasons.py --list        print the reasons, and the text that each has
       reasons.py --self-test   show that each rule can fail

Exit status: 0 nothing found, 1 something found.

A reason is a literal given to fail(), to an Error, to Outcome::refused() or failed(), to one of the
functions named in GIVERS, or to one that hands its `reason` on to fail(). A text is for one reason,
or, ending in '-', for all that begin so.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Whose reasons a submitter, a reviewer or a caller of the command line can meet: what the command
# line links, and what a gateway's programs say of a transfer or answer a request with.
MET = ["src/" + name for name in ("base", "os", "wire", "flow", "package", "plain", "geo", "check",
                                  "stages", "zone", "net", "ledger", "line", "supervise", "cli")]
MET += ["config", "policy", "audit", "crypto"]
# Where else the reason of a text may be given.
ALL = ["src", "policy", "audit", "crypto", "config"]
# What gives an error its reason, with the arguments that may stand before it.
GIVERS = {"fail", "refused", "failed", "Error", "emplace", "as", "os_failure", "note", "reject", "enter",
          "Problem", "refusal"}
# Reasons that no call spells: the custodian's names of ends, and the system's answers to a full disk.
ALSO = {"withdrawn", "expired", "gateway-disk-full", "time-unknown", "gateway-not-running", "usage"}
REASON = r'"([a-z0-9]+(?:-[a-z0-9]+)+)"'
REASONS_MIN = 380  # fewer found: this program no longer reads the code


def sources(folder: Path):
    paths = sorted(p for p in folder.rglob("*.[ch]pp") if not p.name.startswith("reason"))
    return [re.sub(r"//[^\n]*", "", p.read_text(encoding="utf-8")) for p in paths]


def wrappers(texts) -> set[str]:
    """Functions that hand their `reason` on to fail()."""
    head = r"(\w+)\([^(){};]*\bstd::string_view reason\b[^(){};]*\)\s*(?:const\s*)?\{[^}]*\bfail\("
    return {name for text in texts for name in re.findall(head, text)}


def given(texts) -> set[str]:
    names = "|".join(sorted(wrappers(texts) | GIVERS))
    before = r"(?:[\w:.*]+(?:\(\))?\s*,\s*){0,2}"  # a code, the work, a row and its state
    call = rf"\b(?:{names})\(\s*{before}{REASON}"
    return {reason for text in texts for reason in re.findall(call, text)}


def met() -> set[str]:
    return ALSO.union(*(given(sources(ROOT / folder)) for folder in MET))


def literals() -> set[str]:
    found = set()
    for folder in ALL:
        for text in sources(ROOT / folder):
            found.update(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*-?)"', text))
    return found


def texts() -> list[str]:
    found = []
    for path in sorted((ROOT / "src" / "cli").glob("reason_texts_*.cpp")):
        found += re.findall(r'\{\s*"([a-z0-9-]+)",\s*(?:both\(|k[A-Z]\w+\b)', path.read_text(encoding="utf-8"))
    return found


def text_of(reason: str, known) -> str | None:
    fitting = [t for t in known if t == reason or (t.endswith("-") and reason.startswith(t))]
    return max(fitting, key=len, default=None)


def is_used(text: str, spoken: set[str]) -> bool:
    if text.endswith("-"):
        return any(word.startswith(text) for word in spoken)
    return text in spoken


def findings(reasons: set[str], known: list[str], spoken: set[str]) -> list[str]:
    out = [f"no text explains: {r}" for r in sorted(reasons) if text_of(r, known) is None]
    out += [f"a text for a reason that nobody gives: {t}" for t in known if not is_used(t, spoken)]
    out += [f"two texts for: {t}" for t in sorted(set(known)) if known.count(t) > 1]
    if len(reasons) < REASONS_MIN:
        out.append(f"{len(reasons)} reasons found, fewer than {REASONS_MIN}")
    return out


def self_test(reasons: set[str], known: list[str], spoken: set[str]) -> int:
    must_fail = {
        "a reason without a text": findings(reasons | {"never-heard-of"}, known, spoken),
        "a text that nobody needs": findings(reasons, known + ["never-heard-of"], spoken),
        "a family that nobody needs": findings(reasons, known + ["never-heard-"], spoken),
        "a text twice": findings(reasons, known + known[:1], spoken),
        "code that is not read": findings(set(), known, spoken),
        "a reason behind a wrapper": findings(given([
            'Done no(std::string_view reason) { return fail(ErrorCode::malformed, reason); }'
            'Done act() { return no("never-heard-of"); }']), known, spoken),
        "a reason for errno": findings(given([
            'return os_failure(errno, "never-heard-of", path);']), known, spoken),
        "a reason beside a state": findings(given([
            'enter(row, flow::State::approved, "never-heard-of", now);']), known, spoken),
    }
    silent = [rule for rule, found in must_fail.items()
              if not any("never-heard" in f or "two texts" in f or "fewer" in f for f in found)]
    silent += [rule for rule in ("a reason behind a wrapper", "a reason for errno",
                                 "a reason beside a state")
               if not any("never-heard-of" in f for f in must_fail[rule])]
    print("\n".join(f"{rule}: not found" for rule in silent), end="\n" if silent else "")
    return 1 if silent else 0


def main() -> int:
    reasons, known, spoken = met(), texts(), literals()
    if "--self-test" in sys.argv:
        return self_test(reasons, known, spoken)
    if "--list" in sys.argv:
        for reason in sorted(reasons):
            print(f"{reason}  {text_of(reason, known)}")
        return 0
    found = findings(reasons, known, spoken)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
