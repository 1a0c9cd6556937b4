#!/usr/bin/env python3
"""Holds what each program links: libraries, folders of ours, and how much of ours the mover is.

usage: closure.py BIN_FOLDER           check the programs in it; print each finding
       closure.py BIN_FOLDER --lines   print the mover's lines by folder
       closure.py BIN_FOLDER --self-test   show on the built programs that each rule can fail

Exit status: 0 nothing found, 1 something found, 2 wrong usage.

A line of ours counts when an instruction of the linked program comes from it: the line table of the
program's own debug information, inlined header lines included. docs/adr/0008-the-mover-is-small.md.
"""
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

# What every program may need, and what only some may. The worker alone has GDAL; only who serves or
# calls a network has TLS; only who keeps or reads SQLite files has it; only the log has a TPM.
COMMON = {"stdc++", "gcc_s", "c", "m", "ld-linux-x86-64"} | {
    "seccomp", "utf8proc", "crypto", "botan-2", "sodium", "IPSec_MB"}
SPECIAL = {
    "hangu": {"ssl", "sqlite3", "xml2", "z3"},
    "hangu-audit": {"tss2-esys", "tss2-tctildr", "tss2-rc"},
    "hangu-feeder": {"ssl"},
    "hangu-receive": {"ssl"},
    "hangu-deliver": {"ssl"},
    "hangu-forward": {"ssl"},
    "hangu-directory": {"ldap-2.5", "lber-2.5"},
    "hangu-custodian": {"sqlite3"},
    "hangu-mosaic": {"sqlite3", "geos_c"},
    "hangu-check": {"sqlite3", "z", "zstd"},
    "hangu-worker": {"gdal", "sqlite3", "zstd"},
    "hangu-audit-verify": {"simdjson"},
}
# Namespaces of ours that a program must not hold a function of.
STRANGERS = {
    "hangu-emit": ["policy", "net", "plain", "geo", "check", "cli", "supervise", "zone"],
    "hangu-decide": ["net", "geo", "check", "cli", "supervise", "zone", "package"],
    "hangu-mosaic": ["net", "geo", "policy", "audit", "plain", "check", "cli", "supervise", "zone",
                     "ledger", "package", "line"],
    "hangu-check": ["net", "geo", "policy", "cli", "supervise", "zone"],
    "hangu-worker": ["net", "policy", "package", "cli", "supervise", "zone", "ledger"],
    "hangu-receive": ["geo", "policy", "plain", "cli", "supervise", "check"],
    "hangu-deliver": ["geo", "policy", "plain", "cli", "supervise", "check", "package"],
    "hangu-forward": ["geo", "plain", "policy", "package", "cli", "supervise", "zone", "ledger"],
    "hangu-directory": ["geo", "plain", "package", "cli", "supervise", "zone", "ledger", "check",
                        "stages"],
    "hangu-feeder": ["geo", "policy", "plain", "cli", "supervise", "zone", "check", "stages"],
    "hangu-audit": ["net", "geo", "policy", "plain", "cli", "supervise", "zone", "ledger"],
}
# What all programs stand on: errors and ids, the system, JSON and records, the primitives. Each has
# tests of its own against vectors and second implementations.
FOUNDATION = {"base", "os", "wire", "crypto"}
MOVER = "hangu-emit"
MOVER_LINES_MAX = 2000
MOVER_LINES_WITH_FOUNDATION_MAX = 3698  # may only fall


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, errors="replace").stdout


def libraries(program: Path) -> set[str]:
    found = re.findall(r"Shared library: \[(?:lib)?([^\]]*?)\.so", run("readelf", "-dW", program))
    return set(found)


def namespaces(program: Path) -> set[str]:
    names = run("nm", "-C", "--defined-only", program)
    return set(re.findall(r"^[0-9a-f]+ [TtWw] hangu::(\w+)::\w+", names, re.M))


def folder_of(path: str) -> str:
    parts = path.removeprefix("./").split("/")
    return parts[1] if parts[0] == "src" else parts[0]


def own_lines(program: Path) -> Counter:
    """Distinct lines of our sources that some instruction comes from, by folder."""
    text = re.search(r"\.text\s+PROGBITS\s+([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)",
                     run("readelf", "-SW", program))
    start, size = int(text[1], 16), int(text[2], 16)
    lines, path = set(), ""
    for row in run("objdump", "-WL", program).splitlines():
        if found := re.fullmatch(r"(?:CU: )?(\S+):(?:\[\+\+\])?", row.strip()):
            path = found[1]
        elif found := re.match(r"\S+\s+(\d+)\s+0x([0-9a-f]+)", row):
            # Sections that were left out keep their rows, at no address of the program.
            if start <= int(found[2], 16) < start + size:
                lines.add((path, int(found[1])))
    # A unit's first rows name its file without its folder.
    full = {p.rsplit("/", 1)[-1]: p for p in sorted({p for p, _ in lines}) if p.startswith("./")}
    named = {(full.get(p, p), n) for p, n in lines}
    return Counter(folder_of(p) for p, _ in named if p.startswith("./"))


def check_libraries(name: str, program: Path) -> list[str]:
    allowed = COMMON | SPECIAL.get(name, set())
    return [f"{name} links lib{l}" for l in sorted(libraries(program) - allowed)]


def check_strangers(name: str, program: Path) -> list[str]:
    strangers = namespaces(program) & set(STRANGERS.get(name, []))
    return [f"{name} holds functions of hangu::{s}" for s in sorted(strangers)]


def check_mover(counted: Counter) -> list[str]:
    total = sum(counted.values())
    above = sum(n for folder, n in counted.items() if folder not in FOUNDATION)
    if above == 0:
        return [f"{MOVER} has no line table: build with debug information"]
    findings = []
    if above > MOVER_LINES_MAX:
        findings.append(f"{MOVER} is {above} lines of ours, more than {MOVER_LINES_MAX}")
    if total > MOVER_LINES_WITH_FOUNDATION_MAX:
        findings.append(f"{MOVER} with its foundation is {total} lines, more than "
                        f"{MOVER_LINES_WITH_FOUNDATION_MAX}")
    return findings


def programs(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("hangu*") if p.is_file())


def self_test(folder: Path) -> int:
    """Each rule, held against a program that must break it."""
    worker, cli = folder / "hangu-worker", folder / "hangu"
    must_fail = {
        "a mover with GDAL": check_libraries(MOVER, worker),
        "a mover with TLS": check_libraries(MOVER, cli),
        "a mover with a network": check_strangers(MOVER, cli),
        "a mover with a parser of maps": check_strangers(MOVER, worker),
        "a mover as large as the command line": check_mover(own_lines(cli)),
        "a mover without a line table": check_mover(Counter()),
    }
    for rule, findings in must_fail.items():
        if not findings:
            print(f"{rule}: not found")
    return 0 if all(must_fail.values()) else 1


def main() -> int:
    if len(sys.argv) not in (2, 3) or not (folder := Path(sys.argv[1])).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    option = sys.argv[2] if len(sys.argv) == 3 else ""
    if option == "--self-test":
        return self_test(folder)
    counted = own_lines(folder / MOVER)
    above = sum(n for f, n in counted.items() if f not in FOUNDATION)
    print(f"{MOVER}: {above} lines above {', '.join(sorted(FOUNDATION))}; "
          f"{sum(counted.values())} with them")
    if option == "--lines":
        for name, lines in counted.most_common():
            print(f"{lines:6} {name}")
        return 0
    found = check_mover(counted)
    for program in programs(folder):
        found += check_libraries(program.name, program) + check_strangers(program.name, program)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
