#!/usr/bin/env python3
"""The verifiers of the audit log agree: hangu-audit-verify (C++), hangu_audit_verify.py (with
hangu_audit_parts.py for all but full checks), and a foreign one on Go's own note and tlog packages.

usage: verifiers_test.py MAKE_LOG HANGU_AUDIT_VERIFY

Every damage is done to a copy of a good log; each verifier must find it, and the two of ours with
the same verdict, the same first bad entry and the same remarks. The foreign one (foreign/main.go,
built here) knows neither epochs nor what entries say: it must find what changes the tree.
"""

import base64
import filecmp
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(HERE, "../../../audit/verifier/hangu_audit_verify.py")
PARTS = os.path.join(HERE, "../../../audit/verifier/hangu_audit_parts.py")
SIZES = [(1, 0), (2, 1), (3, 30), (1, 253), (1, 254), (1, 255), (2, 300), (1, 700)]
FLIPS = 25  # of each log


def python_for(words):
    """The Python verifier that answers this."""
    parts = words and words[0] in ("incremental", "range", "proof", "epochs", "gaps", "time",
                                   "compare")
    alone = not parts or words[0] == "proof" and "--log" not in words and not os.path.isdir(words[1])
    return [sys.executable, PYTHON if alone else PARTS]


class Logs:
    def __init__(self, make_log, verifier, foreign, folder):
        self.make_log, self.verifier, self.foreign = make_log, verifier, foreign
        self.folder, self.seen = folder, 0

    def make(self, starts, entries):
        path = os.path.join(self.folder, f"{starts}-{entries}")
        self.change(path, str(starts), str(entries))
        return path

    def ask(self, program, *words):
        done = subprocess.run([*program, *words, "--json"], capture_output=True, text=True,
                              check=False, timeout=60)
        expect(done.stdout.startswith("{"), f"{program}: {words}: {done.stdout}{done.stderr}")
        told = json.loads(done.stdout)
        expect(told["verdict"] == done.returncode, f"{program}: exit {done.returncode}, {told}")
        for name in ("messages", "worthALook", "told"):
            told[name] = sorted((one["code"], one.get("entry", -1), one.get("path", ""),
                                 one.get("offset", -1), one.get("words", []))
                                for one in told[name])
        return told

    def ask_both(self, what, *words):
        """What both of ours say, which is the same."""
        self.seen += 1
        first = self.ask([self.verifier], *words)
        second = self.ask(python_for(words), *words)
        expect(first == second, f"{what}: they differ:\n{first}\n{second}")
        return first

    def expect_named(self, what, verdict, code, *words):
        """Both end with this status and name it so."""
        told = self.ask_both(what, *words)
        named = code is None or code in [one[0] for one in told["messages"] + told["told"]]
        expect(told["verdict"] == verdict and named, f"{what}: not {verdict} {code}: {told}")
        return told

    def change(self, path, *words):
        done = subprocess.run([self.make_log, path, *words], check=True, capture_output=True,
                              text=True)
        return done.stdout.strip()

    def compare(self, path, what, good=False, in_tree=False):
        """Both of ours say the same of this log; the foreign one whether its tree is good."""
        first = self.ask_both(what, os.path.join(path, "log"))
        expect((first["verdict"] == 0) == good, f"{what}: {first}")
        if good or in_tree:
            done = subprocess.run([self.foreign, os.path.join(path, "log"),
                                   os.path.join(path, "anchors/log.vkey")],
                                  capture_output=True, text=True, check=False)
            expect((done.returncode == 0) == good, f"{what}: foreign: {done.stdout}{done.stderr}")
        return first


def build_foreign(folder):
    program = os.path.join(folder, "foreign")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
                   "GOCACHE": os.path.join(tempfile.gettempdir(), "hangu-go-cache"),
                   "GOFLAGS": "", "GOPROXY": "off"}
    subprocess.run(["go", "build", "-o", program, "."], check=True, env=environment,
                   cwd=os.path.join(HERE, "foreign"))
    return program


