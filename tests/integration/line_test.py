#!/usr/bin/env python3
"""The line from end to end, with real data and what a sender or reviewer may get wrong.

usage: line_test.py [--namespaces] [NAME]
"""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

from gateway import DATA, NODES, Gateway, expect, run_test


def same_features(before, after):
    """Every layer's fields, attributes and geometries, as GDAL's own programs show them."""
    def fields(path, name):
        text = subprocess.run(["ogrinfo", "-so", path, name], capture_output=True, text=True,
                              check=True).stdout
        found = re.findall(r"^(\S.*: \w+(?:\(\w+\))? \(\d+\.\d+\).*)$", text, re.MULTILINE)
        expect(found, f"{path}: ogrinfo names no field")
        return found

    def dump(path):
        layers = subprocess.run(["ogrinfo", "-q", path], capture_output=True, text=True,
                                check=True).stdout.splitlines()
        names = [line.split(": ", 1)[1].rsplit(" (", 1)[0] for line in layers]
        return {name: (fields(path, name), subprocess.run(
            ["ogr2ogr", "-f", "CSV", "/vsistdout/", path, name, "-lco", "GEOMETRY=AS_WKT"],
            capture_output=True, text=True, check=True).stdout) for name in names}
    return dump(before) == dump(after)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def same_pixels(before, after):
    def checksums(path):
        text = subprocess.run(["gdalinfo", "-checksum", path], capture_output=True, text=True,
                              check=True).stdout
        wanted = ("Checksum=", "Size is", "Origin", "Pixel Size")
        return [line.strip() for line in text.splitlines() if line.strip().startswith(wanted)]
    return checksums(before) == checksums(after)


def an_import_arrives_with_the_same_content(gateway):
    for suite, name, product in (("intl", "nc.gpkg", "county-map"), ("gm", "areas.csv", "division-table"),
                                 ("gm", "elev.tif", "elevation-model")):
        source = os.path.join(DATA, name)
        package = gateway.pack(gateway.path(f"{name}.hangu"), [source], suite=suite, product=product)
        transfer = gateway.submit(package)
        status = gateway.wait(transfer)
        expect(status["state"] == "emitted", f"{name}: {status}")
        folder = gateway.open(gateway.fetch(transfer), acknowledge=True)
        got = os.path.join(folder, name)
        if name.endswith(".tif"):
            expect(same_pixels(source, got), name + ": pixels differ")
        elif name.endswith(".gpkg"):
            expect(same_features(source, got), name + ": features differ")
        else:
            expect(rows_of(source) == rows_of(got), name + ": rows differ")
        expect(gateway.wait(transfer, states={"acknowledged"}), "not acknowledged")


def what_goes_to_the_internet_needs_two_people(gateway):
    package = gateway.pack(gateway.path("two.hangu"), [os.path.join(DATA, "areas.csv")],
                           node="survey", to="internet", to_node="portal")
    transfer = gateway.submit(package, node="survey")
    gateway.wait(transfer, "survey", {"awaiting-approval"})
    case = json.loads(gateway.approve(transfer, "li-na").stdout.splitlines()[0])
    expect(case["claimed"]["facts"]["product"], f"no claims: {case}")
    expect(case["measured"][0]["measured"]["layers"][0]["features"] > 0, f"not measured: {case}")
    expect(case["contradictions"] == [], str(case["contradictions"]))
    twice = gateway.approve(transfer, "li-na", check=False)
    expect(twice.returncode != 0, "one person approved twice")
    status = gateway.status(transfer, "survey")
    expect(status["state"] == "awaiting-approval", f"one approval was enough: {status}")
    gateway.approve(transfer, "wang-wei")
    status = gateway.wait(transfer, "survey")
    expect(status["state"] == "emitted", str(status))
    expect(gateway.open(gateway.fetch(transfer, "portal"), "portal"), "does not open")


def one_refusal_ends_it(gateway):
    package = gateway.pack(gateway.path("no.hangu"), [os.path.join(DATA, "areas.csv")],
                           node="survey", to="internet", to_node="portal",
                           extra=["--date-from", "2023-01-01"])
    transfer = gateway.submit(package, node="survey")
    gateway.wait(transfer, "survey", {"awaiting-approval"})
    gateway.approve(transfer, "li-na", command="refuse")
    status = gateway.wait(transfer, "survey")
    expect((status["state"], status["reason"]) == ("refused", "approval-refused"), str(status))


