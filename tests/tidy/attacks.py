#!/usr/bin/env python3
"""Holds the table of attacks (docs/protocols/receipts.md §6) against the tests that it names.

usage: attacks.py               every test that the table names exists
       attacks.py --self-test   show that the rule can fail

Exit status: 0 nothing found, 1 something found.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "protocols" / "receipts.md"
ROWS_MIN = 40  # the table may only grow


def named_in(page: str) -> list[str]:
    section = page.split("## 6. Attacks", 1)[-1]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [row.strip().strip("|").split("|")[-1].strip() for row in rows[2:]]


def written() -> set[str]:
    names = set()
    for path in (ROOT / "tests" / "unit").rglob("*.cpp"):
        for case in re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', path.read_text()):
            names.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', case)))
    return names


def findings(page: str, tests: set[str]) -> list[str]:
    named = named_in(page)
    out = [f"no such test: {name}" for name in named if name not in tests]
    if len(named) < ROWS_MIN:
        out.append(f"the table has {len(named)} rows, fewer than {ROWS_MIN}")
    return out


def main() -> int:
    page, tests = PAGE.read_text(encoding="utf-8"), written()
    if "--self-test" in sys.argv:
        first = named_in(page)[0]
        good = findings(page, tests - {first}) and findings(page.split("## 6.")[0], tests)
        return 0 if good else 1
    found = findings(page, tests)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
