#!/usr/bin/env python3
"""Says in one plain line what a ctest run did: `N passed, N failed[, N skipped]`.

usage: junit.py FILE      FILE is what `ctest --output-junit` wrote.

The line counts single tests. The exit status is 0 only if at least one test ran and all of them
passed: a test that was skipped, disabled or not found has shown nothing.
"""
import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    cases = list(ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
    passed = sum(case.get("status") == "run" for case in cases)
    unrun = [case for case in cases if case.get("status") in ("notrun", "disabled")]
    skipped = [case for case in unrun if not gone(case)]
    failed = len(cases) - passed - len(skipped)
    for case in skipped:
        print(f"skipped: {case.get('name')}")
    if not cases:
        print("no test ran", file=sys.stderr)
    print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 0 if cases and passed == len(cases) else 1


def gone(case: ElementTree.Element) -> bool:
    """A test whose program is missing counts as failed, not as skipped."""
    note = case.find("skipped")
    return note is not None and "Unable to find executable" in (note.get("message") or "")


if __name__ == "__main__":
    sys.exit(main())
