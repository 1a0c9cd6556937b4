#!/usr/bin/env python3
"""The verifiers of the audit log agree where logs are witnessed, pruned, written meanwhile, or made
to mislead: hangu-audit-verify (C++) and hangu_audit_verify.py.

usage: verifiers_edge_test.py MAKE_LOG HANGU_AUDIT_VERIFY
"""

import base64
import hashlib
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from verifiers_test import (BEGIN, PYTHON, Logs, damaged, entries_of, expect, keep, python_for, resign,
                            rewrite, write_policy)

LIVE_SECONDS = 12
ROUNDS = 60  # of each kind of random input
L = 2**252 + 27742317777372353535851937790883648493


def script():
    """The Python verifier as a module."""
    spec = importlib.util.spec_from_file_location("hangu_audit_verify", PYTHON)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- What witnesses saw --------------------------------------------------------------------------


def the_logs_own_cosigned_checkpoint_counts(logs, path, longer):
    """witness/checkpoint, in every check that reads a folder."""
    copy = damaged(path, logs.folder)
    log = os.path.join(copy, "log")
    vkey = logs.change(copy, "cosign", "32", str(BEGIN + 7200))
    policy = "--policy", write_policy(logs, "own", f"witness a {vkey}\nquorum a\n")
    pin = keep(logs, copy, "pin-of-cosigned")
    asked = {"full": ["full", log], "since a pin": ["incremental", log, "--pin", pin],
             "a range": ["range", log, "1", "2"], "one entry": ["proof", log, "--index", "3"],
             "compared": ["compare", log, log]}
    for what, words in asked.items():
        logs.expect_named(what, 0, None, *words, *policy)
    place = os.path.join(log, "witness/checkpoint")
    shutil.copy(place, os.path.join(logs.folder, "cosigned"))

    def all_say(verdict, code, *more, but=()):
        for what, words in asked.items():
            if what not in but:
                logs.expect_named(f"{what}: {code}", verdict, code, *words, *more)

    rewrite(copy, "witness/checkpoint", lambda octets: octets[:-20] + b"AAAA" + octets[-16:])
    all_say(1, "line-bad", *policy)
    rewrite(copy, "witness/checkpoint", lambda octets: octets[:-20])
    all_say(1, "note-malformed")
    shutil.copy(os.path.join(logs.folder, "cosigned"), place)
    entries = entries_of(copy)
    changed = entries[:-1] + [entries[-1].replace(b'"salt":"', b'"salt":"0', 1)]
    resign(logs, copy, changed)
    all_say(1, "root-wrong", but=("since a pin",))
    logs.expect_named("other tree, since a pin", 1, "root-wrong", "incremental", log, "--pin",
                      keep(logs, copy, "pin-of-other-tree"))
    resign(logs, copy, entries[:-1])
    shutil.rmtree(os.path.join(log, "checkpoints"), ignore_errors=True)
    all_say(2, "witness-ahead", but=("since a pin",))
    logs.expect_named("rolled back, since a pin", 2, "witness-ahead", "incremental", log, "--pin",
                      keep(logs, copy, "pin-rolled-back"))
    # A log that went on since: behind what was seen, all of it is still held against it.
    shutil.copytree(os.path.join(longer, "log"), os.path.join(logs.folder, "grown/log"))
    shutil.copytree(os.path.join(longer, "anchors"), os.path.join(logs.folder, "grown/anchors"))
    grown = os.path.join(logs.folder, "grown/log")
    os.makedirs(os.path.join(grown, "witness"), exist_ok=True)
    shutil.copy(os.path.join(logs.folder, "cosigned"), os.path.join(grown, "witness/checkpoint"))
    pin = keep(logs, longer, "pin-of-grown")
    for words in (["full", grown], ["range", grown, "1", "2"], ["compare", grown, grown],
                  ["incremental", grown, "--pin", pin]):
        told = logs.expect_named("grown", 3, "unwitnessed", *words, *policy)
        expect(told["witnessed"] == len(entries), f"grown: {told}")


