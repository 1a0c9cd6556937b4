"""Seeds of the fuzz targets audit_witness, audit_order and audit_files, spelled by the tables in
docs/protocols (audit-log, audit-witness). Signatures are those of the worked example."""

import base64
import hashlib
import json
import struct

LOG_VKEY = "gate.example/audit+af47b622+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
WITNESS_VKEY = "directory.example/w1+eaa234b4+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
TEXT = "gate.example/audit\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n"
LOG_LINE = ("— gate.example/audit r0e2IuHd8WfcgFGAmd98iZ/mQQG4+ha/tbPktWIhEpMWa0VGf/Zq1SR7wmrTwEuSolg0"
            "VH0ZIXPS+wMbLo+w/EqAxwg=\n")
WITNESS_LINE = ("— directory.example/w1 6qI0tAAAAABo53gAXFpSZuLxEaxVscCQvq/9s7+HOGMxafN+af0K/r2IWxP4hF/iEe"
                "8oa1PfnHUjnUMeHKEeu0XEuCz0sUCEz3X+Cw==\n")
NOTE = TEXT + "\n" + LOG_LINE
PROOF_HASH = "Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q="
ENTRIES = [b"one", b"two", b"three"]


def witness_seeds():
    """First byte of an input: what it is."""
    policy = (f"# of a test\nlog {LOG_VKEY} https://log.example\nwitness w1 {WITNESS_VKEY} http://192.0.2.1:80/\n"
              "group g any w1\nquorum g\n")
    receipt = f"c2sp.org/tlog-proof@v1\nindex 2\n{PROOF_HASH}\n\n{NOTE}"
    yield "note", b"\0" + NOTE.encode()
    yield "note-cosigned", b"\0" + (NOTE + WITNESS_LINE).encode()
    yield "note-of-nothing", b"\0" + NOTE.replace("\n3\n", "\n0\n").encode()
    yield "receipt", b"\0" + receipt.encode()
    yield "vkey", b"\1" + LOG_VKEY.encode()
    yield "vkey-witness", b"\1" + WITNESS_VKEY.encode()
    yield "policy", b"\2" + policy.encode()
    yield "policy-none", b"\2quorum none\n"
    yield "request", b"\3" + f"old 2\n{PROOF_HASH}\n\n{NOTE}".encode()
    yield "request-first", b"\3" + f"old 0\n\n{NOTE}".encode()
    yield "answer", b"\4" + WITNESS_LINE.encode()
    yield "answer-size", b"\x0420852163\n"
    yield "state", b"\5" + (NOTE + WITNESS_LINE).encode()
    yield "state-of-before", b"\5" + (NOTE + 31 * LOG_LINE + WITNESS_LINE).encode()
    # Steps: tricks and history, old size, size, what the trick is about.
    yield "steps-honest", b"\6" + bytes([0, 0, 4, 0, 0, 5, 9, 0, 8, 10, 10, 0, 0, 10, 20, 0])
    yield "steps-fork", b"\6" + bytes([0, 0, 4, 0, 1, 5, 9, 0, 1, 5, 4, 0, 1, 0, 9, 0, 0, 5, 9, 0])
    yield "steps-repeated-lines", b"\6" + bytes([4, 0, 4, 31, 4, 5, 9, 31, 12, 10, 12, 31])
    yield "steps-bad-proof", b"\6" + bytes([0, 0, 4, 0, 2, 5, 9, 1, 16, 5, 9, 77])


def order(kind, act):
    return json.dumps({"act": act, "expires": "2026-01-01T00:00:00.000Z", "order": kind,
                       "origin": "gate.example/audit", "reason": "三年已满"},
                      separators=(",", ":"), ensure_ascii=False).encode()


def order_seeds():
    prune = order("prune", {"archive": "ab" * 32, "before": 512})
    yield "prune", prune
    yield "prune-part", prune.replace(b"512", b"513")
    yield "release", order("release-counter", {"counter": 7, "kind": "file", "root": "cd" * 32, "size": 3})
    yield "ended", prune.replace(b"2026", b"2020")
    yield "envelope", json.dumps(
        {"payload": base64.b64encode(prune).decode(), "payloadType": "application/vnd.hangu.audit-order+json",
         "signatures": [{"keyid": "00" * 32, "sig": base64.b64encode(bytes(64)).decode()}] * 2},
        separators=(",", ":")).encode()


def bundle(entries):
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def record(kind, payload):
    return bytes([kind]) + struct.pack(">H", len(payload)) + payload


def counted(octets):
    return struct.pack(">I", len(octets)) + octets


def files_seeds():
    entries = bundle(ENTRIES)
    hashes = b"".join(map(leaf, ENTRIES))
    start = record(1, counted(b"gate.example/audit") + struct.pack(">Q", 0) + hashlib.sha256(b"").digest() + bytes(32))
    batch = record(2, struct.pack(">QI", 0, 3) + counted(entries))
    root = base64.b64decode(TEXT.splitlines()[2])
    commit = record(3, struct.pack(">Q", 3) + root + bytes(32) + counted(NOTE.encode()))
    yield "bundle", b"\0\2" + entries
    yield "bundle-short", b"\0\3" + entries
    yield "bundle-long", b"\0\1" + entries
    yield "tiles", b"\1\0\2" + hashes
    yield "tiles-two-levels", b"\1\1\2" + b"".join(leaf(bytes([i % 256])) for i in range(256)) + hashes + hashes
    yield "segment-raw", b"\2" + bytes(9)
    yield "copy", b"\3\2" + entries
    yield "segment", b"\4" + start + batch + commit
    yield "segment-torn", b"\4" + start + batch + commit + batch
    yield "segment-lost-batch", b"\4" + start + record(9, entries) + commit
