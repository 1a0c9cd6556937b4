#!/usr/bin/env python3
"""Small packages per second through the whole line, durable, beside what one fdatasync costs.

usage: small_packages.py [COUNT]
"""

import concurrent.futures
import datetime
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))
from gateway import Gateway  # noqa: E402


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


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with Gateway() as gateway:
        packages = [gateway.pack(gateway.path(f"p{i}.hangu"),
                                 [gateway.csv(f"t{i}.csv", [(i, "a"), (i + 1, "b")])])
                    for i in range(count)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            transfers = list(pool.map(gateway.submit, packages))
        ended = [gateway.wait(transfer) for transfer in transfers]
        assert all(status["state"] == "emitted" for status in ended), ended
        span = (max(when(s["updated"]) for s in ended) - min(when(s["created"]) for s in ended))
        sync = sync_seconds()
        print(f"small packages: {count} in {span:.2f} s = {count / span:.1f}/s end to end, durable "
              f"(target 50); one fdatasync {sync * 1000:.2f} ms, so {1 / sync * span / count:.0f} "
              "of them a package")


if __name__ == "__main__":
    main()
