#!/usr/bin/env python3
"""Looks from outside at every process of a running gateway: user, capabilities, filter, network
namespace, open files; and tries from inside each network what can be reached.

What each program is refused inside is tried by tests/system/sandbox. Needs root and network
namespaces; without them it fails.

usage: sandbox_test.py
"""

import ctypes
import errno
import os
import re
import signal
import socket
import subprocess
import time

from gateway import Gateway, expect, run_test

ZONES = ("classified", "egov", "internet")
PREFIX = "hangu-watched-"  # namespaces of its own, so that another gateway may run beside
UID_BASE = 64600
CLONE_NEWNET = 0x40000000
NO_CAPABILITY = "0000000000000000"
CONNECT_SECONDS = 2


def adapt(text):
    text = text.replace('network_namespace = "hangu-', f'network_namespace = "{PREFIX}')
    return re.sub(r"uid_base = \d+", f"uid_base = {UID_BASE}", text)


def status(pid, task=None):
    path = f"/proc/{pid}/status" if task is None else f"/proc/{pid}/task/{task}/status"
    with open(path) as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def network(path):
    return os.stat(path).st_ino


def network_of(pid):
    return network(f"/proc/{pid}/ns/net")


def zone_of(program):
    return program.split(".")[1] if "." in program else None


def inside(namespace, act):
    """What `act` returns (0 to 255) in a child that has entered the namespace file."""
    child = os.fork()
    if child == 0:
        code = 255
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            with open(namespace) as file:
                if libc.setns(file.fileno(), CLONE_NEWNET) == 0:
                    code = act()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def reach(namespace, endpoint):
    """0, or the errno of a TCP connection from that network."""
    host, port = endpoint.rsplit(":", 1)

    def connect():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            client.settimeout(CONNECT_SECONDS)
            try:
                client.connect((host, int(port)))
                return 0
            except TimeoutError:
                return errno.ETIMEDOUT
            except OSError as refused:
                return refused.errno
    return inside(namespace, connect)


def interfaces(namespace):
    """How many network interfaces there are, the loopback included."""
    def count():
        with open("/proc/thread-self/net/dev") as file:
            return len(file.readlines()) - 2
    return inside(namespace, count)


def each_runs_as_a_user_of_its_own(gateway):
    uids = {}
    for name, pid in gateway.pids().items():
        fields = status(pid)
        for field in ("Uid", "Gid"):
            ids = set(fields[field].split())
            expect(len(ids) == 1, f"{name}: {field} {fields[field]}")
        expect(fields["Uid"] == fields["Gid"], f"{name}: {fields['Uid']} and {fields['Gid']}")
        expect(fields["Groups"].split() == [], f"{name}: groups {fields['Groups']}")
        uid = int(fields["Uid"].split()[0])
        expect(uid >= UID_BASE, f"{name}: uid {uid}")
        expect(uid not in uids, f"{name} and {uids.get(uid)} share uid {uid}")
        uids[uid] = name
    expect(len(uids) == 11 + 2 * len(ZONES), f"{len(uids)} programs")


def no_thread_has_a_capability_or_can_gain_one(gateway):
    for name, pid in gateway.pids().items():
        for task in os.listdir(f"/proc/{pid}/task"):
            fields = status(pid, task)
            for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                expect(fields[field] == NO_CAPABILITY, f"{name}/{task}: {field} {fields[field]}")
            expect(fields["NoNewPrivs"] == "1", f"{name}/{task}: NoNewPrivs {fields['NoNewPrivs']}")
            expect(fields["Seccomp"] == "2", f"{name}/{task}: Seccomp {fields['Seccomp']}")


def nobody_of_the_same_user_could_look_into_one(gateway):
    for name, pid in gateway.pids().items():
        # Not dumpable: the process's files in /proc belong to root, not to its own user.
        expect(os.stat(f"/proc/{pid}/environ").st_uid == 0, f"{name} is dumpable")
        with open(f"/proc/{pid}/limits") as file:
            core = next(line for line in file if line.startswith("Max core file size"))
        expect(core.split()[4:6] == ["0", "0"], f"{name}: {core}")


