#!/usr/bin/env python3
"""A month's report, read by an HTML parser and by pdftotext: it says what the log says, in both
languages, refers to nothing outside itself, and its signature covers it.

usage: report_test.py HANGU MAKE_LOG
"""

import base64
import hashlib
import html.parser
import json
import os
import shutil
import subprocess
import sys
import tempfile

from entries import approval, entry, make_raw_log, stated, step

HANGU, MAKE_LOG = (os.path.abspath(word) for word in sys.argv[1:3])
SECONDS = 300
CANNOT, TAMPERED = 4, 1
EMPTY_ELEMENTS = {"meta"}
MAY_HAVE = {"class", "lang", "charset", "http-equiv", "content", "scope", "role", "viewbox", "width",
            "height", "xmlns", "x", "y", "fill", "text-anchor", "aria-label",
            "font-size", "font-family"}
ONE, TWO, THREE, FOUR = (digit * 32 for digit in "1234")
EVIL = "<script>alert(1)</script>"


class Failure(Exception):
    """The test found what must not be."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


class Page(html.parser.HTMLParser):
    """Tables by name, text, and what must not be there."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tables, self.words, self.figures = {}, [], 0
        self.open, self.name, self.cell, self.row, self.language = [], None, None, None, None
        self.feed(text)
        self.close()
        expect(not self.open, f"never closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        expect(tag not in ("script", "link", "img", "iframe", "object", "a"), f"<{tag}>")
        for name, value in attributes:
            expect(name in MAY_HAVE, f"<{tag} {name}={value}>")
        if tag == "html":
            self.language = dict(attributes)["lang"]
        if tag not in EMPTY_ELEMENTS and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)
        if tag == "table":
            self.name = dict(attributes)["aria-label"]
            self.tables[self.name] = []
        elif tag == "tr":
            self.row = []
        elif tag in ("th", "td"):
            self.cell = ""
        elif tag == "svg":
            self.figures += 1
            expect(dict(attributes).get("role") == "img", "a picture without a role")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        expect(self.open and self.open.pop() == tag, f"</{tag}> out of order")
        if tag in ("th", "td"):
            self.row.append(self.cell)
            self.cell = None
        elif tag == "tr":
            self.tables[self.name].append(self.row)

    def handle_data(self, text):
        self.words.append(text)
        if self.cell is not None:
            self.cell += text

    def rows(self, name):
        expect(name in self.tables, f"no table {name} among {list(self.tables)}")
        head, *rows = self.tables[name]
        return [dict(zip(head, row)) for row in rows]


