#!/usr/bin/env python3
"""Small packages per second through the whole line, durable, beside what one fdatasync costs.

usage: small_packages.py [COUNT]

The packages are made before the clock starts. Eight senders then submit them, each over one
connection that it keeps, as a node's script does; the clock stops when the last one is emitted.
Processor time is that of the gateway's programs, workers included; the senders' is told apart.
"""

import concurrent.futures
import datetime
import http.client
import json
import os
import ssl
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))
from gateway import Gateway, expect  # noqa: E402

SENDERS = 8
NODE, ZONE = "portal", "internet"
TICKS = os.sysconf("SC_CLK_TCK")


def sync_seconds(times=50):
    with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir()) as file:
        start = time.perf_counter()
        for _ in range(times):
            file.write(b"x" * 500)
            file.flush()
            os.fdatasync(file.fileno())
        return (time.perf_counter() - start) / times


def when(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def processor_seconds(gateway):
    """Seconds of each program, with those of its children that have ended."""
    out = {}
    for name, pid in gateway.pids().items():
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        out[name] = sum(map(int, fields[11:15])) / TICKS
    return out


class Sender:
    """One connection with the node's certificate, kept."""

    def __init__(self, gateway):
        folder = gateway.identity(NODE)
        context = ssl.create_default_context(cafile=os.path.join(folder, "anchors.pem"))
        context.load_cert_chain(os.path.join(folder, "node.crt"), os.path.join(folder, "node.key"))
        host, port = gateway.endpoint(ZONE, "receive").rsplit(":", 1)
        self.link = http.client.HTTPSConnection(host, int(port), context=context, timeout=60)

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/vnd.hangu.package"} if body else {}
        while True:  # ends: a node's rate fills up again
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
            text = answer.read()
            if answer.status != 429 or json.loads(text)["error"] != "http-rate":
                break
            time.sleep(0.1)
        expect(answer.status in (200, 201, 202), f"{method} {path}: {answer.status} {text[:200]}")
        return json.loads(text)

    def submit(self, packages):
        return [self.ask("POST", "/v1/packages", package)["id"] for package in packages]

    def wait(self, transfer):
        until = time.monotonic() + 300
        while time.monotonic() < until:
            status = self.ask("GET", f"/v1/packages/{transfer}")
            if status["state"] in ("refused", "quarantined", "emitted", "acknowledged"):
                return status
            time.sleep(0.2)
        raise TimeoutError(transfer)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with Gateway() as gateway:
        packages = [read(gateway.pack(gateway.path(f"p{i}.hangu"),
                                      [gateway.csv(f"t{i}.csv", [(i, "a"), (i + 1, "b")])]))
                    for i in range(count)]
        senders = [Sender(gateway) for _ in range(SENDERS)]
        before, mine = processor_seconds(gateway), time.process_time()
        with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
            sent = pool.map(lambda i: senders[i].submit(packages[i::SENDERS]), range(SENDERS))
            transfers = [transfer for some in sent for transfer in some]
        ended = [senders[0].wait(transfer) for transfer in transfers]
        after, mine = processor_seconds(gateway), time.process_time() - mine
        expect(all(status["state"] == "emitted" for status in ended), str(ended[:3]))
        expect(len(set(transfers)) == count, "packages were taken for each other")
        span = max(when(s["updated"]) for s in ended) - min(when(s["created"]) for s in ended)
        sync = sync_seconds()
        rate = count / span
        print(f"small packages: {count} in {span:.2f} s = {rate:.1f}/s end to end, durable "
              f"(target 50 {'met' if rate >= 50 else 'MISSED'}); one fdatasync {sync * 1000:.2f} ms")
        used = {name: after[name] - before[name] for name in after}
        print("processor time a package: "
              f"{sum(used.values()) / count * 1000:.1f} ms, senders {mine / count * 1000:.1f} ms")
        for name, seconds in sorted(used.items(), key=lambda item: -item[1]):
            if seconds / count >= 0.0005:
                print(f"  {name:20} {seconds / count * 1000:6.1f} ms")


if __name__ == "__main__":
    main()