def a_zones_network_has_its_two_processes_and_no_others(gateway):
    pids = gateway.pids()
    networks = {zone: network(f"/run/netns/{PREFIX}{zone}") for zone in ZONES}
    own = network("/proc/self/ns/net")
    expect(len(set(networks.values()) | {own}) == len(ZONES) + 1, "zones share a network")
    for zone in ZONES:
        inhabitants = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if network_of(pid) == networks[zone]:
                    inhabitants.add(int(pid))
            except OSError:
                pass  # it has ended
        expect(inhabitants == {pids["receive." + zone], pids["deliver." + zone]},
               f"in the network of {zone}: {inhabitants}")


def each_of_the_middle_has_an_empty_network_of_its_own(gateway):
    seen = {network("/proc/self/ns/net"): "the machine"}
    for name, pid in gateway.pids().items():
        if zone_of(name):
            continue
        its = network_of(pid)
        expect(its not in seen, f"{name} shares the network of {seen.get(its)}")
        seen[its] = name
        expect(interfaces(f"/proc/{pid}/ns/net") == 1, f"{name} has a network interface")


def what_is_open_is_its_own(gateway):
    allowed = {"audit": ["audit", "epoch-keys", "audit-counter", "audit-orders"], "custodian": ["store"], "mosaic": ["mosaic"],
               "emit": [f"zones/{zone}/outbox" for zone in ZONES]}
    for zone in ZONES:
        allowed["receive." + zone] = [f"zones/{zone}/spool"]
        allowed["deliver." + zone] = [f"zones/{zone}/outbox"]
    for name, pid in gateway.pids().items():
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
            except OSError:
                continue  # closed meanwhile
            if not target.startswith("/") or target in ("/dev/null", "/usr/share/proj/proj.db"):
                continue
            below = os.path.relpath(target, gateway.gateway)
            its = [f"log/{name}.log", *allowed.get(name, [])]
            expect(any(below == one or below.startswith(one + "/") for one in its),
                   f"{name} has {target} open")


def sockets_of(pid):
    """Inodes of the sockets that a process has open."""
    inodes = set()
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
        except OSError:
            continue  # closed meanwhile
        if target.startswith("socket:["):
            inodes.add(target[len("socket:["):-1])
    return inodes


def local_listeners(gateway):
    """Path below run/ -> inode of each listening local socket."""
    run = os.path.join(gateway.gateway, "run") + "/"
    accepting = 0x10000  # SO_ACCEPTCON
    with open("/proc/net/unix") as file:
        rows = [line.split() for line in file]
    return {row[7][len(run):]: row[6] for row in rows[1:]
            if len(row) == 8 and row[7].startswith(run) and int(row[3], 16) & accepting}


def zone_listeners(pid, endpoint):
    """Inodes of the listeners at the endpoint's port, in the network of a process."""
    port = int(endpoint.rsplit(":", 1)[1])
    with open(f"/proc/{pid}/net/tcp") as file:
        rows = [line.split() for line in file]
    listening = "0A"
    return {row[9] for row in rows[1:]
            if row[3] == listening and int(row[1].split(":")[1], 16) == port}


def a_door_is_held_by_its_own_program_alone(gateway):
    pids = gateway.pids()
    held = {name: sockets_of(pid) for name, pid in pids.items()}
    doors = {f"the door {path}": ({inode}, path.split("/")[0])
             for path, inode in local_listeners(gateway).items()}
    expect(len(doors) == 20 + 4 * len(ZONES), f"{len(doors)} local doors")
    for zone in ZONES:
        for half in ("receive", "deliver"):
            name = f"{half}.{zone}"
            inodes = zone_listeners(pids[name], gateway.endpoint(zone, half))
            expect(len(inodes) == 1, f"{name} listens {len(inodes)} times")
            doors[f"the door of {name}"] = (inodes, name)
    for door, (inodes, owner) in doors.items():
        holders = {name for name, sockets in held.items() if sockets & inodes}
        expect(holders == {owner}, f"{door} is held by {holders}")


