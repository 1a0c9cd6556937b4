"""A real syslog receiver for tests: rsyslog with TLS on loopback, and the certificates for it."""

import json
import os
import signal
import socket
import subprocess
import time

RSYSLOG = "/usr/sbin/rsyslogd"
SECONDS = 20
SERVER_NAME = "siem.test"
CLIENT_NAME = "hangu-forward.test"


class Failure(Exception):
    """The test found what must not be."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def openssl(*words, stdin=None):
    subprocess.run(["openssl", *words], input=stdin, check=True, capture_output=True)


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, folder, name):
        self.folder = folder
        os.makedirs(folder)
        self.certificate = self.path("ca.crt")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.path("ca.key"), "-out", self.certificate, "-days", "2",
                "-subj", f"/CN={name}")

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name):
        """(certificate, key) of a host name."""
        base = self.path(name)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", base + ".key", "-out", base + ".csr", "-subj", f"/CN={name}")
        with open(base + ".ext", "w") as out:
            out.write(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("x509", "-req", "-in", base + ".csr", "-CA", self.certificate, "-CAkey",
                self.path("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", base + ".ext",
                "-out", base + ".crt")
        return base + ".crt", base + ".key"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Receiver:
    """rsyslog that appends what it received to `received`, one JSON object a line."""

    def __init__(self, folder, port, certificate, key, authority):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.port = port
        self.received = os.path.join(folder, "received")
        self.process = None
        self.config = os.path.join(folder, "rsyslog.conf")
        with open(self.config, "w") as out:
            out.write(f"""
global(workDirectory="{folder}" maxMessageSize="64k"
  defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{authority}"
  defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}"
  parser.escapeControlCharactersOnReceive="off")
module(load="mmpstrucdata")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1"
  StreamDriver.AuthMode="x509/name" PermittedPeer=["{CLIENT_NAME}"])
template(name="parts" type="list" option.jsonf="on") {{
  property(name="rawmsg" outname="raw" format="jsonf")
  property(name="hostname" outname="host" format="jsonf")
  property(name="app-name" outname="app" format="jsonf")
  property(name="procid" outname="process" format="jsonf")
  property(name="msgid" outname="id" format="jsonf")
  property(name="pri" outname="priority" format="jsonf")
  property(name="timegenerated" outname="got" format="jsonf")
  property(name="$!rfc5424-sd" outname="data" format="jsonf")
  property(name="msg" outname="text" format="jsonf")
}}
ruleset(name="keep") {{
  action(type="mmpstrucdata")
  action(type="omfile" file="{self.received}" template="parts" asyncWriting="off")
}}
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="keep")
""")

    def start(self):
        self.process = subprocess.Popen(
            [RSYSLOG, "-n", "-f", self.config, "-i", os.path.join(self.folder, "pid")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(self.folder, "stderr"), "ab"))
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            expect(self.process.poll() is None, f"rsyslog ended; see {self.folder}/stderr")
            time.sleep(0.1)
        raise Failure("rsyslog does not listen")

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return
        self.process.send_signal(how)
        self.process.wait(SECONDS)
        self.process = None

    def lines(self):
        """What was received and written whole."""
        if not os.path.exists(self.received):
            return []
        with open(self.received, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file if line.endswith("\n")]
        for row in rows:
            row["data"] = json.loads(row["data"])  # rsyslog's own reading of the structured data
        return rows

    def indices(self):
        return [int(line["data"]["hangu@32473"]["idx"]) for line in self.lines()]

    def wait_for(self, wanted, what, seconds=60):
        """Until every index of `wanted` was received."""
        until = time.monotonic() + seconds
        wanted = set(wanted)
        missing = wanted
        while time.monotonic() < until:
            missing = wanted - set(self.indices())
            if not missing:
                return
            time.sleep(0.2)
        raise Failure(f"{what}: {len(missing)} never came, the first is {min(missing)}")
