"""Entries of an audit log as their writer spells them, for logs that tests make of raw bytes."""

import base64
import json
import subprocess

TRANSFER = "00112233445566778899aabbccddeeff"
SALT = "0" * 32


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def entry(kind, time, event=None, statement=None, transfer=None, program="verify", boot="a" * 16,
          number=0):
    """One line of canonical JSON (docs/protocols/audit-log.md section 3)."""
    return (f'{{"v":1,"id":"{number:032x}","type":"{kind}","time":"{time}","boot":"{boot}",'
            f'"peer":{{"program":"{program}","uid":7,"pid":9}},'
            f'"transfer":{compact(transfer)},"previous":null,"keys":[],'
            f'"statement":{compact(statement)},"event":{compact(event)},"salt":"{SALT}"}}')


def step(stage, time, verdict, reason, transfer, number=0):
    """A stage's statement. Its signature is nobody's: who reads a log for people asks for none."""
    payload = {"_type": "https://in-toto.io/Statement/v1", "subject": [],
               "predicateType": f"urn:hangu:step.{stage}:v1",
               "predicate": {"verdict": verdict, "reason": reason, "evidence": {}}}
    return statement(f"step.{stage}", time, payload, transfer, stage, number)


def approval(time, verdict, person, transfer, number=0):
    payload = {"_type": "https://in-toto.io/Statement/v1", "subject": [],
               "predicateType": "urn:hangu:approval:v1",
               "predicate": {"verdict": verdict, "person": person, "role": "reviewer",
                             "reason": "looked at it"}}
    return statement("approval.given", time, payload, transfer, "approve", number)


def statement(kind, time, payload, transfer, program, number):
    encoded = base64.b64encode(compact(payload).encode()).decode()
    envelope = compact({"payload": encoded, "payloadType": "application/vnd.in-toto+json",
                        "signatures": [{"keyid": "k", "sig": "AAAA"}]})
    return entry(kind, time, None, base64.b64encode(envelope.encode()).decode(), transfer, program,
                 number=number)


def stated(time, transfer, node="portal", product="division-table", origin="internet",
           destination="egov", size=2048, number=0):
    event = {"submission": "sha256:" + "b" * 64, "node": node, "from": origin, "to": destination,
             "recipients": ["survey"], "product": product, "areas": ["320000"], "secrecy": "open",
             "grade": "general", "owner": "test", "suite": "intl", "sequence": 1, "objects": 1,
             "bytes": size, "key": "k"}
    return entry("transfer.stated", time, event, None, transfer, number=number)


def make_raw_log(program, folder, entries):
    """A log of these entries; the program is make_log. Returns the folder of its files."""
    paths = []
    for number, text in enumerate(entries):
        path = f"{folder}/entry-{number}"
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        paths.append(path)
    subprocess.run([program, f"{folder}/made", "raw", *paths], check=True)
    return f"{folder}/made/log"
