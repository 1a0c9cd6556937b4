"""Seeds of the fuzz target story, and those of statement that are no package's: the documents of a
receipt chain by docs/protocols/receipts.md. Signatures are made up: the targets ask for none."""

import base64
import json

TRANSFER = "00112233445566778899aabbccddeeff"
BASE_POINT = "58" + "66" * 31  # of Ed25519 (RFC 8032, 5.1): a valid key that nobody has
RECIPIENT = "09" + "00" * 31  # of X25519 (RFC 7748, 4.1)
DOCUMENTS = ("submission", "decision", "certificate", "approvals", "cleared", "rendition")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def b64(content):
    content = content.encode() if isinstance(content, str) else content
    return base64.b64encode(content).decode()


def hex64(text):
    return b64(bytes.fromhex(text))


def digest(number):
    return f"sha256-tree:{100 + number}:" + f"{number:02x}" * 32


def subject(name, number):
    return {
        "name": name,
        "mediaType": "application/vnd.hangu.object-table",
        "digest": {"hanguTreeSha256": f"{number:02x}" * 32},
        "annotations": {"size": 100 + number},
    }


def envelope(predicate_type, subjects, predicate):
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    signature = {"keyid": "ed25519:" + "ab" * 16, "sig": b64(bytes(64))}
    return {
        "payload": b64(compact(statement)),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [signature],
    }


def step(stage, **more):
    predicate = {
        "transfer": TRANSFER,
        "round": 1,
        "verdict": "pass",
        "reason": "ok",
        "previous": None if stage == "receive" else 4,
        "evidence": {"decision": digest(3), "submission": digest(1)},
    } | more
    subjects = [subject("input", 1), subject("output", 2)]
    return envelope(f"urn:hangu:step.{stage}:v1", subjects, predicate)


def approval():
    predicate = {
        "transfer": TRANSFER,
        "certificate": digest(5),
        "decision": digest(3),
        "person": "li",
        "role": "reviewer",
        "verdict": "approve",
        "reason": "看过",
        "expires": "2026-03-01T18:00:00.000Z",
    }
    return envelope("urn:hangu:approval:v1", [subject("rendition", 2)], predicate)


def decision():
    label = {"secrecy": "open", "grade": "general", "termYears": 0, "owner": "bureau", "compartments": []}
    person = {
        "person": "li", "human": "li", "organisation": "office", "roles": ["reviewer"],
        "algorithm": "ed25519", "key": hex64(BASE_POINT),
    }  # fmt: skip
    return {
        "allowed": True,
        "reason": "ok",
        "rules": ["P-001"],
        "explanationZh": "",
        "explanationEn": "",
        "origin": "egov",
        "destination": "internet",
        "submitter": "survey",
        "submitterKey": {"algorithm": "ed25519", "point": hex64(BASE_POINT)},
        "outputLabel": label,
        "obligations": {
            "approverSlots": ["reviewer", "reviewer"], "declassifiers": [], "bytesMax": 0,
        },
        "suite": "intl",
        "recipients": [{"node": "portal", "key": hex64(RECIPIENT)}],
        "approvers": [person],
        "policy": "policy@1",
    }  # fmt: skip


def certificate():
    checks = [{"check": "pages", "found": 12}]
    objects = [{"name": "map.gpkg", "verdict": "pass", "checks": checks}]
    return {"rendition": digest(2), "verdict": "pass", "objects": objects}


def consignment():
    return {
        "transfer": TRANSFER,
        "sealed": digest(7),
        "origin": "egov",
        "recipients": ["portal", "mirror"],
    }


def entry(statement):
    return {
        "v": 1,
        "id": "a" * 32,
        "type": "step.verify",
        "time": "2026-03-01T08:00:00.000Z",
        "boot": "b" * 16,
        "peer": {"program": "verify", "uid": 1, "pid": 2},
        "transfer": TRANSFER,
        "previous": None,
        "keys": [f"step:{TRANSFER}:1:verify"],
        "statement": b64(compact(statement)),
        "event": None,
        "salt": "c" * 32,
    }


def statement():
    yield "step-receive", b"\0" + compact(step("receive")).encode()
    yield "step-clear", b"\0" + compact(step("clear", validUntil="2026-03-01T08:05:00.000Z")).encode()
    yield "step-refused", b"\0" + compact(step("decide", verdict="fail", reason="policy-no-permit")).encode()
    yield "approval", b"\0" + compact(approval()).encode()
    yield "decision", b"\2" + compact(decision()).encode()
    yield "certificate", b"\3" + compact(certificate()).encode()
    yield "consignment", b"\4" + compact(consignment()).encode()
    yield "entry", b"\5" + compact(entry(step("verify"))).encode()


def change(position, drop, put=b""):
    return position.to_bytes(2, "big") + bytes([drop, len(put)]) + put


def story():
    chain = {
        "checkpoint": "gw-test/audit\n10\n" + b64(bytes(32)) + "\n\n— gw-test/audit " + b64(bytes(68)) + "\n",
        "receipts": [
            {"index": 1, "entry": compact(entry(step("verify"))), "path": [b64(bytes(32))]}
        ],
        "documents": {name: b64("{}") for name in DOCUMENTS},
    }
    yield "made-up", b"\0" + compact(chain).encode()
    yield "empty", b"\0" + b'{"checkpoint":"","receipts":[],"documents":{}}'
    yield "honest", b"\1"
    yield "checkpoint-size", b"\1" + change(30, 1, b"9")
    yield "white-space", b"\1" + change(1, 0, b" \n")
    yield "unknown-member", b"\1" + change(1, 0, b'"x":1,')
    yield "entry-digit", b"\1" + change(400, 1, b"7")
    for number, name in enumerate(DOCUMENTS):
        yield f"lie-{name}-none", bytes([2, number])
        yield f"lie-{name}-space", bytes([2, number]) + change(1, 0, b" ")
        yield f"lie-{name}-empty", bytes([2, number]) + change(0, 255) * 20
    yield "lie-cleared-refuses", b"\2\4" + change(11, 4, b"false")
    yield "lie-approvals-none", b"\2\3" + change(0, 255) * 20 + change(0, 0, b"[]")
