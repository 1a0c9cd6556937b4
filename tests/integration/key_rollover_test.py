#!/usr/bin/env python3
"""The keys of a gateway's audit log roll over while two witnesses see it: nobody loses anything, and
who has the former key only is told so.

usage: key_rollover_test.py
"""

import json
import os
import subprocess

from gateway import BIN, expect, run_test
from witness_test import (ABOVE, fresh, python_for, submit, wait_for, witnessed, witnessed_gateway,
                          write_witness_policy)

FORMER = ("log-former.key", "log-gm-former.key")


def key_files(gateway):
    return sorted(os.listdir(os.path.join(gateway.gateway, "credentials", "audit")))


def read(gateway, *path):
    with open(os.path.join(gateway.gateway, *path)) as file:
        return file.read().strip()


def size_of(note):
    return int(note.split("\n")[1])


def emit(gateway, name):
    transfer = submit(gateway, name, ABOVE)
    expect(gateway.wait(transfer, "survey")["state"] == "emitted", f"{name} was not emitted")
    return transfer


def a_running_gateway_keeps_its_keys(gateway):
    before = read(gateway, "anchors", "log.vkey")
    refused = gateway.run("roll-keys", "--folder", gateway.gateway, check=False)
    expect(refused.returncode == 2 and "gateway-running" in refused.stderr, refused.stderr)
    expect(read(gateway, "anchors", "log.vkey") == before, "another key all the same")


def keys_roll_once_before_the_next_start(gateway):
    """Returns the former key and the present one."""
    former = read(gateway, "anchors", "log.vkey")
    told = json.loads(gateway.hangu("roll-keys", "--folder", gateway.gateway, "--json"))
    expect(told["vkey"] == read(gateway, "anchors", "log.vkey") != former, str(told))
    expect(read(gateway, "anchors", "log-former.vkey") == former, "the former key is not listed")
    expect(set(FORMER) <= set(key_files(gateway)), f"put aside: {key_files(gateway)}")
    again = gateway.run("roll-keys", "--folder", gateway.gateway, check=False)
    expect(again.returncode == 2 and "log-keys-rolling" in again.stderr, again.stderr)
    return former, told["vkey"]


def a_policy_of_the_former_key_is_told_before_the_start(gateway):
    refused = gateway.run("up", "--folder", gateway.gateway, "--loopback", check=False)
    expect(refused.returncode == 2 and "witness-policy-other-log" in refused.stderr, refused.stderr)
    expect(set(FORMER) <= set(key_files(gateway)), "the former keys are gone, and the log knows nothing")


def what_was_made_before_is_good_after(gateway, early):
    """A package that was sealed under the former key, its receipt, and a pin."""
    package = gateway.fetch(early, node="vault")
    gateway.open(package, node="vault", acknowledge=True)
    gateway.hangu("receipt", early, "--identity", gateway.identity("survey"), "--gateway",
                  gateway.endpoint("egov", "receive"), "--log-key",
                  os.path.join(gateway.gateway, "anchors", "log.vkey"))
    gateway.hangu("audit", "pin", "--folder", gateway.gateway, "--out", gateway.path("after.pin"),
                  "--earlier", gateway.path("before.pin"))


def verifiers_follow_the_log_to_its_present_key(gateway, former, present):
    log = os.path.join(gateway.gateway, "audit")
    for verifier in ([os.path.join(BIN, "hangu-audit-verify")], python_for(["full"])):
        def full(*words):
            done = subprocess.run([*verifier, "full", log, *words, "--json"], capture_output=True,
                                  text=True, check=False)
            return done.returncode, done.stdout
        for words in ([], ["--key", present], ["--key", present, "--pin", gateway.path("before.pin")]):
            status, told = full(*words)
            expect(status == 0, f"{verifier} {words}: {status} {told}")
        status, told = full("--key", former)
        expect(status == 4 and "key-former" in told, f"{verifier}, former key: {status} {told}")


def who_reads_with_the_former_key_only_is_told(gateway, former):
    for words in (["search", "--state", gateway.path("index")], ["report", "--month", "2026-11", "--output", gateway.path("no.html")]):
        done = gateway.run("audit", *words, os.path.join(gateway.gateway, "audit"), "--key", former,
                           check=False)
        expect(done.returncode == 4 and "log-key-other" in done.stderr, f"{words}: {done.stderr}")
    done = gateway.run("audit", "pin", os.path.join(gateway.gateway, "audit"), "--key", former,
                       "--published", "--out", gateway.path("no.pin"), check=False)
    expect(done.returncode != 0 and not os.path.exists(gateway.path("no.pin")), done.stderr)


def main():
    with witnessed_gateway() as (gateway, witnesses, offline):
        wait_for("a quorum", lambda: fresh(gateway))
        early = emit(gateway, "early")
        gateway.hangu("audit", "pin", "--folder", gateway.gateway, "--out",
                      gateway.path("before.pin"))
        a_running_gateway_keeps_its_keys(gateway)
        gateway.down()
        former, present = keys_roll_once_before_the_next_start(gateway)
        a_policy_of_the_former_key_is_told_before_the_start(gateway)
        write_witness_policy(gateway, witnesses, offline)
        gateway.up()
        expect(not set(FORMER) & set(key_files(gateway)), f"not erased: {key_files(gateway)}")
        for w in witnesses:  # told of the present key in place of the former one
            w.stop()
            w.logs = [present]
            w.start()
        rolled = size_of(read(gateway, "audit", "epoch", "1.checkpoint"))
        wait_for("a quorum under the present key", lambda: witnessed(gateway)["size"] > rolled)
        emit(gateway, "late")
        what_was_made_before_is_good_after(gateway, early)
        verifiers_follow_the_log_to_its_present_key(gateway, former, present)
        who_reads_with_the_former_key_only_is_told(gateway, former)
        gateway.down()
        gateway.up()  # the former private keys are gone, and what witnesses saw is still ours
        wait_for("a quorum after another start", lambda: fresh(gateway))
        gateway.verify_log()
    print("good")


if __name__ == "__main__":
    run_test(main)
