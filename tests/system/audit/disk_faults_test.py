#!/usr/bin/env python3
"""hangu-audit on a disk whose calls fail: strace makes one call in a run end with an error, or kills
the program there. Nothing acknowledged may be lost, and the log must open again.

usage: disk_faults_test.py HANGU_AUDIT HANGU_AUDIT_VERIFY [RUNS [SEED]]
"""

import os
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../audit/verifier"))
import hangu_audit_verify as verify  # noqa: E402

RUNS_OF_ONE_LOG = 10
PATIENCE = 20  # seconds
CALLS = ["openat", "mkdirat", "linkat", "renameat", "unlinkat", "write", "pwrite64", "pread64",
         "fdatasync", "fsync", "fchmod", "ftruncate"]
FAULTS = ["error=EIO", "error=ENOSPC", "signal=KILL"]
TRANSFER = "00112233445566778899aabbccddeeff"


def expect(true, what):
    if not true:
        sys.exit("FAILED: " + what)


def text(value):
    octets = value.encode()
    return struct.pack(">I", len(octets)) + octets


def append_request(request_id, key, body):
    """docs/protocols/audit-log.md section 8."""
    return (b"\0" + request_id + text("transfer.withdrawn") + b"\1" + text(TRANSFER) +
            struct.pack(">I", 1) + text(key) + b"\1" + text(body))


def read_reply(octets):
    """(outcome, index, leaf), or None for a failure."""
    if octets[0] != 0:
        return None
    outcome, (length,) = octets[17], struct.unpack(">I", octets[18:22])
    at = 22 + length
    (index,) = struct.unpack(">Q", octets[at:at + 8])
    return outcome, index, octets[at + 8:at + 40]


class Box:
    """One log, its keys, and what it has acknowledged."""

    def __init__(self, programs, folder, chance):
        self.audit, self.verifier = programs
        self.folder, self.chance = folder, chance
        for name in ("log", "epoch-keys"):
            os.mkdir(self.path(name))
        for name, kind in (("log.key", ["ED25519"]),
                           ("gm.key", ["EC", "-pkeyopt", "ec_paramgen_curve:SM2"])):
            subprocess.run(["openssl", "genpkey", "-algorithm", *kind, "-out", self.path(name)],
                           check=True, stderr=subprocess.DEVNULL)
        self.acknowledged, self.unanswered, self.made = {}, [], 0
        self.vkey = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, fault=None):
        """The program with its socket passed in, under strace when a call of its shall fail."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.path.exists(self.path("socket")):
            os.unlink(self.path("socket"))
        listener.bind(self.path("socket"))
        listener.listen(8)
        words = [self.audit, "--folder", self.path("log"), "--epoch-keys", self.path("epoch-keys"),
                 "--origin", "test/audit", "--key", self.path("log.key"),
                 "--gm-key", self.path("gm.key")]
        if fault:  # the tracer apart, so that the program keeps the process id it is told
            words = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + fault.split(":")[0],
                     "-e", "inject=" + fault, *words]

        def take_socket():
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1",
                              LISTEN_FDNAMES="audit.custodian")
            os.execvp(words[0], words)

        with open(self.path("told"), "ab") as told:
            process = subprocess.Popen(["/bin/true"], close_fds=False, preexec_fn=take_socket,
                                       stdout=told, stderr=told)
        listener.close()
        return process

    def talk(self, process, count):
        """Appends until the program is gone or `count` are acknowledged."""
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        peer.settimeout(PATIENCE)
        try:
            peer.connect(self.path("socket"))
            while count > 0:
                if not self.unanswered:
                    self.made += 1
                    body = '{"node":"%d%s"}' % (self.made, "x" * self.chance.randrange(900))
                    self.unanswered.append((self.chance.randbytes(16), f"k{self.made}", body))
                request = self.unanswered[0]
                peer.send(append_request(*request))
                if not select.select([peer], [], [], PATIENCE)[0]:
                    expect(process.poll() is not None, "no answer from a program that runs")
                    return
                octets = peer.recv(1 << 17)
                reply = read_reply(octets) if octets else None
                if reply is None:
                    return
                if reply[0] == 2:  # refused for a while: the disk is full
                    count -= 1
                    continue
                expect(reply[0] == 0 and self.acknowledged.get(reply[1], reply[2]) == reply[2],
                       f"{request[1]}: {reply}")
                self.acknowledged[reply[1]] = reply[2]
                self.unanswered.pop(0)
                count -= 1
        except OSError:
            return
        finally:
            peer.close()

    def end(self, process, how):
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            sys.exit("FAILED: the program does not end")

    def look(self, what):
        """After a run that nothing breaks: the verifier says good, and everything is there."""
        process = self.start()
        self.talk(process, 2)
        status = self.end(process, signal.SIGTERM)
        expect(status == 0, f"{what}: does not open again ({status}): {self.last_told()}")
        done = subprocess.run([self.verifier, self.path("log"), "--key", self.read_vkey()],
                              capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"{what}: {done.stdout}{done.stderr}")
        request = {"key": verify.Key(self.read_vkey()), "gm_key": None, "stages": {}, "pins": [],
                   "auditors": {}, "policy": None, "lag": 0}
        check = verify.Walk(self.path("log"), request)
        check.walk(verify.Note(check.folder.read("checkpoint")).size)
        for index, leaf in self.acknowledged.items():
            expect(index < len(check.leaves) and check.leaves[index] == leaf,
                   f"{what}: entry {index} was acknowledged and is lost")

    def read_vkey(self):
        if self.vkey is None:
            with open(self.path("told"), encoding="utf-8", errors="replace") as told:
                self.vkey = told.read().split(", key ")[1].split(",")[0]
        return self.vkey

    def last_told(self):
        with open(self.path("told"), encoding="utf-8", errors="replace") as told:
            return told.read()[-500:]


def one_run(box, chance):
    call, how = chance.choice(CALLS), chance.choice(FAULTS)
    last = {"fdatasync": 30, "fsync": 40, "openat": 90, "linkat": 12, "renameat": 8}.get(call, 40)
    fault = f"{call}:{how}:when={chance.randint(1, last)}"
    process = box.start(fault)
    box.talk(process, chance.randint(1, 25))
    if chance.random() < 0.5:
        time.sleep(chance.random() * 1.5)  # long enough for a round of publishing, or not
    ended = process.poll() is not None
    box.end(process, chance.choice([signal.SIGTERM, signal.SIGKILL]))
    box.look(fault)
    return ended


def main():
    programs, runs = sys.argv[1:3], int(sys.argv[3]) if len(sys.argv) > 3 else 30
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    chance = random.Random(seed)
    expect(shutil.which("strace") is not None, "strace is not installed")
    acknowledged = ended = 0
    for first in range(0, runs, RUNS_OF_ONE_LOG):
        with tempfile.TemporaryDirectory() as folder:
            box = Box(programs, folder, chance)
            for run in range(first, min(runs, first + RUNS_OF_ONE_LOG)):
                try:
                    ended += one_run(box, chance)
                except SystemExit as problem:
                    sys.exit(f"run {run} of seed {seed}: {problem}")
            acknowledged += len(box.acknowledged)
    expect(ended * 5 >= runs, f"only {ended} of {runs} faults ended the program: are they made?")
    print(f"ok: {runs} runs, {ended} of which ended the program, {acknowledged} acknowledged entries, none lost")


if __name__ == "__main__":
    main()
