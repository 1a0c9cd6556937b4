#!/usr/bin/env python3
"""Checks the audit log of a Hangu gateway. One file, no dependencies: read it in one sitting.

usage: hangu_audit_verify.py DIR [--key VKEY|FILE] [--gm-key VKEY|FILE] [--stages FILE]
                             [--pin FILE]... [--json]

DIR is the log's folder or a copy of it. Without the options, log.vkey, log-gm.vkey and stages.json
of DIR/../anchors are used when they are there.

Exit status: 0 good, 1 tampered, 2 truncated or rolled back, 4 cannot tell or wrong usage; of
several the lowest that is not 0. What is checked, and how the files look: docs/protocols/audit-log.md.
"""

import base64
import bisect
import hashlib
import json
import os
import sys

GOOD, TAMPERED, TRUNCATED, CANNOT_TELL = 0, 1, 2, 4
WIDTH = 256  # hashes of a full tile, entries of a full bundle
LEVELS = [*map(str, range(8)), "entries"]
FILE_BYTES_MAX = WIDTH * (2 + 0xFFFF)  # a full bundle of the longest entries

# ---- Ed25519 (RFC 8032 5.1.7), verifying only ----------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def ed_add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_times(n, p):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = ed_add(out, p)
        p = ed_add(p, p)
        n >>= 1
    return out


def ed_point(octets):
    """The point of 32 octets, or None."""
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


