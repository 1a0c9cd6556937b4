#!/usr/bin/env python3
"""Holds the types of entries that tables and documents name against the log's catalogue.

usage: entry_types.py               every type that is named is in audit/catalogue.cpp
       entry_types.py --self-test   show that the rule can fail

Exit status: 0 nothing found, 1 something found. That every type of the catalogue has its words and
its class is held by tests/unit/audit_reading and tests/unit/audit_export.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = "audit/catalogue.cpp"
# Whose texts between quotation marks or backticks, of a family of the catalogue, are types.
NAMING = ["audit/reading/*.cpp", "audit/search/*.cpp", "audit/export/*.cpp", "audit/verifier/*.cpp",
          "src/cli/audit_*.cpp", "src/line/custodian_*.cpp", "tests/support/story_log.cpp",
          "tests/system/audit/export_test.py", "tests/system/audit/report_test.py",
          "tests/unit/audit_export/*.cpp", "docs/protocols/audit-*.md", "docs/operations/auditor-*.md"]
CORPUS = "tests/fuzz/corpus/audit_search/entry-*"
NOT_TYPES = {"something.else",  # a test's own
             "log.vkey", "policy.tlog", "key.pem"}  # files


def types_in(catalogue: str) -> set[str]:
    return set(re.findall(r'EntryType\{"([a-z.]+)"', catalogue))


def named_in(text: str, families: set[str]) -> set[str]:
    found = re.findall(r'(?<=["`])([a-z]+(?:\.[a-z]+)+)(?=["`])', text)
    return {name for name in found if name.split(".")[0] in families} - NOT_TYPES


def strangers(texts: dict[str, str], known: set[str]) -> list[str]:
    families = {name.split(".")[0] for name in known} | {"config", "key"}
    return [f"{path}: {name} is no type of the catalogue"
            for path, text in sorted(texts.items()) for name in sorted(named_in(text, families) - known)]


def self_test() -> int:
    known = types_in('EntryType{"step.emit", "emit"}, EntryType{"log.pruned", "audit"}')
    assert known == {"step.emit", "log.pruned"}
    assert not strangers({"a": '"step.emit" `log.pruned` "other.thing" "step."'}, known)
    assert strangers({"a": '{"step.fetched", 1}'}, known)
    assert strangers({"a": "| `config.changed` |"}, known)
    return 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    known = types_in((ROOT / CATALOGUE).read_text(encoding="utf-8"))
    if len(known) < 30:
        print(f"{CATALOGUE}: {len(known)} types were read: this program no longer reads it")
        return 1
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
             for pattern in NAMING for path in ROOT.glob(pattern)}
    found = strangers(texts, known)
    for path in ROOT.glob(CORPUS):
        if path.name.removeprefix("entry-") not in known:
            found.append(f"{path.relative_to(ROOT)}: no type of the catalogue")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