def is_needed(name, names):
    """Whether the tree of the log's size is read from this file: a full tile, or the widest partial
    one of a tile that is not full."""
    tile, _, width = name.partition(".p/")
    others = [int(other.partition(".p/")[2] or 256) for other in names
              if other.partition(".p/")[0] == tile]
    return name.startswith("tile/") and int(width or 256) == max(others)


def expect(true, what):
    if not true:
        sys.exit("FAILED: " + what)


def files_of(path):
    top = os.path.join(path, "log")
    return sorted(os.path.relpath(os.path.join(folder, name), top)
                  for folder, _, names in os.walk(top) for name in names)


def damaged(path, folder):
    copy = os.path.join(folder, "damaged")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(path, copy)
    for top, _, names in os.walk(copy):
        for name in names:
            os.chmod(os.path.join(top, name), 0o600)
    return copy


def rewrite(path, name, change):
    place = os.path.join(path, "log", name)
    with open(place, "rb") as file:
        octets = file.read()
    with open(place, "wb") as file:
        file.write(change(octets))


def flip(octets, bit):
    changed = bytearray(octets)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def flips_are_found(logs, path, chance):
    names = files_of(path)
    for _ in range(FLIPS):
        name = chance.choice(names)
        copy = damaged(path, logs.folder)
        bit = chance.randrange(8 * os.path.getsize(os.path.join(copy, "log", name)))
        rewrite(copy, name, lambda octets, at=bit: flip(octets, at))
        told = logs.compare(copy, f"{path}: {name} bit {bit}", in_tree=is_needed(name, names))
        expect(any(name == one[2] for one in told["messages"]), f"{name} is not named: {told}")


