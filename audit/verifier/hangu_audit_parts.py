#!/usr/bin/env python3
"""Checks parts of a Hangu gateway's audit log, lists what it tells, and compares two logs.

usage: hangu_audit_parts.py incremental DIR --pin FILE [--write-pin FILE]
       hangu_audit_parts.py range DIR A B                    entries A up to B, proven to the root
       hangu_audit_parts.py proof DIR --index N              one entry
       hangu_audit_parts.py proof FILE --entry FILE [--index N] --log DIR
                                                             a receipt (.tlog-proof), held to a log
       hangu_audit_parts.py epochs|gaps|time DIR             a full check, and a list
       hangu_audit_parts.py compare A B                      two folders or checkpoint files

Options and exit status: as of hangu_audit_verify.py, which lies beside this file, checks a whole log
and stands alone: read that first. Here everything that is not read is taken from the hash tiles, and
proven by them to the signed root.
"""

import hashlib
import os
import re
import sys

from hangu_audit_verify import (
    CANNOT_TELL, CLOCK_SLACK, ENDLESS, OPTIONS, TRUNCATED, WIDTH, WITNESSED, Check, Folder, Full,
    Proof, Tree, Walk, check_proof, from_base64, hash_in, key_or_none, leads_to, leaf_hash,
    log_keys_in, main, make_request, milliseconds, node_hash, note_or_none, number_in, number_of,
    parse_json, parse_tile_path, read_roll, root_of, sm3, split_of, text_in, tile_path)

EPOCH_SECONDS = 3600
HEARTBEAT_SECONDS = 60
RECIPIENTS_LISTED_MAX = 64  # of a transfer, in its transfer.stated

# ---- The tree as its tiles tell it ---------------------------------------------------------------


class Missing(Exception):
    """A tile that cannot be read."""


class Tiles:
    """The tree as the hash tiles tell it: proven only by what comes of it."""

    def __init__(self, folder, size):
        self.folder, self.size = folder, size

    def root(self, start, end):
        """Over the entries [start, end), where a tree of the whole has a node."""
        count = end - start
        if count == 0:
            return hashlib.sha256(b"").digest()
        if count & (count - 1):
            middle = start + split_of(count)
            return node_hash(self.root(start, middle), self.root(middle, end))
        level, rest = divmod(count.bit_length() - 1, 8)
        number, place = divmod(start >> 8 * level, WIDTH)
        hashes = self.folder.read_hashes(str(level), number, self.size >> 8 * level)[1]
        if not hashes:
            raise Missing(tile_path(level, number,
                                    min(WIDTH, (self.size >> 8 * level) - number * WIDTH)))
        return root_of(hashes[place:place + (1 << rest)])

    def both(self, start, end, size):
        """Over [start, end): the root of those below `size`, and of all, from the same hashes."""
        if end <= size:
            return (self.root(start, end),) * 2
        middle = start + split_of(end - start)
        left = self.both(start, middle, size)
        if size <= middle:
            return left[0], node_hash(left[1], self.root(middle, end))
        return tuple(map(node_hash, left, self.both(middle, end, size)))

    def prefix(self, size, whole):
        """The root of the first `size` entries, or None when its hashes do not make `whole`."""
        if size == 0:
            return self.root(0, 0) if self.root(0, self.size) == whole else None
        beginning, everything = self.both(0, self.size, size)
        return beginning if everything == whole else None

    def tree(self, size):
        """The tree of the first `size` entries."""
        tree, left = Tree(), size
        while left:
            part = 1 << (left.bit_length() - 1)
            tree.stack.append((part.bit_length() - 1, self.root(size - left, size - left + part)))
            left -= part
        tree.size = size
        return tree

    def proves(self, number, entries, root):
        """Whether these are the entries of bundle `number` of the tree with this root."""
        return leads_to(root_of(map(leaf_hash, entries)), number, (self.size + WIDTH - 1) // WIDTH,
                        self.path_of_bundle(number), root)

    def path_of_bundle(self, number):
        path, start, end = [], 0, self.size
        while end - start > WIDTH:
            middle = start + split_of(end - start)
            if number * WIDTH >= middle:
                path.append(self.root(start, middle))
                start = middle
            else:
                path.append(self.root(middle, end))
                end = middle
        return path[::-1]


