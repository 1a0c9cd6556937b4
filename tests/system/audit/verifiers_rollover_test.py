#!/usr/bin/env python3
"""The verifiers of the audit log agree about logs whose own keys rolled over.

usage: verifiers_rollover_test.py MAKE_LOG HANGU_AUDIT_VERIFY [TEST...]

Each log is made by hand (tests/support/log_roller.hpp): of what is true of it, and of what who holds a
former key, or nobody's key, makes of it, both of ours say the same by code, entry, file and offset.
"""

import os
import subprocess
import sys
import tempfile

from verifiers_test import PYTHON, Logs, damaged, expect, flip, keep, rewrite, write_policy

# 0: genesis, 1..300, 301: end of epoch 0; 302..401, 402: the roll-over; 403..702, 703: end of epoch 2;
# 704..713. Keys 64 come in the place of keys 0.
ROLLED = ("+300", "end", "+100", "roll:64", "+300", "end", "+10")
ROLL, SIZE = 402, 714


class Rolled(Logs):
    def __init__(self, make_log, verifier, folder):
        super().__init__(make_log, verifier, None, folder)
        self.made, self.keys = 0, {}
        for seed in (0, 32, 64, 96):
            path = os.path.join(folder, f"key-{seed}")
            self.change(path, "hand", "+1", f"roll:{seed}" if seed else "+1")
            self.keys[seed] = os.path.join(path, "anchors/log.vkey")

    def hand(self, *steps):
        self.made += 1
        path = os.path.join(self.folder, f"hand-{self.made}")
        self.change(path, "hand", *steps)
        return path

    def check(self, verdict, code, *steps, key=64, what="full", more=(), gone=()):
        """Of a log by these steps; `code` None: it is good."""
        path = self.hand(*steps)
        for name in gone:
            os.unlink(os.path.join(path, name))
        more = [word.replace("@", path) for word in more]
        words, at = what.split(), os.path.join(path, "log")
        told = self.expect_named(f"{steps} {what} {key} {more}", verdict, code, words[0], at, *words[1:],
                                 "--key", self.keys[key], *more)
        return told

    def at(self, told, code):
        return [one[1] for one in told["messages"] + told["told"] if one[0] == code]


def clean_logs_are_good(logs):
    logs.check(0, None, *ROLLED)
    logs.check(0, None, "bare", *ROLLED)
    logs.check(0, None, *ROLLED[:4])  # the head is the roll-over itself, by the former key
    logs.check(0, None, "roll:64", "roll:32", "+1", "roll:0", key=0)
    told = logs.check(0, "log-keys", *ROLLED, what="epochs")
    expect(logs.at(told, "log-keys") == [ROLL], told)


def given_keys_are_judged(logs):
    for steps in (ROLLED, ("bare", *ROLLED), ROLLED[:4]):
        log = os.path.join(logs.hand(*steps), "log")
        for words in (("full", log), ("epochs", log), ("range", log, "1", "9"),
                      ("proof", log, "--index", "100"), ("compare", log, log)):
            logs.expect_named(f"{words}: present", 0, None, *words, "--key", logs.keys[64])
            logs.expect_named(f"{words}: a stranger's", 1, "line-missing", *words, "--key",
                              logs.keys[96])
            if steps == ROLLED[:4] and words[0] not in ("full", "epochs"):
                continue  # the head is by the former key, and what its last entry tells is not read
            told = logs.expect_named(f"{words}: former", 4, "key-former", *words, "--key", logs.keys[0])
            expect(logs.at(told, "key-former") == [ROLL], told)
    told = logs.check(4, "key-former", "roll:64", "+1", "roll:32", "+1", key=0)
    expect(logs.at(told, "key-former") == [1], told)
    told = logs.check(4, "key-former", "roll:64", "+1", "roll:32", "+1", key=64)
    expect(logs.at(told, "key-former") == [3], told)
    logs.check(1, "genesis-key", *ROLLED, key=96)
    logs.check(1, "genesis-key", "+3", key=64)


def told_roll_overs_are_held_to_their_form(logs):
    for told in ("told:32:64:0:64:64",  # former is not the present one
                 "told:0:64:32:64:64",  # nor its SM2 key
                 "told:0:0:0:64:0", "told:0:64:-:-:64", "told:0:64:0:-:64"):
        key = 0 if told.startswith("told:0:0") else 64
        named = logs.check(1, "log-keys-order", "+5", "end", "+3", told, "+2", key=key)
        expect(logs.at(named, "log-keys-order") == [10], named)
    logs.check(1, "log-keys-order", "bare", "+5", "told:0:64:0:64:64", "+2")
    logs.check(1, "log-keys-order", "+5", "roll:64", "roll:32", "told:64:0:64:0:0", "+1", key=0)


