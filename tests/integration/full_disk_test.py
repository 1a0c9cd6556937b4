#!/usr/bin/env python3
"""One node against a gateway on a small disk: what it declares, sends or begins and leaves must not
take the disk, the descriptors or the line from others.

The disk is a tmpfs in a mount namespace of this test. Needs root; without it, it fails.

usage: full_disk_test.py
"""

import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile

from gateway import DATA, Gateway, expect, run_test

DISK_BYTES = 600 << 20
HEADROOM_BYTES = 128 << 20  # ledger::kDiskHeadroomBytes
OPEN_MAX = 64  # quotas.node_uploads_open_max
INSIDE = "HANGU_FULL_DISK_INSIDE"
TUS = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"


def free_bytes(path):
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize


class Node:
    """One keep-alive connection of a node to its zone's receive."""

    def __init__(self, gateway, zone, identity):
        context = ssl.create_default_context(cafile=os.path.join(identity, "anchors.pem"))
        context.check_hostname = False
        context.load_cert_chain(os.path.join(identity, "node.crt"),
                                os.path.join(identity, "node.key"))
        host, port = gateway.endpoint(zone, "receive").rsplit(":", 1)
        self.make = lambda: http.client.HTTPSConnection(host, int(port), timeout=60,
                                                        context=context)
        self.link = self.make()

    def ask(self, method, path, headers, body=None):
        """Status, headers and the body's `error`; a connection that was closed is made anew."""
        try:
            self.link.request(method, path, body=body, headers=headers)
            answer = self.link.getresponse()
            text = answer.read()
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            self.link.close()
            self.link = self.make()
            raise
        reason = json.loads(text).get("error", "") if text else ""
        expect("/" not in text.decode() or reason == "", f"an answer names a path: {text}")
        return answer.status, answer.headers, reason

    def create(self, length):
        status, headers, reason = self.ask("POST", "/v1/uploads",
                                           {**TUS, "Upload-Length": str(length),
                                            "Content-Length": "0"})
        return status, headers.get("Location"), reason

    def send(self, location, offset, body):
        return self.ask("PATCH", location, {**TUS, "Upload-Offset": str(offset),
                                            "Content-Type": OFFSET_TYPE}, body)

    def expects_continue(self, length):
        """The status line that answers a whole POST's header."""
        self.link.close()
        link = self.make()
        link.connect()
        link.sock.sendall(b"POST /v1/packages HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                          + f"Content-Length: {length}\r\n\r\n".encode())
        line = link.sock.makefile("rb").readline().decode()
        link.close()
        self.link = self.make()
        return int(line.split()[1])


def declares_too_much(node):
    for length in (500_000_000_000, 2_000_000_000, DISK_BYTES // 5):
        status, location, reason = node.create(length)
        expect((status, location, reason) == (507, None, "disk-full"),
               f"an upload of {length} bytes was answered {status} {reason}")
    expect(node.expects_continue(100_000_000_000) == 507, "100 GB were asked for")
    expect(node.expects_continue(2_000_000) == 100, "a whole package that fits was refused")


def declares_until_full(node, folder):
    """Many uploads, each small enough: together they stay within the disk, also when sent."""
    size = 20 << 20
    room = free_bytes(folder) - HEADROOM_BYTES
    made = []
    while True:
        status, location, reason = node.create(size)
        if status != 201:
            break
        made.append(location)
        expect(len(made) * size * 6 <= room, f"{len(made)} uploads need more than {room} bytes")
    expect((status, reason) == (507, "disk-full"), f"ended with {status} {reason}")
    expect(len(made) >= 2, f"only {len(made)} uploads had room")
    for location in made:  # all but the last byte
        status, _, reason = node.send(location, 0, bytes(size - 1))
        expect(status == 204, f"what had room was answered {status} {reason}")
    expect(free_bytes(folder) > HEADROOM_BYTES, "uploads took the headroom")
    return made


def takes_the_disk(node, location, offset, folder):
    """Somebody else fills the disk: the upload is refused, keeps what it has, and goes on later."""
    filler = os.path.join(folder, "filler")
    with open(filler, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, free_bytes(folder) - HEADROOM_BYTES // 2)
    status, _, reason = node.send(location, offset, b"x")
    expect((status, reason) == (507, "disk-full"), f"on a full disk: {status} {reason}")
    status, headers, _ = node.ask("HEAD", location, TUS)
    expect(headers.get("Upload-Offset") == str(offset), "what was told as held is not held")
    os.unlink(filler)


def leaves_uploads_open(node, other, receive_pid):
    codes = {}
    for _ in range(1500):
        status, _, reason = node.create(1)
        codes[(status, reason)] = codes.get((status, reason), 0) + 1
    refused = {(429, "node-uploads-open"), (429, "http-rate")}  # the second only on a fast machine
    expect(codes.get((201, "")) == OPEN_MAX and (429, "node-uploads-open") in codes and
           set(codes) <= refused | {(201, "")}, f"1500 creations were answered {codes}")
    open_files = len(os.listdir(f"/proc/{receive_pid}/fd"))
    expect(open_files < 64, f"receive has {open_files} descriptors open")
    expect(other.create(1)[0] == 201, "another node of the zone cannot begin an upload")


def inside():
    mount = tempfile.mkdtemp(prefix="hangu-small-disk-")
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755",
                                  "tmpfs", mount], check=False)
        expect(mounted.returncode == 0, "no tmpfs could be mounted: this test needs root")
        tempfile.tempdir = mount
        maker = Gateway()
        maker.hangu("pki", "issue", "node", "--pki", maker.pki, "beside", "--zone", "internet",
                    "--organisation", "another")
        with maker as gateway:
            node = Node(gateway, "internet", gateway.identity("portal"))
            other = Node(gateway, "internet", gateway.identity("beside"))
            declares_too_much(node)
            made = declares_until_full(node, mount)
            takes_the_disk(node, made[0], (20 << 20) - 1, mount)
            for location in made:
                expect(node.ask("DELETE", location, TUS)[0] == 204, "an upload cannot be ended")
            leaves_uploads_open(node, other, gateway.pids()["receive.internet"])
            # Nobody else is hindered: not in that zone, not in another.
            package = gateway.pack(os.path.join(gateway.folder, "p.hangu"),
                                   [os.path.join(DATA, "nc.gpkg")], node="survey",
                                   to="classified", to_node="vault", product="county-map")
            expect(gateway.submit(package, node="survey"), "another zone's node was refused")
    finally:
        subprocess.run(["umount", "-l", mount], check=False)
        os.rmdir(mount)


def main():
    if os.environ.get(INSIDE):
        inside()
        return
    again = ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv]
    done = subprocess.run(again, env={**os.environ, INSIDE: "1"}, check=False)
    expect(done.returncode == 0, "the test did not pass, or has no rights for a mount namespace")


if __name__ == "__main__":
    run_test(main)