ED_BASE = ed_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(key, message, signature):
    a = ed_point(key)
    if a is None or len(signature) != 64:
        return False
    r, s = ed_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % L
    left, right = ed_times(s, ED_BASE), ed_add(r, ed_times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and \
        (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- SM3 (GB/T 32905) and SM2 (GB/T 32918.2), verifying only -------------------------------------


def sm3_by_hand(message):
    def rol(x, n):
        n %= 32
        return (x << n | x >> (32 - n)) & 0xFFFFFFFF

    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
         0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    size = len(message)
    message += b"\x80" + bytes((55 - size) % 64) + (8 * size).to_bytes(8, "big")
    for at in range(0, len(message), 64):
        w = [int.from_bytes(message[at + 4 * i:at + 4 * i + 4], "big") for i in range(16)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rol(w[j - 3], 15)
            w.append(x ^ rol(x, 15) ^ rol(x, 23) ^ rol(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = rol((rol(a, 12) + e + rol(t, j)) & 0xFFFFFFFF, 7)
            ss2 = ss1 ^ rol(a, 12)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d = tt1, a, rol(b, 9), c
            e, f, g, h = tt2 ^ rol(tt2, 9) ^ rol(tt2, 17), e, rol(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)


def sm3(message):
    try:
        return hashlib.new("sm3", message).digest()
    except ValueError:
        return sm3_by_hand(message)


SM_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM_A = SM_P - 3
SM_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM_G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
SM_IDENTITY = b"1234567812345678"


def sm_add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % SM_P == 0:
        return None
    if p == q:
        slope = (3 * p[0] * p[0] + SM_A) * pow(2 * p[1], SM_P - 2, SM_P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], SM_P - 2, SM_P)
    x = (slope * slope - p[0] - q[0]) % SM_P
    return x, (slope * (p[0] - x) - p[1]) % SM_P


def sm_times(n, p):
    out = None
    while n:
        if n & 1:
            out = sm_add(out, p)
        p = sm_add(p, p)
        n >>= 1
    return out


def sm2(point, message, signature):
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % SM_N
    on_curve = (y * y - x * x * x - SM_A * x - SM_B) % SM_P == 0 and x < SM_P and y < SM_P
    if point[0] != 4 or not on_curve or len(signature) != 64:
        return False
    if not (1 <= r < SM_N and 1 <= s < SM_N) or t == 0:
        return False
    numbers = (SM_A, SM_B, *SM_G, x, y)
    z = sm3((8 * len(SM_IDENTITY)).to_bytes(2, "big") + SM_IDENTITY +
            b"".join(number.to_bytes(32, "big") for number in numbers))
    e = int.from_bytes(sm3(z + message), "big")
    sum_of = sm_add(sm_times(s, SM_G), sm_times(t, (x, y)))
    return sum_of is not None and (e + sum_of[0]) % SM_N == r


# ---- Keys and signed notes (C2SP signed-note, tlog-checkpoint) -----------------------------------

SM2_TYPE = b"\xffgm/sm2-sm3/v1"


def from_base64(text):
    """The bytes of padded standard base64 in its one spelling, or None."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        return None
    return octets if base64.b64encode(octets).decode() == text else None


class Key:
    """A verifier key "name+hex8+base64(type and key)"."""

    def __init__(self, vkey):
        pieces = vkey.strip("\n").split("+", 2)
        if len(pieces) != 3:
            raise ValueError("no verifier key")
        self.name, digits, blob = pieces[0], pieces[1], from_base64(pieces[2])
        if blob and len(blob) == 33 and blob[0] == 1:
            self.point, self.check = blob[1:], ed25519
        elif blob and len(blob) == len(SM2_TYPE) + 65 and blob.startswith(SM2_TYPE):
            self.point, self.check = blob[len(SM2_TYPE):], sm2
        else:
            raise ValueError("no verifier key")
        self.id = hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4]
        if self.id.hex() != digits:
            raise ValueError("no verifier key")

    def __eq__(self, other):
        return other is not None and (self.name, self.point) == (other.name, other.point)


def key_or_none(vkey):
    try:
        return Key(vkey)
    except (ValueError, AttributeError):
        return None


class Note:
    """A signed checkpoint."""

    def __init__(self, octets):
        text, empty, lines = octets.decode().rpartition("\n\n")
        if not empty or not lines.endswith("\n"):
            raise ValueError("malformed")
        self.text = text + "\n"
        self.origin, size, root, end = self.text.split("\n")
        self.size, self.root = int(size), from_base64(root)
        if not self.origin or end or str(self.size) != size or self.size < 0:
            raise ValueError("malformed")
        if self.root is None or len(self.root) != 32:
            raise ValueError("malformed")
        self.lines = []
        for line in lines[:-1].split("\n"):
            dash, name, blob = line.split(" ")
            blob = from_base64(blob)
            if dash != "\u2014" or not name or blob is None or len(blob) <= 4:
                raise ValueError("malformed")
            self.lines.append((name, blob[:4], blob[4:]))
        if len(self.lines) > 32:
            raise ValueError("malformed")

    def says(self, key):
        """"good", "missing" or "bad": the note's line by `key`."""
        found = [signature for name, id_, signature in self.lines
                 if name == key.name and id_ == key.id]
        if not found:
            return "missing"
        message = self.text.encode()
        return "good" if all(key.check(key.point, message, one) for one in found) else "bad"

    def has_other(self, key):
        return any(name == key.name and id_ != key.id for name, id_, _ in self.lines)


def note_or_none(octets):
    try:
        return Note(octets)
    except (ValueError, AttributeError, UnicodeDecodeError):
        return None


# ---- The tree (RFC 6962 2.1) and its files (C2SP tlog-tiles) -------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A growing tree, as the stack of its full subtrees."""

    def __init__(self):
        self.size, self.stack = 0, []

    def add(self, leaf):
        self.size += 1
        height = 0
        while self.stack and self.stack[-1][0] == height:
            leaf = node_hash(self.stack.pop()[1], leaf)
            height += 1
        self.stack.append((height, leaf))

    def root(self):
        if not self.stack:
            return hashlib.sha256(b"").digest()
        root = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves):
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def tile_path(level, number, width):
    digits = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        digits = f"x{number % 1000:03}/{digits}"
    return f"tile/{level}/{digits}" + (f".p/{width}" if width < WIDTH else "")


def parse_tile_path(path):
    """(level, number, width) of a tile's path in its one spelling, or None."""
    pieces = path.split("/", 2)
    if len(pieces) != 3:
        return None
    digits, _, width = pieces[2].partition(".p/")
    try:
        number = int(digits.replace("x", "").replace("/", ""))
        found = pieces[1], number, int(width) if width else WIDTH
    except ValueError:
        return None
    good = found[0] in LEVELS and 1 <= found[2] <= WIDTH and tile_path(*found) == path
    return found if good else None


def read_bundle(octets, width):
    """(entries, what follows them); fewer entries than `width` when it ends early."""
    entries = []
    while len(entries) < width:
        length = int.from_bytes(octets[:2], "big")
        if len(octets) < 2 + length or len(octets) < 2:
            break
        entries.append(octets[2:2 + length])
        octets = octets[2 + length:]
    return entries, octets


# ---- The check -----------------------------------------------------------------------------------


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


def parse_json(octets):
    """The value, or None: hostile text is no value, however deep or odd."""
    try:
        return json.loads(octets.decode(), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return None


def text_in(event, name):
    value = event.get(name) if isinstance(event, dict) else None
    return value if isinstance(value, str) else ""


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class Check:
    def __init__(self, folder, key, gm_key, stages, pins):
        self.folder, self.key, self.gm_key = folder, key, gm_key
        self.given_gm_key, self.stages, self.pins = gm_key, stages, pins
        self.finding, self.first_bad, self.remarks, self.look = GOOD, None, [], []
        self.tree, self.leaves, self.steps, self.root = Tree(), [], 0, ""
        self.last_time, self.keys, self.last_of, self.gaps = "", set(), {}, []
        self.epoch_key, self.closed, self.first, self.chain = None, [], 0, bytes(32)
        self.notes, self.roots, self.hashed = {}, {}, set()

    # -- remarks
    def worsen(self, finding, code, *words, entry=None):
        if self.finding == GOOD or finding < self.finding:
            self.finding = finding
        self.remarks.append((code, entry, words))

    def bad_entry(self, index, code, *words):
        self.first_bad = index if self.first_bad is None else min(index, self.first_bad)
        self.worsen(TAMPERED, code, *words, entry=index)

    # -- files
    def has(self, path):
        return os.path.isfile(os.path.join(self.folder, path))

    def read(self, path):
        """None when no regular file is there; of one longer than any of a log's, its beginning."""
        if not self.has(path):
            return None
        try:
            with open(os.path.join(self.folder, path), "rb") as file:
                return file.read(FILE_BYTES_MAX + 1)
        except OSError:
            return None

    def find_tile(self, level, number, width):
        """The path of the tile's file: the full one when the log has grown since."""
        path = tile_path(level, number, width)
        full = tile_path(level, number, WIDTH)
        return full if not self.has(path) and self.has(full) else path

    def all_paths(self):
        return sorted(os.path.relpath(os.path.join(folder, name), self.folder)
                      for folder, _, names in os.walk(self.folder) for name in names)

    # -- the whole
    def run(self):
        octets = self.read("checkpoint")
        if octets is None:
            return self.worsen(CANNOT_TELL, "checkpoint-missing", self.folder)
        head = note_or_none(octets)
        if head is None:
            return self.worsen(TAMPERED, "note-malformed", "checkpoint")
        if self.key is None:
            self.worsen(CANNOT_TELL, "key-missing")
        if not self.stages:
            self.look.append(("stages-missing", None, ()))
        paths = self.all_paths()
        self.read_notes(paths)
        self.read_entries(head.size)
        self.check_note(head, "checkpoint")
        if len(self.leaves) == head.size:
            self.root = self.tree.root().hex()
            self.compare_root(head, "checkpoint", self.tree.root())
            self.compare_tiles(paths)
            self.compare_notes(head.size)
        self.compare_pins()
        for index, node, missing in self.gaps:
            if f"sequence:{node}:{missing}" not in self.keys:
                self.look.append(("gap", index, (str(missing), node)))

    def read_notes(self, paths):
        for path in paths:
            if not path.startswith(("checkpoints/", "epoch/")):
                continue
            note = note_or_none(self.read(path) or b"")
            if note is None:
                self.worsen(TAMPERED, "note-malformed", path)
            else:
                self.notes[path], self.roots[note.size] = note, None
        for pin in self.pins:
            if (note := note_or_none(pin)) is not None:
                self.roots[note.size] = None

    def keep_root(self):
        if self.tree.size in self.roots:
            self.roots[self.tree.size] = self.tree.root()

    # -- entries
    def read_entries(self, size):
        self.keep_root()
        for start in range(0, size, WIDTH):
            width = min(WIDTH, size - start)
            path = self.find_tile("entries", start // WIDTH, width)
            bundle = self.read(path)
            if bundle is None:
                self.first_bad = start
                return self.worsen(TRUNCATED, "file-missing", path)
            entries, rest = read_bundle(bundle, width)
            if len(entries) < width:
                return self.bad_entry(start + len(entries), "bundle-short", path)
            for i, entry in enumerate(entries):
                self.read_entry(start + i, entry)
            self.hashed.add(path)
            if rest and path == tile_path("entries", start // WIDTH, width):
                self.bad_entry(start + width - 1, "bundle-long", path)

    def read_entry(self, index, text):
        entry = parse_json(text)
        if not text_in(entry, "time") or not text_in(entry, "type"):
            self.bad_entry(index, "entry-malformed")
        else:
            self.see_entry(index, entry)
            self.see_epoch(index, text, entry["type"], entry.get("event"))
        self.leaves.append(leaf_hash(text))
        self.tree.add(self.leaves[-1])
        self.keep_root()

    def see_entry(self, index, entry):
        if entry["time"] < self.last_time:
            self.bad_entry(index, "entry-time")
        self.last_time = entry["time"]
        keys = entry.get("keys")
        for key in keys if isinstance(keys, list) else []:
            if isinstance(key, str) and key in self.keys:
                self.bad_entry(index, "entry-key-again", key)
            elif isinstance(key, str):
                self.keys.add(key)
        if transfer := text_in(entry, "transfer"):
            previous = entry.get("previous")
            known = previous is None or is_number(previous)
            if not known or previous != self.last_of.get(transfer):
                self.bad_entry(index, "entry-link")
            self.last_of[transfer] = index
        if entry["type"] == "sequence.gap":
            event = entry.get("event")
            if not text_in(event, "node") or not is_number(event.get("missing")):
                self.bad_entry(index, "entry-gap")
            else:
                self.gaps.append((index, event["node"], event["missing"]))
        if entry["type"].startswith("step.") and self.stages:
            self.check_statement(index, entry)

    def check_statement(self, index, entry):
        """The stage's own signature over its statement (DSSE)."""
        text = from_base64(text_in(entry, "statement"))
        if not text:
            return self.bad_entry(index, "statement-missing")
        stage = entry["type"][len("step."):]
        receiver = text_in(entry.get("peer"), "program") or stage
        program = {"clear": "decide", "receive": receiver}.get(stage, stage)
        envelope = parse_json(text)
        try:
            kind, payload = envelope["payloadType"], from_base64(envelope["payload"])
            (signature,) = (from_base64(one["sig"]) for one in envelope["signatures"])
            signed = f"DSSEv1 {len(kind.encode())} {kind} {len(payload)} ".encode() + payload
            signature = bytes(signature)
        except (ValueError, KeyError, TypeError):
            return self.bad_entry(index, "statement-unreadable")
        if program not in self.stages or not ed25519(self.stages[program], signed, signature):
            return self.bad_entry(index, "statement-unsigned", program)
        self.steps += 1

    # -- epochs
    def see_epoch(self, index, text, kind, event):
        if index == 0 and kind != "genesis":
            self.bad_entry(index, "genesis-missing")
        if kind == "genesis":
            self.begin_epochs(index, event)
        if kind == "epoch.close":
            self.close_epoch(index, event)
        self.chain = sm3(self.chain + text)

    def begin_epochs(self, index, event):
        if index != 0:
            return self.bad_entry(index, "genesis-again")
        if self.key and self.key != key_or_none(text_in(event, "vkey")):
            self.bad_entry(index, "genesis-key", "vkey")
        told = key_or_none(text_in(event, "gmVkey"))
        if self.given_gm_key and self.given_gm_key != told:
            self.bad_entry(index, "genesis-key", "gmVkey")
        self.gm_key = self.given_gm_key or told
        self.epoch_key = key_or_none(text_in(event, "epochVkey"))
        if self.epoch_key is None or self.epoch_key.name != text_in(event, "origin") + "/epoch":
            self.bad_entry(index, "entry-malformed")

    def close_epoch(self, index, event):
        coming, present = key_or_none(text_in(event, "nextVkey")), self.epoch_key
        told = [event.get(name) if isinstance(event, dict) else None
                for name in ("epoch", "first", "size")]
        in_order = all(map(is_number, told)) and told == [len(self.closed), self.first, index]
        if not in_order or coming is None or present is None or coming.name != present.name:
            return self.bad_entry(index, "epoch-order", str(len(self.closed)))
        if text_in(event, "root") != self.tree.root().hex():
            self.bad_entry(index, "epoch-root")
        if text_in(event, "sm3") != self.chain.hex():
            self.bad_entry(index, "epoch-chain")
        self.closed.append((index + 1, present))
        self.epoch_key, self.first = coming, index + 1

    # -- checkpoints
    def check_line(self, note, key, path):
        said = note.says(key)
        if said != "good":
            self.worsen(TAMPERED, "line-" + said, path, key.name)

    def check_note(self, note, path):
        if self.key:
            if note.origin != self.key.name:
                return self.worsen(TAMPERED, "origin-other", path, note.origin)
            self.check_line(note, self.key, path)
        if self.gm_key:
            self.check_line(note, self.gm_key, path)
        if note.size > len(self.leaves):
            return
        number = bisect.bisect_left([size for size, _ in self.closed], note.size)
        key = self.closed[number][1] if number < len(self.closed) else self.epoch_key
        if key and note.says(key) == "missing" and note.has_other(key):
            self.worsen(TAMPERED, "epoch-line-other", path, str(number))
        elif key:
            self.check_line(note, key, path)

    def compare_root(self, note, path, root):
        if note.root != root:
            self.first_bad = self.first_bad or 0
            self.worsen(TAMPERED, "root-wrong", path)

    def compare_notes(self, size):
        for path, note in sorted(self.notes.items()):
            if note.size > size:
                self.look.append(("beyond", None, (path,)))
                continue
            self.check_note(note, path)
            self.compare_root(note, path, self.roots[note.size])
            if path.startswith("checkpoints/") and path != f"checkpoints/{note.size}":
                self.worsen(TAMPERED, "note-size", path, str(note.size), path[len("checkpoints/"):])
        for number, (wanted, _) in enumerate(self.closed):
            path = f"epoch/{number}.checkpoint"
            if path not in self.notes:
                self.worsen(TRUNCATED, "file-missing", path)
            elif self.notes[path].size != wanted:
                self.worsen(TAMPERED, "note-size", path, str(self.notes[path].size), str(wanted))

    def compare_pins(self):
        for octets in self.pins:
            pin = note_or_none(octets)
            if pin is None or self.key and (pin.origin != self.key.name or
                                            pin.says(self.key) != "good"):
                self.worsen(CANNOT_TELL, "pin-unreadable")
            elif pin.size > len(self.leaves):
                self.worsen(TRUNCATED, "pin-ahead", str(pin.size))
            elif pin.root != self.roots[pin.size]:
                self.worsen(TAMPERED, "pin-wrong", str(pin.size))

    # -- tiles
    def compare_tiles(self, paths):
        levels = [self.leaves]
        while len(levels[-1]) >= WIDTH:
            below = levels[-1]
            levels.append([root_of(below[at:at + WIDTH])
                           for at in range(0, len(below) - WIDTH + 1, WIDTH)])
        for level, hashes in enumerate(levels):
            for start in range(0, len(hashes), WIDTH):
                path = self.find_tile(level, start // WIDTH, min(WIDTH, len(hashes) - start))
                if not self.has(path):
                    self.worsen(TRUNCATED, "file-missing", path)
        for path in paths:
            if not path.startswith("tile/"):
                continue
            tile = parse_tile_path(path)
            if tile is None:
                self.look.append(("stray", None, (path,)))
            else:
                self.compare_tile(path, levels, *tile)

    def compare_tile(self, path, levels, level, number, width):
        entries = level == "entries"
        at = 0 if entries else int(level)
        hashes = levels[at] if at < len(levels) else []
        wanted = hashes[number * WIDTH:number * WIDTH + width]
        if len(wanted) < width:
            self.look.append(("beyond", None, (path,)))
        elif path in self.hashed:
            return None  # the root is of its entries
        octets = self.read(path) or b""
        if entries:
            found, rest = read_bundle(octets, width)
            if len(found) < width:
                return self.worsen(TAMPERED, "bundle-short", path)
            if rest and len(wanted) == width:
                self.worsen(TAMPERED, "bundle-long", path)
            found = [leaf_hash(entry) for entry in found]
        else:
            if len(octets) != 32 * width:
                return self.worsen(TAMPERED, "tile-size", path)
            found = [octets[i:i + 32] for i in range(0, len(octets), 32)]
        for i, (one, other) in enumerate(zip(found, wanted)):
            if one != other:
                self.worsen(TAMPERED, "tile-wrong", path, str(i))


# ---- The command line ----------------------------------------------------------------------------


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def read_key(given, otherwise):
    if given is None:
        return Key(read_file(otherwise).decode()) if os.path.exists(otherwise) else None
    return Key(read_file(given).decode() if os.path.exists(given) else given)


def read_stages(path):
    stages = {program: from_base64(key["key"]) for program, key in json.loads(read_file(path)).items()
              if key["algorithm"] == "ed25519"}
    if not stages:
        raise ValueError("no stages' keys")
    return stages


def tell(check, as_json):
    def put(remark):
        code, entry, words = remark
        return (f"entry {entry}: " if entry is not None else "") + " ".join((code, *words))

    if as_json:
        def one(remark):
            out = {"code": remark[0], "message": put(remark)}
            return out if remark[1] is None else {**out, "entry": remark[1]}

        out = {"event": "audit-verified", "verdict": check.finding, "entries": len(check.leaves),
               "steps": check.steps, "epochs": len(check.closed), "root": check.root,
               "messages": [one(remark) for remark in check.remarks],
               "worthALook": [one(remark) for remark in check.look]}
        if check.first_bad is not None:
            out["firstBad"] = check.first_bad
        return print(json.dumps(out, ensure_ascii=False))
    for remark in check.remarks:
        print(put(remark))
    for remark in check.look:
        print("worth a look:", put(remark))
    if check.finding == GOOD:
        print(f"good: {len(check.leaves)} entries, {check.steps} stage signatures, "
              f"{len(check.closed)} closed epochs, root {check.root}")
    elif check.first_bad is not None:
        print("trustworthy still: entries before", check.first_bad)


def main(words):
    folder, options, pins, as_json = None, {}, [], False
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--json":
            as_json = True
        elif not word.startswith("--") and folder is None:
            folder = word
        elif word in ("--key", "--gm-key", "--stages", "--pin") and words:
            if word == "--pin":
                pins.append(words.pop(0))
            else:
                options[word] = words.pop(0)
        else:
            folder = None
            break
    if folder is None:
        print(__doc__, file=sys.stderr)
        return CANNOT_TELL
    anchors = os.path.join(folder, "..", "anchors")
    try:
        key = read_key(options.get("--key"), os.path.join(anchors, "log.vkey"))
        gm_key = read_key(options.get("--gm-key"), os.path.join(anchors, "log-gm.vkey"))
        stages = options.get("--stages") or os.path.join(anchors, "stages.json")
        stages = read_stages(stages) if "--stages" in options or os.path.exists(stages) else {}
        check = Check(folder, key, gm_key, stages, [read_file(pin) for pin in pins])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        print(f"cannot be used: {problem}", file=sys.stderr)
        return CANNOT_TELL
    try:
        check.run()
    except OSError as problem:
        print(f"cannot be read: {problem}", file=sys.stderr)
        return CANNOT_TELL
    tell(check, as_json)
    return check.finding


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