def what_policy_does_not_permit_is_refused(gateway):
    table = os.path.join(DATA, "areas.csv")
    cases = (
        (dict(node="vault", to="internet", to_node="portal"), "link-absent"),
        (dict(product="unheard-of"), "product-unknown"),
        (dict(extra=["--secrecy", "secret", "--term-years", "10"]), "label-above-ceiling"),
        (dict(to_node="nobody"), "recipient-unknown"),
        (dict(to_node="vault"), "recipient-zone"),
        (dict(extra=["--grade", "important"]), "policy-no-permit"),
    )
    for number, (how, reason) in enumerate(cases):
        node = how.get("node", "portal")
        package = gateway.pack(gateway.path(f"refused-{number}.hangu"), [table], **how)
        transfer = gateway.submit(package, node=node)
        status = gateway.wait(transfer, node)
        expect((status["state"], status["reason"]) == ("refused", reason), f"{reason}: {status}")


def what_is_not_a_supported_format_never_passes(gateway):
    cases = {
        "junk.gpkg": b"not a database at all",
        "truncated.gpkg": open(os.path.join(DATA, "nc.gpkg"), "rb").read()[:20000],
        "vrt.tif": b'<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>',
        "ragged.csv": b"a,b\n1,2\n3\n",
        "truncated.tif": open(os.path.join(DATA, "elev.tif"), "rb").read()[:2000],
    }
    for name, content in cases.items():
        path = gateway.path(name)
        with open(path, "wb") as out:
            out.write(content)
        transfer = gateway.submit(gateway.pack(gateway.path(name + ".hangu"), [path]))
        status = gateway.wait(transfer)
        expect(status["state"] in ("refused", "quarantined"), f"{name}: {status}")
        expect(status["reason"] not in ("", "ok"), f"{name}: {status}")
        expect(name in status["detail"], f"{name}: where is not told: {status}")


def the_same_package_twice_is_one_transfer(gateway):
    table = gateway.csv("same.csv", [(1, "x")])
    package = gateway.pack(gateway.path("same.hangu"), [table])
    first, second = gateway.submit(package), gateway.submit(package)
    expect(first == second, f"{first} and {second}")
    gateway.wait(first)


def the_gateway_says_what_it_knew_and_what_still_waits(gateway):
    package = gateway.pack(gateway.path("known.hangu"), [os.path.join(DATA, "areas.csv")])
    sender = ["--identity", gateway.identity("portal"), "--gateway",
              gateway.endpoint("internet", "receive"), "--json"]
    for known in (False, True):
        for way in ("--whole", "--resumable"):
            done = gateway.hangu("submit", package, way, *sender, zone="internet")
            told = json.loads(done.splitlines()[0])
            expect(told["known"] == (known or way == "--resumable"), f"{way}: {told}")
    transfer = told["id"]
    gateway.wait(transfer)

    def waiting(*options):
        done = gateway.hangu("fetch", *options, "--identity", gateway.identity("survey"), "--gateway",
                             gateway.endpoint("egov", "deliver"), "--json", zone="egov")
        return {event["id"]: event["acknowledged"] for event in map(json.loads, done.splitlines())}

    expect(waiting().get(transfer) is False, f"not waiting: {waiting()}")
    gateway.open(gateway.fetch(transfer), acknowledge=True)
    expect(transfer not in waiting(), "an acknowledged package waits")
    expect(waiting("--all").get(transfer) is True, f"not acknowledged: {waiting('--all')}")


def another_nodes_package_is_not_taken(gateway):
    package = gateway.pack(gateway.path("stolen.hangu"), [gateway.csv("stolen.csv", [(2, "y")])],
                           node="survey", to="classified", to_node="vault")
    transfer = gateway.submit(package, node="portal")
    status = gateway.wait(transfer, "portal")
    expect(status["state"] == "refused" and status["reason"].startswith("sender-"), str(status))


