#!/usr/bin/env python3
"""Policies come into force, are compared, taken back and held to the log, on a whole gateway; and
its posture is switched.

usage: policy_test.py
"""

import json
import os
import shutil
import time

from gateway import ROOT, Gateway, expect, run_test

FORBID = """
[[forbid]]
id = "F-900"
title = "test: no import"
from = "internet"
to = "egov"
dataset = "division-table"
"""


class Office:
    """The development PKI's signers, and the bundles that they sign."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.catalogue = gateway.path("catalogue.dsse")
        gateway.hangu("policy", "sign-catalogue",
                      os.path.join(gateway.gateway, "policy", "catalogue.toml"), "--key",
                      self.key("authority"), "--output", self.catalogue)
        with open(os.path.join(ROOT, "policy", "examples", "demo.policy.toml"),
                  encoding="utf-8") as file:
            self.text = file.read()

    def key(self, human):
        return os.path.join(self.gateway.pki, "signers", human + ".key")

    def policy(self, version, imports_mb=20000, more=""):
        text = self.text.replace("version = 1\n", f"version = {version}\n", 1)
        # In its own tests, too.
        return text.replace("size_mb = 20000", f"size_mb = {imports_mb}") + more

    def bundle(self, name, text, release, humans):
        source, bundle = self.gateway.path(name + ".toml"), self.gateway.path(name + ".bundle")
        with open(source, "w", encoding="utf-8") as out:
            out.write(text)
        self.gateway.hangu("policy", "propose", source, "--catalogue", self.catalogue, "--release",
                           release, "--key", self.key(humans[0]), "--output", bundle)
        for human in humans[1:]:
            self.sign(bundle, human)
        return bundle

    def sign(self, bundle, human):
        self.gateway.hangu("policy", "sign", bundle, "--key", self.key(human))

    def activate(self, bundle, *extra, reason=None):
        """Fails with `reason`, or is in force."""
        done = self.gateway.run("policy", "activate", bundle, "--folder", self.gateway.gateway,
                                "--json", *extra, check=False)
        if reason:
            expect(done.returncode == 5 and reason in done.stdout, f"{reason}: {done}")
        else:
            expect(done.returncode == 0, str(done))

    def posture(self, posture, number, humans, reason=None):
        order = self.gateway.path(f"posture-{number}-" + "-".join(humans))
        self.gateway.hangu("posture", "order", posture, "--gateway", "gw-demo", "--number", number,
                           "--reason", "test", "--key", self.key(humans[0]), "--output", order)
        for human in humans[1:]:
            self.gateway.hangu("posture", "sign", order, "--key", self.key(human))
        done = self.gateway.run("posture", "set", order, "--folder", self.gateway.gateway, "--json",
                                check=False)
        if reason:
            expect(done.returncode != 0 and reason in done.stdout, f"{reason}: {done}")
        else:
            expect(done.returncode == 0, str(done))


def an_import(gateway, name, rows=1):
    table = gateway.csv(name + ".csv", [(str(i), name) for i in range(rows)])
    return gateway.submit(gateway.pack(gateway.path(name + ".hangu"), [table]))


def events(gateway, kind, at_least=0):
    """What is published: a moment after what is committed."""
    until = time.monotonic() + 20
    while True:
        found = [entry for entry in gateway.log_entries() if entry["type"] == kind]
        if len(found) >= at_least or time.monotonic() > until:
            return found
        time.sleep(0.3)


def waits_with(gateway, transfer, reason, seconds=30):
    until = time.monotonic() + seconds
    status = None
    while time.monotonic() < until:
        status = gateway.status(transfer)
        if status.get("reason") == reason:
            return
        expect(status["state"] not in ("emitted", "refused", "quarantined"), f"{status}")
        time.sleep(0.3)
    expect(False, f"{reason} did not come: {status}")


def a_policy_needs_the_people_that_its_change_needs(gateway, office):
    narrower = office.bundle("v2", office.policy(2, imports_mb=10), 2, ["officer-1"])
    office.activate(narrower, reason="policy-signatures-few")
    unread = gateway.run("policy", "activate", narrower, "--folder", gateway.gateway, "--json",
                         check=False)
    expect("policy-gate" not in unread.stdout, "read before two people have signed it")
    office.sign(narrower, "officer-2")
    office.activate(narrower)
    wider = office.bundle("v3", office.policy(3, imports_mb=20000), 3, ["officer-1", "officer-2"])
    office.activate(wider, reason="policy-signatures-few")
    office.sign(wider, "data-owner")
    office.activate(wider)
    office.activate(wider, reason="release-not-higher")
    transfer = an_import(gateway, "by-v3")
    expect(gateway.wait(transfer)["state"] == "emitted", "an import by v3")
    released = [e["event"] for e in events(gateway, "policy.released", 3)]
    expect([e["policy"].split("@")[1] for e in released] == ["1", "2", "3"], f"{released}")
    expect([e["widens"] for e in released] == [True, False, True], f"{released}")
    expect(released[1]["signers"] == ["officer-1", "officer-2"], f"{released}")
    expect(all(e["previous"] == before["bundle"] for before, e in zip(released, released[1:])),
           f"{released}")


def a_shadow_is_compared_and_changes_nothing(gateway, office):
    strict = office.bundle("v4", office.policy(4, more=FORBID), 4, ["officer-1", "officer-2"])
    office.activate(strict, "--shadow")
    transfer = an_import(gateway, "beside-v4")
    expect(gateway.wait(transfer)["state"] == "emitted", "an import beside v4")
    told = [e["event"] for e in events(gateway, "transfer.shadowed", 2)
            if e["transfer"] == transfer]
    expect(len(told) == 2 and all(e["differs"] and not e["allowed"] for e in told), f"{told}")
    expect(told[0]["policy"].endswith("@4") and told[0]["enforced"].endswith("@3"), f"{told}")
    # What comes into force ends its shadow; what stands by is signed for the way back.
    back = office.bundle("v3-again", office.policy(3), 5, ["officer-1", "officer-2", "data-owner"])
    office.activate(strict, "--rollback", back)
    transfer = an_import(gateway, "by-v4")
    status = gateway.wait(transfer)
    expect(status["state"] == "refused" and status["reason"] == "policy-forbidden", f"{status}")
    expect(not [e for e in events(gateway, "transfer.shadowed") if e["transfer"] == transfer],
           "a shadow of itself")
    gateway.hangu("policy", "rollback", "--folder", gateway.gateway)
    expect(gateway.wait(an_import(gateway, "by-v3-again"))["state"] == "emitted", "after rollback")


def an_older_file_stops_the_line(gateway, office):
    in_force = os.path.join(gateway.gateway, "policy", "in-force.json")
    older, newer = gateway.path("older.json"), gateway.path("newer.json")
    shutil.copy2(in_force, older)
    office.activate(office.bundle("v6", office.policy(6, imports_mb=5), 6,
                                  ["officer-1", "officer-2"]))
    expect(gateway.wait(an_import(gateway, "by-v6"))["state"] == "emitted", "by v6")
    shutil.copy2(in_force, newer)

    def put(path):
        with open(path, "rb") as source, open(in_force, "r+b") as out:  # keeps whose it is
            data = source.read()
            out.write(data)
            out.truncate(len(data))
    put(older)
    transfer = an_import(gateway, "held")
    time.sleep(5)
    state = gateway.status(transfer)["state"]
    expect(state not in ("emitted", "refused", "quarantined"), f"by an older policy: {state}")
    with open(os.path.join(gateway.gateway, "log", "decide.log"), encoding="utf-8") as log:
        expect("policy-superseded" in log.read(), "nobody told the administrator")
    put(newer)
    expect(gateway.wait(transfer)["state"] == "emitted", "mended, and still held")


def one_officer_stops_the_gateway_and_two_let_it_go_on(gateway, office):
    office.posture("stop", 1, ["officer-1"])
    # On the record before anything is to be decided.
    expect(events(gateway, "posture.switched", 1), "the switch is not on the record")
    transfer = an_import(gateway, "stopped")
    waits_with(gateway, transfer, "posture-stop")
    office.posture("normal", 2, ["officer-1"], reason="posture-signatures-few")
    office.posture("normal", 3, ["officer-1", "officer-2"], reason="posture-number")
    office.posture("import-only", 2, ["officer-1", "data-owner"])
    expect(gateway.wait(transfer)["state"] == "emitted", "an import, import-only")
    table = gateway.csv("out.csv", [("1", "one")])
    leaving = gateway.submit(
        gateway.pack(gateway.path("out.hangu"), [table], node="survey", to="internet",
                     to_node="portal"), node="survey")
    until = time.monotonic() + 30
    while gateway.status(leaving, "survey").get("reason") != "posture-import-only":
        expect(time.monotonic() < until, f"{gateway.status(leaving, 'survey')}")
        time.sleep(0.3)
    office.posture("normal", 3, ["officer-2", "data-owner"])
    gateway.wait(leaving, "survey", states={"awaiting-approval"})
    causes = [e["event"]["posture"] for e in events(gateway, "posture.changed", 4)]
    expect(causes == ["normal", "stop", "import-only", "normal"], f"{causes}")


def main():
    with Gateway() as gateway:
        office = Office(gateway)
        for check in (a_policy_needs_the_people_that_its_change_needs,
                      a_shadow_is_compared_and_changes_nothing, an_older_file_stops_the_line,
                      one_officer_stops_the_gateway_and_two_let_it_go_on):
            check(gateway, office)
            print("ok: " + check.__name__.replace("_", " "), flush=True)
        gateway.verify_log()


run_test(main)
