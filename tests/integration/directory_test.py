#!/usr/bin/env python3
"""A whole gateway that takes nodes and people from a real slapd: what it allows, and what it no
longer does once an entry is gone or the server is silent.

usage: directory_test.py
"""

import os
import signal
import socket
import subprocess
import time
import uuid

from gateway import NODES, ROOT, Failure, Gateway, expect, run_test

SUFFIX = "dc=hangu,dc=example"
HEARTBEAT, AGE = 1, 6  # seconds
SECONDS = 60
PEOPLE = ("li-na", "wang-wei", "zhao-min")


def wait(what, condition, seconds=SECONDS):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    raise Failure(what)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Slapd:
    """Debian's slapd on loopback, set up by the shipped config/directory/*.ldif."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, "conf"))
        os.makedirs(os.path.join(folder, "data"))
        self.port = free_port()
        self.process = None
        self.uuids = {}
        for name in ("server-ca", "clients-ca"):
            self.run(f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 "
                     f"-subj /CN={name} -addext basicConstraints=critical,CA:true -addext "
                     f"keyUsage=keyCertSign,cRLSign -keyout {name}.key -out {name}.crt")
        self.run("cp clients-ca.crt clients-ca.pem")
        self.leaf("server", "server-ca", "/CN=ldap.test")
        self.leaf("gateway", "clients-ca", "/DC=example/DC=hangu/OU=gateways/CN=gw-demo")
        with open(os.path.join(ROOT, "config", "directory", "slapd.example.ldif")) as file:
            text = file.read()
        for before, after in (("/etc/ldap/schema/hangu.ldif",
                               os.path.join(ROOT, "config", "directory", "hangu.ldif")),
                              ("/etc/ldap/hangu/", folder + "/"), ("/var/lib/ldap", folder + "/data"),
                              ("/var/run/slapd/", folder + "/")):
            text = text.replace(before, after)
        self.write("conf.ldif", text)
        self.run("slapadd -n 0 -F conf -l conf.ldif")
        self.run(f"slapadd -w -n 1 -F conf -l {ROOT}/config/directory/tree.example.ldif")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def run(self, line):
        done = subprocess.run(line, shell=True, cwd=self.folder, text=True, capture_output=True,
                              check=False)
        if done.returncode != 0:
            raise Failure(f"{line}\n{done.stdout}{done.stderr}")
        return done.stdout

    def leaf(self, name, by, subject):
        self.run(f"openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '{subject}' "
                 f"-keyout {name}.key -out {name}.csr && printf 'subjectAltName=DNS:ldap.test\\n' > ext "
                 f"&& openssl x509 -req -in {name}.csr -CA {by}.crt -CAkey {by}.key -CAcreateserial "
                 f"-days 30 -extfile ext -out {name}.crt")

    def ldapi(self):
        return "ldapi://" + (self.folder + "/ldapi").replace("/", "%2F")

    def start(self):
        self.process = subprocess.Popen(
            ["/usr/sbin/slapd", "-d", "0", "-F", self.folder + "/conf", "-h",
             f"ldaps://127.0.0.1:{self.port}/ {self.ldapi()}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def accepts():
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", self.port)) == 0
        wait("slapd does not listen", accepts)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(10)

    def modify(self, ldif):
        self.write("modify.ldif", ldif)
        self.run(f"ldapmodify -Q -Y EXTERNAL -H {self.ldapi()} -f modify.ldif")

    def add(self, dn, lines):
        self.modify("\n".join([f"dn: {dn}", "changetype: add", *lines]) + "\n")

    def remove(self, dn):
        self.run(f"ldapdelete -Q -Y EXTERNAL -H {self.ldapi()} '{dn}'")

    def uuid(self, dn):
        found = self.run(f"ldapsearch -Q -LLL -Y EXTERNAL -H {self.ldapi()} -s base -b '{dn}' entryUUID")
        return next(line.split()[1] for line in found.splitlines() if line.startswith("entryUUID:"))


def dn_of(name):
    return f"cn={name},ou=nodes,{SUFFIX}" if name in NODES else f"uid={name},ou=people,{SUFFIX}"


def enter(slapd, gateway, name):
    """Makes an entry as an administrator does, and has the officer grant it."""
    if name in NODES:
        slapd.add(dn_of(name), ["objectClass: device", "objectClass: hanguNode", f"cn: {name}",
                                f"hanguName: {name}"])
    else:
        slapd.add(dn_of(name), ["objectClass: inetOrgPerson", "objectClass: hanguPerson", f"cn: {name}",
                                f"sn: {name}", f"uid: {name}", f"hanguName: {name}"])
    slapd.modify(gateway.hangu("pki", "grant", name, "--pki", gateway.pki, "--dn", dn_of(name),
                               "--entry-uuid", slapd.uuid(dn_of(name))))


def adapted(slapd):
    def adapt(text):
        return text + f"""
