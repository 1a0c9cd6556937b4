"""Seeds of the fuzz targets wire_codec and json: each message of the local protocols, spelled by the
tables in docs/protocols (custodian, audit-log §6, review, plain-form §8) and not by our own code."""

import json
import struct

TRANSFER = "0123456789abcdef0123456789abcdef"
TOKEN = bytes(range(16))
REQUEST_ID = bytes(range(0x40, 0x50))
PERSON_SEEN = "已看过"
WHEN = 1_766_000_000_000  # 2025-12-17, in ms


def u8(value):
    return struct.pack(">B", value)


def u32(value):
    return struct.pack(">I", value)


def u64(value):
    return struct.pack(">Q", value)


def counted(content):
    content = content.encode() if isinstance(content, str) else content
    return u32(len(content)) + content


def absent():
    return u8(0)


def present(content):
    return u8(1) + content


def listed(items):
    return u32(len(items)) + b"".join(items)


def digest(number, algorithm=0):
    return u8(algorithm) + u64(1000 + number) + bytes([number]) * 32


def digest_text(number, name="sha256"):
    return f"{name}-tree:{1000 + number}:{number:02x}" + f"{number:02x}" * 31


def evidence(*names):
    return listed([counted(n) + digest(i) for i, n in enumerate(sorted(names))])


def custodian_requests():
    transfer, node = counted(TRANSFER), counted("node-a")
    completion = (
        u8(8) + u8(1) + counted("plain-name") + counted("map.gpkg: 道路") + u64(77) + digest(1, 1) + evidence("facts", "sealed")
        + present(u64(WHEN)) + present(u32(3))
    )
    return {
        "claim": listed([u8(3), u8(7)]) + present(transfer) + u64(30_000),
        "renew": TOKEN,
        "open": TOKEN + digest(2) + u8(1),
        "look": transfer + digest(2) + u8(0),
        "put": TOKEN + u8(1) + counted("abc"),
        "create": TOKEN + u8(0),
        "freeze": TOKEN + u64(5),
        "complete": TOKEN + completion,
        "hold": TOKEN,
        "release": TOKEN + u64(2000),
        "attach": transfer + counted("approval.li") + u8(0) + counted("{}"),
        "reclear": TOKEN,
        "list": listed([u8(0), u8(14)]) + u8(1) + u32(5) + u32(9),
        "begin": transfer + node + u64(1 << 50),
        "piece": transfer + u64(1) + counted("piece"),
        "commit": transfer,
        "received": transfer + u64(4) + counted(b"\1\0\0\0\0"),
        "ask-status": transfer + node,
        "list-of-node": node + u32(1) + u32(2),
        "withdraw": transfer + node,
        "acknowledge": transfer + node + digest(3),
        "show": transfer,
        "room": u64(1 << 40) + u64(1 << 39),
    }


def custodian_replies():
    transfer, zone, node = counted(TRANSFER), counted("egov"), counted("node-a")
    steps = listed([u8(0) + u64(1), u8(1) + u64(2)])
    work = (
        TOKEN + transfer + u32(2) + u8(5) + u8(6) + zone + node + u64(9) + digest(1)
        + evidence("facts") + steps + u64(60_000)
    )
    row = (
        transfer + u8(9) + counted("ok") + counted("map.gpkg") + u32(1) + zone + node + u64(9) + u64(WHEN) + u64(WHEN)
        + present(u64(WHEN)) + digest(1) + evidence("facts", "decision")
    )
    history = listed([u8(0) + u64(WHEN), u8(1) + u64(WHEN + 1)])
    status = (
        transfer + u8(1) + counted("ok") + counted("map.gpkg") + u64(9) + u64(WHEN) + u64(WHEN) + history + u32(2)
        + u32(1)
    )
    return {
        "refused": u8(1) + counted("claim-unknown") + counted("why") + u32(28),
        "nothing": b"",
        "no-work": absent(),
        "work": present(work),
        "opened": u8(0) + counted("abc"),
        "stored": digest(4),
        "created": u64(5),
        "new-state": u8(8),
        "listing": listed([row, row]),
        "begun": u8(1) + u64(0) + present(digest(5)) + u8(0),
        "status": present(status),
        "withdrawn": u8(1) + u8(13),
    }


CUSTODIAN_REPLY_KINDS = [
    "refused", "nothing", "work", "opened", "stored", "created", "new-state", "listing", "begun",
    "status", "withdrawn",
]  # fmt: skip


