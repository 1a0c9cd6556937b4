#!/usr/bin/env python3
"""Carries a big file from one zone to another through a whole gateway, and tells where time and
memory go; beside it the script that a person would write today (peers.py), on the same file.

usage: relay.py [--alone] [--limit MIB] [--table] [--clean] [KIND|MB]...
  KIND     vector, parcels, raster or csv (csv only with --table or --alone); default the first three
  MB       size of the file in 10^6 bytes; default 1000, with --table 1 10 100 1000
  --alone  no script beside it, and the input is made for this run and removed once it is packed
  --limit  fail when a process had more than so many MiB resident at one time
  --table  only the memory peak of each process by size, as a table
  --clean  remove the kept inputs of more than 100 MB and end

Inputs are made by tests/data/enlarge.sh and kept in tests/data/cache/relay-KIND-MB.*. All else lies
in the folder for temporary files (TMPDIR, default /tmp) and is removed at the end.
"""

import argparse
import datetime
import glob
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "integration")]
import peers  # noqa: E402
from gateway import DATA, BIN, ENDS, NODES, Failure, Gateway, expect  # noqa: E402
from relay_watch import Watch  # noqa: E402

FROM, TO = "portal", "survey"  # an import: nobody has to approve it, so no person's time is in it
KINDS = {  # suffix, product (policy/examples/demo.catalogue.toml)
    "vector": ("gpkg", "world-map"),  # few large features
    "parcels": ("gpkg", "world-map"),  # many small ones
    "raster": ("tif", "landsat-scene"),
    "csv": ("csv", "division-table"),
}
SCRIPT_TARGETS = {"vector": 2.0, "parcels": 2.0}  # the script's time by Hangu's; raster is reported
DISK_FACTOR = 7.1  # the package, receive's copy of it, and five times its size that are reserved
BIG_BYTES = 100_000_000
SECONDS_MAX = 3600.0  # of one step
POLL = 0.5
MIB = 1 << 20
LIMIT_PARTS = 4  # of the file that shows what growing files costs here
LIMIT_MB_MAX = 1000  # of one part
# The state that a stage's work ends in; `decide` works twice. What no history shows is absent.
STAGE_OF = {"verified": "verify", "inspected": "inspect", "decided": "decide",
            "transformed": "transform", "checked": "check", "awaiting-approval": "approve",
            "approved": "approve", "cleared": "decide", "emitted": "emit"}
JOBS_OF = {"inspect": ["read", "measure"], "transform": ["write"]}  # of workers, for one object


class Step:
    def __init__(self, name, start, end, processor, peak):
        self.name = name
        self.start = start  # wall time
        self.end = end
        self.processor = processor  # seconds, all processes that worked for it
        self.peak = peak  # bytes, its own command

    def seconds(self):
        return self.end - self.start


class Timer:
    """Runs commands one after the other and notes what each took."""

    def __init__(self, watch):
        self.watch = watch
        self.steps = []

    def others(self, start, end, name):
        return sum(process.processor(start, end) for process in list(self.watch.seen)
                   if process.name != name and process.looks)

    def __call__(self, name, command):
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            start = time.time()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            self.watch.add(name, process.pid, breeds=name)
            _, status, used = os.wait4(process.pid, 0)
            end = time.time()
            process.returncode = os.waitstatus_to_exitcode(status)
            self.watch.look()
            for file in (out, err):
                file.seek(0)
            said = out.read()
            if process.returncode != 0:
                raise Failure(f"{' '.join(command)} -> {process.returncode}\n{said}{err.read()}")
        own = used.ru_utime + used.ru_stime
        self.steps.append(Step(name, start, end, own + self.others(start, end, name),
                               self.watch.peaks()[name][0]))
        return said

    def note(self, name, start, end):
        """A step that the gateway does by itself."""
        self.steps.append(Step(name, start, end, self.others(start, end, name), 0))


class Relayed:
    """What one way through the gateway took."""

    def __init__(self, megabytes, steps, history, watch):
        self.megabytes = megabytes
        self.steps = steps
        self.history = history
        self.watch = watch
        self.peaks = watch.peaks()


def seconds_of(steps):
    return sum(step.seconds() for step in steps)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def kept_input(kind, megabytes):
    return os.path.join(DATA, f"relay-{kind}-{megabytes}.{KINDS[kind][0]}")


