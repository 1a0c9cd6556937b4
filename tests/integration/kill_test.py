#!/usr/bin/env python3
"""kill -9 of random programs at random moments while transfers run.

Afterwards: every acknowledged transfer was delivered, none twice, the log verifies, all ended.
usage: kill_test.py [--kills N] [--transfers N] [--rows N] [--seed N] [--only PROGRAM]
  --rows     of each table; from about 150000 on, packages go resumable and in many pieces
"""

import argparse
import os
import random
import signal
import threading
import time

from gateway import Gateway, expect, run_test


def kill_some(gateway, kills, pick, only, killed, done):
    """Kills one running program after another, at random moments, until `kills` have died."""
    while len(killed) < kills and not done.is_set():
        time.sleep(pick.uniform(0.02, 0.25))
        try:
            pids = gateway.pids()
        except (OSError, ValueError):
            continue  # the list is being written
        names = sorted(n for n in pids if not only or n == only)
        if not names:
            continue
        name = pick.choice(names)
        try:
            os.kill(pids[name], signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed.append(name)


def submit_all(gateway, packages):
    """Submits each until it is acknowledged; package -> transfer."""
    acknowledged = {}
    for package in packages:
        for _ in range(200):
            transfer = gateway.submit(package, check=False)
            if transfer:
                acknowledged[package] = transfer
                break
            time.sleep(0.2)
        expect(package in acknowledged, f"{package} was never taken")
    return acknowledged


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--transfers", type=int, default=100)
    options.add_argument("--rows", type=int, default=20)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("--only")
    options = options.parse_args()
    print(f"seed {options.seed}", flush=True)
    pick = random.Random(options.seed)
    with Gateway() as gateway:
        packages = []
        for i in range(options.transfers):
            rows = [(i * 100 + k, f"name {pick.getrandbits(160):x}") for k in range(options.rows)]
            table = gateway.csv(f"table-{i}.csv", rows)
            packages.append(gateway.pack(gateway.path(f"p{i}.hangu"), [table]))
        killed, done = [], threading.Event()
        killer = threading.Thread(target=kill_some, args=(gateway, options.kills, pick,
                                                          options.only, killed, done))
        killer.start()
        try:
            acknowledged = submit_all(gateway, packages)
            killer.join(timeout=60 + 10 * options.kills)  # it waits for each to come back
        finally:
            done.set()
            killer.join()
        expect(len(killed) >= options.kills, f"only {len(killed)} kills")
        for transfer in acknowledged.values():
            status = gateway.wait(transfer, seconds=600)
            expect(status["state"] in ("emitted", "acknowledged"), f"{transfer}: {status}")
        outbox = os.path.join(gateway.gateway, "zones", "egov", "outbox")
        released = sorted(n[:-len(".hangu")] for n in os.listdir(outbox) if n.endswith(".hangu"))
        expect(released == sorted(acknowledged.values()), "outbox and acknowledgements differ")
        left = os.listdir(os.path.join(outbox, "kept"))
        expect(not left, f"left behind: {left}")
        for transfer in pick.sample(sorted(acknowledged.values()), min(5, len(acknowledged))):
            expect(gateway.open(gateway.fetch(transfer)), f"{transfer} does not open")
        print(gateway.verify_log(), end="")
        print(f"{len(killed)} kills, {len(acknowledged)} transfers delivered once: "
              + ", ".join(f"{n} {killed.count(n)}" for n in sorted(set(killed))))


if __name__ == "__main__":
    run_test(main)