def lines_are_held_to_the_key_of_their_size(logs):
    def noted(name, size, seed, gm):
        return f"note:log/{name}:{size}:{seed}:{gm}"

    for name, size in (("checkpoint", SIZE), ("epoch/2.checkpoint", 704), ("checkpoints/512", 512)):
        logs.check(1, "line-missing", *ROLLED, noted(name, size, 0, 0))
        logs.check(1, "line-missing", *ROLLED, noted(name, size, 0, 64))
        logs.check(1, "line-missing", *ROLLED, noted(name, size, 64, 0))
        logs.check(1, "line-missing", *ROLLED, noted(name, size, 0, 0), key=0)
    for name, size in (("epoch/0.checkpoint", 302), ("epoch/1.checkpoint", 403),
                       ("checkpoints/256", 256), ("checkpoints/0", 0)):
        logs.check(1, "line-missing", *ROLLED, noted(name, size, 64, 64))
        logs.check(1, "line-missing", *ROLLED, noted(name, size, 64, 0))
        logs.check(1, "line-missing", *ROLLED, noted(name, size, 0, 64))
    logs.check(0, None, *ROLLED, noted("checkpoints/403", 403, 0, 0),
               noted("checkpoints/404", 404, 64, 64))
    for what in ("full", "range 1 9"):
        for size, good, bad in ((300, 0, 64), (403, 0, 64), (404, 64, 0)):
            logs.check(0, None, *ROLLED, noted("witness/checkpoint", size, good, good), what=what)
            if what == "full" or bad == 0:  # without the entries the present key is good for all
                logs.check(1, "line-missing", *ROLLED, noted("witness/checkpoint", size, bad, bad),
                           what=what)
        logs.check(1, "line-missing", *ROLLED, noted("checkpoint", SIZE, 0, 0), what=what)


def pins_are_held_to_the_key_of_their_size(logs):
    for size, good, bad in ((100, 0, 64), (300, 0, 64), (403, 0, 64), (404, 64, 0), (600, 64, 0)):
        for what in ("full", "range 300 600", "incremental"):
            logs.check(0, None, *ROLLED, f"note:pin:{size}:{good}:{good}", what=what,
                       more=("--pin", "@/pin"))
            if what[:5] != "range" or bad == 0:
                logs.check(4, "pin-unreadable", *ROLLED, f"note:pin:{size}:{bad}:{bad}", what=what,
                           more=("--pin", "@/pin"))
            logs.check(4, "key-former", *ROLLED, f"note:pin:{size}:{good}:{good}", what=what, key=0,
                       more=("--pin", "@/pin"))
    path, other = logs.hand(*ROLLED, "note:pin:300:0:0"), logs.hand("+9", "end", "+300", "note:pin:300:0:0")
    for what in ("full", "incremental"):
        logs.expect_named(f"{what}: another log's pin", 1, "pin-wrong", what, os.path.join(path, "log"),
                          "--pin", os.path.join(other, "pin"), "--key", logs.keys[64])


def copies_from_before_are_compared(logs):
    old, new = logs.hand(*ROLLED[:3]), logs.hand(*ROLLED)
    for a, b in ((old, new), (new, old)):
        logs.expect_named("compare", 0, "compare-prefix", "compare", os.path.join(a, "log"),
                          os.path.join(b, "log"), "--key", logs.keys[64])
        logs.expect_named("compare, former key", 4, "key-former", "compare", os.path.join(a, "log"),
                          os.path.join(b, "log"), "--key", logs.keys[0])
    pin = os.path.join(old, "log/checkpoint")
    logs.expect_named("compare with a checkpoint", 0, "compare-prefix", "compare", pin,
                      os.path.join(new, "log"), "--key", logs.keys[64])
    fork = logs.hand(*ROLLED[:3], "+300")  # who stole the former key goes on with it
    logs.expect_named("compare a fork", 1, "line-missing", "compare", os.path.join(fork, "log"),
                      os.path.join(new, "log"), "--key", logs.keys[64])
    logs.expect_named("a fork", 1, "genesis-key", os.path.join(fork, "log"), "--key", logs.keys[64])
    other = logs.hand(*ROLLED[:3], "roll:96", "+400")  # or names a key of his own
    logs.expect_named("a fork", 1, "genesis-key", os.path.join(other, "log"), "--key", logs.keys[64])
    logs.expect_named("a fork, by the former key", 4, "key-former", os.path.join(other, "log"), "--key",
                      logs.keys[0])