def a_withdrawal_and_an_emission_have_one_winner(gateway):
    for number in range(12):
        package = gateway.pack(gateway.path(f"race-{number}.hangu"),
                               [gateway.csv(f"race-{number}.csv", [(number, "r")])])
        transfer = gateway.submit(package)
        outcome = {}

        def withdraw():
            done = gateway.run("withdraw", transfer, "--identity", gateway.identity("portal"),
                               "--gateway", gateway.endpoint("internet", "receive"), "--json",
                               check=False, zone="internet")
            outcome["status"] = done.returncode

        racer = threading.Timer(0.02 * number, withdraw)
        racer.start()
        racer.join()
        state = gateway.wait(transfer)["state"]
        left = os.path.exists(os.path.join(gateway.gateway, "zones", "egov", "outbox",
                                           transfer + ".hangu"))
        expect(left == (state == "emitted"), f"{transfer}: {state}, released {left}")
        expect((outcome["status"] == 0) == (state == "withdrawn"), f"{transfer}: {state} {outcome}")


def receipts_prove_what_was_taken(gateway):
    transfer = gateway.submit(gateway.pack(gateway.path("receipt.hangu"),
                                           [gateway.csv("receipt.csv", [(3, "z")])]))
    gateway.wait(transfer)
    text = gateway.hangu("receipt", transfer, "--identity", gateway.identity("portal"),
                         "--gateway", gateway.endpoint("internet", "receive"), "--json",
                         zone="internet")
    expect("step.receive" in text, text)


def receipts_of(gateway, transfer, node):
    text = gateway.hangu("receipt", transfer, "--identity", gateway.identity(node),
                         "--gateway", gateway.endpoint(NODES[node], "receive"), "--json", "--verify",
                         "--log-key", os.path.join(gateway.gateway, "anchors", "log.vkey"),
                         zone=NODES[node])
    return [json.loads(line)["type"] for line in text.splitlines()]


def a_submitter_sees_how_its_transfer_ended(gateway):
    kept = gateway.submit(gateway.pack(gateway.path("kept.hangu"),
                                       [os.path.join(DATA, "areas.csv")], node="survey",
                                       to="internet", to_node="portal",
                                       extra=["--date-from", "2022-02-02"]), node="survey")
    gateway.wait(kept, "survey", {"awaiting-approval"})
    gateway.hangu("withdraw", kept, "--identity", gateway.identity("survey"), "--gateway",
                  gateway.endpoint("egov", "receive"), zone="egov")
    expect(receipts_of(gateway, kept, "survey") == ["step.receive", "transfer.withdrawn"],
           "of a withdrawal: " + str(receipts_of(gateway, kept, "survey")))
    refused = gateway.submit(gateway.pack(gateway.path("end.hangu"),
                                          [gateway.csv("end.csv", [(9, "e")])], product="unheard-of"))
    gateway.wait(refused)
    expect(receipts_of(gateway, refused, "portal") == ["step.receive", "step.decide"],
           "of a refusal: " + str(receipts_of(gateway, refused, "portal")))
    out = gateway.submit(gateway.pack(gateway.path("out.hangu"), [gateway.csv("out.csv", [(8, "o")])]))
    gateway.wait(out)
    expect(receipts_of(gateway, out, "portal") == ["step.receive", "step.emit"],
           "of an emission: " + str(receipts_of(gateway, out, "portal")))


def an_approval_that_lapses_is_asked_for_anew(gateway):
    package = gateway.pack(gateway.path("lapse.hangu"), [os.path.join(DATA, "areas.csv")],
                           node="survey", to="internet", to_node="portal",
                           extra=["--date-from", "2021-01-01"])
    transfer = gateway.submit(package, node="survey")
    gateway.wait(transfer, "survey", {"awaiting-approval"})
    decide = gateway.pids()["decide"]
    os.kill(decide, signal.SIGSTOP)  # holds what is approved until the approvals are over
    try:
        for person in ("li-na", "wang-wei"):
            gateway.approve(transfer, person, extra=("--expires-in", "3s"))
        gateway.wait(transfer, "survey", {"approved"})
        time.sleep(3.5)
    finally:
        os.kill(decide, signal.SIGCONT)
    gateway.wait(transfer, "survey", {"awaiting-approval"})
    for person in ("li-na", "wang-wei"):
        gateway.approve(transfer, person)
    status = gateway.wait(transfer, "survey")
    expect(status["state"] == "emitted", str(status))
    expect(gateway.open(gateway.fetch(transfer, "portal"), "portal"), "does not open")


def publish(gateway, people):
    with open(os.path.join(gateway.pki, "people.json"), "w", encoding="utf-8") as file:
        json.dump(people, file, separators=(",", ":"), ensure_ascii=False)
    return gateway.run("publish", "--folder", gateway.gateway, "--pki", gateway.pki, check=False)


