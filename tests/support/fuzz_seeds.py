#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: package_reader, statement and object_table from the package
vectors, wire_codec, json, plain_form, http, story and the audit_* but audit_search from the tables in
docs/protocols (seeds_*.py).
Run by hand when a format changes; the seeds are tracked. Crashes found are tracked beside them, as
crash-*: they are not written here and stay."""
import base64
import json
import pathlib

import seeds_audit
import seeds_http
import seeds_plain
import seeds_story
import seeds_wire
from open_package import Package

ROOT = pathlib.Path(__file__).resolve().parent.parent
VECTORS, CORPUS = ROOT / "data/vectors/package", ROOT / "fuzz/corpus"


def write(target, name, content):
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def table(subjects):
    def counted(text):
        return len(text.encode()).to_bytes(4, "big") + text.encode()

    rows = b"".join(
        counted(s["name"])
        + counted(s["mediaType"])
        + bytes(["hanguTreeSm3" in s["digest"]])
        + s["annotations"]["size"].to_bytes(8, "big")
        + bytes.fromhex(next(iter(s["digest"].values())))
        for s in subjects
    )
    return b"\1" + len(subjects).to_bytes(4, "big") + rows


def package_seeds():
    for number, suite in enumerate(("intl", "gm")):
        stated = json.loads((VECTORS / f"{suite}.json").read_text())
        raw = (VECTORS / f"{suite}.hangu").read_bytes()
        package = Package(raw, bytes.fromhex(stated["openingSecret"]))
        envelope = json.dumps(package.envelope, separators=(",", ":")).encode()
        payload = base64.b64decode(package.envelope["payload"])
        release = dict(package.statement)
        release["predicateType"] = "urn:hangu:release:v1"
        old = package.statement["predicate"]
        release["predicate"] = {
            "suite": suite,
            "transfer": "0" * 32,
            "gateway": "hangu",
            "origin": old["origin"],
            "destination": old["destination"],
            "label": old["label"],
        }
        empty = dict(release["subject"][1])
        empty["name"], empty["mediaType"] = (
            "hangu-story.json",
            "application/vnd.hangu.story+json",
        )
        release["subject"] = [release["subject"][1], empty]
        story = json.dumps(release, separators=(",", ":"), ensure_ascii=False).encode()
        gm = 4 * number
        write("package_reader", f"{suite}-package", bytes([0]) + raw)
        write("package_reader", f"{suite}-cut", bytes([0]) + raw[:-1])
        write("package_reader", f"{suite}-header", bytes([1]) + raw[: package.header_bytes])
        write("package_reader", f"{suite}-envelope", bytes([2 + gm]) + envelope)
        write("package_reader", f"{suite}-payload", bytes([3 + gm]) + payload)
        write("package_reader", f"{suite}-release", bytes([3 + gm]) + story)
        write("statement", f"{suite}-envelope", b"\0" + envelope)
        write("statement", f"{suite}-payload", b"\1" + payload)
        write("statement", f"{suite}-release", b"\1" + story)
        write("object_table", f"{suite}-table", table(package.statement["subject"]))
    write("object_table", "empty", b"\1\0\0\0\0")
    write("object_table", "cut", b"\1\0\0\0\1\0\0")


def main():
    package_seeds()
    for target, seeds in {
        "audit_files": seeds_audit.files_seeds(),
        "audit_order": seeds_audit.order_seeds(),
        "audit_witness": seeds_audit.witness_seeds(),
        "http": seeds_http.http(),
        "json": seeds_wire.json_texts(),
        "plain_form": seeds_plain.plain_form(),
        "statement": seeds_story.statement(),
        "story": seeds_story.story(),
        "wire_codec": seeds_wire.wire_codec(),
    }.items():
        for name, content in seeds:
            write(target, name, content)


if __name__ == "__main__":
    main()
