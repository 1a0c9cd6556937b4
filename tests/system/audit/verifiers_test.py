#!/usr/bin/env python3
"""The verifiers of the audit log agree: hangu-audit-verify (C++), hangu_audit_verify.py, and a
foreign one on Go's own note and tlog packages.

usage: verifiers_test.py MAKE_LOG HANGU_AUDIT_VERIFY

Every damage is done to a copy of a good log; each verifier must find it, and the two of ours with
the same verdict, the same first bad entry and the same remarks. The foreign one (foreign/main.go,
built here) knows neither epochs nor what entries say: it must find what changes the tree.
"""

import filecmp
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(HERE, "../../../audit/verifier/hangu_audit_verify.py")
SIZES = [(1, 0), (2, 1), (3, 30), (1, 253), (1, 254), (1, 255), (2, 300), (1, 700)]
FLIPS = 25  # of each log


class Logs:
    def __init__(self, make_log, verifier, foreign, folder):
        self.make_log, self.verifier, self.foreign = make_log, verifier, foreign
        self.folder, self.seen = folder, 0

    def make(self, starts, entries):
        path = os.path.join(self.folder, f"{starts}-{entries}")
        subprocess.run([self.make_log, path, str(starts), str(entries)], check=True)
        return path

    def ask(self, program, path):
        done = subprocess.run([*program, os.path.join(path, "log"), "--json"],
                              capture_output=True, text=True, check=False, timeout=60)
        expect(done.stdout.startswith("{"), f"{program}: {path}: {done.stdout}{done.stderr}")
        told = json.loads(done.stdout)
        expect(told["verdict"] == done.returncode, f"{program}: exit {done.returncode}, {told}")
        return told

    def compare(self, path, what, good=False, in_tree=False):
        """Both of ours say the same of this log; the foreign one whether its tree is good."""
        self.seen += 1
        first = self.ask([self.verifier], path)
        second = self.ask([sys.executable, PYTHON], path)
        for told in (first, second):
            for name in ("messages", "worthALook", "told"):
                told[name] = sorted((one["code"], one.get("entry", -1), one.get("path", ""),
                                     one.get("offset", -1), one.get("words", []))
                                    for one in told[name])
        expect(first == second, f"{what}: they differ:\n{first}\n{second}")
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
        logs.compare(copy, f"{path}: {name} bit {bit}", in_tree=is_needed(name, names))


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
        print(f"ok: the verifiers agree about {logs.seen} logs")


if __name__ == "__main__":
    main()
