#!/usr/bin/env python3
"""A gateway whose audit log two witnesses see: a quorum, its loss, what waits for it, pins, and a log
that was put back.

usage: witness_test.py
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

from gateway import BIN, ROOT, Gateway, expect, run_test

sys.path.insert(0, os.path.join(ROOT, "tests", "system", "audit"))
from verifiers_test import build_foreign, python_for  # noqa: E402

LIMIT_SECONDS = 12
POLICY = os.path.join(ROOT, "policy", "examples", "demo.policy.toml")
ABOVE = ["--grade", "important"]  # than what flows unwitnessed


class Witness:
    """`hangu witness run` in a process of its own, at one port for its whole life."""

    def __init__(self, gateway, name):
        self.gateway, self.name, self.process, self.port = gateway, name, None, 0
        self.logs = [os.path.join(gateway.gateway, "anchors", "log.vkey")]
        self.key = gateway.path(name + ".key")
        self.vkey = gateway.hangu("witness", "init", "--key", self.key, "--name",
                                  "test.example/" + name).strip()

    def start(self):
        with open(self.gateway.path(self.name + ".log"), "a") as log:
            self.process = subprocess.Popen(
                [os.path.join(BIN, "hangu"), "witness", "run", "--state",
                 self.gateway.path(self.name + ".state"), "--key", self.key, "--listen",
                 f"127.0.0.1:{self.port}", "--json", *(w for log in self.logs for w in ("--log", log))],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def stop(self):
        if self.process:
            self.process.terminate()
            expect(self.process.wait(30) == 0, f"{self.name} ended with {self.process.returncode}")
            self.process.stdout.close()
            self.process = None


def policy_text():
    with open(POLICY) as file:
        text = file.read().replace("version = 1\n", "version = 2\n", 1)
    return text.replace("[[permit]]", '[unwitnessed]\nafter = "%ds"\nsecrecy = "内部"\n'
                        'grade = "一般"\n\n[[permit]]' % LIMIT_SECONDS, 1)


def write_witness_policy(gateway, witnesses, offline):
    """Of the log as anchors/log.vkey names it now."""
    anchors = os.path.join(gateway.gateway, "anchors")
    with open(os.path.join(anchors, "log.vkey")) as file:
        lines = ["log " + file.read().strip()]
    lines += [f"witness {w.name} {w.vkey} http://127.0.0.1:{w.port}" for w in witnesses]
    lines += [f"witness {offline.name} {offline.vkey}"]  # no URL: a person carries files
    lines += ["group online all " + " ".join(w.name for w in witnesses), "quorum online"]
    with open(os.path.join(anchors, "witness.tlog"), "w") as file:
        file.write("\n".join(lines) + "\n")


def ask_witnesses(gateway, witnesses, offline):
    """Puts the witness policy, the configuration's table and what waits for witnesses in place, for
    the next start."""
    write_witness_policy(gateway, witnesses, offline)
    with open(os.path.join(gateway.gateway, "gateway.toml"), "a") as file:
        file.write('\n[witness]\npolicy = "anchors/witness.tlog"\nzone = "egov"\n')
    with open(os.path.join(gateway.gateway, "policy", "policy.toml"), "w") as file:
        file.write(policy_text())


def witnessed(gateway):
    event = json.loads(gateway.hangu("ps", "--folder", gateway.gateway, "--json").splitlines()[0])
    return event["witnessed"]


def wait_for(what, condition, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.3)
    expect(False, "waited in vain: " + what)


def fresh(gateway):
    state = witnessed(gateway)
    return state["size"] > 0 and state["ageSeconds"] < LIMIT_SECONDS


def lines_under(path, name):
    with open(path) as file:
        return [line for line in file if line.startswith("— " + name + " ")]


def submit(gateway, name, extra=()):
    package = gateway.pack(gateway.path(name + ".hangu"), [gateway.csv(name + ".csv", [(1, name)])],
                           node="survey", to="classified", to_node="vault", extra=extra)
    return gateway.submit(package, node="survey")


def log_of(gateway, program):
    with open(os.path.join(gateway.gateway, "log", program + ".log")) as file:
        return file.read()


def a_quorum_comes_and_stands_beside_the_log(gateway, witnesses):
    wait_for("a quorum", lambda: fresh(gateway))
    expect(witnessed(gateway)["level"] == "fine", str(witnessed(gateway)))
    kept = os.path.join(gateway.gateway, "audit", "witness", "checkpoint")
    for w in witnesses:
        expect(lines_under(kept, "test.example/" + w.name), f"no line of {w.name} in {kept}")
    published = os.path.join(gateway.gateway, "audit", "checkpoint")
    wait_for("cosignatures under the published checkpoint",
             lambda: all(lines_under(published, "test.example/" + w.name) for w in witnesses))
    transfer = submit(gateway, "first", ABOVE)
    expect(gateway.wait(transfer, "survey")["state"] == "emitted", "not emitted though witnessed")
    doctor = gateway.run("doctor", "--folder", gateway.gateway, "--json", check=False).stdout
    expect(any(e["check"] == "witnesses" and e["health"] == "ok"
               for e in map(json.loads, doctor.splitlines()) if "check" in e), doctor)


def a_foreign_program_checks_the_cosignatures(gateway, witnesses):
    """Go's note package with a cosigner of its own; and it finds one changed byte."""
    foreign = build_foreign(gateway.folder)
    copy = gateway.path("foreign-copy")
    shutil.copytree(os.path.join(gateway.gateway, "audit"), copy)
    command = [foreign, copy, os.path.join(gateway.gateway, "anchors", "log.vkey"),
               *(w.vkey for w in witnesses)]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(good.returncode == 0, f"foreign: {good.stdout}{good.stderr}")
    path = os.path.join(copy, "witness", "checkpoint")
    os.chmod(path, 0o600)
    with open(path, "rb") as file:
        text = file.read()
    at = text.index(b"test.example/w2 ") + 60  # within the signature
    changed = b"A" if text[at:at + 1] != b"A" else b"B"
    with open(path, "wb") as file:
        file.write(text[:at] + changed + text[at + 1:])
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(bad.returncode == 1, f"foreign takes a bad cosignature: {bad.stdout}")