def a_receipt_is_bound(logs, path, longer):
    """Who holds the log's key can sign a tree of one entry for it."""
    entry = os.path.join(logs.folder, "one.entry")
    with open(entry, "wb") as file:
        file.write(b'{"time":"2026-03-01T08:00:00.000Z","type":"step.emit"}')
    alone = os.path.join(logs.folder, "alone")
    logs.change(alone, "raw", entry)
    receipt = os.path.join(logs.folder, "one.tlog-proof")
    with open(os.path.join(alone, "log/checkpoint"), "rb") as note, open(receipt, "wb") as file:
        file.write(b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note.read())
    words = ["proof", receipt, "--entry", entry, "--key", os.path.join(path, "anchors/log.vkey")]
    logs.expect_named("alone", 4, "proof-unbound", *words)
    logs.expect_named("its own pin", 0, "proof-holds", *words, "--pin",
                      os.path.join(alone, "log/checkpoint"))
    logs.expect_named("its own log", 0, "proof-holds", *words, "--log", os.path.join(alone, "log"))
    logs.expect_named("the log", 1, "pin-wrong", *words, "--log", os.path.join(path, "log"))
    logs.expect_named("another pin", 4, "proof-unbound", *words, "--pin",
                      os.path.join(path, "log/checkpoint"))
    vkey = logs.change(damaged(alone, logs.folder), "cosign", "32", str(BEGIN))
    logs.expect_named("a quorum", 3, "proof-unwitnessed", *words, "--policy",
                      write_policy(logs, "alone-policy", f"witness a {vkey}\nquorum a\n"))
    with open(os.path.join(logs.folder, "damaged/log/witness/checkpoint"), "rb") as note, \
            open(receipt, "wb") as file:
        file.write(b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note.read())
    logs.expect_named("cosigned", 0, "proof-holds", *words, "--policy",
                      os.path.join(logs.folder, "alone-policy"))
    pin = keep(logs, path, "pin-of-range")
    logs.expect_named("range and pin", 0, None, "range", os.path.join(longer, "log"), "0", "1",
                      "--pin", pin)
    logs.expect_named("range and pin", 1, "pin-wrong", "range", os.path.join(longer, "log"), "0",
                      "1", "--pin", os.path.join(alone, "log/checkpoint"))
    logs.expect_named("range and pin", 2, "pin-ahead", "range", os.path.join(path, "log"), "0", "1",
                      "--pin", os.path.join(longer, "log/checkpoint"))


# ---- Pruned by an order --------------------------------------------------------------------------


def prunings_stand_on_two_auditors(logs, path):
    def pruned(*seeds):
        copy = damaged(path, logs.folder)
        logs.change(copy, "prune", "512", *seeds)
        return copy, os.path.join(copy, "log")

    copy, log = pruned()
    logs.expect_named("two auditors", 0, None, log)
    auditors = os.path.join(copy, "anchors/auditors.json")
    elsewhere = os.path.join(logs.folder, "auditors.json")
    shutil.move(auditors, elsewhere)
    logs.expect_named("no auditors' keys", 4, "prune-unproven", log)
    logs.expect_named("given auditors' keys", 0, None, log, "--auditors", elsewhere)
    with open(elsewhere, encoding="utf-8") as file:
        keys = json.load(file)
    one = next(iter(keys.values()))
    with open(elsewhere, "w", encoding="utf-8") as file:
        json.dump({"a": one, "the same": one}, file)
    logs.expect_named("one key under two names", 1, "prune-unsigned", log, "--auditors", elsewhere)
    for seeds in (["80"], ["80", "1"], ["1", "2"]):
        logs.expect_named(f"signed by {seeds}", 1, "prune-unsigned", pruned(*seeds)[1])
    for was, now in ((b'"before":512', b'"before":768'), (b'"archive":"0', b'"archive":"1')):
        entries, (copy, log) = entries_of(path), pruned()
        last = entries_of_pruned(log)[-1]
        resign(logs, copy, [*entries, last.replace(was, now)])
        for bundle in ("000", "001"):
            os.unlink(os.path.join(log, "tile/entries", bundle))
        logs.expect_named(f"{now} ordered", 1, "prune-unsigned", log)


def entries_of_pruned(log):
    """Those of its last bundle."""
    (name,) = os.listdir(os.path.join(log, "tile/entries/005.p"))
    with open(os.path.join(log, "tile/entries/005.p", name), "rb") as file:
        return list(script().read_bundle(file.read(), int(name))[0])


# ---- Written meanwhile ---------------------------------------------------------------------------