def audit_messages():
    keys = listed([counted(f"step:{TRANSFER}:1:verify"), counted(f"end:{TRANSFER}")])
    append = counted("step.verify") + present(counted(TRANSFER)) + keys + u8(0) + counted("{}")
    requests = [
        ("append", append),
        ("checkpoint", b""),
        ("prove", u64(3) + u64(10)),
        ("find", counted(TRANSFER)),
        ("holder", counted(f"end:{TRANSFER}")),
        ("cosigned", counted("gw/audit\n10\n…\n")),
    ]
    leaf = bytes([7]) * 32
    replies = [
        ("append", u8(1) + counted(f"end:{TRANSFER}") + u64(9) + leaf + counted('{"v":1}')),
        ("checkpoint", u64(10) + counted("gw/audit\n10\n…\n") + u8(1) + u64(8) + u64(WHEN // 1000)),
        ("prove", u64(3) + u64(10) + counted('{"v":1}') + listed([leaf, leaf])),
        ("find", listed([u64(1), u64(5)])),
        ("failure", u8(2) + counted("time-unknown") + counted("not synchronised")),
    ]
    for mode, kind, messages in ((2, "ask", requests), (3, "answer", replies)):
        for number, (name, fields) in enumerate(messages):
            yield f"audit-{kind}-{name}", u8(mode) + u8(number) + REQUEST_ID + fields


def review_messages():
    transfer = counted(TRANSFER)
    row = (
        transfer + counted("egov") + counted("internet") + counted("node-a") + u64(9) + u32(2)
        + u32(1)
    )
    digests = b"".join(counted(digest_text(n)) for n in (1, 2, 3, 4, 5))
    requests = [
        ("list", b""),
        ("show", transfer),
        ("open", transfer + counted(digest_text(4, "sm3"))),
        ("give", transfer + counted('{"payload":""}')),
    ]
    replies = [
        ("list", listed([row, row])),
        ("detail", row + digests + listed([counted("li")])),
        ("opened", u8(0) + counted("text")),
        ("taken", u8(1) + counted("approved")),
        ("refused", counted("review-not-pending") + counted(PERSON_SEEN)),
    ]
    for mode, kind, messages in ((4, "ask", requests), (5, "answer", replies)):
        for number, (name, fields) in enumerate(messages):
            yield f"review-{kind}-{name}", u8(mode) + u8(number) + fields


def worker_messages():
    job = u8(6) + u8(1) + u8(2) + u8(1) + u64(1 << 40) + u64(1 << 30) + u32(600) + u64(900_000)
    yield "worker-job", job + absent()
    yield "worker-job-named", job + present(u8(1) + u64(3 << 20) + bytes(range(32)))
    counts = u64(100) + u64(90) + u64(3) + u64(0)
    facts = json.dumps({"kind": "table", "extent": [1.5, 2e300]}, separators=(",", ":"))
    for name, verdict, reason, tail in (
        ("pass", 0, "ok", absent()),
        ("facts", 0, "ok", present(counted(facts))),
        ("fail", 1, "geometry-ring", absent()),
    ):
        body = u8(verdict) + counted(reason) + counted("井") + counts + bytes(32) + u64(12)
        yield f"worker-{name}", u8(7) + u8(1) + body + tail


def other_inputs():
    # One of each reading step, then what they read.
    content = (
        u8(1) + b"\0\2" + u32(3) + u64(4) + struct.pack(">d", -0.5) + u8(1) + u8(2)
        + counted("bytes") + counted("文") + u32(5) + b"raw"
    )
    steps = bytes([*range(10), 3 * 11 + 10])
    yield "steps", u8(8) + u8(len(steps)) + steps + content
    yield "steps-short", u8(8) + u8(1) + u8(7) + u32(9) + b"few"
    yield "context-short", u8(9) + "磁盘满".encode()
    yield "context-long", u8(9) + ("第" * 400).encode()
    yield "context-escaped", u8(9) + b"\x01" * 120
    # The last character before the bound becomes the longest of escapes.
    yield "context-escape-at-bound", u8(9) + b"a" * 391 + "\U0010ffff.".encode()


def wire_codec():
    for number, (name, fields) in enumerate(custodian_requests().items()):
        yield f"custodian-ask-{name}", u8(0) + u8(number) + fields
    for name, fields in custodian_replies().items():
        kind = CUSTODIAN_REPLY_KINDS.index("work" if name == "no-work" else name)
        yield f"custodian-answer-{name}", u8(1) + u8(kind) + fields
    yield from audit_messages()
    yield from review_messages()
    yield from worker_messages()
    yield from other_inputs()


def json_texts():
    depth = 32
    texts = {
        "empty-object": "{}",
        "every-kind": '{"a":null,"b":true,"c":-9223372036854775808,"d":1.5e-7,"e":"文\\n","f":[1,2],"g":{}}',
        "spaces": ' [ 1 , { "a" : false } ]\r\n\t',
        "escapes": r'"\u0001\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"',
        "deep": "[" * depth + "]" * depth,
        "too-deep": "[" * (depth + 1) + "]" * (depth + 1),
        "twice": '{"a":1,"b":2,"a":3}',
        "big-integer": "9223372036854775808",
        "big-real": "1e309",
        "long-real": "[1e22,123456789012345680000.0,5e-324,-0.0,0.1]",
        "lone-surrogate": '"\\ud800"',
        "zero-escape": '"\\u0000"',
        "trailing": "{} {}",
        "mark": "\ufeff{}",
        "comment": "/* a */ 1",
        "label": '{"secrecy":"secret","grade":"core","termYears":10,"owner":"bureau","compartments":["x"]}',
    }
    for name, text in texts.items():
        yield name, text.encode()
    yield "not-utf8", b'"\xc0\x80"'
    yield "zero-byte", b"1\0 2"
