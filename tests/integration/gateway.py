"""A whole gateway for integration tests: makes a PKI, starts `hangu up`, packs, submits, fetches.

Everything runs on this machine: zones on loopback ports, or in network namespaces of its own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
DATA = os.path.join(ROOT, "tests", "data", "cache")
BIN = os.environ.get("HANGU_BIN", os.path.join(ROOT, "build", "release", "bin"))

ENDS = {"emitted", "acknowledged", "refused", "quarantined", "withdrawn", "expired"}
NODES = {"survey": "egov", "portal": "internet", "vault": "classified"}


class Failure(Exception):
    """The test found what must not be."""


def run_test(main):
    """Runs a test's main; a Failure is told in one line and is the exit status."""
    try:
        main()
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)


def expect(condition, message):
    if not condition:
        raise Failure(message)


class Gateway:
    """Use as a context manager; the folder is kept when the test fails."""

    def __init__(self, loopback=True, reviewers=("li-na", "wang-wei"), policy=None, adapt=None):
        """`adapt` changes the text of the shipped configuration (its folder is filled in)."""
        self.folder = tempfile.mkdtemp(prefix="hangu-test-")
        os.chmod(self.folder, 0o755)
        self.gateway = os.path.join(self.folder, "gateway")
        self.pki = os.path.join(self.folder, "pki")
        self.loopback = loopback
        self.hangu("pki", "init", self.pki)
        for node, zone in NODES.items():
            self.hangu("pki", "issue", "node", "--pki", self.pki, node, "--zone", zone,
                       "--organisation", "test " + node)
        for person in reviewers:
            self.hangu("pki", "issue", "person", "--pki", self.pki, person, "--human", person,
                       "--organisation", "test", "--role", "reviewer")
        self.config = None
        if adapt:
            with open(os.path.join(ROOT, "config", "gateway.example.toml")) as example:
                text = example.read().replace('"/var/lib/hangu"', f'"{self.gateway}"')
            self.config = self.path("gateway.toml")
            with open(self.config, "w") as out:
                out.write(adapt(text))
        if policy:
            os.makedirs(os.path.join(self.gateway, "policy"))
            with open(os.path.join(self.gateway, "policy", "policy.toml"), "w") as out:
                out.write(policy)

    def __enter__(self):
        try:
            self.up()
        except Exception:
            self.down()
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.down()
        if kind is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print("kept for a look: " + self.folder)

    def run(self, *args, check=True, timeout=120, zone=None):
        command = [os.path.join(BIN, "hangu"), *map(str, args)]
        if zone and not self.loopback:
            command = ["ip", "netns", "exec", self.endpoint(zone, "clientNamespace"), *command]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise Failure(f"{' '.join(command)} -> {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def hangu(self, *args, **kwargs):
        return self.run(*args, **kwargs).stdout

    def up(self):
        extra = ["--loopback"] if self.loopback else []
        if self.config:
            extra += ["--config", self.config]
        self.hangu("up", "--folder", self.gateway, "--pki", self.pki, *extra, timeout=240)

    def down(self):
        self.run("down", "--folder", self.gateway, check=False, timeout=180)

    def running(self):
        with open(os.path.join(self.gateway, "run", "gateway.json")) as file:
            return json.load(file)

    def pids(self):
        return {p["name"]: p["pid"] for p in self.running()["programs"] if p["pid"] > 0}

    def endpoint(self, zone, half):
        return next(z[half] for z in self.running()["zones"] if z["zone"] == zone)

    def identity(self, node):
        return os.path.join(self.pki, "nodes", node)

    def pack(self, out, files, node="portal", to="egov", to_node="survey", suite="intl",
             product="division-table", extra=()):
        self.hangu("pack", out, *files, "--identity", self.identity(node), "--from", NODES[node],
                   "--to", to, "--to-node", to_node, "--gateway-cert",
                   os.path.join(self.pki, "gateways", "gw-demo"), "--suite", suite,
                   "--product", product, "--owner", "test", *extra)
        return out

    def submit(self, package, node="portal", check=True, extra=()):
        """The transfer's id, or None when the submission was not acknowledged."""
        zone = NODES[node]
        done = self.run("submit", package, "--identity", self.identity(node), "--gateway",
                        self.endpoint(zone, "receive"), "--json", *extra, check=check, zone=zone)
        for line in done.stdout.splitlines():
            event = json.loads(line)
            if "id" in event:
                return event["id"]
        return None

    def status(self, transfer, node="portal", check=True):
        zone = NODES[node]
        done = self.run("status", transfer, "--identity", self.identity(node), "--gateway",
                        self.endpoint(zone, "receive"), "--json", check=False, zone=zone)
        for line in done.stdout.splitlines():
            event = json.loads(line)
            if "state" in event:
                return event
        if check:
            raise Failure(f"no status of {transfer}: {done.stdout}{done.stderr}")
        return None

    def wait(self, transfer, node="portal", states=ENDS, seconds=180):
        until = time.monotonic() + seconds
        status = None
        while time.monotonic() < until:
            status = self.status(transfer, node, check=False)
            if status and status["state"] in states:
                return status
            time.sleep(0.2)
        raise Failure(f"{transfer} is still {status}")

    def approve(self, transfer, person, command="approve", check=True, extra=()):
        return self.run(command, transfer, "--folder", self.gateway, "--identity",
                        os.path.join(self.pki, "people", person), "--role", "reviewer",
                        "--reason", "test", "--yes", "--json", *extra, check=check)

    def fetch(self, transfer, node="survey", check=True):
        zone = NODES[node]
        out = os.path.join(self.folder, f"got-{transfer}.hangu")
        self.run("fetch", transfer, "--identity", self.identity(node), "--gateway",
                 self.endpoint(zone, "deliver"), "--out", out, check=check, zone=zone)
        return out

    def open(self, package, node="survey", acknowledge=False, check=True):
        zone = NODES[node]
        out = package + ".opened"
        extra = []
        if acknowledge:
            extra = ["--acknowledge", "--gateway", self.endpoint(zone, "deliver")]
        done = self.run("open", package, "--identity", self.identity(node), "--to", out, "--trust",
                        os.path.join(self.gateway, "anchors", "stages.json"), "--log-origin",
                        "gw-demo/audit", *extra, check=check, zone=zone)
        return out if done.returncode == 0 else None

    def verify_log(self):
        return self.hangu("audit", "verify", os.path.join(self.gateway, "audit"), "--key",
                          os.path.join(self.gateway, "anchors", "log.vkey"))

    def log_entries(self):
        """The log's entries as they are stored, once all that is committed is published."""
        folder = os.path.join(self.gateway, "audit", "tile", "entries")
        for root, _, names in sorted(os.walk(folder)):
            for name in sorted(names, key=int):
                partial = root.endswith(".p")
                if partial and name != max(names, key=int):
                    continue  # an earlier width of the same bundle
                with open(os.path.join(root, name), "rb") as file:
                    rest = file.read()
                while rest:
                    length = int.from_bytes(rest[:2], "big")
                    yield json.loads(rest[2:2 + length])
                    rest = rest[2 + length:]

    def path(self, name):
        return os.path.join(self.folder, name)

    def csv(self, name, rows):
        path = self.path(name)
        with open(path, "w") as out:
            out.write("code,name\n")
            out.writelines(f"{code},{text}\n" for code, text in rows)
        return path
