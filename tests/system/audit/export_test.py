#!/usr/bin/env python3
"""What `hangu audit export` writes, read by programs that are not ours: Python's csv and json, and
readers of RFC 5424 and CEF written here from their specifications.

usage: export_test.py HANGU MAKE_LOG
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from entries import TRANSFER, approval, entry, make_raw_log, stated, step

HANGU, MAKE_LOG = (os.path.abspath(word) for word in sys.argv[1:3])
LEAF = re.compile(r"[0-9a-f]{64}")
USAGE, TAMPERED = 4, 1
MEMORY_MORE_KIB = 24 * 1024

# (what a sender may put into a name, how it is shown on a line)
HOSTILE = [
    ("a\nb", "a\\u{a}b"), ("a\r\nb", "a\\u{d}\\u{a}b"), ("a|b=c]d\"e", "a|b=c]d\"e"),
    ("a\\b", "a\\u{5c}b"), ("a\u2028b", "a\\u{2028}b"), ("a\u202egpj.exe", "a\\u{202e}gpj.exe"),
    ("=HYPERLINK(\"http://x\")", "=HYPERLINK(\"http://x\")"), ("+1", "+1"), ("-1", "-1"),
    ("@x", "@x"), ("\t=1", "\\u{9}=1"), ("\uff1d1", "\uff1d1"), ("省界,数据", "省界,数据"),
    ("x" * 40000, "x" * 512 + "…"),
]
FORMULA = ("=", "+", "-", "@", "\uff1d")


class Failure(Exception):
    """The test found what must not be."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def run(*words, status=0):
    done = subprocess.run([HANGU, "audit", "export", *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120, check=False)
    expect(done.returncode == status,
           f"{words}: {done.returncode}, not {status}\n{done.stderr.decode()}")
    return done.stdout.decode("utf-8")


def lines(text):
    expect(text.endswith("\n"), "the last line is not whole")
    return text.split("\n")[:-1]


# --- Readers, from the specifications ------------------------------------------------------------

SYSLOG = re.compile(r'<(?P<pri>\d{1,3})>1 (?P<time>\S+) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) '
                    r'(?P<process>[!-~]{1,128}) (?P<id>[!-~]{1,32}) (?P<data>\[.*\]) '
                    '\ufeff(?P<text>.*)', re.S)
PARAMETER = re.compile(r' ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"')


def read_syslog(line):
    """RFC 5424 section 6: header, one SD-ELEMENT, message."""
    found = SYSLOG.fullmatch(line)
    expect(found, f"no RFC 5424: {line}")
    data = found["data"]
    element = re.match(r"\[(hangu@32473)", data)
    expect(element, f"no SD-ID: {data}")
    at, values = element.end(), {}
    while data[at] != "]":
        one = PARAMETER.match(data, at)
        expect(one, f"no SD-PARAM at {at}: {data}")
        values[one[1]] = re.sub(r'\\(["\\\]])', r"\1", one[2])
        at = one.end()
    expect(at + 1 == len(data), f"more than one element: {data}")
    return found, values


def read_cef(line):
    """CEF: seven headers divided by unescaped pipes, then key=value."""
    parts = re.split(r"(?<!\\)((?:\\\\)*)\|", line, maxsplit=7)
    headers = [a + b for a, b in zip(parts[0:14:2], parts[1:14:2])]
    expect(headers[0] == "CEF:0" and len(headers) == 7, f"no CEF: {line}")
    extension, values = parts[14], {}
    marks = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)(?<!\\)=", extension))
    for mark, following in zip(marks, [*marks[1:], None]):
        value = extension[mark.end():following.start() if following else None]
        expect(not re.search(r"(?<!\\)(?:\\\\)*=", value), f"an unescaped '=': {value}")
        values[mark[1]] = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), value)
    return headers, values


# OCSF 1.9: what is required of every event, and of each class that is used.
EVERY = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}
REQUIRED = {0: set(), 1008: set(), 2004: {"finding_info"}, 2006: {"finding_info"}, 3002: {"user", "dst_endpoint"},
            5019: {"device"}, 6002: {"app"},
            6006: {"actor", "file", "src_endpoint"}}