def a_log_may_be_written_meanwhile(logs):
    path = os.path.join(logs.folder, "written")
    logs.change(path, "live", "1", "200", "0")
    vkey = logs.change(path, "cosign", "32", str(BEGIN + 1_000_000))
    policy = write_policy(logs, "live", f"witness a {vkey}\nquorum a\n")
    log = os.path.join(path, "log")
    for leftover in ("checkpoints/.new", "epoch/.new", "witness/.new", "tile/0/.new",
                     "tile/0/000.new", "tile/entries/000.p/57.new", "tile/entries/000.new"):
        place = os.path.join(log, leftover)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(b"half")
    pin = keep(logs, path, "pin-of-written")
    told = logs.ask_both("leftovers", log)
    expect(told["verdict"] == 0 and not [one for one in told["worthALook"] if ".new" in one[2]],
           f"leftovers: {told}")
    writer = subprocess.Popen([logs.make_log, path, "write", str(LIVE_SECONDS)],
                              stdout=subprocess.DEVNULL)
    rounds, sizes = 0, set()
    try:
        while writer.poll() is None:
            for words in (["full", log], ["incremental", log, "--pin", pin],
                          ["range", log, "0", "9"], ["compare", pin, log]):
                for program in ([logs.verifier], python_for(words)):
                    told = logs.ask(program, *words, "--policy", policy, "--key",
                                    os.path.join(path, "anchors/log.vkey"))
                    problems = [one for one in told["messages"] if one[0] != "unwitnessed"]
                    expect(not problems, f"written meanwhile: {words}: {told}")
                    sizes.add(told["entries"])
                    rounds += 1
    finally:
        writer.kill() if writer.poll() is None else None
        writer.wait()
    expect(rounds >= 8 and len(sizes) > 4, f"only {rounds} rounds of {sizes}")


# ---- Signatures ----------------------------------------------------------------------------------

# RFC 8032 7.1, tests 1, 2, 3: key, message, signature.
RFC8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"),
]


def signatures_have_one_form(logs, path):
    """Those of RFC 8032 hold; S plus the group's order, and keys of small order or in another
    spelling, under which both equations may hold, do not (as Wycheproof's eddsa_test has them)."""
    module = script()
    for key, message, signature in RFC8032:
        key, message, signature = map(bytes.fromhex, (key, message, signature))
        expect(module.ed25519(key, message, signature), "RFC 8032")
        scalar = int.from_bytes(signature[32:], "little")
        for wrong in (signature[:32] + (scalar + L).to_bytes(32, "little"),
                      signature[:32] + (scalar + 1).to_bytes(32, "little"), signature[:63],
                      signature + b"\0"):
            expect(not module.ed25519(key, message, wrong), "RFC 8032, changed")
    copy = damaged(path, logs.folder)
    log = os.path.join(copy, "log")
    with open(os.path.join(log, "checkpoint"), "rb") as file:
        text, _, lines = file.read().decode().rpartition("\n\n")
    first, *others = lines.strip("\n").split("\n")
    dash, name, blob = first.split(" ")
    blob = base64.b64decode(blob)

    def check(what, blob, code, *more):
        line = f"{dash} {name} {base64.b64encode(blob).decode()}"
        with open(os.path.join(log, "checkpoint"), "w", encoding="utf-8") as file:
            file.write("\n".join([text + "\n", line, *others]) + "\n")
        logs.expect_named(what, 1 if code else 0, code, log, *more)

    check("as signed", blob, None)
    scalar = int.from_bytes(blob[36:], "little") + L
    check("S + L", blob[:36] + scalar.to_bytes(32, "little"), "line-bad")
    base = (4 * pow(5, module.P - 2, module.P) % module.P).to_bytes(32, "little")
    one = (1).to_bytes(32, "little")
    points = {"identity": one, "identity, x = -0": one[:31] + b"\x80",
              "identity, y = p + 1": (module.P + 1).to_bytes(32, "little"),
              "order 2": (module.P - 1).to_bytes(32, "little"), "order 4": bytes(32),
              "order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0"
                                       "d5dfac05d3c63339b13802886d53fc05")}
    for what, point in points.items():
        id_ = hashlib.sha256(name.encode() + b"\n\1" + point).digest()[:4]
        vkey = f"{name}+{id_.hex()}+{base64.b64encode(b'' + bytes([1]) + point).decode()}"
        check(what, id_ + base + one, "line-bad", "--key", vkey)