def a_node_that_officers_take_out_has_no_power_left(gateway):
    with open(os.path.join(gateway.pki, "people.json"), encoding="utf-8") as file:
        people = json.load(file)
    taken = gateway.submit(gateway.pack(gateway.path("before.hangu"),
                                        [gateway.csv("before.csv", [(5, "b")])]))
    gateway.wait(taken)
    package = gateway.pack(gateway.path("after.hangu"), [gateway.csv("after.csv", [(6, "a")])])

    def asks(half, zone, node, *command):
        done = gateway.run(*command, "--identity", gateway.identity(node), "--gateway",
                           gateway.endpoint(zone, half), "--json", check=False, zone=zone)
        return done.stdout + done.stderr

    without = dict(people, version=people["version"] + 1,
                   nodes=[n for n in people["nodes"] if n["node"] not in ("portal", "survey")])
    expect(publish(gateway, without).returncode == 0, "not published")
    for answer in (asks("receive", "internet", "portal", "list"),
                   asks("receive", "internet", "portal", "submit", package),
                   asks("deliver", "egov", "survey", "fetch", taken, "--out",
                        gateway.path("taken.hangu"))):
        expect("node-unknown" in answer, answer)

    # One of its keys alone, which the thief has: his packages come by nobody's door.
    keys = [dict(n, signingKeys=[k for k in n["signingKeys"] if k["algorithm"] != "ed25519"])
            if n["node"] == "portal" else n for n in people["nodes"]]
    expect(publish(gateway, dict(people, version=people["version"] + 2, nodes=keys)).returncode == 0,
           "not published")
    expect("node-key" in asks("receive", "internet", "portal", "submit", package), "let in")

    older = publish(gateway, people)
    expect(older.returncode != 0 and "people-older" in older.stdout + older.stderr, str(older))
    expect(publish(gateway, dict(people, version=people["version"] + 3)).returncode == 0, "not back")
    back = gateway.submit(package)
    status = gateway.wait(back)
    expect(status["state"] == "emitted", f"its own number was taken: {status}")
    expect(gateway.fetch(taken), "not fetched")


def every_entry_of_the_log_follows_the_printed_schema(gateway):
    """By another implementation of JSON Schema than ours, over all that the tests before it did."""
    try:
        import jsonschema
    except ImportError:  # another Python than Debian's comes first here
        sys.path.append("/usr/lib/python3/dist-packages")
        import jsonschema

    schema = json.loads(gateway.hangu("audit", "schema", "--json"))
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    time.sleep(2)  # until what is committed is published
    types = set()
    for entry in gateway.log_entries():
        problems = [error.message for error in validator.iter_errors(entry)]
        expect(not problems, f"{entry['type']}: {problems}")
        types.add(entry["type"])
        broken = dict(entry, more=1)
        expect(not validator.is_valid(broken), "a member more passes")
    for needed in ("transfer.received", "transfer.stated", "document.submission", "filter.inspect",
                   "filter.transform", "filter.check", "transfer.decided", "approval.given",
                   "transfer.fetched", "transfer.acknowledged",
                   "policy.changed", "boot"):
        expect(needed in types, f"no {needed} among {sorted(types)}")


TESTS = [an_import_arrives_with_the_same_content, what_goes_to_the_internet_needs_two_people,
         one_refusal_ends_it, what_policy_does_not_permit_is_refused,
         what_is_not_a_supported_format_never_passes, the_same_package_twice_is_one_transfer,
         the_gateway_says_what_it_knew_and_what_still_waits,
         another_nodes_package_is_not_taken, a_withdrawal_and_an_emission_have_one_winner,
         receipts_prove_what_was_taken, a_submitter_sees_how_its_transfer_ended,
         an_approval_that_lapses_is_asked_for_anew,
         a_node_that_officers_take_out_has_no_power_left,
         every_entry_of_the_log_follows_the_printed_schema]


def main():
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    with Gateway(loopback="--namespaces" not in sys.argv) as gateway:
        for test in TESTS:
            if names and test.__name__ not in names:
                continue
            test(gateway)
            print("ok " + test.__name__.replace("_", " "), flush=True)
        print(gateway.verify_log(), end="")


if __name__ == "__main__":
    run_test(main)