def make_input(kind, megabytes, path):
    if not os.path.exists(path):
        print(f"making {path}", file=sys.stderr)
        subprocess.run([os.path.join(HERE, "..", "data", "enlarge.sh"), kind, str(megabytes), path],
                       check=True)


def contents(kind, path):
    """What must be the same in the input and in what arrives."""
    if kind == "raster":
        said = peers.run("gdalinfo", "-checksum", "-nomd", path)
        return re.findall(r"^Size is .*|Checksum=\d+", said, re.MULTILINE)
    if kind == "csv":
        with open(path, "rb") as file:
            return sum(1 for _ in file)
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
        layers = database.execute("SELECT table_name FROM gpkg_contents WHERE data_type ="
                                  " 'features' ORDER BY 1").fetchall()
        return [(name, database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
                for (name,) in layers]


def check_disk(kind, megabytes, keep_input):
    """There must be room, or the gateway would refuse in the middle of it, as it should."""
    need = {tempfile.gettempdir(): megabytes * 1e6 * DISK_FACTOR}
    if keep_input and not os.path.exists(kept_input(kind, megabytes)):
        need[DATA] = megabytes * 1e6
    if len(need) == 2 and os.stat(tempfile.gettempdir()).st_dev == os.stat(DATA).st_dev:
        need = {tempfile.gettempdir(): sum(need.values())}
    for folder, size in need.items():
        free = shutil.disk_usage(folder).free
        expect(free >= size, f"{folder} has {free / 1e9:.1f} GB free; a relay of {megabytes} MB "
               f"needs {size / 1e9:.1f} GB there (TMPDIR names another folder)")


def print_limit(megabytes):
    """What the kernel alone takes to put new bytes into files, which both sides do all the time. It
    is more for later ones when a virtual machine must get fresh memory from its host."""
    os.sync()
    piece = bytes(MIB)
    parts = [0.0] * LIMIT_PARTS  # system time
    part_bytes = max(1, min(megabytes, LIMIT_MB_MAX) * 10**6 // MIB) * MIB
    with tempfile.TemporaryFile() as file:
        for part in range(LIMIT_PARTS):
            before = os.times().system
            for _ in range(part_bytes // MIB):
                file.write(piece)
            parts[part] = os.times().system - before
        start = time.perf_counter()
        os.fdatasync(file.fileno())
        synced = time.perf_counter() - start
    gigabyte = [seconds * 1e9 / part_bytes for seconds in parts]
    print(f"limit: {LIMIT_PARTS} times the size written to a new file takes {min(gigabyte):.2f} to "
          f"{max(gigabyte):.2f} s processor a GB, then {synced:.1f} s to sync", flush=True)


def watch_gateway(watch, gateway):
    running = gateway.running()
    watch.add("supervisor", running["supervisor"])
    for program in running["programs"]:
        watch.add(program["name"], program["pid"],
                  breeds="worker job" if program["name"] == "worker" else None)


def wait_until_emitted(gateway, transfer):
    until = time.monotonic() + SECONDS_MAX
    status = None
    while time.monotonic() < until:
        status = gateway.status(transfer, FROM)
        if status["state"] in ENDS:
            expect(status["state"] == "emitted", f"it ended otherwise: {status}")
            return status
        time.sleep(POLL)
    raise Failure(f"not emitted after {SECONDS_MAX:.0f} s: {status}")


def carry(gateway, watch, kind, source, spend_input):
    """Pack, submit, wait, fetch, open; the steps, and the history that the gateway tells."""
    timer = Timer(watch)
    package, got, opened = map(gateway.path, ("sent.hangu", "got.hangu", "out"))
    hangu = os.path.join(BIN, "hangu")
    size = os.path.getsize(source)
    wanted = contents(kind, source)
    at = {half: gateway.endpoint(NODES[node], half)
          for node, half in ((FROM, "receive"), (TO, "deliver"))}

    os.sync()
    timer("pack", [hangu, "pack", package, "map." + KINDS[kind][0] + "=" + source, "--identity",
                   gateway.identity(FROM), "--to", NODES[TO], "--to-node", TO, "--gateway-cert",
                   os.path.join(gateway.pki, "gateways", "gw-demo"), "--product", KINDS[kind][1],
                   "--quiet"])
    if spend_input:
        os.unlink(source)
    said = timer("submit", [hangu, "submit", package, "--identity", gateway.identity(FROM),
                            "--gateway", at["receive"], "--json"])
    transfer = re.search(r'"id":"([0-9a-f]+)"', said).group(1)
    os.unlink(package)
    status = wait_until_emitted(gateway, transfer)
    history = [(change["state"], moment(change["at"])) for change in status["history"]]
    timer.note("the eight stages", timer.steps[-1].end, history[-1][1])
    timer("fetch", [hangu, "fetch", transfer, "--identity", gateway.identity(TO), "--gateway",
                    at["deliver"], "--out", got, "--quiet"])
    timer("open", [hangu, "open", got, "--identity", gateway.identity(TO), "--to", opened,
                   "--trust", os.path.join(gateway.gateway, "anchors", "stages.json"),
                   "--log-origin", "gw-demo/audit", "--acknowledge", "--gateway", at["deliver"],
                   "--quiet"])
    os.unlink(got)
    arrived = contents(kind, os.path.join(opened, "map." + KINDS[kind][0]))
    expect(arrived == wanted, f"sent {wanted}, arrived {arrived}")
    return size / 1e6, timer.steps, history


def relay(kind, source, spend_input=False):
    watch = Watch()
    with Gateway() as gateway:
        if spend_input:  # lies in the gateway's folder, so that it goes with it whatever happens
            megabytes, source = source, gateway.path("input." + KINDS[kind][0])
            make_input(kind, megabytes, source)
        watch_gateway(watch, gateway)
        watch.start()
        try:
            megabytes, steps, history = carry(gateway, watch, kind, source, spend_input)
        finally:
            watch.stop()
        restarted = [p["name"] for p in gateway.running()["programs"] if p.get("restarts")]
        expect(not restarted, f"started anew meanwhile: {restarted}")
        return Relayed(megabytes, steps, history, watch)


def script(kind, source):
    watch = Watch()
    watch.start()
    timer = Timer(watch)
    os.sync()
    try:
        opened, folder = peers.run_script(kind, source, timer)
        try:
            expect(contents(kind, opened) == contents(kind, source), "the script lost something")
        finally:
            shutil.rmtree(folder)
    finally:
        watch.stop()
    return timer.steps


def print_steps(title, megabytes, steps):
    print(title)
    whole = seconds_of(steps)
    for step in steps:
        peak = f"{step.peak / MIB:7.1f} MiB" if step.peak else ""
        print(f"  {step.name:<22} {step.seconds():8.2f} s {megabytes / step.seconds():8.0f} MB/s"
              f" {step.processor:8.2f} s processor {peak}".rstrip())
    print(f"  {'together':<22} {whole:8.2f} s {megabytes / whole:8.0f} MB/s"
          f" {sum(step.processor for step in steps):8.2f} s processor", flush=True)


def print_stages(done):
    """Each stage's wall time as the gateway's own record has it (the history of the transfer), and
    whose processor time it was."""
    whole = done.history[-1][1] - done.history[0][1]
    programs = {process.name: process for process in done.watch.seen}
    jobs = done.watch.named("worker job")
    print(f"where the time of the stages goes ({whole:.2f} s; then processor seconds)")
    print(f"  {'stage':<24} {'wall':>8}   share       rate      own  workers  custodian    audit")
    for (_, start), (state, end) in zip(done.history, done.history[1:]):
        stage = STAGE_OF.get(state, state)
        used = [programs[stage].processor(start, end) if stage in programs else 0.0,
                sum(job.processor(start, end) for job in jobs),
                programs["custodian"].processor(start, end),
                programs["audit"].processor(start, end)]
        rate = done.megabytes / max(end - start, 0.001)
        rate = f"{rate:6.0f} MB/s" if end - start >= 0.1 else " " * 11
        print(f"  {stage + ' (' + state + ')':<24} {end - start:8.2f} s"
              f" {(end - start) / whole:6.1%} {rate}" + "".join(f" {x:8.2f}" for x in used[:2]) + f"   {used[2]:8.2f}"
              + f" {used[3]:8.2f}")
        inside = [job for job in jobs if start <= job.began() < end]
        names = JOBS_OF.get(stage, [])
        if len(inside) != len(names):
            names = ["job"] * len(inside)
        for name, job in zip(names, inside):
            print(f"    worker: {name:<12} {job.ended() - job.began():8.2f} s"
                  f" {job.processor():8.2f} s processor, peak {job.peak / MIB:.1f} MiB")
    sys.stdout.flush()


def print_memory(done):
    print("memory: most resident at one time (VmHWM), and of it not shared with files, MiB")
    for name, (peak, anonymous) in sorted(done.peaks.items(), key=lambda item: -item[1][0]):
        if peak:
            print(f"  {name:<22} {peak / MIB:8.1f} {anonymous / MIB:8.1f}")
    sys.stdout.flush()


def print_ratio(kind, by_script, by_hangu):
    ratio = seconds_of(by_script) / seconds_of(by_hangu)
    target = SCRIPT_TARGETS.get(kind)
    words = f"   target {target:.2f} {'met' if ratio >= target else 'MISSED'}" if target else ""
    print(f"{kind}: the script takes {ratio:.2f} times as long as Hangu{words}", flush=True)


def compare(kind, megabytes):
    check_disk(kind, megabytes, keep_input=True)
    source = kept_input(kind, megabytes)
    make_input(kind, megabytes, source)
    size = os.path.getsize(source) / 1e6
    print(f"relay of one {kind} file of {size:.0f} MB, {os.cpu_count()} cores, input {source}")
    print_limit(megabytes)
    by_script = script(kind, source)
    print_steps("script (nothing checked, recorded or synced)", size, by_script)
    done = relay(kind, source)
    print_steps("Hangu", size, done.steps)
    print_stages(done)
    print_memory(done)
    print_ratio(kind, by_script, done.steps)
    return done


def alone(kind, megabytes):
    check_disk(kind, megabytes, keep_input=False)
    done = relay(kind, megabytes, spend_input=True)
    print(f"relay of one {kind} file of {done.megabytes:.0f} MB, {os.cpu_count()} cores")
    print_steps("Hangu", done.megabytes, done.steps)
    print_stages(done)
    print_memory(done)
    return done


def within(done, limit_mib):
    """True when no process had more than the limit resident at one time."""
    over = {name: peak for name, (peak, _) in done.peaks.items() if peak > limit_mib * MIB}
    highest = max(peak for peak, _ in done.peaks.values())
    print(f"memory: highest of any one process {highest / MIB:.1f} MiB, limit {limit_mib} MiB: "
          + ("held" if not over else "BROKEN by " + ", ".join(sorted(over))), flush=True)
    return not over


def table(kind, sizes, limit_mib):
    """Memory peak of each process by size; True when the limit, if any, was held."""
    runs = []
    for megabytes in sizes:
        check_disk(kind, megabytes, keep_input=True)
        source = kept_input(kind, megabytes)
        make_input(kind, megabytes, source)
        runs.append(relay(kind, source))
    print(f"memory by size: one {kind} file; most resident at one time (VmHWM) of each, MiB")
    print(f"  {'':<22}" + "".join(f" {run.megabytes:6.0f} MB" for run in runs))
    for name in sorted(runs[-1].peaks, key=lambda name: -runs[-1].peaks[name][0]):
        peaks = [run.peaks.get(name, (0, 0))[0] for run in runs]  # 0: ended before it was seen
        print(f"  {name:<22}" + "".join(f" {peak / MIB:9.1f}" if peak else f" {'-':>9}"
                                        for peak in peaks))
    return limit_mib is None or all([within(run, limit_mib) for run in runs])


def clean():
    for path in glob.glob(os.path.join(DATA, "relay-*")):
        if os.path.getsize(path) > BIG_BYTES:
            os.unlink(path)
            print("removed " + path)


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ", 1)[1])
    for flag in ("--alone", "--table", "--clean"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--limit", type=int)
    parser.add_argument("what", nargs="*")
    args = parser.parse_args()
    args.kinds = [word for word in args.what if word in KINDS] or ["vector", "parcels", "raster"]
    args.sizes = [int(word) for word in args.what if word.isdigit() and int(word) > 0]
    if len(args.sizes) + sum(word in KINDS for word in args.what) != len(args.what):
        parser.error("KIND or MB expected")
    if not (args.table or args.alone) and "csv" in args.kinds:
        parser.error("there is no script for csv")
    return args


def main():
    args = arguments()
    if args.clean:
        clean()
        return 0
    held = True
    for kind in args.kinds:
        if args.table:
            held &= table(kind, args.sizes or [1, 10, 100, 1000], args.limit)
            continue
        for megabytes in args.sizes or [1000]:
            done = alone(kind, megabytes) if args.alone else compare(kind, megabytes)
            if args.limit is not None:
                held &= within(done, args.limit)
    return 0 if held else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failure, RuntimeError) as error:
        sys.exit(f"relay: {error}")