def our_verifiers_count_the_cosignatures(gateway, earlier):
    """On the log while it is written; and on an earlier copy that has what witnesses saw later."""
    anchors = os.path.join(gateway.gateway, "anchors")
    log = os.path.join(gateway.gateway, "audit")
    put_back = gateway.path("put-back")
    shutil.copytree(os.path.join(earlier, "audit"), put_back)
    kept = os.path.join(put_back, "witness", "checkpoint")
    os.unlink(kept)
    shutil.copy(os.path.join(log, "witness", "checkpoint"), kept)
    for python in (False, True):
        def ask(*words):
            verifier = python_for(words) if python else [os.path.join(BIN, "hangu-audit-verify")]
            done = subprocess.run(
                [*verifier, *words, "--policy", os.path.join(anchors, "witness.tlog"), "--lag", "600",
                 "--key", os.path.join(anchors, "log.vkey"), "--json"],
                capture_output=True, text=True, check=False)
            return done.returncode, json.loads(done.stdout)

        for words in (["full", log], ["range", log, "0", "5"], ["proof", log, "--index", "0"],
                      ["compare", log, log]):
            status, told = ask(*words)
            expect(status == 0 and told["witnessed"] > 0, f"{words}, Python {python}: {told}")
        for words in (["full", put_back], ["range", put_back, "0", "5"], ["compare", put_back, log]):
            status, told = ask(*words)
            expect(status == 2 and "witness-ahead" in [m["code"] for m in told["messages"]],
                   f"{words}, Python {python}: {told}")


def pins_go_on_from_each_other(gateway):
    pin = gateway.path("pin")
    first = json.loads(gateway.hangu("audit", "pin", "--folder", gateway.gateway, "--out", pin,
                                     "--json").splitlines()[-1])
    expect([w["checked"] for w in first["witnesses"]] == [True, True], f"not checked: {first}")
    older = gateway.path("older.pin")
    shutil.copy(pin, older)
    wait_for("more of the log", lambda: witnessed(gateway)["size"] > first["size"], 90)
    again = gateway.hangu("audit", "pin", "--folder", gateway.gateway, "--out", pin, "--json")
    events = [json.loads(line) for line in again.splitlines()]
    expect(events[0]["event"] == "consistent" and events[0]["size"] == first["size"], again)
    expect(events[-1]["size"] > first["size"], again)
    gateway.hangu("audit", "verify", os.path.join(gateway.gateway, "audit"), "--pin", pin,
                  "--pin", older, "--key", os.path.join(gateway.gateway, "anchors", "log.vkey"))
    return pin


