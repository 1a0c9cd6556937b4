#!/usr/bin/env python3
"""hangu-forward hands a log to a real TLS syslog receiver: every line at least once, whatever is
absent or killed meanwhile, and to nobody else than the configured receiver.

usage: forward_test.py HANGU_FORWARD MAKE_LOG HANGU
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from entries import TRANSFER, make_raw_log, stated
from syslog_receiver import CLIENT_NAME, SERVER_NAME, Authority, Failure, Receiver, expect, free_port

FORWARD, MAKE_LOG, HANGU = (os.path.abspath(word) for word in sys.argv[1:4])
SECONDS = 30
ENTRIES = 700
SETTLE_SECONDS = 5  # src/forward/limits.hpp

GATEWAY = """name = "gate.example"
folder = "{folder}"
[zone.egov]
title_zh = "x"
title_en = "x"
address = "127.0.0.1"
[forward]
address = "127.0.0.1"
port = {port}
server_name = "{name}"
certificate = "/unused"
key = "/unused"
authority = "/unused"
"""


class Bench:
    """A gateway's folder with a log, a receiver's authority, and a forwarder."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="hangu-forward-test-")
        self.authority = Authority(self.path("authority"), "receivers")
        self.port = free_port()
        self.process = None
        self.make_log("one", 1)
        self.make_log("two", 2)
        self.gateway = self.path("gateway")
        for name in ("anchors", "credentials/forward", "forward"):
            os.makedirs(os.path.join(self.gateway, name))
        shutil.copytree(self.path("one/log"), os.path.join(self.gateway, "audit"))
        shutil.copy(self.path("one/anchors/log.vkey"), os.path.join(self.gateway, "anchors"))
        self.configuration = os.path.join(self.gateway, "gateway.toml")
        with open(self.configuration, "w") as out:
            out.write(GATEWAY.format(folder=self.gateway, port=self.port, name=SERVER_NAME))
        certificate, key = self.authority.issue(CLIENT_NAME)
        for source, name in ((certificate, "tls.crt"), (key, "tls.key"),
                             (self.authority.certificate, "receiver-ca.pem")):
            shutil.copy(source, os.path.join(self.gateway, "credentials/forward", name))
        self.log = open(self.path("forward.log"), "ab")

    def path(self, name):
        return os.path.join(self.folder, name)

    def make_log(self, name, starts):
        os.makedirs(self.path(name))
        subprocess.run([MAKE_LOG, self.path(name), str(starts), str(ENTRIES)], check=True)

    def size(self, name):
        with open(self.path(f"{name}/log/checkpoint"), "rb") as file:
            return int(file.read().split(b"\n")[1])

    def grow(self):
        """The published log goes on, as the writer publishes: the checkpoint last."""
        source, target = self.path("two/log"), os.path.join(self.gateway, "audit")
        for folder, _, names in os.walk(source):
            there = os.path.join(target, os.path.relpath(folder, source))
            os.makedirs(there, exist_ok=True)
            for name in names:
                if name != "checkpoint" and not os.path.exists(os.path.join(there, name)):
                    shutil.copy(os.path.join(folder, name), there)
        shutil.copy(os.path.join(source, "checkpoint"), os.path.join(target, "checkpoint.new"))
        os.replace(os.path.join(target, "checkpoint.new"), os.path.join(target, "checkpoint"))

    def start(self):
        self.process = subprocess.Popen([FORWARD, "--config", self.configuration],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(how)
        status = self.process.wait(SECONDS)
        self.process = None
        return status

    def state(self):
        try:
            with open(os.path.join(self.gateway, "forward/state.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def cursor(self):
        with open(os.path.join(self.gateway, "forward/cursor.json"), encoding="utf-8") as file:
            return json.load(file)["next"]

    def wait_state(self, what, condition):
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if condition(self.state()):
                return
            time.sleep(0.1)
        raise Failure(f"{what}: the state is {self.state()}")

    def told(self):
        with open(self.path("forward.log"), encoding="utf-8") as file:
            return file.read()

    def receiver(self, name="receiver", server=SERVER_NAME, authority=None):
        certificate, key = (authority or self.authority).issue(server)
        return Receiver(self.path(name), self.port, certificate, key, self.authority.certificate)

    def forget(self):
        """As if nothing had been forwarded yet."""
        for name in ("cursor.json", "state.json"):
            path = os.path.join(self.gateway, "forward", name)
            if os.path.exists(path):
                os.remove(path)

    def replace_log(self, log):
        """Another log in the published one's place."""
        published = os.path.join(self.gateway, "audit")
        shutil.rmtree(published)
        shutil.copytree(log, published)

    def close(self):
        self.stop(signal.SIGKILL)
        self.log.close()
        shutil.rmtree(self.folder)


def a_receiver_that_was_away_gets_every_line_once_it_is_back(bench):
    bench.start()
    bench.wait_state("without a receiver", lambda s: s.get("error") == "network-unreachable" and
                     s["lag"] == bench.size("one"))
    receiver = bench.receiver().start()
    try:
        receiver.wait_for(range(bench.size("one")), "after its absence")
        bench.wait_state("with a receiver", lambda s: s["state"] == "connected" and s["lag"] == 0 and
                         s["lastSuccess"] and not s["error"])
        line = receiver.lines()[0]
        expect((line["host"], line["app"], line["process"], line["id"]) ==
               ("gate.example", "hangu", "audit", "genesis"), f"not RFC 5424: {line}")
        expect(line["priority"] == "110", f"facility 13: {line['priority']}")
        expect(line["raw"].startswith("<110>1 2026-03-01T08:00:00.000Z gate.example hangu audit"),
               f"another line: {line['raw']}")
        expect(len(line["data"]["hangu@32473"]["leaf"]) == 64, f"no leaf: {line['data']}")
    finally:
        receiver.stop()
    return receiver


def nothing_is_lost_when_both_are_killed_and_the_log_goes_on(bench, receiver):
    receiver.stop(signal.SIGKILL)
    bench.wait_state("the receiver was killed", lambda s: s.get("state") == "waiting")
    expect(bench.stop(signal.SIGKILL) == -signal.SIGKILL, "the forwarder ended by itself")
    before = bench.cursor()
    expect(before == bench.size("one"), f"the cursor stands at {before}")
    bench.grow()
    bench.start()
    receiver.start()
    time.sleep(1.5)  # lines are under way, none of them certain
    bench.stop(signal.SIGKILL)
    expect(bench.cursor() == before, "uncertain lines count as handed over")
    bench.start()
    receiver.wait_for(range(bench.size("two")), "after the kills")
    bench.wait_state("all is handed over", lambda s: s["handedOver"] == bench.size("two"))
    expect(bench.stop() == 0, "told to end, it fails")
    expect(bench.state()["state"] == "stopped", "it does not say that it stopped")


def a_stop_says_goodbye_and_what_was_read_is_certain_at_once(bench, receiver):
    """The goodbye that the receiver answers makes lines certain before the settling time is over."""
    last = bench.size("two") - 1
    seen = receiver.indices().count(last)
    bench.forget()
    bench.start()
    until = time.monotonic() + SECONDS
    while receiver.indices().count(last) == seen:  # what came before the stop, all of it
        expect(time.monotonic() < until, "nothing came from the start again")
        time.sleep(0.1)
    bench.wait_state("connected", lambda s: s.get("state") == "connected")
    started = time.monotonic()
    expect(bench.stop() == 0, "told to end, it fails")
    expect(time.monotonic() - started < 3, "ending takes too long")
    expect(bench.cursor() == bench.size("two"), "the goodbye made nothing certain")
    text = bench.told()
    expect("HANGU-FORWARD-0002 connected, from entry 0 on" in text, text)


def a_receiver_with_another_certificate_gets_nothing(bench):
    stranger = Authority(bench.path("stranger"), "strangers")
    for name, server, authority, reason in (
            ("unknown authority", SERVER_NAME, stranger, "tls-untrusted"),
            ("another name", "other.test", bench.authority, "tls-wrong-name")):
        bench.forget()
        receiver = bench.receiver(reason, server, authority).start()
        bench.start()
        try:
            bench.wait_state(name, lambda s, wanted=reason: s.get("error") == wanted)
            expect(not receiver.lines(), f"{name}: it received lines")
            expect(not os.path.exists(os.path.join(bench.gateway, "forward/cursor.json")),
                   f"{name}: lines count as handed over")
        finally:
            bench.stop()
            receiver.stop()
    expect("HANGU-FORWARD-0004" in bench.told(), "a refused certificate is not told")


class OpensslServer:
    """A TLS end that writes what it receives into a file, by OpenSSL's own program."""

    def __init__(self, bench, name, *options):
        certificate, key = bench.authority.issue(SERVER_NAME)
        self.received = bench.path(name)
        with open(self.received, "wb") as out:
            self.process = subprocess.Popen(
                ["openssl", "s_server", "-accept", f"127.0.0.1:{bench.port}", "-quiet", "-cert",
                 certificate, "-key", key, "-Verify", "1", "-verify_return_error", *options],
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL)

    def bytes(self):
        with open(self.received, "rb") as file:
            return file.read()

    def close(self):
        self.process.kill()
        self.process.wait(SECONDS)
        self.process.stdin.close()


def a_receiver_that_does_not_accept_us_has_nothing_for_certain(bench):
    """In TLS 1.3 it says no after we have begun to send."""
    stranger = Authority(bench.path("other clients"), "clients")
    bench.forget()
    server = OpensslServer(bench, "strict", "-CAfile", stranger.certificate)
    bench.start()
    try:
        bench.wait_state("refused by the receiver", lambda s: s.get("error") == "tls-refused")
        time.sleep(SETTLE_SECONDS + 1)
        expect(bench.state()["handedOver"] == 0, f"lines count as handed over: {bench.state()}")
        expect(not server.bytes(), "it took lines of somebody whom it does not accept")
    finally:
        bench.stop()
        server.close()


def tls_1_2_is_spoken_and_nothing_older(bench):
    for version, works in (("-tls1_2", True), ("-tls1_1", False)):
        bench.forget()
        server = OpensslServer(bench, "s_server" + version, version, "-cipher",
                               "DEFAULT@SECLEVEL=0", "-CAfile", bench.authority.certificate)
        bench.start()
        try:
            if not works:
                bench.wait_state(version, lambda s: s.get("error") == "tls-version")
                continue
            bench.wait_state(version, lambda s: s.get("lag") == 0 and s["lastSuccess"])
            rest = server.bytes()
            for index in range(bench.size("two")):  # RFC 5425: octets, space, message
                length, rest = rest.split(b" ", 1)
                line, rest = rest[:int(length)], rest[int(length):]
                expect(line.startswith(b"<110>1 ") and b' idx="%d" ' % index in line,
                       f"frame {index}: {line}")
            expect(not rest, f"more than the lines: {rest}")
        finally:
            bench.stop()
            server.close()


def hostile_names_arrive_as_they_are_shown(bench):
    """rsyslog takes the parameters apart with its own parser."""
    names = {"a\nb": "a\\u{a}b", "a\\b": "a\\u{5c}b", 'x"] [y@1 z="': 'x"] [y@1 z="',
             "\u202egpj": "\\u{202e}gpj", "省界": "省界", "a]b": "a]b",
             "<13>1 - - - - - -": "<13>1 - - - - - -", "x" * 40000: "x" * 512 + "…"}
    os.makedirs(bench.path("hostile"))
    log = make_raw_log(MAKE_LOG, bench.path("hostile"), [
        stated("2026-03-01T08:00:00.000Z", TRANSFER, product=name, number=i)
        for i, name in enumerate(names)])
    bench.replace_log(log)
    bench.forget()
    receiver = bench.receiver("hostile-receiver").start()
    bench.start()
    try:
        receiver.wait_for(range(len(names)), "hostile names")
        got = {row["data"]["hangu@32473"]["idx"]: row for row in receiver.lines()}
        expect(len(got) == len(receiver.lines()) == len(names), "another number of lines")
        for index, shown in enumerate(names.values()):
            data = got[str(index)]["data"]
            expect(list(data) == ["hangu@32473"], f"another element: {data}")
            expect(data["hangu@32473"]["set"] == shown, f"{data}, not {shown}")
            expect(data["hangu@32473"]["node"] == "portal", f"{data}")
    finally:
        bench.stop()
        receiver.stop()


def a_log_that_is_not_the_forwarded_one_ends_it(bench):
    """Another entry in the forwarded one's place; and a log that became shorter."""
    bench.replace_log(bench.path("one/log"))
    cursor = os.path.join(bench.gateway, "forward/cursor.json")
    with open(cursor, "w", encoding="utf-8") as out:
        json.dump({"v": 1, "origin": "gate.example/audit", "next": bench.size("two"),
                   "leaf": "0" * 64}, out, separators=(",", ":"))
    bench.start()
    expect(bench.process.wait(SECONDS) == 1, "it goes on with a log that was rolled back")
    bench.process = None
    expect(f"was forwarded; the log has {bench.size('one')}" in bench.told(), bench.told())
    with open(cursor, "w", encoding="utf-8") as out:
        json.dump({"v": 1, "origin": "gate.example/audit", "next": 10, "leaf": "0" * 64}, out,
                  separators=(",", ":"))
    bench.start()
    expect(bench.process.wait(SECONDS) == 1, "it goes on with another log")
    bench.process = None
    expect("forward-cursor-other-log" in bench.told(), "it does not say why")
    expect(bench.state()["state"] == "stuck", "the state does not say so")
    checked = subprocess.run([HANGU, "doctor", "--folder", bench.gateway, "--json"],
                             capture_output=True, text=True, check=False)
    finding = next(json.loads(line) for line in checked.stdout.splitlines()
                   if '"check":"forwarding"' in line)
    expect(finding["health"] == "warn" and "stuck" in finding["detail"], str(finding))


def a_log_with_another_past_ends_it_though_the_entry_before_is_the_same(bench):
    """The cursor's checkpoint is of a log that this one does not go on from."""
    bench.replace_log(bench.path("two/log"))
    cursor = os.path.join(bench.gateway, "forward/cursor.json")
    with open(cursor, "w", encoding="utf-8") as out:
        json.dump({"v": 2, "origin": "gate.example/audit", "next": 0, "leaf": "", "size": 300,
                   "root": "0" * 64}, out, separators=(",", ":"))
    bench.start()
    expect(bench.process.wait(SECONDS) == 1, "it goes on with a log of another past")
    bench.process = None
    expect("does not go on from the 300 entries" in bench.told(), bench.told())


def a_pruning_that_ends_at_the_cursor_holds_nothing_up(bench):
    bench.replace_log(bench.path("two/log"))
    bench.forget()
    os.remove(os.path.join(bench.gateway, "audit/tile/entries/000"))
    with open(os.path.join(bench.gateway, "forward/cursor.json"), "w", encoding="utf-8") as out:
        json.dump({"v": 1, "origin": "gate.example/audit", "next": 256, "leaf": "0" * 64}, out,
                  separators=(",", ":"))
    receiver = bench.receiver("pruned").start()
    try:
        bench.start()
        receiver.wait_for(range(256, bench.size("two")), "after a pruning up to the cursor")
        expect(min(receiver.indices()) == 256, f"{min(receiver.indices())} was made of nothing")
        bench.wait_state("all is handed over", lambda s: s.get("handedOver") == bench.size("two"))
        expect("were pruned before they were handed over" not in bench.told(), bench.told())
        expect(bench.stop() == 0, "told to end, it fails")
        with open(os.path.join(bench.gateway, "forward/cursor.json"), encoding="utf-8") as file:
            kept = json.load(file)
        expect(kept["v"] == 2 and kept["size"] == bench.size("two") and len(kept["root"]) == 64,
               f"no checkpoint in {kept}")
    finally:
        bench.stop(signal.SIGKILL)
        receiver.stop()


def main():
    bench = Bench()
    try:
        receiver = a_receiver_that_was_away_gets_every_line_once_it_is_back(bench)
        print("ok a receiver that was away gets every line once it is back", flush=True)
        try:
            nothing_is_lost_when_both_are_killed_and_the_log_goes_on(bench, receiver)
            print("ok nothing is lost when both are killed and the log goes on", flush=True)
            a_stop_says_goodbye_and_what_was_read_is_certain_at_once(bench, receiver)
            print("ok a stop says goodbye", flush=True)
        finally:
            receiver.stop()
        for test in (a_receiver_with_another_certificate_gets_nothing,
                     a_receiver_that_does_not_accept_us_has_nothing_for_certain,
                     tls_1_2_is_spoken_and_nothing_older, hostile_names_arrive_as_they_are_shown,
                     a_pruning_that_ends_at_the_cursor_holds_nothing_up,
                     a_log_that_is_not_the_forwarded_one_ends_it,
                     a_log_with_another_past_ends_it_though_the_entry_before_is_the_same):
            test(bench)
            print("ok " + test.__name__.replace("_", " "), flush=True)
    except Failure as failure:
        print(f"FAILED: {failure}\n{bench.told()}", file=sys.stderr)
        sys.exit(1)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