def run(*words, status=0, before=()):
    done = subprocess.run([*before, HANGU, "audit", "report", *map(str, words)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    expect(done.returncode == status, f"{words}: {done.returncode}, not {status}\n{done.stderr}")
    return done


def month():
    """March 2026 in China: one released, one refused, one quarantined, and one that came again."""
    day = "2026-03-02T01:0"  # a Monday, nine in the morning there
    return [
        entry("boot", "2026-02-28T15:00:00.000Z", {"epoch": 0}, program="audit"),
        stated(day + "0:00.000Z", ONE),
        stated(day + "0:10.000Z", TWO, "survey", EVIL, "egov", "internet", 1 << 30),
        stated(day + "0:20.000Z", THREE),
        step("decide", day + "0:30.000Z", "fail", "policy-no-permit", TWO),
        step("inspect", day + "0:40.000Z", "error", "worker-died", THREE),
        approval(day + "0:50.000Z", "approve", "li-na", ONE),
        step("emit", day + "1:00.000Z", "pass", "ok", ONE),
        entry("transfer.acknowledged", day + "1:10.000Z", {"node": "survey"}, None, ONE),
        stated(day + "1:20.000Z", FOUR, "survey", EVIL, "egov", "internet"),
        entry("clock", day + "2:00.000Z", {"now": "2026-03-02T00:00:00.000Z"}, program="audit"),
        entry("heartbeat", day + "9:00.000Z", {}, program="audit"),
        step("emit", "2026-03-31T16:00:00.000Z", "pass", "ok", FOUR)]  # April


def page_of(path):
    with open(path, encoding="utf-8") as file:
        return Page(file.read())


def numbers_and_exceptions_are_the_logs(log, folder):
    out = os.path.join(folder, "en.html")
    run(log, "--month", "2026-03", "--output", out, "--lang", "en")
    page = page_of(out)
    expect(page.language == "en" and page.figures == 2, "language, or charts")
    total = page.rows("Summary")[0]
    expect((total["Submitted"], total["Released"], total["Refused"], total["Quarantined"]) ==
           ("4", "1", "1", "1"), f"{total}")
    expect(total["Volume submitted"] == "1.0 GiB", f"{total}")
    kinds = {row["Kind"]: row["Count"] for row in page.rows("Exceptions")}
    expect((kinds["Refusals"], kinds["Quarantines"], kinds["Clock steps"],
            kinds["Submitted again after a failure"], kinds["Missing heartbeats"],
            kinds["Off hours"]) == ("1", "1", "1", "1", "2", "0"), f"{kinds}")
    refused = page.rows("Refusals")[0]
    expect(refused["Entry"] == "4" and refused["Transfer"] == TWO and refused["Node"] == "survey" and
           refused["What"].startswith("policy-no-permit — "), f"{refused}")
    pairs = {row["Zones"]: row["Submitted"] for row in page.rows("By zone pair")}
    expect(pairs == {"internet>egov": "2", "egov>internet": "2"}, f"{pairs}")
    people = page.rows("Approvals by person")
    expect(people == [{"Person": "li-na", "Approved": "1", "Refused": "0", "Off hours": "0"}],
           f"{people}")
    days = page.rows("Trend by day")
    expect(len(days) == 31 and days[1]["Submitted"] == "4" and days[30]["Released"] == "0",
           "days")
    source = {row["Kind"]: row["What"] for row in page.rows("Log")}
    expect(source["Log"] == "gate.example/audit" and source["Checkpoint size"] == "13" and
           len(source["Checkpoint root"]) == 64, f"{source}")
    expect(source["Entries of the month"] == "1 – 11 (11)", f"{source}")
    expect(EVIL in "".join(page.words), "the hostile name is not shown as it is")


def a_zone_pair_and_a_node_narrow_it(log, folder):
    out = os.path.join(folder, "pair.html")
    run(log, "--month", "2026-03", "--output", out, "--lang", "en", "--zone-pair",
        "internet:egov", "--node", "portal")
    page = page_of(out)
    expect(page.rows("Summary")[0]["Submitted"] == "2", "more than the pair's")
    expect({row["Kind"]: row["Count"] for row in page.rows("Exceptions")}["Clock steps"] == "1",
           "the log's own exceptions are left out")


def the_pdf_has_chinese_text(log, folder):
    out = os.path.join(folder, "zh.pdf")
    run(log, "--month", "2026-03", "--output", out, "--lang", "zh")
    text = subprocess.run(["pdftotext", "-layout", out, "-"], capture_output=True, text=True,
                          check=True).stdout
    text = "".join(text.split())  # cells break their lines anywhere
    for words in ("审计月报 2026-03", "异常事项", "时钟回拨", "按日趋势", "policy-no-permit",
                  EVIL[:18],
                  "gate.example/audit", "1/"):
        expect("".join(words.split()) in text, f"{words} is not in the PDF:\n{text[:2000]}")
    fonts = subprocess.run(["pdffonts", out], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in fonts.splitlines()[2:]]
    expect(rows and all(row[-5] == "yes" for row in rows), f"a font is not in the file:\n{fonts}")


def without_its_tool_the_error_names_the_package(log, folder):
    empty = os.path.join(folder, "empty")
    os.makedirs(empty)
    out = os.path.join(folder, "none.pdf")
    done = run(log, "--month", "2026-03", "--output", out, "--lang", "en", status=CANNOT, before=(
        "unshare", "-m", "sh", "-c", f'mount --bind "{empty}" /usr/bin && exec "$0" "$@"'))
    expect("[pdf-tool-missing]" in done.stderr and "weasyprint" in done.stderr, done.stderr)
    expect(not os.path.exists(out), "a PDF without a tool")


def the_signature_covers_the_file_and_the_range(log, folder):
    key, public = (os.path.join(folder, name) for name in ("key.pem", "public.pem"))
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
    out = os.path.join(folder, "signed.html")
    alone = os.path.join(folder, "alone", "log")  # and no key beside it
    shutil.copytree(log, alone)
    run(alone, "--month", "2026-03", "--output", out, "--sign", key, status=CANNOT)
    run(log, "--month", "2026-03", "--output", out, "--sign", key, "--key",
        os.path.join(os.path.dirname(log), "anchors", "log.vkey"))
    with open(out + ".dsse", encoding="utf-8") as file:
        envelope = json.load(file)
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    message, signature = (os.path.join(folder, name) for name in ("message", "signature"))
    with open(message, "wb") as file:  # DSSE's pre-authentication encoding
        file.write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    with open(signature, "wb") as file:
        file.write(base64.b64decode(envelope["signatures"][0]["sig"]))
    subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in",
                    message, "-sigfile", signature], check=True, stdout=subprocess.DEVNULL)
    said = json.loads(payload)
    with open(out, "rb") as file:
        expect(said["sha256"] == hashlib.sha256(file.read()).hexdigest(), f"{said}")
    expect(said["entries"] == {"first": 1, "last": 11, "count": 11} and
           said["log"]["origin"] == "gate.example/audit" and said["log"]["size"] == 13 and
           said["log"]["first"] == 0, f"{said}")


def what_cannot_be_reported_is_refused(log, folder):
    out = os.path.join(folder, "refused.html")
    for words in (("--month", "2026-13", "--output", out), ("--month", "2026-03", "--output", "x.txt"),
                  ("--month", "2026-03", "--output", out, "--zone-pair", "egov"),
                  ("--month", "2026-03", "--output", out, "--utc-offset", "8"),
                  ("--month", "2026-03", "--output", out, "--office-hours", "18-8"),
                  ("--month", "2026-03", "--output", os.path.join(log, "x.html"))):
        run(log, *words, status=CANNOT)
    changed = os.path.join(folder, "changed")
    shutil.copytree(os.path.dirname(log), changed)
    bundle = os.path.join(changed, "log/tile/entries/000.p/13")
    os.chmod(bundle, 0o644)
    with open(bundle, "r+b") as file:
        text = file.read()
        file.seek(0)
        file.write(text.replace(b"heartbeat", b"heartbeau"))
    run(os.path.join(changed, "log"), "--month", "2026-03", "--output", out, status=TAMPERED)
    expect(not os.path.exists(out), "a report of changed entries")


def main():
    folder = tempfile.mkdtemp(prefix="hangu-report-test-")
    try:
        log = make_raw_log(MAKE_LOG, folder, month())
        for test in (numbers_and_exceptions_are_the_logs, a_zone_pair_and_a_node_narrow_it,
                     the_pdf_has_chinese_text, without_its_tool_the_error_names_the_package,
                     the_signature_covers_the_file_and_the_range,
                     what_cannot_be_reported_is_refused):
            test(log, folder)
            print("ok " + test.__name__.replace("_", " "), flush=True)
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