def cuts_and_losses_are_found(logs, path):
    names = files_of(path)
    for name in names:
        copy = damaged(path, logs.folder)
        rewrite(copy, name, lambda octets: octets[:len(octets) // 2])
        logs.compare(copy, f"{path}: half of {name}", in_tree=is_needed(name, names))
        if ".p/" in name or name.startswith("checkpoints/"):
            continue  # older ones may be gone: readers have the newer
        copy = damaged(path, logs.folder)
        os.unlink(os.path.join(copy, "log", name))
        logs.compare(copy, f"{path}: without {name}")


def another_log_is_no_help(logs, path, other):
    for name in ("checkpoint", "tile/0/000", "tile/entries/000"):
        copy = damaged(path, logs.folder)
        source = os.path.join(other, "log", name)
        place = os.path.join(copy, "log", name)
        if os.path.exists(source) and os.path.exists(place) and not filecmp.cmp(source, place, False):
            shutil.copy(source, place)
            logs.compare(copy, f"{path}: {name} of another log")


def entry(**members):
    """One that is well formed but for `members`."""
    return json.dumps({"time": "2026-03-01T08:00:00.000Z", "type": "boot", **members}).encode()


TRANSFER = "00112233445566778899aabbccddeeff"
HOSTILE_ENTRIES = [
    b"", b"{}", b"[]", b"5", b"null", b"[" * 40000, b'{"a":' * 8000, b'{"time":NaN,"type":"boot"}',
    entry().decode().encode("utf-16"), b"\xff\xfe", entry(time=5), entry(type=["boot"]),
    entry(keys=5), entry(keys="abc"), entry(keys={"a": 1}), entry(keys=[[1], 2, None, "a"]),
    entry(transfer=TRANSFER, previous=True), entry(transfer=TRANSFER, previous=0.0),
    entry(transfer=TRANSFER, previous=-1), entry(transfer=5),
    entry(type="step.receive", peer=5, statement="AAAA"), entry(type="step.receive", peer={"program": 5}),
    entry(type="step.verify", statement="not base64"), entry(type="step.verify", statement="bnVsbA=="),
    entry(type="step.verify", statement="e30="), entry(type="step.", statement="e30="),
    entry(type="sequence.gap", event=7), entry(type="sequence.gap", event={"node": "a", "missing": True}),
    entry(type="genesis"), entry(type="genesis", event=[1]), entry(type="genesis", event={"vkey": 5}),
    entry(type="genesis", event={"vkey": "a+b+c", "epochVkey": "++", "gmVkey": "x"}),
    entry(type="epoch.close"), entry(type="epoch.close", event={"epoch": False, "first": 0.0, "size": 1}),
]


def hostile_entries_are_found(logs):
    """By itself, and behind one that is plain: whatever who holds the log's key may write, each
    verifier ends with a verdict, and both with the same."""
    place = os.path.join(logs.folder, "entry")
    stages = os.path.join(logs.folder, "stages.json")
    with open(stages, "w", encoding="utf-8") as file:
        json.dump({"verify": {"algorithm": "ed25519", "key": "A" * 43 + "="}}, file)
    for number, octets in enumerate(HOSTILE_ENTRIES):
        for before in ([], [entry(type="genesis", event={})]):
            path = os.path.join(logs.folder, f"hostile-{number}-{len(before)}")
            names = []
            for i, one in enumerate([*before, octets]):
                names.append(f"{place}{i}")
                with open(names[-1], "wb") as file:
                    file.write(one)
            subprocess.run([logs.make_log, path, "raw", *names], check=True)
            shutil.copy(stages, os.path.join(path, "anchors/stages.json"))
            logs.compare(path, f"hostile entry {octets[:60]!r}")


def hostile_files_are_found(logs, path):
    """What stands in a copied folder need not be a file of a log, nor end."""
    def pipe(place):
        os.mkfifo(place)

    def endless(place):
        os.symlink("/dev/zero", place)

    def loop(place):
        os.symlink(os.path.basename(place), place)

    def long(place):
        with open(place, "wb") as file:
            file.truncate(1 << 40)

    for make in (pipe, endless, loop, long, os.mkdir):
        for name in ("checkpoint", "tile/entries/000.p/6", "tile/0/000.p/6", "epoch/0.checkpoint"):
            copy = damaged(path, logs.folder)
            os.unlink(os.path.join(copy, "log", name))
            make(os.path.join(copy, "log", name))
            logs.compare(copy, f"{make.__name__} in the place of {name}")
    for name in ("tile/foo/000", "tile/8/000", "tile/\u00b2/000", "tile/99999999999999999999/000",
                 "tile/0/0", "tile/0/x001/000.p/0", "tile/entries/000.p/256"):
        copy = damaged(path, logs.folder)
        place = os.path.join(copy, "log", name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(b"stray")
        told = logs.compare(copy, name, good=True)
        expect("stray" in [one[0] for one in told["worthALook"]], f"{name}: {told}")


# ---- What who holds the present keys can do, and what pins and witnesses say ---------------------

BEGIN = 1772352000  # 2026-03-01T08:00:00Z, when made logs begin


def entries_of(path):
    """The entries of a made log."""
    with open(os.path.join(path, "log/checkpoint"), "rb") as file:
        size, entries = int(file.read().split(b"\n")[1]), []
    while len(entries) < size:
        name = f"log/tile/entries/{len(entries) // 256:03}"
        name += f".p/{size % 256}" if size - len(entries) < 256 else ""
        with open(os.path.join(path, name), "rb") as file:
            octets = file.read()
        while octets:
            end = 2 + int.from_bytes(octets[:2], "big")
            entries.append(octets[2:end])
            octets = octets[end:]
    return entries


def resign(logs, path, entries):
    """Puts them in the place of a made log's, by the keys that stand beside it."""
    folder = os.path.join(logs.folder, "entries")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    names = []
    for i, octets in enumerate(entries):
        names.append(os.path.join(folder, str(i)))
        with open(names[-1], "wb") as file:
            file.write(octets)
    logs.change(path, "resign", *names)


def keep(logs, path, name):
    """A copy of the log's checkpoint elsewhere."""
    place = os.path.join(logs.folder, name)
    shutil.copy(os.path.join(path, "log/checkpoint"), place)
    return place


def write_policy(logs, name, text):
    place = os.path.join(logs.folder, name)
    with open(place, "w", encoding="utf-8") as file:
        file.write(text)
    return place


def key_holders_are_found(logs, path):
    """Of a closed epoch by itself, of the present one by a pin or a witness."""
    log = os.path.join(path, "log")

    def attacked(change):
        copy = damaged(path, logs.folder)
        entries = entries_of(copy)
        change(entries)
        resign(logs, copy, entries)
        return os.path.join(copy, "log")

    def salted(entries):
        at = entries[30].index(b'"salt":"') + 8
        entries[30] = flip(entries[30], 8 * at)

    def swapped(entries):
        entries[10], entries[11] = entries[11], entries[10]

    logs.expect_named("reordered", 1, "entry-time", attacked(swapped))
    logs.expect_named("reordered, and the epoch's checkpoint", 1, "root-wrong", attacked(swapped))
    logs.expect_named("deleted", 1, "epoch-order", attacked(lambda entries: entries.pop(20)))
    logs.expect_named("changed", 1, "epoch-root", attacked(salted))
    logs.expect_named("changed, and SM3", 1, "epoch-chain", attacked(salted))
    logs.expect_named("cut into a closed epoch", 1, "epoch-line-other",
                      attacked(lambda entries: entries.__delitem__(slice(100, None))))
    pin = keep(logs, path, "pin")
    cut = attacked(lambda entries: entries.__delitem__(slice(-5, None)))
    shutil.rmtree(os.path.join(cut, "checkpoints"), ignore_errors=True)
    logs.expect_named("cut, by itself", 0, None, cut)
    logs.expect_named("cut", 2, "pin-ahead", cut, "--pin", pin)
    logs.expect_named("cut, since the pin", 2, "pin-ahead", "incremental", cut, "--pin", pin)
    logs.expect_named("prefix", 0, "compare-prefix", "compare", log, cut)
    logs.expect_named("pins alone", 4, "compare-apart", "compare", pin,
                      os.path.join(cut, "checkpoint"), "--key",
                      os.path.join(path, "anchors/log.vkey"))
    logs.expect_named("equal", 0, "compare-equal", "compare", log, log)
    logs.expect_named("fork", 1, "compare-fork", "compare", log, attacked(swapped))


def whole_log_replaced_is_found(logs, path, other):
    pin = keep(logs, other, "pin-of-other")
    logs.expect_named("another log by the same key", 1, "pin-wrong", os.path.join(path, "log"),
                      "--pin", pin)
    logs.expect_named("the same since the pin", 1, "pin-wrong", "incremental",
                      os.path.join(path, "log"), "--pin", pin)


def witnesses_are_counted(logs, path):
    copy = damaged(path, logs.folder)
    log, last = os.path.join(copy, "log"), BEGIN + 3600
    one, two = (logs.change(copy, "cosign", seed, str(last)) for seed in ("32", "64"))
    absent = logs.change(damaged_elsewhere(logs, path), "cosign", "96", str(last))
    names = f"witness a {one}\nwitness b {two}\nwitness c {absent}\n"

    def policy(rule):
        return "--policy", write_policy(logs, "policy", names + rule)

    logs.expect_named("two of three", 0, None, log, *policy("group g 2 a b c\nquorum g\n"))
    logs.expect_named("all of three", 3, "unwitnessed", log,
                      *policy("group g all a b c\nquorum g\n"))
    logs.expect_named("nobody asked for", 0, None, log, *policy("quorum none\n"))
    logs.expect_named("a range", 0, None, "range", log, "1", "3", *policy("quorum a\n"))
    logs.expect_named("a range", 3, "unwitnessed", "range", log, "1", "3", *policy("quorum c\n"))
    early = logs.change(copy, "cosign", "128", str(BEGIN - 61))
    logs.expect_named("clock moved", 1, "entry-future", log, "--policy",
                      write_policy(logs, "early", f"witness e {early}\nquorum e\n"))


def damaged_elsewhere(logs, path):
    copy = os.path.join(logs.folder, "elsewhere")
    shutil.rmtree(copy, ignore_errors=True)
    return shutil.copytree(path, copy)


def rollback_is_named_by_witnesses(logs, path):
    copy = damaged(path, logs.folder)
    vkey = logs.change(copy, "cosign", "32", str(BEGIN + 3600))
    policy = write_policy(logs, "one", f"witness a {vkey}\nquorum a\n")
    resign(logs, copy, entries_of(copy)[:-3])
    shutil.rmtree(os.path.join(copy, "log/checkpoints"), ignore_errors=True)
    log = os.path.join(copy, "log")
    logs.expect_named("rolled back, without a policy", 2, "witness-ahead", log)
    logs.expect_named("rolled back", 2, "witness-ahead", log, "--policy", policy)
    logs.expect_named("rolled back, since a pin", 2, "witness-ahead", "incremental", log, "--pin",
                      os.path.join(log, "checkpoint"), "--policy", policy)


def receipts_are_checked(logs, path):
    """By one made here of the smallest tree."""
    entries = entries_of(path)
    expect(len(entries) == 2, f"{path}: {len(entries)} entries")
    with open(os.path.join(path, "log/checkpoint"), "rb") as file:
        note = file.read()
    key = os.path.join(path, "anchors/log.vkey")
    receipt, entry = (os.path.join(logs.folder, name) for name in ("receipt", "receipt.entry"))

    def check(what, verdict, code, index, octets, *more):
        other = base64.b64encode(hashlib.sha256(b"\0" + entries[1 - index]).digest())
        with open(receipt, "wb") as file:
            file.write(b"c2sp.org/tlog-proof@v1\nindex %d\n%s\n\n" % (index, other) + note)
        with open(entry, "wb") as file:
            file.write(octets)
        logs.expect_named(what, verdict, code, "proof", receipt, "--entry", entry, "--key", key, "--pin",
                          os.path.join(path, "log/checkpoint"), *more)

    check("receipt", 0, "proof-holds", 0, entries[0])
    check("receipt", 0, "proof-holds", 1, entries[1], "--index", "1")
    check("receipt of another", 1, "proof-other", 1, entries[1], "--index", "0")
    check("receipt, changed entry", 1, "proof-wrong", 1, entries[1] + b"\n")
    note = flip(note, 8 * note.index(b"\n") + 8)
    check("receipt, changed checkpoint", 1, "line-bad", 1, entries[1])


def pruned_logs_are_read(logs, path):
    copy = damaged(path, logs.folder)
    log = os.path.join(copy, "log")
    pin = keep(logs, copy, "pin-before-pruning")
    logs.change(copy, "prune", "512")
    told = logs.expect_named("pruned", 0, None, log)
    expect(told["pruned"] == 512, f"pruned: {told}")
    logs.expect_named("pruned, since a pin", 0, None, "incremental", log, "--pin", pin)
    os.unlink(os.path.join(log, "tile/entries/002"))
    logs.expect_named("a bundle that was not pruned", 2, "file-missing", log)
    copy = damaged(path, logs.folder)
    os.unlink(os.path.join(copy, "log/tile/entries/000"))
    logs.expect_named("a bundle without log.pruned", 2, "file-missing", os.path.join(copy, "log"))


def journals_are_followed(logs, chance):
    path = os.path.join(logs.folder, "live")
    logs.change(path, "live", "2", "12", "5")
    told = logs.expect_named("live", 0, None, os.path.join(path, "log"))
    expect(told["committed"] == told["entries"] + 5, f"live: {told}")
    name = os.path.join("journal", os.listdir(os.path.join(path, "log/journal"))[0])
    size = os.path.getsize(os.path.join(path, "log", name))
    told_of_whole = logs.ask_both("live again", os.path.join(path, "log"))
    for _ in range(FLIPS):
        copy, bit = damaged(path, logs.folder), chance.randrange(8 * (size - 1200))
        rewrite(copy, name, lambda octets, at=bit: flip(octets, at))
        told = logs.ask_both(f"{name} bit {bit}", os.path.join(copy, "log"))
        expect(told["verdict"] == 1 and told["messages"][0][2] == name, f"bit {bit}: {told}")
    for length in (size - 3, size - 700, size // 2, 20, 0):
        copy = damaged(path, logs.folder)
        rewrite(copy, name, lambda octets, end=length: octets[:end])
        logs.ask_both(f"{name} cut at {length}", os.path.join(copy, "log"))
        # The same in a segment that was made of zeros first.
        rewrite(copy, name, lambda octets: octets + bytes(3 * size - len(octets)))
        logs.ask_both(f"{name} zeros from {length} on", os.path.join(copy, "log"))
    copy = damaged(path, logs.folder)
    rewrite(copy, name, lambda octets: octets + bytes(100_000))
    zeros = logs.ask_both(f"{name} with zeros", os.path.join(copy, "log"))
    expect(zeros == told_of_whole, f"with zeros: {zeros}")
    rewrite(copy, name, lambda octets: octets[:size + 70_000] + b"\1" + octets[size + 70_001:])
    logs.ask_both(f"{name} with a one in the zeros", os.path.join(copy, "log"))


def partial_checks_agree(logs, path, chance):
    """Of a flip anywhere, since a pin and of a range: found or not, both say the same."""
    short = os.path.join(logs.folder, "short")
    logs.change(short, "3", "280")
    pin = keep(logs, short, "pin-of-short")
    names = files_of(path)
    for _ in range(FLIPS):
        name, copy = chance.choice(names), damaged(path, logs.folder)
        bit = chance.randrange(8 * os.path.getsize(os.path.join(copy, "log", name)))
        rewrite(copy, name, lambda octets, at=bit: flip(octets, at))
        log, start = os.path.join(copy, "log"), chance.randrange(900)
        logs.ask_both(f"{name} bit {bit} since a pin", "incremental", log, "--pin", pin)
        logs.ask_both(f"{name} bit {bit} range", "range", log, str(start), str(start + 300))
        logs.ask_both(f"{name} bit {bit} compared", "compare", os.path.join(path, "log"), log)


def main():
    make_log, verifier = sys.argv[1:3]
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        logs = Logs(make_log, verifier, build_foreign(folder), folder)
        made = [logs.make(*size) for size in SIZES]
        for path in made:
            told = logs.compare(path, path, good=True)
            expect(told["entries"] > 0 and told["root"], f"{path}: {told}")
        for path in (made[1], made[2], made[6]):
            flips_are_found(logs, path, chance)
        cuts_and_losses_are_found(logs, made[1])
        another_log_is_no_help(logs, made[7], made[6])
        hostile_entries_are_found(logs)
        hostile_files_are_found(logs, made[1])
        key_holders_are_found(logs, made[6])
        whole_log_replaced_is_found(logs, made[6], made[2])
        witnesses_are_counted(logs, made[2])
        rollback_is_named_by_witnesses(logs, made[6])
        receipts_are_checked(logs, made[0])
        long = logs.make(5, 280)
        pruned_logs_are_read(logs, long)
        journals_are_followed(logs, chance)
        partial_checks_agree(logs, long, chance)
        print(f"ok: the verifiers agree about {logs.seen} logs")


if __name__ == "__main__":
    main()