[directory]
address = "127.0.0.1"
port = {slapd.port}
server_name = "ldap.test"
base = "{SUFFIX}"
certificate = "{slapd.folder}/gateway.crt"
key = "{slapd.folder}/gateway.key"
authority = "{slapd.folder}/server-ca.crt"
heartbeat_s = {HEARTBEAT}
age_confidential_s = {AGE}
age_secret_s = {AGE}
age_internal_s = {AGE}
"""
    return adapt


def decided(gateway, transfer):
    return [entry["event"] for entry in gateway.log_entries()
            if entry["type"] == "transfer.decided" and entry.get("transfer") == transfer]


def small(gateway):
    name = uuid.uuid4().hex
    return gateway.csv(name + ".csv", [(1, name)])


def imported(gateway, **how):
    return gateway.submit(gateway.pack(gateway.path(uuid.uuid4().hex + ".hangu"), [small(gateway)]), **how)


def what_the_directory_grants_flows(gateway, _):
    transfer = imported(gateway)
    expect(gateway.wait(transfer)["state"] == "emitted", f"{gateway.status(transfer)}")
    event = wait("no decision in the log", lambda: decided(gateway, transfer))[0]
    expect(event["directoryAge"] <= AGE * 1000 and "csn=" in event["directoryCookie"]
           and len(event["directorySnapshot"]) == 64, f"{event}")
    loaded = [e["event"] for e in gateway.log_entries() if e["type"] == "directory.loaded"]
    expect(loaded and loaded[-1]["nodes"] >= 2, f"{loaded}")


def awaited(gateway):
    package = gateway.pack(gateway.path(uuid.uuid4().hex + ".hangu"), [small(gateway)], node="survey",
                           to="internet", to_node="portal")
    transfer = gateway.submit(package, node="survey")
    gateway.wait(transfer, "survey", {"awaiting-approval"})
    return transfer


def who_is_taken_out_between_approval_and_emission_no_longer_counts(gateway, slapd):
    transfer = awaited(gateway)
    gateway.approve(transfer, "li-na")
    slapd.remove(dn_of("li-na"))
    time.sleep(0.5)
    gateway.approve(transfer, "wang-wei")
    status = gateway.wait(transfer, "survey")
    # Her approval is void; what is left of the two is one.
    expect(status["state"] != "emitted", f"{status}")
    expect(status["reason"] in ("approvers-too-few", "warrant-approvals"), f"{status}")
    enter(slapd, gateway, "li-na")


def an_approver_who_was_made_anew_is_nobody_without_a_new_grant(gateway, slapd):
    for name in ("li-na", "zhao-min"):
        slapd.remove(dn_of(name))
    package = gateway.pack(gateway.path("few.hangu"), [small(gateway)], node="survey", to="internet",
                           to_node="portal")
    status = gateway.wait(gateway.submit(package, node="survey"), "survey")
    expect((status["state"], status["reason"]) == ("refused", "approvers-too-few"), f"{status}")
    for name in ("li-na", "zhao-min"):
        enter(slapd, gateway, name)
    gateway.approve(awaited(gateway), "zhao-min")


def a_node_that_is_taken_out_is_refused_at_the_edge(gateway, slapd):
    slapd.remove(dn_of("portal"))

    def refused():
        return gateway.run("list", "--identity", gateway.identity("portal"), "--gateway",
                           gateway.endpoint("internet", "receive"), check=False).returncode != 0
    began = time.monotonic()
    wait("the edge still lets it in", refused, 12)
    took = time.monotonic() - began
    expect(took < 8, f"it took {took:.1f} s")
    enter(slapd, gateway, "portal")
    wait("the edge does not let it in again", lambda: not refused(), 12)


def behind_a_silent_server_nothing_is_allowed(gateway, slapd):
    for silence in (lambda: slapd.process.send_signal(signal.SIGSTOP), slapd.stop):
        silence()
        time.sleep(AGE + 4)
        transfer = imported(gateway)
        status = gateway.wait(transfer)
        expect((status["state"], status["reason"]) == ("refused", "directory-stale"), f"{status}")
        if slapd.process.poll() is None:
            slapd.process.send_signal(signal.SIGCONT)
        else:
            slapd.start()
        wait("nothing flows again", lambda: gateway.wait(imported(gateway))["state"] == "emitted")


def behind_a_dead_program_transfers_wait_and_go_on(gateway, _):
    os.kill(gateway.pids()["directory"], signal.SIGKILL)
    transfer = imported(gateway)
    expect(gateway.wait(transfer)["state"] == "emitted", f"{gateway.status(transfer)}")


TESTS = [what_the_directory_grants_flows,
         who_is_taken_out_between_approval_and_emission_no_longer_counts,
         an_approver_who_was_made_anew_is_nobody_without_a_new_grant,
         a_node_that_is_taken_out_is_refused_at_the_edge,
         behind_a_silent_server_nothing_is_allowed,
         behind_a_dead_program_transfers_wait_and_go_on]


def main():
    gateway = Gateway(reviewers=PEOPLE)
    slapd = Slapd(os.path.join(gateway.folder, "slapd"))
    gateway.config = gateway.path("gateway.toml")
    with open(os.path.join(ROOT, "config", "gateway.example.toml")) as example:
        text = example.read().replace('"/var/lib/hangu"', f'"{gateway.gateway}"')
    for zone in ("classified", "egov", "internet"):
        text = text.replace(f'network_namespace = "hangu-{zone}"', "", 1)
    lines = []
    for line in adapted(slapd)(text).splitlines():
        if line.startswith("address = \"10."):
            line = 'address = "127.0.0.1"'
        if line.startswith(("receive_port", "deliver_port")):
            line = line.split("=")[0] + "= 0"
        lines.append(line)
    with open(gateway.config, "w") as out:
        out.write("\n".join(lines) + "\n")
    slapd.start()
    try:
        slapd.remove(dn_of("survey"))  # of the shipped tree, as is li-na
        slapd.remove(dn_of("li-na"))
        for name in (*NODES, *PEOPLE):
            enter(slapd, gateway, name)
        with gateway:
            for test in TESTS:
                began = time.monotonic()
                test(gateway, slapd)
                print(f"ok {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            gateway.verify_log()
    finally:
        slapd.stop()


if __name__ == "__main__":
    run_test(main)