def an_offline_witness_signs_what_is_carried_to_it(gateway, offline):
    request = gateway.path("request")
    gateway.hangu("audit", "pin", "--folder", gateway.gateway, "--out", gateway.path("w3.pin"),
                  "--request", request)
    station = ["witness", "cosign", "--state", gateway.path("w3.state"), "--key", offline.key,
               "--log", os.path.join(gateway.gateway, "anchors", "log.vkey"), request]
    gateway.hangu(*station)
    expect(lines_under(request + ".cosigned", "test.example/w3"), "no line of the offline witness")
    again = gateway.run(*station, check=False)
    expect(again.returncode == 5 and " 409 " in again.stdout, again.stdout)
    back = json.loads(gateway.hangu("witness", "return", "--folder", gateway.gateway,
                                    request + ".cosigned", "--json").splitlines()[-1])
    expect(back["witnesses"] == ["w1", "w2", "w3"] and back["quorum"] and back["taken"], str(back))
    copy = os.path.join(gateway.gateway, "audit", back["copy"])
    expect(lines_under(copy, "test.example/w3"), f"no line of w3 in {copy}")
    archive = gateway.path("archive.tlog")
    with open(archive, "w") as file:
        file.write(f"witness w3 {offline.vkey}\nquorum w3\n")
    report = gateway.run("audit", "verify", os.path.join(gateway.gateway, "audit"), "--policy",
                         archive, "--lag", "86400", "--json", check=False)
    expect(report.returncode == 0, f"verify does not see w3: {report.stdout}{report.stderr}")


def without_a_witness_what_is_above_the_grade_waits(gateway, witnesses):
    """One of two that must both sign is stopped; then the other too; then they come back."""
    witnesses[1].stop()
    before = witnessed(gateway)
    wait_for("the age to grow", lambda: witnessed(gateway)["ageSeconds"] > LIMIT_SECONDS + 1, 90)
    expect(witnessed(gateway)["time"] >= before["time"], "the quorum's time went back")
    held = submit(gateway, "held", ABOVE)
    wait_for("the reason of the hold",
             lambda: gateway.status(held, "survey")["reason"] == "log-unwitnessed")
    flows = submit(gateway, "flows")
    expect(gateway.wait(flows, "survey")["state"] == "emitted", "what may flow did not")
    witnesses[0].stop()
    time.sleep(LIMIT_SECONDS)
    state = gateway.status(held, "survey")
    expect(state["reason"] == "log-unwitnessed" and state["state"] == "inspected", str(state))
    for w in witnesses:
        w.start()
    status = gateway.wait(held, "survey")
    expect(status["state"] == "emitted", f"not released again: {status}")
    expect("HANGU-FEEDER-0003 w2: unreachable" in log_of(gateway, "feeder"), "no word of w2")


def a_log_that_was_put_back_is_told_by_its_witnesses(gateway, pin, copy):
    """The whole of an earlier hour, keys of the epoch and all: nothing in it is wrong by itself."""
    gateway.down()
    for name in ("audit", "epoch-keys"):
        shutil.rmtree(os.path.join(gateway.gateway, name))
        subprocess.run(["cp", "-a", os.path.join(copy, name), gateway.gateway], check=True)
    gateway.up()
    wait_for("the alarm", lambda: "HANGU-FEEDER-0004 ALARM" in log_of(gateway, "feeder"))
    expect("it saw size" in log_of(gateway, "feeder"), log_of(gateway, "feeder"))
    refused = gateway.run("audit", "pin", "--folder", gateway.gateway, "--out", pin, check=False)
    expect(refused.returncode == 2 and "pin-larger" in refused.stderr, refused.stderr)


def copy_of_the_log(gateway):
    """As a thief of backups has it: taken while nothing runs."""
    copy = gateway.path("copy")
    os.makedirs(copy)
    for name in ("audit", "epoch-keys"):
        subprocess.run(["cp", "-a", os.path.join(gateway.gateway, name), copy], check=True)
    return copy


@contextmanager
def witnessed_gateway():
    """A gateway, its two witnesses and one without a network. All end with the context."""
    with Gateway() as gateway:
        gateway.down()
        witnesses = [Witness(gateway, "w1"), Witness(gateway, "w2")]
        offline = Witness(gateway, "w3")
        try:
            for w in witnesses:
                w.start()
            ask_witnesses(gateway, witnesses, offline)
            gateway.up()
            yield gateway, witnesses, offline
        finally:
            gateway.down()
            for w in witnesses:
                w.stop()


def main():
    with witnessed_gateway() as (gateway, witnesses, offline):
        a_quorum_comes_and_stands_beside_the_log(gateway, witnesses)
        gateway.down()
        copy = copy_of_the_log(gateway)
        gateway.up()
        wait_for("a quorum again", lambda: fresh(gateway))
        a_foreign_program_checks_the_cosignatures(gateway, witnesses)
        our_verifiers_count_the_cosignatures(gateway, copy)
        pin = pins_go_on_from_each_other(gateway)
        an_offline_witness_signs_what_is_carried_to_it(gateway, offline)
        without_a_witness_what_is_above_the_grade_waits(gateway, witnesses)
        gateway.verify_log()
        a_log_that_was_put_back_is_told_by_its_witnesses(gateway, pin, copy)
    print("good")


if __name__ == "__main__":
    run_test(main)
