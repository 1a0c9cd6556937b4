#!/usr/bin/env python3
"""Prints the demo's transfers as two tables.

usage: table.py <STATUS_LINES     each a "status" event with "row": package, from, to, suite
"""

import datetime
import json
import sys

STATES = ["verified", "inspected", "decided", "transformed", "checked", "awaiting-approval",
          "approved", "cleared", "emitted", "acknowledged", "refused"]


def when(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def print_table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    transfers = [json.loads(line) for line in sys.stdin]
    print_table([["package", "from", "to", "suite", "state", "reason", "bytes"]] +
                [t["row"] + [t["state"], t["reason"], t["bytes"]] for t in transfers])
    print()
    rows = [["package", "from", "to"] + STATES]
    for t in transfers:
        reached = {step["state"]: when(step["at"]) - when(t["created"]) for step in t["history"]}
        rows.append(t["row"][:3] + [int(reached[state].total_seconds() * 1000)
                                    if state in reached else "-" for state in STATES])
    print_table(rows)


if __name__ == "__main__":
    main()