# ---- Exit statuses -------------------------------------------------------------------------------


def each_ends(logs, what, wanted, words, become=(), **more):
    """Both end with this status, whatever stands around them."""
    for program in ([logs.verifier], python_for(words)):
        done = subprocess.run([*become, *program, *words], check=False, timeout=60, **{
            "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **more})
        expect(done.returncode == wanted, f"{what}: {program}: {done.returncode}")


def what_cannot_be_told_is_four(logs, path):
    log = os.path.join(path, "log")
    for first, second in (("-1", "0"), ("1_0", "2_0"), ("+1", "2"), (" 1", "2"), ("1", "2 "),
                          ("\u0661", "2"), ("1", str(1 << 64)), ("", "1"), ("0x1", "2")):
        each_ends(logs, f"range {first} {second}", 4, ["range", log, first, second])
    for words in ([], ["full"], ["full", log, "x"], ["--nothing", log], ["full", log, "--pin"],
                  ["proof", log], ["proof", log, "--index", "x"], ["full", log, "--lag", "1_0"],
                  ["full", log, "--policy", "/nowhere"], ["full", "/nowhere"]):
        each_ends(logs, f"{words}", 4, words)
    for lag in ("0", "007", "4294967296", str((1 << 64) - 1)):
        each_ends(logs, f"lag {lag}", 0, ["full", log, "--lag", lag])
    with open("/dev/full", "wb") as full:
        each_ends(logs, "a full disk", 4, ["full", log], stdout=full)
        each_ends(logs, "a full disk", 4, ["full", log, "--json"], stdout=full)
    for program in ([logs.verifier], [sys.executable, PYTHON]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([*program, "full", log], check=False, stdout=writer,
                              stderr=subprocess.DEVNULL)
        os.close(writer)
        expect(done.returncode == 4, f"a closed pipe: {program}: {done.returncode}")
    copy = damaged(path, logs.folder)
    odd = os.path.join(os.fsencode(copy), b"log/tile/0/odd-\xff-\xe4\xb8")
    with open(odd, "wb"):
        pass
    plain = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    each_ends(logs, "a name that is no text", 0, ["full", os.path.join(copy, "log")], env=plain)
    told = logs.ask_both("a name that is no text", os.path.join(copy, "log"))
    expect(told["verdict"] == 0 and told["worthALook"], f"a name that is no text: {told}")


def what_may_not_be_read_is_four(logs, path):
    """Without what root may do beside."""
    copy = damaged(path, logs.folder)
    log = os.path.join(copy, "log")
    become = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    become = become if os.geteuid() == 0 else []
    each_ends(logs, "as anybody", 0, ["full", log], become)
    for name in ("", "tile", "tile/0", "epoch", "checkpoints", "tile/entries/000.p", "checkpoint",
                 "tile/0/000.p/6", "tile/entries/000.p/6", "epoch/0.checkpoint"):
        place = os.path.join(log, name)
        mode = os.stat(place).st_mode
        os.chmod(place, 0)
        each_ends(logs, f"mode 0 of {name}", 4, ["full", log], become)
        os.chmod(place, mode)


# ---- Made to mislead -----------------------------------------------------------------------------


def hostile_journals_end_in_time(logs):
    path = os.path.join(logs.folder, "tail")
    logs.change(path, "live", "1", "5", "4")
    (name,) = os.listdir(os.path.join(path, "log/journal"))
    place = os.path.join(path, "log/journal", name)
    os.chmod(place, 0o600)
    with open(place, "rb") as file:
        good = file.read()
    commit = (1000).to_bytes(4, "big") + bytes(4) + b"\3" + bytes(72) + (924).to_bytes(4, "big")
    near = b"".join(commit[:85] + bytes(3) for _ in range(24_000))
    lengths = b"".join((16_000).to_bytes(4, "big") + bytes(4) + b"\3" for _ in range(230_000))
    for what, tail, finding in (("many that look like a COMMIT", near, 1), ("lengths", lengths, 0),
                                ("a few", near[:10 * 88], 0), ("zeros", bytes(2 << 20), 0),
                                ("zeros to the end", bytes(5 << 20), 0),
                                ("ones of two writes", b"\1" * (5 << 20), 1),
                                ("threes", b"\3" * (40 << 20), 1)):
        with open(place, "wb") as file:
            file.write(good + tail)
        started = time.monotonic()
        told = logs.ask_both(what, os.path.join(path, "log"))
        expect(told["verdict"] == finding, f"{what}: {told}")
        expect(time.monotonic() - started < 40, f"{what}: {time.monotonic() - started} seconds")


def odd_inputs_are_judged_alike(logs, path, chance):
    """Policies, checkpoints and cosignatures of random odd shapes."""
    copy = damaged(path, logs.folder)
    log, seeds = os.path.join(copy, "log"), ("32", "64")
    keys = [logs.change(copy, "cosign", seed, str(BEGIN + 7200)) for seed in seeds]
    names = ["a", "\u51fd\u8c37", "b\udcff", "x\u00a0y", "none", "\u3000", "A" * 300]
    counts = ["1", "2", "01", "0", "all", "any", "+1", "1_", "0000000001", "\u0661", "2" * 30, "-1"]
    places = {0: 0, 1: 0, 2: 0, 3: 0, 4: 0}
    for _ in range(ROUNDS):
        one, two = chance.choice(names), chance.choice(names)
        text = (f"witness {one} {keys[0]}\n{chance.choice(['', chr(9), '# '])}"
                f"witness {two} {keys[1]}{chance.choice(['', ' http://x/', ' a b', chr(0xa0)])}\n"
                f"group g {chance.choice(counts)} {one} {two}\n"
                f"quorum {chance.choice(['g', one, two, 'none', 'h'])}\n")
        policy = os.path.join(logs.folder, "odd-policy")
        with open(policy, "wb") as file:
            file.write(text.encode(errors="surrogateescape"))
        answers = [subprocess.run([*program, log, "--policy", policy], check=False,
                                  capture_output=True).returncode
                   for program in ([logs.verifier], [sys.executable, PYTHON])]
        expect(answers[0] == answers[1], f"{answers} of the policy {text!r}")
        places[answers[0]] += 1
    expect(places[0] and places[4], f"policies: {places}")
    name, id_, _ = keys[0].split("+")
    for seconds in (0, 1, BEGIN, 253402300799, 253402300800, (1 << 63) - 1, (1 << 64) - 1):
        vkey = logs.change(copy, "cosign", "96", str(seconds))
        told = logs.ask_both(f"cosigned at {seconds}", log, "--policy",
                             write_policy(logs, "at", f"witness a {vkey}\nquorum a\n"))
        expect((told["verdict"] == 0) == (seconds >= BEGIN), f"cosigned at {seconds}: {told}")
    with open(os.path.join(log, "checkpoint"), "rb") as file:
        note = file.read()
    size = note.split(b"\n")[1]
    for other in (b"4294967296", b"4294967297", b"18446744073709551615", b"18446744073709551616",
                  b"-1", b"0" + size, b"+" + size, size + b" ", b"1_0", b"\xd9\xa1", b""):
        rewrite(copy, "checkpoint", lambda _, other=other: note.replace(size, other, 1))
        for words in (["full"], ["range"], ["compare"]):
            more = {"range": ["0", "1"], "compare": [log]}.get(words[0], [])
            told = logs.ask_both(f"a checkpoint of {other}", *words, log, *more)
            expect(told["verdict"] == 1, f"a checkpoint of {other}: {told}")


def lists_agree(logs, path):
    for command, codes in (("epochs", ["epoch", "epoch", "epoch-present"]),
                           ("time", ["clock-step", "clock-unknown", "time-first", "time-last"])):
        copy = damaged(path, logs.folder)
        for seconds, kind, event in (
                ("00", "clock", {"now": "2026-03-01T08:04:03.500Z",
                                 "lastEntry": "2026-03-01T08:05:03.000Z"}),
                ("01", "heartbeat", {"clock": "unknown"})):
            resign(logs, copy, [*entries_of(copy), json.dumps(
                {"time": f"2026-03-01T09:00:{seconds}.000Z", "type": kind, "event": event}).encode()])
        told = logs.expect_named(command, 0, None, command, os.path.join(copy, "log"))
        expect([one[0] for one in told["told"]] == codes, f"{command}: {told}")


def entry_at(seconds, kind, **members):
    moment = f"2026-03-01T{9 + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000Z"
    return {"time": moment, "type": kind, **members}


def append(logs, path, story):
    """Entries behind those of a log, linked as the writer links them."""
    before, last = entries_of(path), {}
    for index, entry in enumerate(story, len(before)):
        if isinstance(entry.get("transfer"), str):
            if entry["transfer"] in last:
                entry["previous"] = last[entry["transfer"]]
            last[entry["transfer"]] = index
    resign(logs, path, [*before, *(json.dumps(entry).encode() for entry in story)])


def statement(verdict):
    payload = json.dumps({"predicate": {"verdict": verdict}}).encode()
    envelope = json.dumps({"payload": base64.b64encode(payload).decode()}).encode()
    return base64.b64encode(envelope).decode()


def gaps_agree(logs, path, chance):
    """What is listed of one story is as told; of random ones, what the other lists."""
    one, two = {"boot": "one"}, {"boot": "two"}
    story = [entry_at(0, "boot", **one), entry_at(1, "step.receive", transfer="a", **one),
             entry_at(2, "transfer.stated", transfer="b", event={"recipients": ["x", "y"]}, **one),
             entry_at(3, "transfer.acknowledged", transfer="b", event={"node": "x"}, **one),
             entry_at(120, "heartbeat", **one), entry_at(241, "heartbeat", **one),
             entry_at(242, "step.inspect", transfer="c", statement=statement("fail"), **one),
             entry_at(243, "boot", **two), entry_at(244, "transfer.quarantined", transfer="d", **two)]
    copy = damaged(path, logs.folder)
    before = len(entries_of(copy))
    append(logs, copy, story)
    told = logs.expect_named("gaps", 0, None, "gaps", os.path.join(copy, "log"))
    places = {(one[0], one[1] - before) for one in told["worthALook"]}
    expect({("heartbeat-missing", 5), ("boot-without-stop", 6), ("transfer-open", 1),
            ("transfer-open", 3)} <= places and ("heartbeat-missing", 4) not in places and
           ("transfer-open", 6) not in places and ("transfer-open", 8) not in places,
           f"gaps: {places}")
    kinds = ["boot", "heartbeat", "stop", "transfer.stated", "transfer.acknowledged",
             "transfer.fetched", "transfer.quarantined", "transfer.withdrawn", "transfer.expired",
             "step.verify", "step.emit"]
    for _ in range(ROUNDS // 4):
        seconds, story = 0, []
        for _ in range(80):
            seconds += chance.choice((0, 1, 60, 120, 121))
            nodes = chance.choices(("x", "y", 5), k=chance.choice((0, 1, 2, 64, 65)))
            members = {"boot": chance.choice("12"), "transfer": chance.choice(("a", "b", "c", 7)),
                       "event": chance.choice(({"recipients": nodes}, {"node": "x"}, {"node": "y"}, 3)),
                       "statement": chance.choice((statement("fail"), statement("pass"), "odd"))}
            story.append(entry_at(seconds, chance.choice(kinds), **{
                name: value for name, value in members.items() if chance.random() < 0.8}))
        copy = damaged(path, logs.folder)
        append(logs, copy, story)
        logs.ask_both("random gaps", "gaps", os.path.join(copy, "log"))


def main():
    make_log, verifier = sys.argv[1:3]
    only = sys.argv[3:]
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        logs = Logs(make_log, verifier, None, folder)
        small, grown, long = logs.make(2, 1), logs.make(3, 1), logs.make(5, 280)
        for test, given in ((the_logs_own_cosigned_checkpoint_counts, (small, grown)),
                            (a_receipt_is_bound, (small, grown)),
                            (prunings_stand_on_two_auditors, (long,)),
                            (signatures_have_one_form, (small,)),
                            (what_cannot_be_told_is_four, (small,)),
                            (what_may_not_be_read_is_four, (small,)),
                            (lists_agree, (grown,)),
                            (gaps_agree, (grown, chance)),
                            (hostile_journals_end_in_time, ()),
                            (odd_inputs_are_judged_alike, (small, chance)),
                            (a_log_may_be_written_meanwhile, ())):
            if not only or test.__name__ in only:
                test(logs, *given)
        print(f"ok: the verifiers agree about {logs.seen} logs")


if __name__ == "__main__":
    main()