# ---- The log's own keys, when not all entries are read -------------------------------------------


def read_state(index, entry):
    """The epoch that begins behind genesis or an end: what begin_behind() wants, or None."""
    event = entry.get("event") if isinstance(entry, dict) else None
    key = key_or_none(text_in(event, "nextVkey" if index else "epochVkey"))
    if index == 0:
        return key and (0, 0, key, log_keys_in(event, "vkey", "gmVkey"), bytes(32))
    number, chain = number_in(event, "epoch"), hash_in(event, "sm3")
    if None in (key, number, chain):
        return None
    return number + 1, index + 1, key, None, chain


def read_rolls(folder, head):
    """By the ends of epochs, each proven to be of the tree and signed by the key that goes; none when
    they do not follow each other."""
    found, tiles = {}, Tiles(folder, head.size)
    for path in folder.all_paths():
        note = note_or_none(folder.read(path)) if path.startswith("epoch/") else None
        number, place = divmod((note.size if note else 0) - 1, WIDTH)
        if number < 0 or note.size > head.size:
            continue
        entries = folder.read_entries(number, head.size)[1] or []
        entry = parse_json(entries[place]) if len(entries) > place else None
        closes = text_in(entry, "type") == "epoch.close"
        roll = read_roll(entry.get("event"), note.size) if closes else None
        try:
            if roll and note.says(roll[1][0]) == "good" and tiles.proves(number, entries, head.root) \
                    and tiles.prefix(note.size, head.root) == note.root:
                found.setdefault(note.size, roll)
        except Missing:
            pass
    rolls = [found[size] for size in sorted(found)]
    return rolls if all(one[2] == other[1] for one, other in zip(rolls, rolls[1:])) else []


# ---- What stands beside a checkpoint -------------------------------------------------------------


class ByTiles(Check):
    """A check that does not read all entries."""

    def take_keys(self, folders, more=()):
        """Of a log whose entries are not all read: as that of these folders (each with its heads) tells
        which knows most of the given key, where a note bears another key's line instead."""
        notes = [*more, *map(note_or_none, self.request["pins"]),
                 *(note for _, heads in folders for note in heads)]
        asks = self.key and any(note and note.has_other(self.key) and
                                note.says(self.key) == "missing" for note in notes)
        told = [read_rolls(folder, heads[0]) for folder, heads in folders if asks]
        self.rolls = max((rolls for rolls in told if self.key in [
            keys[0] for roll in rolls for keys in roll[1:]]), key=len, default=[])
        longest = max((heads[0].size for _, heads in folders), default=ENDLESS)
        self.set_keys(None, self.rolls, max(longest, 1) - 1)

    def check_beside(self, head, beside, tiles, place=""):
        """By the tiles: what stands beside the checkpoint, and each pin, is the log's beginning."""
        self.check_log_line(head, place + "checkpoint")
        self.count_cosignatures(head, place + "checkpoint")
        if beside:
            self.count_cosignatures(beside, place + WITNESSED)
        if beside and self.check_log_line(beside, place + WITNESSED):
            self.check_witnessed(beside, head, tiles, place)
        for octets in self.request["pins"]:
            if (pin := self.read_pin(octets)) is not None:
                self.check_prefix(pin, head, tiles, place, ("pin-ahead", str(pin.size)),
                                  ("pin-wrong", str(pin.size)), "")

    def check_witnessed(self, beside, head, tiles, place=""):
        path = place + WITNESSED
        self.check_prefix(beside, head, tiles, place, ("witness-ahead", path, str(beside.size)),
                          ("root-wrong", path), path)

    def check_prefix(self, note, head, tiles, place, ahead, other, path):
        if note.size > head.size:
            return self.worsen(TRUNCATED, *ahead, path=path)
        try:
            root = tiles.prefix(note.size, head.root)
        except Missing as missing:
            return self.gone(f"{place}{missing}")
        if root is None:
            return self.wrong("root-wrong", place + "checkpoint", path=place + "checkpoint")
        return root == note.root or self.wrong(*other, path=path)


# ---- A full check, and a list --------------------------------------------------------------------


