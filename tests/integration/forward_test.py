#!/usr/bin/env python3
"""A whole gateway that forwards its log: as a program of its own user, in its own box, to a real
syslog receiver, followed from `hangu ps` and `hangu doctor`.

usage: forward_test.py
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from gateway import ROOT, Failure, Gateway, expect, run_test

sys.path.insert(0, os.path.join(ROOT, "tests", "system", "audit"))
from syslog_receiver import CLIENT_NAME, SERVER_NAME, Authority, Receiver, free_port  # noqa: E402

SECONDS = 60


def wait(what, condition):
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.3)
    raise Failure(what)


def forwarding(gateway):
    return json.loads(gateway.hangu("ps", "--folder", gateway.gateway, "--json")).get("forward", {})


def size(gateway):
    with open(os.path.join(gateway.gateway, "audit", "checkpoint"), "rb") as file:
        return int(file.read().split(b"\n")[1])


def doctor(gateway):
    done = gateway.run("doctor", "--folder", gateway.gateway, "--json", check=False)
    return next((json.loads(line) for line in done.stdout.splitlines()
                 if '"check":"forwarding"' in line), None)


def lines_wait_for_a_receiver_and_reach_it(gateway, receiver):
    away = wait("it does not say that nobody listens",
                lambda: (s := forwarding(gateway)).get("error") == "network-unreachable" and s)
    expect(away["state"] == "waiting" and away["lag"] > 0, f"{away}")
    expect(doctor(gateway)["health"] == "warn", "doctor sees no lag")
    package = gateway.pack(gateway.path("p.hangu"), [gateway.csv("t.csv", [("1", "one")])])
    transfer = gateway.submit(package)
    gateway.wait(transfer)
    receiver.start()
    receiver.wait_for(range(size(gateway)), "after its absence")
    wait("it does not say that all is handed over",
         lambda: (s := forwarding(gateway)).get("state") == "connected" and s["lag"] == 0)
    expect(doctor(gateway)["health"] == "ok", f"{doctor(gateway)}")
    of_transfer = [line for line in receiver.lines()
                   if line["data"]["hangu@32473"].get("tid") == transfer]
    expect({"step.receive", "step.verify"} <= {line["id"] for line in of_transfer},
           f"{[line['id'] for line in of_transfer]}")
    text = gateway.hangu("ps", "--folder", gateway.gateway)
    expect("forward" in text and "connected, 0 entries behind" in text, text)


def a_killed_forwarder_goes_on(gateway, receiver):
    before = gateway.pids()["forward"]
    os.kill(before, signal.SIGKILL)
    wait("it is not started again", lambda: gateway.pids().get("forward", before) != before)
    start = size(gateway)
    wait("the log does not go on", lambda: size(gateway) > start)  # a heartbeat
    receiver.wait_for(range(start + 1), "after the kill", 90)


def it_is_a_program_of_its_own(gateway):
    pid = gateway.pids()["forward"]
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    uids = {p["name"]: p["uid"] for p in gateway.running()["programs"]}
    expect(fields["Uid"].split() == [str(uids["forward"])] * 4, fields["Uid"])
    expect(list(uids.values()).count(uids["forward"]) == 1, f"{uids}")
    expect(len(fields["Groups"].split()) == 1, f"groups: {fields['Groups']}")
    expect(fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2" and
           fields["CapEff"] == "0" * 16, f"{fields}")
    as_it = {"user": uids["forward"], "group": uids["forward"],
             "extra_groups": [int(fields["Groups"])], "capture_output": True, "check": False}
    log = os.path.join(gateway.gateway, "audit")
    expect(subprocess.run(["/bin/cat", os.path.join(log, "checkpoint")], **as_it).returncode == 0,
           "it cannot read what is published")
    for act in (["/bin/cat", *(os.path.join(log, "journal", name)
                               for name in os.listdir(os.path.join(log, "journal")))],
                ["/usr/bin/touch", os.path.join(log, "x")],
                ["/bin/cat", os.path.join(gateway.gateway, "credentials/audit/log.key")],
                ["/bin/ls", os.path.join(gateway.gateway, "epoch-keys")]):
        expect(subprocess.run(act, **as_it).returncode != 0, f"its uid can {act}")


def main():
    expect(os.geteuid() == 0, "run as root: without uids nothing is proved")
    with tempfile.TemporaryDirectory(prefix="hangu-siem-") as folder:
        authority = Authority(os.path.join(folder, "authority"), "receivers")
        port = free_port()
        certificate, key = authority.issue(CLIENT_NAME)
        table = "\n".join(("", "[forward]", 'address = "127.0.0.1"', f"port = {port}",
                           f'server_name = "{SERVER_NAME}"', f'certificate = "{certificate}"',
                           f'key = "{key}"', f'authority = "{authority.certificate}"', ""))
        adapt = lambda text: loopback(text) + table
        receiver = Receiver(os.path.join(folder, "receiver"), port,
                            *authority.issue(SERVER_NAME), authority.certificate)
        try:
            with Gateway(adapt=adapt) as gateway:
                for test, words in ((lines_wait_for_a_receiver_and_reach_it, (gateway, receiver)),
                                    (it_is_a_program_of_its_own, (gateway,)),
                                    (a_killed_forwarder_goes_on, (gateway, receiver))):
                    test(*words)
                    print("ok " + test.__name__.replace("_", " "), flush=True)
        finally:
            receiver.stop()


def loopback(text):
    """The example on loopback ports, without namespaces."""
    lines = []
    for line in text.splitlines():
        key = line.split(" = ")[0]
        if key == "network_namespace":
            continue
        lines.append({"address": 'address = "127.0.0.1"', "receive_port": "receive_port = 0",
                      "deliver_port": "deliver_port = 0"}.get(key, line))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    run_test(main)
