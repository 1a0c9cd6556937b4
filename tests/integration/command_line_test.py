#!/usr/bin/env python3
"""What the program `hangu` does with its descriptors, and `up` with what it cannot use.

usage: command_line_test.py
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from gateway import BIN, ROOT, expect, run_test

HANGU = os.path.join(BIN, "hangu")
SECONDS = 60


def run(*words, check=None, **how):
    done = subprocess.run([HANGU, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=SECONDS, check=False, **how)
    if check is not None:
        expect(done.returncode == check,
               f"{words}: {done.returncode}, not {check}\n{done.stdout}{done.stderr}")
    return done


def shell(line):
    """A command line in a shell, where $HANGU is the program."""
    return subprocess.run(["bash", "-c", line], env={**os.environ, "HANGU": HANGU, "LANG": "en"},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
                          check=False)


class Workshop:
    """A PKI with a node and a gateway, and a table to pack."""

    def __init__(self, folder):
        self.folder = folder
        run("pki", "init", self.path("pki"), check=0)
        run("pki", "issue", "node", "--pki", self.path("pki"), "survey", "--zone", "egov",
            "--organisation", "test", check=0)
        run("pki", "issue", "gateway", "--pki", self.path("pki"), "gw", check=0)
        with open(self.path("t.csv"), "w") as table:
            table.write("a\n" + "1\n" * 100_000)

    def path(self, name):
        return os.path.join(self.folder, name)

    def pack_line(self, out):
        return (f'"$HANGU" pack {self.path(out)} {self.path("t.csv")} --to internet --to-node portal'
                f' --product table --identity {self.path("pki/nodes/survey")}'
                f' --gateway-cert {self.path("pki/gateways/gw")}')

    def open(self, package):
        return run("open", self.path(package), "--identity", self.path("pki/gateways/gw"), "--to",
                   self.path("out-" + package), "--anchors", self.path("pki/anchors.pem"))


def closed_descriptors_get_no_file_of_ours(shop):
    done = shell(shop.pack_line("closed.hangu") + " <&- >&- 2>&-")
    expect(done.returncode == 1, f"results went nowhere, yet exit {done.returncode}")
    opened = shop.open("closed.hangu")
    expect(opened.returncode == 0, "something was written into the package: " + opened.stderr)
    with open(shop.path("pki/nodes/survey/sequence.json")) as record:
        json.load(record)
    done = shell(shop.pack_line("quiet.hangu") + " 2>&-")
    expect(done.returncode == 0, done.stdout)
    expect(shop.open("quiet.hangu").returncode == 0, "stderr landed in the package")


def a_full_disk_is_told_with_the_file(shop):
    done = shell('trap "" XFSZ; ulimit -f 16; ' + shop.pack_line("full.hangu") + " --json")
    expect(done.returncode == 1, f"{done.returncode} {done.stderr}")
    event = json.loads(done.stdout)
    expect(event["reason"] == "disk-full" and shop.path("full.hangu") in event["context"], event)
    expect("gateway" not in event["message"] + event["remedy"], event)
    expect(not os.path.exists(shop.path("full.hangu")), "half a package")


def what_cannot_be_written_is_told(_):
    for command in ("version", "version --json", "--help"):
        done = shell(f'"$HANGU" {command} >&-')
        expect(done.returncode == 1, f"{command} >&-: {done.returncode}")
        done = shell(f'"$HANGU" {command} >/dev/full')
        expect(done.returncode == 1 and "[stdout-failed]" in done.stderr, done.stderr)
    done = shell('"$HANGU" version --lang zh >/dev/full')
    expect("结果写不出去" in done.stderr, done.stderr)


def who_closes_a_pipe_is_told_nothing(_):
    for command in ("man", "man --json", "--help"):
        # The reader has ended before the program begins.
        done = shell(f'set -o pipefail; (sleep 0.5; exec "$HANGU" {command}) | true')
        expect(done.returncode == 1 and done.stderr == "", f"{command}: {done.stderr}")


def a_verifier_that_dies_can_tell_nothing(shop):
    """Statuses 1 to 3 say what was found: neither a killed child nor a missing one is that."""
    binaries = shop.path("bin")
    os.makedirs(binaries)
    shutil.copy(HANGU, binaries)
    verifier = os.path.join(binaries, "hangu-audit-verify")
    for text in (None, "kill -9 $$", "exit 4"):
        if text:
            with open(verifier, "w") as file:
                file.write("#!/bin/sh\n" + text + "\n")
            os.chmod(verifier, 0o755)
        for words in (["verify", shop.folder], ["verify", "gaps", shop.folder],
                      ["compare", shop.folder, shop.folder]):
            done = subprocess.run([os.path.join(binaries, "hangu"), "audit", *words], check=False,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
            expect(done.returncode == 4, f"{text}: {words}: {done}")


def up_says_what_it_cannot_use(shop):
    folder = shop.path("gateway")

    def up(*words, check, reason, said=""):
        done = run("up", "--loopback", "--folder", folder, "--pki", shop.path("up.pki"), *words,
                   "--json", check=check)
        event = json.loads(done.stdout.splitlines()[-1])
        expect(event["reason"] == reason, f"{words}: {event}")
        expect(said in event["context"], f"{words}: {event['context']} lacks {said}")
        expect("gateway-not-started" not in done.stderr, done.stderr)

    config = shop.path("config.toml")
    up("--config", config, check=2, reason="file-missing", said=config)
    with open(config, "w") as out:
        out.write("name = \n")
    up("--config", config, check=2, reason="config-syntax", said="line 1")
    up("--config", config, check=2, reason="config-syntax", said=config)
    expect(not os.path.exists(folder), "a folder was made for nothing")
    with open(folder, "w"):
        pass
    up(check=2, reason="folder-not-usable", said=folder)
    os.remove(folder)
    done = run("up", "--loopback", "--folder", "/sys/hangu-gateway", "--pki", shop.path("up.pki"),
               "--json", check=3)
    expect(json.loads(done.stdout)["reason"] == "file-forbidden", done.stdout)

    with open(os.path.join(ROOT, "config", "gateway.example.toml")) as example:
        text = example.read().replace('"/var/lib/hangu"', f'"{folder}"')
    os.makedirs(os.path.join(folder, "policy"))
    policy = os.path.join(folder, "policy", "policy.toml")
    with open(config, "w") as out, open(policy, "w") as rules:
        out.write(text)
        rules.write("[policy]\nid = 7\n")
    up("--config", config, check=2, reason="config-value", said=policy)
    with open(config, "a") as out:
        out.write("# another\n")
    up("--config", config, check=2, reason="config-differs", said=config)
    done = run("publish", "--folder", folder, "--pki", shop.path("up.pki"), "--json", check=2)
    expect(policy in json.loads(done.stdout)["context"], done.stdout)
    os.remove(policy)
    done = run("publish", "--folder", folder, "--pki", shop.path("up.pki"), "--json", check=0)
    expect(json.loads(done.stdout)["event"] == "published", done.stdout)


def up_tells_that_loopback_keeps_nothing_apart(shop):
    folder = shop.path("noted")
    words = ["up", "--loopback", "--folder", folder, "--pki", shop.path("noted.pki"), "--lang", "en"]
    try:
        for quiet in ([], ["--quiet"]):
            done = run(*words, *quiet, check=0)
            expect(("not kept apart" in done.stderr) == (not quiet), done.stderr)
            run("down", "--folder", folder, check=0)
    finally:
        run("down", "--folder", folder)


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def a_killed_supervisor_leaves_nothing_running(shop):
    folder = shop.path("killed")
    words = ["up", "--loopback", "--folder", folder, "--pki", shop.path("killed.pki")]
    try:
        run(*words, check=0)
        with open(os.path.join(folder, "run", "gateway.json")) as file:
            running = json.load(file)
        pids = [program["pid"] for program in running["programs"] if program["pid"] > 0]
        os.kill(running["supervisor"], signal.SIGKILL)
        until = time.monotonic() + 10
        while any(map(runs, pids)) and time.monotonic() < until:
            time.sleep(0.1)
        left = [program["name"] for program in running["programs"] if runs(program["pid"])]
        expect(len(pids) > 10 and not left, f"of {len(pids)} programs these run on: {left}")
        run(*words, check=0)
    finally:
        run("down", "--folder", folder)


def main():
    folder = tempfile.mkdtemp(prefix="hangu-test-")
    os.chmod(folder, 0o755)
    shop = Workshop(folder)
    for test in (closed_descriptors_get_no_file_of_ours, a_full_disk_is_told_with_the_file,
                 what_cannot_be_written_is_told, who_closes_a_pipe_is_told_nothing,
                 a_verifier_that_dies_can_tell_nothing, up_says_what_it_cannot_use,
                 up_tells_that_loopback_keeps_nothing_apart,
                 a_killed_supervisor_leaves_nothing_running):
        test(shop)
        print("ok: " + test.__name__.replace("_", " "))
    shutil.rmtree(folder)


run_test(main)