def check_ocsf(event):
    needed = EVERY | REQUIRED[event["class_uid"]]
    expect(needed <= event.keys(), f"{needed - event.keys()} is missing: {event}")
    expect(event["metadata"]["version"] == "1.9.0" and event["metadata"]["product"]["name"],
           f"metadata: {event}")
    expect(event["category_uid"] == event["class_uid"] // 1000, f"category: {event}")
    expect(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"], f"type: {event}")
    expect(event["activity_id"] != 99 or event["activity_name"], f"no activity's name: {event}")
    if "action_id" in event:
        expect("security_control" in event["metadata"]["profiles"] and event["disposition_id"],
               f"no profile: {event}")
    if "actor" in event:
        expect(event["actor"].keys() & {"user", "app_name"}, f"nobody acts: {event}")
    if "file" in event:
        expect(event["file"]["name"] and event["file"]["type_id"] == 1, f"file: {event}")
    expect(LEAF.fullmatch(event["metadata"]["uid"]) and LEAF.fullmatch(event["unmapped"]["root"]),
           f"no leaf or root: {event}")


# --- Tests ---------------------------------------------------------------------------------------


def hostile_names_stay_in_their_places(log):
    rows = [read_syslog(line) for line in lines(run(log, "--format", "rfc5424"))]
    expect(len(rows) == len(HOSTILE), f"{len(rows)} lines of {len(HOSTILE)} entries")
    for index, ((found, values), (_, shown)) in enumerate(zip(rows, HOSTILE)):
        expect(values["set"] == shown and values["node"] == "portal", f"{values}, not {shown}")
        expect(values["idx"] == str(index) and LEAF.fullmatch(values["leaf"]), f"{values}")
        expect(int(found["pri"]) // 8 == 13 and found["host"] == "gate.example", found[0])
    for line, (_, shown) in zip(lines(run(log, "--format", "cef")), HOSTILE):
        headers, values = read_cef(line)
        expect(headers[1:3] == ["Hangu", "gate"] and values["fname"] == shown, f"{values}")
        expect(values["act"] == "transfer.stated" and values["externalId"] == TRANSFER, f"{values}")
    for line, (_, shown) in zip(lines(run(log, "--format", "json")), HOSTILE):
        expect(json.loads(line)["dataset"] == shown, line)


def a_table_is_read_back_and_no_cell_is_a_formula(log):
    text = run(log, "--format", "csv")
    expect(text.count("\r\n") == text.count("\n") == len(HOSTILE) + 1, "not one line an entry")
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    expect(len(rows) == len(HOSTILE), "not one row an entry")
    for row, (_, shown) in zip(rows, HOSTILE):
        expect(None not in row and None not in row.values(), f"a cell too many or few: {row}")
        wanted = "'" + shown if shown.startswith(FORMULA) else shown
        expect(row["dataset"] == wanted, f"{row['dataset']}, not {wanted}")
        for cell in row.values():
            expect(not cell.startswith(FORMULA), f"a formula: {cell}")


def events_have_what_the_schema_requires(folder):
    time = "2026-03-01T08:00:00.000Z"
    edge = {"logins": [{"zone": "egov", "node": "portal", "count": 3}],
            "refusals": [{"zone": "egov", "node": None, "reason": "tls-client-unknown", "count": 1}]}
    types = ["genesis", "boot", "heartbeat", "epoch.close", "clock", "recovery", "policy.changed",
             "stop", "counter.released", "log.pruned", "witness.alarm", "witness.age"]
    made = [entry(kind, time, {}, program="audit") for kind in types]
    made += [stated(time, TRANSFER), step("receive", time, "pass", "ok", TRANSFER),
             step("decide", time, "fail", "policy-no-permit", TRANSFER),
             step("inspect", time, "error", "worker-died", TRANSFER),
             step("emit", time, "pass", "ok", TRANSFER),
             approval(time, "approve", "li-na", TRANSFER),
             entry("transfer.quarantined", time, {"reason": "stage-crashed"}, None, TRANSFER),
             entry("edge.access", time, edge, program="receive"),
             entry("transfer.received", time, {"zone": "egov", "node": "portal"}, None, TRANSFER),
             entry("transfer.acknowledged", time, {"node": "portal"}, None, TRANSFER),
             entry("filter.check", time, {"part": 1, "of": 1, "objects": []}, None, TRANSFER)]
    os.makedirs(folder)
    log = make_raw_log(MAKE_LOG, folder, made)
    events = [json.loads(line) for line in lines(run(log, "--format", "ocsf"))]
    expect(len(events) == len(made), "not one event an entry")
    for event in events:
        check_ocsf(event)
    outcomes = {(e["metadata"]["event_code"], e.get("action_id"), e.get("disposition_id"))
                for e in events}
    for wanted in (("step.decide", 2, 2), ("step.emit", 1, 1), ("step.inspect", 2, 27),
                   ("approval.given", 1, 8), ("transfer.quarantined", 2, 3),
                   ("heartbeat", None, None)):
        expect(wanted in outcomes, f"{wanted} is not among {outcomes}")


def what_is_asked_for_is_what_comes(folder):
    os.makedirs(folder)
    times = [f"2026-03-01T08:00:{i:02}.000Z" for i in range(10)]
    log = make_raw_log(MAKE_LOG, folder, [
        entry("heartbeat" if i % 2 else "clock", time, {}, program="audit")
        for i, time in enumerate(times)])

    def got(*words):
        return [json.loads(line)["index"] for line in
                lines(run(log, "--format", "json", *words) or "\n") if line]
    expect(got() == list(range(10)), "not everything")
    expect(got("--from-index", 3, "--to-index", 5) == [3, 4, 5], "indices")
    expect(got("--since", times[4]) == [4, 5, 6, 7, 8, 9], "since")
    expect(got("--until", times[4]) == [0, 1, 2, 3], "until")
    expect(got("--since", "2026-03-02") == [], "a date")
    expect(got("--type", "heartbeat", "--from-index", 5) == [5, 7, 9], "types")
    expect(got("--type", "step.") == [], "a family")
    run(log, "--format", "json", "--from-index", 5, "--to-index", 3, status=USAGE)
    run(log, "--format", "xml", status=USAGE)
    run(log, "--format", "json", "--since", "yesterday", status=USAGE)


def what_was_changed_is_not_exported(log, folder):
    shutil.copytree(os.path.dirname(log), folder)
    log = os.path.join(folder, "log")
    bundle = os.path.join(log, "tile/entries/000.p", str(len(HOSTILE)))
    os.chmod(bundle, 0o644)
    with open(bundle, "r+b") as file:
        file.seek(400)
        byte = file.read(1)
        file.seek(400)
        file.write(bytes([byte[0] ^ 1]))
    out = os.path.join(folder, "out.csv")
    run(log, "--format", "csv", "--output", out, status=TAMPERED)
    expect(not os.path.exists(out), "a file of changed entries")
    checkpoint = os.path.join(log, "checkpoint")
    os.chmod(checkpoint, 0o644)
    with open(checkpoint, "r+b") as file:
        text = file.read()
        file.seek(0)
        file.write(text.replace(b"\n14\n", b"\n13\n"))
    run(log, "--format", "csv", status=TAMPERED)


def a_file_is_written_whole_outside_the_log_and_over_nothing(log, folder):
    os.makedirs(folder)
    out = os.path.join(folder, "out.json")
    event = json.loads(run(log, "--format", "json", "--output", out, "--json"))
    with open(out, encoding="utf-8") as file:
        expect(len(file.readlines()) == len(HOSTILE) == event["lines"], f"lines: {event}")
    run(log, "--format", "json", "--output", out, status=USAGE)
    link = os.path.join(folder, "link")
    os.symlink(log, link)
    for inside in (os.path.join(log, "x"), os.path.join(log, "tile", "x"), os.path.join(link, "x"),
                   os.path.join(log, "..", "log", "x")):
        run(log, "--format", "json", "--output", inside, status=USAGE)
    run(log, "--format", "json", "--json", status=USAGE)


def peak_kib(*words):
    child = subprocess.Popen([HANGU, "audit", "export", *words], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    expect(child.returncode == 0, f"{words}: {child.returncode}")
    return usage.ru_maxrss


def a_long_log_takes_no_more_memory_than_a_bundle(folder):
    """Bundles of ten megabytes each: one, and eight."""
    os.makedirs(folder)
    long_entry = os.path.join(folder, "entry")
    with open(long_entry, "w", encoding="utf-8") as out:
        out.write(stated("2026-03-01T08:00:00.000Z", TRANSFER, product="x" * 40000))
    peaks = []
    for bundles in (1, 8):
        made = os.path.join(folder, str(bundles))
        subprocess.run([MAKE_LOG, made, "raw", *[long_entry] * (256 * bundles)], check=True)
        peaks.append(peak_kib(os.path.join(made, "log"), "--format", "ocsf", "--output",
                              os.path.join(folder, f"out-{bundles}")))
    expect(peaks[1] - peaks[0] < MEMORY_MORE_KIB, f"{peaks[0]} KiB became {peaks[1]} KiB")


def main():
    folder = tempfile.mkdtemp(prefix="hangu-export-test-")
    path = lambda name: os.path.join(folder, name)
    try:
        os.makedirs(path("hostile"))
        log = make_raw_log(MAKE_LOG, path("hostile"), [
            stated("2026-03-01T08:00:00.000Z", TRANSFER, product=text, number=i)
            for i, (text, _) in enumerate(HOSTILE)])
        for test, words in ((hostile_names_stay_in_their_places, (log,)),
                            (a_table_is_read_back_and_no_cell_is_a_formula, (log,)),
                            (events_have_what_the_schema_requires, (path("types"),)),
                            (what_is_asked_for_is_what_comes, (path("ranges"),)),
                            (what_was_changed_is_not_exported, (log, path("changed"))),
                            (a_file_is_written_whole_outside_the_log_and_over_nothing,
                             (log, path("files"))),
                            (a_long_log_takes_no_more_memory_than_a_bundle, (path("memory"),))):
            test(*words)
            print("ok " + test.__name__.replace("_", " "), flush=True)
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