def the_middle_reaches_no_zone(gateway):
    for name, pid in gateway.pids().items():
        if zone_of(name):
            continue
        for zone in ZONES:
            for half in ("receive", "deliver"):
                got = reach(f"/proc/{pid}/ns/net", gateway.endpoint(zone, half))
                expect(got == errno.ENETUNREACH, f"{name} to {half} of {zone}: errno {got}")


def a_zone_reaches_its_own_doors_and_no_other_zones(gateway):
    for here in ZONES:
        networks = {f"the network of {here}": f"/run/netns/{PREFIX}{here}-net",
                    f"receive of {here}": f"/proc/{gateway.pids()['receive.' + here]}/ns/net",
                    f"deliver of {here}": f"/proc/{gateway.pids()['deliver.' + here]}/ns/net"}
        for name, namespace in networks.items():
            for there in ZONES:
                for half in ("receive", "deliver"):
                    got = reach(namespace, gateway.endpoint(there, half))
                    wanted = 0 if here == there else errno.ENETUNREACH
                    expect(got == wanted, f"{name} to {half} of {there}: errno {got}")


def one_started_anew_has_the_same_box(gateway):
    before = gateway.pids()
    names = ("verify", "worker", "receive.egov")
    for name in names:
        os.kill(before[name], signal.SIGKILL)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        pids = gateway.pids()
        if all(pids.get(name, before[name]) != before[name] and
               status(pids[name]).get("Seccomp") == "2" for name in names):
            break
        time.sleep(0.1)
    for again in (each_runs_as_a_user_of_its_own, no_thread_has_a_capability_or_can_gain_one,
                  nobody_of_the_same_user_could_look_into_one,
                  a_zones_network_has_its_two_processes_and_no_others,
                  each_of_the_middle_has_an_empty_network_of_its_own, what_is_open_is_its_own):
        again(gateway)


def nobody_else_can_read_what_is_private(gateway):
    def as_nobody(*arguments):
        return subprocess.run(arguments, user=65534, group=65534, extra_groups=[],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode
    for place in ("store", "audit", "epoch-keys", "log/audit.log", "credentials/verify",
                  *(f"zones/{zone}/{part}" for zone in ZONES for part in ("spool", "outbox"))):
        path = os.path.join(gateway.gateway, place)
        expect(as_nobody("/bin/ls", path) != 0 or os.path.isfile(path), f"anybody can list {place}")
        expect(as_nobody("/bin/cat", path) != 0, f"anybody can read {place}")


TESTS = [each_runs_as_a_user_of_its_own, no_thread_has_a_capability_or_can_gain_one,
         nobody_of_the_same_user_could_look_into_one,
         a_zones_network_has_its_two_processes_and_no_others,
         each_of_the_middle_has_an_empty_network_of_its_own, what_is_open_is_its_own,
         a_door_is_held_by_its_own_program_alone, the_middle_reaches_no_zone, a_zone_reaches_its_own_doors_and_no_other_zones,
         nobody_else_can_read_what_is_private, one_started_anew_has_the_same_box]


def main():
    expect(os.geteuid() == 0, "run as root: without uids and namespaces nothing is proved")
    with Gateway(loopback=False, adapt=adapt) as gateway:
        expect(all(z["clientNamespace"] for z in gateway.running()["zones"]),
               "no network namespaces here: nothing is proved")
        for test in TESTS:
            test(gateway)
            print("ok " + test.__name__.replace("_", " "), flush=True)


if __name__ == "__main__":
    run_test(main)