def pruned_logs_are_followed(logs):
    before = ("+300", "end", "+3", "prune:256", "+2", "roll:64", "+300")
    logs.check(0, None, *before)
    logs.check(4, "key-former", *before, key=0)
    across = (*ROLLED, "prune:256")
    logs.check(0, None, *across)
    logs.check(4, "key-former", *across, key=0)
    behind = (*ROLLED, "prune:512")  # the roll-over itself is gone
    former = logs.keys[0]  # one vkey in a line
    logs.check(4, "line-former", *behind)
    logs.check(0, None, *behind, more=("--former-keys", former))
    logs.check(1, "line-missing", *behind, "note:log/epoch/2.checkpoint:704:0:0",
               more=("--former-keys", former))
    logs.check(1, "genesis-key", *behind, key=0)
    logs.check(0, None, *ROLLED, "+200", "prune:512", "note:pin:800:64:64", what="incremental",
               more=("--pin", "@/pin"))


def receipts_of_before_are_known(logs):
    former, odd = logs.keys[0], os.path.join(logs.folder, "odd")

    def receipt(verdict, code, seed, size, *more, key=64):
        path = logs.hand(*ROLLED, f"receipt:r:7:{size}:{seed}")
        place = os.path.join(path, "r")
        told = logs.expect_named(f"receipt {seed} {size} {more}", verdict, code, "proof", place, "--entry",
                                 place + ".entry", "--key", logs.keys[key],
                                 *[word.replace("@", path) for word in more])
        return "receipt-former-key" in [one[0] for one in told["worthALook"]]

    expect(not receipt(1, "line-missing", 0, 300), "not named")
    expect(receipt(0, "proof-holds", 0, 300, "--former-keys", former), "by the file")
    expect(receipt(0, "proof-holds", 0, 300, "--log", "@/log"), "by the log")
    expect(not receipt(0, "proof-holds", 64, 500, "--log", "@/log"), "present")
    expect(not receipt(1, "line-missing", 0, 500, "--log", "@/log"), "after")
    expect(not receipt(1, "line-missing", 0, 500, "--log", "@/log", "--former-keys", former), "after")
    expect(not receipt(4, "key-former", 0, 300, "--log", "@/log", key=0), "the former one is given")
    receipt(1, "line-missing", 96, 300, "--former-keys", former)
    with open(logs.keys[0], encoding="utf-8") as one, open(logs.keys[64], encoding="utf-8") as two:
        policy = write_policy(logs, "policy", f"log {one.read()}log {two.read()}quorum none\n")
    expect(receipt(0, "proof-holds", 0, 300, "--policy", policy), "by the policy")
    with open(odd, "w", encoding="utf-8") as file:
        file.write("no key\n")
    path = logs.hand(*ROLLED)
    for program in ([logs.verifier], [sys.executable, PYTHON]):
        done = subprocess.run([*program, os.path.join(path, "log"), "--former-keys", odd],
                              capture_output=True, check=False)
        expect(done.returncode == 4, "no list of keys")


def what_the_writer_rolled_over_is_good(logs):
    """With its journal, of which each bit counts."""
    path = os.path.join(logs.folder, "live")
    logs.change(path, "live", "2", "12", "0")
    former = keep(logs, path, "pin-of-before")
    with open(os.path.join(path, "anchors/log.vkey"), encoding="utf-8") as file:
        before = file.read().strip()
    logs.change(path, "roll", "2", "8")
    log = os.path.join(path, "log")
    told = logs.expect_named("live", 0, None, log, "--pin", former)
    expect(told["committed"] == told["entries"], f"live: {told}")
    logs.expect_named("live, since a pin", 0, None, "incremental", log, "--pin", former)
    logs.expect_named("live, by the former key", 4, "key-former", log, "--key", before)
    for name in sorted(os.listdir(os.path.join(log, "journal"))):
        copy = damaged(path, logs.folder)
        rewrite(copy, os.path.join("journal", name), lambda octets: flip(octets, 4 * len(octets)))
        told = logs.ask_both(f"{name} flipped", os.path.join(copy, "log"))
        expect(told["verdict"] == 1, f"{name} flipped: {told}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        logs = Rolled(*sys.argv[1:3], folder)
        for test in (clean_logs_are_good, given_keys_are_judged, told_roll_overs_are_held_to_their_form,
                     lines_are_held_to_the_key_of_their_size, pins_are_held_to_the_key_of_their_size,
                     copies_from_before_are_compared, pruned_logs_are_followed,
                     receipts_of_before_are_known, what_the_writer_rolled_over_is_good):
            if test.__name__ in (sys.argv[3:] or test.__name__):
                test(logs)
        print(f"ok: the verifiers agree about {logs.seen} logs whose keys rolled over")


if __name__ == "__main__":
    main()
