"""Decisions of the rule book beside Cedar, Amazon's policy engine, on the same rules and requests.

usage: policy_peers.sh [RULES...]      default 10 1000 10000

`policy_bench --for-peers` writes rules and requests; Cedar's own WebAssembly build answers them in
Node, policies parsed beforehand. Each answer, with the rules that it rests on, is held against ours:
another one ends the bench with 1. Cedar has no obligations to join, so that it has less to do.

Cedar comes from npm, the version that cedar/package-lock.json pins by digest, into the build folder.
Without Node (packaging/packages/bench.txt) or without npm's registry the peer is not measured, which
is said, and is no failure. Of other engines Debian has Casbin's Go library alone; OPA's WebAssembly
needs its compiler, which neither Debian nor npm has.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ["HANGU_BUILD"])
PACKAGES = HERE.parents[1] / "packaging" / "packages" / "bench.txt"
INSTALL_SECONDS = 120
PEER_SECONDS = 600


def without_peer(why):
    print(f"Cedar: not measured: {why}")
    return None


def install():
    """The folder that Cedar and the peer's program stand in, or nothing."""
    if not (shutil.which("node") and shutil.which("npm")):
        names = [line for line in PACKAGES.read_text().split("\n") if line and line[0] != "#"]
        return without_peer("apt-get install " + " ".join(names))
    folder = BUILD / "tests" / "bench" / "cedar"
    folder.mkdir(parents=True, exist_ok=True)
    for source in (HERE / "cedar").iterdir():
        shutil.copy(source, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                              timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        return without_peer(f"npm did not answer in {INSTALL_SECONDS} s")
    if done.returncode != 0:
        return without_peer((done.stderr.strip().splitlines() or ["npm failed"])[0])
    return folder


def run(*command, seconds):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    if done.returncode != 0:
        sys.exit(done.stderr.strip() or done.stdout.strip() or f"{command[0]} failed")
    return json.loads(done.stdout)


def compare(rules, peer):
    with tempfile.TemporaryDirectory() as folder:
        ours = run(str(BUILD / "tests" / "bench" / "policy_bench"), "--for-peers", str(rules), folder,
                   seconds=PEER_SECONDS)
        line = (f"{rules:6} rules: Hangu {ours['us']:.3f} us a decision, every box in turn "
                f"{ours['turn_us']:.2f} ({ours['turn_us'] / ours['us']:.1f}x)")
        if peer is not None:
            cedar = run("node", str(peer / "cedar_peer.mjs"), folder, seconds=PEER_SECONDS)
            line += (f"; Cedar {cedar['version']} {cedar['us']:.0f} us ({cedar['us'] / ours['us']:,.0f}x), "
                     f"of which {cedar['call_us']:.0f} for a call without rules; "
                     f"parsed in {cedar['parse_ms']:.0f} ms; {cedar['asked']} answers, all the same")
        print(line, flush=True)


def main():
    sizes = [int(word) for word in sys.argv[1:]] or [10, 1000, 10_000]
    peer = install()
    for rules in sizes:
        compare(rules, peer)


if __name__ == "__main__":
    main()