def seconds_between(first, second):
    """0 when one is no time."""
    times = milliseconds(first), milliseconds(second)
    return 0 if None in times else int((times[1] - times[0]) / 1000)


class Epochs(Full):
    def run(self):
        super().run()
        for (last, keys), (_, coming) in zip(self.reigns, self.reigns[1:]):
            self.tell("log-keys", keys[0].text, coming[0].text, entry=last - 1)
        opened = ""
        for i, (size, key, first, time) in enumerate(self.closed):
            number, lasted = str(self.number - len(self.closed) + i), seconds_between(opened, time)
            self.tell("epoch", number, str(first), str(size), time, key.id.hex(), entry=size - 1)
            if lasted > EPOCH_SECONDS + CLOCK_SLACK:
                self.worth("epoch-long", number, str(lasted), entry=size - 1)
            opened = time
        if self.epoch_key:
            self.tell("epoch-present", str(self.number), str(self.epoch_first),
                      self.epoch_key.id.hex(), entry=self.epoch_first)


class Listing(Full):
    """Lists what entries tell, one after the other."""

    def see(self, index, text, path, offset):
        super().see(index, text, path, offset)
        entry = parse_json(text)
        kind, time = text_in(entry, "type"), text_in(entry, "time")
        if kind and time:
            self.list(index, entry, kind, time)


class Transfer:
    """One that has no end yet."""

    def __init__(self, index):
        self.first, self.awaited, self.more_awaited = index, [], False
        self.last, self.waits_for_people = None, False


class Gaps(Listing):
    """Minutes without a heartbeat, runs of the writer without a `stop`, transfers without an end."""

    def run(self):
        self.boot, self.stopped, self.beat, self.open = "", True, "", {}
        super().run()
        for one in self.open.values():
            if not one.waits_for_people:
                index, kind, time = one.last
                self.worth("transfer-open", str(one.first), kind, time, entry=index)

    def list(self, index, entry, kind, time):
        if (boot := text_in(entry, "boot")) != self.boot:
            if not self.stopped:
                self.worth("boot-without-stop", self.boot, entry=index - 1)
            self.boot, self.stopped, self.beat = boot, False, time
        silent = seconds_between(self.beat, time)  # any entry shows that a run lasts
        if silent > HEARTBEAT_SECONDS + CLOCK_SLACK:
            self.worth("heartbeat-missing", str(silent), self.beat, entry=index)
        if silent > HEARTBEAT_SECONDS + CLOCK_SLACK or kind in ("heartbeat", "boot"):
            self.beat = time
        self.stopped = self.stopped or kind == "stop"
        if isinstance(entry.get("transfer"), str):
            self.list_transfer(index, entry, kind, time)

    def list_transfer(self, index, entry, kind, time):
        name, event = entry["transfer"], entry.get("event")
        known = self.open.get(name)
        if kind in ("transfer.withdrawn", "transfer.expired") or \
                kind.startswith("step.") and self.refuses(entry):
            self.open.pop(name, None)
            return
        if kind in ("transfer.acknowledged", "transfer.fetched") and known is None:
            return
        if kind == "transfer.acknowledged":
            known.awaited = [node for node in known.awaited if node != text_in(event, "node")]
            if not known.awaited and not known.more_awaited:
                del self.open[name]
                return
        known = self.open.setdefault(name, Transfer(index))
        if kind == "transfer.stated":
            listed = event.get("recipients") if isinstance(event, dict) else None
            known.awaited = [node for node in listed if isinstance(node, str)] \
                if isinstance(listed, list) else []
            known.more_awaited = len(known.awaited) >= RECIPIENTS_LISTED_MAX
        known.waits_for_people, known.last = kind == "transfer.quarantined", (index, kind, time)

    @staticmethod
    def refuses(entry):
        """The verdict that a stage states."""
        envelope = parse_json(from_base64(text_in(entry, "statement")) or b"")
        stated = parse_json(from_base64(text_in(envelope, "payload")) or b"")
        predicate = stated.get("predicate") if isinstance(stated, dict) else None
        return text_in(predicate, "verdict") == "fail"


