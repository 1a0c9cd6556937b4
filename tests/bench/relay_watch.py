"""What processes use while a benchmark runs: processor time and memory, looked at every 50 ms.

What is measured (all from /proc, so no program needs to help):

  peak       VmHWM: the highest number of bytes that were resident at one time, as the kernel itself
             keeps it: heap, stack, shared libraries, mapped files, all. A daemon's is read at the
             end, so it is exact. A short-lived process's (a worker's job, a client command) is the
             last one seen, so what it grew by in its last 50 ms is missing.
  anonymous  resident minus shared (statm): memory that is its own and is no file's; the highest
             that a look saw. Libraries and mapped files count in `peak` and not here.
  processor  user and system time of all its threads.
"""

import os
import threading
import time

EVERY = 0.05  # seconds between two looks
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""  # it has ended


def children_of(pid):
    """Of its main thread: all of our programs fork from there."""
    return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]


class Process:
    """What was seen of one process. `looks` are (wall time, processor seconds until then)."""

    def __init__(self, name, pid):
        self.name = name
        self.pid = pid
        self.peak = 0  # bytes
        self.anonymous = 0  # bytes
        self.looks = []

    def look(self):
        """False when there is nothing to see any more."""
        stat = read(f"/proc/{self.pid}/stat")
        if not stat:
            return False
        fields = stat[stat.rindex(b")") + 2:].split()  # from field 3 on; the name may hold anything
        if fields[0] in b"ZX":
            return False
        self.looks.append((time.time(), (int(fields[11]) + int(fields[12])) / TICKS))
        statm = read(f"/proc/{self.pid}/statm").split()
        if len(statm) > 2:
            self.anonymous = max(self.anonymous, (int(statm[1]) - int(statm[2])) * PAGE)
        for line in read(f"/proc/{self.pid}/status").splitlines():
            if line.startswith(b"VmHWM:"):
                self.peak = max(self.peak, int(line.split()[1]) * 1024)
        return True

    def processor(self, start=0.0, end=float("inf")):
        """Seconds of processor time between two moments."""
        before = self.looks[0][1] if self.looks and self.looks[0][0] >= start else 0.0
        used = None
        for when, seconds in self.looks:
            if when <= start:
                before = seconds
            elif when <= end:
                used = seconds
        return max(0.0, used - before) if used is not None else 0.0

    def began(self):
        return self.looks[0][0]

    def ended(self):
        return self.looks[-1][0]


class Watch(threading.Thread):
    """Looks at processes by pid; with `breeds`, also at what descends from one, by that name."""

    def __init__(self):
        super().__init__(daemon=True)
        self.lock = threading.Lock()
        self.alive = {}  # pid -> Process
        self.breeders = {}  # pid -> name of what descends from it
        self.seen = []  # every Process, in the order of appearance
        self.stopping = threading.Event()

    def add(self, name, pid, breeds=None):
        with self.lock:
            process = Process(name, pid)
            process.look()
            self.alive[pid] = process
            self.seen.append(process)
            if breeds:
                self.breeders[pid] = breeds
        return process

    def look(self):
        with self.lock:
            for pid, name in list(self.breeders.items()):
                for child in children_of(pid):
                    if child not in self.alive:
                        self.alive[child] = Process(name, child)
                        self.breeders[child] = name
                        self.seen.append(self.alive[child])
            for pid, process in list(self.alive.items()):
                if not process.look():
                    del self.alive[pid]
                    self.breeders.pop(pid, None)

    def run(self):
        while not self.stopping.wait(EVERY):
            self.look()

    def stop(self):
        """Takes the last look; programs must still be there for their peaks to be exact."""
        self.stopping.set()
        self.join()
        self.look()

    def named(self, name):
        return [process for process in self.seen if process.name == name and process.looks]

    def peaks(self):
        """Name -> (peak, anonymous) in bytes, the highest of all processes of that name."""
        out = {}
        for process in self.seen:
            peak, anonymous = out.get(process.name, (0, 0))
            out[process.name] = (max(peak, process.peak), max(anonymous, process.anonymous))
        return out