class Times(Listing):
    """What the clock did."""

    def run(self):
        self.listed = ""
        super().run()
        if self.listed:
            self.tell("time-last", self.listed)

    def list(self, index, entry, kind, time):
        event = entry.get("event")
        now, last = text_in(event, "now"), text_in(event, "lastEntry")
        if kind == "clock":
            self.tell("clock-step", now, last, str(seconds_between(now, last)), entry=index)
        elif kind in ("boot", "heartbeat", "recovery") and text_in(event, "clock") == "unknown":
            self.tell("clock-unknown", time, entry=index)
        if not self.listed:
            self.tell("time-first", time, entry=index)
        self.listed = time


# ---- Only what came since a pin ------------------------------------------------------------------


class Incremental(ByTiles, Full):
    def run(self):
        heads = self.read_head()
        if heads is None:
            return
        self.take_keys([(self.folder, heads)])
        pin = self.read_pin(self.request["pins"][0])
        if pin is None:
            return
        head, beside = heads
        if pin.size > head.size:
            return self.worsen(TRUNCATED, "pin-ahead", str(pin.size))
        start = pin.size // WIDTH * WIDTH
        pruned = self.find_pruning(head.size)
        if pruned and pruned[1] > start:
            return self.worsen(CANNOT_TELL, "pin-pruned", str(pruned[1]))
        try:
            self.tree = Tiles(self.folder, head.size).tree(start)
            self.of_tiles = Tiles(self.folder, head.size).tree(start)
            good = start == 0 or self.find_epoch(start)
        except Missing as missing:
            if not self.tree.size:
                self.not_from(0)
            self.gone(str(missing))
            good = False
        if good:
            self.go(head, beside, pin)
            if beside and beside.size < start:
                self.check_witnessed(beside, head, Tiles(self.folder, head.size))
        self.judge_quorum(head.size)
        self.tell_since(head.size)

    def go(self, head, beside, pin):
        paths = self.folder.all_paths()
        epochs = [(path, re.match("epoch/([0-9]+)", path)) for path in paths]
        self.read_notes(head, beside, [path for path, epoch in epochs
                                       if epoch and int(epoch[1]) >= self.number])
        self.roots[pin.size] = None
        whole = self.walk(head.size)
        if self.read_pin(pin.octets) and self.roots[pin.size] not in (None, pin.root):
            self.not_from(0)
            self.wrong("pin-wrong", str(pin.size))
        self.check_note(head, "checkpoint")
        self.judge_given(whole)
        self.tell_gaps()
        if not whole:
            return
        self.root = self.tree.root().hex()
        first, leaves = pin.size // WIDTH, self.leaves
        self.compare_needed(0, leaves, first)
        for path in paths:
            level, number, width = parse_tile_path(path) or ("", 0, 0)
            if level in ("0", "entries") and 0 <= (number - first) * WIDTH < len(leaves):
                self.compare_tile(path, [leaves], level, number - first, width)
        self.compare_notes(head.size, every_epoch=False)
        if self.tree.root() != head.root:
            self.not_from(self.difference[0] if self.difference else pin.size)
            self.wrong("root-wrong", "checkpoint", path="checkpoint")

    def find_epoch(self, start):
        """Back to the entry that began the epoch; each bundle must be of the tree at `start`."""
        tiles, last_time, state, texts = Tiles(self.folder, start), "", None, []
        for number in range(start // WIDTH - 1, -1, -1):
            path, entries, _, _ = self.folder.read_entries(number, start)
            tiles.path_of_bundle(number)  # a tile that is missing is told first
            if entries is None or len(entries) < WIDTH:
                break
            if not tiles.proves(number, entries, self.tree.root()):
                self.bad_entry(number * WIDTH, "range-wrong", path, path=path, offset=0)
                return False
            self.entries += WIDTH
            for i in range(WIDTH - 1, -1, -1):
                entry = parse_json(entries[i])
                last_time = last_time or text_in(entry, "time")
                if text_in(entry, "type") != "epoch.close" and number + i > 0:
                    continue
                state = read_state(number * WIDTH + i, entry)
                break
            texts = (entries[i:] if state else entries) + texts
            if state:
                self.begin_behind(start, last_time, state,
                                  [roll for roll in self.rolls if roll[0] <= state[1]])
                for text in texts:
                    self.chain = sm3(self.chain + text)
                return True
        self.worsen(CANNOT_TELL, "epoch-unknown")
        return False


# ---- Some entries --------------------------------------------------------------------------------


class Range(ByTiles, Walk):
    """The entries [start, end), by whole bundles, each proven to the signed root."""

    def run(self, start, end):
        heads = self.read_head()
        if heads is None:
            return
        head, tiles = heads[0], Tiles(self.folder, heads[0].size)
        self.take_keys([(self.folder, heads)])
        self.check_beside(*heads, tiles)
        self.judge_given()
        self.judge_quorum(head.size)
        if start >= end or end > head.size:
            late = start < end and end > head.size
            return self.worsen(TRUNCATED if late else CANNOT_TELL, "range-outside", str(start),
                               str(end), str(head.size))
        self.first = start // WIDTH * WIDTH
        for number in range(start // WIDTH, (end + WIDTH - 1) // WIDTH):
            try:
                if not self.take(number, tiles, head):
                    break
            except Missing as missing:
                self.stop(number * WIDTH, str(missing))
                break
        self.root = head.root.hex()
        self.tell_since(head.size)

    def see_epoch(self, *_):
        """An epoch's end tells of entries that are not read."""

    def take(self, number, tiles, head):
        first, width = number * WIDTH, min(WIDTH, head.size - number * WIDTH)
        path, entries, offsets, rest = self.folder.read_entries(number, head.size)
        if entries is None:
            return self.stop(first, path)
        if len(entries) < width:
            self.bad_entry(first + len(entries), "bundle-short", path, path=path,
                           offset=offsets[-1])
            return False
        if rest:
            self.bad_entry(first + width - 1, "bundle-long", path, path=path, offset=offsets[-1])
        if not tiles.proves(number, entries, head.root):
            self.bad_entry(first, "range-wrong", path, path=path, offset=0)
        for i, entry in enumerate(entries):
            self.see(first + i, entry, path, offsets[i])
        self.entries += width
        return True


# ---- One entry's receipt, held to a log ----------------------------------------------------------


class ProofInLog(ByTiles, Proof):
    """Whether its checkpoint is the beginning of a log at hand."""

    def bind(self, note):
        place, size = self.folder.path + "/", str(note.size)
        heads = self.read_head(place)
        self.pin = note.octets
        self.take_keys([(self.folder, heads)] if heads else [], [note])
        if self.check_log_line(note, "proof") and self.key and note.says(self.key) != "good" and \
                (note.size <= self.reigns[-2][0] if self.reigns else self.is_by_former(note)):
            self.worth("receipt-former-key")
        if heads is None:
            return False
        tiles = Tiles(self.folder, heads[0].size)
        self.check_beside(*heads, tiles, place)
        self.judge_given()
        return self.check_prefix(note, heads[0], tiles, place, ("pin-ahead", size),
                                 ("pin-wrong", size), "")


# ---- Two logs ------------------------------------------------------------------------------------


class Compare(ByTiles):
    """Two folders or checkpoint files: equal, one the beginning of the other, or where they part."""

    def run(self, names):
        sides = [self.read(name) for name in names]
        self.check_notes([side for side in sides if side])
        if None in sides:
            return
        if sides[0][2].origin != sides[1][2].origin:
            return self.wrong("origin-other", names[1], sides[1][2].origin)
        shorter, longer = sorted(sides, key=lambda side: side[2].size)
        size, other, self.root = shorter[2].size, longer[2].size, longer[2].root.hex()
        if not longer[1] and size != other:
            ahead = shorter[1] is not None
            return self.worsen(TRUNCATED if ahead else CANNOT_TELL,
                               "pin-ahead" if ahead else "compare-apart", str(other), str(size))
        if any(side[1] and not self.fits(side) for side in (shorter, longer)):
            return
        root = longer[2].root
        try:
            root = longer[1].prefix(size, root) if longer[1] else root
        except Missing as missing:
            return self.gone(f"{longer[0]}/{missing}")
        if root is None:
            return self.not_its_root(longer)
        if root != shorter[2].root:
            return self.part(shorter, longer, size)
        code = "compare-equal" if size == other else "compare-prefix"
        self.tell(code, shorter[0], longer[0], str(size), str(other))

    def read(self, name):
        """(name, its tiles or None, its checkpoint, the one beside it or None), or None."""
        if os.path.isdir(name):
            self.folder = Folder(name)
            heads = self.read_head(name + "/")
            return heads and (name, Tiles(self.folder, heads[0].size), *heads)
        note = note_or_none(Folder(os.path.dirname(name) or ".").read(os.path.basename(name)))
        if note is None:
            return self.worsen(CANNOT_TELL, "checkpoint-missing", name)
        if self.key is None:
            self.worsen(CANNOT_TELL, "key-missing")
        return name, None, note, None

    def check_notes(self, sides):
        """Whose the checkpoints are, and what stands beside those of folders."""
        self.take_keys([(tiles.folder, heads) for _, tiles, *heads in sides if tiles],
                       [note for _, tiles, note, _ in sides if not tiles])
        for name, tiles, *heads in sides:
            if tiles is None:
                self.check_log_line(heads[0], name)
            else:
                self.folder, self.seen = tiles.folder, {}
                self.check_beside(*heads, tiles, name + "/")
                self.judge_quorum(heads[0].size)
        self.judge_given()

    def node(self, side, start, end):
        try:
            return side[1].root(start, end)
        except Missing as missing:
            return self.gone(f"{side[0]}/{missing}")

    def fits(self, side):
        """Whether the tiles lead to the side's own root."""
        root = self.node(side, 0, side[2].size)
        if root is not None and root != side[2].root:
            self.not_its_root(side)
        return root == side[2].root

    def not_its_root(self, side):
        self.wrong("root-wrong", side[0] + "/checkpoint", path=side[0] + "/checkpoint")

    def part(self, shorter, longer, size):
        """They differ within the first `size` entries: down to the first that does."""
        if not shorter[1] or not longer[1]:
            self.not_from(0)
            return self.wrong("compare-fork-before", str(size))
        start, end = 0, size
        while end - start > 1:
            middle = start + split_of(end - start)
            for side in (shorter, longer):
                whole, left, right = (self.node(side, *part) for part in (
                    (start, end), (start, middle), (middle, end)))
                if None in (whole, left, right):
                    return None
                if node_hash(left, right) != whole:  # a tile's hash is nobody's word
                    self.not_from(start)
                    return self.wrong("compare-tile", side[0], str(start), str(end), entry=start)
            same = self.node(shorter, start, middle) == self.node(longer, start, middle)
            start, end = (middle, end) if same else (start, middle)
        self.not_from(start)
        times = [side[1].folder.time_of(start, side[2].size) for side in (shorter, longer)]
        self.since = shorter[1].folder.time_of(start - 1, shorter[2].size)
        return self.wrong("compare-fork", shorter[0], times[0], longer[0], times[1], entry=start)


# ---- The command line ----------------------------------------------------------------------------


def check_by(kind, folder, options, pins, *words):
    check = kind(folder, make_request(folder, options, pins))
    check.run(*words)
    return check


def check_incremental(places, options, pins):
    good = len(places) == len(pins) == 1
    return check_by(Incremental, places[0], options, pins) if good else None


def check_range(places, options, pins):
    if len(places) != 3:
        return None
    return check_by(Range, places[0], options, pins, number_of(places[1]), number_of(places[2]))


def lister(kind):
    def check(places, options, pins):
        return check_by(kind, places[0], options, pins) if len(places) == 1 else None

    return check


def check_entry(places, options, pins):
    """Of a log, or a receipt with or without one."""
    if len(places) == 1 and os.path.isdir(places[0]) and "--index" in options:
        first = number_of(options["--index"])
        return check_by(Range, places[0], options, pins, first, first + 1)
    kind = ProofInLog if "--log" in options else Proof
    return check_proof(places, options, pins, kind, options.get("--log"))


def check_two(places, options, pins):
    return check_by(Compare, places[0], options, pins, places) if len(places) == 2 else None


COMMANDS = {"incremental": check_incremental, "range": check_range, "proof": check_entry,
            "epochs": lister(Epochs), "gaps": lister(Gaps), "time": lister(Times),
            "compare": check_two}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], COMMANDS, __doc__, (*OPTIONS, "--log")))
